//! How old is what is owed: aged balances by bucket, and whether they tie to the general ledger.
//!
//! An aging is a view (what was owed on a day), a policy (how it is cut) and keys (by what it is grouped). Whatever the
//! policy, the buckets of a row add up to what is open in it, to the minor unit. Where existing systems cut differently,
//! the difference is an option of the policy; [`profile`] has the options of some of them.

pub mod columns;

mod aged;
mod cut;
#[cfg(feature = "arrow")]
mod dense;
pub(crate) mod figures;
mod fold;
pub(crate) mod group;
pub(crate) mod keys;
mod lines;
mod packed;
mod place;
mod policy;
mod reconcile;
mod report;
mod table;

pub(crate) use aged::AgedItem;
pub use fold::AgingFold;
pub use policy::{
    AgingCurrency, AgingPolicy, Basis, BucketColumn, Credits, EdgeRule, MissingDueDate, Shown, Unit, Where,
};
pub use reconcile::{ControlBalance, Difference, reconcile};
pub use report::{AgingItem, AgingQuestion, AgingReport, AgingRow};
pub use table::{Dictionary, KeyColumn, LongColumns, WideColumns};

use self::cut::Cut;
use self::figures::{Figures, currency_by_account};
use self::fold::NO_GROUP;
use self::group::Groups;
use self::keys::{Filter, Key, Values};
use self::place::{Placing, RUN};
use crate::ledger::View;
use crate::problem::{Problem, Refused};
use crate::profiles;

/// Ages the open items of a view: an amount for each group and bucket, and the rule behind every item.
///
/// `by` holds any of `company`, `control_account`, `customer`, `parent`, `top_parent`, `group`, `kind`, `document`,
/// `dim_<name>` and `currency`; rows are split by currency in any case. `filter` lets in the items whose keys have one
/// of the values listed.
///
/// **Unit**: minor units inside, decimals at the scale of the currency in rows. **Currency**: the policy's. **Edges**:
/// with `up_to_inclusive`, 30 days late is the last day of 1–30; with `from_inclusive` the first of 30–59.
/// **Rounding**: none but for a currency that is revalued, item by item. **Panics**: never. **Source**:
/// `docs/specification.md`, section 5; the borders of other systems are in `profiles/aging/README.md`.
///
/// # Errors
/// In this order: those of [`AgingPolicy::check`]; `unknown_dimension` (keys of `by`, then of `filter`), `unknown_value`;
/// `base_amount_missing`, `rate_missing`, `too_large` (a figure beyond the range once it is revalued).
///
/// ```
/// use ar_core::aging::{AgingPolicy, Where, age, profile};
/// use ar_core::calendar::Day;
/// use ar_core::facade::JsonFacts;
/// use ar_core::ledger::{Ledger, settings::Settings};
/// let facts = JsonFacts::parse(r#"{ "customers": [{ "id": "ACME" }, { "id": "BOLT" }], "documents": [
///     { "id": "1", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "100.00",
///       "document_date": "2026-01-01", "due_date": "2026-01-31" },
///     { "id": "2", "customer": "BOLT", "kind": "invoice", "currency": "EUR", "amount": "50.00",
///       "document_date": "2026-01-15", "due_date": "2026-02-28" }] }"#)?;
/// let ledger = Ledger::load(Settings::default(), &facts.tables())?;
///
/// // Thirty days late is the last day of 1-30.
/// let view = ledger.as_of(Day::parse("2026-03-02")?);
/// let report = age(&view, &AgingPolicy::with_edges(&[0, 30]), &["customer".into()], &Where::new())?;
/// assert_eq!(report.labels(), ["not due", "1-30", "over 30"]);
/// let rows = report.rows();
/// assert_eq!((rows[0].by[0].as_str(), rows[0].buckets[1].to_string()), ("ACME", String::from("100.00")));
/// assert_eq!(report.totals()[0].total.to_string(), "150.00");
///
/// // Where a company comes from a system that cuts elsewhere, it keeps its columns.
/// let report = age(&view, &profile("tryton")?, &[], &Where::new())?;
/// assert_eq!(report.items()[0].bucket, "30 days");
/// assert_eq!(report.items()[1].rule, "aging.past_edge");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn age(view: &View, policy: &AgingPolicy, by: &[String], filter: &Where) -> Result<AgingReport, Refused> {
    policy.check()?;
    let mut keys = by.iter().map(|name| Key::named(&view.store, name)).collect::<Result<Vec<Key>, Problem>>()?;
    if !keys.contains(&Key::Currency) {
        keys.push(Key::Currency);
    }
    let filter = Filter::read(view, filter)?;
    let cut = Cut::new(policy, view.day()).map_err(|error| Problem::new("policy_invalid", error.to_string()))?;
    let currency = currency_by_account(view, policy.currency);
    let groups = Groups::new(view, &keys, &filter, &currency);
    let values = &mut Values::new(view);
    let lets_receipts_in = |account: u32| !filter.is_finer() && filter.lets_account_in(values, account);
    let figures = Figures::new(view, policy.currency, currency, &groups, lets_receipts_in)?;
    let placing = Placing { view: view.clone(), policy: policy.clone(), cut, figures };
    keys.retain(|key| *key != Key::Currency);
    let by = by.iter().filter(|name| *name != "currency").cloned().collect();
    Ok(AgingReport::new(placing, by, keys, groups, filter))
}

/// One pass over the items.
fn fill(placing: &Placing, groups: &Groups) -> AgingFold {
    let cut = &placing.cut;
    let mut table = AgingFold::new(groups.count, cut.buckets());
    let mut days = [0_i32; RUN];
    let mut bucket = [0_u32; RUN];
    let mut group = [0_u32; RUN];
    let mut start = 0_usize;
    let columns = placing.view.items.account.chunks(RUN).zip(placing.figures.open(&placing.view).chunks(RUN));
    for (accounts, open) in columns {
        let (Some(days), Some(bucket)) = (days.get_mut(..open.len()), bucket.get_mut(..open.len())) else { continue };
        placing.basis_column(start, days);
        let group = groups.column(start, accounts, &mut group);
        if cut.special == 0 {
            cut.thresholds.fill(days, bucket);
            table.push(group, bucket, open);
        } else {
            fill_special(placing, start, days, bucket, group, open, &mut table);
        }
        start = start.saturating_add(open.len());
    }
    table
}

/// A run of items of which some may go apart.
fn fill_special(
    placing: &Placing,
    start: usize,
    days: &[i32],
    bucket: &mut [u32],
    group: &[u32],
    open: &[i64],
    table: &mut AgingFold,
) {
    let mut aside = Vec::new();
    for ((item, day), (bucket, group)) in (start..).zip(days).zip(bucket.iter_mut().zip(group)) {
        let placed = placing.place(item, *day);
        *bucket = placed.bucket;
        if let Some(disputed) = placing.cut.disputed
            && placed.aside != 0
            && *group != NO_GROUP
        {
            aside.push((*group, placed.bucket, disputed, placed.aside));
        }
    }
    table.push(group, bucket, open);
    for (group, from, to, minor) in aside {
        table.move_part(group, from, to, minor);
    }
}

/// The policy that shows what another system's aging shows; [`profiles::names`] lists them.
///
/// # Errors
/// `unknown_kind`, field `profile`.
///
/// ```
/// use ar_core::aging::{EdgeRule, profile};
/// // Day 30 opens the next term there, and is the last of 1 - 30 elsewhere.
/// assert_eq!(profile("tryton")?.edge_rule, EdgeRule::FromInclusive);
/// assert_eq!(profile("odoo-oca")?.edge_rule, EdgeRule::UpToInclusive);
/// assert_eq!(profile("mainframe").unwrap_err().code(), "unknown_kind");
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn profile(name: &str) -> Result<AgingPolicy, Refused> {
    let policy: AgingPolicy = profiles::read("aging", name)?;
    policy.check()?;
    Ok(policy)
}

impl View {
    /// Ages the open items of this view; see [`age`].
    ///
    /// # Errors
    /// Those of [`age`].
    pub fn aging(&self, policy: &AgingPolicy, by: &[String], filter: &Where) -> Result<AgingReport, Refused> {
        age(self, policy, by, filter)
    }

    /// Where this view and the control accounts of a general ledger differ; see [`reconcile()`].
    ///
    /// # Errors
    /// Those of [`reconcile()`].
    pub fn reconcile(&self, balances: &[ControlBalance]) -> Result<Vec<Difference>, Refused> {
        reconcile(self, balances)
    }
}

/// The examples of the page on aging run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/aging.md")]
struct Page;
