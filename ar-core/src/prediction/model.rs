//! What is trained, kept, and asked.

use super::book::{Book, Invoice, Question};
use super::features::Known;
use super::forecast::{COVERED, Forecast};
use super::hazard::{Hazard, Sample, first_place, hazards, samples};
use super::hier_snap::{HierSnap, HierSnapSettings};
use super::learner::{Growth, Progress};

/// How a model is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// Invoices posted from this day on are learnt from; those before it are history alone.
    pub from: i32,
    /// Nothing that happened on this day or later is known.
    pub until: i32,
    /// The trees, several times over; the second says whether they start from the customer's own distribution.
    pub growths: Vec<(Growth, bool)>,
    /// Of 1,000 Mondays on which an invoice was open, how many are asked about.
    pub mondays_per_1000: u32,
    /// The weight of those.
    pub open_weight: f32,
    /// The share of the customer's own distribution in the answer.
    pub own_share: f64,
    /// How the customer's past is weighed.
    pub snap: HierSnapSettings,
    /// Threads; the model is the same with any number.
    pub threads: usize,
}

impl Training {
    /// The settings that were chosen, for what is known before a day.
    #[must_use]
    pub fn known_before(until: i32, from: i32) -> Self {
        let growth = Growth {
            rounds: 120,
            rate: 0.08,
            leaves: 31,
            least: 4.0,
            ridge: 5.0,
            numbers_per_1000: 500,
            groups_per_1000: 700,
            seed: 1,
        };
        Self {
            from,
            until,
            growths: vec![(growth, true)],
            mondays_per_1000: 300,
            open_weight: 0.7,
            own_share: 0.2,
            snap: HierSnapSettings::default(),
            threads: 1,
        }
    }
}

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) hazard: Hazard,
    pub(crate) own_share: f64,
    pub(crate) snap: HierSnapSettings,
}

/// A model beside a book, ready to be asked.
pub struct Desk<'a> {
    model: &'a Model,
    book: &'a Book,
    snap: HierSnap,
}

impl Model {
    /// Learns from the invoices. None when the caller stopped it.
    pub fn train(book: &Book, invoices: &[Invoice], training: &Training, progress: Progress<'_>) -> Option<Self> {
        let samples: Vec<Sample> = samples(
            invoices,
            training.from,
            training.until,
            training.mondays_per_1000,
            training.open_weight,
        );
        let snap = HierSnap::new(book, training.snap, samples.iter().map(|one| one.question.day));
        let hazard = Hazard::learn(book, &snap, &samples, &training.growths, training.threads, progress)?;
        Some(Self { hazard, own_share: training.own_share, snap: training.snap })
    }

    /// Makes ready for questions on these days.
    #[must_use]
    pub fn desk<'a>(&'a self, book: &'a Book, days: impl Iterator<Item = i32>) -> Desk<'a> {
        Desk { model: self, book, snap: HierSnap::new(book, self.snap, days) }
    }
}

impl Desk<'_> {
    /// The customer's own distribution alone: needs no training.
    #[must_use]
    pub fn own(&self, question: &Question) -> Forecast {
        let past = self.book.past(question.customer, question.day);
        let (slow, _) = self.snap.delays(question, &past);
        let first = first_place(self.book, question);
        let slow = hazards(&slow, self.book, question, first, COVERED);
        Forecast::of_hazards(first, slow.iter().map(|one| f64::from(one.0)))
    }

    /// The answer of the model.
    #[must_use]
    pub fn forecast(&self, question: &Question) -> Forecast {
        let (hazard, own) = self.parts(question);
        hazard.pooled(&own, self.model.own_share)
    }

    /// The answer with another share of the customer's own distribution.
    #[must_use]
    pub fn pooled(&self, question: &Question, own_share: f64) -> Forecast {
        let (hazard, own) = self.parts(question);
        hazard.pooled(&own, own_share)
    }

    /// The two forecasts that make up the answer.
    #[must_use]
    pub fn parts(&self, question: &Question) -> (Forecast, Forecast) {
        let past = self.book.past(question.customer, question.day);
        let (slow, fast) = self.snap.delays(question, &past);
        let known = Known::new(self.book, question, &past, &slow);
        let first = first_place(self.book, question);
        let slow = hazards(&slow, self.book, question, first, COVERED);
        let fast = hazards(&fast, self.book, question, first, COVERED);
        let own = Forecast::of_hazards(first, slow.iter().map(|one| f64::from(one.0)));
        // Far days are asked about only where it may still be open.
        let mut chances = [0.0_f32; COVERED];
        let due = (self.book.banking.place(question.due) - first).max(0) as usize;
        let near = (due + 15).clamp(20, COVERED);
        let hazard = &self.model.hazard;
        let cut = |all: &[(f32, f32)], from: usize, to: usize| all.get(from..to).map(<[_]>::to_vec).unwrap_or_default();
        let mut asked = 0;
        for upto in [near, (near + 25).min(COVERED), COVERED] {
            if let Some(out) = chances.get_mut(asked..upto) {
                let from = first + asked as i32;
                hazard.chances(self.book, &known, &cut(&slow, asked, upto), &cut(&fast, asked, upto), from, out);
            }
            asked = upto;
            let left: f64 = chances.iter().take(asked).map(|chance| 1.0 - f64::from(*chance)).product();
            if left < 0.01 {
                break;
            }
        }
        let asked = chances.iter().take(asked).map(|chance| f64::from(*chance));
        (Forecast::of_hazards(first, asked), own)
    }
}
