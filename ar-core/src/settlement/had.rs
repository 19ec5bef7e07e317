//! What documents had of their limits before a settlement: the history of each is read once, however many payments ask.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::given::{given, given_over, is_tolerance, paid_by};
use super::limit::Way;
use super::policy::{ToleranceFirst, TolerancePolicy};
use super::quote::Quoter;
use crate::money::Minor;

/// What was read of the history of documents.
#[derive(Debug, Default)]
pub(super) struct Had {
    let_go: RefCell<FxHashMap<(u32, Way), Minor>>,
    within: RefCell<FxHashMap<u32, Rc<Within>>>,
    /// By document what residuals left of it.
    left_over: OnceCell<FxHashMap<u32, Vec<u32>>>,
}

/// What the matches of a document let go within their discounts.
#[derive(Debug, Default)]
struct Within {
    sum: Minor,
    /// The allocations of these matches.
    by: FxHashSet<u32>,
}

impl Had {
    pub(super) fn forget(&self) {
        self.let_go.borrow_mut().clear();
        self.within.borrow_mut().clear();
    }
}

impl Quoter<'_> {
    /// A document, and all that is the same claim: what residuals left it of, what they left of that, and so on.
    pub(super) fn claim(&self, document: u32) -> Vec<u32> {
        let below = self.had.left_over.get_or_init(|| {
            let mut below: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
            for moved in self.view.store.residuals.all() {
                if let Some((above, _)) = self.view.moved_from(moved.document) {
                    below.entry(above).or_default().push(moved.document);
                }
            }
            below
        });
        let (mut all, mut at) = (vec![document], 0);
        while let Some(one) = all.get(at).copied().filter(|_| !below.is_empty()) {
            at = at.saturating_add(1);
            let above = self.view.moved_from(one).map(|(above, _)| above);
            for other in above.into_iter().chain(below.get(&one).into_iter().flatten().copied()) {
                if !all.contains(&other) {
                    all.push(other);
                }
            }
        }
        all
    }

    /// What was let go of the claim of a document before, in its currency.
    pub(super) fn let_go_before(&self, way: Way, document: u32, tolerance: &TolerancePolicy) -> Minor {
        if let Some(held) = self.had.let_go.borrow().get(&(document, way)) {
            return *held;
        }
        let of = |one: u32| self.let_go_of(way, one, tolerance);
        let sum = self.claim(document).into_iter().map(of).fold(0, Minor::saturating_add);
        self.had.let_go.borrow_mut().insert((document, way), sum);
        sum
    }

    /// What was let go of a document itself.
    fn let_go_of(&self, way: Way, document: u32, tolerance: &TolerancePolicy) -> Minor {
        let kind = tolerance.kind.into();
        if way == Way::Over {
            return given_over(self.view, document, kind);
        }
        let beside = given(self.view, document, |held| is_tolerance(held, kind));
        let adds = tolerance.first == ToleranceFirst::Discount;
        beside.saturating_add(if adds { self.within(document).sum } else { 0 })
    }

    /// Whether a payment let something go within a discount before.
    pub(super) fn has_let_go_within(&self, payment: u32) -> bool {
        paid_by(self.view, payment).any(|(number, fact)| self.within(fact.debit).by.contains(&number))
    }

    fn within(&self, document: u32) -> Rc<Within> {
        if let Some(held) = self.had.within.borrow().get(&document) {
            return Rc::clone(held);
        }
        let mut read = Within::default();
        for (allocation, amount) in self.let_go_within(document) {
            read.sum = read.sum.saturating_add(amount);
            read.by.insert(allocation);
        }
        let read = Rc::new(read);
        self.had.within.borrow_mut().insert(document, Rc::clone(&read));
        read
    }
}
