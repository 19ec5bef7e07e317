//! Strategies that only order debits: oldest or newest due, oldest or newest document, largest first, the user's order.
//! A credit takes one after the other until it is used up.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use crate::allocation::filter::at;
use crate::money::Minor;
use crate::settlement::clear::Work;
use crate::settlement::desk::Claim;
use crate::settlement::policy::{SettlementStrategy as Strategy, ShortPayment};

pub(super) fn pass(strategy: Strategy, work: &mut Work<'_, '_>, listed: &FxHashMap<u32, u32>) {
    if strategy == Strategy::LargestFirst {
        super::each(work, |work, payer| {
            // What is left changes with every line: the order is that of the credit's turn.
            let order = largest_first(work, payer);
            spend(work, payer, &order, strategy);
        });
        return;
    }
    let order = order(strategy, work, listed);
    // Debits that have nothing left are passed once.
    let mut from = 0_usize;
    for payer in 0..work.desk.payers.len() {
        while order.get(from).is_some_and(|claim| work.desk.room(*claim) == 0) {
            from = from.saturating_add(1);
        }
        spend(work, payer, order.get(from..).unwrap_or_default(), strategy);
    }
}

fn spend(work: &mut Work<'_, '_>, payer: usize, order: &[u32], strategy: Strategy) {
    for claim in order {
        let purse = work.desk.purse(payer);
        if purse == 0 {
            return;
        }
        work.pay(payer, *claim, strategy);
        debug_assert!(work.policy.partial == ShortPayment::Refused || work.desk.purse(payer) <= purse);
    }
}

fn order(strategy: Strategy, work: &Work<'_, '_>, listed: &FxHashMap<u32, u32>) -> Vec<u32> {
    let (desk, view) = (&work.desk, work.view);
    let date = |claim: &Claim| {
        let found = view.store.documents.find(claim.document);
        found.and_then(|(piece, row)| piece.document_date.get(row)).copied().unwrap_or(0)
    };
    match strategy {
        Strategy::NewestDue => desk.newest_due(view),
        Strategy::OldestDocument => desk.by_key(view, date),
        Strategy::NewestDocument => desk.by_key(view, |claim| Reverse(date(claim))),
        Strategy::UserOrder => {
            let rank = |claim: &u32| at(&desk.claims, *claim).and_then(|claim| listed.get(&claim.document)).copied();
            let mut order: Vec<(u32, (i32, u32), u32)> = desk
                .live()
                .filter_map(|claim| {
                    let held = at(&desk.claims, claim)?;
                    Some((
                        rank(&claim)?,
                        (held.due, view.items.instalment(crate::ledger::layers::place(held.item))),
                        claim,
                    ))
                })
                .collect();
            order.sort_unstable();
            order.into_iter().map(|(.., claim)| claim).collect()
        }
        _ => desk.live().collect(),
    }
}

/// By what is left in the credit's currency, largest first, then due order.
fn largest_first(work: &mut Work<'_, '_>, payer: usize) -> Vec<u32> {
    let claims = work.live();
    let priced = work.priced_of(payer, &claims);
    let class = |claim: u32| at(&work.desk.claims, claim).map_or(0, |claim| claim.class);
    let mut order: Vec<(u32, Reverse<Minor>, u32)> =
        priced.iter().map(|item| (class(item.claim), Reverse(item.quote.left_there), item.claim)).collect();
    order.sort_unstable();
    order.into_iter().map(|(.., claim)| claim).collect()
}
