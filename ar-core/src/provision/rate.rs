//! At which rate is a bucket of a pool provided for? The matrix that is meant, and what the overlay makes of its rate.

use super::policy::{AboveOne, LossMatrix, Overlay, ProvisionPolicy};
use crate::money::{MoneyError, Ratio};

/// The rate of a bucket, step by step.
#[derive(Debug, Clone, Copy)]
pub(super) struct BucketRate {
    /// As the matrix says.
    pub rate: Ratio,
    pub factor: Ratio,
    pub points: Ratio,
    /// What is used.
    pub applied: Ratio,
}

/// The matrix of a pool in a currency: one that names both, else the pool, else the currency, else neither.
pub(super) fn matrix_of<'a>(policy: &'a ProvisionPolicy, pool: &[String], currency: &str) -> Option<&'a LossMatrix> {
    let rank = |matrix: &LossMatrix| -> Option<u8> {
        let of_pool = match &matrix.pool {
            None => 0,
            Some(own) if own.as_slice() == pool => 2,
            Some(_) => return None,
        };
        match matrix.currency.as_deref() {
            None => Some(of_pool),
            Some(own) if own == currency => Some(of_pool.saturating_add(1)),
            Some(_) => None,
        }
    };
    policy
        .matrices
        .iter()
        .filter_map(|matrix| Some((rank(matrix)?, matrix)))
        .max_by_key(|(rank, _)| *rank)
        .map(|it| it.1)
}

/// The rate of each bucket.
pub(super) fn rates_of(matrix: &LossMatrix) -> Result<Vec<BucketRate>, MoneyError> {
    let overlaid = |(bucket, rate): (usize, &Ratio)| match &matrix.overlay {
        None => Ok(BucketRate { rate: *rate, factor: Ratio::ONE, points: Ratio::ZERO, applied: *rate }),
        Some(overlay) => overlay.on(bucket, *rate),
    };
    matrix.rates.iter().enumerate().map(overlaid).collect()
}

impl Overlay {
    fn on(&self, bucket: usize, rate: Ratio) -> Result<BucketRate, MoneyError> {
        let of = |list: &[Ratio], none: Ratio| match list {
            [] => none,
            [one] => *one,
            many => many.get(bucket).copied().unwrap_or(none),
        };
        let factor = of(&self.factors, Ratio::ONE);
        let points = of(&self.points, Ratio::ZERO);
        let mut applied = rate.times(factor)?.plus(points)?;
        if applied.numerator() < 0 {
            applied = Ratio::ZERO;
        }
        if self.above_one == AboveOne::Capped && applied.is_above(Ratio::ONE) {
            applied = Ratio::ONE;
        }
        Ok(BucketRate { rate, factor, points, applied })
    }
}
