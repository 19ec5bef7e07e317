//! What counted on a day, as known at one moment of what was recorded: to ask again what was so when something was booked.

use super::View;
use super::store::{AllocationFact, BatchEnd, Store};

/// A day, and how much of what was ever recorded is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// What is effective by this day counts.
    pub day: i32,
    /// What was recorded by this day is known, and on this day itself what came by this batch.
    pub recorded: (i32, u32),
}

impl Known {
    /// By the end of a day: whatever was recorded on it.
    pub(crate) fn by_end_of(day: i32, known_on: i32) -> Self {
        Self { day, recorded: (known_on, u32::MAX) }
    }

    /// When an allocation or difference was taken in: what came with it was known with it.
    pub(crate) fn with(store: &Store, number: u32, fact: &AllocationFact) -> Self {
        Self { day: fact.effective, recorded: (fact.recorded, store.batch_of_allocation(number)) }
    }

    /// Whether a fact of a batch counts.
    pub(crate) fn counts(&self, effective: i32, recorded: i32, batch: u32) -> bool {
        effective <= self.day && (recorded, batch) <= self.recorded
    }

    /// The later of both, day by day.
    pub(crate) fn or_later(self, other: Self) -> Self {
        Self { day: self.day.max(other.day), recorded: self.recorded.max(other.recorded) }
    }
}

impl View {
    /// What the view looks at.
    pub(crate) fn known(&self) -> Known {
        Known::by_end_of(self.stood_on(), self.known_on)
    }
}

impl Store {
    /// The batch with which an allocation or difference came; the first is 1.
    pub(crate) fn batch_of_allocation(&self, number: u32) -> u32 {
        let ended = |end: Option<&BatchEnd>| end.is_some_and(|end| end.allocations <= number);
        let (mut low, mut high) = (0_u32, self.batch_ends.len());
        while low < high {
            let middle = low.midpoint(high);
            if ended(self.batch_ends.get(middle)) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        low.saturating_add(1)
    }
}
