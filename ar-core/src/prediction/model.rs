//! What is trained, kept, and asked.

use super::book::{Book, Invoice, Question};
use super::dealings::Dealt;
use super::features::Known;
use super::forecast::{COVERED, Forecast};
use super::forest::{BLOCK, Forest};
use super::hazard::{Hazard, Sample, hazards, samples};
use super::hier_snap::{HierSnap, HierSnapSettings};
use super::learner::{Growth, Progress};

/// Paid invoices over the share of the customer's own distribution, until that share is at its least.
const SHARED: f64 = 2_200.0;

/// The most of that share where something is known beside payments.
const TOLD_SHARE: f64 = 0.1;

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
    /// The least share of the customer's own distribution in the answer; it is more when little was learnt from.
    pub own_share: f64,
    /// How much of each day's chance is the customer's own. Where the trees have seen little, late after the due day,
    /// they would hold an invoice open for too long.
    pub daily_share: f64,
    /// How the customer's past is weighed.
    pub snap: HierSnapSettings,
    /// The most invoices that are learnt from; of more, a sample that is the same every time.
    pub most: u32,
    /// Paid invoices that are learnt from, below which there are no trees: with fewer they learn that nobody pays.
    pub least_paid: usize,
    /// Threads; the model is the same with any number.
    pub threads: usize,
}

impl Training {
    /// The settings that were chosen, for what is known before a day.
    #[must_use]
    pub fn known_before(until: i32, from: i32) -> Self {
        let growth = Growth {
            rounds: 60,
            rate: 0.15,
            leaves: 40,
            least: 4.0,
            ridge: 10.0,
            numbers_per_1000: 500,
            groups_per_1000: 500,
            seed: 1,
        };
        Self {
            from,
            until,
            growths: vec![(growth, false)],
            mondays_per_1000: 1000,
            open_weight: 0.4,
            own_share: 0.1,
            daily_share: 0.1,
            snap: HierSnapSettings::default(),
            most: 60_000,
            least_paid: 0,
            threads: 1,
        }
    }
}

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) hazard: Hazard,
    pub(crate) own_share: f64,
    pub(crate) daily_share: f64,
    pub(crate) snap: HierSnapSettings,
}

/// A model beside a book, ready to be asked.
pub struct Desk<'a> {
    model: &'a Model,
    book: &'a Book,
    snap: HierSnap,
    forest: Forest<'a>,
}

impl Model {
    /// Without trees: answers come from each customer's own past.
    #[must_use]
    pub fn untrained(training: &Training) -> Self {
        Self { hazard: Hazard::default(), own_share: 1.0, daily_share: 1.0, snap: training.snap }
    }

    /// Whether there are trees.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        !self.hazard.trees.is_empty()
    }

    /// Learns from the invoices; without trees where too few of them are paid. None when the caller stopped it.
    pub fn train(book: &Book, invoices: &[Invoice], training: &Training, progress: Progress<'_>) -> Option<Self> {
        let samples: Vec<Sample> = samples(
            book,
            invoices,
            training.from,
            training.until,
            training.mondays_per_1000,
            training.open_weight,
            training.most,
        );
        let paid = samples.iter().filter(|one| one.paid && one.question.day == one.question.posted).count();
        if paid < training.least_paid {
            return Some(Self::untrained(training));
        }
        let snap = HierSnap::new(book, training.snap, samples.iter().map(|one| one.question.day));
        let hazard = Hazard::learn(book, &snap, &samples, &training.growths, training.threads, progress)?;
        // A young ledger has seen few late payments end: its trees know less than the customer's own past.
        let own_share = (SHARED / (paid as f64 + 1.0)).clamp(training.own_share, 0.5);
        Some(Self { hazard, own_share, daily_share: training.daily_share, snap: training.snap })
    }

    /// Makes ready for questions on these days.
    #[must_use]
    pub fn desk<'a>(&'a self, book: &'a Book, days: impl Iterator<Item = i32>) -> Desk<'a> {
        Desk {
            model: self,
            book,
            snap: HierSnap::new(book, self.snap, days),
            forest: self.hazard.forest(&book.banking),
        }
    }
}

impl Desk<'_> {
    /// The customer's own distribution alone: needs no training.
    #[must_use]
    pub fn own(&self, question: &Question) -> Forecast {
        let past = self.book.past(question.customer, question.day);
        let (slow, _) = self.snap.delays(self.book, question, &past);
        let first = self.book.first_place(question);
        let own = hazards(&slow, self.book, question, first, COVERED, slow.floor);
        let mut forecast = Forecast::of_hazards(first, own.iter().map(|one| f64::from(one.0)));
        forecast.by_runs = slow.by_runs();
        forecast
    }

    /// The answer of the model.
    #[must_use]
    pub fn forecast(&self, question: &Question) -> Forecast {
        self.pooled(question, self.model.own_share, self.model.daily_share)
    }

    /// The answer with other shares of the customer's own distribution, see [`Training`].
    #[must_use]
    pub fn pooled(&self, question: &Question, own_share: f64, daily_share: f64) -> Forecast {
        let past = self.book.past(question.customer, question.day);
        let (slow, fast) = self.snap.delays(self.book, question, &past);
        let mut known = Known::new(self.book, question, &past, &slow);
        if self.model.hazard.knows_dealings() {
            known.dealt = Some(Dealt::new(&self.book.dealings, &self.book.banking, question));
        }
        let first = self.book.first_place(question);
        // Trees learn from the distribution without the even chance, and are so asked.
        let own = hazards(&slow, self.book, question, first, COVERED, slow.floor);
        let by_runs = slow.by_runs();
        // Far days are asked about only where it may still be open.
        let mut chances = [0.0_f32; COVERED];
        let mut asking = self.forest.ask(&known);
        let due = (self.book.banking.place(question.due) - first).max(0) as usize;
        let near = (due + 22).clamp(30, BLOCK);
        let (mut asked, mut left) = (0, 1.0);
        for upto in [near, near + 40, COVERED] {
            let slow = hazards(&slow, self.book, question, first, upto, 0.0);
            let fast = hazards(&fast, self.book, question, first, upto, 0.0);
            let (Some(out), Some(slow), Some(fast)) =
                (chances.get_mut(asked..upto), slow.get(asked..), fast.get(asked..))
            else {
                break;
            };
            asking.chances(self.book, slow, fast, first + asked as i32, out);
            for (chance, own) in out.iter_mut().zip(own.get(asked..upto).unwrap_or_default()) {
                *chance += (own.0 - *chance) * daily_share as f32;
                left *= 1.0 - f64::from(*chance);
            }
            asked = upto;
            if left < 0.03 {
                break;
            }
        }
        let own = Forecast::of_hazards(first, own.iter().map(|one| f64::from(one.0)));
        let asked = chances.iter().take(asked).map(|chance| f64::from(*chance));
        // The customer's own past knows nothing of disputes and promises: where there are any it counts for little.
        let is_told = known.dealt.as_ref().is_some_and(Dealt::is_told);
        let own_share = if is_told { own_share.min(TOLD_SHARE) } else { own_share };
        let mut forecast = Forecast::of_hazards(first, asked).pooled(&own, own_share);
        forecast.by_runs = by_runs;
        forecast
    }
}
