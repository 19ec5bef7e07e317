//! What every question of a desk needs: the day, the policy, currencies, and what an amount is in another one.

use std::sync::Mutex;

use rustc_hash::FxHashMap;

use super::part::{AT, PARTS};
use super::policy::{CheckKind, CreditPolicy, ZeroLine};
use crate::ledger::View;
use crate::ledger::exchange::Rate;
use crate::ledger::layers::{count, place};
use crate::money::{Currencies, Currency, Minor, MoneyError, Rounding, format_minor};
use crate::problem::{Problem, Refused, quoted};

/// A day, how credit is checked, and the currencies that are known.
#[derive(Debug)]
pub(super) struct Given {
    /// Without its open items.
    pub view: View,
    pub policy: CreditPolicy,
    /// By place of a part whether it counts.
    pub counts: [bool; PARTS],
    /// What a line of 0 means to the policy's first check of limits, and of family limits.
    pub zero_limit: ZeroLine,
    pub zero_family: ZeroLine,
    known: Currencies,
    /// Currencies that were asked about and are not in the ledger; they are numbered after those that are.
    others: Mutex<Vec<Currency>>,
    rates: Mutex<FxHashMap<(u32, u32), Way>>,
}

/// How an amount goes from one currency to another.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// By the rate from the one to the other.
    By(Rate),
    /// By the rate from the other to the one.
    Back(Rate),
    None,
}

impl Given {
    pub(super) fn new(view: &View, policy: &CreditPolicy) -> Result<Self, Refused> {
        policy.check()?;
        let zero = |kind: CheckKind| {
            let first = policy.checks.iter().find(|rule| rule.check == kind);
            first.and_then(|rule| rule.zero).unwrap_or_default()
        };
        Ok(Self {
            view: view.emptied(),
            policy: policy.clone(),
            counts: AT.map(|part| part.is_some_and(|part| policy.counts(part))),
            zero_limit: zero(CheckKind::Limit),
            zero_family: zero(CheckKind::FamilyLimit),
            known: view.store.settings.known_currencies(),
            others: Mutex::default(),
            rates: Mutex::default(),
        })
    }

    /// The same policy on another day.
    pub(super) fn at(&self, view: View) -> Self {
        Self {
            view,
            policy: self.policy.clone(),
            counts: self.counts,
            zero_limit: self.zero_limit,
            zero_family: self.zero_family,
            known: self.known.clone(),
            others: Mutex::new(self.others.lock().map(|held| held.clone()).unwrap_or_default()),
            rates: Mutex::default(),
        }
    }

    /// Refuses a company that the ledger does not have.
    pub(super) fn knows_company(&self, company: &str, field: &str) -> Result<(), Problem> {
        if self.view.store.has_company(company) {
            return Ok(());
        }
        let reason = format!(
            "expected a company of the settings, a document, commitment or credit line, got {}",
            quoted(company)
        );
        Err(Problem::new("unknown_value", reason).field(field))
    }

    /// The name of a company by its number; empty for none that a fact names.
    pub(super) fn company_name(&self, number: u32) -> String {
        let texts = &self.view.store.texts;
        if place(number) < place(texts.len()) { texts.text(number).to_owned() } else { String::new() }
    }

    /// The number of a currency.
    pub(super) fn coin(&self, code: &str) -> Result<u32, Problem> {
        if let Some(number) = self.view.store.currency_number(code) {
            return Ok(number);
        }
        let currency = self.known.find(code).map_err(|error| Problem::new(error.code(), error.to_string()))?;
        let held = count(self.view.store.currencies.len());
        let mut others = self.others.lock().map_err(|_| Problem::new("unknown_currency", "expected a currency"))?;
        let at = others.iter().position(|other| other.code == currency.code).unwrap_or_else(|| {
            others.push(currency);
            others.len().saturating_sub(1)
        });
        Ok(held.saturating_add(count(at)))
    }

    fn currency(&self, number: u32) -> Option<Currency> {
        self.view.store.currency(number).or_else(|| {
            let at = place(number).checked_sub(self.view.store.currencies.len())?;
            self.others.lock().ok()?.get(at).copied()
        })
    }

    pub(super) fn digits(&self, number: u32) -> u8 {
        self.currency(number).map_or(0, |currency| currency.exponent)
    }

    pub(super) fn code(&self, number: u32) -> String {
        self.currency(number).map_or_else(String::new, |currency| currency.code.to_string())
    }

    /// An amount as it is printed.
    pub(super) fn shown(&self, amount: i128, currency: u32) -> String {
        format_minor(amount, self.digits(currency))
    }

    /// An amount in another currency, half away from zero at each step.
    pub(super) fn convert(&self, amount: i128, from: u32, to: u32) -> Result<i128, Refused> {
        if from == to || amount == 0 {
            return Ok(amount);
        }
        let minor = Minor::try_from(amount).map_err(|_| MoneyError::TooLarge)?;
        if let Some(there) = self.direct(minor, from, to)? {
            return Ok(there.into());
        }
        let base = self.view.store.settings.base_currency.as_deref().and_then(|code| self.coin(code).ok());
        if let Some(base) = base.filter(|base| *base != from && *base != to)
            && let Some(half) = self.direct(minor, from, base)?
        {
            if half == 0 {
                return Ok(0);
            }
            if let Some(there) = self.direct(half, base, to)? {
                return Ok(there.into());
            }
        }
        Err(self.no_rate(from, to))
    }

    /// The most in a currency that is, converted, no more than an amount of another: the same steps back, each rounded down.
    pub(super) fn most(&self, amount: i128, of: u32, currency: u32) -> Result<i128, Refused> {
        if of == currency || amount == 0 {
            return Ok(amount);
        }
        let minor = Minor::try_from(amount).map_err(|_| MoneyError::TooLarge)?;
        if let Some(most) = self.direct_most(minor, of, currency)? {
            return Ok(most.into());
        }
        let base = self.view.store.settings.base_currency.as_deref().and_then(|code| self.coin(code).ok());
        if let Some(base) = base.filter(|base| *base != of && *base != currency)
            && let Some(half) = self.direct_most(minor, of, base)?
            && let Some(most) = self.direct_most(half, base, currency)?
        {
            return Ok(most.into());
        }
        Err(self.no_rate(currency, of))
    }

    fn direct_most(&self, minor: Minor, of: u32, currency: u32) -> Result<Option<Minor>, Refused> {
        Ok(match self.way(currency, of) {
            Way::By(rate) => Some(rate.back_rounded(minor, Rounding::Floor)?),
            Way::Back(rate) => Some(rate.apply_rounded(minor, Rounding::Floor)?),
            Way::None => None,
        })
    }

    fn no_rate(&self, from: u32, to: u32) -> Refused {
        let reason = format!("expected a rate from {} to {}", self.code(from), self.code(to));
        Problem::new("rate_missing", reason).into()
    }

    fn direct(&self, minor: Minor, from: u32, to: u32) -> Result<Option<Minor>, Refused> {
        Ok(match self.way(from, to) {
            Way::By(rate) => Some(rate.apply(minor)?),
            Way::Back(rate) => Some(rate.back(minor)?),
            Way::None => None,
        })
    }

    /// How an amount goes from one currency to another, found once.
    fn way(&self, from: u32, to: u32) -> Way {
        let known = self.rates.lock().ok().and_then(|held| held.get(&(from, to)).copied());
        known.unwrap_or_else(|| {
            let way = match (self.view.exchange(from, to), self.view.exchange(to, from)) {
                (Ok(rate), _) => Way::By(rate),
                (_, Ok(rate)) => Way::Back(rate),
                _ => Way::None,
            };
            if let Ok(mut held) = self.rates.lock() {
                held.insert((from, to), way);
            }
            way
        })
    }
}
