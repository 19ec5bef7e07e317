//! Which promises are still to be kept, and how often has a customer kept those that are over?

use super::book::Book;
use super::calendar::BankingDays;
use super::curve::WHOLE;
use crate::ledger::View;
use crate::ledger::layers::NONE;
use crate::ledger::store::PromiseFact;
use crate::money::Minor;

/// A promise whose day is to come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Promised {
    pub(crate) customer: u32,
    pub(crate) currency: u32,
    /// `NONE`: whatever the customer owes.
    pub(crate) document: u32,
    pub(crate) amount: Minor,
    pub(crate) day: i32,
}

/// Whose promise it is: the debtor of the document that it is about, else who made it.
fn debtor(view: &View, fact: &PromiseFact) -> u32 {
    let found = view.store.documents.find(fact.document).and_then(|(piece, row)| piece.account.get(row));
    found.map_or(fact.customer, |account| view.store.account(*account).customer)
}

/// Promises that count and are not closed, of a day after the view's: by day, then id.
pub(crate) fn live_promises(view: &View) -> Vec<Promised> {
    let store = &view.store;
    let live = |fact: &&PromiseFact| {
        view.counted(fact.effective, fact.recorded) && !view.is_closed(fact.id) && fact.promised > view.day().number()
    };
    let mut facts: Vec<&PromiseFact> = store.promises.all().filter(live).collect();
    facts.sort_by(|a, b| {
        a.promised.cmp(&b.promised).then_with(|| store.matter_ids.text(a.id).cmp(store.matter_ids.text(b.id)))
    });
    let told = |fact: &PromiseFact| Promised {
        customer: debtor(view, fact),
        currency: fact.currency,
        document: fact.document,
        amount: fact.amount,
        day: fact.promised,
    };
    facts.into_iter().map(told).collect()
}

/// The share of a customer's promises that were kept, as if one more had been kept and one more broken: (kept + 1) / (all + 2).
pub(crate) fn kept_share(view: &View, book: &Book, customer: u32) -> u64 {
    let (mut kept, mut all) = (1_u64, 2_u64);
    for fact in view.store.promises.of(customer) {
        let over = view.counted(fact.effective, fact.recorded) && fact.promised <= view.day().number();
        // One that was taken back before its day was neither kept nor broken.
        let withdrawn = view
            .store
            .closings
            .of(fact.id)
            .any(|closing| view.counted(closing.effective, closing.recorded) && closing.effective < fact.promised);
        if over && !withdrawn {
            all = all.saturating_add(1);
            kept = kept.saturating_add(u64::from(is_kept(view, &book.banking, fact)));
        }
    }
    WHOLE.saturating_mul(kept).checked_div(all).unwrap_or(0)
}

/// Whether what was promised came from the day of the promise to the promised day, or the next banking day after it.
pub(crate) fn is_kept(view: &View, banking: &BankingDays, fact: &PromiseFact) -> bool {
    let last = banking.day(banking.place(fact.promised)).max(fact.promised);
    let within = |day: i32| day >= fact.effective && day <= last;
    let store = &view.store;
    let mut came: i128 = 0;
    if fact.document != NONE {
        for leg in store.legs.of(fact.document) {
            if view.counted(leg.effective, leg.recorded) && within(leg.effective) && leg.allocation != NONE {
                came = came.saturating_add(leg.amount.into());
            }
        }
        return came >= i128::from(fact.amount);
    }
    for held in store.customer_accounts.of(fact.customer) {
        if store.account(held.account).currency != fact.currency {
            continue;
        }
        for piece in store.documents.iter() {
            for row in piece.rows_of(held.account).map(crate::ledger::layers::place) {
                let columns = (piece.kind.get(row), piece.effective.get(row), piece.amount.get(row));
                let (Some(kind), Some(day), Some(amount)) = columns else { continue };
                let recorded = piece.recorded.get(row).copied().unwrap_or(i32::MAX);
                if kind.is_receipt() && view.counted(*day, recorded) && within(*day) {
                    came = came.saturating_add(i128::from(*amount).saturating_abs());
                }
            }
        }
    }
    came >= i128::from(fact.amount)
}
