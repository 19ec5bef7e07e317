//! What is left of items that were paid in part, when all credits of a desk are done.

use rustc_hash::FxHashMap;

use super::clear::Work;
use super::desk::Desk;
use super::made::Line;
use super::policy::{SettlementPolicy, ShortPayment};
use crate::allocation::filter::at;
use crate::ledger::View;

impl Work<'_, '_> {
    /// Where the policy says so, what is left of items that were paid in part becomes residuals.
    pub(super) fn leave_residuals(&mut self) {
        let lines = self.made.lines.get_mut(self.begin..).unwrap_or_default();
        self.desk.leave_residuals(self.view, self.policy, lines);
    }
}

impl Desk {
    /// All that an item has left is a residual beside its last line.
    ///
    /// Not of a document with items of both signs, nor of one that is known to be cancelled later: it could not be cancelled
    /// while the rest is owed elsewhere.
    pub(super) fn leave_residuals(&mut self, view: &View, policy: &SettlementPolicy, lines: &mut [Line]) {
        if policy.partial != ShortPayment::Residual {
            return;
        }
        let mut claims: FxHashMap<u32, u32> = self.claims.iter().map(|claim| claim.item).zip(0..).collect();
        for line in lines.iter_mut().rev() {
            let Some(claim) = claims.remove(&line.claim) else { continue };
            let Some((document, left)) = at(&self.claims, claim).map(|held| (held.document, held.left)) else {
                continue;
            };
            let mut ends = view.store.cancellations.of(document);
            if left <= 0 || self.is_mixed(claim) || ends.any(|end| end.recorded <= view.known_on) {
                continue;
            }
            line.residual = left;
            self.take_from_claim(claim, left, 0);
        }
    }
}
