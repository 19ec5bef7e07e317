//! What an item costs a credit: what is left of it less the discount that the pay day earns, in the credit's currency.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::anew::is_cut_anew;
use super::carried::{Part, Slot, key_of, matches};
use super::dearest::{Goal, Score};
use super::decided::{Decided, Said, takes_late};
use super::desk::{Claim, Payer};
use super::given::{has_discounts, kind_of, pay_day};
use super::had::Had;
use super::policy::{DiscountOf, DiscountPolicy, LateDiscount, SettlementPolicy};
use super::tiers::{Moved, Offered, Terms, Tier, valid};
use super::within::{Granted, granted};
use crate::ledger::View;
use crate::ledger::known::Known;
use crate::ledger::layers::{NONE, place};
use crate::ledger::schedule;
use crate::ledger::store::{InstalmentFact, NO_BASE};
use crate::money::{Minor, Ratio, Rounding, multiply_divide, split};

/// The price of an item for a credit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quote {
    /// What the item has left, and its discount, in its currency.
    pub left: Minor,
    pub discount: Minor,
    pub tier: Option<Tier>,
    /// What the discount would be if tiers that are only asked about counted, and were the best.
    pub asked: Minor,
    /// In the credit's currency: the price, what the item has left, and the price if the late discount were granted.
    pub price: Minor,
    pub left_there: Minor,
    pub asked_price: Minor,
    /// Whether the two currencies differ.
    pub crossed: bool,
    /// Whether its discount is late and somebody accepted that: it is not given up.
    pub kept: bool,
}

impl Quote {
    /// So much, without discount, in its own currency.
    pub(super) fn whole(left: Minor) -> Self {
        let (discount, tier, asked) = (0, None, 0);
        let (price, left_there, asked_price) = (left, left, left);
        Self { left, discount, tier, asked, price, left_there, asked_price, crossed: false, kept: false }
    }

    /// The price in the item's own currency.
    pub(super) fn own(&self) -> Minor {
        self.left.saturating_sub(self.discount)
    }

    /// What the discount is worth, in the credit's currency.
    fn off(&self) -> Minor {
        self.left_there.saturating_sub(self.price)
    }

    /// What giving it up costs; nothing where it is kept.
    pub(super) fn may_give_up(&self) -> Minor {
        if self.kept { 0 } else { self.off() }
    }

    /// Whether its discount is late.
    pub(super) fn is_late(&self) -> bool {
        self.discount > 0 && self.tier.is_some_and(|tier| tier.late)
    }

    /// How good it is as a part of a way to pay.
    pub(super) fn score(&self, goal: Goal) -> Score {
        let late = if self.is_late() { (1, self.off().into()) } else { (0, 0) };
        Score::of(self.price.into(), late, goal)
    }

    /// The item paid in full, its discount given up. One without a discount stays what it is, and so does one that keeps it.
    pub(super) fn in_full(self) -> Self {
        if self.discount == 0 || self.kept {
            return self;
        }
        Self { discount: 0, tier: None, asked: 0, price: self.left_there, asked_price: self.left_there, ..self }
    }

    /// The item as if the late discount were granted that is asked about.
    pub(super) fn as_asked(self) -> Self {
        if self.asked <= self.discount { self } else { Self { price: self.asked_price, ..self } }
    }

    /// How much more the late discount is worth that is asked about.
    pub(super) fn more(&self) -> Minor {
        self.asked.saturating_sub(self.discount).max(0)
    }
}

/// Which of several discounts is taken: one that was taken to the minor unit (in time first), the largest, in time, the later.
type Rank = (bool, bool, Minor, bool, i32);

/// Units and digits of a rate to the base currency.
type Rate = Option<(i128, u8)>;

/// Which of several discounts an item has: the largest, or first that with which its credit pays it to the minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Largest,
    AsPaid,
}

pub(super) struct Quoter<'a> {
    pub view: &'a View,
    policy: &'a SettlementPolicy,
    /// By document, a bit: whether rows offer a discount on it. Empty where none is taken.
    offered: Vec<u64>,
    terms: FxHashMap<u32, Rc<Terms>>,
    decided: Decided,
    rates: RefCell<FxHashMap<(u32, u32, i32), Rate>>,
    pub had: Had,
}

impl<'a> Quoter<'a> {
    pub(super) fn new(view: &'a View, policy: &'a SettlementPolicy, decided: Decided) -> Self {
        let mut offered = Vec::new();
        if policy.discount.is_some() {
            offered.resize(place(view.store.documents.len()).div_ceil(64), 0);
            for fact in view.store.discounts.all() {
                if let Some(word) = offered.get_mut(place(fact.document >> 6)) {
                    *word |= 1_u64.wrapping_shl(fact.document);
                }
            }
        }
        let terms = FxHashMap::default();
        Self { view, policy, offered, terms, decided, rates: RefCell::default(), had: Had::default() }
    }

    /// Whether a document may have a discount at all.
    fn may_offer(&self, document: u32) -> bool {
        let rows = self.offered.get(place(document >> 6)).is_some_and(|word| word.wrapping_shr(document) & 1 == 1);
        rows || (!self.view.store.terms.is_empty()
            && self.view.store.documents.find(document).is_some_and(|(piece, row)| piece.terms.get(row) != Some(&NONE)))
    }

    /// A desk is done: what its items cost is asked no more.
    pub(super) fn forget(&mut self) {
        self.terms.clear();
        self.had.forget();
    }

    /// The price of an item that has so much left for a credit that has so much; none when no rate leads to the credit's
    /// currency, or nothing is to pay. `mixed`: the item has no discount.
    pub(super) fn quote(
        &mut self,
        company: u32,
        (payer, purse): (&Payer, Minor),
        claim: &Claim,
        (mixed, taken): (bool, Taken),
    ) -> Result<Quote, NoQuote> {
        let left = claim.left;
        let mut quote = Quote { crossed: payer.currency != claim.currency, ..Quote::whole(left) };
        if let Some(discount) = &self.policy.discount
            && !mixed
            && has_discounts(payer.kind)
        {
            self.discount(discount, (company, payer, purse), claim, &mut quote, taken);
        }
        quote.price = quote.own();
        let with_asked = left.saturating_sub(quote.asked.max(quote.discount));
        quote.asked_price = with_asked;
        if payer.currency != claim.currency {
            let there = |amount| self.converted(company, payer.pay_day, (claim.currency, payer.currency), amount);
            quote.price = there(quote.own()).ok_or(NoQuote::RateMissing)?;
            quote.left_there = there(left).ok_or(NoQuote::RateMissing)?;
            quote.asked_price = there(with_asked).ok_or(NoQuote::RateMissing)?;
        }
        if quote.price > 0 { Ok(quote) } else { Err(NoQuote::Nothing) }
    }

    /// The discount that the pay day earns: the largest, or first that with which the credit pays the item to the minor unit.
    /// What is asked about goes by what is paid in any case.
    fn discount(
        &mut self,
        policy: &DiscountPolicy,
        (company, payer, purse): (u32, &Payer, Minor),
        claim: &Claim,
        quote: &mut Quote,
        by: Taken,
    ) {
        let said = self.decided.of(claim);
        if said == Some(Said::Refused) {
            return;
        }
        let Some(terms) = self.terms(policy, claim) else { return };
        let valid_of = |tier: &Tier, late: bool| valid(terms.worth(tier, policy, claim, late), quote.left);
        let currencies = (claim.currency, payer.currency);
        let is_paid = |tier: &Tier, late: bool| {
            let worth = valid_of(tier, late);
            let price = quote.left.saturating_sub(worth);
            worth > 0 && self.converted(company, payer.pay_day, currencies, price) == Some(purse)
        };
        let is_choice = terms.tiers.len() > 1;
        let best_of = |takes_late: bool, by: Taken, kept: bool| {
            let mut best: Option<(Rank, Tier)> = None;
            let counting = terms.counting(policy, claim, payer.pay_day, takes_late);
            for tier in counting.filter(|tier| tier.late || !kept) {
                let paid = is_choice && by == Taken::AsPaid && is_paid(&tier, takes_late);
                let rank: Rank = (paid, paid && !tier.late, tier.of_document, !tier.late, tier.until);
                if best.is_none_or(|(held, _)| rank > held) {
                    best = Some((rank, tier));
                }
            }
            best.map(|(_, tier)| tier)
        };
        // Accepted, where it is the largest, it is not given up for one in time.
        let is_kept = |tier: Tier| tier.late && valid_of(&tier, true) > 0;
        quote.kept = said == Some(Said::Accepted) && best_of(true, Taken::Largest, false).is_some_and(is_kept);
        let best = |takes_late: bool, by: Taken| best_of(takes_late, by, quote.kept);
        let late = takes_late(policy, said);
        let taken = best(late, by).filter(|tier| valid_of(tier, late) > 0);
        let asks = policy.late == LateDiscount::Asked && said.is_none();
        let asked = if asks { best(true, Taken::AsPaid).filter(|tier| tier.late) } else { None }
            .map_or(0, |tier| valid_of(&tier, true));
        quote.discount = taken.as_ref().map_or(0, |tier| valid_of(tier, late));
        quote.kept &= quote.discount > 0;
        (quote.tier, quote.asked) = (taken, asked);
    }

    /// Whether an item that was priced has several discounts.
    pub(super) fn has_several(&self, item: u32) -> bool {
        self.terms.get(&item).is_some_and(|terms| terms.tiers.len() > 1)
    }

    /// What an item may cost a credit: as it is, less another of the discounts that count (the largest first, one in time before a late
    /// one, the later first), and in full; each price once. Where a late one is kept, only those that are late.
    pub(super) fn choices(&self, company: u32, payer: &Payer, claim: &Claim, quote: Quote) -> Vec<Quote> {
        let mut all = vec![quote];
        let said = self.decided.of(claim);
        if let (Some(policy), Some(terms)) = (&self.policy.discount, self.terms.get(&claim.item))
            && has_discounts(payer.kind)
            && said != Some(Said::Refused)
        {
            let late = takes_late(policy, said);
            let counting = terms.counting(policy, claim, payer.pay_day, late);
            let priced = counting.filter(|tier| tier.late || !quote.kept).filter_map(|tier| {
                let discount = valid(terms.worth(&tier, policy, claim, late), quote.left);
                let left = quote.left.saturating_sub(discount);
                let price = self.converted(company, payer.pay_day, (claim.currency, payer.currency), left)?;
                let tier = Some(tier);
                (discount > 0 && price > 0).then_some(Quote {
                    discount,
                    tier,
                    asked: 0,
                    price,
                    asked_price: price,
                    ..quote
                })
            });
            let mut others: Vec<Quote> = priced.collect();
            others.sort_by_key(|held| (Reverse(held.discount), held.tier.map(|tier| (tier.late, Reverse(tier.until)))));
            all.extend(others);
        }
        all.push(quote.in_full());
        let mut seen: Vec<Minor> = Vec::new();
        all.retain(|held| {
            let is_new = !seen.contains(&held.price);
            seen.push(held.price);
            is_new
        });
        all
    }

    /// What a discount may take off an item, discount by discount of its document: 0 where it is none for the item.
    pub(super) fn discounts(&mut self, claim: &Claim, off: &mut Vec<Minor>) {
        off.clear();
        let Some(policy) = &self.policy.discount else { return };
        let said = self.decided.of(claim);
        let late = takes_late(policy, said);
        if let Some(terms) = self.terms(policy, claim).filter(|_| said != Some(Said::Refused)) {
            off.extend(terms.tiers.iter().map(|tier| valid(terms.worth(tier, policy, claim, late), claim.left)));
        }
    }

    /// The discounts of an item's document, its share of each; nothing where it has none.
    fn terms(&mut self, policy: &DiscountPolicy, claim: &Claim) -> Option<Rc<Terms>> {
        if !self.may_offer(claim.document) {
            return None;
        }
        if let Some(held) = self.terms.get(&claim.item) {
            return Some(Rc::clone(held));
        }
        let terms = Rc::new(self.terms_of(policy, claim));
        self.terms.insert(claim.item, Rc::clone(&terms));
        Some(terms)
    }

    fn terms_of(&self, policy: &DiscountPolicy, claim: &Claim) -> Terms {
        let view = self.view;
        let number = view.items.instalment(place(claim.item));
        let Some(offered) = self.offered(policy, claim.document, number, view.known()) else {
            return Terms::default();
        };
        let settled = matches(view, claim.document);
        let parts: Vec<Part> = settled.iter().flat_map(|one| one.parts(view, claim.document)).collect();
        offered.after(policy, &parts, |key| is_cut_anew(view, claim.document, view.known(), key))
    }

    /// What each match of a document let go within its discount, by its allocation (none of one that stands alone): what it took beyond the
    /// largest discount that was to be had with it.
    pub(super) fn let_go_within(&self, document: u32) -> Vec<(u32, Minor)> {
        let Some(policy) = self.policy.discount.as_ref().filter(|_| self.may_offer(document)) else {
            return Vec::new();
        };
        let beyond = |held: Granted| {
            let to_be_had = self.was_to_be_had(policy, document, &held)?;
            let beyond = held.amount.saturating_sub(to_be_had);
            (to_be_had > 0 && beyond > 0).then_some((held.allocation, beyond))
        };
        granted(self.view, document).into_iter().filter_map(beyond).collect()
    }

    /// The largest discount that was to be had with a match, as the item stood before it, by the offer and the schedule of its day.
    fn was_to_be_had(&self, policy: &DiscountPolicy, document: u32, held: &Granted) -> Option<Minor> {
        let by_hand = held.allocation == NONE;
        let is_cut = |key| is_cut_anew(self.view, document, held.then, key);
        let mut terms = self.offered(policy, document, held.item, held.then)?.after(policy, &held.before, is_cut);
        let claim = Claim::of(document, terms.whole.saturating_sub(terms.before.settled));
        if by_hand {
            // What stands alone has no day on which it was paid: any tier may be meant.
            terms.before.paid_on = i32::MIN;
        }
        if !by_hand && !kind_of(self.view, held.credit).is_some_and(has_discounts) {
            return None;
        }
        let day = if by_hand { i32::MIN } else { pay_day(self.view, held.credit) };
        let counts = |tier: &Tier| by_hand || !tier.late || policy.late != LateDiscount::Refused;
        let counting = terms.counting(policy, &claim, day, true).filter(counts);
        let largest = counting.max_by_key(|tier| (tier.of_document, !tier.late, tier.until))?;
        let takes_late = policy.late != LateDiscount::Refused;
        Some(valid(terms.worth(&largest, policy, &claim, takes_late), claim.left))
    }

    /// The amount of an instalment of a document (0, or none of its schedule: of the document), and its share of each discount that is
    /// offered, as it was then; nothing where none is.
    fn offered(&self, policy: &DiscountPolicy, document: u32, number: u32, then: Known) -> Option<Offered> {
        let view = self.view;
        let offers = view.offers_at(document, then);
        // What the item's amount was is asked only for its discounts.
        let (piece, row) = view.store.documents.find(document).filter(|_| !offers.is_empty())?;
        let amount = piece.amount.get(row).copied().unwrap_or(0);
        let net = match piece.net.get(row).copied().filter(|net| *net != NO_BASE) {
            Some(net) => net,
            None => self.net_lines(document).unwrap_or(amount),
        };
        let schedule = schedule::in_force_then(&view.store, document, then);
        let at = schedule.iter().position(|fact| fact.number == number);
        let whole = at.and_then(|at| schedule.get(at)).map_or(amount, |fact| fact.amount);
        let of_its_sign = |fact: &InstalmentFact| if fact.amount.signum() == amount.signum() { fact.amount } else { 0 };
        let weights: Vec<u64> = schedule.iter().map(|fact| of_its_sign(fact).unsigned_abs()).collect();
        let shares = |of_document: Minor| if at.is_some() { split(of_document, &weights) } else { None };
        let mut tiers: Vec<Tier> = Vec::new();
        for offer in offers {
            let default = if policy.of == DiscountOf::Gross { amount } else { net };
            let basis = offer.basis.unwrap_or(default);
            let of_document = offer.amount.or_else(|| percent_of(basis, offer.percent?, policy.rounding)).unwrap_or(0);
            let tax = i128::from(basis).saturating_sub(i128::from(net)).max(0);
            let own = |at: usize| shares(of_document).and_then(|parts| parts.get(at).copied()).unwrap_or(0);
            let share = at.map_or(of_document, own);
            let percent = offer.percent.filter(|_| offer.amount.is_none());
            let taxed = (tax, basis.into());
            tiers.push(Tier {
                until: offer.until,
                late: false,
                of_document,
                share,
                moved: Moved::default(),
                percent,
                taxed,
            });
        }
        let most = shares(tiers.iter().map(|tier| tier.of_document).max().unwrap_or(0)).unwrap_or_default();
        let slot =
            |(fact, most): (&InstalmentFact, Minor)| Slot { number: fact.number, amount: of_its_sign(fact), most };
        let key = key_of(&schedule);
        let schedule = schedule.iter().zip(most).map(slot).collect();
        Some(Offered { whole, tiers, schedule, key, at })
    }

    /// The sum of a document's lines without tax; none when it has no lines of either kind.
    fn net_lines(&self, document: u32) -> Option<Minor> {
        let mut sum: Option<i128> = None;
        for line in self.view.store.lines.of(document).filter(|line| !line.tax) {
            sum = Some(sum.unwrap_or(0).saturating_add(line.amount.into()));
        }
        sum.and_then(|sum| Minor::try_from(sum).ok())
    }

    /// An amount in another currency, half away from zero, by the latest rates until a day.
    pub(super) fn converted(&self, company: u32, day: i32, (from, to): (u32, u32), amount: Minor) -> Option<Minor> {
        if from == to {
            return Some(amount);
        }
        let (from_rate, to_rate) = (self.rate(company, from, day)?, self.rate(company, to, day)?);
        let digits = |currency: u32| self.view.store.currency(currency).map(|currency| i32::from(currency.exponent));
        // amount × rate from ÷ rate to, both of major units.
        let above = i32::from(to_rate.1).checked_add(digits(to)?)?;
        let below = i32::from(from_rate.1).checked_add(digits(from)?)?;
        let power = |digits: i32| 10_i128.checked_pow(u32::try_from(digits.max(0)).ok()?);
        let numerator = from_rate.0.checked_mul(power(above.checked_sub(below)?)?)?;
        let denominator = to_rate.0.checked_mul(power(below.checked_sub(above)?)?)?;
        let figure = multiply_divide(amount.into(), numerator, denominator, Rounding::HalfAwayFromZero)?;
        Minor::try_from(figure).ok()
    }

    /// Whether rates lead from one currency to another.
    pub(super) fn has_rate(&self, company: u32, day: i32, (from, to): (u32, u32)) -> bool {
        from == to || (self.rate(company, from, day).is_some() && self.rate(company, to, day).is_some())
    }

    /// The rate of a currency to the company's base currency.
    fn rate(&self, company: u32, currency: u32, day: i32) -> Rate {
        let view = self.view;
        *self.rates.borrow_mut().entry((company, currency, day)).or_insert_with(|| {
            let base = view.store.base_currency(company)?;
            if currency == base { Some((1, 0)) } else { view.rate_until(currency, base, day) }
        })
    }
}

/// Why an item is no candidate for a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoQuote {
    RateMissing,
    Nothing,
}

/// `share × part ÷ whole`, half away from zero.
pub(super) fn scaled(share: Minor, part: Minor, whole: Minor) -> Minor {
    multiply_divide(share.into(), part.into(), whole.into(), Rounding::HalfAwayFromZero)
        .and_then(|scaled| Minor::try_from(scaled).ok())
        .unwrap_or(0)
}

fn percent_of(basis: Minor, percent: Ratio, rounding: Rounding) -> Option<Minor> {
    let hundred = percent.denominator().checked_mul(100)?;
    Minor::try_from(multiply_divide(basis.into(), percent.numerator(), hundred, rounding)?).ok()
}
