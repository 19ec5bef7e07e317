//! What is open from step to step: of what leaves a bucket, the part that is lost at once or rolls on to be lost later.
//!
//! `rate = (written off + Σ rolled to an older bucket × its rate) ÷ (stood − stayed)`, from the oldest bucket to the first.
//! What moves to a younger bucket is as good as paid.

use super::history::{Flow, Part, To};
use super::loss_rate::{LossRatePolicy, Tally};
use crate::ledger::layers::place;
use crate::money::{MoneyError, Ratio, divide};

/// A part stands in its bucket on a day that another follows.
pub(super) fn stand(tally: &mut Tally, part: &Part) {
    if let Some(bucket) = tally.buckets.get_mut(place(part.bucket)) {
        bucket.items = bucket.items.saturating_add(1);
        bucket.reached = bucket.reached.saturating_add(part.open);
    }
}

/// Where it went by that day.
pub(super) fn take(tally: &mut Tally, flow: &Flow) {
    let Some(part) = flow.from else { return };
    let Some(bucket) = tally.buckets.get_mut(place(part.bucket)) else { return };
    match flow.to {
        To::WrittenOff => bucket.lost = bucket.lost.saturating_add(flow.amount),
        To::Bucket(to) if to > part.bucket => bucket.rolled = bucket.rolled.saturating_add(flow.amount),
        To::Bucket(_) | To::Settled => {}
    }
}

/// The rates, from the oldest bucket to the first.
pub(super) fn rate(policy: &LossRatePolicy, tally: &mut Tally, has_history: bool) -> Result<(), MoneyError> {
    let digits = policy.digits.unwrap_or(12);
    let scale = 10_i128.checked_pow(u32::from(digits)).ok_or(MoneyError::TooLarge)?;
    let last = tally.buckets.len().saturating_sub(1);
    let mut found: Vec<Option<i128>> = vec![None; tally.buckets.len()];
    for at in (0..tally.buckets.len()).rev() {
        let (Some(bucket), Some(moves)) = (tally.buckets.get_mut(at), tally.moves.get(at)) else { continue };
        let stayed = moves.get(at).copied().unwrap_or(0);
        let left = bucket.reached.saturating_sub(stayed);
        let mut lost = Some(bucket.lost.checked_mul(scale).ok_or(MoneyError::TooLarge)?);
        for (rate, rolled) in found.iter().zip(moves).skip(at.saturating_add(1)) {
            lost = match (lost, rate) {
                (_, None) if *rolled > 0 => None,
                (Some(lost), Some(rate)) => {
                    let more = rate.checked_mul(*rolled).and_then(|more| lost.checked_add(more));
                    Some(more.ok_or(MoneyError::TooLarge)?)
                }
                (lost, _) => lost,
            };
        }
        let units;
        (units, bucket.outcome) = match lost {
            _ if !has_history => (None, "not_enough_history"),
            _ if at == last => (policy.units(policy.last_rate, digits), "given"),
            _ if bucket.reached == 0 => (None, "nothing_reached"),
            _ if policy.is_too_few(bucket.items) => (None, "too_few_items"),
            Some(lost) if left > 0 => (divide(lost, left, policy.rounding), "derived"),
            _ => (None, "not_enough_history"),
        };
        bucket.rate = units.map(|units| Ratio::new(units, scale)).transpose()?;
        if let Some(slot) = found.get_mut(at) {
            *slot = units;
        }
    }
    Ok(())
}
