//! Who is reminded of what the day's cash left open, and why the others are not: the policy of `policies/dunning.json`.

use std::collections::BTreeMap;

use ar_core::calendar::Day;
use ar_core::dunning::{DunningNotice, DunningPolicy, QuietDays, SkippedItem};
use ar_core::ledger::Ledger;
use ar_examples::dunning;
use rust_decimal::Decimal;

/// The reminders of the day.
pub struct Reminded {
    pub policy: DunningPolicy,
    pub notices: Vec<DunningNotice>,
    pub skipped: Vec<SkippedItem>,
    /// How many notices a ledger without any begins with: those that the policy would have sent before.
    pub taken_over: usize,
}

/// Notices of a level in a currency.
#[derive(Debug, Default, Clone)]
pub struct Sums {
    pub notices: usize,
    pub claims: Decimal,
    pub charges: Decimal,
    pub total: Decimal,
}

impl Reminded {
    /// Runs the policy over a ledger, the day's cash settled. The day may be a Saturday: letters then go out on Monday.
    pub fn of(ledger: &Ledger, as_of: Day) -> Result<Self, String> {
        let told = |error: ar_core::problem::Refused| error.to_string();
        let policy = DunningPolicy { quiet_days: QuietDays::Send, ..dunning::policy()? };
        let has_notices = ledger.batches().iter().any(|batch| !batch.facts.notices.is_empty());
        let (ledger, taken_over) = match has_notices {
            true => (ledger.clone(), 0),
            false => {
                let before = dunning::before(ledger, &dunning::policy()?, as_of)?;
                let number = before.notices.len();
                // Known when they were sent, so they go with the first rows and not with the last.
                let mut batches = ledger.batches();
                if let Some(first) = batches.first_mut() {
                    first.facts.notices.extend(before.notices);
                    first.facts.notice_lines.extend(before.notice_lines);
                }
                (Ledger::from_batches(ledger.settings().clone(), &batches).map_err(told)?, number)
            }
        };
        // A day in the past is dunned as it was known: what was paid later does not count yet.
        let run = ledger.as_of_known(as_of, as_of).dun(&policy).map_err(told)?;
        let (notices, skipped) = (run.notices().map_err(told)?, run.skipped().map_err(told)?);
        Ok(Self { policy, notices, skipped, taken_over })
    }

    /// By level, its name, and currency.
    pub fn by_level(&self) -> BTreeMap<(u32, &str, &str), Sums> {
        let mut all: BTreeMap<(u32, &str, &str), Sums> = BTreeMap::new();
        for notice in &self.notices {
            let sums = all.entry((notice.level, &notice.name, &notice.currency)).or_default();
            sums.notices += 1;
            sums.claims += notice.claims;
            sums.charges += notice.total - notice.claims;
            sums.total += notice.total;
        }
        all
    }

    /// How many items are left out for each reason, most first.
    pub fn by_reason(&self) -> Vec<(&str, u64)> {
        let mut all: BTreeMap<&str, u64> = BTreeMap::new();
        for item in &self.skipped {
            *all.entry(&item.reason).or_default() += 1;
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by_key(|(reason, many)| (std::cmp::Reverse(*many), *reason));
        all
    }
}
