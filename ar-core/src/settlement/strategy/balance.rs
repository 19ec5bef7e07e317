//! Clearing the account: all debits, all that are late, or all that are late of one payment term, when a credit pays just that.

use crate::allocation::filter::at;
use crate::ledger::layers::NONE;
use crate::settlement::clear::{Clearing, Work};
use crate::settlement::policy::SettlementStrategy::{self, PastDueBalance, PastDueByTerm, WholeBalance};

pub(super) fn whole(work: &mut Work<'_, '_>, payer: usize) {
    let claims = work.desk.settable();
    clear_all(work, payer, &claims, WholeBalance);
}

pub(super) fn past_due(work: &mut Work<'_, '_>, payer: usize) {
    let claims = late(work);
    clear_all(work, payer, &claims, PastDueBalance);
}

/// Term by term, that of the first late debit first, until one is cleared.
pub(super) fn past_due_by_term(work: &mut Work<'_, '_>, payer: usize) {
    let mut terms: Vec<(u32, Vec<u32>)> = Vec::new();
    let claims = late(work);
    // What this credit cannot pay, for want of a rate, stands in no order for it.
    let payable: Vec<u32> = work.priced_of(payer, &claims).iter().map(|priced| priced.claim).collect();
    for claim in payable {
        let term = term_of(work, claim);
        match terms.iter_mut().find(|(held, _)| *held == term) {
            Some((_, claims)) => claims.push(claim),
            None => terms.push((term, vec![claim])),
        }
    }
    for (_, claims) in terms {
        if clear_all(work, payer, &claims, PastDueByTerm) {
            return;
        }
    }
}

/// The debits that may stand in a set and were due before the view's day.
fn late(work: &Work<'_, '_>) -> Vec<u32> {
    let today = work.view.day().number();
    let mut claims = work.desk.settable();
    claims.retain(|claim| at(&work.desk.claims, *claim).is_some_and(|claim| claim.due < today));
    claims
}

/// The code of a debit's payment terms; `NONE` when it has none.
fn term_of(work: &Work<'_, '_>, claim: u32) -> u32 {
    at(&work.desk.claims, claim)
        .and_then(|claim| work.view.store.documents.find(claim.document))
        .and_then(|(piece, row)| piece.terms.get(row))
        .copied()
        .unwrap_or(NONE)
}

/// Whether the credit pays just these.
fn clear_all(work: &mut Work<'_, '_>, payer: usize, claims: &[u32], strategy: SettlementStrategy) -> bool {
    let set = work.priced_of(payer, claims);
    let Some(solution) = work.solution(payer, &set, strategy, (false, true)) else {
        work.ask(payer, &set);
        return false;
    };
    let (first, base) = (work.made.lines.len(), work.desk.purse(payer));
    work.clear(payer, &solution.items, &solution.how, strategy);
    if matches!(solution.how, Clearing::Over) {
        work.close_over(payer, first, base, strategy);
    }
    true
}
