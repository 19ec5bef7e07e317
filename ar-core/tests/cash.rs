//! Cash forecasts: they re-add, keep what is paid together together, and see nothing of the future.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

use ar_core::aging::Where;
use ar_core::calendar::Day;
use ar_core::facade::{JsonFacts, Tables, cash_forecast_from_text, to_json};
use ar_core::ledger::{Ledger, View};
use ar_core::prediction::{
    CalibrationOutcome, CashForecast, CashPeriod, CashPolicy, CashRow, CashSum, DriftOutcome, PredictionModel,
    PredictionPolicy, PredictionReason,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// Customers who pay on Fridays, a customer number of days after the due day; every sixth invoice waits two weeks more.
fn facts(customers: i32, weeks: i32, until: Day) -> Value {
    let start = day("2023-01-02");
    let (mut documents, mut allocations) = (Vec::new(), Vec::new());
    for customer in 0..customers {
        for turn in 0..weeks {
            let posted = start.number() + turn * 7 + customer % 5;
            if posted > until.number() {
                continue;
            }
            let due = posted + 14;
            let wait = due + customer + if (turn + customer) % 6 == 0 { 14 } else { 0 };
            let paid = wait + (4 - (wait + 3)).rem_euclid(7);
            let (id, amount) = (format!("{customer}-{turn}"), format!("{}.{:02}", 100 + turn * 7, customer));
            let text = |number: i32| Day::new(number).unwrap().to_string();
            documents.push(json!({ "id": format!("I{id}"), "customer": format!("C{customer}"), "kind": "invoice",
                "currency": if customer % 4 == 3 { "USD" } else { "EUR" }, "amount": amount, "document_date": text(posted),
                "due_date": text(due), "dimensions": { "region": if turn % 2 == 0 { "north" } else { "south" } } }));
            if paid <= until.number() {
                documents.push(json!({ "id": format!("P{id}"), "customer": format!("C{customer}"), "kind": "payment",
                    "currency": if customer % 4 == 3 { "USD" } else { "EUR" }, "amount": format!("-{amount}"),
                    "document_date": text(paid) }));
                allocations
                    .push(json!({ "id": format!("A{id}"), "credit": format!("P{id}"), "debit": format!("I{id}"),
                    "amount": amount, "effective": text(paid) }));
            }
        }
    }
    let customers: Vec<Value> = (0..customers).map(|customer| json!({ "id": format!("C{customer}") })).collect();
    json!({ "customers": customers, "documents": documents, "allocations": allocations })
}

fn load(facts: &Value) -> Ledger {
    Ledger::load(Default::default(), &JsonFacts::parse(&facts.to_string()).unwrap().tables()).unwrap()
}

/// The text of a model as it was before there was a sum.
fn without_sum(text: &str) -> String {
    let (head, _) = text.split_once(",\"sum\"").unwrap();
    format!("{head}}}").replacen("\"version\":3", "\"version\":2", 1)
}

fn untrained(view: &View) -> PredictionModel {
    view.train_prediction(&PredictionPolicy { least_paid_invoices: u32::MAX, ..Default::default() }, 1, &mut |_, _| {
        true
    })
    .unwrap()
}

fn forecast(view: &View, policy: &CashPolicy, by: &[&str]) -> CashForecast {
    let by: Vec<String> = by.iter().map(|key| (*key).to_owned()).collect();
    view.cash_forecast(&untrained(view), policy, &by, &Where::new()).unwrap()
}

fn told(sum: &CashSum) -> Decimal {
    sum.expected + sum.discount + sum.later + sum.disputed + sum.covered + sum.unforeseen
}

fn expected<'a>(rows: impl Iterator<Item = &'a CashRow>) -> Decimal {
    rows.map(|row| row.expected).sum()
}

#[test]
fn days_add_up_to_weeks_rows_to_totals_and_all_to_what_is_open() {
    let today = day("2023-11-15");
    let view = load(&facts(9, 60, today)).as_of(today);
    let days = forecast(&view, &CashPolicy::default(), &["customer", "dim_region"]);
    let weeks = forecast(&view, &CashPolicy { period: CashPeriod::Week, ..Default::default() }, &["dim_region"]);
    assert!(days.rows.len() > 50 && days.total_sums.len() == 2);
    for sum in days.sums.iter().chain(&days.total_sums).chain(&weeks.sums) {
        assert_eq!(told(sum), sum.open, "{sum:?}");
        assert!(sum.expected > Decimal::ZERO);
    }
    let open: Decimal = view.open_items().iter().map(|item| item.open).sum();
    assert_eq!(days.total_sums.iter().map(|sum| sum.open).sum::<Decimal>(), open);
    for total in &days.totals {
        let same = |row: &&CashRow| row.currency == total.currency && row.from == total.from;
        assert_eq!(expected(days.rows.iter().filter(same)), total.expected);
    }
    for week in &weeks.totals {
        let within = |row: &&CashRow| row.currency == week.currency && row.from >= week.from && row.to <= week.to;
        let whole: Vec<&CashRow> = days.totals.iter().filter(within).collect();
        assert_eq!(expected(whole.iter().copied()), week.expected);
        assert_eq!(whole.last().unwrap().cumulative_quantiles, week.cumulative_quantiles);
    }
    // From Thursday on: the first week is short, the others begin on Monday.
    assert_eq!(weeks.totals[0].from.to_string(), "2023-11-16");
    assert_eq!(weeks.totals[1].from.to_string(), "2023-11-20");
}

#[test]
fn quantiles_rise_and_hold_as_often_as_they_say_for_independent_customers() {
    let today = day("2023-11-15");
    let view = load(&facts(40, 60, today)).as_of(today);
    let made = forecast(&view, &CashPolicy::default(), &[]);
    for row in &made.totals {
        assert!(row.quantiles.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!(row.cumulative_quantiles.windows(2).all(|pair| pair[0] <= pair[1]));
    }
    let month = made.totals.iter().find(|row| row.currency == "EUR" && row.to.to_string() == "2023-12-01").unwrap();
    let width = month.cumulative_quantiles[2] - month.cumulative_quantiles[0];
    assert!(month.cumulative_quantiles[0] < month.cumulative && month.cumulative < month.cumulative_quantiles[2]);
    // Many customers who differ from each other: the whole is known better than any one of them.
    assert!(width * Decimal::from(2) < month.cumulative, "{month:?}");
}

#[test]
fn invoices_that_one_customer_pays_in_one_run_come_together_or_not_at_all() {
    // Ten invoices of one customer, all due alike; half of its payments come at once, half two weeks later, by twos: taking turns they
    // would all come every fourth week, which would be runs.
    let mut facts = json!({ "customers": [{ "id": "ACME" }, { "id": "B" }], "documents": [], "allocations": [] });
    let mut add = |table: &str, row: Value| facts[table].as_array_mut().unwrap().push(row);
    for turn in 0..20 {
        let due = day("2023-01-06").number() + turn * 14;
        let paid = if turn / 2 % 2 == 0 { due } else { due + 14 };
        let text = |number: i32| Day::new(number).unwrap().to_string();
        add(
            "documents",
            json!({ "id": format!("I{turn}"), "customer": "ACME", "kind": "invoice", "currency": "EUR",
            "amount": "10.00", "document_date": text(due - 30), "due_date": text(due) }),
        );
        add(
            "documents",
            json!({ "id": format!("P{turn}"), "customer": "ACME", "kind": "payment", "currency": "EUR",
            "amount": "-10.00", "document_date": text(paid) }),
        );
        add(
            "allocations",
            json!({ "id": format!("A{turn}"), "credit": format!("P{turn}"), "debit": format!("I{turn}"),
            "amount": "10.00", "effective": text(paid) }),
        );
    }
    for number in 0..10 {
        add(
            "documents",
            json!({ "id": format!("N{number}"), "customer": "ACME", "kind": "invoice", "currency": "EUR",
            "amount": "10.00", "document_date": "2023-10-02", "due_date": "2023-11-03" }),
        );
    }
    let view = load(&facts).as_of(day("2023-11-01"));
    let made = forecast(
        &view,
        &CashPolicy { quantiles: (1..10).map(|tenth| tenth * 10).collect(), ..Default::default() },
        &[],
    );
    let row = made.totals.iter().find(|row| row.from.to_string() == "2023-11-03").unwrap();
    assert!(row.expected > Decimal::from(30) && row.expected < Decimal::from(70), "{row:?}");
    let all: Vec<i64> = row.quantiles.iter().map(|amount| i64::try_from(*amount).unwrap()).collect();
    assert!(all.iter().all(|amount| *amount == 0 || *amount == 100), "{all:?}");
    assert!(all.contains(&0) && all.contains(&100));
}

/// One customer that has paid ten invoices on the due day, and one open invoice of 1000.00 due on Friday, 2023-12-01.
fn one_customer(more: Value) -> Ledger {
    let mut facts = json!({ "customers": [{ "id": "ACME" }], "documents": [
        { "id": "NEW", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "1000.00",
          "document_date": "2023-11-01", "due_date": "2023-12-01" }], "allocations": [] });
    for turn in 0..10 {
        let due = day("2023-06-02").number() + turn * 14;
        let text = |number: i32| Day::new(number).unwrap().to_string();
        for (table, row) in [
            (
                "documents",
                json!({ "id": format!("I{turn}"), "customer": "ACME", "kind": "invoice", "currency": "EUR",
                "amount": "500.00", "document_date": text(due - 30), "due_date": text(due) }),
            ),
            (
                "documents",
                json!({ "id": format!("P{turn}"), "customer": "ACME", "kind": "payment", "currency": "EUR",
                "amount": "-500.00", "document_date": text(due) }),
            ),
            (
                "allocations",
                json!({ "id": format!("A{turn}"), "credit": format!("P{turn}"),
                "debit": format!("I{turn}"), "amount": "500.00", "effective": text(due) }),
            ),
        ] {
            facts[table].as_array_mut().unwrap().push(row);
        }
    }
    for (table, rows) in more.as_object().unwrap() {
        if facts[table].is_null() {
            facts[table] = json!([]);
        }
        facts[table].as_array_mut().unwrap().extend(rows.as_array().unwrap().iter().cloned());
    }
    load(&facts)
}

fn on(made: &CashForecast, date: &str) -> Decimal {
    expected(made.totals.iter().filter(|row| row.from.to_string() == date))
}

#[test]
fn disputes_promises_credits_receipts_and_discounts_enter_by_their_rules() {
    let plain = |more: Value| forecast(&one_customer(more).as_of(day("2023-11-20")), &CashPolicy::default(), &[]);
    let made = plain(json!({}));
    let usual = on(&made, "2023-12-01");
    assert!(usual > Decimal::from(850), "{usual}");

    let made = plain(json!({ "disputes": [{ "id": "D", "document": "NEW", "reason": "short", "amount": "400.00",
        "effective": "2023-11-10" }] }));
    assert_eq!(made.total_sums[0].disputed, Decimal::from(400));
    assert!(on(&made, "2023-12-01") < Decimal::from(600) && on(&made, "2023-12-01") > Decimal::from(500));

    // Nothing known of promises: half of what is promised is expected on the day, the rest afterwards.
    let promised = json!({ "promises": [{ "id": "PR", "customer": "ACME", "document": "NEW", "currency": "EUR",
        "amount": "300.00", "promised_date": "2023-11-25", "effective": "2023-11-18" }] });
    let made = plain(promised.clone());
    assert_eq!(on(&made, "2023-11-27"), Decimal::from(150), "a Saturday's promise is kept on Monday");
    let ignored = CashPolicy { promises: ar_core::prediction::PromiseRule::Ignored, ..Default::default() };
    let made = forecast(&one_customer(promised).as_of(day("2023-11-20")), &ignored, &[]);
    assert_eq!(on(&made, "2023-12-01"), usual);

    let credit = json!({ "documents": [{ "id": "CN", "customer": "ACME", "kind": "credit_note", "currency": "EUR",
        "amount": "-200.00", "document_date": "2023-11-05" }] });
    let made = plain(credit);
    assert_eq!(made.total_sums[0].covered, Decimal::from(200));

    let receipt = json!({ "documents": [{ "id": "LATER", "customer": "ACME", "kind": "payment", "currency": "EUR",
        "amount": "-250.00", "document_date": "2023-11-24", "recorded": "2023-11-15" }] });
    assert_eq!(on(&plain(receipt), "2023-11-24"), Decimal::from(250));

    let offer = json!({ "discounts": [{ "document": "NEW", "until": "2023-12-01", "percent": "2" }] });
    let made = plain(offer);
    assert!(made.total_sums[0].discount > Decimal::from(17) && made.total_sums[0].discount <= Decimal::from(20));
    assert_eq!(told(&made.total_sums[0]), Decimal::from(1000));
}

#[test]
fn a_forecast_is_blind_to_later_facts_and_the_same_whatever_stands_beside_it() {
    let today = day("2023-10-11");
    let early = load(&facts(6, 60, today)).as_of_known(today, today);
    let late = load(&facts(6, 60, day("2024-02-01"))).as_of_known(today, today);
    let of = |view: &View| forecast(view, &CashPolicy::default(), &["customer"]);
    assert_eq!(of(&early), of(&late));
    // Nor is a view that knows all told what was recorded after its day: of what comes, of what is at risk, of how customers pay.
    let (early, late) = (load(&facts(6, 60, today)), load(&facts(6, 60, day("2024-02-01"))));
    let (early, late) = (early.as_of(today), late.as_of(today));
    assert_eq!(of(&early), of(&late));
    assert_eq!(untrained(&early).to_text(), untrained(&late).to_text());
    let at_risk = |view: &View| view.cash_at_risk(&untrained(view), &CashPolicy::default()).unwrap();
    assert_eq!(at_risk(&early), at_risk(&late));
    // The rows of a customer do not depend on which other customers there are.
    let fewer = of(&load(&facts(3, 60, today)).as_of(today));
    let one =
        |made: &CashForecast| made.rows.iter().filter(|row| row.by == ["C1"]).map(|row| row.from).collect::<Vec<_>>();
    assert!(!one(&fewer).is_empty());
}

#[test]
fn yesterdays_forecasts_stand_beside_what_came_and_beside_the_due_dates() {
    let ledger = load(&facts(12, 60, day("2024-01-31")));
    let model = untrained(&ledger.as_of_known(day("2023-10-01"), day("2023-10-01")));
    let policy = CashPolicy { accuracy_days: 7, ..Default::default() };
    let made = ledger.forecast_accuracy(&model, &policy, day("2023-10-02"), day("2023-10-31")).unwrap();
    assert_eq!(made.totals.len(), 2);
    for total in &made.totals {
        let rows: Vec<_> = made.rows.iter().filter(|row| row.currency == total.currency).collect();
        assert_eq!(rows.len(), 30);
        assert_eq!(rows.iter().map(|row| row.actual).sum::<Decimal>(), total.actual);
        assert_eq!(rows.iter().map(|row| (row.expected - row.actual).abs()).sum::<Decimal>(), total.error);
        assert_eq!(total.expected - total.actual, total.bias);
        assert!(total.error < total.due_date_error, "{total:?}");
        assert!(total.coverage.unwrap() > Decimal::new(5, 1), "{total:?}");
    }
    // Facts that are planted later change what came, never what was expected.
    let known = ledger.append(&Tables::default(), day("2024-02-01")).unwrap();
    let again = known.forecast_accuracy(&model, &policy, day("2023-10-02"), day("2023-10-31")).unwrap();
    assert_eq!(again, made);
    let late = untrained(&ledger.as_of(day("2023-12-01")));
    let refused = ledger.forecast_accuracy(&late, &policy, day("2023-10-02"), day("2023-10-03")).unwrap_err();
    assert_eq!(refused.code(), "model_knows_later");
    // One that learnt from what was recorded later is refused as well, and so is one that does not say.
    let told = untrained(&ledger.as_of_known(day("2023-10-01"), day("2023-10-05"))).to_text();
    assert!(told.contains("\"known_on\":\"2023-10-05\""));
    for text in [told.clone(), without_sum(&told).replace("\"known_on\":\"2023-10-05\",", "")] {
        let model = PredictionModel::from_text(&text).unwrap();
        assert_eq!(
            without_sum(&model.to_text()),
            text.split_once(",\"sum\"").map_or(text.clone(), |_| without_sum(&text))
        );
        let refused = ledger.forecast_accuracy(&model, &policy, day("2023-10-02"), day("2023-10-03")).unwrap_err();
        assert_eq!(refused.code(), "model_knows_later");
    }
    let refused = ledger.as_of(day("2023-09-30")).predict(&model).unwrap_err();
    assert_eq!(refused.code(), "model_knows_later");
    let refused = ledger.forecast_accuracy(&model, &policy, day("2023-10-02"), day("2023-10-01")).unwrap_err();
    assert_eq!(refused.code(), "impossible_date");
}

#[test]
fn a_kept_forecast_is_compared_with_what_came() {
    let ledger = load(&facts(12, 60, day("2024-01-31")));
    let view = ledger.as_of_known(day("2023-11-01"), day("2023-11-01"));
    let made = forecast(&view, &CashPolicy { period: CashPeriod::Week, ..Default::default() }, &[]);
    let kept: CashForecast = serde_json::from_str(&serde_json::to_string(&made).unwrap()).unwrap();
    assert_eq!(kept, made);
    let compared = ledger.compare_forecast(&kept).unwrap();
    assert_eq!(compared.rows.len(), made.totals.len());
    assert!(compared.totals.iter().all(|total| total.actual > Decimal::ZERO && total.coverage.is_some()));
    // About the customer that it was about, and no forecast by a model that knew what came.
    let one = ledger.customer_as_of("C1", day("2023-11-01"), Some(day("2023-11-01"))).unwrap();
    let own = forecast(&one, &CashPolicy { period: CashPeriod::Week, ..Default::default() }, &[]);
    let read = |made: &CashForecast| cash_forecast_from_text(&to_json(made)).unwrap();
    let of_one = ledger.compare_forecast(&read(&own)).unwrap().totals.iter().map(|total| total.actual).sum::<Decimal>();
    let filter = Where::from([("customer".to_owned(), vec!["C1".to_owned()])]);
    let filtered = view.cash_forecast(&untrained(&view), &CashPolicy::default(), &[], &filter).unwrap();
    let filtered = ledger.compare_forecast(&read(&filtered)).unwrap();
    assert_eq!(filtered.totals.iter().map(|total| total.actual).sum::<Decimal>(), of_one);
    assert!(of_one > Decimal::ZERO && of_one < compared.totals.iter().map(|total| total.actual).sum());
    let knows = CashForecast { trained_on: day("2023-11-02").to_naive_date(), ..kept.clone() };
    assert_eq!(ledger.compare_forecast(&knows).unwrap_err().code(), "model_knows_later");
    // Nor by one that knew what was recorded after the day to which the view was narrowed; one that was not knew all.
    let later = Some(day("2023-11-02").to_naive_date());
    assert_eq!(kept.model_known_on, kept.known_on);
    let knows = CashForecast { model_known_on: later, ..kept.clone() };
    let refused = ledger.compare_forecast(&knows).unwrap_err();
    assert_eq!((refused.code(), refused.problems[0].field.as_deref()), ("model_knows_later", Some("model_known_on")));
    assert!(ledger.compare_forecast(&CashForecast { known_on: None, ..knows }).is_ok());
    let model = untrained(&ledger.as_of_known(day("2023-11-01"), day("2023-11-02")));
    let asked = |view: &View| view.predict(&model).map(|found| found.len());
    assert_eq!(asked(&view).unwrap_err().code(), "model_knows_later");
    let silent = without_sum(&model.to_text()).replace("\"known_on\":\"2023-11-02\",", "");
    let silent = PredictionModel::from_text(&silent).unwrap();
    assert_eq!(view.predict(&silent).unwrap_err().code(), "model_knows_later");
    assert!(asked(&ledger.as_of(day("2023-11-01"))).unwrap() > 0);
    assert!(asked(&ledger.as_of_known(day("2023-11-01"), day("2023-11-02"))).unwrap() > 0);
    // What cannot have been made is not read.
    let mut wrong = vec![kept.clone(); 4];
    wrong[0].totals[0].quantiles.reverse();
    wrong[1].totals[0].quantiles.pop();
    wrong[2].quantiles.reverse();
    wrong[3].totals[0].from = day("2023-11-01").to_naive_date();
    let texts = wrong.iter().map(to_json).chain([to_json(&kept).replace("\"2023-11-01\"", "\"-0001-11-01\"")]);
    let money = |text: &str| {
        let mut kept: Value = serde_json::from_str(&to_json(&kept)).unwrap();
        kept["totals"][1]["expected"] = json!(text);
        kept.to_string()
    };
    let texts = texts.chain([String::from("{"), money("ten"), String::from(r#"{ "day": 7 }"#)]);
    let places = texts.map(|text| {
        let refused = cash_forecast_from_text(&text).unwrap_err();
        assert_eq!(refused.code(), "wrong_type");
        let problem = &refused.problems[0];
        (problem.table.clone().unwrap_or_default(), problem.index, problem.field.clone().unwrap())
    });
    let places: Vec<String> =
        places.map(|(table, index, field)| format!("{table} {} {field}", index.map_or(-1, u64::cast_signed))).collect();
    let row = ["totals 0 quantiles", "totals 0 quantiles", " -1 quantiles", "totals 0 from", " -1 day"];
    assert_eq!(places, [&row[..], &[" -1 forecast", "totals 1 expected", " -1 day"]].concat());
    // Nor is one compared with amounts that its currency cannot have.
    let digits = ledger.compare_forecast(&cash_forecast_from_text(&money("10.001")).unwrap()).unwrap_err();
    let problem = &digits.problems[0];
    let place = (problem.table.as_deref(), problem.index, problem.field.as_deref());
    assert_eq!((digits.code(), place), ("too_many_digits", (Some("totals"), Some(1), Some("expected"))));
    // Weeks that are not over are left out.
    let early = load(&facts(12, 60, day("2023-11-10"))).compare_forecast(&kept).unwrap();
    assert!(!early.rows.is_empty() && early.rows.iter().all(|row| row.to <= day("2023-11-10").to_naive_date()));
}

#[test]
fn a_call_comes_before_the_next_run_that_it_can_change() {
    let view = one_customer(json!({})).as_of(day("2023-11-20"));
    let found = view.cash_at_risk(&untrained(&view), &CashPolicy::default()).unwrap();
    // Runs every second Friday: the last on 2023-10-06, the next on 2023-12-01; two banking days before it is Wednesday.
    assert_eq!(found[0].next_run.unwrap().to_string(), "2023-12-01");
    assert_eq!(found[0].best_contact_day.unwrap().to_string(), "2023-11-29");
    assert!(found[0].paid_by_run.unwrap() > Decimal::new(8, 1));
    assert!(found[0].at_risk < Decimal::from(60), "{:?}", found[0]);
    // On the day itself it is too late for that run: the next one counts.
    let view = one_customer(json!({})).as_of(day("2023-11-29"));
    let found = view.cash_at_risk(&untrained(&view), &CashPolicy::default()).unwrap();
    assert_eq!(found[0].next_run.unwrap().to_string(), "2023-12-15");
    let few = load(&facts(1, 4, day("2023-01-20"))).as_of(day("2023-01-20"));
    let found = few.cash_at_risk(&untrained(&few), &CashPolicy::default()).unwrap();
    assert_eq!(found[0].best_contact_day, None);
    assert!(found[0].reasons.iter().any(|reason| matches!(reason, PredictionReason::NoRuns { .. })));
}

#[test]
fn calibration_and_drift_are_measured_or_say_that_there_is_too_little() {
    let ledger = load(&facts(12, 90, day("2024-06-30")));
    let policy = PredictionPolicy { least_paid_invoices: u32::MAX, ..Default::default() };
    let asked = |ledger: &Ledger, days: u32| {
        ledger.prediction_calibration(&policy, day("2024-05-31"), days, 1, &mut |_, _| true)
    };
    let made = asked(&ledger, 61).unwrap();
    assert_eq!(made.outcome, CalibrationOutcome::Measured);
    assert!((made.tenths.iter().sum::<Decimal>() - Decimal::ONE).abs() < Decimal::new(1, 3));
    let inside = made.inside.unwrap();
    assert!(inside > Decimal::new(6, 1) && inside <= Decimal::ONE, "{made:?}");
    assert!(made.mean_error.unwrap() < Decimal::from(8));
    let small = load(&facts(1, 20, day("2023-06-30")));
    let few = small.prediction_calibration(&policy, day("2023-06-30"), 61, 1, &mut |_, _| true).unwrap();
    assert_eq!((few.outcome, few.inside), (CalibrationOutcome::NotEnoughHistory, None));
    assert_eq!(asked(&ledger, 3).unwrap_err().problems[0].field.as_deref(), Some("days"));

    let model = untrained(&ledger.as_of_known(day("2023-12-31"), day("2023-12-31")));
    let drift = ledger.as_of(day("2024-05-31")).prediction_drift(&model).unwrap();
    assert_eq!(drift.outcome, DriftOutcome::Stable, "{drift:?}");
    let none = ledger.as_of(day("2023-12-31")).prediction_drift(&model).unwrap();
    assert_eq!((none.outcome, none.payments_since), (DriftOutcome::NotEnoughHistory, 0));
    let refused = ledger.as_of(day("2023-06-30")).prediction_drift(&model).unwrap_err();
    assert_eq!(refused.code(), "model_knows_later");
    // Everybody pays three weeks later from one day on.
    let mut changed = facts(12, 90, day("2024-06-30"));
    let delay = |text: &str| Day::new(day(text).number() + 21).unwrap().to_string();
    for (table, field) in [("documents", "document_date"), ("allocations", "effective")] {
        for row in changed[table].as_array_mut().unwrap() {
            if row["kind"] != "invoice" && row[field].as_str().unwrap() > "2024-01-14" {
                row[field] = json!(delay(row[field].as_str().unwrap()));
            }
        }
    }
    let drift = load(&changed).as_of(day("2024-05-31")).prediction_drift(&model).unwrap();
    assert_eq!(drift.outcome, DriftOutcome::Drifted, "{drift:?}");
}

#[test]
fn ledgers_without_history_all_open_all_early_or_hostile_are_answered() {
    let today = day("2023-10-11");
    let mut open = facts(3, 30, today);
    open["allocations"] = json!([]);
    open["documents"].as_array_mut().unwrap().retain(|row| row["kind"] == "invoice");
    let mut early = facts(3, 40, today);
    for row in early["allocations"].as_array_mut().unwrap() {
        row["effective"] = json!("2023-10-10");
    }
    let hostile = json!({ "customers": [{ "id": "X" }], "documents": [
        { "id": "FAR", "customer": "X", "kind": "invoice", "currency": "EUR", "amount": "92233720368547758.07",
          "document_date": "2023-01-01", "due_date": "9999-12-31" },
        { "id": "OLD", "customer": "X", "kind": "invoice", "currency": "EUR", "amount": "0.01",
          "document_date": "0001-01-01", "due_date": "0001-01-01" },
        { "id": "BIG", "customer": "X", "kind": "invoice", "currency": "EUR", "amount": "92233720368547758.07",
          "document_date": "2023-01-01", "due_date": "2023-02-01" },
        { "id": "ZERO", "customer": "X", "kind": "invoice", "currency": "EUR", "amount": "0",
          "document_date": "2023-01-01", "due_date": "2023-02-01" },
        { "id": "BACK", "customer": "X", "kind": "refund", "currency": "EUR", "amount": "5.00",
          "document_date": "2023-01-01" }] });
    for (name, facts, least) in
        [("nothing", json!({}), 0), ("all open", open, 1), ("all early", early, 0), ("hostile", hostile, 1)]
    {
        let ledger = load(&facts);
        let view = ledger.as_of(today);
        let made = forecast(&view, &CashPolicy::default(), &["customer"]);
        assert!(made.total_sums.len() >= least, "{name}");
        for sum in made.sums.iter().chain(&made.total_sums) {
            assert_eq!(told(sum), sum.open, "{name}: {sum:?}");
        }
        let model = untrained(&view);
        view.cash_at_risk(&model, &CashPolicy::default()).unwrap();
        assert_eq!(view.prediction_drift(&model).unwrap().outcome, DriftOutcome::NotEnoughHistory);
        let first = ledger.as_of(day("2023-05-01"));
        ledger
            .forecast_accuracy(&untrained(&first), &CashPolicy::default(), day("2023-05-01"), day("2023-05-05"))
            .unwrap();
    }
    let view = load(&json!({})).as_of(today);
    let wrong = |policy: CashPolicy, by: &str| {
        let by = [by.to_owned()];
        let refused = view.cash_forecast(&untrained(&view), &policy, &by, &Where::new()).unwrap_err();
        (refused.code().to_owned(), refused.problems[0].field.clone().unwrap_or_default())
    };
    let default = CashPolicy::default;
    let refused = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(wrong(default(), "colour"), refused("unknown_dimension", "colour"));
    assert_eq!(
        wrong(CashPolicy { horizon_days: 0, ..default() }, "customer"),
        refused("policy_invalid", "horizon_days")
    );
    assert_eq!(
        wrong(CashPolicy { quantiles: vec![50, 50], ..default() }, "customer"),
        refused("policy_invalid", "quantiles")
    );
    assert_eq!(wrong(CashPolicy { draws: 0, ..default() }, "customer"), refused("policy_invalid", "draws"));
    assert_eq!(wrong(CashPolicy { version: 2, ..default() }, "customer"), refused("unsupported_version", "version"));
}
