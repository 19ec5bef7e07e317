//! Late-payment interest of one debt, as plain data.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::json::interest_policy;
use super::terms::{currency, day};
use crate::calendar::Day;
use crate::interest::{Debt, InterestSegment, Outcome};
use crate::ledger::settings::Settings;
use crate::money::{Currency, Exact, Minor, to_decimal};
use crate::problem::{Problem, Refused};

/// A debt, what was paid on it and up to which day its interest is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebtQuestion<'a> {
    /// The policy as JSON text.
    pub policy: &'a str,
    /// The currency of the debt.
    pub currency: &'a str,
    /// What was owed.
    pub amount: Decimal,
    /// When it fell due.
    pub due_date: NaiveDate,
    /// The last day of interest.
    pub until: NaiveDate,
    /// What was paid on it; below zero what was taken back.
    pub payments: &'a [DebtPayment],
    /// The last day whose interest is charged already.
    pub charged_until: Option<NaiveDate>,
}

/// A payment on a debt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebtPayment {
    /// The day it counts from.
    pub date: NaiveDate,
    /// What it takes off the debt; below zero what it puts back.
    pub amount: Decimal,
}

/// The interest of a debt, with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebtInterest {
    /// What is left at the end of the last day.
    pub open: Decimal,
    /// What accrued; the sum of the segments'.
    pub accrued: Decimal,
    /// What is charged: `accrued`, or nothing when that is below the minimum.
    pub interest: Decimal,
    /// The fixed sum for the costs of recovery.
    pub compensation: Decimal,
    /// The rule, such as `interest.accrued`.
    pub rule: String,
    /// Runs of days with one balance and one rate.
    pub segments: Vec<InterestSegment>,
}

/// The interest and compensation of one debt.
///
/// # Errors
/// `policy_invalid` with the path, `unsupported_version`, `unknown_currency`, `too_many_digits`, `too_large`, `wrong_sign` for a
/// debt below zero, `impossible_date`; `over_allocation` for a payment of more than is left; `rate_missing`.
///
/// ```
/// use ar_core::facade::{DebtQuestion, Settings, debt_interest};
/// let day = |text: &str| text.parse().unwrap();
/// let policy = r#"{ "rates": [{ "from": "2024-01-01", "percent": "12.25" }] }"#;
/// let question = DebtQuestion {
///     policy, currency: "GBP", amount: "5000.00".parse().unwrap(), due_date: day("2024-07-01"), until: day("2024-10-10"),
///     payments: &[], charged_until: None,
/// };
/// assert_eq!(debt_interest(&question, &Settings::default()).unwrap().interest.to_string(), "169.49");
/// ```
pub fn debt_interest(question: &DebtQuestion<'_>, settings: &Settings) -> Result<DebtInterest, Refused> {
    let policy = interest_policy(question.policy)?;
    let currency = currency(settings, question.currency)?;
    let due = day("due_date", question.due_date)?;
    let until = day("until", question.until)?;
    let charged_until = question.charged_until.map(|date| day("charged_until", date)).transpose()?;
    let balances = balances(question, currency)?;
    let accrued = policy.accrue(Debt { due, balances: &balances, charged_until, until })?;
    let open = balances.iter().rfind(|(day, _)| *day <= until).map_or(0, |(_, left)| *left);
    let too_little = accrued.amount != 0 && policy.is_below_minimum(currency, accrued.amount.into());
    let rule = match accrued.outcome {
        _ if too_little => "interest.below_minimum",
        Outcome::Accrued => "interest.accrued",
        Outcome::NotLate => "interest.not_late",
        Outcome::InGrace => "interest.in_grace",
        Outcome::Charged => "interest.charged",
    };
    let money = |minor: Minor| to_decimal(minor, currency.exponent);
    Ok(DebtInterest {
        open: money(open),
        accrued: money(accrued.amount),
        interest: money(if too_little { 0 } else { accrued.amount }),
        compensation: money(policy.compensation(currency, accrued.debt.into())),
        rule: rule.to_owned(),
        segments: accrued.segments.iter().map(|one| InterestSegment::shown(one, currency.exponent)).collect(),
    })
}

/// What is left at the end of each day on which something was paid, and of those after it.
fn balances(question: &DebtQuestion<'_>, currency: Currency) -> Result<Vec<(Day, Minor)>, Refused> {
    let amount = Exact::from_decimal(question.amount).to_minor(currency.exponent);
    let amount = amount.map_err(|error| Refused::from(error).at(None, None, "amount"))?;
    if amount < 0 {
        return Err(Problem::new("wrong_sign", "expected a debt not below zero").field("amount").into());
    }
    let mut payments = Vec::with_capacity(question.payments.len());
    for (index, payment) in question.payments.iter().enumerate() {
        let at = u64::try_from(index).ok();
        let date = Day::try_from(payment.date);
        let date = date.map_err(|error| Refused::from(error).at(Some("payments"), at, "date"))?;
        let minor = Exact::from_decimal(payment.amount).to_minor(currency.exponent);
        let minor = minor.map_err(|error| Refused::from(error).at(Some("payments"), at, "amount"))?;
        payments.push((date, index, minor));
    }
    payments.sort_by_key(|(date, index, _)| (*date, *index));
    let mut balances = vec![(Day::MIN, amount)];
    let mut left = i128::from(amount);
    for (date, index, minor) in payments {
        left = left.saturating_sub(i128::from(minor));
        let problem = |code: &str, reason: &str| Problem::new(code, reason).row("payments", index).field("amount");
        if left < 0 {
            return Err(problem("over_allocation", "expected no more than is left of the debt").into());
        }
        let balance = Minor::try_from(left).map_err(|_| problem("too_large", "expected a debt that fits"))?;
        match balances.last_mut() {
            Some((held, before)) if *held == date => *before = balance,
            _ => balances.push((date, balance)),
        }
    }
    Ok(balances)
}
