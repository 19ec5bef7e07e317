//! What would a policy have sent, day by day, over the recorded past? And who would have been dunned though they had paid?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::charged::Interest;
use super::compensated::{Claimed, Compensated};
use super::desk::Walk;
use super::given::Given;
use super::history::{History, Sent, SentTo};
use super::notice::Noticed;
use super::policy::{DunningPolicy, InFlight};
use super::report::{DunningRun, Inner};
use super::restart::Before;
use super::rows::DunningNotice;
use super::{desks_of, dun_after};
use crate::calendar::Day;
use crate::interest::CompensationPer;
use crate::interest::balance::ChargedSum;
use crate::ledger::layers::{NONE, place};
use crate::ledger::left_over::with_those_above;
use crate::ledger::{Ledger, View, schedule};
use crate::made_by::MadeBy;
use crate::problem::{Problem, Refused};

/// The most days that are simulated at once.
const MOST_DAYS: i32 = 3_660;

/// What a policy would have sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// Every notice, by day.
    pub notices: Vec<SimulatedNotice>,
    /// The days on which any was sent.
    pub days: Vec<SimulatedDay>,
    /// How many addressees were touched.
    pub customers: u64,
    /// Sums, sorted by currency.
    pub totals: Vec<SimulatedTotal>,
    /// Lines about items of which nothing was open that day, or for which there was money, as is known now.
    pub paid_already: Vec<PaidAlready>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// A notice of a simulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedNotice {
    /// When it would have been sent.
    pub day: NaiveDate,
    /// The notice.
    #[serde(flatten)]
    pub notice: DunningNotice,
}

/// A day of a simulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedDay {
    /// The day.
    pub day: NaiveDate,
    /// How many notices.
    pub notices: u64,
    /// How many lines they have, listed credits among them.
    pub lines: u64,
}

/// What a simulation comes to in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedTotal {
    /// The currency.
    pub currency: String,
    /// How many notices.
    pub notices: u64,
    /// What they claim, again with every notice.
    pub claims: Decimal,
    /// Fees for notices and lines, with their tax.
    pub fees: Decimal,
    /// Interest.
    pub interest: Decimal,
    /// Fixed sums.
    pub compensation: Decimal,
}

/// A line about an item that was paid already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidAlready {
    /// When it would have been sent.
    pub day: NaiveDate,
    /// Who had paid.
    pub customer: String,
    /// What.
    pub document: String,
    /// Its instalment; 0 without a schedule.
    pub instalment: u32,
    /// At which level.
    pub level: u32,
    /// How much would have been asked for.
    pub amount: Decimal,
}

/// The runs of a policy, one a day, each knowing what was known that day and what the runs before it sent.
pub(super) fn replay(
    ledger: &Ledger,
    policy: &DunningPolicy,
    (from, to): (Day, Day),
    mut take: impl FnMut(&View, &DunningRun) -> Result<(), Refused>,
) -> Result<(), Refused> {
    policy.check()?;
    let mut history = Arc::new(History::default());
    let mut number = 0_u32;
    for day in days(from, to)? {
        let view = ledger.as_of_known(day, day);
        let sent = Arc::make_mut(&mut history);
        sent.left_of = view.left_overs().into_whole();
        sent.terms.look(&view);
        let run = dun_after(&view, policy, &history, &history)?;
        take(&view, &run)?;
        let Some(mut inner) = Arc::into_inner(run.inner) else { continue };
        // No run holds it any more, so it is not copied.
        inner.before = Before::default();
        let sent = Arc::make_mut(&mut history);
        for notice in inner.notices() {
            number = number.saturating_add(1);
            inner.remember(notice, number, sent);
        }
    }
    Ok(())
}

impl Inner {
    /// Adds a notice to what was sent.
    fn remember(&self, notice: &Noticed, number: u32, sent: &mut History) {
        let (view, day, due) = (&self.view, self.view.day().number(), self.due_of(notice));
        let order = (day, u64::from(number));
        let terms = self.policy.interest.as_ref().and_then(|interest| interest.compensation.as_ref());
        let is_by_claim = terms.is_some_and(|terms| terms.per == CompensationPer::Claim);
        let rules = self.policy.procedures.values().nth(place(notice.procedure));
        for (at, line) in self.lines_of(notice).enumerate() {
            let item = place(line.item);
            let instalment = view.items.instalment(item);
            let charge = notice.more().charges.get(at).copied().unwrap_or_default();
            let line = Sent {
                notice: number,
                document: view.items.document.get(item).copied().unwrap_or(NONE),
                // A line of a document without instalments is about whatever it has later.
                instalment: if instalment == 0 { NONE } else { instalment },
                is_header: false,
                level: line.level,
                day,
                due,
                interest_until: charge.interest_until,
                interest: match charge.interest {
                    amount if amount > 0 => {
                        Interest::Amount(ChargedSum { amount, rate: notice.rate_of(view, line.item) })
                    }
                    _ => Interest::Unknown,
                },
                order,
            };
            sent.add(&view.store, line);
            let Sent { document, level, .. } = line;
            if charge.compensation > 0 {
                sent.compensated.push(Compensated { charge: NONE, document, day, level });
            }
            if is_by_claim && level > 0 {
                let asks = rules.and_then(|rules| rules.level(level)).is_some_and(|level| level.compensation);
                sent.claimed.push(Claimed { document, day, level, asks });
            }
        }
        // Empty text is as good as none.
        let is_named = !view.store.texts.text(notice.company).is_empty();
        let company = if is_named { notice.company } else { NONE };
        let (currency, level) = (notice.currency, notice.level);
        sent.add_to(notice.customer, SentTo { notice: number, company, currency, level, day, due, order });
    }
}

/// The days of a period, both ends inclusive.
pub(super) fn days(from: Day, to: Day) -> Result<impl Iterator<Item = Day>, Refused> {
    let length = to.days_since(from);
    if length < 0 {
        let reason = format!("expected a day not before {from}, got {to}");
        return Err(Problem::new("impossible_date", reason).field("to").into());
    }
    if length >= MOST_DAYS {
        return Err(Problem::new("limit_exceeded", format!("expected at most {MOST_DAYS} days")).field("to").into());
    }
    Ok((0..=length).filter_map(move |days| from.plus_days(days)))
}

/// Replays a policy over the recorded past, day by day.
///
/// Each day knows what was known on it, and the notices of its own earlier days alone; its charges are not posted. With
/// hindsight (all that is known now) `paid_already` lists whom it would have dunned though nothing was open any more, or there was
/// money for all of it: a payment that was learnt of or matched later.
///
/// **Edges**: both days are inclusive. **Source**: `docs/specification.md`, section 9.
///
/// # Errors
/// `impossible_date`, `limit_exceeded`, field `to`; those of [`super::dun`].
pub fn simulate(ledger: &Ledger, policy: &DunningPolicy, from: Day, to: Day) -> Result<Simulation, Refused> {
    let mut all = Simulation {
        notices: Vec::new(),
        days: Vec::new(),
        customers: 0,
        totals: Vec::new(),
        paid_already: Vec::new(),
        made_by: MadeBy::policy(&policy.id, policy),
    };
    let mut addressees = BTreeSet::new();
    let mut totals: BTreeMap<String, SimulatedTotal> = BTreeMap::new();
    replay(ledger, policy, (from, to), |view, run| {
        if run.is_empty() {
            return Ok(());
        }
        let day = view.day().to_naive_date();
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let notices = run.notices()?;
        let lines = notices.iter().map(|notice| notice.lines.len()).sum();
        all.days.push(SimulatedDay { day, notices: count(run.len()), lines: count(lines) });
        let now = Hindsight::of(ledger, policy, view, run)?;
        for notice in notices {
            addressees.insert(notice.customer.clone());
            let total = totals.entry(notice.currency.clone()).or_insert_with(|| SimulatedTotal {
                currency: notice.currency.clone(),
                notices: 0,
                claims: zero_like(notice.total),
                fees: zero_like(notice.total),
                interest: zero_like(notice.total),
                compensation: zero_like(notice.total),
            });
            total.add(&notice)?;
            for line in notice.lines.iter().filter(|line| line.level > 0) {
                if !now.is_open(&line.document, line.instalment) {
                    all.paid_already.push(PaidAlready {
                        day,
                        customer: line.customer.clone(),
                        document: line.document.clone(),
                        instalment: line.instalment,
                        level: line.level,
                        amount: line.amount,
                    });
                }
            }
            all.notices.push(SimulatedNotice { day, notice });
        }
        Ok(())
    })?;
    all.customers = u64::try_from(addressees.len()).unwrap_or(u64::MAX);
    all.totals = totals.into_values().collect();
    Ok(all)
}

/// Zero with as many digits.
fn zero_like(amount: Decimal) -> Decimal {
    Decimal::new(0, amount.scale())
}

/// What was open on a day with all that is known now, and what of it there was money for.
struct Hindsight {
    view: View,
    open: FxHashSet<(u32, u32)>,
    documents: FxHashSet<u32>,
    /// What there was no money for, and what that is left of.
    owed: FxHashSet<(u32, u32)>,
}

impl Hindsight {
    fn of(ledger: &Ledger, policy: &DunningPolicy, then: &View, run: &DunningRun) -> Result<Self, Refused> {
        let view = ledger.as_of(then.day()).with_later_matches();
        let named = |item: usize| (view.items.document.get(item).copied().unwrap_or(NONE), view.items.instalment(item));
        let open = (0..view.items.len()).map(named).collect();
        let documents = view.items.document.iter().copied().collect();
        let policy = DunningPolicy { in_flight: InFlight::Covers, ..policy.clone() };
        let given = Given::new(&view, &policy)?;
        let mut addressees: FxHashSet<u32> = FxHashSet::default();
        for line in run.inner.notices().iter().flat_map(|notice| run.inner.lines_of(notice)) {
            let account = then.items.account.get(place(line.item)).copied().unwrap_or(NONE);
            addressees.insert(given.addressee(view.store.account(account).customer));
        }
        let accounts = given.accounts();
        let is_told = |desk: &&[(u32, std::ops::Range<usize>)]| {
            let customer = desk.first().map_or(NONE, |(account, _)| view.store.account(*account).customer);
            addressees.contains(&given.addressee(customer))
        };
        let before = &run.inner.before;
        let mut walk = Walk::new(&given, before, before, None);
        walk.look(desks_of(&view, &accounts).filter(is_told));
        let verdicts = walk.verdict.iter().enumerate();
        let whole = view.left_overs().into_whole();
        let owed = verdicts
            .filter(|(_, verdict)| !verdict.is_paid())
            .flat_map(|(item, _)| with_those_above(&whole, named(item)));
        let owed = owed.collect();
        Ok(Self { open, documents, owed, view })
    }

    /// Whether an item was open and there was no money for it; or its document, where its schedule has no such instalment any more.
    fn is_open(&self, document: &str, instalment: u32) -> bool {
        let store = &self.view.store;
        let Some(number) = store.document_named(document) else { return false };
        // A residual may be of a document as a whole.
        if self.owed.contains(&(number, instalment)) || self.owed.contains(&(number, 0)) {
            return true;
        }
        if self.open.contains(&(number, instalment)) {
            return false;
        }
        let schedule = schedule::in_force(store, number, self.view.stood_on(), self.view.known_on);
        let has_it = match schedule.as_slice() {
            [] => instalment == 0,
            rows => rows.iter().any(|row| row.number == instalment),
        };
        !has_it && self.documents.contains(&number)
    }
}

impl SimulatedTotal {
    fn add(&mut self, notice: &DunningNotice) -> Result<(), Refused> {
        self.notices = self.notices.saturating_add(1);
        let fees = [notice.fee, notice.fee_tax, notice.line_fees];
        let parts = [
            (&mut self.claims, &[notice.claims][..]),
            (&mut self.fees, &fees[..]),
            (&mut self.interest, &[notice.interest][..]),
            (&mut self.compensation, &[notice.compensation][..]),
        ];
        for (sum, amounts) in parts {
            for amount in amounts {
                let added = sum.checked_add(*amount);
                *sum = added.ok_or_else(|| Problem::new("too_large", "expected sums within the range of money"))?;
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// Replays a dunning policy over the recorded past; see [`simulate`].
    ///
    /// # Errors
    /// Those of [`simulate`].
    pub fn simulate_dunning(&self, policy: &DunningPolicy, from: Day, to: Day) -> Result<Simulation, Refused> {
        simulate(self, policy, from, to)
    }
}
