//! Clearing a set of items with one credit: exactly, by rounding, within tolerance, for bank charges, or with something over.

use super::allow::Most;
use super::desk::Desk;
use super::limit::{Limits, Way};
use super::made::{Kind, LetGo, Line, Made};
use super::policy::{DiscountPolicy, LimitPer, SettlementPolicy, SettlementStrategy, ShortPayment, ToleranceFirst};
use super::quote::{Quote, Quoter, Taken, scaled};
use super::spread::{Carrier, spread};
use crate::allocation::filter::at;
use crate::ledger::View;
use crate::money::{Minor, Rounding, divide};

/// One desk while it is settled.
pub(super) struct Work<'a, 'b> {
    pub view: &'a View,
    pub policy: &'a SettlementPolicy,
    pub limits: &'b Limits,
    pub quoter: &'b mut Quoter<'a>,
    pub desk: Desk,
    pub made: &'b mut Made,
    /// Where the lines of this desk begin.
    pub begin: usize,
}

/// An item of a set, with its price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Priced {
    pub claim: u32,
    pub quote: Quote,
}

impl Priced {
    /// Paid in full, its discount given up.
    pub(super) fn in_full(self) -> Self {
        Self { quote: self.quote.in_full(), ..self }
    }

    /// As if the late discount were granted that is asked about.
    pub(super) fn as_asked(self) -> Self {
        Self { quote: self.quote.as_asked(), ..self }
    }
}

/// How a credit clears a set of items.
#[derive(Debug, Clone)]
pub(super) enum Clearing {
    /// To the minor unit.
    Exact,
    /// Short by so much on each item; what was allowed of each, when that is limited.
    Short { kind: Kind, shares: Vec<(Minor, Option<Minor>)> },
    /// More than the price by a rounding.
    RoundedOver,
    /// More than the price.
    Over,
}

impl<'a> Work<'a, '_> {
    pub(super) fn currency_of(&self, currency: u32) -> (u32, u8) {
        (currency, self.view.store.currency(currency).map_or(0, |held| held.exponent))
    }

    /// The currency of a credit.
    pub(super) fn currency(&self, payer: usize) -> (u32, u8) {
        self.currency_of(self.desk.payers.get(payer).map_or(0, |payer| payer.currency))
    }

    /// The price of a debit for a credit; none when it is no candidate. Of several discounts it has first the one with which the
    /// credit pays it to the minor unit.
    pub(super) fn priced(&mut self, payer: usize, claim: u32) -> Option<Priced> {
        self.priced_by(payer, claim, Taken::AsPaid)
    }

    /// Its price with the largest of its discounts, whatever the credit has.
    pub(super) fn priced_least(&mut self, payer: usize, claim: u32) -> Option<Priced> {
        self.priced_by(payer, claim, Taken::Largest)
    }

    fn priced_by(&mut self, payer: usize, claim: u32, by: Taken) -> Option<Priced> {
        if self.desk.room(claim) <= 0 {
            return None;
        }
        let mixed = self.desk.is_mixed(claim);
        let (from, to) = (self.desk.payers.get(payer)?, at(&self.desk.claims, claim)?);
        let quote = self.quoter.quote(self.desk.company, (from, self.desk.purse(payer)), to, (mixed, by)).ok()?;
        Some(Priced { claim, quote })
    }

    /// A debit without discount, in its own currency.
    pub(super) fn priced_whole(&self, claim: u32) -> Option<Priced> {
        Some(Priced { claim, quote: Quote::whole(at(&self.desk.claims, claim)?.left) })
    }

    /// The debits of these that are candidates for a credit.
    pub(super) fn priced_of(&mut self, payer: usize, claims: &[u32]) -> Vec<Priced> {
        claims.iter().filter_map(|claim| self.priced(payer, *claim)).collect()
    }

    /// How a credit clears a set; none when it does not. `charges` says whether a shortage may be bank charges.
    pub(super) fn clearing(
        &self,
        payer: usize,
        set: &[Priced],
        strategy: SettlementStrategy,
        charges: bool,
    ) -> Option<Clearing> {
        self.clearing_with(self.desk.purse(payer), payer, set, strategy, charges)
    }

    /// The same, of a credit that has so much left.
    pub(super) fn clearing_with(
        &self,
        purse: Minor,
        payer: usize,
        set: &[Priced],
        strategy: SettlementStrategy,
        charges: bool,
    ) -> Option<Clearing> {
        let base = purse;
        let purse = i128::from(purse);
        let price: i128 = set.iter().map(|item| i128::from(item.quote.price)).sum();
        if set.is_empty() || purse <= 0 {
            return None;
        }
        if purse == price {
            return Some(Clearing::Exact);
        }
        if self.rounded(payer, price) == Some(purse) {
            return if purse > price {
                Some(Clearing::RoundedOver)
            } else {
                self.spread(set, price.saturating_sub(purse), Kind::CashRounding, Most::Of(None))
            };
        }
        if purse > price {
            return Some(Clearing::Over);
        }
        let shortage = price.saturating_sub(purse);
        if let Some(kind) = self.policy.tolerance.as_ref().map(|tolerance| Kind::from(tolerance.kind)) {
            let most = self.under(base, payer, set, strategy);
            if shortage <= most.whole() {
                return self.spread(set, shortage, kind, most);
            }
        }
        let limit = self.charge_limit(payer, strategy).filter(|_| charges)?;
        if shortage > i128::from(limit) {
            return None;
        }
        self.spread(set, shortage, Kind::BankCharge, Most::Of(Some(limit)))
    }

    /// What may be let go of a set by a credit that has so much.
    fn under(&self, purse: Minor, payer: usize, set: &[Priced], strategy: SettlementStrategy) -> Most {
        match self.limits.per {
            LimitPer::Document => Most::Each(self.limits_of(Way::Under, payer, set, strategy)),
            LimitPer::Payment => Most::Of(Some(self.payment_limit(Way::Under, payer, purse, strategy))),
        }
    }

    /// What a bank may have kept of a credit that has had no such charge.
    fn charge_limit(&self, payer: usize, strategy: SettlementStrategy) -> Option<Minor> {
        let charged = self.desk.spent(payer).charge;
        self.limits.bank_charge(self.currency(payer), strategy).filter(|_| !charged)
    }

    /// What may be missing of a set at most, whatever it is for: more is never let go, rounded or charged.
    pub(super) fn may_be_missing(
        &self,
        purse: Minor,
        payer: usize,
        set: &[Priced],
        strategy: SettlementStrategy,
        charges: bool,
    ) -> i128 {
        let tolerated = self.policy.tolerance.as_ref().map_or(0, |_| self.under(purse, payer, set, strategy).whole());
        let charged = self.charge_limit(payer, strategy).filter(|_| charges).unwrap_or(0);
        tolerated.max(charged.into()).max(self.cash(payer).map_or(0, |(place, _)| place))
    }

    /// On which items of a set a shortage falls: each keeps a line of at least one minor unit. Where a shortage raises the discount,
    /// it falls on those that have one before the others.
    fn spread(&self, set: &[Priced], shortage: i128, kind: Kind, mut most: Most) -> Option<Clearing> {
        let raises = self.takes_into_discount() && kind.is_tolerance();
        let carrier = |item: &Priced| {
            // Across currencies something must be left of it for the line, and something for the difference.
            let crossed = self.is_crossed(item) && item.quote.own() < 2;
            Carrier {
                rank: u8::from(raises && item.quote.discount == 0),
                size: item.quote.price,
                document: at(&self.desk.claims, item.claim).map_or(0, |claim| claim.document),
                most: if crossed { 0 } else { item.quote.price.saturating_sub(1) },
            }
        };
        let carriers: Vec<Carrier> = set.iter().map(carrier).collect();
        let shares = spread(shortage, &carriers, &mut most)?;
        Some(Clearing::Short { kind, shares })
    }

    /// Whether a difference within tolerance is taken into the discount.
    pub(super) fn takes_into_discount(&self) -> bool {
        self.policy.tolerance.as_ref().is_some_and(|tolerance| tolerance.first == ToleranceFirst::Discount)
    }

    /// A price rounded as cash of the credit's currency is; none when it is not.
    fn rounded(&self, payer: usize, price: i128) -> Option<i128> {
        let (multiple, rounding) = self.cash(payer)?;
        divide(price, multiple, rounding)?.checked_mul(multiple)
    }

    /// Whether cash of a credit's currency is rounded.
    pub(super) fn rounds_cash(&self, payer: usize) -> bool {
        self.cash(payer).is_some()
    }

    /// To which multiple, in minor units, cash of the credit's currency is rounded, and how.
    fn cash(&self, payer: usize) -> Option<(i128, Rounding)> {
        if self.policy.cash_rounding.is_empty() {
            return None;
        }
        let (currency, exponent) = self.currency(payer);
        let code = self.view.store.currency(currency)?.code;
        let rule = self.policy.cash_rounding.iter().find(|rule| rule.currency == code.as_str())?;
        // A place that is no whole number of minor units never fits.
        Some((i128::from(rule.place.to_minor(exponent).ok()?), rule.rounding))
    }

    /// Writes the lines of a clearing. What is over stays with the credit.
    pub(super) fn clear(&mut self, payer: usize, set: &[Priced], how: &Clearing, strategy: SettlementStrategy) {
        let first = self.made.lines.len();
        for (index, item) in set.iter().enumerate() {
            let short = match how {
                Clearing::Short { kind, shares } => {
                    shares.get(index).filter(|(share, _)| *share > 0).map(|(share, limit)| (*kind, *share, *limit))
                }
                _ => None,
            };
            self.clear_one(payer, item, short, strategy);
        }
        if matches!(how, Clearing::RoundedOver) {
            let over = self.desk.purse(payer);
            let let_go = LetGo { kind: Kind::CashRounding, amount: over, limit: None };
            self.close(payer, first, 0, let_go);
        }
    }

    fn clear_one(
        &mut self,
        payer: usize,
        item: &Priced,
        short: Option<(Kind, Minor, Option<Minor>)>,
        strategy: SettlementStrategy,
    ) {
        let quote = &item.quote;
        let amount = quote.price.saturating_sub(short.map_or(0, |(_, share, _)| share));
        let (mut discount, mut adjusted) = (quote.discount, 0);
        let mut debit_amount = quote.own();
        let mut let_go = None;
        if let Some((kind, _, limit)) = short {
            debit_amount = self.there(payer, item, amount, quote.own().saturating_sub(1));
            let rest = quote.own().saturating_sub(debit_amount);
            let first = self.takes_into_discount();
            let tolerated = kind.is_tolerance();
            if tolerated && let Some(document) = at(&self.desk.claims, item.claim).map(|claim| claim.document) {
                self.desk.add_let_go(document, Way::Under, rest);
            }
            if first && tolerated && discount > 0 {
                (discount, adjusted) = (discount.saturating_add(rest), rest);
            } else if rest > 0 {
                let_go = Some(LetGo { kind, amount: rest, limit });
            }
        }
        let over_limit = match self.limits.per {
            LimitPer::Document => self.limit(Way::Over, payer, item, strategy),
            LimitPer::Payment => 0,
        };
        let line = Line {
            discount,
            adjusted,
            // Who had a discount in time, and nothing is left, is asked about no late one.
            asked: if quote.discount > 0 { 0 } else { quote.more() },
            short: let_go,
            cleared: true,
            over_limit,
            ..self.line(payer, item, amount, strategy)
        };
        self.write(payer, item.claim, Line { debit_amount, ..line });
    }

    /// A line of so much, without what stands beside it.
    fn line(&self, payer: usize, item: &Priced, amount: Minor, strategy: SettlementStrategy) -> Line {
        Line {
            payer: self.desk.payers.get(payer).map_or(0, |payer| payer.item),
            claim: at(&self.desk.claims, item.claim).map_or(0, |claim| claim.item),
            strategy,
            score: 0,
            amount,
            debit_amount: amount,
            discount: 0,
            adjusted: 0,
            tier: item.quote.tier,
            asked: 0,
            short: None,
            residual: 0,
            over: None,
            cleared: false,
            crossed: item.quote.crossed,
            over_limit: 0,
            reason: None,
        }
    }

    /// What an amount of a credit is in an item's currency: something, and never more than so much.
    fn there(&mut self, payer: usize, item: &Priced, amount: Minor, most: Minor) -> Minor {
        let (Some(from), Some(to)) = (self.desk.payers.get(payer), at(&self.desk.claims, item.claim)) else { return 0 };
        if from.currency == to.currency {
            return amount;
        }
        let (day, currencies) = (from.pay_day, (from.currency, to.currency));
        let converted = self.quoter.converted(self.desk.company, day, currencies, amount);
        converted.unwrap_or(Minor::MAX).min(most).max(1)
    }

    /// A line that does not clear the item: what came.
    pub(super) fn part(&mut self, payer: usize, item: &Priced, strategy: SettlementStrategy) {
        let (amount, quote) = (self.desk.purse(payer), &item.quote);
        let proportional =
            quote.discount > 0 && self.policy.discount.as_ref().is_some_and(DiscountPolicy::is_in_proportion);
        let most = if proportional { quote.own() } else { quote.left }.saturating_sub(1);
        if most < 1 || amount <= 0 {
            return;
        }
        let debit_amount = self.there(payer, item, amount, most);
        let discount = if proportional { scaled(quote.discount, debit_amount, quote.own()) } else { 0 };
        let asked = quote.asked.saturating_sub(discount).max(0);
        let line = Line { discount, asked, ..self.line(payer, item, amount, strategy) };
        self.write(payer, item.claim, Line { debit_amount, ..line });
    }

    /// An item of a document with items of both signs: as much as both sides have, as without any of this.
    pub(super) fn pay_mixed(&mut self, payer: usize, item: &Priced, strategy: SettlementStrategy) -> bool {
        let Some((room, price)) = self.mixed_price(payer, item, 0) else { return false };
        let purse = self.desk.purse(payer);
        let crossed = self.is_crossed(item);
        if purse < price && crossed && room < 2 {
            return false;
        }
        let (amount, debit_amount) = match purse < price {
            true => (purse, self.there(payer, item, purse, room.saturating_sub(1))),
            false => (price, room),
        };
        let cleared = debit_amount == item.quote.left;
        if amount <= 0 || (self.policy.partial != ShortPayment::Allowed && !cleared) {
            return false;
        }
        let line = Line { cleared, ..self.line(payer, item, amount, strategy) };
        self.write(payer, item.claim, Line { debit_amount, ..line });
        cleared
    }

    /// What an item of a document with items of both signs may still take, when so much of the document is taken, and what that costs.
    pub(super) fn mixed_price(&self, payer: usize, item: &Priced, taken: Minor) -> Option<(Minor, Minor)> {
        let room = self.desk.room_beside(item.claim, taken);
        let price = self.price_of(payer, item.claim, room).filter(|price| *price > 0 && room > 0)?;
        Some((room, price))
    }

    /// So much of an item in the credit's currency.
    fn price_of(&self, payer: usize, claim: u32, amount: Minor) -> Option<Minor> {
        let (from, to) = (self.desk.payers.get(payer)?, at(&self.desk.claims, claim)?);
        self.quoter.converted(self.desk.company, from.pay_day, (to.currency, from.currency), amount)
    }

    pub(super) fn is_crossed(&self, item: &Priced) -> bool {
        item.quote.crossed
    }

    pub(super) fn write(&mut self, payer: usize, claim: u32, line: Line) {
        self.desk.take_from_payer(payer, line.amount);
        let beside = line.discount.saturating_add(line.short.map_or(0, |short| short.amount));
        self.desk.take_from_claim(claim, line.debit_amount.saturating_add(beside), line.discount);
        self.desk.was_paid(self.quoter.view, (claim, payer), (line.debit_amount, line.discount));
        self.desk.spend(payer, line.spent());
        self.made.lines.push(line);
    }

    /// A credit against one debit, as ordered strategies do it; whether it was cleared.
    pub(super) fn pay(&mut self, payer: usize, item: Priced, strategy: SettlementStrategy) -> bool {
        if self.desk.is_mixed(item.claim) {
            return self.pay_mixed(payer, &item, strategy);
        }
        let set = [item];
        if let Some(how) = self.clearing(payer, &set, strategy, true) {
            self.clear(payer, &set, &how, strategy);
            return true;
        }
        if self.policy.partial != ShortPayment::Refused && self.desk.purse(payer) < item.quote.price {
            self.part(payer, &item, strategy);
        }
        false
    }

    /// Moves so much from a credit to a debit of its currency, without a discount; `short` is let go of the debit beside it.
    pub(super) fn transfer(
        &mut self,
        payer: usize,
        claim: u32,
        amount: Minor,
        short: Option<LetGo>,
        strategy: SettlementStrategy,
    ) {
        let Some(item) = self.priced(payer, claim) else { return };
        let cleared = amount.saturating_add(short.map_or(0, |short| short.amount)) == item.quote.left;
        let over_limit = match self.limits.per {
            LimitPer::Document if cleared => self.limit(Way::Over, payer, &item, strategy),
            _ => 0,
        };
        if let (Some(short), Some(document)) = (short, at(&self.desk.claims, claim).map(|claim| claim.document)) {
            self.desk.add_let_go(document, Way::Under, short.amount);
        }
        let line =
            Line { cleared, short, over_limit, asked: item.quote.asked, ..self.line(payer, &item, amount, strategy) };
        self.write(payer, claim, Line { tier: None, ..line });
    }

    /// The currencies of the debits that still take something, each once.
    pub(super) fn currencies_owed(&self) -> Vec<u32> {
        let claims = self.desk.live().filter_map(|claim| at(&self.desk.claims, claim));
        let mut owed: Vec<u32> = claims.map(|claim| claim.currency).collect();
        owed.sort_unstable();
        owed.dedup();
        owed
    }

    /// Whether debits in every one of these currencies have a price in a credit's.
    pub(super) fn has_rates(&mut self, payer: usize, owed: &[u32]) -> bool {
        let Some((day, currency)) = self.desk.payers.get(payer).map(|payer| (payer.pay_day, payer.currency)) else {
            return true;
        };
        let (desk, quoter) = (&self.desk, &mut *self.quoter);
        owed.iter().all(|from| quoter.has_rate(desk.company, day, (*from, currency)))
    }

    /// The places of the debits that still take something.
    pub(super) fn live(&self) -> Vec<u32> {
        self.desk.live().collect()
    }
}
