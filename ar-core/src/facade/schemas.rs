//! JSON Schemas of what crosses as JSON text, for editors and for languages that have no type of their own for it.
//!
//! A schema says the shape. What it cannot say (edges rise, shares add up) is said where the policy is checked.

use crate::problem::{Problem, Refused, quoted};

/// Name and text, sorted by name; `tests/schemas.rs` writes the files from the types.
const SCHEMAS: &[(&str, &str)] = &[
    ("aging", include_str!("../../schemas/aging.json")),
    ("allocation", include_str!("../../schemas/allocation.json")),
    ("cash", include_str!("../../schemas/cash.json")),
    ("credit", include_str!("../../schemas/credit.json")),
    ("dunning", include_str!("../../schemas/dunning.json")),
    ("interest", include_str!("../../schemas/interest.json")),
    ("kpi", include_str!("../../schemas/kpi.json")),
    #[cfg(feature = "letters")]
    ("letter", include_str!("../../schemas/letter.json")),
    #[cfg(feature = "letters")]
    ("letters", include_str!("../../schemas/letters.json")),
    ("loss_rates", include_str!("../../schemas/loss_rates.json")),
    ("mapping", include_str!("../../schemas/mapping.json")),
    ("picture", include_str!("../../schemas/picture.json")),
    ("prediction", include_str!("../../schemas/prediction.json")),
    ("provision", include_str!("../../schemas/provision.json")),
    ("settings", include_str!("../../schemas/settings.json")),
    ("settlement", include_str!("../../schemas/settlement.json")),
    #[cfg(feature = "letters")]
    ("stationery", include_str!("../../schemas/stationery.json")),
    ("terms", include_str!("../../schemas/terms.json")),
];

/// The names of the schemas, sorted: of the policies of a room by the room's name, `mapping`, `settings`, `terms`.
#[must_use]
pub fn schemas() -> Vec<&'static str> {
    SCHEMAS.iter().map(|(name, _)| *name).collect()
}

/// A schema as JSON text.
///
/// # Errors
/// `unknown_kind`, field `schema`, for a name that is not in [`schemas`].
///
/// ```
/// assert!(ar_core::facade::schema("allocation")?.contains("\"credit_order\""));
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn schema(name: &str) -> Result<&'static str, Refused> {
    let found = SCHEMAS.iter().find(|(own, _)| *own == name).map(|(_, text)| *text);
    found.ok_or_else(|| {
        let reason = format!("expected one of {}, got {}", schemas().join(", "), quoted(name));
        Problem::new("unknown_kind", reason).field("schema").into()
    })
}

/// The schema that the types have now, to compare with the published one.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema_of_types(name: &str) -> Option<serde_json::Value> {
    let schema = match name {
        "aging" => schemars::schema_for!(crate::aging::AgingPolicy),
        "allocation" => schemars::schema_for!(crate::allocation::AllocationPolicy),
        "cash" => schemars::schema_for!(crate::prediction::CashPolicy),
        "credit" => schemars::schema_for!(crate::credit::CreditPolicy),
        "dunning" => schemars::schema_for!(crate::dunning::DunningPolicy),
        "interest" => schemars::schema_for!(crate::interest::InterestPolicy),
        "picture" => schemars::schema_for!(crate::picture::PicturePolicy),
        "kpi" => schemars::schema_for!(crate::kpi::KpiPolicy),
        #[cfg(feature = "letters")]
        "letter" => schemars::schema_for!(crate::letters::Letter),
        #[cfg(feature = "letters")]
        "letters" => schemars::schema_for!(crate::letters::Letters),
        #[cfg(feature = "import")]
        "mapping" => schemars::schema_for!(crate::import::Mapping),
        "provision" => schemars::schema_for!(crate::provision::ProvisionPolicy),
        "loss_rates" => schemars::schema_for!(crate::provision::LossRatePolicy),
        "prediction" => schemars::schema_for!(crate::prediction::PredictionPolicy),
        "settings" => schemars::schema_for!(crate::ledger::settings::Settings),
        "settlement" => schemars::schema_for!(crate::settlement::SettlementPolicy),
        #[cfg(feature = "letters")]
        "stationery" => schemars::schema_for!(crate::letters::Stationery),
        "terms" => schemars::schema_for!(crate::terms::Terms),
        _ => return None,
    };
    Some(schema.to_value())
}

/// Values that are written as text: a pattern, and whether a whole number stands for it too.
#[cfg(feature = "schema")]
macro_rules! as_text {
    ($type:ty, $name:literal, $pattern:literal, $types:expr, $description:literal) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": $types, "pattern": $pattern, "description": $description })
            }
        }
    };
}

#[cfg(feature = "schema")]
as_text!(
    crate::money::Exact,
    "Amount",
    r"^-?[0-9]+(\.[0-9]+)?$",
    ["string", "integer"],
    "An exact decimal as text, such as `12.50`, or a whole number; never a float."
);
#[cfg(feature = "schema")]
as_text!(
    crate::money::Ratio,
    "Ratio",
    r"^-?[0-9]+(\.[0-9]+|/[0-9]+)?$",
    ["string", "integer"],
    "An exact number as text, such as `2.5` or `100/3`, or a whole number; never a float."
);
#[cfg(feature = "schema")]
as_text!(crate::calendar::Day, "Day", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "string", "A day as text, `YYYY-MM-DD`.");
