//! When will it be paid? One distribution over banking days that answers every question about it.

use super::book::Book;

/// Banking days that a forecast covers day by day.
pub(crate) const COVERED: usize = 128;
/// The chance of each banking day after those.
const AFTERWARDS: f64 = 0.03;

/// The chances of payment, day by day.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The place of the first banking day on which it may be paid.
    first: i32,
    /// The chance of each banking day; together 1.
    mass: Vec<f64>,
    /// Whether it goes by the payer's runs.
    pub(crate) by_runs: bool,
}

impl Forecast {
    /// From the chances of each day if open until then; what is left after them falls evenly by the day.
    pub(crate) fn of_hazards(first: i32, hazards: impl Iterator<Item = f64>) -> Self {
        let (mut left, mut all) = (1.0, 0.0);
        let mut mass = Vec::with_capacity(COVERED * 2);
        let mut take = |hazard: f64| {
            let its = left * hazard;
            mass.push(its);
            all += its;
            left *= 1.0 - hazard;
            left > 1e-4 && mass.len() < COVERED + 400
        };
        let mut goes_on = true;
        hazards.for_each(|hazard| goes_on = take(hazard));
        while goes_on {
            goes_on = take(AFTERWARDS);
        }
        let mut forecast = Self { first, mass, by_runs: false };
        forecast.scale(all);
        forecast
    }

    /// Makes what is together so much 1.
    fn scale(&mut self, all: f64) {
        if all > 0.0 {
            self.mass.iter_mut().for_each(|mass| *mass /= all);
        } else {
            self.mass = vec![1.0];
        }
    }

    /// Two forecasts of one question as one.
    pub(crate) fn pooled(mut self, other: &Self, share: f64) -> Self {
        self.mass.iter_mut().for_each(|mass| *mass *= 1.0 - share);
        if self.mass.len() < other.mass.len() {
            self.mass.resize(other.mass.len(), 0.0);
        }
        let mut all = 0.0;
        let others = other.mass.iter().chain(core::iter::repeat(&0.0));
        for (mass, its) in self.mass.iter_mut().zip(others) {
            *mass += share * its;
            all += *mass;
        }
        self.scale(all);
        self
    }

    /// The first day by which the chance of payment reaches this share.
    #[must_use]
    pub fn quantile(&self, book: &Book, share: f64) -> i32 {
        let mut sum = 0.0;
        for (place, mass) in (self.first..).zip(&self.mass) {
            sum += mass;
            if sum >= share - 1e-9 {
                return book.banking.day(place);
            }
        }
        book.banking.day(self.first.saturating_add(self.mass.len() as i32 - 1))
    }

    /// The chance that it is paid by this day.
    #[must_use]
    pub fn paid_by(&self, book: &Book, day: i32) -> f64 {
        let upto = book.banking.place_before(day);
        (self.first..=upto).zip(&self.mass).map(|(_, mass)| mass).sum::<f64>().clamp(0.0, 1.0)
    }

    /// The day named when one day must be named: the median.
    #[must_use]
    pub fn median(&self, book: &Book) -> i32 {
        self.quantile(book, 0.5)
    }

    /// Every banking day with its chance.
    pub fn days<'a>(&'a self, book: &'a Book) -> impl Iterator<Item = (i32, f64)> + 'a {
        (self.first..).zip(&self.mass).map(|(place, mass)| (book.banking.day(place), *mass))
    }
}
