//! Which promises are still to be kept, and how often has a customer kept those that are over?

use super::calendar::BankingDays;
use super::curve::WHOLE;
use crate::ledger::View;
use crate::ledger::promises::Settled;
use crate::ledger::store::PromiseFact;
use crate::money::Minor;

/// A promise that can still be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Promised {
    pub(crate) customer: u32,
    pub(crate) currency: u32,
    /// `NONE`: whatever the customer owes.
    pub(crate) document: u32,
    /// What has not come of it so far.
    pub(crate) amount: Minor,
    pub(crate) day: i32,
}

/// Whose promise it is: the debtor of the document that it is about, else who made it.
fn debtor(view: &View, fact: &PromiseFact) -> u32 {
    let found = view.store.documents.find(fact.document).and_then(|(piece, row)| piece.account.get(row));
    found.map_or(fact.customer, |account| view.store.account(*account).customer)
}

/// Promises that count and are not closed, and can be kept after the view's day: by day, then id.
pub(crate) fn live_promises(view: &View, banking: &BankingDays, came: &Settled) -> Vec<Promised> {
    let store = &view.store;
    let live = |fact: &&PromiseFact| {
        let counts = view.counted(fact.effective, fact.recorded) && !view.is_closed(fact.id);
        counts && last_day(banking, fact) > view.day().number()
    };
    let mut facts: Vec<&PromiseFact> = store.promises.all().filter(live).collect();
    facts.sort_by(|a, b| {
        a.promised.cmp(&b.promised).then_with(|| store.matter_ids.text(a.id).cmp(store.matter_ids.text(b.id)))
    });
    let told = |fact: &PromiseFact| Promised {
        customer: debtor(view, fact),
        currency: fact.currency,
        document: fact.document,
        amount: fact.amount.saturating_sub(Minor::try_from(came.of(fact)).unwrap_or(fact.amount)),
        day: fact.promised,
    };
    facts.into_iter().map(told).collect()
}

/// The share of a customer's promises that were kept, as if one more had been kept and one more broken: (kept + 1) / (all + 2).
pub(crate) fn kept_share(view: &View, banking: &BankingDays, came: &Settled, customer: u32) -> u64 {
    let (mut kept, mut all) = (1_u64, 2_u64);
    for fact in view.store.promises.of(customer) {
        let over = view.counted(fact.effective, fact.recorded) && is_over(view, banking, fact);
        if over && !is_withdrawn(view, fact) {
            all = all.saturating_add(1);
            kept = kept.saturating_add(u64::from(came.kept(fact)));
        }
    }
    WHOLE.saturating_mul(kept).checked_div(all).unwrap_or(0)
}

/// One that was taken back before its day was neither kept nor broken.
pub(crate) fn is_withdrawn(view: &View, fact: &PromiseFact) -> bool {
    let mut ends = view.store.closings.of(fact.id);
    ends.any(|end| view.counted(end.effective, end.recorded) && end.effective < fact.promised)
}

/// The last day on which a promise can be kept: the promised day, or the next banking day after it.
pub(crate) fn last_day(banking: &BankingDays, fact: &PromiseFact) -> i32 {
    banking.day(banking.place(fact.promised)).max(fact.promised)
}

/// Whether a promise can be kept no more.
fn is_over(view: &View, banking: &BankingDays, fact: &PromiseFact) -> bool {
    last_day(banking, fact) <= view.day().number()
}

/// What came of the promises whose last day is over, by the same rule as key figures have it.
pub(crate) fn came_of_promises(
    view: &View,
    banking: &BankingDays,
    is_withdrawn: impl Fn(&PromiseFact) -> bool,
) -> Settled {
    let is_over = |fact: &PromiseFact| is_over(view, banking, fact) && !is_withdrawn(fact);
    view.serve_promises(|fact| last_day(banking, fact), is_over)
}

/// The same, and of those that can still be kept what came by the view's day.
pub(crate) fn came_so_far(view: &View, banking: &BankingDays) -> Settled {
    let until = |fact: &PromiseFact| last_day(banking, fact).min(view.day().number());
    view.serve_promises(until, |fact| !is_withdrawn(view, fact))
}
