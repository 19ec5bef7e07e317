//! How much is each instalment? Parts of an amount that add up to it.
//!
//! Everything here is at or above zero: the caller takes the sign off and puts it back, so that a credit note is divided
//! as the invoice it corrects.

use super::compile::Closing;
use super::policy::Residue;
use crate::money::{Minor, Ratio, Rounding, multiply_divide, split};

/// A share whose fixed amounts are in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    OfTotal(Ratio),
    OfRest(Ratio),
    Fixed(i128),
    Weight(u64),
    Remainder,
}

/// How shares become amounts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// The unit of rounding, in minor units, at least 1.
    pub(super) place: i128,
    pub(super) rounding: Rounding,
    pub(super) residue: Residue,
}

/// An amount and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allotted {
    pub(super) rule: &'static str,
    /// The amount that was shared.
    pub(super) of: i128,
    /// The exact share of it; `None` when it was taken as it stands.
    pub(super) share: Option<Ratio>,
    pub(super) amount: i128,
}

/// Divides the total among the claims; `None` when a number does not fit.
pub(super) fn allot(total: i128, claims: &[Claim], closing: &Closing, manner: Manner) -> Option<Vec<Allotted>> {
    if let Closing::Percents(weights) = closing {
        let amounts = by_largest_remainder(total, weights, manner.place)?;
        let shares = claims.iter().map(|claim| match claim {
            Claim::OfTotal(share) => Some(*share),
            _ => None,
        });
        let allotted = amounts.into_iter().zip(shares);
        return Some(
            allotted.map(|(amount, share)| Allotted { rule: "terms.percent", of: total, share, amount }).collect(),
        );
    }
    let mut left = total;
    let mut allotted = Vec::with_capacity(claims.len());
    for (index, claim) in claims.iter().enumerate() {
        let last = *closing == Closing::LastLine && index.checked_add(1)? == claims.len();
        let (rule, of, share, wanted) = match *claim {
            _ if last => ("terms.last", left, None, left),
            Claim::OfTotal(share) => ("terms.percent", total, Some(share), manner.part_of(total, share)?),
            Claim::OfRest(share) => ("terms.percent_of_rest", left, Some(share), manner.part_of(left, share)?),
            Claim::Fixed(amount) => ("terms.fixed", left, None, amount),
            // These wait until all others have taken theirs.
            Claim::Weight(_) => ("terms.weight", 0, None, 0),
            Claim::Remainder => ("terms.remainder", 0, None, 0),
        };
        let amount = wanted.min(left);
        left = left.checked_sub(amount)?;
        allotted.push(Allotted { rule, of, share, amount });
    }
    share_rest(left, claims, manner, &mut allotted)?;
    Some(allotted)
}

/// Gives what is left to the remainder, or to the weights.
fn share_rest(rest: i128, claims: &[Claim], manner: Manner, allotted: &mut [Allotted]) -> Option<()> {
    let mut weights = Vec::new();
    let mut waiting = Vec::new();
    for (claim, place) in claims.iter().zip(allotted) {
        match claim {
            Claim::Weight(weight) => {
                weights.push(*weight);
                waiting.push(place);
            }
            Claim::Remainder => {
                place.of = rest;
                place.amount = rest;
            }
            _ => {}
        }
    }
    if weights.is_empty() {
        return Some(());
    }
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let shares: Vec<Ratio> =
        weights.iter().map(|weight| Ratio::new(i128::from(*weight), sum).ok()).collect::<Option<_>>()?;
    let amounts = match manner.residue {
        Residue::LargestRemainder => by_largest_remainder(rest, &weights, manner.place)?,
        Residue::Last => in_turn(rest, &shares, manner)?,
    };
    let last = waiting.len().checked_sub(1)?;
    let mut left = rest;
    for (index, ((place, share), amount)) in waiting.into_iter().zip(shares).zip(amounts).enumerate() {
        *place = if index == last && manner.residue == Residue::Last {
            Allotted { rule: "terms.last", of: left, share: None, amount }
        } else {
            Allotted { rule: "terms.weight", of: rest, share: Some(share), amount }
        };
        left = left.checked_sub(amount)?;
    }
    Some(())
}

/// Whole places by largest remainder; what is less than a place goes to the last part that has a weight.
pub(super) fn by_largest_remainder(total: i128, weights: &[u64], place: i128) -> Option<Vec<i128>> {
    let places = Minor::try_from(total.checked_div(place)?).ok()?;
    let loose = total.checked_rem(place)?;
    let mut amounts: Vec<i128> =
        split(places, weights)?.into_iter().map(|part| i128::from(part).checked_mul(place)).collect::<Option<_>>()?;
    let last = weights.iter().rposition(|weight| *weight > 0)?;
    let amount = amounts.get_mut(last)?;
    *amount = amount.checked_add(loose)?;
    Some(amounts)
}

/// Each part rounded, as far as there is something left; the last takes what is left.
pub(super) fn in_turn(total: i128, shares: &[Ratio], manner: Manner) -> Option<Vec<i128>> {
    let mut left = total;
    let mut amounts = Vec::with_capacity(shares.len());
    for (index, share) in shares.iter().enumerate() {
        let last = index.checked_add(1)? == shares.len();
        let amount = if last { left } else { manner.part_of(total, *share)?.min(left) };
        left = left.checked_sub(amount)?;
        amounts.push(amount);
    }
    Some(amounts)
}

impl Manner {
    /// The share of an amount, rounded to the place.
    pub(super) fn part_of(self, amount: i128, share: Ratio) -> Option<i128> {
        let divisor = share.denominator().checked_mul(self.place)?;
        multiply_divide(amount, share.numerator(), divisor, self.rounding)?.checked_mul(self.place)
    }
}
