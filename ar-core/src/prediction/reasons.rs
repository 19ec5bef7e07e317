//! Why that day? What is known of the customer, in words that a collector would use.
//!
//! The reasons are read from the same payments as the forecast; they describe them and are no part of the reckoning.

use serde::{Deserialize, Serialize};

use super::book::{Book, Question};
use super::calendar::weekday;
use super::habits::Kind;
use super::hazard::Hazard;
use super::model::Model;
use super::runs::Runs;
use crate::calendar::Weekday;

/// How many payments are looked at; for runs more, where many come on one day.
const LATEST: usize = 60;

/// One thing that is known and bears on the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule")]
pub enum PredictionReason {
    /// No payment of this customer is known: the answer is that of customers in general.
    #[serde(rename = "prediction.no_payments")]
    NoPayments,
    /// Of its latest payments half came in by so many days after the due day (before it when negative).
    #[serde(rename = "prediction.usual_delay")]
    UsualDelay {
        /// Payments looked at.
        payments: u32,
        /// The median.
        days: i32,
    },
    /// Invoices due on the same day of the week are paid otherwise than the rest: so many days after the due day.
    #[serde(rename = "prediction.due_weekday")]
    DueWeekday {
        /// The day of the week on which it is due.
        weekday: Weekday,
        /// Payments looked at.
        payments: u32,
        /// The median.
        days: i32,
    },
    /// Most of its payments come in on this day of the week.
    #[serde(rename = "prediction.pays_on")]
    PaysOn {
        /// The day of the week.
        weekday: Weekday,
        /// Of 100 payments, so many.
        percent: u32,
    },
    /// It pays in certain weeks of the month.
    #[serde(rename = "prediction.pays_in_weeks")]
    PaysInWeeks {
        /// The day of the week.
        weekday: Weekday,
        /// Its weeks of the month: 1 to 4; 5 is the last.
        weeks: Vec<u32>,
        /// Of 100 of its latest payment runs, so many.
        percent: u32,
    },
    /// It pays on certain days of the month, or on a banking day beside them.
    #[serde(rename = "prediction.pays_on_days")]
    PaysOnDays {
        /// The days of the month: 1 to 30; 31 is the last.
        month_days: Vec<u32>,
        /// Of 100 of its latest payment runs, so many.
        percent: u32,
    },
    /// It is not expected with the payment run before the one with which it is.
    #[serde(rename = "prediction.misses_run")]
    MissesRun {
        /// The run that is foretold, and that it misses.
        run: chrono::NaiveDate,
        /// The next.
        next: chrono::NaiveDate,
    },
    /// It pays many invoices at once, or in runs that are sure, about every so many days, the last time on that day.
    #[serde(rename = "prediction.payment_runs")]
    PaymentRuns {
        /// Days from one run to the next, on average.
        every_days: u32,
        /// The latest run.
        last: chrono::NaiveDate,
    },
    /// It has paid others so many times since this one fell due, and not this one.
    #[serde(rename = "prediction.left_out")]
    LeftOut {
        /// Payment runs since the due day.
        runs: u32,
    },
    /// It is late by so many days already.
    #[serde(rename = "prediction.overdue")]
    Overdue {
        /// Days past due.
        days: u32,
    },
    /// It is in dispute since that day.
    #[serde(rename = "prediction.disputed")]
    Disputed {
        /// The first day.
        since: chrono::NaiveDate,
    },
    /// Payment is promised for that day.
    #[serde(rename = "prediction.promised")]
    Promised {
        /// The promised day.
        on: chrono::NaiveDate,
    },
    /// Payment was promised for that day and did not come.
    #[serde(rename = "prediction.promise_broken")]
    PromiseBroken {
        /// The promised day.
        on: chrono::NaiveDate,
    },
    /// The last notice about it.
    #[serde(rename = "prediction.noticed")]
    Noticed {
        /// Its level.
        level: u32,
        /// The day it was sent.
        on: chrono::NaiveDate,
    },
    /// A part of it is paid.
    #[serde(rename = "prediction.part_paid")]
    PartPaid {
        /// Of 100 of its amount, so many.
        percent: u32,
    },
    /// The customer owes more than its credit limit.
    #[serde(rename = "prediction.limit_used")]
    LimitUsed {
        /// Of 100 of the limit, so many.
        percent: u32,
    },
    /// It has paid on so few days that no payment run can be foretold.
    #[serde(rename = "prediction.no_runs")]
    NoRuns {
        /// The days on which it paid.
        runs: u32,
    },
    /// Nobody pays on the day on which it is due.
    #[serde(rename = "prediction.no_banking_day")]
    NoBankingDay {
        /// The next day on which somebody does.
        next: chrono::NaiveDate,
    },
}

const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

fn named(day: i32) -> Weekday {
    WEEKDAYS.get(weekday(day)).copied().unwrap_or(Weekday::Monday)
}

fn date(day: i32) -> Option<chrono::NaiveDate> {
    crate::calendar::Day::new(day).ok().map(crate::calendar::Day::to_naive_date)
}

/// The lower median.
pub(super) fn median(values: &mut [i32]) -> i32 {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// What is known beside payments. Disputes and promises are always told, for a cash forecast reckons with them; the rest where the model
/// has learnt from it: what it has not learnt from moves no day.
fn of_dealings(book: &Book, hazard: &Hazard, question: &Question) -> Vec<PredictionReason> {
    let (dealings, mut found) = (&book.dealings, Vec::new());
    if let Some(since) = dealings.dispute(question).and_then(|one| date(one.since)) {
        found.push(PredictionReason::Disputed { since });
    }
    if let Some(promise) = dealings.promise(question)
        && let Some(on) = date(promise.promised)
    {
        if promise.last >= question.day {
            found.push(PredictionReason::Promised { on });
        } else if promise.kept >= question.day {
            found.push(PredictionReason::PromiseBroken { on });
        }
    }
    if let Some(notice) = dealings.last_notice(question)
        && let Some(on) = date(notice.sent)
        && hazard.knows("notice_level")
    {
        found.push(PredictionReason::Noticed { level: notice.level, on });
    }
    let percent = |share: f32| (share * 100.0) as u32;
    if let Some(paid) = dealings.part_paid(question)
        && hazard.knows("paid_share")
    {
        found.push(PredictionReason::PartPaid { percent: percent(paid.share) });
    }
    if let Some(used) = dealings.limit_use(question).filter(|used| *used > 1.0)
        && hazard.knows("limit_use")
    {
        found.push(PredictionReason::LimitUsed { percent: percent(used) });
    }
    found
}

/// How the runs of a customer lie: where its sure runs are told anyway or the forecast ends on one, in which weeks or on which days of the month
/// or every how many days it surely pays; else, where half of its payments share a day, every how many days.
fn of_runs(book: &Book, runs: &Runs, (expected, are_told): (i32, bool)) -> Option<PredictionReason> {
    let sure = runs.sure.as_ref().filter(|sure| are_told || sure.is_run(book, expected));
    let percent = sure.map_or(0, |sure| sure.percent);
    match sure.map(|sure| &sure.kind) {
        Some(Kind::Weeks { usual, weeks }) => {
            let weekday = *WEEKDAYS.get(*usual)?;
            Some(PredictionReason::PaysInWeeks { weekday, weeks: weeks.clone(), percent })
        }
        Some(Kind::Days(days)) => {
            let mut month_days: Vec<u32> = days.iter().map(|one| one.day.into()).collect();
            month_days.dedup();
            Some(PredictionReason::PaysOnDays { month_days, percent })
        }
        Some(Kind::Every { latest, gap }) if are_told || runs.share_days => {
            let last = date(book.banking.day(book.banking.place(*latest)))?;
            Some(PredictionReason::PaymentRuns { every_days: gap.unsigned_abs(), last })
        }
        None if runs.days.len() >= 3 && runs.share_days => {
            let (first, last) = (runs.days.first()?, runs.days.last()?);
            let gaps = (runs.days.len() - 1) as i32;
            let every_days = ((last - first + gaps / 2).checked_div(gaps)?).unsigned_abs();
            date(*last).map(|last| PredictionReason::PaymentRuns { every_days, last })
        }
        _ => None,
    }
}

/// The last run before the day on which payment is expected, and the next, where runs are foretold.
fn missed_run(book: &Book, runs: &Runs, question: &Question, expected: i32) -> Option<PredictionReason> {
    let mut missed = None;
    for run in runs.after(book, question.day - 1) {
        if run < expected {
            missed = Some(run);
            continue;
        }
        // What is expected between two runs misses none of them.
        if run > expected {
            return None;
        }
        let (run, next) = (date(missed?)?, date(run)?);
        return Some(PredictionReason::MissesRun { run, next });
    }
    None
}

/// How many payments of the customer are known, and the reasons for a day that is expected; with its runs told if they are sure, or only
/// where the day is one of them.
pub(crate) fn reasons(
    book: &Book,
    model: &Model,
    question: &Question,
    (expected, are_runs_told): (i32, bool),
) -> (usize, Vec<PredictionReason>) {
    let past = book.past(question.customer, question.day);
    let paid = past.latest(LATEST);
    let mut found = if book.dealings.is_empty() { Vec::new() } else { of_dealings(book, &model.hazard, question) };
    let late = question.day - 1 - question.due;
    if late > 0 {
        found.push(PredictionReason::Overdue { days: late.unsigned_abs() });
    }
    let runs = Runs::of(book, &past.paid);
    let since = runs.days.iter().filter(|run| **run > question.due).count() as u32;
    if late > 0 && since > 0 {
        found.push(PredictionReason::LeftOut { runs: since });
    }
    let mut delays: Vec<i32> = paid.iter().map(|one| one.delay).collect();
    let usual = median(&mut delays);
    if paid.is_empty() {
        found.push(PredictionReason::NoPayments);
    } else {
        found.push(PredictionReason::UsualDelay { payments: paid.len() as u32, days: usual });
    }
    let mut same: Vec<i32> =
        paid.iter().filter(|one| weekday(one.due) == weekday(question.due)).map(|one| one.delay).collect();
    let of_weekday = median(&mut same);
    if same.len() >= 3 && of_weekday != usual {
        let payments = same.len() as u32;
        found.push(PredictionReason::DueWeekday { weekday: named(question.due), payments, days: of_weekday });
    }
    let usual_day = runs.usual.and_then(|(day, percent)| Some((*WEEKDAYS.get(day)?, percent)));
    found.extend(usual_day.map(|(weekday, percent)| PredictionReason::PaysOn { weekday, percent }));
    if let Some(reason) = of_runs(book, &runs, (expected, are_runs_told)) {
        found.push(reason);
        found.extend(missed_run(book, &runs, question, expected));
    }
    let next = book.banking.day(book.banking.place(question.due));
    if late <= 0 && next != question.due {
        found.extend(date(next).map(|next| PredictionReason::NoBankingDay { next }));
    }
    (past.paid.len(), found)
}
