//! By amount: the debit, or the document, that costs exactly what a credit has left; and the only debit that is near enough.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::allocation::filter::at;
use crate::money::Minor;
use crate::settlement::clear::{Clearing, Priced, Work};
use crate::settlement::desk::Claim;
use crate::settlement::made::Ambiguous;
use crate::settlement::policy::Ambiguity;
use crate::settlement::policy::SettlementStrategy::{ExactAmount, NearAmount};

pub(super) fn exact_pass(work: &mut Work<'_, '_>) {
    let mut prices = Prices::new(work);
    super::each(work, |work, payer| {
        let Some(items) = prices.alone(work, payer).or_else(|| prices.together(work, payer)) else { return };
        clear_exactly(work, payer, &items);
        prices.changed(work, &items);
    });
}

/// Debits, and documents of several debits, by what they may cost in their own currency, so that a credit looks at no others.
///
/// What a debit costs depends on the pay day, but it is one of a few prices: what it has left, less one of its discounts or none.
/// Debits of documents with items of both signs, and for a credit those in another currency, are looked at one by one.
struct Prices {
    /// (price, debit).
    debits: BTreeSet<(Minor, u32)>,
    /// (sum, first debit, document).
    documents: BTreeSet<(i128, u32, u32)>,
    /// The debits of each document that has several, and its sums.
    several: FxHashMap<u32, Several>,
    mixed: Vec<u32>,
    of_one_currency: bool,
}

#[derive(Default)]
struct Several {
    debits: Vec<u32>,
    sums: Vec<(i128, u32)>,
}

impl Prices {
    fn new(work: &mut Work<'_, '_>) -> Self {
        let mut debits = Vec::with_capacity(work.desk.claims.len());
        let (mut mixed, mut off) = (Vec::new(), Vec::new());
        let (desk, quoter) = (&work.desk, &mut *work.quoter);
        for number in desk.live() {
            let Some(claim) = at(&desk.claims, number) else { continue };
            if desk.is_mixed(number) {
                mixed.push(number);
                continue;
            }
            debits.push((claim.left, number));
            quoter.discounts(claim, &mut off);
            debits.extend(off.iter().map(|off| (claim.left.saturating_sub(*off), number)));
        }
        let first = desk.claims.first().map(|claim| claim.currency);
        let of_one_currency = desk.claims.iter().all(|claim| Some(claim.currency) == first)
            && desk.payers.iter().all(|payer| Some(payer.currency) == first);
        let debits = debits.into_iter().collect();
        let mut prices = Self { debits, documents: BTreeSet::new(), several: several(work), mixed, of_one_currency };
        let documents: Vec<u32> = prices.documents_in_order();
        for document in documents {
            prices.sum_up(work, document);
        }
        prices
    }

    fn documents_in_order(&self) -> Vec<u32> {
        let mut documents: Vec<u32> = self.several.keys().copied().collect();
        documents.sort_unstable();
        documents
    }

    /// What the debits of a document may cost together: all they have left, less one discount of the document or none.
    fn sum_up(&mut self, work: &mut Work<'_, '_>, document: u32) {
        let Some(several) = self.several.get_mut(&document) else { return };
        for (sum, first) in several.sums.drain(..) {
            self.documents.remove(&(sum, first, document));
        }
        let (desk, quoter) = (&work.desk, &mut *work.quoter);
        let (mut first, mut count, mut left) = (None, 0_usize, 0_i128);
        let (mut off, mut taken): (Vec<Minor>, Vec<i128>) = (Vec::new(), Vec::new());
        for number in several.debits.iter().copied().filter(|number| desk.room(*number) > 0) {
            let Some(claim) = at(&desk.claims, number) else { continue };
            first = first.or(Some(number));
            count = count.saturating_add(1);
            left = left.saturating_add(claim.left.into());
            quoter.discounts(claim, &mut off);
            taken.resize(off.len().max(taken.len()), 0);
            for (sum, off) in taken.iter_mut().zip(&off) {
                *sum = sum.saturating_add((*off).into());
            }
        }
        let Some(first) = first.filter(|_| count > 1) else { return };
        taken.push(0);
        several.sums = taken.into_iter().map(|taken| (left.saturating_sub(taken), first)).collect();
        self.documents.extend(several.sums.iter().map(|(sum, first)| (*sum, *first, document)));
    }

    /// The first debit with the price that a credit has left.
    fn alone(&self, work: &mut Work<'_, '_>, payer: usize) -> Option<Vec<Priced>> {
        let purse = work.desk.purse(payer);
        let equal = self.debits.range((purse, 0)..=(purse, u32::MAX));
        let mut fits = |claim: u32| work.priced(payer, claim).filter(|item| item.quote.price == purse);
        let mut found = equal.filter_map(|(_, claim)| fits(*claim)).next();
        for claim in self.looked_at(work, payer) {
            if found.is_some_and(|found| found.claim < claim) {
                break;
            }
            if let Some(item) = work.priced(payer, claim).filter(|item| item.quote.price == purse) {
                found = Some(item);
                break;
            }
        }
        found.map(|item| vec![item])
    }

    /// The first document whose debits have it together.
    fn together(&self, work: &mut Work<'_, '_>, payer: usize) -> Option<Vec<Priced>> {
        if self.several.is_empty() {
            return None;
        }
        let purse = i128::from(work.desk.purse(payer));
        let fits = |work: &mut Work<'_, '_>, document: u32| {
            let items = work.priced_of(payer, &self.several.get(&document)?.debits);
            let price: i128 = items.iter().map(|item| i128::from(item.quote.price)).sum();
            (items.len() > 1 && price == purse).then_some(items)
        };
        let equal = self.documents.range((purse, 0, 0)..=(purse, u32::MAX, u32::MAX));
        let mut found = equal.filter_map(|(_, first, document)| Some((*first, fits(work, *document)?))).next();
        let mut seen = FxHashSet::default();
        for claim in self.looked_at(work, payer) {
            let Some(document) = at(&work.desk.claims, claim).map(|claim| claim.document) else { continue };
            if !seen.insert(document) || !self.several.contains_key(&document) {
                continue;
            }
            // Documents stand by the first of their debits that is a candidate.
            if let Some(items) = fits(work, document)
                && let Some(first) = items.first().map(|item| item.claim)
                && found.as_ref().is_none_or(|(before, _)| first < *before)
            {
                found = Some((first, items));
            }
        }
        found.map(|(_, items)| items)
    }

    /// The debits that are looked at one by one for a credit, in their order.
    fn looked_at(&self, work: &Work<'_, '_>, payer: usize) -> Vec<u32> {
        if self.of_one_currency {
            return self.mixed.clone();
        }
        let currency = work.desk.payers.get(payer).map(|payer| payer.currency);
        let is_one = |claim: &u32| {
            work.desk.is_mixed(*claim) || at(&work.desk.claims, *claim).map(|claim| claim.currency) != currency
        };
        work.desk.live().filter(is_one).collect()
    }

    /// Some debits have been paid.
    fn changed(&mut self, work: &mut Work<'_, '_>, items: &[Priced]) {
        let mut off = Vec::new();
        for item in items {
            let Some(claim) = at(&work.desk.claims, item.claim) else { continue };
            let before = Claim { left: item.quote.left, ..claim.clone() };
            self.debits.remove(&(before.left, item.claim));
            work.quoter.discounts(&before, &mut off);
            for off in &off {
                self.debits.remove(&(before.left.saturating_sub(*off), item.claim));
            }
            self.sum_up(work, before.document);
        }
    }
}

/// The debits of each document that has several.
fn several(work: &Work<'_, '_>) -> FxHashMap<u32, Several> {
    let mut several: FxHashMap<u32, Several> = FxHashMap::default();
    if work.view.items.instalment.is_empty() {
        return several;
    }
    let claims = work.desk.live().filter_map(|number| Some((at(&work.desk.claims, number)?.document, number)));
    let mut by_document: Vec<(u32, u32)> = claims.collect();
    by_document.sort_unstable();
    for run in by_document.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let Some((document, _)) = run.first() else { continue };
        let debits = run.iter().map(|(_, number)| *number).collect();
        several.insert(*document, Several { debits, sums: Vec::new() });
    }
    several
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
