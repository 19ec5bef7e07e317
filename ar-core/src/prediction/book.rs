//! What was known of every customer's invoices and payments on a day? The one place that answers as of a day.
//!
//! Rules never see the book itself: they ask for [`Past`], which holds the payments that came in before the day and the
//! invoices posted before it, and hides of those how they ended.

use super::calendar::{BankingDays, FIRST_DAY, LAST_DAY, open_weekdays};
use super::math::ln;

/// An invoice as the book takes it: days since 1970-01-01, ids numbered by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Invoice {
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
    /// The company's number.
    pub company: u32,
    /// The number of its terms of payment.
    pub terms: u32,
}

impl Invoice {
    /// Whether every date can take part: inside 1900 to 2199, due within ten years of posting, not paid years before it
    /// is posted.
    #[must_use]
    pub fn takes_part(&self) -> bool {
        let sane = |day: i32| (FIRST_DAY..=LAST_DAY).contains(&day);
        sane(self.posted)
            && sane(self.due)
            && self.due.abs_diff(self.posted) <= 3_653
            && self.cleared.is_none_or(|day| sane(day) && day >= self.posted)
    }

    /// What is asked of this invoice on a day.
    #[must_use]
    pub fn asked_on(&self, day: i32) -> Question {
        Question {
            customer: self.customer,
            company: self.company,
            terms: self.terms,
            posted: self.posted,
            due: self.due,
            amount: log_amount(self.amount_minor),
            day,
        }
    }
}

/// An invoice that is open, and the day on which somebody asks when it will be paid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    pub(crate) customer: u32,
    pub(crate) company: u32,
    pub(crate) terms: u32,
    pub(crate) posted: i32,
    pub(crate) due: i32,
    pub(crate) amount: f32,
    pub(crate) day: i32,
}

fn log_amount(minor: i64) -> f32 {
    ln(1.0 + minor.max(0) as f64 / 100.0) as f32
}

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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    posted: i32,
    due: i32,
    cleared: i32,
}

#[derive(Debug, Clone, Default)]
struct History {
    paid: Vec<Settled>,
    known: Vec<Known>,
}

/// All invoices, laid out so that any day can be asked about.
#[derive(Debug, Clone)]
pub struct Book {
    /// The days on which customers pay.
    pub banking: BankingDays,
    customers: Vec<History>,
    /// Every payment in the order in which it came in.
    paid: Vec<Settled>,
}

/// What was known of one customer before a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past<'a> {
    pub(crate) paid: &'a [Settled],
    known: &'a [Known],
    day: i32,
}

impl Book {
    /// `learnt_by`: the days of the week on which customers pay are learnt from payments before that day.
    #[must_use]
    pub fn new(invoices: &[Invoice], holidays: &[i32], learnt_by: i32) -> Self {
        let mut ordered: Vec<Invoice> = invoices.iter().filter(|one| one.takes_part()).copied().collect();
        ordered.sort_unstable();
        let first = ordered.iter().map(|one| one.posted.min(one.due)).min().unwrap_or(learnt_by);
        let last = ordered.iter().map(|one| one.due.max(one.cleared.unwrap_or(one.due))).max().unwrap_or(learnt_by);
        let cleared = ordered.iter().filter_map(|one| one.cleared).filter(|day| *day < learnt_by);
        let banking =
            BankingDays::new(first.min(learnt_by), last.max(learnt_by), open_weekdays(cleared), holidays);
        let count = ordered.last().map_or(0, |one| one.customer as usize + 1);
        let mut customers = vec![History::default(); count.min(ordered.len().saturating_mul(64).max(1 << 20))];
        let mut paid = Vec::with_capacity(ordered.len());
        for one in &ordered {
            let Some(history) = customers.get_mut(one.customer as usize) else { continue };
            let cleared = one.cleared.unwrap_or(i32::MAX);
            history.known.push(Known { posted: one.posted, due: one.due, cleared });
            if let Some(cleared) = one.cleared {
                let settled = Settled {
                    cleared,
                    posted: one.posted,
                    due: one.due,
                    delay: cleared - one.due,
                    steps: banking.steps(one.due, cleared),
                    amount: log_amount(one.amount_minor),
                    customer: one.customer,
                };
                history.paid.push(settled);
                paid.push(settled);
            }
        }
        // Stable: what came in on one day stays in the order of posting, due day and amount.
        for history in &mut customers {
            history.paid.sort_by_key(|one| one.cleared);
        }
        paid.sort_by_key(|one| one.cleared);
        Self { banking, customers, paid }
    }

    /// What was known of a customer before a day.
    pub(crate) fn past(&self, customer: u32, day: i32) -> Past<'_> {
        let Some(history) = self.customers.get(customer as usize) else {
            return Past { paid: &[], known: &[], day };
        };
        let paid = history.paid.partition_point(|one| one.cleared < day);
        let known = history.known.partition_point(|one| one.posted < day);
        Past {
            paid: history.paid.get(..paid).unwrap_or_default(),
            known: history.known.get(..known).unwrap_or_default(),
            day,
        }
    }

    /// The payments of all customers that came in on or after `from` and before `day`.
    pub(crate) fn paid_between(&self, from: i32, day: i32) -> &[Settled] {
        let end = self.paid.partition_point(|one| one.cleared < day);
        let start = self.paid.partition_point(|one| one.cleared < from).min(end);
        self.paid.get(start..end).unwrap_or_default()
    }

    pub(crate) fn customer_count(&self) -> usize {
        self.customers.len()
    }
}

impl<'a> Past<'a> {
    /// The latest payments, oldest first.
    pub(crate) fn latest(&self, count: usize) -> &'a [Settled] {
        self.paid.get(self.paid.len().saturating_sub(count)..).unwrap_or_default()
    }

    /// Due days of the invoices that were still open, of the last `count` posted.
    pub(crate) fn open_due(&self, count: usize) -> impl Iterator<Item = i32> + use<'a> {
        let day = self.day;
        self.known
            .get(self.known.len().saturating_sub(count)..)
            .unwrap_or_default()
            .iter()
            .filter(move |one| one.cleared >= day)
            .map(|one| one.due)
    }
}
