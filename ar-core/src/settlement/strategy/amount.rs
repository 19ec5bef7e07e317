//! By amount: the debit, or the document, that costs exactly what a credit has left, with its discount or in full; and the
//! only debit that is near enough.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::allocation::filter::at;
use crate::money::Minor;
use crate::settlement::clear::{Clearing, Priced, Work};
use crate::settlement::desk::Claim;
use crate::settlement::forgo::Solution;
use crate::settlement::policy::Ambiguity;
use crate::settlement::policy::SettlementStrategy::{ExactAmount, NearAmount};

pub(super) fn exact_pass(work: &mut Work<'_, '_>) {
    let mut prices = Prices::new(work);
    super::each(work, |work, payer| {
        let found = prices.found(work, payer, Prices::alone).or_else(|| prices.found(work, payer, Prices::together));
        match found {
            Some(Found::Items(items)) => {
                clear_exactly(work, payer, &items);
                prices.changed(work, &items);
            }
            Some(Found::Several(choices)) => work.tell_ambiguous(payer, &choices, 2),
            None => {
                let late = prices.alone(work, payer, Way::Asked);
                if let Some(items) = late.or_else(|| prices.together(work, payer, Way::Asked)) {
                    work.ask(payer, &items);
                }
            }
        }
    });
}

/// What a credit may pay an item with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Its price less its discount.
    Discounted,
    /// All that is left of it.
    InFull,
    /// Its price less the late discount that is asked about.
    Asked,
}

impl Way {
    /// The items with what they cost this way; none when this is no way of its own.
    fn of(self, items: Vec<Priced>) -> Option<(Vec<Priced>, i128)> {
        let is_one = match self {
            Self::Discounted => items.iter().any(|item| item.quote.discount > 0),
            Self::InFull => items.iter().all(|item| !item.quote.kept),
            Self::Asked => items.iter().any(|item| item.quote.more() > 0),
        };
        let paid = |item: Priced| match self {
            Self::Discounted | Self::Asked => item,
            Self::InFull => item.in_full(),
        };
        let price = |item: &Priced| i128::from(if self == Self::Asked { item.as_asked() } else { *item }.quote.price);
        let items: Vec<Priced> = items.into_iter().map(paid).collect();
        let sum = items.iter().map(price).sum();
        (is_one && !items.is_empty()).then_some((items, sum))
    }
}

enum Found {
    Items(Vec<Priced>),
    /// One less its discount, another in full.
    Several([Vec<Priced>; 2]),
}

/// Debits, and documents of several debits, by what they may cost in their own currency, so that a credit looks at no others.
///
/// What a debit costs depends on the pay day, but it is one of a few prices: what it has left, less one of its discounts or none.
/// Debits of documents with items of both signs, and for a credit those in another currency, are looked at one by one.
struct Prices {
    /// (what is left, debit), and (what is left less a discount, debit).
    in_full: BTreeSet<(Minor, u32)>,
    discounted: BTreeSet<(Minor, u32)>,
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
        let (mut in_full, mut discounted) = (Vec::with_capacity(work.desk.claims.len()), Vec::new());
        let (mut mixed, mut off) = (Vec::new(), Vec::new());
        let (desk, quoter) = (&work.desk, &mut *work.quoter);
        for number in desk.live() {
            let Some(claim) = at(&desk.claims, number) else { continue };
            if desk.is_mixed(number) {
                mixed.push(number);
                continue;
            }
            in_full.push((claim.left, number));
            quoter.discounts(claim, &mut off);
            let less = off.iter().filter(|off| **off > 0);
            discounted.extend(less.map(|off| (claim.left.saturating_sub(*off), number)));
        }
        let first = desk.claims.first().map(|claim| claim.currency);
        let of_one_currency = desk.claims.iter().all(|claim| Some(claim.currency) == first)
            && desk.payers.iter().all(|payer| Some(payer.currency) == first);
        let (in_full, discounted) = (in_full.into_iter().collect(), discounted.into_iter().collect());
        let (documents, several) = (BTreeSet::new(), several(work));
        let mut prices = Self { in_full, discounted, documents, several, mixed, of_one_currency };
        let documents: Vec<u32> = prices.documents_in_order();
        for document in documents {
            prices.sum_up(work, document);
        }
        prices
    }

    /// What a credit pays: one less its discount, else one in full. Both, of two, are ambiguous.
    fn found(
        &self,
        work: &mut Work<'_, '_>,
        payer: usize,
        find: impl Fn(&Self, &mut Work<'_, '_>, usize, Way) -> Option<Vec<Priced>>,
    ) -> Option<Found> {
        let discounted = find(self, work, payer, Way::Discounted);
        let in_full = find(self, work, payer, Way::InFull);
        match (discounted, in_full) {
            (Some(less), Some(full)) if !same(&less, &full) && work.policy.search.ambiguous == Ambiguity::Refused => {
                Some(Found::Several([less, full]))
            }
            (less, full) => less.or(full).map(Found::Items),
        }
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

    /// The first debit that costs what a credit has left.
    fn alone(&self, work: &mut Work<'_, '_>, payer: usize, way: Way) -> Option<Vec<Priced>> {
        let purse = work.desk.purse(payer);
        let prices = if way == Way::InFull { &self.in_full } else { &self.discounted };
        let equal = prices.range((purse, 0)..=(purse, u32::MAX)).map(|(_, claim)| *claim);
        let fits = |work: &mut Work<'_, '_>, claim: u32| {
            let (items, price) = way.of(vec![work.priced(payer, claim)?])?;
            (price == i128::from(purse)).then_some((claim, items))
        };
        let mut found = equal.filter_map(|claim| fits(work, claim)).next();
        for claim in self.looked_at(work, payer) {
            if found.as_ref().is_some_and(|(first, _)| *first < claim) {
                break;
            }
            if let Some(item) = fits(work, claim) {
                found = Some(item);
                break;
            }
        }
        found.map(|(_, items)| items)
    }

    /// The first document whose debits cost it together.
    fn together(&self, work: &mut Work<'_, '_>, payer: usize, way: Way) -> Option<Vec<Priced>> {
        if self.several.is_empty() {
            return None;
        }
        let purse = i128::from(work.desk.purse(payer));
        let fits = |work: &mut Work<'_, '_>, document: u32| {
            let (items, price) = way.of(work.priced_of(payer, &self.several.get(&document)?.debits))?;
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
            self.in_full.remove(&(before.left, item.claim));
            work.quoter.discounts(&before, &mut off);
            for off in &off {
                self.discounted.remove(&(before.left.saturating_sub(*off), item.claim));
            }
            self.sum_up(work, before.document);
        }
    }
}

fn same(these: &[Priced], those: &[Priced]) -> bool {
    these.iter().map(|item| item.claim).eq(those.iter().map(|item| item.claim))
}

/// The debits of each document that has several.
fn several(work: &Work<'_, '_>) -> FxHashMap<u32, Several> {
    let all = work.desk.siblings();
    all.iter().map(|(document, debits)| (*document, Several { debits: debits.clone(), sums: Vec::new() })).collect()
}

fn clear_exactly(work: &mut Work<'_, '_>, payer: usize, items: &[Priced]) {
    if items.iter().any(|item| work.desk.is_mixed(item.claim)) {
        for item in items {
            if let Some(item) = work.priced(payer, item.claim) {
                work.pay(payer, item, ExactAmount);
            }
        }
    } else {
        work.clear(payer, items, &Clearing::Exact, ExactAmount);
    }
}

/// The only debit that the credit alone clears, within what is let go.
pub(super) fn near(work: &mut Work<'_, '_>, payer: usize) {
    let mut found: Vec<Solution> = Vec::new();
    let mut late: Vec<Priced> = Vec::new();
    for claim in work.desk.settable() {
        let Some(item) = work.priced(payer, claim) else { continue };
        if let Some(solution) = work.solution(payer, &[item], NearAmount, (true, true)) {
            found.push(solution);
        } else if item.quote.more() > 0 && work.is_cleared_as_asked(payer, item, NearAmount) {
            late.push(item);
        }
    }
    match found.as_slice() {
        [] => work.ask_each(payer, &late),
        [solution, rest @ ..] if rest.is_empty() || work.policy.search.ambiguous == Ambiguity::First => {
            let (first, base) = (work.made.lines.len(), work.desk.purse(payer));
            work.clear(payer, &solution.items, &solution.how, NearAmount);
            if matches!(solution.how, Clearing::Over) {
                work.close_over(payer, first, base, NearAmount);
            }
        }
        several => {
            let choices: Vec<Vec<Priced>> = several.iter().take(20).map(|held| held.items.clone()).collect();
            work.tell_ambiguous(payer, &choices, u64::try_from(several.len()).unwrap_or(u64::MAX));
        }
    }
}
