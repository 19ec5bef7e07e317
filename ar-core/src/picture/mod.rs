//! What a report looks like: charts as Vega-Lite specifications, which are data. All have one look.
//!
//! A specification carries its rows, with amounts as exact text that the drawing program reads as numbers; nothing here draws.
//! The marks stand in `ar-core/pictures/`, a file a picture, and the look they share in `look.json`.
//!
//! ```
//! use ar_core::calendar::Day;
//! use ar_core::facade::JsonFacts;
//! use ar_core::ledger::{Ledger, settings::Settings};
//! use ar_core::picture::{PictureKind, PicturePolicy};
//!
//! let facts = JsonFacts::parse(r#"{ "customers": [{ "id": "A" }], "documents": [
//!     { "id": "1", "customer": "A", "kind": "invoice", "currency": "EUR", "amount": "90.00", "document_date": "2026-01-01" }] }"#)?;
//! let view = Ledger::load(Settings::default(), &facts.tables())?.as_of(Day::parse("2026-02-10")?);
//! let picture = view.picture(&PicturePolicy { months: 2, ..PicturePolicy::of(PictureKind::AgingOverTime) })?;
//! let drawn: Vec<_> = picture.values().iter().filter(|row| row["open"] == "90.00").map(|row| &row["day"]).collect();
//! assert_eq!(drawn, ["2026-01-31", "2026-02-10"]);
//! # Ok::<(), ar_core::problem::Refused>(())
//! ```

mod colour;
mod course;
mod policy;
mod rows;

pub use policy::{PictureKind, PictureKnown, PicturePolicy};

use serde_json::{Map, Value, json};

use crate::ledger::View;
use crate::made_by::MadeBy;
use crate::problem::Refused;

const LOOK: &str = include_str!("../../pictures/look.json");

/// The Vega-Lite that the specifications are written for.
const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v6.json";

impl PictureKind {
    /// Its marks.
    fn marks(self) -> &'static str {
        match self {
            Self::AgingOverTime => include_str!("../../pictures/aging_over_time.json"),
            Self::Concentration => include_str!("../../pictures/concentration.json"),
            Self::Exposure => include_str!("../../pictures/exposure.json"),
            Self::Dso => include_str!("../../pictures/dso.json"),
            Self::RollRates => include_str!("../../pictures/roll_rates.json"),
            Self::DaysToPay => include_str!("../../pictures/days_to_pay.json"),
        }
    }
}

/// A chart as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    spec: Value,
    values: Vec<Map<String, Value>>,
}

/// The rows of a picture, and what is written over them.
struct Content {
    title: String,
    subtitle: String,
    values: Vec<Map<String, Value>>,
    /// Names that have a colour, in their order.
    colours: Vec<(String, String)>,
}

impl Picture {
    fn of(kind: PictureKind, content: Content, made_by: &MadeBy) -> Self {
        let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
        let mut spec = read(LOOK);
        spec.extend(read(kind.marks()));
        spec.insert("$schema".to_owned(), json!(SCHEMA));
        spec.insert("title".to_owned(), json!({ "text": content.title, "subtitle": content.subtitle }));
        spec.insert("usermeta".to_owned(), json!({ "made_by": made_by }));
        let mut spec = Value::Object(spec);
        if let Some(values) = spec.pointer_mut("/data/values") {
            *values = json!(content.values);
        }
        if let Some(scale) = spec.pointer_mut("/spec/encoding/color/scale").filter(|_| !content.colours.is_empty()) {
            let (domain, range): (Vec<_>, Vec<_>) = content.colours.iter().cloned().unzip();
            *scale = json!({ "domain": domain, "range": range });
        }
        Self { spec, values: content.values }
    }

    /// The specification, as JSON text.
    #[must_use]
    pub fn spec(&self) -> String {
        self.spec.to_string()
    }

    /// The rows that are drawn: amounts as text at the scale of their currency, shares with four digits.
    #[must_use]
    pub fn values(&self) -> &[Map<String, Value>] {
        &self.values
    }
}

impl View {
    /// A picture of what the view shows, as a Vega-Lite specification.
    ///
    /// **Currency**: a panel each, unless the policy names one. **Rounding**: shares, to four digits, half away from zero.
    /// **Panics**: never. **Source**: `docs/specification.md`, section 16.
    ///
    /// # Errors
    /// Those of [`PicturePolicy::check`]; of agings, exposures, key figures and loss rates, as the picture has them; `unknown_value` for a currency
    /// that no document has.
    pub fn picture(&self, policy: &PicturePolicy) -> Result<Picture, Refused> {
        policy.check()?;
        let content = match policy.picture {
            PictureKind::AgingOverTime => rows::aging_over_time(self, policy),
            PictureKind::Concentration => rows::concentration(self, policy),
            PictureKind::Exposure => rows::exposure(self, policy),
            PictureKind::Dso => course::dso(self, policy),
            PictureKind::RollRates => course::roll_rates(self, policy),
            PictureKind::DaysToPay => course::days_to_pay(self, policy),
        }?;
        Ok(Picture::of(policy.picture, content, &MadeBy::policy(&policy.id, policy)))
    }
}

/// The examples of the page on pictures run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/pictures.md")]
struct Page;
