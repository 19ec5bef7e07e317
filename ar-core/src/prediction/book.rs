//! What was known of every customer's invoices and payments on a day? The one place that answers as of a day.
//!
//! Rules never see all payments of a customer: they ask for [`Past`], which holds those that came in before a day and were
//! known before it.

use std::borrow::Cow;

use super::calendar::{BankingDays, FIRST_DAY, LAST_DAY, open_weekdays};
use super::dealings::Dealings;
use super::math::ln;

/// Days before the due day from which payment is thought possible in any ledger; and the most, where some paid earlier.
const EARLY: i32 = 75;
const EARLIEST_DAYS: i32 = 126;

/// An invoice as the book takes it: days since 1970-01-01, ids numbered by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Invoice {
    /// What stands for its customer wherever order or dice matter, so that the numbers of customers do not: the same for the same
    /// customer in every ledger.
    pub key: u64,
    /// The customer's number.
    pub customer: u32,
    /// The day on which it was posted.
    pub posted: i32,
    /// The day on which it is due.
    pub due: i32,
    /// The day on which nothing was open any more; none while it is open.
    pub cleared: Option<i32>,
    /// **Unit**: minor units of its currency. Negative and zero amounts are as good as 0.
    pub amount_minor: i64,
    /// The number of its document, by which disputes, promises and notices are found; 0 where the book has none.
    pub document: u32,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// The day from which it is known that it is paid; none: the same day.
    pub known: Option<i32>,
}

impl Invoice {
    /// Whether a day can take part.
    #[must_use]
    pub(crate) fn is_day(day: i32) -> bool {
        (FIRST_DAY..=LAST_DAY).contains(&day)
    }

    /// Whether every date can take part: inside 1900 to 2199, due within ten years of posting, not paid before it is
    /// posted.
    #[must_use]
    pub fn takes_part(&self) -> bool {
        Self::is_day(self.posted)
            && Self::is_day(self.due)
            && self.due.abs_diff(self.posted) <= 3_653
            && self.cleared.is_none_or(|day| Self::is_day(day) && day >= self.posted)
    }

    /// What is asked of this invoice on a day.
    #[must_use]
    pub fn asked_on(&self, day: i32) -> Question {
        Question {
            key: self.key,
            customer: self.customer,
            posted: self.posted,
            due: self.due,
            amount: log_amount(self.amount_minor),
            day,
            document: self.document,
            instalment: self.instalment,
        }
    }
}

/// An invoice that is open, and the day on which somebody asks when it will be paid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    pub(crate) key: u64,
    pub(crate) customer: u32,
    pub(crate) posted: i32,
    pub(crate) due: i32,
    pub(crate) amount: f32,
    pub(crate) day: i32,
    pub(crate) document: u32,
    pub(crate) instalment: u32,
}

fn log_amount(minor: i64) -> f32 {
    ln(1.0 + minor.max(0) as f64 / 100.0) as f32
}

/// The most payments of a customer of one day that are replayed.
const OF_A_DAY: usize = 10;

/// A payment that has come in.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Settled {
    pub(crate) cleared: i32,
    pub(crate) posted: i32,
    pub(crate) due: i32,
    pub(crate) delay: i32,
    pub(crate) steps: i32,
    pub(crate) amount: f32,
    pub(crate) customer: u32,
    /// From when on it is known; and it with all of its customer that came in before.
    known: i32,
    all_known: i32,
}

/// All invoices, laid out so that any day can be asked about.
#[derive(Debug, Clone)]
pub struct Book {
    /// The days on which customers pay.
    pub banking: BankingDays,
    /// Days before the due day from which payment is thought possible, unless it is asked later.
    early: i32,
    /// Numbers of customers, rising, and their places; and where the payments of each place begin, and those of the last end.
    places: Vec<(u32, usize)>,
    begins: Vec<usize>,
    /// Payments by customer, each customer's in the order in which they came in.
    by_customer: Vec<Settled>,
    /// Every payment in the order in which it came in.
    paid: Vec<Settled>,
    /// What is known beside payments.
    pub(crate) dealings: Dealings,
}

/// The days before a day on which customers paid, each customer's once: however much one pays, it says no more of the days of the week.
fn paid_days(invoices: &[Invoice], before: i32) -> impl Iterator<Item = i32> {
    let paid = invoices.iter().filter_map(|one| Some((one.customer, one.cleared.filter(|day| *day < before)?)));
    let mut days: Vec<(u32, i32)> = paid.collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter().map(|(_, day)| day)
}

/// What was known of one customer before a day.
#[derive(Debug, Clone)]
pub(crate) struct Past<'a> {
    pub(crate) paid: Cow<'a, [Settled]>,
}

impl Book {
    /// `learnt_by`: the days of the week on which customers pay are learnt from payments before that day.
    #[must_use]
    pub fn new(invoices: &[Invoice], holidays: &[i32], learnt_by: i32) -> Self {
        let mut ordered: Vec<Invoice> = invoices.iter().filter(|one| one.takes_part()).copied().collect();
        ordered.sort_unstable();
        let first = ordered.iter().map(|one| one.posted.min(one.due)).min().unwrap_or(learnt_by);
        let last = ordered.iter().map(|one| one.due.max(one.cleared.unwrap_or(one.due))).max().unwrap_or(learnt_by);
        let banking = BankingDays::new(
            first.min(learnt_by),
            last.max(learnt_by),
            open_weekdays(paid_days(&ordered, learnt_by)),
            holidays,
        );
        let before_due = ordered.iter().filter_map(|one| one.cleared.map(|day| (day, one.due - day)));
        let before_due = before_due.filter(|(day, _)| *day < learnt_by).map(|(_, days)| days);
        let mut book = Self {
            banking,
            early: before_due.max().unwrap_or(EARLY).clamp(EARLY, EARLIEST_DAYS),
            places: vec![],
            begins: vec![],
            by_customer: vec![],
            paid: vec![],
            dealings: Dealings::default(),
        };
        for one in &ordered {
            if book.places.last().map(|(customer, _)| *customer) != Some(one.customer) {
                book.places.push((one.customer, book.places.len()));
                book.begins.push(book.by_customer.len());
            }
            if let Some(cleared) = one.cleared {
                book.by_customer.push(Settled {
                    cleared,
                    posted: one.posted,
                    due: one.due,
                    delay: cleared - one.due,
                    steps: book.banking.steps(one.due, cleared),
                    amount: log_amount(one.amount_minor),
                    customer: book.places.len() as u32 - 1,
                    known: one.known.unwrap_or(cleared).max(cleared),
                    all_known: i32::MIN,
                });
            }
        }
        book.begins.push(book.by_customer.len());
        book.places.sort_unstable();
        // Stable: what came in on one day stays in the order of posting, due day and amount.
        book.by_customer.sort_by_key(|one| (one.customer, one.cleared));
        let mut last: Option<(u32, i32)> = None;
        for one in &mut book.by_customer {
            let before = last.filter(|(customer, _)| *customer == one.customer).map_or(i32::MIN, |(_, known)| known);
            one.all_known = one.known.max(before);
            last = Some((one.customer, one.all_known));
        }
        book.paid.clone_from(&book.by_customer);
        book.paid.sort_by_key(|one| one.cleared);
        book
    }

    /// What was known of a customer before a day.
    pub(crate) fn past(&self, customer: u32, day: i32) -> Past<'_> {
        let found = self.places.binary_search_by_key(&customer, |(number, _)| *number).ok();
        let place = found.and_then(|at| self.places.get(at)).map(|(_, place)| *place);
        let ends = place.and_then(|place| Some((*self.begins.get(place)?, *self.begins.get(place + 1)?)));
        let all = ends.and_then(|(from, to)| self.by_customer.get(from..to)).unwrap_or_default();
        let paid = all.partition_point(|one| one.cleared < day);
        let paid = all.get(..paid).unwrap_or_default();
        // Nearly always all that came in is known.
        if paid.last().is_some_and(|last| last.all_known >= day) {
            return Past { paid: Cow::Owned(paid.iter().filter(|one| one.known < day).copied().collect()) };
        }
        Past { paid: Cow::Borrowed(paid) }
    }

    /// The payments of all customers that came in on or after `from` and before `day`, and were known before that.
    pub(crate) fn known_between(&self, from: i32, day: i32) -> Cow<'_, [Settled]> {
        let paid = self.paid_between(from, day);
        if paid.iter().any(|one| one.known >= day) {
            return Cow::Owned(paid.iter().filter(|one| one.known < day).copied().collect());
        }
        Cow::Borrowed(paid)
    }

    /// The payments of all customers that came in on or after `from` and before `day`, whenever that was known.
    pub(crate) fn paid_between(&self, from: i32, day: i32) -> &[Settled] {
        let end = self.paid.partition_point(|one| one.cleared < day);
        let start = self.paid.partition_point(|one| one.cleared < from).min(end);
        self.paid.get(start..end).unwrap_or_default()
    }

    /// The first place at which an invoice may be paid.
    pub(crate) fn first_place(&self, question: &Question) -> i32 {
        self.banking.place(question.day.max(question.due - self.early))
    }

    pub(crate) fn customer_count(&self) -> usize {
        self.places.len()
    }
}

impl Past<'_> {
    /// The latest payments, oldest first, and of no day more than ten, which stand for the others of that day: what is paid at once
    /// says one thing.
    pub(crate) fn spread(&self, count: usize) -> Cow<'_, [Settled]> {
        let latest = self.latest(count);
        let is_full = |few: &[Settled]| few.first().map(|one| one.cleared) == few.last().map(|one| one.cleared);
        if !latest.windows(OF_A_DAY + 1).any(is_full) {
            return Cow::Borrowed(latest);
        }
        let mut taken: Vec<Settled> = Vec::with_capacity(count + OF_A_DAY);
        for (_, of_day) in days_back(&self.paid) {
            let parts = of_day.len().min(OF_A_DAY);
            // The one in the middle of each part, the latest first.
            let middle = |part: usize| of_day.get((2 * part + 1) * of_day.len() / (2 * parts)).copied();
            taken.extend((0..parts).rev().filter_map(middle));
            if taken.len() >= count {
                break;
            }
        }
        taken.truncate(count);
        taken.reverse();
        Cow::Owned(taken)
    }

    /// The latest payments, oldest first.
    pub(crate) fn latest(&self, count: usize) -> &[Settled] {
        self.paid.get(self.paid.len().saturating_sub(count)..).unwrap_or_default()
    }
}

/// Days with payments, the latest first, and what came on each.
pub(crate) fn days_back(paid: &[Settled]) -> impl Iterator<Item = (i32, &[Settled])> {
    let mut rest = paid;
    core::iter::from_fn(move || {
        let day = rest.last()?.cleared;
        let (earlier, of_day) = rest.split_at_checked(begin_of_last(rest, day))?;
        rest = earlier;
        Some((day, of_day))
    })
}

/// Where the payments of their last day begin; looked for in steps that double, as thousands may come on one day.
fn begin_of_last(paid: &[Settled], day: i32) -> usize {
    let (mut begin, mut step) = (paid.len(), 1);
    while begin > 0 && paid.get(begin - 1).is_some_and(|one| one.cleared == day) {
        begin = begin.saturating_sub(step);
        step *= 2;
    }
    begin + paid.get(begin..).unwrap_or_default().partition_point(|one| one.cleared < day)
}
