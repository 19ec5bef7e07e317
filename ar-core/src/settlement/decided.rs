//! What somebody said about discounts: of a document as a whole, or of one item.

use rustc_hash::FxHashMap;

use super::desk::Claim;
use super::policy::{DiscountPolicy, LateDiscount};
use crate::allocation::filter::at;
use crate::ledger::View;

/// What was said about the discounts of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Late ones are taken.
    Accepted,
    /// Late ones are not; those in time stay.
    LateRefused,
    /// None is taken: nothing of them was late.
    Refused,
}

/// What was said about a document holds for all its items, wherever a discount of them arises; what was said of an item goes before it.
#[derive(Debug, Clone, Default)]
pub(super) struct Decided {
    documents: FxHashMap<u32, Said>,
    items: FxHashMap<u32, Said>,
}

impl Said {
    /// Whether something was late when it was said, which it took or refused.
    pub(super) fn is_about_late(self) -> bool {
        matches!(self, Self::Accepted | Self::LateRefused)
    }
}

impl Decided {
    pub(super) fn of(&self, claim: &Claim) -> Option<Said> {
        self.of_item(claim.item, claim.document)
    }

    pub(super) fn of_item(&self, item: u32, document: u32) -> Option<Said> {
        self.items.get(&item).or_else(|| self.documents.get(&document)).copied()
    }

    pub(super) fn say_of_item(&mut self, item: u32, said: Said) {
        self.items.insert(item, said);
    }

    /// What was said of its items before is said anew.
    pub(super) fn say_of_document(&mut self, view: &View, document: u32, said: Said) {
        self.items.retain(|item, _| at(&view.items.document, *item) != Some(&document));
        self.documents.insert(document, said);
    }
}

/// Whether late discounts count, as the policy has it and as somebody said.
pub(super) fn takes_late(policy: &DiscountPolicy, said: Option<Said>) -> bool {
    said.map_or(policy.late == LateDiscount::Accepted, |said| said == Said::Accepted)
}
