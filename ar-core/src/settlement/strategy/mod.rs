//! How each strategy finds what a credit pays: those that share an order in `ordered`, the others one file each.

mod amount;
mod balance;
mod best_match;
mod ordered;
mod reference;
mod scored;
mod sets;

use rustc_hash::FxHashMap;

use super::clear::Work;
use super::policy::SettlementStrategy as Strategy;

/// One strategy over all credits of a desk, in credit order.
pub(super) fn pass(strategy: Strategy, work: &mut Work<'_, '_>, listed: &FxHashMap<u32, u32>) {
    match strategy {
        Strategy::OldestDue
        | Strategy::NewestDue
        | Strategy::OldestDocument
        | Strategy::NewestDocument
        | Strategy::LargestFirst
        | Strategy::UserOrder => ordered::pass(strategy, work, listed),
        Strategy::Reference => reference::pass(work),
        Strategy::ExactAmount => amount::exact_pass(work),
        Strategy::NearAmount => each(work, amount::near),
        Strategy::WholeBalance => each(work, balance::whole),
        Strategy::PastDueBalance => each(work, balance::past_due),
        Strategy::PastDueByTerm => each(work, balance::past_due_by_term),
        Strategy::Subset => each(work, sets::subset),
        Strategy::ManyToOne => sets::many_to_one(work),
        Strategy::Scored => scored::pass(work),
        Strategy::BestMatch => best_match::pass(work),
    }
}

/// Every credit that has something left to pay with, one after the other.
fn each(work: &mut Work<'_, '_>, mut one: impl FnMut(&mut Work<'_, '_>, usize)) {
    for payer in 0..work.desk.payers.len() {
        if work.desk.own_purse(payer) > 0 {
            one(work, payer);
        }
    }
}
