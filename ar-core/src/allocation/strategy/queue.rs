//! Debits in an order that does not change while credits are spent: what every ordering strategy shares.

use super::Finder;
use crate::allocation::desk::Desk;
use crate::allocation::policy::Partial;
use crate::ledger::layers::{count, place};
use crate::money::Minor;

/// Debits in order. What is cleared at the head is passed once; where items are cleared whole, what is larger than the
/// credit is never looked at.
pub(super) struct Queue {
    order: Vec<u32>,
    head: usize,
    next: usize,
    whole: Option<Least>,
    /// By debit, its place in the order; only where items are cleared whole.
    places: Vec<u32>,
}

impl Queue {
    pub(super) fn new(order: Vec<u32>, desk: &Desk<'_>, partial: Partial) -> Self {
        let mut places = Vec::new();
        let whole = (partial == Partial::Refused).then(|| {
            places.resize(desk.debits.len(), u32::MAX);
            for (at, debit) in order.iter().enumerate() {
                if let Some(slot) = places.get_mut(place(*debit)) {
                    *slot = count(at);
                }
            }
            Least::new(order.iter().map(|debit| desk.room_of_debit(*debit)))
        });
        Self { order, head: 0, next: 0, whole, places }
    }
}

impl Finder for Queue {
    fn begin(&mut self, desk: &Desk<'_>, _credit: usize) {
        while self.order.get(self.head).is_some_and(|debit| desk.room_of_debit(*debit) == 0) {
            self.head = self.head.saturating_add(1);
        }
        self.next = self.head;
    }

    fn next(&mut self, desk: &Desk<'_>, wanted: Minor) -> Option<u32> {
        loop {
            if let Some(least) = &self.whole {
                self.next = least.first_from(self.next, wanted)?;
            }
            let debit = *self.order.get(self.next)?;
            self.next = self.next.saturating_add(1);
            if desk.room_of_debit(debit) > 0 {
                return Some(debit);
            }
        }
    }

    fn changed(&mut self, desk: &Desk<'_>, debit: u32, _before: Minor) {
        if let (Some(least), Some(at)) = (&mut self.whole, self.places.get(place(debit))) {
            least.set(place(*at), desk.room_of_debit(debit));
        }
    }
}

/// Amounts by place, and the first from a place on that is no larger than wanted, in log n; an amount of 0 is none.
struct Least {
    /// A power of two: how many leaves.
    width: usize,
    /// The least of each pair above it, from the root at 1; leaves from `width` on.
    tree: Vec<Minor>,
}

impl Least {
    fn new(amounts: impl ExactSizeIterator<Item = Minor>) -> Self {
        let width = amounts.len().max(1).next_power_of_two();
        let mut tree = vec![Minor::MAX; width.saturating_mul(2)];
        for (leaf, amount) in tree.iter_mut().skip(width).zip(amounts) {
            *leaf = some(amount);
        }
        let mut least = Self { width, tree };
        (1..width).rev().for_each(|node| least.refresh(node));
        least
    }

    fn at(&self, node: usize) -> Minor {
        self.tree.get(node).copied().unwrap_or(Minor::MAX)
    }

    fn refresh(&mut self, node: usize) {
        let left = node.saturating_mul(2);
        let least = self.at(left).min(self.at(left | 1));
        if let Some(slot) = self.tree.get_mut(node) {
            *slot = least;
        }
    }

    fn set(&mut self, place: usize, amount: Minor) {
        if place >= self.width {
            return;
        }
        let mut node = self.width.saturating_add(place);
        if let Some(leaf) = self.tree.get_mut(node) {
            *leaf = some(amount);
        }
        while node > 1 {
            node >>= 1;
            self.refresh(node);
        }
    }

    fn first_from(&self, place: usize, wanted: Minor) -> Option<usize> {
        if place >= self.width {
            return None;
        }
        let mut node = self.width.saturating_add(place);
        while self.at(node) > wanted {
            // Up while it is the right one of its pair, then over to the right.
            while node & 1 == 1 {
                node >>= 1;
            }
            if node == 0 {
                return None;
            }
            node |= 1;
        }
        while node < self.width {
            node <<= 1;
            if self.at(node) > wanted {
                node |= 1;
            }
        }
        Some(node.saturating_sub(self.width))
    }
}

/// None is more than anything.
fn some(amount: Minor) -> Minor {
    if amount > 0 { amount } else { Minor::MAX }
}

#[cfg(test)]
mod tests {
    use super::Least;

    #[test]
    fn the_first_that_fits_is_found_from_every_place() {
        let many = 13_usize;
        let mut amounts: Vec<i64> = (0..many).map(|at| i64::try_from(at * 7 % 11).unwrap()).collect();
        let mut least = Least::new(amounts.iter().copied());
        for step in 0..200_usize {
            for from in 0..=many {
                for wanted in 0..12 {
                    let plain = (from..many).find(|at| amounts[*at] > 0 && amounts[*at] <= wanted);
                    assert_eq!(least.first_from(from, wanted), plain);
                }
            }
            let at = step * 5 % many;
            amounts[at] = i64::try_from(step * 3 % 9).unwrap();
            least.set(at, amounts[at]);
        }
    }
}
