//! How much interest does one debt bear, and which days, balances and rates does it come from?
//!
//! A day of interest is each day after the due date: it bears the balance of the end of the day before at its own rate, so
//! that a payment on the due date costs nothing and one on the next day costs one day. **Source**: Business Central,
//! "Calculate interest on finance charge memos"; 5 CFR 1315.17; Directive 2011/7/EU, article 3.

use std::collections::BTreeMap;

use super::compile::{CompiledInterest, PERCENT_DIGITS};
use super::compound;
use super::error::InterestError;
use super::policy::{Compounding, Grace, InterestBasis, RatePer, ReferenceRule, Rounded};
use crate::calendar::{Day, DayCount};
use crate::money::{Exact, Minor, Ratio, divide};

/// What is owed, day by day, and up to which day interest is asked for.
///
/// **Unit**: minor units of one currency.
#[derive(Debug, Clone, Copy)]
pub struct Debt<'a> {
    /// The last day on which it costs nothing to pay.
    pub due: Day,
    /// What was left at the end of a day and of those after it, by rising day; nothing before the first. Below zero is nothing.
    pub balances: &'a [(Day, Minor)],
    /// The last day whose interest is charged already.
    pub charged_until: Option<Day>,
    /// The last day of interest.
    pub until: Day,
}

/// The interest of one debt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accrued {
    /// Why it is what it is.
    pub outcome: Outcome,
    /// The interest; the sum of the segments'.
    pub amount: Minor,
    /// What was owed on the first day of interest; 0 when none counts.
    pub debt: Minor,
    /// Runs of days with one balance and one rate, by day.
    pub segments: Vec<Segment>,
}

/// Why the interest of a debt is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It accrued; see the segments.
    Accrued,
    /// It was never late.
    NotLate,
    /// The days of grace have not passed.
    InGrace,
    /// All its days are charged already.
    Charged,
}

/// Days with one balance and one rate.
///
/// **Rounding**: where the interest of an item is rounded once, `amount` is by how much its rounded interest grew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The first day of interest.
    pub from: Day,
    /// The last.
    pub until: Day,
    /// How many they are, as the day count has it.
    pub days: i32,
    /// What was left.
    pub balance: Minor,
    /// Earlier interest that earns interest, rounded.
    pub compounded: Minor,
    /// Per cent.
    pub percent: Exact,
    /// The part of the rate's year or period that the days are.
    pub part: Ratio,
    /// The interest.
    pub amount: Minor,
}

/// Days after `after` up to `until`, with one balance and one rate in millionths of a per cent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub after: Day,
    pub until: Day,
    pub balance: Minor,
    pub rate: i64,
}

impl CompiledInterest {
    /// The interest of a debt up to a day, with the segments that it re-adds from.
    ///
    /// **Unit**: minor units. **Rounding**: as the policy says, and nowhere else. **Edges**: the first day of interest is the
    /// day after the due date, the last is `until`; a payment counts from the day after its own. **Errors**: `rate_missing`
    /// before the first rate, `too_large`.
    ///
    /// ```
    /// use ar_core::calendar::Day;
    /// use ar_core::interest::{DatedRate, Debt, InterestPolicy};
    /// use ar_core::money::Exact;
    /// let day = |text: &str| Day::parse(text).unwrap();
    /// let rates = vec![DatedRate { from: day("2026-01-01"), percent: Exact::parse("12.25").unwrap() }];
    /// let policy = InterestPolicy { rates, ..InterestPolicy::default() }.compile().unwrap();
    /// // 5,000.00 until 1 March, then 2,000.00.
    /// let balances = [(day("2026-01-01"), 500_000), (day("2026-03-01"), 200_000)];
    /// let debt = Debt { due: day("2026-01-31"), balances: &balances, charged_until: None, until: day("2026-03-31") };
    /// let accrued = policy.accrue(debt).unwrap();
    /// assert_eq!((accrued.segments[0].days, accrued.segments[1].days), (29, 30));
    /// assert_eq!(accrued.amount, 6_880);
    /// ```
    pub fn accrue(&self, debt: Debt<'_>) -> Result<Accrued, InterestError> {
        self.accrue_days(debt, debt.until)
    }

    /// The interest of the days of a debt up to a last one, as it is reckoned on the day up to which it is asked for.
    pub(crate) fn accrue_days(&self, debt: Debt<'_>, last_day: Day) -> Result<Accrued, InterestError> {
        let nothing = |outcome, owed| Accrued { outcome, amount: 0, debt: owed, segments: Vec::new() };
        let policy = &self.policy;
        let later = |day: Day, days: u32| i32::try_from(days).ok().and_then(|days| day.plus_days(days));
        // Past the end of the calendar is past any day.
        let past_grace = later(debt.due, policy.grace_days).unwrap_or(Day::MAX);
        let origin = if policy.grace == Grace::Free { past_grace } else { debt.due };
        let late = balances_between(debt.balances, origin, debt.until);
        let (Some(first), Some(last)) = (late.first(), late.last()) else { return Ok(nothing(Outcome::NotLate, 0)) };
        if last.until <= past_grace {
            return Ok(nothing(Outcome::InGrace, 0));
        }
        let asked = debt.until.min(last_day);
        let end = policy.longest_days.and_then(|days| later(origin, days)).map_or(asked, |end| end.min(asked));
        let begin = debt.charged_until.map_or(origin, |charged| charged.max(origin));
        let term = Term { origin, begin, end, last: last.until, until: debt.until };
        let runs = self.runs(debt, term)?;
        if begin >= end || (runs.is_empty() && policy.basis == InterestBasis::DailyBalance) {
            return Ok(nothing(Outcome::Charged, first.balance));
        }
        let segments = match (policy.basis, policy.compounding) {
            (InterestBasis::BalanceDue, _) => self.at_a_flat_rate(&runs, origin)?,
            (_, Compounding::Monthly) => compound::segments(self, &runs, origin, begin)?,
            (_, Compounding::None) => self.simple(&runs, origin)?,
        };
        let amount = segments.iter().map(|segment| i128::from(segment.amount)).sum();
        Ok(Accrued { outcome: Outcome::Accrued, amount: minor(Some(amount))?, debt: first.balance, segments })
    }

    /// The days to charge, in runs of one balance and one rate.
    fn runs(&self, debt: Debt<'_>, term: Term) -> Result<Vec<Run>, InterestError> {
        let balances = match self.policy.basis {
            InterestBasis::DailyBalance => balances_between(debt.balances, term.begin, term.end),
            InterestBasis::Outstanding | InterestBasis::BalanceDue => {
                let balance = debt.balances.iter().rfind(|(day, _)| *day <= term.until).map_or(0, |(_, left)| *left);
                let run = Run { after: term.begin, until: term.end, balance, rate: 0 };
                if balance > 0 && term.begin < term.end { vec![run] } else { Vec::new() }
            }
        };
        let (Some(first), Some(last)) = (balances.first(), balances.last()) else { return Ok(Vec::new()) };
        let first_day = term.origin.plus_days(1).unwrap_or(term.origin);
        if self.policy.basis == InterestBasis::BalanceDue {
            let rate = match self.rule {
                ReferenceRule::Locked => self.rate_on(first_day)?,
                ReferenceRule::AtPayment => self.rate_on(term.last)?,
                ReferenceRule::Floating => self.rate_on(term.end)?,
            };
            return Ok(vec![Run { rate, ..*first }]);
        }
        if self.rule == ReferenceRule::AtPayment && self.policy.basis == InterestBasis::DailyBalance {
            return self.runs_by_payment(debt, term);
        }
        let rates = self.rate_runs(first.after, last.until, first_day, term.last)?;
        let mut runs: Vec<Run> = Vec::new();
        let mut rates = rates.into_iter().peekable();
        for balance in balances {
            let mut after = balance.after;
            while after < balance.until {
                let Some((end, rate)) = rates.peek().copied() else { break };
                let until = end.min(balance.until);
                if until > after {
                    runs.push(Run { after, until, balance: balance.balance, rate });
                    after = until;
                }
                if end <= after {
                    rates.next();
                }
            }
        }
        Ok(runs)
    }

    /// The days to charge where each part of the balance has the rate of the day on which it is paid: who pays a part first has
    /// paid it of all that was there, and what is put back later is a debt of its own.
    fn runs_by_payment(&self, debt: Debt<'_>, term: Term) -> Result<Vec<Run>, InterestError> {
        let late = balances_between(debt.balances, term.begin, term.until);
        // By run what of its balance is paid on which day, what is paid last at the bottom.
        let mut parts: Vec<Vec<(Day, Minor)>> = Vec::with_capacity(late.len());
        for (at, run) in late.iter().enumerate().rev() {
            let next = late.get(at.saturating_add(1)).filter(|next| next.after == run.until);
            let mut own = if next.is_some() { parts.last().cloned().unwrap_or_default() } else { Vec::new() };
            let mut left = next.map_or(0, |next| next.balance);
            while left > run.balance {
                let Some((_, top)) = own.last_mut() else { break };
                let off = (*top).min(left.saturating_sub(run.balance));
                *top = top.saturating_sub(off);
                left = left.saturating_sub(off);
                if *top == 0 {
                    own.pop();
                }
            }
            if run.balance > left {
                own.push((run.until, run.balance.saturating_sub(left)));
            }
            parts.push(own);
        }
        parts.reverse();
        let mut runs: Vec<Run> = Vec::new();
        for (run, parts) in late.iter().zip(&parts).filter(|(run, _)| run.after < term.end) {
            let mut by_rate: BTreeMap<i64, Minor> = BTreeMap::new();
            for (day, part) in parts {
                let sum = by_rate.entry(self.rate_on(*day)?).or_default();
                *sum = sum.saturating_add(*part);
            }
            let until = run.until.min(term.end);
            for (rate, balance) in by_rate {
                match runs.iter_mut().rev().find(|held| held.rate == rate) {
                    Some(held) if held.until == run.after && held.balance == balance => held.until = until,
                    _ => runs.push(Run { after: run.after, until, balance, rate }),
                }
            }
        }
        Ok(runs)
    }

    fn at_a_flat_rate(&self, runs: &[Run], origin: Day) -> Result<Vec<Segment>, InterestError> {
        let mut segments = Vec::with_capacity(runs.len());
        for run in runs {
            let interest = i128::from(run.balance).checked_mul(i128::from(run.rate));
            let amount = interest.and_then(|interest| divide(interest, PER_CENT, self.policy.rounding));
            segments.push(Segment { part: Ratio::ONE, ..self.segment(run, origin, minor(amount)?) });
        }
        Ok(segments)
    }

    fn simple(&self, runs: &[Run], origin: Day) -> Result<Vec<Segment>, InterestError> {
        let divisor = self.period().checked_mul(PER_CENT).ok_or(InterestError::TooLarge)?;
        let round = |interest: Option<i128>| interest.and_then(|whole| divide(whole, divisor, self.policy.rounding));
        let mut segments = Vec::with_capacity(runs.len());
        let mut accrued = Some(0_i128);
        for run in runs {
            let daily = i128::from(run.balance).checked_mul(i128::from(run.rate));
            let weight = |after: Day, until: Day| self.counted(origin, until).checked_sub(self.counted(origin, after));
            let over = |after: Day, until: Day| daily?.checked_mul(weight(after, until)?);
            let amount = match self.policy.rounded {
                Rounded::PerSegment => round(over(run.after, run.until)),
                Rounded::PerDay => self.day_by_day(run, daily, |after, until| round(over(after, until))),
                Rounded::Once => {
                    let before = round(accrued);
                    accrued = accrued.zip(over(run.after, run.until)).and_then(|(held, more)| held.checked_add(more));
                    round(accrued).zip(before).and_then(|(after, before)| after.checked_sub(before))
                }
            };
            segments.push(self.segment(run, origin, minor(amount)?));
        }
        Ok(segments)
    }

    /// The interest of a run whose days are rounded one by one.
    fn day_by_day(&self, run: &Run, daily: Option<i128>, one: impl Fn(Day, Day) -> Option<i128>) -> Option<i128> {
        let alike = matches!(self.policy.day_count, DayCount::Actual360 | DayCount::Actual365Fixed);
        if alike {
            let divisor = self.period().checked_mul(PER_CENT)?;
            let days = i128::from(run.until.days_since(run.after));
            return divide(daily?, divisor, self.policy.rounding)?.checked_mul(days);
        }
        let mut sum = 0_i128;
        let mut after = run.after;
        while after < run.until {
            let until = after.plus_days(1)?;
            sum = sum.checked_add(one(after, until)?)?;
            after = until;
        }
        Some(sum)
    }

    /// A segment of simple interest.
    fn segment(&self, run: &Run, origin: Day, amount: Minor) -> Segment {
        let count = |day: Day| self.policy.day_count.days(origin, day);
        let part = self.counted(origin, run.until).saturating_sub(self.counted(origin, run.after));
        Segment {
            from: run.after.plus_days(1).unwrap_or(run.until),
            until: run.until,
            days: count(run.until).saturating_sub(count(run.after)),
            balance: run.balance,
            compounded: 0,
            percent: Exact::new(i128::from(run.rate), PERCENT_DIGITS),
            part: Ratio::new(part, self.period()).unwrap_or(Ratio::ZERO),
            amount,
        }
    }

    /// What a whole year, or period of the rate, counts in [`counted`](Self::counted).
    pub(super) fn period(&self) -> i128 {
        match (self.policy.per, self.policy.day_count) {
            (RatePer::Days(days), _) => i128::from(days),
            (RatePer::Year, DayCount::Actual365Fixed) => 365,
            (RatePer::Year, DayCount::ActualActualIsda) => 365 * 366,
            (RatePer::Year, _) => 360,
        }
    }

    /// The days from the origin to a day as they count against the period; they add up, whatever the day count.
    fn counted(&self, origin: Day, day: Day) -> i128 {
        let count = self.policy.day_count;
        if self.policy.per == RatePer::Year && count == DayCount::ActualActualIsda {
            let year = count.fraction(origin, day);
            let raised = self.period().checked_div(year.denominator()).unwrap_or(0);
            return year.numerator().saturating_mul(raised);
        }
        i128::from(count.days(origin, day))
    }
}

/// What a rate of one per cent is, in its units, of a whole.
const PER_CENT: i128 = 100_000_000;

/// The days of a question.
#[derive(Debug, Clone, Copy)]
struct Term {
    /// The day before the first day of interest.
    origin: Day,
    /// The day before the first that is charged.
    begin: Day,
    /// The last that is charged.
    end: Day,
    /// The last on which anything was owed.
    last: Day,
    /// The day of the question.
    until: Day,
}

/// The days after one day up to another on which something was owed, in runs of one balance, at no rate yet.
fn balances_between(balances: &[(Day, Minor)], after: Day, until: Day) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, (day, balance)) in balances.iter().enumerate() {
        let next = balances.get(at.saturating_add(1)).map_or(until, |(day, _)| (*day).min(until));
        let begin = (*day).max(after);
        if begin >= next || *balance <= 0 {
            continue;
        }
        match runs.last_mut() {
            Some(held) if held.until == begin && held.balance == *balance => held.until = next,
            _ => runs.push(Run { after: begin, until: next, balance: *balance, rate: 0 }),
        }
    }
    runs
}

/// An amount in the range of money.
pub(super) fn minor(amount: Option<i128>) -> Result<Minor, InterestError> {
    amount
        .and_then(|amount| Minor::try_from(amount).ok())
        .filter(|amount| *amount != Minor::MIN)
        .ok_or(InterestError::TooLarge)
}
