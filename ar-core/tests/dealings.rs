//! Prediction learns from disputes, promises, notices, part payments and limits, where the ledger has them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

use std::collections::{BTreeMap, BTreeSet};

use ar_core::calendar::Day;
use ar_core::facade::JsonFacts;
use ar_core::ledger::{Ledger, View};
use ar_core::prediction::{Prediction, PredictionModel, PredictionPolicy, PredictionReason};
use serde_json::{Value, json};

/// Monday, 2023-01-02.
const START: i32 = 19_359;
const TRAINED: i32 = START + 40 * 7;
const CUSTOMERS: i32 = 6;

fn text(day: i32) -> String {
    Day::new(day).unwrap().to_string()
}

/// The next day from Monday to Friday, itself included.
fn working(day: i32) -> i32 {
    match (day + 3).rem_euclid(7) {
        5 => day + 2,
        6 => day + 1,
        _ => day,
    }
}

/// So many working days later.
fn working_days_after(day: i32, count: i32) -> i32 {
    (0..count).fold(day, |day, _| working(day + 1))
}

/// Numbers below a limit, the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i32) -> i32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i32::try_from((self.0 >> 33) % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// An invoice as it comes into a world: what happens to it is for the world to say.
struct Posted {
    id: String,
    customer: String,
    posted: i32,
    due: i32,
    /// The day on which it is paid when nothing happens.
    usual: i32,
}

/// Rows by table, and when each invoice is paid.
#[derive(Default)]
struct World {
    tables: BTreeMap<&'static str, Vec<Value>>,
    paid: BTreeMap<String, i32>,
}

impl World {
    fn add(&mut self, table: &'static str, row: Value) {
        self.tables.entry(table).or_default().push(row);
    }

    /// A payment of an invoice, whole (100) or in part.
    fn pay(&mut self, one: &Posted, day: i32, amount: i32) {
        let id = format!("{}-{day}", one.id);
        self.add(
            "documents",
            json!({ "id": format!("P{id}"), "customer": one.customer, "kind": "payment", "currency": "EUR",
            "amount": format!("-{amount}.00"), "document_date": text(day) }),
        );
        self.add(
            "allocations",
            json!({ "id": format!("A{id}"), "credit": format!("P{id}"), "debit": one.id,
            "amount": format!("{amount}.00"), "effective": text(day) }),
        );
        self.paid.insert(one.id.clone(), day);
    }

    /// Two invoices a week of each customer; `happens` says what comes of each and pays it.
    fn new(seed: u64, mut happens: impl FnMut(&mut Self, &mut Dice, &Posted)) -> Self {
        let (mut world, mut dice) = (Self::default(), Dice(seed));
        for customer in 0..CUSTOMERS {
            let id = format!("C{customer}");
            world.add("customers", json!({ "id": id }));
            for turn in 0..2 * 60 {
                let posted = START + turn * 7 / 2;
                let due = posted + 14;
                let usual = working(due + customer + dice.below(2));
                let one = Posted { id: format!("I{customer}-{turn}"), customer: id.clone(), posted, due, usual };
                world.add(
                    "documents",
                    json!({ "id": one.id, "customer": id, "kind": "invoice", "currency": "EUR",
                    "amount": "100.00", "document_date": text(posted), "due_date": text(due) }),
                );
                happens(&mut world, &mut dice, &one);
            }
        }
        world
    }

    fn without(&self, tables: &[&str]) -> Self {
        let kept = self.tables.iter().filter(|(table, _)| !tables.contains(*table));
        Self { tables: kept.map(|(table, rows)| (*table, rows.clone())).collect(), paid: self.paid.clone() }
    }

    /// Without the payments of later days.
    fn paid_by(&self, day: i32) -> Self {
        let mut world = self.without(&[]);
        let is_past = |row: &Value, field: &str| row[field].as_str().is_none_or(|on| *on <= *text(day));
        world.tables.get_mut("allocations").unwrap().retain(|row| is_past(row, "effective"));
        world
            .tables
            .get_mut("documents")
            .unwrap()
            .retain(|row| row["kind"] == "invoice" || is_past(row, "document_date"));
        world
    }

    fn ledger(&self) -> Ledger {
        Ledger::load(Default::default(), &JsonFacts::parse(&json!(self.tables).to_string()).unwrap().tables()).unwrap()
    }
}

fn view(ledger: &Ledger, day: i32) -> View {
    ledger.as_of_known(Day::new(day).unwrap(), Day::new(day).unwrap())
}

fn train(view: &View) -> PredictionModel {
    view.train_prediction(&PredictionPolicy { least_paid_invoices: 100, ..Default::default() }, 2, &mut |_, _| true)
        .unwrap()
}

/// Trains once, then asks on twelve days of the ten weeks after; the mean days between the day named and the day of payment of
/// the items of which `told` says that the fact is known.
fn error(world: &World, told: impl Fn(&str, i32) -> bool) -> (f64, usize, PredictionModel, Vec<Prediction>) {
    let ledger = world.ledger();
    let model = train(&view(&ledger, TRAINED));
    let (mut sum, mut count, mut all) = (0, 0, Vec::new());
    for day in (1..13).map(|turn| TRAINED + 6 * turn) {
        for one in view(&ledger, day).predict(&model).unwrap() {
            if told(&one.document, day) {
                let paid = Day::new(world.paid[&one.document]).unwrap().to_naive_date();
                sum += (one.expected - paid).num_days().abs();
                count += 1;
                all.push(one);
            }
        }
    }
    (sum as f64 / count.max(1) as f64, count, model, all)
}

/// What is known with a table, against the same ledger without it; and nothing of it that comes later changes anything.
fn gains(world: &World, tables: &[&str], told: impl Fn(&str, i32) -> bool, at_most: f64) -> Vec<Prediction> {
    let (aware, count, model, all) = error(world, &told);
    let blind = world.without(tables);
    let (unaware, same, plain, _) = error(&blind, &told);
    assert_eq!(count, same);
    assert!(count >= 20, "{count} items");
    assert!(aware <= unaware * at_most, "{aware:.2} days with {tables:?}, {unaware:.2} without, {count} items");
    // The file says which numbers it has, and reads back as it was.
    assert_eq!(PredictionModel::from_text(&model.to_text()).unwrap(), model);
    assert_eq!(PredictionModel::from_text(&plain.to_text()).unwrap(), plain);
    all
}

/// What is planted after the day, or is learnt of after it, changes neither the model nor an answer.
fn is_blind_to(world: &World, plant: impl Fn(&mut World, &str, i32)) {
    let before = world.ledger();
    let (today, open) = (view(&before, TRAINED), view(&before, TRAINED).open_items());
    let mut planted = world.without(&[]);
    let documents: BTreeSet<&str> = open.iter().map(|item| item.document.as_str()).collect();
    for (at, document) in (0..).zip(documents) {
        plant(&mut planted, document, TRAINED + 1 + at % 3);
    }
    let rows = |world: &World| world.tables.values().map(Vec::len).sum::<usize>();
    assert!(rows(&planted) > rows(world));
    let after = planted.ledger();
    let (model, later) = (train(&today), train(&view(&after, TRAINED)));
    assert_eq!(model.to_text(), later.to_text());
    assert_eq!(today.predict(&model).unwrap(), view(&after, TRAINED).predict(&later).unwrap());
}

/// One of three is disputed some days after posting and paid thirty days later than usual; some disputes are closed on the way.
fn disputes() -> (World, BTreeMap<String, i32>) {
    let mut since = BTreeMap::new();
    let world = World::new(1, |world, dice, one| {
        let day = one.posted + 3 + dice.below(10);
        if dice.below(3) > 0 {
            return world.pay(one, one.usual, 100);
        }
        since.insert(one.id.clone(), day);
        let id = format!("D{}", one.id);
        world.add("disputes", json!({ "id": id, "document": one.id, "reason": "SHORT", "effective": text(day) }));
        if dice.below(2) == 0 {
            world.add("closings", json!({ "of": id, "outcome": "settled", "effective": text(one.usual + 25) }));
        }
        world.pay(one, working(one.usual + 30), 100);
    });
    (world, since)
}

#[test]
fn a_disputed_item_is_expected_as_late_as_disputed_items_were_paid() {
    let (world, since) = disputes();
    let told = |document: &str, day: i32| since.get(document).is_some_and(|since| *since <= day);
    let all = gains(&world, &["disputes", "closings"], told, 0.4);
    let says = |one: &Prediction| {
        let on = Day::new(since[&one.document]).unwrap().to_naive_date();
        one.reasons.contains(&PredictionReason::Disputed { since: on })
    };
    assert!(all.iter().any(says));
    is_blind_to(&world, |world, document, day| {
        let id = format!("later-{document}");
        world.add("disputes", json!({ "id": id, "document": document, "reason": "SHORT", "effective": text(day) }));
        let id = format!("hidden-{document}");
        world.add(
            "disputes",
            json!({ "id": id, "document": document, "reason": "SHORT",
            "effective": text(TRAINED - 40), "recorded": text(day) }),
        );
        if let Some(of) = since.get(document).map(|_| format!("D{document}")) {
            world.add(
                "closings",
                json!({ "of": of, "outcome": "won", "effective": text(TRAINED - 1), "recorded": text(day) }),
            );
        }
    });
}

/// One of three is late: a promise is made for a day of the weeks to come, and seven of eight are kept to the day.
fn promises() -> (World, BTreeMap<String, i32>) {
    let mut made = BTreeMap::new();
    let world = World::new(2, |world, dice, one| {
        let (day, promised) = (one.due + 1 + dice.below(3), working(one.due + 6 + dice.below(25)));
        if dice.below(3) > 0 {
            return world.pay(one, one.usual, 100);
        }
        made.insert(one.id.clone(), day);
        world.add(
            "promises",
            json!({ "id": format!("W{}", one.id), "customer": one.customer, "document": one.id,
            "currency": "EUR", "amount": "100.00", "promised_date": text(promised), "effective": text(day) }),
        );
        world.pay(one, if dice.below(8) == 0 { working(promised + 10) } else { promised }, 100);
    });
    (world, made)
}

#[test]
fn a_promise_dates_the_payment_as_far_as_promises_are_kept() {
    let (world, made) = promises();
    let told = |document: &str, day: i32| made.get(document).is_some_and(|made| *made <= day);
    let all = gains(&world, &["promises"], told, 0.5);
    let kept = |one: &Prediction| one.reasons.contains(&PredictionReason::Promised { on: one.expected });
    assert!(all.iter().filter(|one| kept(one)).count() * 2 > all.len());
    is_blind_to(&world, |world, document, day| {
        let customer = format!("C{}", document.trim_start_matches('I').split('-').next().unwrap());
        for (id, effective) in [("later", day), ("hidden", TRAINED - 5)] {
            for of in [Some(document), None] {
                world.add(
                    "promises",
                    json!({ "id": format!("{id}-{document}-{}", of.is_some()), "customer": customer, "document": of,
                    "currency": "EUR", "amount": "100.00", "promised_date": text(day + 9), "effective": text(effective),
                    "recorded": text(day) }),
                );
            }
        }
    });
}

/// One of three waits for a notice of level 2 and is paid within five working days of it.
fn notices() -> (World, BTreeMap<String, i32>) {
    let mut sent = BTreeMap::new();
    let world = World::new(3, |world, dice, one| {
        let (first, second) = (one.due + 7, working(one.due + 14 + dice.below(30)));
        if dice.below(3) > 0 {
            return world.pay(one, one.usual, 100);
        }
        sent.insert(one.id.clone(), second);
        for (level, day) in [(1, first), (2, second)] {
            let id = format!("N{level}-{}", one.id);
            world.add("notices", json!({ "id": id, "customer": one.customer, "level": level, "effective": text(day) }));
            world.add("notice_lines", json!({ "notice": id, "document": one.id, "level": level }));
        }
        world.pay(one, working_days_after(second, 1 + dice.below(5)), 100);
    });
    (world, sent)
}

#[test]
fn a_notice_of_a_level_brings_the_money_as_soon_as_such_notices_did() {
    let (world, sent) = notices();
    let told = |document: &str, day: i32| sent.get(document).is_some_and(|sent| *sent <= day);
    let all = gains(&world, &["notices", "notice_lines"], told, 0.5);
    let second = |one: &Prediction| {
        one.reasons.iter().any(|reason| matches!(reason, PredictionReason::Noticed { level: 2, .. }))
    };
    assert!(all.iter().any(second));
    is_blind_to(&world, |world, document, day| {
        let customer = format!("C{}", document.trim_start_matches('I').split('-').next().unwrap());
        for (id, effective) in [("later", day), ("hidden", TRAINED - 2)] {
            let id = format!("{id}-{document}");
            world.add("notices", json!({ "id": id, "customer": customer, "level": 2, "effective": text(effective), "recorded": text(day) }));
            world.add("notice_lines", json!({ "notice": id, "document": document, "level": 2 }));
        }
    });
}

/// One of three is paid in two parts, the second three weeks after the first; the first comes on any day.
fn parts(in_parts: bool) -> (World, BTreeMap<String, i32>) {
    let mut first = BTreeMap::new();
    let world = World::new(4, |world, dice, one| {
        let day = working(one.due - 5 + dice.below(30));
        if dice.below(3) > 0 {
            return world.pay(one, one.usual, 100);
        }
        first.insert(one.id.clone(), day);
        if in_parts {
            world.pay(one, day, 40);
        }
        world.pay(one, working(day + 21), if in_parts { 60 } else { 100 });
    });
    (world, first)
}

#[test]
fn the_rest_of_a_part_payment_comes_as_rests_did() {
    let ((world, first), (whole, _)) = (parts(true), parts(false));
    let told = |document: &str, day: i32| first.get(document).is_some_and(|first| *first <= day);
    let ((aware, count, _, all), (blind, same, ..)) = (error(&world, told), error(&whole, told));
    assert_eq!(count, same);
    assert!(count >= 20 && aware < blind * 0.5, "{aware:.2} days knowing of parts, {blind:.2} without, {count} items");
    assert!(all.iter().all(|one| one.reasons.contains(&PredictionReason::PartPaid { percent: 40 })));
    is_blind_to(&world.paid_by(TRAINED), |world, document, day| {
        let customer = format!("C{}", document.trim_start_matches('I').split('-').next().unwrap());
        world.add(
            "documents",
            json!({ "id": format!("Z{document}"), "customer": customer, "kind": "payment", "currency": "EUR",
            "amount": "-7.00", "document_date": text(day) }),
        );
        world.add(
            "allocations",
            json!({ "id": format!("Y{document}"), "credit": format!("Z{document}"), "debit": document,
            "amount": "7.00", "effective": text(day) }),
        );
    });
}

/// Limits change every few weeks; what is posted while much more than the limit is owed is paid three weeks later than usual.
fn limits() -> World {
    let low = |posted: i32, customer: &str| (posted / 20 + i32::from(customer.as_bytes()[1])) % 2 == 0;
    let mut world = World::new(5, |world, _, one| {
        let late = if low(one.posted, &one.customer) { 21 } else { 0 };
        world.pay(one, working(one.usual + late), 100);
    });
    for customer in 0..CUSTOMERS {
        let id = format!("C{customer}");
        for day in (START - 40..START + 60 * 7).filter(|day| day % 20 == 0) {
            let limit = if low(day, &id) { "200 EUR" } else { "2000 EUR" };
            world.add(
                "customer_changes",
                json!({ "customer": id, "attribute": "limit", "value": limit, "effective": text(day) }),
            );
        }
    }
    world
}

#[test]
fn a_limit_that_is_used_up_tells_how_late_payment_comes() {
    let world = limits();
    // What another order of dice changes is about a tenth of the gain.
    let all = gains(&world, &["customer_changes"], |_, _| true, 0.95);
    let over = |one: &Prediction| {
        one.reasons.iter().any(|reason| matches!(reason, PredictionReason::LimitUsed { percent } if *percent > 100))
    };
    assert!(all.iter().any(over));
    is_blind_to(&world, |world, document, day| {
        let customer = format!("C{}", document.trim_start_matches('I').split('-').next().unwrap());
        world.add(
            "customer_changes",
            json!({ "customer": customer, "attribute": "limit", "value": "1 EUR", "effective": text(day) }),
        );
        world.add(
            "credit_lines",
            json!({ "id": format!("L{document}"), "kind": "limit", "customer": customer, "currency": "EUR",
            "amount": "1.00", "effective": text(TRAINED - 20), "recorded": text(day) }),
        );
    });
}

#[test]
fn a_promise_of_no_document_covers_what_is_due_longest() {
    // Every customer pays all that is due on a day that it promises some days before; the days between are any.
    let (mut dice, mut promised) = (Dice(7), BTreeMap::new());
    for customer in 0..CUSTOMERS {
        let mut day = START + 14;
        while day < START + 70 * 7 {
            let next = day + 12 + dice.below(18);
            promised.insert((format!("C{customer}"), day), working(day + 3 + dice.below(next - day - 4)));
            day = next;
        }
    }
    let of_due = |customer: &str, due: i32| promised.range((customer.to_owned(), due)..).next().unwrap();
    let (mut made, mut counts) = (BTreeMap::new(), BTreeMap::new());
    let mut world = World::new(6, |world, _, one| {
        let ((customer, day), promised) = of_due(&one.customer, one.due);
        world.pay(one, *promised, 100);
        made.insert(one.id.clone(), *day);
        *counts.entry((customer.clone(), *day)).or_insert(0) += 1;
    });
    for ((customer, day), promised) in &promised {
        let amount = format!("{}.00", 100 * counts.get(&(customer.clone(), *day)).copied().unwrap_or(1));
        world.add(
            "promises",
            json!({ "id": format!("W{customer}-{day}"), "customer": customer, "currency": "EUR",
            "amount": amount, "promised_date": text(*promised), "effective": text(*day) }),
        );
    }
    gains(&world, &["promises"], |document, day| made[document] <= day, 0.5);
}

#[test]
fn the_last_instalment_is_expected_as_late_as_last_instalments_were() {
    let (mut world, mut dice, mut paid) = (World::default(), Dice(8), BTreeMap::new());
    for customer in 0..CUSTOMERS {
        let id = format!("C{customer}");
        world.add("customers", json!({ "id": id }));
        for turn in 0..60 {
            let posted = START + turn * 7;
            let document = format!("I{customer}-{turn}");
            world.add(
                "documents",
                json!({ "id": document, "customer": id, "kind": "invoice", "currency": "EUR",
                "amount": "90.00", "document_date": text(posted) }),
            );
            for number in 1..=3_u32 {
                let due = posted + 14 * i32::try_from(number).unwrap() + dice.below(5);
                world.add(
                    "instalments",
                    json!({ "document": document, "number": number, "due_date": text(due), "amount": "30.00" }),
                );
                let day = working(due + if number == 3 { 30 } else { 0 });
                let of = format!("{document}-{number}");
                world.add(
                    "documents",
                    json!({ "id": format!("P{of}"), "customer": id, "kind": "payment", "currency": "EUR",
                    "amount": "-30.00", "document_date": text(day) }),
                );
                world.add(
                    "allocations",
                    json!({ "id": format!("A{of}"), "credit": format!("P{of}"), "debit": document,
                    "amount": "30.00", "instalment": number, "effective": text(day) }),
                );
                paid.insert((document.clone(), number), day);
            }
        }
    }
    let ledger = world.ledger();
    let model = train(&view(&ledger, TRAINED));
    let own = PredictionPolicy { least_paid_invoices: u32::MAX, ..Default::default() };
    let own = view(&ledger, TRAINED).train_prediction(&own, 1, &mut |_, _| true).unwrap();
    let error = |model: &PredictionModel| {
        let (mut sum, mut count) = (0, 0);
        for day in (1..6).map(|turn| TRAINED + 6 * turn) {
            for one in view(&ledger, day).predict(model).unwrap() {
                let day = paid[&(one.document.clone(), one.instalment)];
                sum += (one.expected - Day::new(day).unwrap().to_naive_date()).num_days().abs();
                count += 1;
            }
        }
        sum as f64 / count as f64
    };
    let (learnt, past) = (error(&model), error(&own));
    assert!(learnt < 2.0 && learnt < past * 0.3, "{learnt:.2} days, the customers' own past alone {past:.2}");
    is_blind_to(&world.paid_by(TRAINED), |world, document, day| {
        for (number, amount) in [(1, "60.00"), (2, "30.00")] {
            world.add(
                "instalments",
                json!({ "document": document, "number": number, "due_date": text(day + 90), "amount": amount,
                "effective": text(day) }),
            );
        }
    });
}

/// A ledger in which a customer has a limit of 1,000, and owes 1,500 that it promised to pay.
fn with_a_debt(table: &'static str, paid: i32, recorded: i32) -> String {
    let owes = START + 28..START + 180;
    let mut world = World::new(4, |world, _, one| {
        let is_late = one.customer == "C0" && owes.contains(&one.posted);
        world.pay(one, if is_late { working(one.usual + 21) } else { one.usual }, 100);
    });
    // Due too late to be learnt from itself.
    let row = |more: Value| {
        let mut row = json!({ "customer": "C0", "currency": "EUR" });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    world.add(
        "documents",
        row(json!({ "id": "X", "kind": "invoice", "amount": "1500.00",
        "document_date": text(START + 28), "due_date": "2040-01-01" })),
    );
    world.add(
        "documents",
        row(json!({ "id": "PX", "kind": "payment", "amount": "-1500.00",
        "document_date": text(paid), "recorded": text(recorded) })),
    );
    world.add(
        "allocations",
        json!({ "id": "AX", "credit": "PX", "debit": "X", "amount": "1500.00", "effective": text(paid),
        "recorded": text(recorded) }),
    );
    if table == "promises" {
        world.add(
            table,
            row(json!({ "id": "M", "document": "X", "amount": "1500.00", "promised_date": text(START + 98),
            "effective": text(START + 60) })),
        );
    } else {
        world.add(table, row(json!({ "id": "L", "kind": "limit", "amount": "1000.00", "effective": text(START) })));
    }
    let policy = PredictionPolicy { least_paid_invoices: 20, most_invoices: 250, ..Default::default() };
    let model = view(&world.paid_by(TRAINED).ledger(), TRAINED).train_prediction(&policy, 2, &mut |_, _| true).unwrap();
    assert!(model.is_trained());
    model.to_text()
}

#[test]
fn what_is_owed_and_whether_a_promise_was_kept_is_known_once_the_payment_was_recorded() {
    let (paid, later) = (START + 98, START + 180);
    // Of what is owed over a limit nothing is known of the day itself.
    let late = with_a_debt("credit_lines", paid, later);
    assert!(late.contains("limit_use"));
    assert_eq!(late, with_a_debt("credit_lines", later, later));
    assert_ne!(late, with_a_debt("credit_lines", paid, paid));
    // Until then a promise looks broken, from then on it is kept.
    let late = with_a_debt("promises", paid, later);
    assert!(late.contains("promises_kept"));
    assert_ne!(late, with_a_debt("promises", paid, paid));
    assert_ne!(late, with_a_debt("promises", later, later));
}
