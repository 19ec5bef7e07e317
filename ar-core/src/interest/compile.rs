//! Is this policy of interest well-formed? Proven once, before use.

use super::policy::{
    Compensation, Compounding, DatedRate, InterestBasis, InterestPolicy, RatePer, ReferencePeriods, ReferenceRule,
    Rounded,
};
use crate::calendar::{Day, DayCount};
use crate::made_by::MadeBy;
use crate::money::{Currency, CurrencyCode, Exact, Minor, is_iso, quoted};
use crate::problem::Problem;

/// The digits after the point that a percentage may have.
pub(super) const PERCENT_DIGITS: u8 = 6;
/// The most per cent, either way, in units of [`PERCENT_DIGITS`].
const MOST_PERCENT: i128 = 1_000_000_000;
const MOST_RATES: usize = 1_000;

/// [`InterestPolicy`] proven well-formed: what is left to go wrong depends on the debt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompiledInterest {
    pub(super) policy: InterestPolicy,
    /// Rising by day; percentages in millionths, the margin not yet added.
    pub(super) rates: Vec<(Day, i64)>,
    pub(super) margin: i64,
    pub(super) rule: ReferenceRule,
    pub(super) periods: ReferencePeriods,
    pub(super) field: &'static str,
    made_by: MadeBy,
}

impl InterestPolicy {
    /// Proves the policy well-formed.
    ///
    /// **Errors**: `unsupported_version`; `policy_invalid` with the path of the first offence, in the order version, rates,
    /// reference, first day, then field by field.
    ///
    /// ```
    /// use ar_core::interest::{DatedRate, InterestPolicy};
    /// use ar_core::calendar::Day;
    /// use ar_core::money::Exact;
    /// let rate = |day: &str, percent: i128| DatedRate { from: Day::parse(day).unwrap(), percent: Exact::from_integer(percent) };
    /// let mut policy = InterestPolicy { rates: vec![rate("2026-01-01", 8)], ..InterestPolicy::default() };
    /// assert!(policy.compile().is_ok());
    /// policy.rates.push(rate("2026-01-01", 9));
    /// assert_eq!(policy.compile().unwrap_err().field.as_deref(), Some("rates[1].from"));
    /// ```
    pub fn compile(&self) -> Result<CompiledInterest, Problem> {
        self.compile_with(&[])
    }

    /// The same where more currencies are known than those of ISO 4217 and the policy's own.
    pub(crate) fn compile_with(&self, known: &[String]) -> Result<CompiledInterest, Problem> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version"));
        }
        let (field, rates, margin, rule, periods) = match (&self.reference, self.rates.is_empty()) {
            (Some(_), false) => {
                return Err(invalid("rates", "expected rates or a reference, got both"));
            }
            (None, true) => return Err(invalid("rates", "expected at least one rate, or a reference")),
            (None, false) => {
                let rates = table("rates", &self.rates, 0)?;
                ("rates", rates, 0, ReferenceRule::Floating, ReferencePeriods::AsListed)
            }
            (Some(reference), true) => {
                let rates = table("reference.rates", &reference.rates, -MOST_PERCENT)?;
                let margin = percent(reference.margin, -MOST_PERCENT)
                    .ok_or_else(|| invalid("reference.margin", "expected -1000 to 1000, with at most 6 digits"))?;
                ("reference.rates", rates, margin, reference.rule, reference.periods)
            }
        };
        let compiled = CompiledInterest {
            policy: self.clone(),
            rates,
            margin,
            rule,
            periods,
            field,
            made_by: MadeBy::policy(&self.id, self),
        };
        if let Some(day) = self.first_day {
            compiled.rate_on(day).map_err(|error| invalid(&format!("{field}[0].from"), &error.to_string()))?;
        }
        self.check_reckoning()?;
        self.check_amounts(known)?;
        Ok(compiled)
    }

    fn check_reckoning(&self) -> Result<(), Problem> {
        if let RatePer::Days(days) = self.per
            && !(1..=3_660).contains(&days)
        {
            return Err(invalid("per.days", "expected 1 to 3660 days"));
        }
        let calendar_days = matches!(self.day_count, DayCount::Actual360 | DayCount::Actual365Fixed);
        if self.compounding == Compounding::Monthly {
            if !calendar_days {
                return Err(invalid("compounding", "expected actual_360 or actual_365_fixed where interest compounds"));
            }
            if self.basis == InterestBasis::BalanceDue {
                return Err(invalid("compounding", "expected a basis of days where interest compounds"));
            }
            let rule = self.reference.as_ref().map(|reference| reference.rule);
            if rule == Some(ReferenceRule::AtPayment) {
                return Err(invalid("compounding", "expected another rule than at_payment where interest compounds"));
            }
            if self.rounded != Rounded::Once {
                return Err(invalid("rounded", "expected interest that compounds to be rounded once"));
            }
        }
        if self.grace_days > 3_660 {
            return Err(invalid("grace_days", "expected at most 3660 days"));
        }
        if self.longest_days.is_some_and(|days| !(1..=36_600).contains(&days)) {
            return Err(invalid("longest_days", "expected 1 to 36600 days"));
        }
        if self.kinds.is_empty() {
            return Err(invalid("kinds", "expected at least one kind"));
        }
        Ok(())
    }

    fn check_amounts(&self, known: &[String]) -> Result<(), Problem> {
        if let Some(at) = self.currencies.iter().position(|code| CurrencyCode::new(code).is_err()) {
            return Err(invalid(&format!("currencies[{at}]"), "expected a code of 1 to 12 letters, digits, _, - or ."));
        }
        let own: Vec<&str> = self.currencies.iter().chain(known).map(String::as_str).collect();
        for (at, minimum) in self.minimum.iter().enumerate() {
            let here = |field: &str| format!("minimum[{at}].{field}");
            check_currency(&minimum.currency, &own, &here("currency"))?;
            not_below_zero(minimum.amount, &here("amount"))?;
            if self.minimum.iter().take(at).any(|before| before.currency == minimum.currency) {
                return Err(invalid(&here("currency"), "expected each currency once"));
            }
        }
        self.compensation.as_ref().map_or(Ok(()), |compensation| compensation.check(&own))
    }
}

impl Compensation {
    fn check(&self, own: &[&str]) -> Result<(), Problem> {
        if self.tiers.is_empty() {
            return Err(invalid("compensation.tiers", "expected at least one tier"));
        }
        for (at, tier) in self.tiers.iter().enumerate() {
            let here = |field: &str| format!("compensation.tiers[{at}].{field}");
            check_currency(&tier.currency, own, &here("currency"))?;
            not_below_zero(tier.from, &here("from"))?;
            not_below_zero(tier.amount, &here("amount"))?;
            let before = self.tiers.iter().take(at).rfind(|before| before.currency == tier.currency);
            if before.is_some_and(|before| before.from >= tier.from) {
                return Err(invalid(&here("from"), "expected rising amounts in a currency"));
            }
        }
        Ok(())
    }
}

impl CompiledInterest {
    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &InterestPolicy {
        &self.policy
    }

    /// The policy and engine that a report is made by.
    #[must_use]
    pub fn made_by(&self) -> &MadeBy {
        &self.made_by
    }

    /// Whether so much interest is too little to be charged.
    ///
    /// **Unit**: minor units of `currency`. **Edges**: the minimum itself is charged.
    #[must_use]
    pub fn is_below_minimum(&self, currency: Currency, interest: i128) -> bool {
        let own = |code: &str| code == currency.code.as_str();
        self.policy
            .minimum
            .iter()
            .find(|minimum| own(&minimum.currency))
            .is_some_and(|minimum| minimum.amount.cmp_minor(interest, currency.exponent).is_gt())
    }

    /// The fixed sum for a debt, in minor units; 0 without a tier of its currency that it reaches.
    ///
    /// **Unit**: minor units of `currency`. **Edges**: a tier begins with its `from`. **Rounding**: a sum of more digits than
    /// the currency has is rounded half away from zero.
    #[must_use]
    pub fn compensation(&self, currency: Currency, debt: i128) -> Minor {
        let Some(compensation) = self.policy.compensation.as_ref().filter(|_| debt > 0) else { return 0 };
        let own = |code: &str| code == currency.code.as_str();
        compensation
            .tiers
            .iter()
            .rfind(|tier| own(&tier.currency) && tier.from.cmp_minor(debt, currency.exponent).is_le())
            .and_then(|tier| tier.amount.rounded_minor(currency.exponent, crate::money::Rounding::default()).ok())
            .unwrap_or(0)
    }
}

/// A percentage in millionths; none when it has more digits or is out of range.
fn percent(percent: Exact, least: i128) -> Option<i64> {
    let missing = PERCENT_DIGITS.checked_sub(percent.scale())?;
    let units = percent.units().checked_mul(10_i128.checked_pow(u32::from(missing))?)?;
    i64::try_from(units).ok().filter(|_| (least..=MOST_PERCENT).contains(&units))
}

fn table(path: &str, rates: &[DatedRate], least: i128) -> Result<Vec<(Day, i64)>, Problem> {
    if rates.is_empty() || rates.len() > MOST_RATES {
        return Err(invalid(path, &format!("expected 1 to {MOST_RATES} rates, got {}", rates.len())));
    }
    let mut read: Vec<(Day, i64)> = Vec::with_capacity(rates.len());
    for (at, rate) in rates.iter().enumerate() {
        if read.last().is_some_and(|(before, _)| *before >= rate.from) {
            return Err(invalid(&format!("{path}[{at}].from"), "expected rising days"));
        }
        let least_text = if least < 0 { "-1000" } else { "0" };
        let reason = || format!("expected {least_text} to 1000, with at most 6 digits, got {}", rate.percent);
        let percent =
            percent(rate.percent, least).ok_or_else(|| invalid(&format!("{path}[{at}].percent"), &reason()))?;
        read.push((rate.from, percent));
    }
    Ok(read)
}

fn check_currency(code: &str, own: &[&str], path: &str) -> Result<(), Problem> {
    if is_iso(code) || own.contains(&code) {
        return Ok(());
    }
    Err(invalid(path, &format!("expected a code of ISO 4217 or of `currencies`, got {}", quoted(code))))
}

fn not_below_zero(amount: Exact, path: &str) -> Result<(), Problem> {
    if amount.units() < 0 { Err(invalid(path, "expected an amount not below zero")) } else { Ok(()) }
}

fn invalid(field: &str, reason: &str) -> Problem {
    Problem::new("policy_invalid", reason).field(field)
}
