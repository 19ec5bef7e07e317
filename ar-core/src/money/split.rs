//! How is an amount divided into whole parts that add up? For instalments, base amounts and spreads.

use super::Minor;

/// Divides an amount in proportion to weights, so that the parts add up to it exactly.
///
/// Each part is its exact share cut toward zero; the minor units left over go one each to the parts with the largest
/// cut-off remainder, the earlier position first on a tie (largest remainder, also called Hamilton's method).
///
/// **Unit**: minor units. **Rounding**: every part is within one unit of its exact share, has the sign of the total, and
/// is zero when its weight is zero. **Errors**: `None` when the weights add up to zero, so also when there are none.
///
/// ```
/// use ar_core::money::split;
/// assert_eq!(split(10_000, &[1, 1, 1]), Some(vec![3_334, 3_333, 3_333]));
/// assert_eq!(split(-5, &[1, 0, 1]), Some(vec![-3, 0, -2]));
/// assert_eq!(split(5, &[0, 0]), None);
/// ```
#[must_use]
pub fn split(total: Minor, weights: &[u64]) -> Option<Vec<Minor>> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let magnitude = u128::from(total.unsigned_abs());
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left_over = magnitude;
    for (position, weight) in weights.iter().enumerate() {
        // Below 2^63 × 2^64.
        let product = magnitude.checked_mul(u128::from(*weight))?;
        let part = product.checked_div(sum)?;
        left_over = left_over.checked_sub(part)?;
        parts.push(part);
        remainders.push((product.checked_rem(sum)?, position));
    }
    if sum == 0 {
        return None;
    }
    remainders.sort_unstable_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    for (_, position) in remainders.into_iter().take(usize::try_from(left_over).ok()?) {
        let part = parts.get_mut(position)?;
        *part = part.checked_add(1)?;
    }
    parts
        .into_iter()
        .map(|part| {
            let part = i128::try_from(part).ok()?;
            Minor::try_from(if total < 0 { part.checked_neg()? } else { part }).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_units_left_over_go_to_the_largest_remainders_first() {
        // 100 by 1:2:4 of 7: 14.29, 28.57, 57.14.
        assert_eq!(split(100, &[1, 2, 4]), Some(vec![14, 29, 57]));
        assert_eq!(split(2, &[1, 1, 1]), Some(vec![1, 1, 0]));
        assert_eq!(split(0, &[3, 4]), Some(vec![0, 0]));
        assert_eq!(split(7, &[]), None);
        assert_eq!(split(0, &[0]), None);
    }

    #[test]
    fn the_largest_amounts_and_weights_split_exactly() {
        let weights = [u64::MAX, u64::MAX, 1];
        for total in [i64::MAX, i64::MIN, -1, 1] {
            let parts = split(total, &weights).unwrap();
            assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(total));
        }
        assert_eq!(split(i64::MIN, &[u64::MAX]), Some(vec![i64::MIN]));
    }
}
