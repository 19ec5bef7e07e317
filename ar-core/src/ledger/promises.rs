//! Was a promise kept? One rule for whoever asks: events of dunning, alerts of credit, key figures.

use super::View;
use super::layers::{NONE, place};
use super::store::{Leg, PromiseFact};

impl View {
    /// What came of a promise from its effective day to another, both inclusive, at least nothing and at most its amount: what
    /// settled its document, or without one the debits of its customer in its currency, and cash of these days that nobody had
    /// matched by the last of them.
    pub(crate) fn settled_of(&self, promise: &PromiseFact, until: i32) -> i128 {
        let store = &self.store;
        let of_document = promise.document != NONE;
        let found = store.documents.find(promise.document).and_then(|(piece, row)| piece.account.get(row).copied());
        let about = store.account(found.unwrap_or(NONE));
        let (customer, currency) =
            if of_document { (about.customer, about.currency) } else { (promise.customer, promise.currency) };
        let mut settled =
            if of_document { self.settled_between(promise.document, promise.effective, until) } else { 0 };
        let whole = i128::from(promise.amount);
        for held in store.customer_accounts.of(customer) {
            let account = store.account(held.account);
            let is_other = account.currency != currency || (of_document && account.company != about.company);
            if is_other || (of_document && settled >= whole) {
                continue;
            }
            for piece in store.documents.iter() {
                for row in piece.rows_of(held.account) {
                    let (at, document) = (place(row), piece.start.wrapping_add(row));
                    let part = match (piece.amount.get(at), piece.kind.get(at), piece.effective.get(at)) {
                        (Some(amount), ..) if *amount > 0 && !of_document => {
                            self.settled_between(document, promise.effective, until)
                        }
                        (Some(amount), Some(kind), Some(day))
                            if *amount < 0 && kind.is_receipt() && (promise.effective..=until).contains(day) =>
                        {
                            self.unmatched(document, until)
                        }
                        _ => 0,
                    };
                    settled = settled.wrapping_add(part);
                }
            }
        }
        settled.clamp(0, whole)
    }

    /// Whether a promise was not kept up to a day, and something that was owed then is still open.
    pub(crate) fn is_broken(&self, promise: &PromiseFact, until: i32, mut open: impl Iterator<Item = u32>) -> bool {
        let was_owed = |document: u32| {
            let found = self.store.documents.find(document).and_then(|(piece, row)| piece.effective.get(row));
            found.is_some_and(|day| *day <= until)
        };
        open.any(was_owed) && self.settled_of(promise, until) < promise.amount.into()
    }

    /// What was settled of a document from one day to another, both inclusive.
    fn settled_between(&self, document: u32, from: i32, to: i32) -> i128 {
        let counted = |leg: &Leg| {
            leg.allocation != NONE && self.counted(leg.effective, leg.recorded) && (from..=to).contains(&leg.effective)
        };
        let legs = self.store.legs.of(document).filter(counted);
        legs.fold(0, |sum: i128, leg| sum.wrapping_add(leg.amount.into()))
    }

    /// What is left of a receipt at the end of a day, above zero.
    fn unmatched(&self, document: u32, day: i32) -> i128 {
        let Some((piece, row)) = self.store.documents.find(document) else { return 0 };
        let known = piece.effective.get(row).zip(piece.recorded.get(row));
        let (Some(amount), true) = (piece.amount.get(row), known.is_some_and(|(on, known)| self.counted(*on, *known)))
        else {
            return 0;
        };
        let counted = |leg: &Leg| self.counted(leg.effective, leg.recorded) && leg.effective <= day;
        let taken = self.store.legs.of(document).filter(counted);
        let taken = taken.fold(0, |sum: i128, leg| sum.wrapping_add(leg.amount.into()));
        i128::from(*amount).wrapping_neg().wrapping_sub(taken).max(0)
    }
}
