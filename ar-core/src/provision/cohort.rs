//! The documents of a time, followed to their end: of what reached a bucket, the part that was never paid.
//!
//! The first bucket is reached by every document with all that it was. A later one is reached by what is seen in it, or in
//! an older one, on a day that is looked at.

use rustc_hash::FxHashSet;

use super::history::{Flow, Part, Pools, To, WriteOffs};
use super::loss_rate::{LossRatePolicy, StillOpen, Tally};
use crate::ledger::View;
use crate::ledger::layers::{count, place};
use crate::money::{MoneyError, Ratio};

/// Which documents were seen in which bucket.
#[derive(Debug, Default)]
pub(super) struct Cohort(FxHashSet<(u32, u32)>);

impl Cohort {
    /// All documents of the cohort are in the first bucket, with what was ever written off of them.
    pub(super) fn start(view: &View, pools: &Pools, write_offs: &WriteOffs, tallies: &mut [Tally]) -> Self {
        let until = view.day().number();
        for piece in view.store.documents.iter() {
            for (row, amount) in piece.amount.iter().enumerate() {
                let document = piece.start.saturating_add(count(row));
                let first = pools.pool(document).and_then(|pool| tallies.get_mut(pool)?.buckets.first_mut());
                if let Some(bucket) = first {
                    bucket.items = bucket.items.saturating_add(1);
                    bucket.reached = bucket.reached.saturating_add(i128::from(*amount));
                    let written = write_offs.between(document, i32::MIN, until).min(i128::from(*amount));
                    bucket.lost = bucket.lost.saturating_add(written);
                }
            }
        }
        Self::default()
    }

    /// What enters a bucket reaches it and all before it; what is written off is lost to the bucket that it was in and all
    /// before it.
    pub(super) fn take(&mut self, tally: &mut Tally, flow: &Flow) {
        let from = flow.from.map_or(0, |part| place(part.bucket));
        match flow.to {
            To::Settled => {}
            To::WrittenOff => {
                for bucket in tally.buckets.iter_mut().take(from.saturating_add(1)).skip(1) {
                    bucket.lost = bucket.lost.saturating_add(flow.amount);
                }
            }
            To::Bucket(to) => {
                let entered = tally.buckets.iter_mut().zip(0_u32..).take(place(to).saturating_add(1));
                for (bucket, number) in entered.skip(from.saturating_add(1)) {
                    bucket.reached = bucket.reached.saturating_add(flow.amount);
                    if self.0.insert((flow.document, number)) {
                        bucket.items = bucket.items.saturating_add(1);
                    }
                }
            }
        }
    }
}

/// The rates, once all days are looked at; `open` is what is still open of the pool.
pub(super) fn rate<'a>(
    policy: &LossRatePolicy,
    tally: &mut Tally,
    open: impl Iterator<Item = &'a Part>,
) -> Result<(), MoneyError> {
    let last = tally.buckets.len().saturating_sub(1);
    let mut is_young = false;
    for part in open {
        is_young |= place(part.bucket) < last;
        if policy.still_open == StillOpen::Lost {
            for bucket in tally.buckets.iter_mut().take(place(part.bucket).saturating_add(1)) {
                bucket.lost = bucket.lost.saturating_add(part.open);
            }
        }
    }
    for bucket in &mut tally.buckets {
        // Of a schedule with instalments of both signs more can be open than the document is.
        bucket.lost = bucket.lost.min(bucket.reached);
        bucket.outcome = match () {
            () if is_young => "not_enough_history",
            () if bucket.reached == 0 => "nothing_reached",
            () if policy.is_too_few(bucket.items) => "too_few_items",
            () => {
                let exact = Ratio::new(bucket.lost, bucket.reached)?;
                bucket.rate = Some(policy.digits.map_or(Ok(exact), |digits| policy.rounded(exact, digits))?);
                "derived"
            }
        };
    }
    Ok(())
}
