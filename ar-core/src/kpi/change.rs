//! Why did days sales outstanding change? Sales mix, terms and delay, which add up to the change.
//!
//! A group's receivables of before, at the sales of now: what it would owe had it kept its days. What differs from them in current
//! items is terms, in overdue ones delay; what they differ from those of before is the mix of sales.

use serde::{Deserialize, Serialize};

use super::groups::Groups;
use super::outcome::{Frame, rounded};
use super::policy::KpiPolicy;
use super::registry::Kpi;
use super::report::{Part, text};
use super::sums::too_large;
use crate::aging::Where;
use crate::aging::keys::Values;
use crate::ledger::View;
use crate::ledger::layers::place;
use crate::made_by::MadeBy;
use crate::money::{Rounding, multiply_divide};
use crate::problem::Refused;
use std::collections::BTreeMap;

/// What changed days sales outstanding: of a group its part in it, or of a currency the whole.
///
/// **Unit**: days. **Rounding**: each to the digits of the policy; of a currency so that `mix`, `terms` and `delay` add up to `change`
/// as shown, by largest remainder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DsoChangeRow {
    /// One value a key of `by`; empty in totals.
    pub by: Vec<String>,
    /// The currency.
    pub currency: String,
    /// Days before; none without sales.
    pub before: Option<String>,
    /// Days now.
    pub now: Option<String>,
    /// How much they changed; of a group how much it changed those of its currency.
    pub change: Option<String>,
    /// What comes from selling more or less, and to others.
    pub mix: Option<String>,
    /// What comes from what is not yet due.
    pub terms: Option<String>,
    /// What comes from what is overdue.
    pub delay: Option<String>,
    /// The exact parts, each a whole number over `denominator`.
    pub mix_numerator: Option<String>,
    /// Of `terms`.
    pub terms_numerator: Option<String>,
    /// Of `delay`.
    pub delay_numerator: Option<String>,
    /// Below each of them, and below the change, which is their sum.
    pub denominator: Option<String>,
}

/// Why days sales outstanding changed between two views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DsoChange {
    /// By group and currency.
    pub rows: Vec<DsoChangeRow>,
    /// By currency.
    pub totals: Vec<DsoChangeRow>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// What a group had in one view.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    sales: i128,
    current: i128,
    overdue: i128,
}

impl Side {
    fn receivables(self) -> i128 {
        self.current.saturating_add(self.overdue)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            sales: self.sales.saturating_add(other.sales),
            current: self.current.saturating_add(other.current),
            overdue: self.overdue.saturating_add(other.overdue),
        }
    }
}

/// A group's keys and currency.
type Name = (Vec<String>, String);

/// Both sides of a group, and what it would owe now by its days of before.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    before: Side,
    now: Side,
    expected: Side,
}

/// The sides of every group, and the days of the window.
fn sides(
    view: &View,
    policy: &KpiPolicy,
    by: &[String],
    filter: &Where,
) -> Result<(BTreeMap<Name, Side>, i128), Refused> {
    let part = Part::of(view.clone(), policy, by, filter)?;
    let frame = Frame::of(policy, &part.sums, &part.periods);
    let values = &mut Values::new(view);
    let name = |groups: &Groups, values: &mut Values<'_>, group: u32| {
        (groups.texts(view, values, group), groups.currency(view, group).0.to_owned())
    };
    let mut all: BTreeMap<Name, Side> = BTreeMap::new();
    for group in &part.shown {
        let at = place(*group);
        let overdue = part.sums.overdue.get(at).copied().unwrap_or(0);
        let own = Side { sales: frame.sales(at), current: frame.current(at), overdue };
        all.insert(name(&part.groups, values, *group), own);
    }
    Ok((all, frame.days))
}

impl DsoChange {
    pub(super) fn new(
        now: &View,
        before: &View,
        policy: &KpiPolicy,
        by: &[String],
        filter: &Where,
    ) -> Result<Self, Refused> {
        policy.check()?;
        let made_by = MadeBy::policy(&policy.id, policy);
        let policy = &KpiPolicy { kpis: vec![Kpi::DsoSimple], ratings: Vec::new(), ..policy.clone() };
        let (held, days_before) = sides(before, policy, by, filter)?;
        let (found, days_now) = sides(now, policy, by, filter)?;
        let mut pairs: BTreeMap<Name, Pair> = BTreeMap::new();
        for (name, side) in held {
            pairs.entry(name).or_default().before = side;
        }
        for (name, side) in found {
            pairs.entry(name).or_default().now = side;
        }
        let mut wholes: BTreeMap<String, Pair> = BTreeMap::new();
        for ((_, currency), pair) in &mut pairs {
            pair.expected = expected(pair, days_before, days_now)?;
            let whole = wholes.entry(currency.clone()).or_default();
            whole.before = whole.before.plus(pair.before);
            whole.now = whole.now.plus(pair.now);
            whole.expected = whole.expected.plus(pair.expected);
        }
        let reckoner = Reckoner { policy, days_before, days_now };
        let mut rows = Vec::new();
        // In the order of the keys as they are asked for, the currency last where it is not.
        let place_of_currency = by.iter().position(|key| key == "currency").unwrap_or(by.len());
        let mut pairs: Vec<(Name, Pair)> = pairs.into_iter().collect();
        pairs.sort_by(|((a, own), _), ((b, other), _)| {
            let apart = |keys: &'_ [String]| keys.len().min(place_of_currency);
            let ((a, rest), (b, after)) = (a.split_at(apart(a)), b.split_at(apart(b)));
            a.cmp(b).then_with(|| own.cmp(other)).then_with(|| rest.cmp(after))
        });
        for ((by, currency), pair) in &pairs {
            let whole = wholes.get(currency).copied().unwrap_or_default();
            rows.push(reckoner.row(by.clone(), currency, pair, &whole, Rest::Each)?);
        }
        let mut totals = Vec::new();
        for (currency, whole) in &wholes {
            totals.push(reckoner.row(Vec::new(), currency, whole, whole, Rest::Largest)?);
        }
        Ok(Self { rows, totals, made_by })
    }
}

/// What a group would owe now by its days of before, to the minor unit; what it owes when it sold nothing before.
fn expected(pair: &Pair, days_before: i128, days_now: i128) -> Result<Side, Refused> {
    if pair.before.sales <= 0 {
        return Ok(pair.now);
    }
    let sales = pair.now.sales.max(0);
    let scaled = |amount: i128| {
        let factor = sales.checked_mul(days_before)?;
        let divisor = pair.before.sales.checked_mul(days_now)?;
        multiply_divide(amount, factor, divisor, Rounding::HalfAwayFromZero)
    };
    let (Some(current), Some(overdue)) = (scaled(pair.before.current), scaled(pair.before.overdue)) else {
        return Err(too_large());
    };
    Ok(Side { sales, current, overdue })
}

/// How parts are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Each for itself.
    Each,
    /// So that they add up as shown.
    Largest,
}

struct Reckoner<'a> {
    policy: &'a KpiPolicy,
    days_before: i128,
    days_now: i128,
}

impl Reckoner<'_> {
    fn row(
        &self,
        by: Vec<String>,
        currency: &str,
        pair: &Pair,
        whole: &Pair,
        rest: Rest,
    ) -> Result<DsoChangeRow, Refused> {
        let digits = self.policy.digits;
        let dso = |side: Side, days: i128| -> Result<Option<String>, Refused> {
            if side.sales <= 0 {
                return Ok(None);
            }
            let days = side.receivables().checked_mul(days).ok_or_else(too_large)?;
            let shown = rounded(days, side.sales, digits, self.policy.rounding).ok_or_else(too_large)?;
            Ok(Some(text(shown, digits)))
        };
        let mut row = DsoChangeRow {
            by,
            currency: currency.to_owned(),
            before: dso(pair.before, self.days_before)?,
            now: dso(pair.now, self.days_now)?,
            change: None,
            mix: None,
            terms: None,
            delay: None,
            mix_numerator: None,
            terms_numerator: None,
            delay_numerator: None,
            denominator: None,
        };
        if whole.before.sales <= 0 || whole.now.sales <= 0 {
            return Ok(row);
        }
        let [mix, terms, delay] = self.parts(pair, whole).ok_or_else(too_large)?;
        let denominator = whole.before.sales.checked_mul(whole.now.sales).ok_or_else(too_large)?;
        let change =
            [mix, terms, delay].iter().try_fold(0_i128, |sum, part| sum.checked_add(*part)).ok_or_else(too_large)?;
        let shown = |part: i128, rounding: Rounding| rounded(part, denominator, digits, rounding).ok_or_else(too_large);
        let change = shown(change, self.policy.rounding)?;
        let parts = match rest {
            Rest::Each => [
                shown(mix, self.policy.rounding)?,
                shown(terms, self.policy.rounding)?,
                shown(delay, self.policy.rounding)?,
            ],
            Rest::Largest => adding_up([mix, terms, delay], denominator, digits, change).ok_or_else(too_large)?,
        };
        row.change = Some(text(change, digits));
        let [shown_mix, shown_terms, shown_delay] = parts.map(|part| Some(text(part, digits)));
        (row.mix, row.terms, row.delay) = (shown_mix, shown_terms, shown_delay);
        row.mix_numerator = Some(mix.to_string());
        row.terms_numerator = Some(terms.to_string());
        row.delay_numerator = Some(delay.to_string());
        row.denominator = Some(denominator.to_string());
        Ok(row)
    }

    /// Mix, terms and delay over sales before × sales now.
    fn parts(&self, pair: &Pair, whole: &Pair) -> Option<[i128; 3]> {
        let now = self.days_now.checked_mul(whole.before.sales)?;
        let before = self.days_before.checked_mul(whole.now.sales)?;
        let kept = pair.expected.receivables().checked_mul(now)?;
        let mix = kept.checked_sub(pair.before.receivables().checked_mul(before)?)?;
        let terms = pair.now.current.checked_sub(pair.expected.current)?.checked_mul(now)?;
        let delay = pair.now.overdue.checked_sub(pair.expected.overdue)?.checked_mul(now)?;
        Some([mix, terms, delay])
    }
}

/// Parts in units of the last digit that add up to what their sum is shown as: rounded down, then one more for the largest rests.
fn adding_up(parts: [i128; 3], denominator: i128, digits: u8, whole: i128) -> Option<[i128; 3]> {
    let power = 10_i128.checked_pow(digits.into())?;
    let mut shown = [0_i128; 3];
    let mut rests = Vec::with_capacity(3);
    for (at, (slot, part)) in shown.iter_mut().zip(parts).enumerate() {
        *slot = multiply_divide(part, power, denominator, Rounding::Floor)?;
        let rest = part.checked_rem_euclid(denominator)?.checked_mul(power)?.checked_rem_euclid(denominator)?;
        rests.push((rest, at));
    }
    let sum = shown.iter().fold(0_i128, |sum, part| sum.saturating_add(*part));
    let left = usize::try_from(whole.checked_sub(sum)?).unwrap_or(0);
    // The largest rest first; of equal ones mix, then terms, then delay.
    rests.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, at) in rests.into_iter().take(left) {
        if let Some(slot) = shown.get_mut(at) {
            *slot = slot.saturating_add(1);
        }
    }
    Some(shown)
}
