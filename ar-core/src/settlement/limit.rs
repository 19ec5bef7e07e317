//! What difference is let go: limits by amount and percentage, per customer, clerk and company; the lowest holds.

use rustc_hash::FxHashSet;

use super::policy::{AmountIn, BlankLimit, LimitPer, Side, ToleranceLimit, TolerancePolicy, power};
use crate::allocation::filter::companies;
use crate::ledger::View;
use crate::ledger::store::NO_BASE;
use crate::money::{Exact, Minor, Rounding, multiply_divide};

use super::policy::SettlementStrategy;

/// The limits of a policy as they meet the numbers of one ledger.
#[derive(Debug, Default)]
pub(super) struct Limits {
    entries: Vec<Entry>,
    blank: BlankLimit,
    pub per: LimitPer,
    strategies: Option<Vec<SettlementStrategy>>,
    /// Currency and what a shortage may be for bank charges.
    charges: Vec<(u32, Exact)>,
}

#[derive(Debug)]
struct Entry {
    side: Side,
    companies: Option<FxHashSet<u32>>,
    customers: Option<FxHashSet<u32>>,
    /// Nothing when the ledger does not have it: the entry never applies.
    currency: Option<Option<u32>>,
    amount: Option<Exact>,
    amount_in: AmountIn,
    percent: Option<Exact>,
}

impl Entry {
    /// Whether it is for payments in a currency, of a company with such a base currency.
    fn is_for(&self, currency: u32, base: Option<u32>) -> bool {
        match (self.currency, self.amount_in) {
            (None, _) => true,
            (Some(held), AmountIn::Credit) => held == Some(currency),
            (Some(held), AmountIn::Base) => held.is_some() && held == base,
        }
    }
}

/// Whether a payment is too little or too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    Under,
    Over,
}

/// Whether a payment has had its tolerance, and a bank charge: before, or on other lines.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    pub tolerance: bool,
    pub charge: bool,
}

impl Spent {
    /// What one or the other was.
    pub(super) fn or(self, other: Self) -> Self {
        Self { tolerance: self.tolerance || other.tolerance, charge: self.charge || other.charge }
    }
}

/// Whose limits they are, and what the payment is worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    pub company: u32,
    pub customer: u32,
    pub worth: Option<Worth>,
}

/// What a payment is worth in its company's base currency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worth {
    pub currency: u32,
    pub exponent: u8,
    /// Minor units of the payment, and of the base currency, of one rate; none where the document has no base amount.
    pub rate: Option<(Minor, Minor)>,
}

impl Worth {
    /// Of the document of a payment. Without a base currency its own takes that place.
    pub(super) fn of(view: &View, company: u32, document: u32, currency: u32) -> Option<Self> {
        let base = view.store.base_currency(company).unwrap_or(currency);
        let exponent = view.store.currency(base)?.exponent;
        let stated = || {
            let (piece, row) = view.store.documents.find(document)?;
            let (amount, base) = (*piece.amount.get(row)?, *piece.base.get(row).filter(|base| **base != NO_BASE)?);
            (amount != 0 && base != 0).then_some((amount.saturating_abs(), base.saturating_abs()))
        };
        let rate = if base == currency { Some((1, 1)) } else { stated() };
        Some(Self { currency: base, exponent, rate })
    }

    /// The most of the payment's currency that, half away from zero, is worth no more than so much; nothing without a rate.
    fn most(self, base: Minor) -> Minor {
        let Some((amount, worth)) = self.rate else { return 0 };
        if base == Minor::MAX {
            return Minor::MAX;
        }
        // What is worth less than half a minor unit more.
        let halves = i128::from(base).saturating_mul(2).saturating_add(1);
        let beyond = multiply_divide(halves, amount.into(), i128::from(worth).saturating_mul(2), Rounding::Up);
        narrow(beyond.map(|beyond| beyond.saturating_sub(1)))
    }
}

impl Limits {
    pub(super) fn new(view: &View, policy: Option<&TolerancePolicy>) -> Self {
        let Some(policy) = policy else { return Self::default() };
        let holds = |limit: &&ToleranceLimit| limit.clerk.is_none() || limit.clerk == policy.clerk;
        let entry = |limit: &ToleranceLimit| Entry {
            side: limit.side,
            companies: companies(view, limit.companies.as_deref()),
            customers: limit
                .customers
                .as_ref()
                .filter(|ids| !ids.is_empty())
                .map(|ids| ids.iter().filter_map(|id| view.store.customer_ids.find(id)).collect()),
            currency: limit.currency.as_ref().map(|code| view.store.currency_number(code)),
            amount: limit.amount,
            amount_in: limit.amount_in,
            percent: limit.percent,
        };
        let charge = |code: &str, amount| view.store.currency_number(code).map(|currency| (currency, amount));
        Self {
            entries: policy.limits.iter().filter(holds).map(entry).collect(),
            blank: policy.blank,
            per: policy.per,
            strategies: policy.strategies.clone(),
            charges: policy.bank_charges.iter().filter_map(|held| charge(&held.currency, held.amount)).collect(),
        }
    }

    /// Whether tolerance holds in a strategy.
    pub(super) fn hold_in(&self, strategy: SettlementStrategy) -> bool {
        self.strategies.as_ref().is_none_or(|held| held.contains(&strategy))
    }

    /// Whether an amount is in base currency.
    pub(super) fn are_in_base(&self) -> bool {
        self.entries.iter().any(|entry| entry.amount_in == AmountIn::Base)
    }

    /// What is allowed of a base, in minor units of the credit's currency.
    pub(super) fn allowed(&self, way: Way, who: Who, (currency, exponent): (u32, u8), base: Minor) -> Minor {
        let side = match way {
            Way::Under => Side::Under,
            Way::Over => Side::Over,
        };
        let applies = |entry: &&Entry| {
            (entry.side == Side::Both || entry.side == side)
                && entry.companies.as_ref().is_none_or(|companies| companies.contains(&who.company))
                && entry.customers.as_ref().is_none_or(|customers| customers.contains(&who.customer))
                && entry.is_for(currency, who.worth.map(|worth| worth.currency))
        };
        let blank = if self.blank == BlankLimit::None { 0 } else { Minor::MAX };
        let of = |entry: &Entry| {
            let amount = entry.amount.map_or(blank, |amount| match (entry.amount_in, who.worth) {
                (AmountIn::Credit, _) => cut(amount, exponent),
                (AmountIn::Base, worth) => worth.map_or(0, |worth| worth.most(cut(amount, worth.exponent))),
            });
            let percent = entry.percent.map_or(blank, |percent| {
                let hundred = power(percent.scale()).saturating_mul(100);
                narrow(multiply_divide(base.into(), percent.units(), hundred, Rounding::Down))
            });
            amount.min(percent)
        };
        self.entries.iter().filter(applies).map(of).min().unwrap_or(0)
    }

    /// What a shortage may be for bank charges; nothing when none may.
    pub(super) fn bank_charge(&self, (currency, exponent): (u32, u8), strategy: SettlementStrategy) -> Option<Minor> {
        self.charges
            .iter()
            .filter(|_| self.hold_in(strategy))
            .find(|(held, _)| *held == currency)
            .map(|(_, amount)| cut(*amount, exponent))
    }
}

/// An amount in minor units, what is finer cut off.
pub(super) fn cut(amount: Exact, exponent: u8) -> Minor {
    amount.rounded_minor(exponent, Rounding::Down).unwrap_or(Minor::MAX)
}

fn narrow(minor: Option<i128>) -> Minor {
    minor.and_then(|minor| Minor::try_from(minor).ok()).unwrap_or(Minor::MAX)
}
