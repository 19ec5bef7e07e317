//! Prediction of payers that pay in runs: on the second and fourth Thursday of the month, every second Friday.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

use ar_core::calendar::Day;
use ar_core::prediction::{Book, Invoice, Model, Training};

/// Monday, 2024-01-01.
const START: i32 = 19_723;
/// Monday, 2025-06-30.
const TODAY: i32 = START + 78 * 7;

fn weekday(day: i32) -> i32 {
    (day + 3).rem_euclid(7)
}

/// Whether a day is the second or fourth Thursday of its month.
fn is_thursday(day: i32) -> bool {
    let of_month = Day::new(day).unwrap().ymd().2;
    weekday(day) == 3 && ((8..=14).contains(&of_month) || (22..=28).contains(&of_month))
}

/// Whether it is one of every second Friday.
fn is_second_friday(day: i32) -> bool {
    (day - START - 4).rem_euclid(14) == 0
}

/// Whether it is the last Friday of its month.
fn is_last_friday(day: i32) -> bool {
    let month = |day: i32| Day::new(day).unwrap().ymd().1;
    weekday(day) == 4 && month(day) != month(day + 7)
}

fn invoice(customer: u32, posted: i32, terms: i32, paid: i32) -> Invoice {
    Invoice {
        key: u64::from(customer),
        customer,
        posted,
        due: posted + terms,
        cleared: (paid <= TODAY).then_some(paid),
        amount_minor: 10_000 + i64::from((posted * 37 + customer as i32 * 11) % 50) * 1_000,
        document: 0,
        instalment: 0,
        known: None,
    }
}

/// Six payers of whom each pays on the first day, on or after the due day, that is a run, six invoices of each open; the day of
/// payment beside each invoice.
fn payers(is_run: fn(i32) -> bool) -> Vec<(Invoice, i32)> {
    let mut all = Vec::new();
    for (customer, (terms, step)) in (0_u32..).zip([(30, 5), (30, 4), (45, 7), (60, 8), (30, 3), (45, 6)]) {
        let (mut posted, mut open) = (START + customer as i32, 0);
        while posted <= TODAY && open < 6 {
            let paid = (posted + terms..).find(|day| is_run(*day)).unwrap();
            open += u32::from(paid > TODAY);
            all.push((invoice(customer, posted, terms, paid), paid));
            posted += step;
        }
        assert_eq!(open, 6);
    }
    all
}

/// Twelve payers without runs: a while after the due day, on any day from Monday to Friday.
fn others() -> Vec<Invoice> {
    let mut all = Vec::new();
    for customer in 6..18_u32 {
        for turn in 0..156 {
            let posted = START + turn * 7 / 2;
            let wait = posted + 30 + (turn * 5 + customer as i32 * 3) % 11 - 3;
            let paid = wait + [0, 0, 0, 0, 0, 2, 1][weekday(wait) as usize];
            all.push(invoice(customer, posted, 30, paid));
        }
    }
    all
}

/// The settings, with payment runs reckoned with or not.
fn training(by_runs: bool) -> Training {
    let mut training = Training::known_before(TODAY + 1, START + 31);
    training.snap.by_runs = by_runs;
    training.growths[0].0.rounds = 25;
    training
}

/// The expected days of the open ones of some invoices, by the payers' own past where no model is trained.
fn expected(all: &[Invoice], asked: &[Invoice], holidays: &[i32], by_runs: bool, is_trained: bool) -> Vec<i32> {
    let book = Book::new(all, holidays, TODAY + 1);
    let training = training(by_runs);
    let model = if is_trained {
        Model::train(&book, all, &training, &mut |_, _| true).unwrap()
    } else {
        Model::untrained(&training)
    };
    let desk = model.desk(&book, [TODAY + 1].into_iter());
    let day = |one: &Invoice| {
        let question = one.asked_on(TODAY + 1);
        let forecast = if is_trained { desk.forecast(&question) } else { desk.own(&question) };
        forecast.median(&book)
    };
    asked.iter().filter(|one| one.cleared.is_none()).map(day).collect()
}

/// How many of the 36 open invoices of six such payers are expected on the day on which they are paid.
fn right(is_run: fn(i32) -> bool, by_runs: bool, is_trained: bool) -> usize {
    let payers = payers(is_run);
    let asked: Vec<Invoice> = payers.iter().map(|(one, _)| *one).collect();
    let all: Vec<Invoice> = asked.iter().copied().chain(others()).collect();
    let days = expected(&all, &asked, &[], by_runs, is_trained);
    let truth = payers.iter().filter(|(one, _)| one.cleared.is_none()).map(|(_, paid)| *paid);
    assert_eq!(days.len(), 36);
    days.iter().zip(truth).filter(|(day, paid)| **day == *paid).count()
}

#[test]
fn every_invoice_of_payers_of_the_second_and_fourth_thursday_is_expected_on_the_day_by_their_own_past() {
    assert_eq!(right(is_thursday, true, false), 36);
    assert!(right(is_thursday, false, false) < 18, "banking days alone lead between two runs");
}

#[test]
fn and_by_a_trained_model() {
    assert_eq!(right(is_thursday, true, true), 36);
}

#[test]
fn so_is_every_invoice_of_payers_of_every_second_and_of_the_last_friday() {
    assert_eq!(right(is_second_friday, true, false), 36);
    assert_eq!(right(is_last_friday, true, false), 36);
    assert_eq!(right(is_second_friday, true, true), 36);
}

#[test]
fn a_run_on_a_holiday_is_expected_on_the_next_banking_day() {
    let asked: Vec<Invoice> = payers(is_thursday).into_iter().map(|(one, _)| one).collect();
    let all: Vec<Invoice> = asked.iter().copied().chain(others()).collect();
    // Thursday, 2025-07-10.
    let holiday = TODAY + 10;
    let plain = expected(&all, &asked, &[], true, false);
    let moved = expected(&all, &asked, &[holiday], true, false);
    assert!(plain.contains(&holiday));
    let expected: Vec<i32> = plain.iter().map(|day| if *day == holiday { holiday + 1 } else { *day }).collect();
    assert_eq!(moved, expected);
}

#[test]
fn what_missed_its_run_is_expected_with_the_next() {
    let mut all: Vec<Invoice> = payers(is_thursday).into_iter().map(|(one, _)| one).chain(others()).collect();
    // One that the run of 26 June has left out; the next is on 10 July.
    let missed = Invoice { cleared: None, ..invoice(0, TODAY - 40, 30, TODAY) };
    all.push(missed);
    assert_eq!(expected(&all, &[missed], &[], true, false), [TODAY + 10]);
}

/// Whether a day is the 15th of a month, or the Monday after it, or the last day of a month from Monday to Friday.
fn is_fifteenth_or_last(day: i32) -> bool {
    let of_month = |day: i32| Day::new(day).unwrap().ymd().2;
    let is_last = (day + 1..day + 4 - (weekday(day) != 4) as i32 * 2).any(|next| of_month(next) == 1);
    let is_fifteenth = of_month(day) == 15 || (weekday(day) == 0 && (16..=17).contains(&of_month(day)));
    weekday(day) < 5 && (is_fifteenth || is_last)
}

#[test]
fn so_is_every_invoice_of_payers_of_the_15th_and_the_last_day_of_the_month() {
    assert_eq!(right(is_fifteenth_or_last, true, false), 36);
    assert!(right(is_fifteenth_or_last, false, false) < 18);
}

#[test]
fn a_stray_payment_after_the_latest_run_changes_nothing() {
    for is_run in [is_thursday, is_second_friday, is_fifteenth_or_last] {
        let payers = payers(is_run);
        let latest = (START..=TODAY - 4).rev().find(|day| is_run(*day)).unwrap();
        let stray = |customer: u32| invoice(customer, latest - 36, 30, latest + 7 - weekday(latest + 4).max(4));
        let asked: Vec<Invoice> = payers.iter().map(|(one, _)| *one).collect();
        let all: Vec<Invoice> = asked.iter().copied().chain((0..6).map(stray)).chain(others()).collect();
        let truth = payers.iter().filter(|(one, _)| one.cleared.is_none()).map(|(_, paid)| *paid);
        assert_eq!(expected(&all, &asked, &[], true, false), truth.collect::<Vec<_>>());
    }
}

#[test]
fn what_many_runs_have_left_out_is_expected_on_a_run() {
    for is_run in [is_thursday, is_second_friday, is_last_friday, is_fifteenth_or_last] {
        let paid: Vec<Invoice> = payers(is_run).into_iter().map(|(one, _)| one).collect();
        let late = [1, 10, 20, 40, 90, 200, 400]
            .map(|days| Invoice { cleared: None, ..invoice(0, TODAY - days - 30, 30, TODAY) });
        let all: Vec<Invoice> = paid.into_iter().chain(late).chain(others()).collect();
        let days = expected(&all, &late, &[], true, false);
        assert!(days.iter().all(|day| is_run(*day)), "{days:?}");
    }
}

#[test]
fn payers_without_runs_are_answered_as_if_there_were_none() {
    let others = others();
    let all: Vec<Invoice> = payers(is_thursday).into_iter().map(|(one, _)| one).chain(others.iter().copied()).collect();
    let book = Book::new(&all, &[], TODAY + 1);
    let [with, without] = [true, false].map(|by_runs| {
        let model = Model::untrained(&training(by_runs));
        let desk = model.desk(&book, [TODAY + 1].into_iter());
        let open = others.iter().filter(|one| one.cleared.is_none());
        let chances = |one: &Invoice| desk.own(&one.asked_on(TODAY + 1)).days(&book).collect::<Vec<_>>();
        open.map(chances).collect::<Vec<_>>()
    });
    assert!(!with.is_empty());
    assert_eq!(with, without);
}

#[test]
fn where_one_payment_in_seven_comes_a_banking_day_late_the_day_of_the_run_is_expected() {
    for is_run in [is_thursday, is_second_friday, is_last_friday] {
        let mut turn = 0_u32;
        let late = |(one, run): (Invoice, i32)| {
            turn = turn * 5 % 7_919 + 11;
            let paid = if turn.is_multiple_of(7) { run + [1, 1, 1, 1, 3, 2, 1][weekday(run) as usize] } else { run };
            (Invoice { cleared: (paid <= TODAY).then_some(paid), ..one }, run)
        };
        let payers: Vec<(Invoice, i32)> = payers(is_run).into_iter().map(late).collect();
        let asked: Vec<Invoice> = payers.iter().map(|(one, _)| *one).collect();
        let all: Vec<Invoice> = asked.iter().copied().chain(others()).collect();
        let days = expected(&all, &asked, &[], true, false);
        let truth = payers.iter().filter(|(one, _)| one.cleared.is_none()).map(|(_, run)| *run);
        let right = days.iter().zip(truth).filter(|(day, run)| **day == *run).count();
        assert!(right * 10 >= days.len() * 8, "{right} of {}", days.len());
    }
}
