//! What difference is let go: limits by amount and percentage, per customer, clerk and company; the lowest holds.

use rustc_hash::FxHashSet;

use super::policy::{BlankLimit, LimitPer, Side, ToleranceLimit, TolerancePolicy, power};
use crate::allocation::filter::companies;
use crate::ledger::View;
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
    percent: Option<Exact>,
}

/// Whether a payment is too little or too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Under,
    Over,
}

/// Whose limits they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    pub company: u32,
    pub customer: u32,
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
                && entry.currency.is_none_or(|held| held == Some(currency))
        };
        let blank = if self.blank == BlankLimit::None { 0 } else { Minor::MAX };
        let of = |entry: &Entry| {
            let amount = entry.amount.map_or(blank, |amount| cut(amount, exponent));
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
