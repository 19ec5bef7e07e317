//! All that a ledger was ever given, batch by batch: what makes the same ledger again.

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::counted::Rows;
use super::fact::Facts;
use super::settings::Settings;
use super::store::BatchEnd;
use crate::calendar::Day;
use crate::problem::Refused;

/// The facts of a first load, or of one append.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Batch {
    /// The recorded day of an append; none for the first load.
    pub recorded: Option<Day>,
    /// Its rows in the order in which they came, defaults filled in.
    pub facts: Facts,
}

impl Ledger {
    /// The settings that it was loaded with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.store.settings
    }

    /// The first load and every append, as rows; [`from_batches`](Self::from_batches) makes the same ledger of them.
    ///
    /// ```
    /// use ar_core::{calendar::Day, facade::JsonFacts, ledger::Ledger};
    /// let empty = Ledger::load(Default::default(), &JsonFacts::parse("{}")?.tables())?;
    /// let facts = JsonFacts::parse(r#"{ "customers": [{ "id": "C" }] }"#)?;
    /// let ledger = empty.append(&facts.tables(), Day::parse("2026-01-31")?)?;
    ///
    /// let batches = ledger.batches();
    /// assert_eq!((batches.len(), batches[1].facts.customers[0].id.as_str()), (2, "C"));
    /// let again = Ledger::from_batches(ledger.settings().clone(), &batches)?;
    /// assert_eq!(again.last_recorded(), ledger.last_recorded());
    /// # Ok::<(), ar_core::problem::Refused>(())
    /// ```
    #[must_use]
    pub fn batches(&self) -> Vec<Batch> {
        let ends: Vec<BatchEnd> = self.store.batch_ends.all().copied().collect();
        let recorded = |end: &BatchEnd| end.recorded.and_then(|day| Day::new(day).ok());
        let mut batches: Vec<Batch> =
            ends.iter().map(|end| Batch { recorded: recorded(end), ..Batch::default() }).collect();
        let rows = Rows { store: &self.store, day: i32::MAX, known_on: i32::MAX };
        macro_rules! deal {
            ($($table:ident by $count:ident),* $(,)?) => {
                $( deal(rows.$table(), &ends, |end| u64::from(end.$count), &mut batches, |facts| &mut facts.$table); )*
            };
        }
        deal! {
            customers by customers, documents by documents, allocations by allocations, differences by allocations,
            customer_changes by rows, document_lines by rows, instalments by rows, discounts by rows, reversals by rows,
            cancellations by rows, disputes by rows, holds by rows, promises by rows, plans by rows, notices by rows, notice_lines by rows, commitments by rows,
            credit_lines by rows, releases by rows, requirements by rows,
            closings by rows, rates by rows,
        }
        batches
    }

    /// The ledger that these batches make: the first is loaded, the others are appended.
    ///
    /// # Errors
    /// Those of [`Ledger::load`] and [`Ledger::append`]; `missing_field`, field `recorded`, for a later batch without a day.
    pub fn from_batches(settings: Settings, batches: &[Batch]) -> Result<Self, Refused> {
        let empty = Facts::default();
        let (first, later) = match batches.split_first() {
            Some((first, later)) => (&first.facts, later),
            None => (&empty, batches),
        };
        let mut ledger = Self::load(settings, &first.tables())?;
        for batch in later {
            let day = batch.recorded.ok_or_else(|| {
                Refused::one("missing_field", "expected the recorded day of an append").at(None, None, "recorded")
            })?;
            ledger = ledger.append(&batch.facts.tables(), day)?;
        }
        Ok(ledger)
    }
}

/// Gives each batch its rows: those numbered below its end.
fn deal<T>(
    rows: Vec<(u64, T)>,
    ends: &[BatchEnd],
    end: impl Fn(&BatchEnd) -> u64,
    batches: &mut [Batch],
    table: impl Fn(&mut Facts) -> &mut Vec<T>,
) {
    let mut places = ends.iter().zip(batches);
    let mut place = places.next();
    for (number, row) in rows {
        while place.as_ref().is_some_and(|(batch, _)| end(batch) <= number) {
            place = places.next();
        }
        if let Some((_, batch)) = &mut place {
            table(&mut batch.facts).push(row);
        }
    }
}
