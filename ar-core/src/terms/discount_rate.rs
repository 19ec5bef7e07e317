//! What is it worth to pay early? For those who offer a discount for early payment, and those who may take it.
//!
//! Who pays 98 on the last day of the discount instead of 100 when it is due lends 98 for the days between, for 2. As a rate for
//! a year: simple over 360 days as the rule of the US Treasury has it (5 CFR 1315.7), over 365, or compounded.

use core::cmp::Ordering;

use super::compile::PERCENT_OPERAND;
use super::error::TermsError;
use crate::money::{Ratio, compare_powers, ratio_text};

/// The last day that a discount may be compared with.
const MOST_DAYS: i64 = 3_660;
/// A compounded rate has fewer hundredths of a percent than this: 10^12 percent.
const MOST_HUNDREDTHS: u64 = 100_000_000_000_000;
/// Hundredths of a percent in one.
const WHOLE: u64 = 10_000;

/// A discount for early payment as a rate for a year.
///
/// **Unit**: percent, with two digits. **Rounding**: half away from zero, of the exact figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountRates {
    /// The days by which the payment comes earlier.
    pub days: u32,
    /// What those days cost: the discount as a part of what is paid.
    pub cost: Ratio,
    /// `cost × 360 ÷ days`.
    pub simple_360: String,
    /// `cost × 365 ÷ days`.
    pub simple_365: String,
    /// `(1 + cost)^(360 ÷ days) − 1`; none from 10^12 percent on.
    pub compounded_360: Option<String>,
    /// `(1 + cost)^(365 ÷ days) − 1`; none from 10^12 percent on.
    pub compounded_365: Option<String>,
}

/// A discount of so many percent within `discount_days`, against the whole within `net_days`, as a rate for a year.
///
/// **Rounding**: every figure is the exact one, rounded once; the roots are compared as whole numbers. **Edges**: a discount of 0 is a
/// rate of 0; both counts of days are from the day of the document. **Panics**: never.
///
/// # Errors
/// `policy_invalid`: `percent` below 0, from 100 on or with more than 15 digits, `discount_days` below 0, `net_days` not above them or
/// above 3,660.
///
/// **Source**: 5 CFR 1315.7 and the Treasury's effective annual discount rate for the simple rate over 360 days.
///
/// ```
/// use ar_core::money::Ratio;
/// use ar_core::terms::discount_rates;
/// // 2/10 net 30.
/// let rates = discount_rates(Ratio::parse("2").unwrap(), 10, 30).unwrap();
/// assert_eq!((rates.cost.fraction().as_str(), rates.days), ("1/49", 20));
/// assert_eq!((rates.simple_360.as_str(), rates.simple_365.as_str()), ("36.73", "37.24"));
/// assert_eq!(rates.compounded_365.as_deref(), Some("44.59"));
/// // No discount, no rate; all of it is no loan.
/// assert_eq!(discount_rates(Ratio::ZERO, 10, 30).unwrap().simple_360, "0.00");
/// assert_eq!(discount_rates(Ratio::parse("100").unwrap(), 10, 30).unwrap_err().field(), "percent");
/// ```
pub fn discount_rates(percent: Ratio, discount_days: i64, net_days: i64) -> Result<DiscountRates, TermsError> {
    let (numerator, denominator) = (percent.numerator(), percent.denominator());
    if denominator > PERCENT_OPERAND {
        return Err(TermsError::invalid("percent", "a percentage of at most 15 digits", percent));
    }
    let hundred = denominator.saturating_mul(100);
    if numerator < 0 || numerator >= hundred {
        return Err(TermsError::invalid("percent", "a percentage from 0 to below 100", percent));
    }
    if discount_days < 0 {
        return Err(TermsError::invalid("discount_days", "a number of days from 0", discount_days));
    }
    if net_days <= discount_days || net_days > MOST_DAYS {
        let expected = format!("more days than those of the discount, up to {MOST_DAYS}");
        return Err(TermsError::invalid("net_days", expected, net_days));
    }
    let too_large = || TermsError::invalid("percent", "a percentage of at most 15 digits", percent);
    let days = u32::try_from(net_days.saturating_sub(discount_days)).map_err(|_| too_large())?;
    let paid = hundred.saturating_sub(numerator);
    let cost = Ratio::new(numerator, paid).map_err(|_| too_large())?;
    let simple = |year: i128| {
        let above = numerator.saturating_mul(year).saturating_mul(100);
        ratio_text(above, paid.saturating_mul(days.into()), 2).ok_or_else(too_large)
    };
    let growth = Ratio::new(hundred, paid).map_err(|_| too_large())?;
    Ok(DiscountRates {
        days,
        cost,
        simple_360: simple(360)?,
        simple_365: simple(365)?,
        compounded_360: compounded(growth, 360, days),
        compounded_365: compounded(growth, 365, days),
    })
}

/// `growth^(year ÷ days) − 1` in percent with two digits, half away from zero.
///
/// The figure has k hundredths when k is the largest number for which `1 + (k − 1/2) ÷ 10,000` is not above the root: to the
/// power of the days, whole numbers on both sides.
fn compounded(growth: Ratio, year: u32, days: u32) -> Option<String> {
    let (above, below) = (u64::try_from(growth.numerator()).ok()?, u64::try_from(growth.denominator()).ok()?);
    let shared = Ratio::new(i128::from(year), i128::from(days)).ok()?;
    let (year, days) = (u32::try_from(shared.numerator()).ok()?, u32::try_from(shared.denominator()).ok()?);
    let twice = WHOLE.saturating_mul(2);
    let reached = |hundredths: u64| {
        let tried = hundredths.saturating_mul(2).saturating_sub(1).saturating_add(twice);
        compare_powers(&[(tried, days), (below, year)], &[(above, year), (twice, days)]) != Ordering::Greater
    };
    // The first that is not reached, doubled up to and then halved down to; 0 always is.
    let (mut least, mut past) = (0_u64, 1_u64);
    while reached(past) {
        if past >= MOST_HUNDREDTHS {
            return None;
        }
        (least, past) = (past, past.saturating_mul(2).min(MOST_HUNDREDTHS));
    }
    while past.saturating_sub(least) > 1 {
        let middle = least.midpoint(past);
        if reached(middle) { least = middle } else { past = middle }
    }
    ratio_text(i128::from(least), 100, 2)
}

#[cfg(test)]
mod tests {
    use super::{DiscountRates, discount_rates};
    use crate::money::Ratio;

    fn rates(percent: &str, discount_days: i64, net_days: i64) -> DiscountRates {
        discount_rates(Ratio::parse(percent).unwrap(), discount_days, net_days).unwrap()
    }

    #[test]
    fn over_a_whole_year_the_compounded_rate_is_the_simple_one() {
        for (percent, net) in [("2", 365), ("100/3", 365), ("0.005", 365), ("99", 365)] {
            let rates = rates(percent, 0, net);
            assert_eq!(rates.compounded_365, Some(rates.simple_365), "{percent}");
        }
    }

    #[test]
    fn an_exact_half_of_a_hundredth_goes_up_in_the_power_too() {
        // 1 + cost = 1.00005 over a year: 0.005 percent exactly.
        assert_eq!(rates("100/20001", 0, 365).compounded_365.as_deref(), Some("0.01"));
        // 1.00005² − 1 over half a year twice: just above.
        assert_eq!(rates("100/20001", 0, 180).compounded_360.as_deref(), Some("0.01"));
        // (1.0001)^(1/2) − 1 is just below the half.
        assert_eq!(rates("100/10001", 0, 720).compounded_360.as_deref(), Some("0.00"));
    }

    #[test]
    fn what_no_text_needs_to_hold_is_none() {
        let rates = rates("50", 0, 1);
        assert_eq!((rates.compounded_365, rates.simple_365.as_str()), (None, "36500.00"));
    }
}
