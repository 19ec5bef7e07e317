//! By amount: the debit, or the document, that costs exactly what a credit has left; and the only debit that is near enough.

use crate::allocation::filter::at;
use crate::money::Minor;
use crate::settlement::clear::{Clearing, Priced, Work};
use crate::settlement::desk::Claim;
use crate::settlement::made::Ambiguous;
use crate::settlement::policy::Ambiguity;
use crate::settlement::policy::SettlementStrategy::{ExactAmount, NearAmount};

pub(super) fn exact_pass(work: &mut Work<'_, '_>) {
    // By debit, the most that may be taken off its price. Items of one document are looked at together.
    let alone = work.view.items.instalment.is_empty();
    let off: Option<Vec<Minor>> =
        alone.then(|| work.desk.claims.iter().map(|claim| work.quoter.most_off(claim)).collect());
    let mut live: Vec<u32> = Vec::new();
    super::each(work, |work, payer| {
        live.clear();
        match &off {
            Some(off) => live.extend(near_enough(work, payer, off)),
            None => live.extend(work.desk.live()),
        }
        exact(work, payer, &live, alone);
    });
}

/// The debits whose price may be what is left of a credit.
fn near_enough<'a>(work: &'a Work<'_, '_>, payer: usize, off: &'a [Minor]) -> impl Iterator<Item = u32> + 'a {
    let purse = work.desk.purse(payer);
    let currency = work.desk.payers.get(payer).map(|payer| payer.currency);
    let may_be = move |claim: &Claim, off: Minor| {
        Some(claim.currency) != currency || (claim.left >= purse && claim.left.saturating_sub(off) <= purse)
    };
    let held = work.desk.claims.iter().zip(off).zip(0_u32..);
    held.filter(move |((claim, off), _)| claim.left > 0 && may_be(claim, **off)).map(|(_, claim)| claim)
}

/// The first debit with that price; failing that, the first document whose items have it together.
fn exact(work: &mut Work<'_, '_>, payer: usize, live: &[u32], alone: bool) {
    let purse = work.desk.purse(payer);
    let mut all: Vec<(u32, Priced)> = Vec::new();
    for claim in live.iter().copied() {
        let Some(item) = work.priced(payer, claim) else { continue };
        if item.quote.price == purse {
            clear_exactly(work, payer, &[item]);
            return;
        }
        if let Some(held) = at(&work.desk.claims, claim).filter(|_| !alone) {
            all.push((held.document, item));
        }
    }
    // Documents by the place of their first item; only those of several items can be new here.
    for (index, (document, _)) in all.iter().enumerate() {
        if all.iter().take(index).any(|(before, _)| before == document) {
            continue;
        }
        let items: Vec<Priced> = all.iter().filter(|(held, _)| held == document).map(|(_, item)| *item).collect();
        let price: i128 = items.iter().map(|item| i128::from(item.quote.price)).sum();
        if items.len() > 1 && price == i128::from(purse) {
            clear_exactly(work, payer, &items);
            return;
        }
    }
}

fn clear_exactly(work: &mut Work<'_, '_>, payer: usize, items: &[Priced]) {
    if items.iter().any(|item| work.desk.is_mixed(item.claim)) {
        for item in items {
            work.pay(payer, item.claim, ExactAmount);
        }
    } else {
        work.clear(payer, items, &Clearing::Exact, ExactAmount);
    }
}

/// The only debit that the credit alone clears, within what is let go.
pub(super) fn near(work: &mut Work<'_, '_>, payer: usize) {
    let mut found: Vec<(Priced, Clearing)> = Vec::new();
    for claim in work.desk.settable() {
        let Some(item) = work.priced(payer, claim) else { continue };
        if let Some(how) = work.clearing(payer, &[item], NearAmount, true)
            && (!matches!(how, Clearing::Over) || work.over_is_within(payer, &[item], NearAmount))
        {
            found.push((item, how));
        }
    }
    match found.as_slice() {
        [] => {}
        [(item, how), rest @ ..] if rest.is_empty() || work.policy.search.ambiguous == Ambiguity::First => {
            let (first, base) = (work.made.lines.len(), work.desk.purse(payer));
            work.clear(payer, &[*item], how, NearAmount);
            if matches!(how, Clearing::Over) {
                work.close_over(payer, first, base, NearAmount);
            }
        }
        several => {
            let item = |claim: u32| at(&work.desk.claims, claim).map_or(0, |claim| claim.item);
            let choices: Vec<Vec<u32>> = several.iter().take(20).map(|(held, _)| vec![item(held.claim)]).collect();
            let total = u64::try_from(several.len()).unwrap_or(u64::MAX);
            let Some(held) = work.desk.payers.get_mut(payer) else { return };
            held.notes.ambiguous = true;
            work.made.ambiguous.push(Ambiguous { payer: Some(held.item), claim: None, choices, total });
        }
    }
}
