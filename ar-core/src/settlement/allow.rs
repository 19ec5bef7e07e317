//! What is let go within tolerance: of each document as far as its limit goes, of a credit that has something over.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::clear::{Priced, Work};
use super::desk::Payer;
use super::limit::{Spent, Way, Who, Worth};
use super::made::{Kind, LetGo, Line};
use super::policy::{LimitPer, SettlementStrategy};
use super::quote::scaled;
use super::spread::{Carrier, spread};
use crate::allocation::filter::at;
use crate::money::Minor;

/// Documents, each with its claim and what may be let go of it.
#[derive(Default)]
pub(super) struct Allowances {
    of: BTreeMap<u32, (u32, Minor)>,
}

impl Allowances {
    /// What may be let go of all of them: of each claim what the document of it allows that allows most.
    fn whole(&self) -> i128 {
        let mut claims: BTreeMap<u32, Minor> = BTreeMap::new();
        for (claim, limit) in self.of.values() {
            let most = claims.entry(*claim).or_insert(0);
            *most = (*most).max(*limit);
        }
        claims.values().fold(0, |sum: i128, most| sum.saturating_add((*most).into()))
    }
}

/// What may be let go of the items of a set: as far as each document goes, or of all together, when that is limited.
pub(super) enum Most {
    Each(Allowances),
    Of(Option<Minor>),
}

impl Most {
    pub(super) fn whole(&self) -> i128 {
        match self {
            Self::Each(documents) => documents.whole(),
            Self::Of(limit) => limit.unwrap_or(Minor::MAX).into(),
        }
    }

    /// What may be let go of an item of a document, and what is told of that.
    pub(super) fn of(&self, document: u32) -> (Minor, Option<Minor>) {
        match self {
            Self::Of(limit) => (Minor::MAX, *limit),
            Self::Each(documents) => {
                let limit = documents.of.get(&document).map_or(0, |(_, limit)| *limit);
                (limit, Some(limit))
            }
        }
    }

    /// What falls on a document counts for all that are the same claim.
    pub(super) fn take(&mut self, document: u32, share: Minor) {
        let Self::Each(documents) = self else { return };
        let Some((claim, _)) = documents.of.get(&document).copied() else { return };
        for (_, limit) in documents.of.values_mut().filter(|(held, limit)| *held == claim && *limit != Minor::MAX) {
            *limit = limit.saturating_sub(share).max(0);
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
        let who = self.who(payer, claim.customer);
        let together = self.desk.document_left(claim.document).map(|left| self.in_credit(payer, claim.currency, left));
        self.limits.allowed(way, who, self.currency(payer), together.unwrap_or(item.quote.left_there))
    }

    fn who(&self, payer: usize, customer: u32) -> Who {
        let company = self.desk.company;
        let of = |held: &Payer| Worth::of(self.view, company, held.document, held.currency);
        let worth = self.desk.payers.get(payer).filter(|_| self.limits.are_in_base()).and_then(of);
        Who { company, customer, worth }
    }

    /// What of a limit a document has left: less what was let go of its claim here and before.
    fn rest_of_limit(&self, way: Way, payer: usize, (document, currency): (u32, u32), limit: Minor) -> Minor {
        if limit == 0 || limit == Minor::MAX {
            return limit;
        }
        let before =
            self.policy.tolerance.as_ref().map_or(0, |tolerance| self.quoter.let_go_before(way, document, tolerance));
        let here = self.quoter.claim(document).into_iter().map(|one| self.desk.let_go(one, way));
        let used = here.fold(before, Minor::saturating_add);
        let used = if used == 0 { 0 } else { self.in_credit(payer, currency, used) };
        limit.saturating_sub(used).max(0)
    }

    /// Whether a payment let something go within a discount before.
    fn has_let_go_within(&self, payer: usize) -> bool {
        let held = self.desk.payers.get(payer).filter(|_| self.takes_into_discount());
        held.is_some_and(|held| self.quoter.has_let_go_within(held.document))
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
            all.of.insert(claim.document, (self.first_of_claim(claim.document), rest));
        }
        all
    }

    /// By which document a claim is told from others.
    fn first_of_claim(&self, document: u32) -> u32 {
        self.quoter.claim(document).into_iter().min().unwrap_or(document)
    }

    /// What may be let go of a payment.
    pub(super) fn payment_limit(&self, way: Way, payer: usize, base: Minor, strategy: SettlementStrategy) -> Minor {
        if !self.limits.hold_in(strategy) || self.desk.spent(payer).tolerance || self.has_let_go_within(payer) {
            return 0;
        }
        let customer = self.desk.payers.get(payer).map_or(0, |payer| payer.customer);
        let who = self.who(payer, customer);
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
        if over <= 0 || self.policy.tolerance.is_none() {
            return false;
        }
        let item = self.desk.payers.get(payer).map_or(0, |payer| payer.item);
        let of_it = |line: &Line| line.payer == item && line.cleared;
        let lines: Vec<usize> =
            (first..self.made.lines.len()).filter(|line| self.made.lines.get(*line).is_some_and(of_it)).collect();
        if lines.is_empty() {
            return false;
        }
        let most = match self.limits.per {
            LimitPer::Payment => Most::Of(Some(self.payment_limit(Way::Over, payer, base, strategy))),
            LimitPer::Document => Most::Each(self.over_limits(payer, &lines)),
        };
        i128::from(over) <= most.whole() && self.close_beside(payer, &lines, most)
    }

    /// Closes what is left of a credit beside some of its lines, as far as it may be on each of their documents.
    pub(super) fn close_beside(&mut self, payer: usize, lines: &[usize], mut most: Most) -> bool {
        let over = self.desk.purse(payer);
        let Some(kind) = self.policy.tolerance.as_ref().map(|held| Kind::from(held.kind)) else { return false };
        let (numbers, carriers) = self.over_carriers(lines);
        let Some(shares) = spread(over.into(), &carriers, &mut most) else { return false };
        for line in lines {
            let (mut off, mut rest, mut limit) = (0, 0, None);
            for ((number, carrier), (share, told)) in numbers.iter().zip(&carriers).zip(&shares) {
                if number == line && *share > 0 {
                    let slot = if carrier.rank == 0 { &mut off } else { &mut rest };
                    (*slot, limit) = (*share, limit.or(*told));
                }
            }
            if off > 0 || rest > 0 {
                self.close(payer, *line, off, LetGo { kind, amount: rest, limit });
            }
        }
        true
    }

    /// The documents that lines cleared, each with what may be paid too much on it: its limit was highest with its first line.
    fn over_limits(&self, payer: usize, lines: &[usize]) -> Allowances {
        let mut all = Allowances::default();
        for line in lines.iter().filter_map(|number| self.made.lines.get(*number)) {
            let Some((document, currency)) = self.document_of(line.claim) else { continue };
            if all.of.contains_key(&document) {
                continue;
            }
            let limit = self.rest_of_limit(Way::Over, payer, (document, currency), line.over_limit);
            all.of.insert(document, (self.first_of_claim(document), limit));
        }
        all
    }

    /// On what may fall what is over: on the discounts of lines where it lowers them, then beside a line of each document (per
    /// payment, beside any).
    fn over_carriers(&self, lines: &[usize]) -> (Vec<usize>, Vec<Carrier>) {
        let held = |number: &usize| {
            let line = self.made.lines.get(*number)?;
            Some((*number, line, self.document_of(line.claim)?.0))
        };
        let mut all: Vec<(usize, Carrier)> = Vec::with_capacity(lines.len());
        if self.takes_into_discount() {
            let lowered = lines.iter().filter_map(held).filter(|(_, line, _)| line.discount > 0 && !line.crossed);
            all.extend(lowered.map(|(number, line, document)| {
                (number, Carrier { rank: 0, size: line.discount, document, most: line.discount })
            }));
        }
        let mut seen = FxHashSet::default();
        let each = lines.iter().filter_map(held);
        let first = each.filter(|(.., document)| self.limits.per == LimitPer::Payment || seen.insert(*document));
        all.extend(first.map(|(number, line, document)| {
            (number, Carrier { rank: 1, size: line.amount, document, most: Minor::MAX })
        }));
        all.into_iter().unzip()
    }

    /// The document of an item, and its currency.
    fn document_of(&self, item: u32) -> Option<(u32, u32)> {
        let currency = self.view.store.account(*at(&self.view.items.account, item)?).currency;
        Some((*at(&self.view.items.document, item)?, currency))
    }

    /// Closes a part of what is left of a credit beside a line: `off` pays what the discount would have let go, the rest is a
    /// difference.
    pub(super) fn close(&mut self, payer: usize, line: usize, off: Minor, over: LetGo) {
        let whole = over.amount.saturating_add(off);
        self.desk.take_from_payer(payer, whole);
        let item = self.made.lines.get(line).map_or(0, |line| line.claim);
        if over.kind != Kind::CashRounding
            && let Some((document, _)) = self.document_of(item)
            && let Some(held) = self.made.lines.get(line)
        {
            self.desk.add_let_go(document, Way::Over, scaled(whole, held.debit_amount, held.amount));
        }
        let tolerance = whole > 0 && over.kind != Kind::CashRounding;
        self.desk.spend(payer, Spent { tolerance, charge: false });
        let Some(line) = self.made.lines.get_mut(line) else { return };
        line.adjusted = line.adjusted.saturating_sub(off);
        line.discount = line.discount.saturating_sub(off);
        line.amount = line.amount.saturating_add(off);
        line.debit_amount = line.debit_amount.saturating_add(off);
        if over.amount > 0 {
            line.over = Some(over);
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
