//! How good were the forecasts? Error of the median, of the whole distribution, and whether it is as sure as it says.

use ar_core::prediction::{Book, Forecast, Invoice};

/// The 19 levels at which a distribution is judged.
pub const LEVELS: [f64; 19] =
    [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];

#[derive(Default)]
pub struct Scores {
    count: f64,
    error: f64,
    crps: f64,
    exact: f64,
    within_3: f64,
    pit_80: f64,
    tail: f64,
}

impl Scores {
    pub fn add(&mut self, book: &Book, one: &Invoice, forecast: &Forecast) {
        let Some(cleared) = one.cleared else { return };
        let median = forecast.median(book);
        let error = f64::from((median - cleared).abs());
        self.count += 1.0;
        self.error += error;
        if error > 15.0 {
            self.tail += error;
        }
        self.exact += f64::from(u8::from(error < 0.5));
        self.within_3 += f64::from(u8::from(error < 3.5));
        let pinball = |level: f64| {
            let over = f64::from(cleared - forecast.quantile(book, level));
            2.0 * (level * over).max((level - 1.0) * over)
        };
        self.crps += LEVELS.iter().map(|level| pinball(*level)).sum::<f64>() / 19.0;
        let (low, high) = (forecast.paid_by(book, cleared - 1), forecast.paid_by(book, cleared));
        // The share of the randomised place that lies between 0.1 and 0.9.
        let inside = (high.min(0.9) - low.max(0.1)).max(0.0);
        self.pit_80 += if high > low { inside / (high - low) } else { f64::from(u8::from((0.1..=0.9).contains(&low))) };
    }
}

impl std::fmt::Display for Scores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let n = self.count.max(1.0);
        write!(
            f,
            "mae {:.3}  crps {:.3}  exact {:.2}  in3 {:.2}  pit80 {:.3}  tail {:.3}",
            self.error / n,
            self.crps / n,
            self.exact / n * 100.0,
            self.within_3 / n * 100.0,
            self.pit_80 / n,
            self.tail / n,
        )
    }
}
