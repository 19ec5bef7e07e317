//! Sets of the smallest size that have an amount: items that one credit pays, credits that pay one item.

use crate::allocation::filter::at;
use crate::ledger::layers::place;
use crate::money::Minor;
use crate::settlement::clear::{Priced, Work};
use crate::settlement::made::Ambiguous;
use crate::settlement::policy::Ambiguity;
use crate::settlement::policy::SettlementStrategy::{ManyToOne, Subset};
use crate::settlement::search::{Amounts, Found, smallest_sets};

/// The smallest set of debits that costs exactly what the credit has left, each with one of its discounts or in full.
pub(super) fn subset(work: &mut Work<'_, '_>, payer: usize) {
    let claims = work.desk.settable();
    let all = work.priced_of(payer, &claims);
    let prices: Vec<Amounts> = all.iter().map(|item| amounts(work, payer, item)).collect();
    let choose = |set: &[u32]| -> Vec<Priced> { set.iter().filter_map(|at| all.get(place(*at)).copied()).collect() };
    match smallest_sets(&prices, work.desk.purse(payer), 1, &work.policy.search) {
        Found::Nothing => ask(work, payer, &all),
        Found::Stopped => {
            if let Some(held) = work.desk.payers.get_mut(payer) {
                held.notes.not_searched = true;
            }
        }
        Found::Sets(sets, total) if total == 1 || work.policy.search.ambiguous == Ambiguity::First => {
            if let Some(exact) = sets.first().and_then(|set| work.exactly_found(payer, &choose(set))) {
                work.clear(payer, &exact.items, &exact.how, Subset);
            }
        }
        Found::Sets(sets, total) => {
            let chosen: Vec<Vec<Priced>> = sets.iter().map(|set| choose(set)).collect();
            work.tell_ambiguous(payer, &chosen, total);
        }
    }
}

/// What a debit may cost a credit.
fn amounts(work: &Work<'_, '_>, payer: usize, item: &Priced) -> Amounts {
    if !work.has_several(item) {
        return Amounts::two(item.quote.price, item.in_full().quote.price);
    }
    let prices: Vec<Minor> = work.choices(payer, item).iter().map(|quote| quote.price).collect();
    Amounts::any(&prices)
}

/// Asks about late discounts when a single set would cost what the credit has left with them.
fn ask(work: &mut Work<'_, '_>, payer: usize, all: &[Priced]) {
    if !work.asks_about_late() {
        return;
    }
    let prices: Vec<Amounts> = all.iter().map(|item| Amounts::one(item.as_asked().quote.price)).collect();
    if let Found::Sets(sets, 1) = smallest_sets(&prices, work.desk.purse(payer), 1, &work.policy.search)
        && let Some(set) = sets.first()
    {
        let chosen: Vec<Priced> = set.iter().filter_map(|at| all.get(place(*at)).copied()).collect();
        work.ask(payer, &chosen);
    }
}

/// For each debit the smallest set of credits, of two or more, that has exactly what is left of it.
pub(super) fn many_to_one(work: &mut Work<'_, '_>) {
    for claim in work.desk.settable() {
        let Some(currency) = at(&work.desk.claims, claim).map(|claim| claim.currency) else { return };
        let of_currency = |payer: &usize| work.desk.payers.get(*payer).is_some_and(|payer| payer.currency == currency);
        let payers: Vec<usize> = work.desk.combinable().into_iter().filter(of_currency).collect();
        let purses: Vec<Amounts> = payers.iter().map(|payer| Amounts::one(work.desk.purse(*payer))).collect();
        let choose =
            |set: &[u32]| -> Vec<usize> { set.iter().filter_map(|at| payers.get(place(*at)).copied()).collect() };
        let room = work.desk.room(claim);
        if room == 0 {
            continue;
        }
        match smallest_sets(&purses, room, 2, &work.policy.search) {
            Found::Nothing => {}
            Found::Stopped => {
                for payer in payers {
                    if let Some(held) = work.desk.payers.get_mut(payer) {
                        held.notes.not_searched = true;
                    }
                }
            }
            Found::Sets(sets, total) if total == 1 || work.policy.search.ambiguous == Ambiguity::First => {
                for payer in sets.first().map(|set| choose(set)).unwrap_or_default() {
                    work.transfer(payer, claim, work.desk.purse(payer), None, ManyToOne);
                }
            }
            Found::Sets(sets, total) => {
                let item = |payer: &usize| work.desk.payers.get(*payer).map_or(0, |payer| payer.item);
                let choices = sets.iter().map(|set| choose(set).iter().map(item).collect()).collect();
                let document = at(&work.desk.claims, claim).map(|claim| claim.item);
                work.made.ambiguous.push(Ambiguous { payer: None, claim: document, choices, total });
                for payer in payers {
                    if let Some(held) = work.desk.payers.get_mut(payer) {
                        held.notes.ambiguous = true;
                    }
                }
            }
        }
    }
}
