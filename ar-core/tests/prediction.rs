//! Prediction: blind to the future, the same on any number of threads, sound where there is little or nothing to learn.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

use ar_core::calendar::Day;
use ar_core::facade::JsonFacts;
use ar_core::ledger::{Ledger, View};
use ar_core::prediction::{
    Book, Invoice, Model, Prediction, PredictionAsk, PredictionBasis, PredictionModel, PredictionPolicy,
    PredictionReason, Training,
};
use rust_decimal::Decimal;

/// Monday, 2023-01-02.
const START: i32 = 19_359;

/// Ten customers who pay on Fridays, each a while after its due day; two invoices a week each.
fn invoices(weeks: i32) -> Vec<Invoice> {
    let mut all = Vec::new();
    for customer in 0..10 {
        for turn in 0..weeks * 2 {
            let posted = START + turn * 7 / 2;
            let due = posted + 14;
            let wait = due + customer - 4;
            // The next Friday; every ninth invoice waits four weeks more.
            let friday = wait + (4 - (wait + 3)).rem_euclid(7);
            let cleared = friday.max(posted) + if (turn + customer) % 9 == 0 { 28 } else { 0 };
            let amount_minor = i64::from(1_000 + 700 * ((turn * 7 + customer) % 13));
            let customer = u32::try_from(customer).unwrap();
            all.push(Invoice {
                key: u64::from(customer),
                customer,
                posted,
                due,
                cleared: Some(cleared),
                amount_minor,
                document: 0,
                instalment: 0,
                known: None,
            });
        }
    }
    all
}

fn trained(invoices: &[Invoice], until: i32, threads: usize) -> Model {
    let mut training = Training::known_before(until, START + 31);
    training.threads = threads;
    training.growths[0].0.rounds = 25;
    Model::train(&Book::new(invoices, &[], until), invoices, &training, &mut |_, _| true).unwrap()
}

/// The medians and a chance of what is posted in the four weeks after `until`.
fn answers(model: &Model, invoices: &[Invoice], until: i32) -> Vec<(i32, u64)> {
    let book = Book::new(invoices, &[], until);
    let asked: Vec<&Invoice> = invoices.iter().filter(|one| one.posted >= until && one.posted < until + 28).collect();
    let desk = model.desk(&book, asked.iter().map(|one| one.posted));
    asked
        .iter()
        .map(|one| {
            let forecast = desk.forecast(&one.asked_on(one.posted));
            (forecast.median(&book), forecast.paid_by(&book, one.due).to_bits())
        })
        .collect()
}

#[test]
fn what_is_learnt_names_most_days() {
    let all = invoices(60);
    let until = START + 45 * 7;
    let model = trained(&all, until, 1);
    let found = answers(&model, &all, until);
    let asked = all.iter().filter(|one| one.posted >= until && one.posted < until + 28);
    let exact = asked.zip(&found).filter(|(one, (median, _))| one.cleared == Some(*median)).count();
    assert!(exact * 100 >= found.len() * 75, "{exact} of {}", found.len());
}

#[test]
fn nothing_that_happens_at_or_after_the_day_changes_an_answer() {
    let all = invoices(60);
    let until = START + 45 * 7;
    let model = trained(&all, until, 1);
    // What was paid on the day or later is paid otherwise, or never; what is posted later has other amounts.
    let planted: Vec<Invoice> = all
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let mut one = *one;
            if one.cleared.is_some_and(|day| day >= until) {
                one.cleared = if at % 3 == 0 { None } else { Some(until + 400 + at as i32 % 17) };
            }
            one
        })
        .collect();
    assert!(planted != all);
    assert_eq!(trained(&planted, until, 1), model);
    let first = |invoices: &[Invoice]| {
        let book = Book::new(invoices, &[], until);
        let desk = model.desk(&book, [until].into_iter());
        invoices
            .iter()
            .filter(|one| one.posted < until && one.cleared.is_none_or(|day| day >= until))
            .map(|one| {
                let forecast = desk.forecast(&one.asked_on(until));
                (0..120).map(|days| forecast.paid_by(&book, until + days).to_bits()).collect()
            })
            .collect::<Vec<Vec<u64>>>()
    };
    assert_eq!(first(&planted), first(&all));
}

#[test]
fn what_was_recorded_late_is_not_known_before() {
    let until = START + 45 * 7;
    let mut all = invoices(60);
    for (_, one) in all.iter_mut().enumerate().filter(|(at, _)| at % 3 == 0) {
        one.known = one.cleared.map(|day| day + 21);
    }
    let is_late =
        |one: &Invoice| one.cleared.is_some_and(|day| day < until) && one.known.is_some_and(|day| day >= until);
    // What came in before and nobody knew may have been on another day.
    let planted: Vec<Invoice> = all
        .iter()
        .map(|one| match one.cleared {
            Some(day) if is_late(one) => Invoice { cleared: Some((day - 7).max(one.posted)), ..*one },
            _ => *one,
        })
        .collect();
    assert!(planted != all);
    let model = trained(&all, until, 1);
    let found = |invoices: &[Invoice]| {
        let book = Book::new(invoices, &[], until);
        let desk = model.desk(&book, [until].into_iter());
        let asked = all.iter().filter(|one| one.posted < until && one.cleared.is_none_or(|day| day >= until));
        let chances = |one: &Invoice| {
            let forecast = desk.forecast(&one.asked_on(until));
            (0..120).map(|days| forecast.paid_by(&book, until + days).to_bits()).collect::<Vec<u64>>()
        };
        asked.map(chances).collect::<Vec<_>>()
    };
    assert_eq!(found(&planted), found(&all));
    // Known on its own day it is as if that were not told.
    let own: Vec<Invoice> = all.iter().map(|one| Invoice { known: one.cleared, ..*one }).collect();
    let none: Vec<Invoice> = all.iter().map(|one| Invoice { known: None, ..*one }).collect();
    assert_eq!(trained(&own, until, 1), trained(&none, until, 1));
    assert_ne!(model, trained(&none, until, 1));
}

#[test]
fn a_payment_recorded_after_its_invoice_is_known_from_then_on_and_history_taken_in_at_once_from_its_own_day() {
    let all = invoices(40);
    let today = START + 25 * 7;
    let customers: Vec<String> = (0..10).map(|number| format!("C{number}")).collect();
    let model = |ledger: &Ledger| predictions(&ledger.as_of(Day::new(today).unwrap())).0.to_text();
    let own = model(&ledger(&all, today));
    let late =
        told(&customers, &all, today, |at, day| if at % 3 == 0 { (day + 21).min(today) } else { day }, |day| day);
    assert_ne!(model(&late), own);
    assert_eq!(model(&told(&customers, &all, today, |_, _| today, |_| today)), own);
}

#[test]
fn any_number_of_threads_and_any_order_of_rows_train_one_model() {
    let mut all = invoices(60);
    let until = START + 50 * 7;
    let model = trained(&all, until, 1);
    assert_eq!(trained(&all, until, 2), model);
    assert_eq!(trained(&all, until, 5), model);
    let found = answers(&model, &all, until);
    assert!(!found.is_empty());
    all.sort_by_key(|one| (one.amount_minor, one.due));
    let book = Book::new(&all, &[], until);
    assert_eq!(book.banking, Book::new(&invoices(60), &[], until).banking);
}

#[test]
fn a_model_trained_here_answers_as_it_does_on_any_machine() {
    let all = invoices(40);
    let until = START + 30 * 7;
    let found = answers(&trained(&all, until, 2), &all, until);
    let sum = found.iter().fold(0_u64, |sum, (median, chance)| {
        sum.wrapping_mul(0x0100_0000_01b3).wrapping_add(u64::from(median.unsigned_abs())).wrapping_add(*chance)
    });
    assert_eq!(sum, KNOWN_SUM, "the bits of the answers have changed: a change of the model says so here");
}

/// Of medians and chances, from the first machine on which this ran.
const KNOWN_SUM: u64 = 5_086_762_431_335_509_511;

#[test]
fn little_to_learn_from_and_hostile_values_are_answered() {
    let until = START + 20 * 7;
    let sets: [(&str, Vec<Invoice>); 6] = [
        ("nothing", vec![]),
        ("one customer", invoices(40).into_iter().filter(|one| one.customer == 3).collect()),
        ("all early", invoices(40).into_iter().map(|one| Invoice { cleared: Some(one.posted + 2), ..one }).collect()),
        ("all open", invoices(40).into_iter().map(|one| Invoice { cleared: None, ..one }).collect()),
        ("all paid later", invoices(40).into_iter().map(|one| Invoice { cleared: Some(until + 90), ..one }).collect()),
        ("hostile", {
            let mut all = invoices(40);
            for (at, one) in all.iter_mut().enumerate() {
                match at % 11 {
                    0 => one.amount_minor = i64::MIN,
                    1 => one.amount_minor = i64::MAX,
                    2 => one.amount_minor = 0,
                    3 => one.due = i32::MAX,
                    4 => one.due = i32::MIN,
                    5 => one.cleared = Some(one.posted - 5_000),
                    6 => one.posted = i32::MIN,
                    7 => one.customer = u32::MAX,
                    _ => {}
                }
            }
            all
        }),
    ];
    for (name, all) in sets {
        let model = trained(&all, until, 1);
        let book = Book::new(&all, &[], until);
        let desk = model.desk(&book, [until].into_iter());
        let new = Invoice {
            key: 77,
            customer: 77,
            posted: until,
            due: until + 30,
            cleared: None,
            amount_minor: 5_000,
            document: 0,
            instalment: 0,
            known: None,
        };
        for one in all.iter().filter(|one| one.takes_part()).chain([&new]) {
            let forecast = desk.forecast(&one.asked_on(until.max(one.posted)));
            let sum: f64 = forecast.days(&book).map(|(_, chance)| chance).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{name}: the chances sum to {sum}");
            let [low, median, high] = [0.1, 0.5, 0.9].map(|share| forecast.quantile(&book, share));
            assert!(low <= median && median <= high && low >= until.max(one.posted) - 3, "{name}");
        }
    }
}

#[test]
fn of_more_invoices_than_the_most_a_sample_is_learnt_from_the_same_every_time() {
    let all = invoices(60);
    let until = START + 50 * 7;
    let sampled = |threads: usize, most: u32| {
        let mut training = Training::known_before(until, START + 31);
        (training.threads, training.most) = (threads, most);
        training.growths[0].0.rounds = 10;
        Model::train(&Book::new(&all, &[], until), &all, &training, &mut |_, _| true).unwrap()
    };
    let model = sampled(1, 300);
    assert!(model.is_trained());
    assert_eq!(sampled(3, 300), model);
    assert_ne!(sampled(1, 60_000), model);
    // What is not learnt from is still history that answers see.
    let found = answers(&model, &all, until);
    let asked = all.iter().filter(|one| one.posted >= until && one.posted < until + 28);
    let near = asked.zip(&found).filter(|(one, (median, _))| one.cleared.unwrap().abs_diff(*median) <= 7).count();
    assert!(near * 10 >= found.len() * 7, "{near} of {}", found.len());
}

/// The invoices as a ledger; what was paid by `recorded` is allocated.
fn ledger(all: &[Invoice], recorded: i32) -> Ledger {
    ledger_of(&(0..10).map(|number| format!("C{number}")).collect::<Vec<_>>(), all, recorded)
}

/// The same with these customers, in this order.
fn ledger_of(customers: &[String], all: &[Invoice], recorded: i32) -> Ledger {
    told(customers, all, recorded, |_, day| day, |day| day)
}

/// The same with the days on which payments and invoices were recorded.
fn told(
    customers: &[String],
    all: &[Invoice],
    recorded: i32,
    paid: impl Fn(usize, i32) -> i32,
    posted: impl Fn(i32) -> i32,
) -> Ledger {
    let date = |number: i32| Day::new(number).unwrap().to_string();
    let (mut documents, mut allocations) = (vec![], vec![]);
    let customers: Vec<String> = customers.iter().map(|id| format!(r#"{{ "id": "{id}" }}"#)).collect();
    for (at, one) in all.iter().enumerate().filter(|(_, one)| one.posted <= recorded) {
        let amount = format!("{}.{:02}", one.amount_minor / 100, one.amount_minor % 100);
        let row = |id: String, kind: &str, amount: &str, (day, told): (i32, i32), due: Option<i32>| {
            let due = due.map(|due| format!(r#", "due_date": "{}""#, date(due))).unwrap_or_default();
            format!(
                r#"{{ "id": "{id}", "customer": "C{}", "kind": "{kind}", "amount": "{amount}", "currency": "EUR", "document_date": "{}", "recorded": "{}"{due} }}"#,
                one.customer,
                date(day),
                date(told)
            )
        };
        documents.push(row(format!("I{at}"), "invoice", &amount, (one.posted, posted(one.posted)), Some(one.due)));
        if let Some(cleared) = one.cleared.filter(|day| *day <= recorded) {
            documents.push(row(format!("P{at}"), "payment", &format!("-{amount}"), (cleared, paid(at, cleared)), None));
            allocations.push(format!(
                r#"{{ "id": "A{at}", "credit": "P{at}", "debit": "I{at}", "amount": "{amount}", "effective": "{}", "recorded": "{}" }}"#,
                date(cleared),
                date(paid(at, cleared))
            ));
        }
    }
    let text = format!(
        r#"{{ "customers": [{}], "documents": [{}], "allocations": [{}] }}"#,
        customers.join(","),
        documents.join(","),
        allocations.join(",")
    );
    Ledger::load(Default::default(), &JsonFacts::parse(&text).unwrap().tables()).unwrap()
}

fn policy() -> PredictionPolicy {
    PredictionPolicy { least_paid_invoices: 100, ..Default::default() }
}

fn predictions(view: &View) -> (PredictionModel, Vec<Prediction>) {
    let model = view.train_prediction(&policy(), 2, &mut |_, _| true).unwrap();
    let found = view.predict(&model).unwrap();
    (model, found)
}

#[test]
fn a_view_predicts_its_open_items_and_says_why() {
    let all = invoices(40);
    let today = START + 30 * 7;
    let view = ledger(&all, today).as_of(Day::new(today).unwrap());
    let (model, found) = predictions(&view);
    assert!(model.is_trained());
    let open = all.iter().filter(|one| one.posted <= today && one.cleared.is_none_or(|day| day > today)).count();
    assert_eq!(found.len(), open);
    let mut near = 0;
    for one in &found {
        let at: usize = one.document.trim_start_matches('I').parse().unwrap();
        let cleared = Day::new(all[at].cleared.unwrap()).unwrap().to_naive_date();
        assert!(one.earliest <= one.expected && one.expected <= one.latest);
        assert!(one.expected > view.day().to_naive_date());
        assert_eq!(one.basis, PredictionBasis::Model);
        let friday =
            |reason: &PredictionReason| matches!(reason, PredictionReason::PaysOn { percent, .. } if *percent > 90);
        assert!(one.reasons.iter().any(friday), "{:?}", one.reasons);
        near += usize::from((one.expected - cleared).num_days().abs() <= 7);
    }
    assert!(near * 10 >= found.len() * 7, "{near} of {}", found.len());
}

#[test]
fn a_quantile_is_the_first_day_by_which_its_chance_is_reached() {
    let today = START + 30 * 7;
    let view = ledger(&invoices(40), today).as_of(Day::new(today).unwrap());
    let (model, found) = predictions(&view);
    let quantiles: Vec<u8> = (1..=99).collect();
    let all = view.predict_asking(&model, &PredictionAsk { quantiles, ..PredictionAsk::default() }).unwrap();
    for (one, plain) in all.iter().zip(&found) {
        assert_eq!(
            [one.quantiles[9], one.quantiles[49], one.quantiles[89]],
            [plain.earliest, plain.expected, plain.latest]
        );
        let days: Vec<_> = one.quantiles.iter().flat_map(|day| [*day, day.pred_opt().unwrap()]).collect();
        let asked = PredictionAsk { paid_by: days, ..PredictionAsk::default() };
        let answers = view.predict_asking(&model, &asked).unwrap();
        let own = answers.iter().find(|other| (&other.document, other.instalment) == (&one.document, one.instalment));
        for (percent, pair) in (1_i64..).zip(own.unwrap().paid_by.chunks(2)) {
            let chance = Decimal::new(percent, 2);
            assert!(pair[0] >= chance - Decimal::new(1, 4) && pair[1] <= chance, "{pair:?} about {chance}");
        }
    }
}

#[test]
fn the_order_of_customers_and_those_without_invoices_change_nothing() {
    let all = invoices(40);
    let today = START + 25 * 7;
    let (model, found) = predictions(&ledger(&all, today).as_of(Day::new(today).unwrap()));
    let mut customers: Vec<String> = (0..10).rev().map(|number| format!("C{number}")).collect();
    customers.insert(4, String::from("NOBODY"));
    customers.swap(2, 7);
    let (other_model, other) = predictions(&ledger_of(&customers, &all, today).as_of(Day::new(today).unwrap()));
    assert!(model.is_trained() && !found.is_empty());
    assert_eq!(model.to_text(), other_model.to_text());
    assert_eq!(found, other);
}

#[test]
fn days_of_which_nothing_is_known_are_not_learnt_from() {
    let all = invoices(40);
    let (known, day) = (START + 25 * 7, START + 30 * 7);
    let ledger = ledger(&all, day);
    let (then, _) = predictions(&ledger.as_of(Day::new(known).unwrap()));
    let (narrowed, _) = predictions(&ledger.as_of_known(Day::new(day).unwrap(), Day::new(known).unwrap()));
    assert_eq!(then.to_text(), narrowed.to_text());
}

#[test]
fn a_customer_that_pays_long_before_the_due_day_is_foreseen() {
    let paid_at_once = |one: &Invoice| Invoice { due: one.posted + 120, cleared: Some(one.posted + 5), ..*one };
    let all: Vec<Invoice> = invoices(60).iter().map(paid_at_once).collect();
    let until = START + 50 * 7;
    let model = trained(&all, until, 1);
    let book = Book::new(&all, &[], until);
    let asked: Vec<&Invoice> = all.iter().filter(|one| one.posted >= until && one.posted < until + 28).collect();
    let desk = model.desk(&book, asked.iter().map(|one| one.posted));
    for one in asked {
        for forecast in [desk.forecast(&one.asked_on(one.posted)), desk.own(&one.asked_on(one.posted))] {
            let median = forecast.median(&book);
            assert!(median.abs_diff(one.posted + 5) <= 4, "{} days", median - one.posted);
        }
    }
}

#[test]
fn a_view_is_blind_to_what_happens_after_its_day() {
    let all = invoices(40);
    let today = START + 25 * 7;
    let day = Day::new(today).unwrap();
    let (model, found) = predictions(&ledger(&all, today).as_of(day));
    let (later_model, later) = predictions(&ledger(&all, today + 100).as_of(day));
    assert!(!found.is_empty());
    assert_eq!(model.to_text(), later_model.to_text());
    // Ids order equal items of an account, so that the lists agree as they are.
    assert_eq!(found, later);
}

#[test]
fn a_model_is_read_back_as_it_was_and_refused_when_it_is_not_sound() {
    let all = invoices(40);
    let today = START + 30 * 7;
    let view = ledger(&all, today).as_of(Day::new(today).unwrap());
    let (model, found) = predictions(&view);
    let text = model.to_text();
    let again = PredictionModel::from_text(&text).unwrap();
    assert_eq!(again, model);
    assert_eq!(view.predict(&again).unwrap(), found);
    let code = |text: &str| PredictionModel::from_text(text).unwrap_err().problems[0].code.clone();
    assert_eq!(code("{}"), "wrong_type");
    assert_eq!(code(&text.replacen("\"version\":3", "\"version\":1", 1)), "unsupported_version");
    // What is written anew by another program is the same model.
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(PredictionModel::from_text(&value.to_string()).unwrap(), model);
    value["trees"][0]["splits"][0][2] = 0.into();
    assert_eq!(code(&value.to_string()), "wrong_type");
    // Nor is it sound where there was no sum.
    value["version"] = 2.into();
    value.as_object_mut().unwrap().remove("sum");
    assert_eq!(code(&value.to_string()), "wrong_type");
}

#[test]
fn a_bit_of_a_kept_model_that_is_flipped_is_told() {
    let all = invoices(40);
    let today = START + 30 * 7;
    let (model, _) = predictions(&ledger(&all, today).as_of(Day::new(today).unwrap()));
    let text = model.to_text();
    let engine = text.find("\"engine\"").unwrap()..text.find("\"policy\"").unwrap();
    let (mut refused, mut tried) = (0, 0);
    for at in (0..text.len()).step_by(211).filter(|at| !engine.contains(at)) {
        for bit in [1_u8, 4] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= bit;
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            tried += 1;
            match PredictionModel::from_text(&flipped) {
                // A digit beyond those that tell a number from its neighbours.
                Ok(read) => assert_eq!(read, model),
                Err(problem) => {
                    let code = problem.problems[0].code.clone();
                    assert!(["wrong_type", "unsupported_version"].contains(&code.as_str()), "{code}");
                    refused += 1;
                }
            }
        }
    }
    assert!(tried > 200 && refused * 100 >= tried * 99, "{refused} of {tried}");
}

#[test]
fn a_model_of_an_engine_before_payment_runs_answers_as_it_did() {
    let all = invoices(40);
    let today = START + 30 * 7;
    let view = ledger(&all, today).as_of(Day::new(today).unwrap());
    let (model, _) = predictions(&view);
    let mut value: serde_json::Value = serde_json::from_str(&model.to_text()).unwrap();
    value["version"] = 2.into();
    for field in ["sum", "by_runs"] {
        value.as_object_mut().unwrap().remove(field);
    }
    let old = PredictionModel::from_text(&value.to_string()).unwrap();
    assert_ne!(old, model);
    let again = PredictionModel::from_text(&old.to_text()).unwrap();
    assert_eq!(again, old);
    assert_eq!(view.predict(&again).unwrap(), view.predict(&old).unwrap());
    value["version"] = 3.into();
    assert_eq!(PredictionModel::from_text(&value.to_string()).unwrap_err().problems[0].field.as_deref(), Some("sum"));
}

#[test]
fn a_ledger_without_enough_history_says_so() {
    let all: Vec<Invoice> = invoices(4);
    let today = START + 9;
    let view = ledger(&all, today).as_of(Day::new(today).unwrap());
    let (model, found) = predictions(&view);
    assert!(!model.is_trained());
    assert!(!found.is_empty());
    assert!(found.iter().any(|one| one.basis == PredictionBasis::NotEnoughHistory));
    assert!(found.iter().any(|one| one.reasons.contains(&PredictionReason::NoPayments)));
}

#[test]
fn trees_are_trained_on_enough_paid_invoices_that_are_learnt_from() {
    let all = invoices(40);
    let today = START + 12 * 7;
    let view = ledger(&all, today).as_of(Day::new(today).unwrap());
    let trained = |policy: PredictionPolicy| view.train_prediction(&policy, 1, &mut |_, _| true).unwrap();
    let paid = |from: i32| {
        let paid = all.iter().filter(|one| one.posted >= from && one.cleared.is_some_and(|day| day <= today));
        u32::try_from(paid.count()).unwrap()
    };
    let learnt = paid(START + 31);
    let least = |least_paid_invoices| PredictionPolicy { least_paid_invoices, ..Default::default() };
    assert!(learnt < paid(START) && learnt > 1);
    assert!(trained(least(learnt)).is_trained());
    let young = trained(least(learnt + 1));
    assert!(!young.is_trained());
    assert_eq!(young.paid_invoices(), paid(START));
    assert!(view.predict(&young).unwrap().iter().all(|one| one.basis >= PredictionBasis::OwnPast));
    // Of a sample too few are learnt from, and so of a ledger that is younger than its first days.
    assert!(!trained(PredictionPolicy { most_invoices: 1, ..least(2) }).is_trained());
    assert!(!trained(PredictionPolicy { burn_in_days: u16::MAX, ..least(0) }).is_trained());
}

#[test]
fn more_than_366_days_of_holidays_and_weekends_in_a_row_are_refused() {
    let code = |days: &mut dyn Iterator<Item = i32>| {
        let holidays = days.map(|day| Day::new(day).unwrap()).collect();
        let refused = PredictionPolicy { holidays, ..Default::default() }.check().err();
        refused.map(|refused| refused.problems[0].field.clone().unwrap_or_default())
    };
    let shut = Some("holidays".to_owned());
    assert_eq!(code(&mut (START..START + 366)), None);
    assert_eq!(code(&mut (START..START + 367)), shut);
    // The latest first, and twice: a list is a set.
    assert_eq!(code(&mut (START..START + 367).rev().chain(START..START + 5)), shut);
    // Monday to Friday alone: weekends between them are shut, too. START is a Monday.
    let weekdays = |until: i32| (START..START + until).filter(|day| (day + 3).rem_euclid(7) < 5);
    assert_eq!(code(&mut weekdays(365)), None);
    assert_eq!(code(&mut weekdays(368)), shut);
    // One Tuesday between them is enough, a Saturday is not.
    assert_eq!(code(&mut weekdays(700).filter(|day| *day != START + 351)), None);
    assert_eq!(code(&mut (START..START + 700).filter(|day| *day != START + 355)), shut);
}

#[test]
fn training_stops_when_it_is_told_to() {
    let all = invoices(40);
    let today = START + 30 * 7;
    let view = ledger(&all, today).as_of(Day::new(today).unwrap());
    let mut told = 0;
    let stopped = view.train_prediction(&policy(), 2, &mut |done, all| {
        told += 1;
        assert!(done <= all);
        done < 3
    });
    assert_eq!(stopped.unwrap_err().problems[0].code, "cancelled");
    assert_eq!(told, 4, "before the first tree, and after three");
}
