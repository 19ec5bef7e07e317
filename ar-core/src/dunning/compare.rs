//! What would change for whom, if one policy took the place of another? Both are replayed over the recorded past.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::policy::DunningPolicy;
use super::reason::Verdict;
use super::rows::DunningNotice;
use super::simulate::replay;
use crate::calendar::Day;
use crate::ledger::layers::NONE;
use crate::ledger::{Ledger, View};
use crate::problem::{Problem, Refused};

/// A customer whom two policies treat differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedCustomer {
    /// The addressee.
    pub customer: String,
    /// How many notices the first policy sends.
    pub notices_a: u64,
    /// And the second.
    pub notices_b: u64,
    /// The highest level of the first; 0 without a notice.
    pub level_a: u32,
    /// And of the second.
    pub level_b: u32,
    /// Fees, interest and compensation of the first, by currency, those that are not zero.
    pub charges_a: Vec<ChargeTotal>,
    /// And of the second.
    pub charges_b: Vec<ChargeTotal>,
    /// The day of the first line that only one of them has.
    pub day: NaiveDate,
    /// Its document.
    pub document: String,
    /// Its instalment.
    pub instalment: u32,
    /// Which policy has it: `a` or `b`.
    #[serde(rename = "in")]
    pub within: String,
    /// At which level.
    pub level: u32,
    /// The other's level for the item that day; 0 without.
    pub other_level: u32,
    /// Why the other has no line about it that day; empty when it has.
    pub other_reason: String,
}

/// A sum in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeTotal {
    /// The currency.
    pub currency: String,
    /// The sum.
    pub amount: Decimal,
}

/// A debit line: day, document, instalment, level.
type LineKey = (Day, String, u32, u32);

/// What one policy sends to one addressee.
#[derive(Debug, Default)]
struct Own {
    notices: u64,
    level: u32,
    charges: BTreeMap<String, Decimal>,
    lines: BTreeSet<LineKey>,
}

/// One policy's replay.
struct Side {
    customers: BTreeMap<String, Own>,
    /// The level of each item on a day.
    levels: BTreeMap<(Day, String, u32), u32>,
    /// What became of the items of each day.
    days: BTreeMap<Day, (View, Vec<Verdict>)>,
}

/// Compares two policies over the recorded past: a row for each addressee whose lines differ, with the first difference and
/// the reason that the other policy has for it.
///
/// **Edges**: both days are inclusive. **Source**: `docs/specification.md`, section 9.
///
/// # Errors
/// Those of [`super::simulate()`].
pub fn compare(
    ledger: &Ledger,
    a: &DunningPolicy,
    b: &DunningPolicy,
    from: Day,
    to: Day,
) -> Result<Vec<ComparedCustomer>, Refused> {
    let (a, b) = (Side::of(ledger, a, from, to)?, Side::of(ledger, b, from, to)?);
    let mut names: Vec<&String> = a.customers.keys().chain(b.customers.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let nothing = Own::default();
    let mut rows = Vec::new();
    for name in names {
        let own = |side: &'_ Side| side.customers.get(name).map(|own| own.lines.clone()).unwrap_or_default();
        let (lines_a, lines_b) = (own(&a), own(&b));
        let Some((day, document, instalment, level)) = lines_a.symmetric_difference(&lines_b).next().cloned() else {
            continue;
        };
        let in_a = lines_a.contains(&(day, document.clone(), instalment, level));
        let other = if in_a { &b } else { &a };
        let other_level = other.levels.get(&(day, document.clone(), instalment)).copied().unwrap_or(0);
        let other_reason = match (other_level, other.days.get(&day)) {
            (0, Some((view, verdicts))) => reason_of(view, verdicts, &document, instalment).to_owned(),
            _ => String::new(),
        };
        let (own_a, own_b) = (a.customers.get(name).unwrap_or(&nothing), b.customers.get(name).unwrap_or(&nothing));
        rows.push(ComparedCustomer {
            customer: name.clone(),
            notices_a: own_a.notices,
            notices_b: own_b.notices,
            level_a: own_a.level,
            level_b: own_b.level,
            charges_a: own_a.charges(),
            charges_b: own_b.charges(),
            day: day.to_naive_date(),
            document,
            instalment,
            within: if in_a { "a" } else { "b" }.to_owned(),
            level,
            other_level,
            other_reason,
        });
    }
    Ok(rows)
}

impl Side {
    fn of(ledger: &Ledger, policy: &DunningPolicy, from: Day, to: Day) -> Result<Self, Refused> {
        let mut side = Self { customers: BTreeMap::new(), levels: BTreeMap::new(), days: BTreeMap::new() };
        replay(ledger, policy, (from, to), |view: &View, run| {
            for notice in run.notices()? {
                side.customers.entry(notice.customer.clone()).or_default().add(view.day(), &notice)?;
                for line in notice.lines.iter().filter(|line| line.level > 0) {
                    side.levels.insert((view.day(), line.document.clone(), line.instalment), line.level);
                }
            }
            side.days.insert(view.day(), (view.clone(), run.inner.items()?.verdict.clone()));
            Ok(())
        })?;
        Ok(side)
    }
}

impl Own {
    fn add(&mut self, day: Day, notice: &DunningNotice) -> Result<(), Refused> {
        self.notices = self.notices.saturating_add(1);
        self.level = self.level.max(notice.level);
        let zero = Decimal::new(0, notice.total.scale());
        let sum = self.charges.entry(notice.currency.clone()).or_insert(zero);
        for part in [notice.fee, notice.fee_tax, notice.line_fees, notice.interest, notice.compensation] {
            let added = sum.checked_add(part);
            *sum = added.ok_or_else(|| Problem::new("too_large", "expected sums within the range of money"))?;
        }
        for line in notice.lines.iter().filter(|line| line.level > 0) {
            self.lines.insert((day, line.document.clone(), line.instalment, line.level));
        }
        Ok(())
    }

    fn charges(&self) -> Vec<ChargeTotal> {
        let charged = self.charges.iter().filter(|(_, amount)| !amount.is_zero());
        charged.map(|(currency, amount)| ChargeTotal { currency: currency.clone(), amount: *amount }).collect()
    }
}

/// Why an item is on no notice: the name of the reason, empty when it is on one, `not_open` when it is not open.
fn reason_of(view: &View, verdicts: &[Verdict], document: &str, instalment: u32) -> &'static str {
    let number = view.store.document_named(document).unwrap_or(NONE);
    let verdict = item_of(view, number, instalment).and_then(|item| verdicts.get(item));
    verdict.map_or("not_open", |verdict| verdict.name())
}

/// The open item of a document and instalment.
fn item_of(view: &View, document: u32, instalment: u32) -> Option<usize> {
    let (piece, row) = view.store.documents.find(document)?;
    let account = *piece.account.get(row)?;
    let is =
        |item: &usize| view.items.document.get(*item) == Some(&document) && view.items.instalment(*item) == instalment;
    view.items.of_account(account).find(is)
}

impl Ledger {
    /// Compares two dunning policies over the recorded past; see [`compare`].
    ///
    /// # Errors
    /// Those of [`compare`].
    pub fn compare_dunning(
        &self,
        a: &DunningPolicy,
        b: &DunningPolicy,
        from: Day,
        to: Day,
    ) -> Result<Vec<ComparedCustomer>, Refused> {
        compare(self, a, b, from, to)
    }
}
