//! Clearing the account: all debits, all that are late, or all that are late of one payment term, when a credit pays just that.

use crate::allocation::filter::at;
use crate::ledger::layers::NONE;
use crate::settlement::clear::{Clearing, Work};
use crate::settlement::desk::Payer;
use crate::settlement::policy::PastDueOn;
use crate::settlement::policy::SettlementStrategy::{self, PastDueBalance, PastDueByTerm, WholeBalance};

pub(super) fn whole(work: &mut Work<'_, '_>, payer: usize) {
    let claims = work.desk.settable();
    clear_all(work, payer, &claims, WholeBalance);
}

pub(super) fn past_due(work: &mut Work<'_, '_>, payer: usize) {
    let claims = late(work, payer);
    clear_all(work, payer, &claims, PastDueBalance);
}

/// Term by term, that of the first late debit first, until one is cleared.
pub(super) fn past_due_by_term(work: &mut Work<'_, '_>, payer: usize) {
    let mut terms: Vec<(u32, Vec<u32>)> = Vec::new();
    let claims = late(work, payer);
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

/// The debits that may stand in a set and were due before the day of the view, or before the credit came.
fn late(work: &Work<'_, '_>, payer: usize) -> Vec<u32> {
    let today = match (work.policy.past_due_on, work.desk.payers.get(payer)) {
        (PastDueOn::PayDay, Some(credit)) => credit.pay_day,
        _ => work.view.day().number(),
    };
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

/// Whether the credit pays just these, less what the other credits of the balance pay of them. They pay first, in their order, and
/// when they cannot give all that they have, or the rest is not what the credit has, nobody pays anything.
fn clear_all(work: &mut Work<'_, '_>, payer: usize, claims: &[u32], strategy: SettlementStrategy) -> bool {
    let others = others(work, payer, strategy);
    if others.is_empty() {
        return clear_rest(work, payer, claims, strategy);
    }
    let (before, first) = (work.desk.clone(), work.made.lines.len());
    for other in &others {
        pay_first(work, *other, claims, strategy);
    }
    if others.iter().all(|other| work.desk.purse(*other) == 0) && clear_rest(work, payer, claims, strategy) {
        for other in others.into_iter().filter_map(|other| work.desk.payers.get(other)).filter(|held| held.in_balances)
        {
            let sums = work.made.before.entry(other.currency).or_default();
            sums.received = sums.received.saturating_add(other.before.into());
        }
        return true;
    }
    work.made.lines.truncate(first);
    let notes = work.desk.payers.get(payer).map(|held| held.notes);
    work.desk = before;
    if let (Some(held), Some(notes)) = (work.desk.payers.get_mut(payer), notes) {
        held.notes = notes;
    }
    false
}

/// The other credits that count in the balance that a credit is compared with: those of its currency; in what is past due, those
/// that are not younger.
fn others(work: &Work<'_, '_>, payer: usize, strategy: SettlementStrategy) -> Vec<usize> {
    let desk = &work.desk;
    let Some(own) = desk.payers.get(payer).filter(|_| !work.policy.balance_credits.is_empty()) else {
        return Vec::new();
    };
    let counts = |(at, other): &(usize, &Payer)| {
        *at != payer
            && other.currency == own.currency
            && work.policy.balance_credits.contains(&other.kind)
            && (strategy == WholeBalance || other.pay_day <= own.pay_day)
            && desk.purse(*at) > 0
            && !desk.is_mixed_payer(*at)
    };
    desk.payers.iter().enumerate().filter(counts).map(|(at, _)| at).collect()
}

/// What another credit of the balance pays: the debits in their order, without a discount.
fn pay_first(work: &mut Work<'_, '_>, other: usize, claims: &[u32], strategy: SettlementStrategy) {
    let currency = work.desk.payers.get(other).map(|held| held.currency);
    for claim in claims {
        if at(&work.desk.claims, *claim).map(|claim| claim.currency) != currency {
            continue;
        }
        let amount = work.desk.purse(other).min(work.desk.room(*claim));
        if amount > 0 {
            work.transfer(other, *claim, amount, None, strategy);
        }
    }
}

/// Whether the credit pays just these, as far as they still take something.
fn clear_rest(work: &mut Work<'_, '_>, payer: usize, claims: &[u32], strategy: SettlementStrategy) -> bool {
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
