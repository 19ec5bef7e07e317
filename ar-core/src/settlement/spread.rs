//! On what a difference falls: whole on the largest that can carry it, so that no small item is written off for a large one.

use std::cmp::Reverse;

use super::allow::Most;
use crate::ledger::layers::place;
use crate::money::Minor;

/// What may carry a part of a difference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carrier {
    /// Those of a lower rank carry before the others.
    pub rank: u8,
    /// The larger carries before the smaller.
    pub size: Minor,
    pub document: u32,
    /// What it may carry, whatever is allowed of its document.
    pub most: Minor,
}

/// What each carries of a difference, and what was allowed of its document then; none when all of them cannot carry it.
///
/// Rank by rank: the largest that can carry all that is left does; where none can, they carry what they can, the largest first.
/// Of those of one size the first.
pub(super) fn spread(difference: i128, carriers: &[Carrier], most: &mut Most) -> Option<Vec<(Minor, Option<Minor>)>> {
    let mut shares = vec![(0, None); carriers.len()];
    let mut order: Vec<(u8, Reverse<Minor>, u32)> =
        carriers.iter().zip(0..).map(|(one, at)| (one.rank, Reverse(one.size), at)).collect();
    order.sort_unstable();
    let mut rest = difference;
    for rank in order.chunk_by(|a, b| a.0 == b.0) {
        let may = |at: u32, most: &Most| {
            let one = carriers.get(place(at))?;
            let (allowed, told) = most.of(one.document);
            Some((allowed.min(one.most).max(0), told, one.document))
        };
        let can = |at: &u32| may(*at, most).is_some_and(|(may, ..)| i128::from(may) >= rest);
        let whole = rank.iter().map(|(.., at)| *at).find(can);
        for at in rank.iter().map(|(.., at)| *at).filter(|at| whole.is_none_or(|whole| whole == *at)) {
            let Some((allowed, told, document)) = may(at, most) else { continue };
            let share = Minor::try_from(rest.min(allowed.into())).unwrap_or(0);
            most.take(document, share);
            rest = rest.saturating_sub(share.into());
            if let Some(slot) = shares.get_mut(place(at)) {
                *slot = (share, told);
            }
        }
    }
    (rest == 0).then_some(shares)
}

#[cfg(test)]
mod tests {
    use super::{Carrier, Most, spread};

    fn shares(difference: i128, carriers: &[(u8, i64, i64)]) -> Option<Vec<i64>> {
        let carriers: Vec<Carrier> = carriers
            .iter()
            .map(|(rank, size, most)| Carrier { rank: *rank, size: *size, document: 0, most: *most })
            .collect();
        let found = spread(difference, &carriers, &mut Most::Of(None))?;
        Some(found.into_iter().map(|(share, _)| share).collect())
    }

    #[test]
    fn the_largest_that_can_carries_all_of_it() {
        assert_eq!(shares(4, &[(0, 5, 4), (0, 100, 99), (0, 50, 49)]), Some(vec![0, 4, 0]));
        // The largest may carry little.
        assert_eq!(shares(4, &[(0, 5, 4), (0, 100, 1), (0, 50, 49)]), Some(vec![0, 0, 4]));
        assert_eq!(shares(4, &[(0, 50, 49), (0, 50, 49)]), Some(vec![4, 0]));
    }

    #[test]
    fn where_none_can_the_largest_carry_first() {
        assert_eq!(shares(8, &[(0, 5, 4), (0, 6, 5), (0, 3, 2)]), Some(vec![3, 5, 0]));
        assert_eq!(shares(12, &[(0, 5, 4), (0, 6, 5), (0, 3, 2)]), None);
        assert_eq!(shares(11, &[(0, 5, 4), (0, 6, 5), (0, 3, 2)]), Some(vec![4, 5, 2]));
    }

    #[test]
    fn a_lower_rank_carries_what_it_can_before_the_others() {
        assert_eq!(shares(4, &[(1, 100, 99), (0, 5, 4), (0, 3, 2)]), Some(vec![0, 4, 0]));
        assert_eq!(shares(7, &[(1, 100, 99), (0, 5, 4), (0, 3, 2)]), Some(vec![1, 4, 2]));
    }
}
