//! What is let go within tolerance: of each document as far as its limit goes, of a credit that has something over.

use rustc_hash::{FxHashMap, FxHashSet};

use super::clear::{Priced, Work};
use super::given::{given, is_tolerance};
use super::limit::{Way, Who};
use super::made::{Kind, LetGo, Line};
use super::policy::{LimitPer, SettlementStrategy, ToleranceFirst};
use crate::allocation::filter::at;
use crate::money::Minor;

/// Documents, each with what may be let go of it, and the sum of that.
#[derive(Default)]
pub(super) struct Allowances {
    of: FxHashMap<u32, Minor>,
    whole: i128,
}

/// What may be let go of the items of a set: as far as each document goes, or of all together, when that is limited.
pub(super) enum Most {
    Each(Allowances),
    Of(Option<Minor>),
}

impl Most {
    pub(super) fn whole(&self) -> i128 {
        match self {
            Self::Each(documents) => documents.whole,
            Self::Of(limit) => limit.unwrap_or(Minor::MAX).into(),
        }
    }

    /// What may be let go of an item of a document, and what is told of that.
    pub(super) fn of(&self, document: u32) -> (Minor, Option<Minor>) {
        match self {
            Self::Of(limit) => (Minor::MAX, *limit),
            Self::Each(documents) => {
                let limit = documents.of.get(&document).copied().unwrap_or(0);
                (limit, Some(limit))
            }
        }
    }

    pub(super) fn take(&mut self, document: u32, share: Minor) {
        if let Self::Each(documents) = self
            && let Some(limit) = documents.of.get_mut(&document)
            && *limit != Minor::MAX
        {
            *limit = limit.saturating_sub(share);
        }
    }
}

impl Work<'_, '_> {
    /// What may be let go of an item's document, before what was; nothing where tolerance does not hold.
    pub(super) fn limit(&self, way: Way, payer: usize, item: &Priced, strategy: SettlementStrategy) -> Minor {
        if !self.limits.hold_in(strategy) {
            return 0;
        }
        let Some(claim) = at(&self.desk.claims, item.claim) else { return 0 };
        let who = Who { company: self.desk.company, customer: claim.customer };
        let together = self.desk.document_left(claim.document).map(|left| self.in_credit(payer, claim.currency, left));
        self.limits.allowed(way, who, self.currency(payer), together.unwrap_or(item.quote.left_there))
    }

    /// What of a limit a document has left: less what was let go of it here, and too little was paid of it before.
    fn rest_of_limit(&self, way: Way, payer: usize, (document, currency): (u32, u32), limit: Minor) -> Minor {
        if limit == 0 || limit == Minor::MAX {
            return limit;
        }
        let before = match (way, self.policy.tolerance.as_ref()) {
            (Way::Under, Some(tolerance)) => {
                given(self.view, document, None, |kind| is_tolerance(kind, tolerance.kind.into()))
            }
            _ => 0,
        };
        let used = before.saturating_add(self.desk.let_go(document, way));
        let used = if used == 0 { 0 } else { self.in_credit(payer, currency, used) };
        limit.saturating_sub(used).max(0)
    }

    /// What an amount of a currency is in that of a credit.
    fn in_credit(&self, payer: usize, currency: u32, amount: Minor) -> Minor {
        let Some(to) = self.desk.payers.get(payer) else { return amount };
        let converted = self.quoter.converted(self.desk.company, to.pay_day, (currency, to.currency), amount);
        converted.unwrap_or(Minor::MAX)
    }

    /// The documents of a set, each once, with what of their limits they have left.
    pub(super) fn limits_of(&self, way: Way, payer: usize, set: &[Priced], strategy: SettlementStrategy) -> Allowances {
        let mut all = Allowances::default();
        for item in set {
            let Some(claim) = at(&self.desk.claims, item.claim) else { continue };
            if all.of.contains_key(&claim.document) {
                continue;
            }
            let limit = self.limit(way, payer, item, strategy);
            let rest = self.rest_of_limit(way, payer, (claim.document, claim.currency), limit);
            all.of.insert(claim.document, rest);
            all.whole = all.whole.saturating_add(rest.into());
        }
        all
    }

    /// What may be let go of a payment.
    pub(super) fn payment_limit(&self, way: Way, payer: usize, base: Minor, strategy: SettlementStrategy) -> Minor {
        if !self.limits.hold_in(strategy) {
            return 0;
        }
        let customer = self.desk.payers.get(payer).map_or(0, |payer| payer.customer);
        let who = Who { company: self.desk.company, customer };
        self.limits.allowed(way, who, self.currency(payer), base)
    }

    /// Whether what a credit has over for a set is within the limits.
    pub(super) fn over_is_within(&self, payer: usize, set: &[Priced], strategy: SettlementStrategy) -> bool {
        let purse = self.desk.purse(payer);
        let price: i128 = set.iter().map(|item| i128::from(item.quote.price)).sum();
        i128::from(purse).saturating_sub(price) <= self.over_limit(purse, payer, set, strategy)
    }

    /// How much too much may be paid on a set by a credit that has so much.
    pub(super) fn over_limit(&self, purse: Minor, payer: usize, set: &[Priced], strategy: SettlementStrategy) -> i128 {
        let most = match self.limits.per {
            LimitPer::Payment => Most::Of(Some(self.payment_limit(Way::Over, payer, purse, strategy))),
            LimitPer::Document => Most::Each(self.limits_of(Way::Over, payer, set, strategy)),
        };
        most.whole()
    }

    /// Closes what is left of a credit when it is within the limits of the items that it cleared since a line.
    pub(super) fn close_over(&mut self, payer: usize, first: usize, base: Minor, strategy: SettlementStrategy) -> bool {
        let over = self.desk.purse(payer);
        let Some(kind) = self.policy.tolerance.as_ref().map(|held| Kind::from(held.kind)).filter(|_| over > 0) else {
            return false;
        };
        let item = self.desk.payers.get(payer).map_or(0, |payer| payer.item);
        let of_it = |line: &Line| line.payer == item && line.cleared;
        let lines: Vec<usize> =
            (first..self.made.lines.len()).filter(|line| self.made.lines.get(*line).is_some_and(of_it)).collect();
        if self.limits.per == LimitPer::Payment {
            let limit = self.payment_limit(Way::Over, payer, base, strategy);
            let Some(last) = lines.last().filter(|_| over <= limit) else { return false };
            self.close(payer, *last, LetGo { kind, amount: over, limit: Some(limit) });
            return true;
        }
        // Each document once: its limit was highest with its first line.
        let mut limits: Vec<(usize, Minor)> = Vec::with_capacity(lines.len());
        let mut seen = FxHashSet::default();
        for number in lines {
            let Some(line) = self.made.lines.get(number) else { continue };
            let Some((document, currency)) = self.document_of(line.claim) else { continue };
            if seen.insert(document) {
                let limit = self.rest_of_limit(Way::Over, payer, (document, currency), line.over_limit);
                limits.push((number, limit));
            }
        }
        let sum: i128 = limits.iter().map(|(_, limit)| i128::from(*limit)).sum();
        if i128::from(over) > sum {
            return false;
        }
        let mut rest = over;
        for (line, limit) in limits {
            let amount = rest.min(limit);
            rest = rest.saturating_sub(amount);
            if amount > 0 {
                self.close(payer, line, LetGo { kind, amount, limit: Some(limit) });
            }
        }
        true
    }

    /// The document of an item, and its currency.
    fn document_of(&self, item: u32) -> Option<(u32, u32)> {
        let currency = self.view.store.account(*at(&self.view.items.account, item)?).currency;
        Some((*at(&self.view.items.document, item)?, currency))
    }

    /// Closes a part of what is left of a credit beside a line.
    pub(super) fn close(&mut self, payer: usize, line: usize, over: LetGo) {
        let first = self.policy.tolerance.as_ref().is_some_and(|held| held.first == ToleranceFirst::Discount);
        self.desk.take_from_payer(payer, over.amount);
        let item = self.made.lines.get(line).map_or(0, |line| line.claim);
        if over.kind != Kind::CashRounding
            && let Some((document, currency)) = self.document_of(item)
            && let Some(from) = self.desk.payers.get(payer)
        {
            let currencies = (from.currency, currency);
            let there = self.quoter.converted(self.desk.company, from.pay_day, currencies, over.amount);
            self.desk.add_let_go(document, Way::Over, there.unwrap_or(over.amount));
        }
        let Some(line) = self.made.lines.get_mut(line) else { return };
        let mut rest = over.amount;
        if first && over.kind != Kind::CashRounding && !line.crossed {
            // What is over pays what the discount would have let go.
            let taken = rest.min(line.discount);
            line.discount = line.discount.saturating_sub(taken);
            line.amount = line.amount.saturating_add(taken);
            line.debit_amount = line.debit_amount.saturating_add(taken);
            rest = rest.saturating_sub(taken);
        }
        if rest > 0 {
            line.over = Some(LetGo { amount: rest, ..over });
        }
    }

    /// The credits that are left with something, at the end: what is within the limits is closed.
    pub(super) fn close_all_over(&mut self) {
        for payer in 0..self.desk.payers.len() {
            let Some((item, before)) = self.desk.payers.get(payer).map(|payer| (payer.item, payer.before)) else {
                return;
            };
            if self.policy.tolerance.is_none() || self.desk.purse(payer) <= 0 {
                continue;
            }
            let lines = self.made.lines.get(self.begin..).unwrap_or_default();
            let last = lines.iter().rev().find(|line| line.payer == item && line.cleared);
            if let Some(strategy) = last.map(|line| line.strategy) {
                self.close_over(payer, self.begin, before, strategy);
            }
        }
    }
}
