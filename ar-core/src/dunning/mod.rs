//! Whom to remind, of what, at which level, and how: and why not the others.
//!
//! A run is a view (what was open on a day, and which notices were sent) and a policy. It changes nothing: its facts are
//! posted, or it is refused, in part or whole. Every open item is on one notice or skipped for the first predicate that
//! failed. A policy is tried on the recorded past before it goes live ([`simulate()`]), compared with another
//! ([`compare()`]) and with what was really sent ([`audit()`]).

mod audit;
mod basis;
mod belongs;
mod charge;
mod charged;
mod claims;
mod closing;
mod compare;
mod compensated;
mod covering;
mod desk;
mod early;
mod fee;
mod given;
mod history;
mod known;
mod level;
mod lines;
mod lint;
mod minimum;
mod next;
mod notice;
#[cfg(feature = "arrow")]
mod numbers;
mod plain;
mod policy;
mod post;
#[cfg(feature = "letters")]
mod printed;
mod reason;
mod report;
mod restart;
mod rows;
mod simulate;
mod terms;
mod trigger;
mod unfounded;

use std::sync::{Arc, OnceLock};

pub use self::audit::{AuditRow, audit};
pub use self::compare::{ChargeTotal, ComparedCustomer, compare};
pub use self::fee::{FeeInCurrency, FeeMode, FeeOf, FeeOnce, FeePolicy, FeeTier};
pub use self::lint::{Warning, lint};
#[cfg(feature = "arrow")]
pub(crate) use self::numbers::Claims;
pub use self::policy::{
    AfterLast, Assignment, ChannelOf, ChargeUse, ChargedInterest, CountFrom, CountedDays, CreditUse, DunningBasis,
    DunningEdge, DunningPolicy, DunningUnit, Escalation, Grace, InFlight, IntervalPer, Level, MinimumCredits,
    MinimumOf, MoneyLimit, NoticeCurrency, NoticePer, PaidInterest, Procedure, QuietDays, RelatedCharges, Respect,
    Unchanged,
};
#[cfg(feature = "letters")]
pub(crate) use self::printed::{PrintedLine, PrintedNotice};
pub use self::report::DunningRun;
pub use self::rows::{DunningExplanation, DunningLine, DunningNotice, DunningStep, SkippedItem};
pub use self::simulate::{PaidAlready, SimulatedDay, SimulatedNotice, SimulatedTotal, Simulation, simulate};
pub use self::trigger::{DunningEvent, Trigger, TriggerEvent};

use self::desk::{Walk, is_plain};
use self::given::Given;
use self::history::History;
use self::notice::{Made, make};
use self::plain::PlainNotices;
use self::report::Inner;
use self::restart::Before;
use crate::ledger::View;
use crate::problem::Refused;
use crate::profiles;

/// Runs a dunning policy over the open items of a view and the notices that it counts.
///
/// **Unit**: minor units inside, decimals at the scale of the notice's currency in rows. **Currency**: the policy's.
/// **Rounding**: half away from zero, each conversion, percentage and interest once. **Edges**: the policy's; the view's day
/// counts. **Panics**: never. **Source**: `docs/specification.md`, section 9; how other systems decide is in
/// `profiles/dunning/README.md`.
///
/// # Errors
/// Those of [`DunningPolicy::check`]; `unknown_dimension`, `unknown_value` of `where`; `rate_missing` where a notice is in base
/// currency, or interest has no rate for a day; `too_large`.
///
/// ```
/// use ar_core::calendar::Day;
/// use ar_core::dunning::dun;
/// use ar_core::facade::{JsonFacts, dunning_policy};
/// use ar_core::ledger::{Ledger, settings::Settings};
/// let facts = JsonFacts::parse(r#"{ "customers": [{ "id": "ACME" }], "documents": [
///     { "id": "1", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "100.00",
///       "document_date": "2026-01-01", "due_date": "2026-01-31" },
///     { "id": "2", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "50.00",
///       "document_date": "2026-02-01", "due_date": "2026-03-03" }] }"#)?;
/// let policy = dunning_policy(r#"{ "procedures": { "standard": { "grace_days": 2,
///     "levels": [{ "days": 3, "name": "reminder", "pay_within_days": 7 }, { "days": 14 }] } } }"#)?;
/// let ledger = Ledger::load(Settings::default(), &facts.tables())?;
/// let day = Day::parse("2026-02-03")?;
///
/// let run = dun(&ledger.as_of(day), &policy)?;
/// let notices = run.notices()?;
/// assert_eq!((notices[0].name.as_str(), notices[0].total.to_string()), ("reminder", String::from("100.00")));
/// assert_eq!(notices[0].next_date.unwrap().to_string(), "2026-02-14");
/// assert_eq!(run.skipped()?[0].reason, "not_due");
///
/// // Posted, it says nothing a second time.
/// let posted = ledger.append(&run.facts("d-1")?.tables(), day)?;
/// assert!(dun(&posted.as_of(day), &policy)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn dun(view: &View, policy: &DunningPolicy) -> Result<DunningRun, Refused> {
    let history = Arc::new(History::of(view, None));
    dun_after(view, policy, &history, &history)
}

/// A run after notices that are told apart from the view's, and those where charges of the day are looked for.
fn dun_after(
    view: &View,
    policy: &DunningPolicy,
    history: &Arc<History>,
    today: &History,
) -> Result<DunningRun, Refused> {
    let given = Given::new(view, policy)?;
    let before = Before::new(&given, history);
    let plain = if is_plain(&given, history, today) { PlainNotices::of(&given) } else { None };
    let (noticed, items) = match plain {
        Some(_) => (OnceLock::new(), OnceLock::new()),
        None => {
            let made = made(&given, &before, today)?;
            (OnceLock::from(made.notices), OnceLock::from(Ok(made.items)))
        }
    };
    let calendar = given.calendar.clone();
    let inner = Inner { view: view.clone(), policy: policy.clone(), calendar, before, plain, noticed, items };
    Ok(DunningRun { inner: Arc::new(inner) })
}

/// Takes every desk and makes the notices.
fn made(given: &Given<'_>, history: &Before, today: &History) -> Result<Made, Refused> {
    let accounts = given.accounts();
    let mut walk = Walk::new(given, history, today, None);
    walk_desks(&mut walk, &accounts);
    make(given, history, &accounts, walk)
}

/// Takes the desks in their order.
fn walk_desks(walk: &mut Walk<'_>, accounts: &[(u32, std::ops::Range<usize>)]) {
    let desks = desks_of(walk.given.view, accounts);
    if walk.given.looks_around() {
        walk.desks_together(desks);
    } else {
        desks.for_each(|desk| walk.desk(desk));
    }
}

/// The accounts of each desk: those of one company, customer and currency stand together.
fn desks_of<'d>(
    view: &View,
    accounts: &'d [(u32, std::ops::Range<usize>)],
) -> impl Iterator<Item = &'d [(u32, std::ops::Range<usize>)]> {
    accounts.chunk_by(|(a, _), (b, _)| {
        let (a, b) = (view.store.account(*a), view.store.account(*b));
        (a.company, a.customer, a.currency) == (b.company, b.customer, b.currency)
    })
}

/// The policy that duns as another system does; [`profiles::names`] lists them.
///
/// # Errors
/// `unknown_kind`, field `profile`.
pub fn profile(name: &str) -> Result<DunningPolicy, Refused> {
    let policy: DunningPolicy = profiles::read("dunning", name)?;
    policy.check()?;
    Ok(policy)
}

impl View {
    /// Runs a dunning policy over this view; see [`dun`].
    ///
    /// # Errors
    /// Those of [`dun`].
    pub fn dun(&self, policy: &DunningPolicy) -> Result<DunningRun, Refused> {
        dun(self, policy)
    }
}

/// The examples of the page about dunning run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/dunning.md")]
struct Page;
