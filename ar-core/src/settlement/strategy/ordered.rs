//! Strategies that only order debits: oldest or newest due, oldest or newest document, largest first, the user's order.
//! A credit takes one after the other until it is used up. The orders are those of proposals (`allocation/strategy/`).

use rustc_hash::FxHashMap;

use crate::allocation::filter::at;
use crate::allocation::strategy::{
    largest_first, newest_document, newest_due, oldest_document, oldest_due, user_order,
};
use crate::settlement::clear::Work;
use crate::settlement::policy::SettlementStrategy as Strategy;

pub(super) fn pass(strategy: Strategy, work: &mut Work<'_, '_>, listed: &FxHashMap<u32, u32>) {
    if strategy == Strategy::LargestFirst {
        super::each(work, |work, payer| {
            // What is left changes with every line: the order is that of the credit's turn.
            let order = by_what_is_left(work, payer);
            work.spend(payer, &order, strategy);
        });
        return;
    }
    let order = order(strategy, work, listed);
    // Debits that have nothing left are passed once.
    let mut from = 0_usize;
    for payer in 0..work.desk.payers.len() {
        if work.desk.own_purse(payer) == 0 {
            continue;
        }
        while order.get(from).is_some_and(|claim| work.desk.room(*claim) == 0) {
            from = from.saturating_add(1);
        }
        work.spend(payer, order.get(from..).unwrap_or_default(), strategy);
    }
}

fn order(strategy: Strategy, work: &Work<'_, '_>, listed: &FxHashMap<u32, u32>) -> Vec<u32> {
    let (debits, view) = (work.desk.debits(), work.view);
    match strategy {
        Strategy::NewestDue => newest_due::order(view, debits),
        Strategy::OldestDocument => oldest_document::order(view, debits),
        Strategy::NewestDocument => newest_document::order(view, debits),
        Strategy::UserOrder => user_order::order(view, debits, listed),
        _ => oldest_due::order(debits),
    }
}

/// By what is left in the credit's currency, largest first, then due order.
fn by_what_is_left(work: &mut Work<'_, '_>, payer: usize) -> Vec<u32> {
    let claims = work.live();
    let priced = work.priced_of(payer, &claims);
    let class = |claim: u32| at(&work.desk.claims, claim).map_or(0, |claim| claim.class);
    let mut order: Vec<largest_first::Key> =
        priced.iter().map(|item| largest_first::key(class(item.claim), item.quote.left_there, item.claim)).collect();
    order.sort_unstable();
    order.into_iter().map(|(.., claim)| claim).collect()
}
