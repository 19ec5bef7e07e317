//! Credit: what a desk keeps is what the open items say, more debt leaves less room, and nothing is told twice.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that goes wrong may panic"
)]

#[allow(dead_code, reason = "other tests ask for more of a world")]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use ar_core::credit::{CreditPolicy, CreditRequest, CreditRequestKind, Decision, ExposurePer};
use ar_core::facade::credit_policy;
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{
    Allocation, Closing, Commitment, CreditLine, Customer, CustomerChange, Document, Facts, Promise, Rate,
};
use ar_core::ledger::settings::Settings;
use common::{World, date, day, world};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn line(id: &str, kind: &str, customer: Option<&str>, currency: &str, cents: Option<i64>) -> CreditLine {
    CreditLine {
        id: id.to_owned(),
        kind: kind.to_owned(),
        customer: customer.map(str::to_owned),
        currency: currency.to_owned(),
        amount: cents.map(|cents| Decimal::new(cents, 2)),
        effective: date(-20),
        ..CreditLine::default()
    }
}

fn document(id: &str, kind: &str, cents: i64, on: i32) -> Document {
    Document {
        id: id.to_owned(),
        customer: String::from("C0"),
        kind: kind.to_owned(),
        currency: String::from("EUR"),
        amount: Decimal::new(cents, 2),
        document_date: date(on),
        due_date: (kind == "invoice").then(|| date(on)),
        ..Document::default()
    }
}

fn commitment(id: String, customer: &str, kind: &str, cents: i64, order: Option<String>, on: i32) -> Commitment {
    Commitment {
        id,
        customer: customer.to_owned(),
        kind: kind.to_owned(),
        company: None,
        currency: String::from("EUR"),
        amount: Decimal::new(cents, 2),
        order,
        effective: date(on),
        ..Commitment::default()
    }
}

fn policy(text: &str) -> CreditPolicy {
    credit_policy(text).unwrap()
}

/// The ledger of a world with credit lines from the first day on, after each of its batches.
fn with_lines(world: &World, lines: &[CreditLine], mut each: impl FnMut(&Ledger, i32)) -> Ledger {
    let facts = Facts { credit_lines: lines.to_vec(), ..Facts::default() };
    let mut ledger = world.ledgers[0].append(&facts.tables(), day(0)).unwrap();
    for (at, (now, batch)) in world.batches.iter().enumerate().skip(1) {
        let mut batch = batch.clone();
        // Orders and what follows them come and go with the world's own events.
        let who = format!("C{}", at % 3);
        let before = (at > 3).then(|| format!("O{}", at - 3));
        let kind = ["draft", "order", "delivery"][at % 3];
        batch.commitments.push(commitment(
            format!("O{at}"),
            &who,
            kind,
            i64::try_from(at).unwrap() * 700,
            before,
            *now,
        ));
        ledger = ledger.append(&batch.tables(), day(*now)).unwrap();
        each(&ledger, *now);
    }
    ledger
}

const KINDS: [(&str, CreditRequestKind); 3] = [
    ("draft", CreditRequestKind::Draft),
    ("order", CreditRequestKind::Order),
    ("delivery", CreditRequestKind::Delivery),
];

/// A commitment of a small world.
#[derive(Debug, Clone)]
struct Made {
    kind: usize,
    cents: i64,
    customer: &'static str,
    company: Option<&'static str>,
    follows: Option<usize>,
    expected: Option<i32>,
    taxed: bool,
    closed: bool,
}

fn made() -> impl Strategy<Value = Made> {
    let follows = prop::option::weighted(0.7, 0_usize..8);
    let company = prop::sample::select(vec![None, None, Some("X"), Some("Y")]);
    let expected = prop::sample::select(vec![None, Some(2), Some(3), Some(22), Some(23), Some(90)]);
    let customer = prop::sample::select(vec!["C0", "C0", "C1"]);
    let is_closed = prop::bool::weighted(0.15);
    (0_usize..3, 0_i64..200, customer, company, follows, expected, any::<bool>(), is_closed).prop_map(
        |(kind, cents, customer, company, follows, expected, taxed, closed)| Made {
            kind,
            cents,
            customer,
            company,
            follows,
            expected,
            taxed,
            closed,
        },
    )
}

fn rank(decision: Decision) -> u8 {
    match decision {
        Decision::Pass => 0,
        Decision::Warn | Decision::Released => 1,
        Decision::Block => 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_a_desk_keeps_as_facts_are_appended_is_what_the_open_items_say(world in world(24)) {
        let all = [line("E", "limit", None, "EUR", None), line("U", "limit", None, "USD", None)];
        let policy = policy(r#"{ "currencies": "apart", "parts": ["open_items", "credit_notes", "unapplied", "prepayments",
            "deliveries", "orders", "drafts"], "checks": [{ "check": "limit" }] }"#);
        with_lines(&world, &all, |ledger, now| {
            for on in [now - 7, now, now + 9] {
                let rows = ledger.as_of(day(on)).exposure(&policy, ExposurePer::Customer, None).unwrap().rows();
                // By the balances that are kept, or item by item.
                for (per, company) in [(ExposurePer::Customer, None), (ExposurePer::Family, None), (ExposurePer::Customer, Some(""))] {
                    let kept = ledger.as_of(day(on)).exposure(&policy, per, company).unwrap().rows();
                    let summed = ledger.as_of_known(day(on), day(now)).exposure(&policy, per, company).unwrap().rows();
                    assert_eq!(kept, summed, "{per:?} on {on}");
                }
                let desk = ledger.credit(&policy, day(on), None).unwrap();
                // What was known on an earlier day is added up item by item.
                let known = ledger.credit(&policy, day(on), Some(day(now))).unwrap();
                for customer in ["C0", "C1", "C2"] {
                    for currency in ["EUR", "USD"] {
                        let told = desk.explain(&CreditRequest::new(customer, Decimal::ZERO, currency)).unwrap();
                        let figure = told.checks[0].figure.clone().unwrap();
                        let row = rows.iter().find(|row| (row.customer.as_str(), row.currency.as_str()) == (customer, currency));
                        let expected = row.map_or_else(|| String::from("0.00"), |row| row.exposure.to_string());
                        assert_eq!(figure, expected, "{customer} {currency} on {on}");
                        let again = known.explain(&CreditRequest::new(customer, Decimal::ZERO, currency)).unwrap();
                        assert_eq!(told, again, "{customer} {currency} on {on}");
                    }
                }
            }
        });
    }

    #[test]
    fn a_line_without_amount_changes_no_exposure(world in world(24)) {
        // Without any line a row is an account; with one, everybody's lines are looked at.
        let all = [line("E", "limit", None, "EUR", None)];
        let policy = policy(r#"{ "currencies": "apart", "checks": [] }"#);
        let exposures = |lines: &[CreditLine]| {
            let facts = Facts { credit_lines: lines.to_vec(), ..Facts::default() };
            let mut ledger = world.ledgers[0].append(&facts.tables(), day(0)).unwrap();
            let mut told = Vec::new();
            for (now, batch) in world.batches.iter().skip(1) {
                ledger = ledger.append(&batch.tables(), day(*now)).unwrap();
                for on in [now - 7, *now, now + 9] {
                    told.push(ledger.as_of(day(on)).exposure(&policy, ExposurePer::Customer, None).unwrap().rows());
                }
            }
            told
        };
        prop_assert_eq!(exposures(&[]), exposures(&all));
    }

    #[test]
    fn headroom_falls_by_what_is_owed_more_and_rises_by_what_is_paid(world in world(16), cents in 1_i64..50_000) {
        let limit = [line("L", "limit", Some("C0"), "EUR", Some(10_000_000))];
        let ledger = with_lines(&world, &limit, |_, _| {});
        let now = world.batches.last().unwrap().0;
        let policy = policy(r#"{ "currencies": "apart" }"#);
        let headroom = |ledger: &Ledger| {
            let desk = ledger.credit(&policy, day(now), None).unwrap();
            desk.check(&CreditRequest::new("C0", Decimal::ONE, "EUR")).unwrap().headroom.unwrap()
        };
        let before = headroom(&ledger);
        let owed = Facts { documents: vec![document("NEW", "invoice", cents, now)], ..Facts::default() };
        let ledger = ledger.append(&owed.tables(), day(now)).unwrap();
        prop_assert_eq!(headroom(&ledger), before - Decimal::new(cents, 2));
        let paid = Facts { documents: vec![document("PAID", "payment", -cents, now)], ..Facts::default() };
        let ledger = ledger.append(&paid.tables(), day(now)).unwrap();
        prop_assert_eq!(headroom(&ledger), before);
    }

    #[test]
    fn a_smaller_order_passes_where_a_larger_passed(world in world(16), limit in 0_i64..60_000, less in 1_i64..30_000, more in 1_i64..30_000) {
        let lines = [line("L", "limit", None, "EUR", Some(limit)), line("O", "orders", None, "EUR", Some(limit / 2))];
        let ledger = with_lines(&world, &lines, |_, _| {});
        let now = world.batches.last().unwrap().0;
        let policy = policy(r#"{ "currencies": "apart", "checks": [{ "check": "limit", "reaction": "warn" },
            { "check": "limit", "horizon_days": 3 }, { "check": "part", "part": "orders" },
            { "check": "document_value", "maximum": [{ "currency": "EUR", "amount": "250" }] },
            { "check": "overdue_share", "days": 5, "percent": "50", "reaction": "warn" }, { "check": "oldest_open", "days": 20 }] }"#);
        let desk = ledger.credit(&policy, day(now), None).unwrap();
        for customer in ["C0", "C1", "C2"] {
            let decision = |cents: i64| rank(desk.check(&CreditRequest::new(customer, Decimal::new(cents, 2), "EUR")).unwrap().decision);
            prop_assert!(decision(less) <= decision(less + more));
            // Also of one that puts off what is ordered.
            for follows in ["O1", "O2", "O4", "O7"] {
                let put_off = |cents: i64| {
                    let request = CreditRequest::new(customer, Decimal::new(cents, 2), "EUR");
                    let request =
                        CreditRequest { follows: Some(follows), expected_date: Some(day(now + 30)), ..request };
                    rank(desk.check(&request).unwrap().decision)
                };
                prop_assert!(put_off(less) <= put_off(less + more), "{follows}");
            }
            // And what fits the headroom passes the limits.
            let told = desk.explain(&CreditRequest::new(customer, Decimal::new(less, 2), "EUR")).unwrap();
            let limits = told.checks.iter().filter(|check| check.check == "limit").all(|check| check.passed);
            prop_assert_eq!(limits, told.headroom.unwrap() >= Decimal::new(less, 2));
        }
    }

    #[test]
    fn an_order_of_the_headroom_passes_in_any_currency(
        limits in prop::collection::vec((0_usize..3, 0_i64..100_000), 1..4),
        owed in prop::collection::vec((0_usize..3, 1_i64..20_000), 0..4),
        first in prop::array::uniform3(1_i64..5_000_000),
        more in prop::collection::vec((0_usize..3, 1_usize..3, 1_i64..5_000_000), 0..4),
        asked in 0_usize..3,
        below in any::<bool>(),
    ) {
        // Of 2, 3 and no digits.
        let coins = [("EUR", 2_u32), ("BHD", 3), ("JPY", 0)];
        let money = |coin: usize, minor: i64| Decimal::new(minor, coins[coin].1);
        let owner = [Some("C0"), None, Some("C0")];
        let lines = limits.iter().enumerate().map(|(at, (coin, minor))| CreditLine {
            amount: Some(money(*coin, *minor)),
            ..line(&format!("L{at}"), ["limit", "limit", "family_limit"][at % 3], owner[at % 3], coins[*coin].0, None)
        });
        let documents = owed.iter().enumerate().map(|(at, (coin, minor))| Document {
            currency: coins[*coin].0.to_owned(),
            amount: money(*coin, *minor),
            ..document(&format!("I{at}"), "invoice", 1, -5)
        });
        // From one to the next there always is a rate, and sometimes one back that does not agree with it.
        let rates = first.into_iter().enumerate().map(|(from, rate)| (from, 1, rate)).chain(more);
        let rate = |(from, ahead, millionths): (usize, usize, i64)| Rate {
            currency: coins[from].0.to_owned(),
            base: coins[(from + ahead) % 3].0.to_owned(),
            rate: Decimal::new(millionths, 6),
            effective: date(-30),
            ..Rate::default()
        };
        let facts = Facts {
            customers: vec![Customer { id: String::from("C0"), ..Customer::default() }],
            credit_lines: lines.collect(),
            documents: documents.collect(),
            rates: rates.map(rate).collect(),
            ..Facts::default()
        };
        let settings = Settings { base_currency: Some(String::from("EUR")), ..Settings::default() };
        let Ok(ledger) = Ledger::load(settings, &facts.tables()) else { return Ok(()) };
        let edge = if below { "below" } else { "up_to" };
        let policy = policy(&format!(r#"{{ "checks": [{{ "check": "limit", "edge": "{edge}" }},
            {{ "check": "family_limit", "reaction": "warn" }}] }}"#));
        let desk = ledger.credit(&policy, day(0), None).unwrap();
        let ask = |amount: Decimal| desk.check(&CreditRequest::new("C0", amount, coins[asked].0));
        // Without a rate it is refused.
        let Ok(told) = ask(money(asked, 1)) else { return Ok(()) };
        let Some(headroom) = told.headroom else { return Ok(()) };
        prop_assert_eq!(ask(headroom).unwrap().decision, Decision::Pass, "{}", headroom);
        prop_assert_eq!(ask(headroom).unwrap().headroom, Some(headroom));
    }

    #[test]
    fn a_document_that_is_asked_stands_as_it_is_posted(
        made in prop::collection::vec((0_usize..3, 0_i64..200, prop::option::of(0_usize..8), prop::bool::weighted(0.2)), 1..8),
        invoiced in prop::collection::vec((0_usize..8, -60_i64..150), 0..6),
        (less, more, follows) in (0_i64..150, 0_i64..100, prop::option::of(0_usize..8)),
    ) {
        let id = |at: usize| format!("O{at}");
        // Each follows an earlier one, or none.
        let above = |at: usize| made[at].2.filter(|above| *above < at);
        let mut facts = Facts { customers: vec![Customer { id: String::from("C0"), ..Customer::default() }], ..Facts::default() };
        for (at, (kind, cents, _, closed)) in made.iter().enumerate() {
            facts.commitments.push(commitment(id(at), "C0", KINDS[*kind].0, *cents, above(at).map(id), 0));
            if *closed {
                facts.closings.push(Closing { of: id(at), effective: date(1), ..Closing::default() });
            }
        }
        for (at, (of, cents)) in invoiced.iter().enumerate() {
            let kind = if *cents < 0 { "credit_note" } else { "invoice" };
            facts.documents.push(Document { order: Some(id(*of)), ..document(&format!("I{at}"), kind, *cents, 0) });
        }
        facts.credit_lines = vec![line("L", "limit", None, "EUR", Some(300)), line("D", "deliveries", None, "EUR", Some(100)),
            line("O", "orders", None, "EUR", Some(100)), line("F", "family_limit", Some("C0"), "EUR", Some(250))];
        let ledger = Ledger::load(Default::default(), &facts.tables()).unwrap();
        let policy = policy(r#"{ "parts": ["open_items", "credit_notes", "deliveries", "orders", "drafts", "document"], "checks": [
            { "check": "limit" }, { "check": "family_limit" }, { "check": "part", "part": "orders" }, { "check": "part", "part": "deliveries" }] }"#);
        let figures = |ledger: &Ledger, request: &CreditRequest<'_>| {
            let told = ledger.credit(&policy, day(2), None).unwrap().explain(request).unwrap();
            told.checks.into_iter().map(|check| check.figure.unwrap().parse::<Decimal>().unwrap()).collect::<Vec<_>>()
        };
        let asked = |cents: i64| CreditRequest::new("C0", Decimal::new(cents, 2), "EUR");
        let stands = figures(&ledger, &asked(0));
        for (at, (kind, cents, _, closed)) in made.iter().enumerate() {
            let (own, above) = (id(at), above(at).map(id));
            let of = |cents: i64| CreditRequest { kind: Some(KINDS[*kind].1), order: Some(&own), ..asked(cents) };
            // As it stands, with or without what it follows.
            if !closed {
                prop_assert_eq!(&figures(&ledger, &of(*cents)), &stands, "{}", &own);
                prop_assert_eq!(&figures(&ledger, &CreditRequest { follows: above.as_deref(), ..of(*cents) }), &stands, "{}", &own);
            }
            // A smaller one counts for no more, whatever it follows but what follows it.
            let other = follows.filter(|other| *other < at).map(id);
            for follows in [None, other.as_deref()] {
                let of = |cents: i64| figures(&ledger, &CreditRequest { follows, ..of(cents) });
                prop_assert!(of(less).iter().zip(of(less + more)).all(|(small, large)| *small <= large), "{} {:?}", &own, follows);
            }
        }
        // One that is new stands as it was asked once it is posted.
        let other = follows.map(id);
        let request = CreditRequest { kind: Some(CreditRequestKind::Delivery), order: Some("NEW"), follows: other.as_deref(), ..asked(less) };
        let before = figures(&ledger, &request);
        let new = commitment(String::from("NEW"), "C0", "delivery", less, other.clone(), 2);
        let ledger = ledger.append(&Facts { commitments: vec![new], ..Facts::default() }.tables(), day(2)).unwrap();
        let after = figures(&ledger, &asked(0));
        // Of the parts, the one that it is in; the others are asked as they stood.
        for place in [0, 1, 3] {
            prop_assert_eq!(before[place], after[place]);
        }
    }

    #[test]
    fn asked_again_as_it_stands_a_document_changes_nothing(
        made in prop::collection::vec(made(), 1..8),
        invoiced in prop::collection::vec((0_usize..8, -60_i64..150), 0..4),
        net in any::<bool>(), companies_apart in any::<bool>(),
        (less, more) in (0_i64..200, 0_i64..100),
    ) {
        let id = |at: usize| format!("O{at}");
        // Each follows an earlier one, one that is not there, or none: a circle is refused.
        let above = |at: usize| made[at].follows.filter(|above| *above < at || *above >= made.len());
        let mut facts = Facts { customers: ["C0", "C1"].map(|id| Customer {
            id: id.to_owned(), parent: (id == "C1").then(|| String::from("C0")), ..Customer::default() }).to_vec(), ..Facts::default() };
        for (at, made) in made.iter().enumerate() {
            let above = above(at).map(id);
            facts.commitments.push(Commitment {
                company: made.company.map(str::to_owned),
                net: made.taxed.then(|| Decimal::new(made.cents * 80 / 100, 2)),
                expected_date: made.expected.map(date),
                ..commitment(id(at), made.customer, KINDS[made.kind].0, made.cents, above, 0)
            });
            if made.closed {
                facts.closings.push(Closing { of: id(at), effective: date(1), ..Closing::default() });
            }
        }
        for (at, (of, cents)) in invoiced.iter().enumerate() {
            let kind = if *cents < 0 { "credit_note" } else { "invoice" };
            facts.documents.push(Document { order: Some(id(*of)), ..document(&format!("I{at}"), kind, *cents, 0) });
        }
        let mut limits = vec![line("L", "limit", None, "EUR", Some(300)), line("F", "family_limit", Some("C0"), "EUR", Some(250)),
            line("G", "family_limit", Some("C1"), "EUR", Some(100)), line("D", "deliveries", None, "EUR", Some(100)),
            line("O", "orders", None, "EUR", Some(100)), line("R", "drafts", None, "EUR", Some(100))];
        limits.extend(["X", "Y"].map(|company| CreditLine { company: Some(company.to_owned()), ..line(company, "limit", None, "EUR", Some(90)) }));
        facts.credit_lines = limits;
        let ledger = Ledger::load(Default::default(), &facts.tables()).unwrap();
        let policy = policy(&format!(r#"{{ "amounts": "{}", "companies": "{}",
            "parts": ["open_items", "credit_notes", "deliveries", "orders", "drafts", "document"], "checks": [
            {{ "check": "limit" }}, {{ "check": "limit", "horizon_days": 0 }}, {{ "check": "limit", "horizon_days": 20 }},
            {{ "check": "family_limit" }}, {{ "check": "family_limit", "horizon_days": 20 }}, {{ "check": "part", "part": "orders" }},
            {{ "check": "part", "part": "deliveries" }}, {{ "check": "part", "part": "drafts" }}] }}"#,
            if net { "net" } else { "gross" }, if companies_apart { "apart" } else { "together" }));
        let desk = ledger.credit(&policy, day(2), None).unwrap();
        let figures = |request: &CreditRequest<'_>| {
            let told = desk.explain(request).unwrap();
            told.checks.into_iter().map(|check| check.figure.unwrap().parse::<Decimal>().unwrap()).collect::<Vec<_>>()
        };
        for (at, made) in made.iter().enumerate() {
            let own = id(at);
            let asked = |cents: i64| CreditRequest::new(made.customer, Decimal::new(cents, 2), "EUR");
            // Nothing told but its id and amount.
            if !made.closed {
                let stands = figures(&CreditRequest { company: made.company.unwrap_or_default(), ..asked(0) });
                prop_assert_eq!(figures(&CreditRequest { order: Some(&own), ..asked(made.cents) }), stands, "{}", &own);
            }
            // Less of it counts for no more, in gross amounts.
            if !net {
                let of = |cents: i64| figures(&CreditRequest { order: Some(&own), ..asked(cents) });
                prop_assert!(of(less).iter().zip(of(less + more)).all(|(small, large)| *small <= large), "{}", &own);
            }
        }
    }

    #[test]
    fn what_is_ordered_delivered_and_invoiced_counts_once(
        ordered in 0_i64..300, delivered in prop::collection::vec((0_i64..150, 0_i32..3), 0..4), invoiced in prop::collection::vec(0_i64..150, 0..4),
        asked in 0_i64..150,
    ) {
        let mut facts = Facts { customers: vec![Customer { id: String::from("C0"), ..Customer::default() }], ..Facts::default() };
        facts.commitments.push(commitment(String::from("O"), "C0", "order", ordered, None, 0));
        for (at, (cents, on)) in delivered.iter().enumerate() {
            facts.commitments.push(commitment(format!("D{at}"), "C0", "delivery", *cents, Some(String::from("O")), *on));
        }
        for (at, cents) in invoiced.iter().enumerate() {
            facts.documents.push(Document { order: Some(String::from("O")), ..document(&format!("I{at}"), "invoice", *cents, 1) });
        }
        facts.credit_lines = vec![line("L", "limit", None, "EUR", Some(300))];
        let ledger = Ledger::load(Default::default(), &facts.tables()).unwrap();
        let desk = ledger.credit(&policy("{}"), day(2), None).unwrap();
        let figure = |kind: CreditRequestKind, cents: i64| {
            let request = CreditRequest { kind: Some(kind), follows: Some("O"), ..CreditRequest::new("C0", Decimal::new(cents, 2), "EUR") };
            desk.explain(&request).unwrap().checks[0].figure.clone().unwrap().parse::<Decimal>().unwrap()
        };
        let (delivered, invoiced) = (delivered.iter().map(|(cents, _)| cents).sum::<i64>(), invoiced.iter().sum::<i64>());
        let most = |delivered: i64, invoiced: i64| Decimal::new(ordered.max(delivered).max(invoiced), 2);
        prop_assert_eq!(figure(CreditRequestKind::Invoice, asked), most(delivered, invoiced + asked));
        prop_assert_eq!(figure(CreditRequestKind::Delivery, asked), most(delivered + asked, invoiced));
    }

    #[test]
    fn families_add_up_to_the_whole(world in world(16), first in 0_i32..20, second in 0_i32..20) {
        let lines = [line("L", "limit", None, "EUR", Some(1000))];
        let ledger = with_lines(&world, &lines, |_, _| {});
        let now = world.batches.last().unwrap().0;
        let parent = |of: &str, to: &str, on: i32| CustomerChange {
            customer: of.to_owned(),
            attribute: String::from("parent"),
            value: Some(to.to_owned()),
            effective: date(on),
            ..CustomerChange::default()
        };
        let changes = vec![parent("C1", "C0", first), parent("C2", "C1", second)];
        let ledger = ledger.append(&Facts { customer_changes: changes, ..Facts::default() }.tables(), day(now)).unwrap();
        let policy = policy(r#"{ "currencies": "apart" }"#);
        for on in (-5..now + 5).step_by(3) {
            let view = ledger.as_of(day(on));
            let sums = |per: ExposurePer| {
                let totals = view.exposure(&policy, per, None).unwrap().totals();
                totals.into_iter().map(|total| (total.currency, total.exposure, total.open_items, total.orders)).collect::<Vec<_>>()
            };
            prop_assert_eq!(sums(ExposurePer::Customer), sums(ExposurePer::Family));
        }
    }

    #[test]
    fn a_key_names_the_crossing_whichever_earlier_view_lacks_it(
        world in world(16),
        limit in 0_i64..40_000,
        late in prop::collection::vec((0_i32..40, 1_i64..30_000), 1..4),
        befores in prop::collection::vec((-10_i32..60, prop::option::of(0_i32..60)), 2..6),
    ) {
        let lines = [line("L", "limit", None, "EUR", Some(limit)), line("U", "limit", None, "USD", Some(limit))];
        let ledger = with_lines(&world, &lines, |_, _| {});
        let last = world.batches.last().unwrap().0;
        // What counts from an earlier day on and is learnt on the last.
        let learnt = late.iter().enumerate().map(|(at, (on, cents))| document(&format!("L{at}"), "invoice", *cents, last - on));
        let score = CustomerChange {
            customer: String::from("C0"),
            attribute: String::from("score"),
            value: Some(String::from("20")),
            effective: date(last - late[0].0),
            ..CustomerChange::default()
        };
        let rate = Rate {
            currency: String::from("USD"),
            base: String::from("EUR"),
            rate: Decimal::new(9, 1),
            effective: date(-100),
            ..Rate::default()
        };
        let facts = Facts {
            documents: learnt.collect(),
            customer_changes: vec![score],
            rates: vec![rate],
            ..Facts::default()
        };
        let ledger = ledger.append(&facts.tables(), day(last)).unwrap();
        let policy = policy(r#"{ "currencies": "apart", "alerts": [{ "id": "used", "when": "limit_used", "percent": "50" },
            { "id": "late", "when": "overdue", "days": 3 }, { "id": "score", "when": "score_below", "minimum": "30" },
            { "id": "share", "when": "concentration", "percent": "40" }] }"#);
        let now = ledger.as_of(day(last + 1));
        let mut keys: BTreeMap<(String, String, String), String> = BTreeMap::new();
        for (on, known) in befores {
            let before = known.map_or_else(|| ledger.as_of(day(on)), |known| ledger.as_of_known(day(on), day(known)));
            // What was not yet known of rates may be missing on the earlier day.
            for alert in now.credit_alerts(&before, &policy).unwrap_or_default() {
                let currency = alert.key.split('/').nth(2).filter(|it| it.len() == 3).unwrap_or("").to_owned();
                let held = keys.entry((alert.rule, alert.customer, currency)).or_insert_with(|| alert.key.clone());
                prop_assert_eq!(&*held, &alert.key);
            }
        }
    }

    #[test]
    fn no_cash_keeps_more_promises_than_it_is_worth(
        receipts in prop::collection::vec((0_i32..20, 1_i64..200, prop::option::of(0_usize..3)), 1..6),
        promised in prop::collection::vec((0_i32..20, 0_i32..10, 1_i64..200, prop::option::of(0_usize..3)), 1..6),
    ) {
        let mut facts = Facts { customers: vec![Customer { id: String::from("C0"), ..Customer::default() }], ..Facts::default() };
        facts.documents.extend((0..3).map(|at| document(&format!("I{at}"), "invoice", 200, -30)));
        let mut open = [200_i64; 3];
        for (at, (on, cents, of)) in receipts.iter().enumerate() {
            facts.documents.push(document(&format!("P{at}"), "payment", -cents, *on));
            // Some of it is matched, a few days later.
            let Some(of) = of else { continue };
            let amount = (*cents).min(open[*of]);
            open[*of] -= amount;
            if amount > 0 {
                facts.allocations.push(Allocation {
                    id: format!("a{at}"),
                    credit: format!("P{at}"),
                    debit: format!("I{of}"),
                    amount: Decimal::new(amount, 2),
                    effective: Some(date(on + i32::try_from(at).unwrap())),
                    ..Allocation::default()
                });
            }
        }
        for (at, (made, after, cents, of)) in promised.iter().enumerate() {
            facts.promises.push(Promise {
                id: format!("V{at}"),
                customer: String::from("C0"),
                document: of.map(|of| format!("I{of}")),
                currency: String::from("EUR"),
                amount: Decimal::new(*cents, 2),
                promised_date: date(made + after),
                effective: date(*made),
                ..Promise::default()
            });
        }
        let ledger = Ledger::load(Default::default(), &facts.tables()).unwrap();
        let policy = ar_core::facade::kpi_policy(r#"{ "kpis": ["promise_kept_share"], "months": 12 }"#).unwrap();
        let rows = ledger.as_of(day(60)).kpis(&policy, &[], &BTreeMap::new()).unwrap().rows();
        let value = &rows[0].values[0];
        let settled: i128 = value.numerator.as_deref().unwrap().parse().unwrap();
        let came: i64 = receipts.iter().map(|(_, cents, _)| cents).sum();
        prop_assert!(settled <= 100 * i128::from(came), "{settled} of {came}");
        // A single promise is kept by all that came in its days.
        if let [(made, after, cents, None)] = promised.as_slice() {
            let within = receipts.iter().filter(|(on, ..)| (*made..=made + after).contains(on));
            let matched_late: i64 = within.map(|(_, cents, _)| cents).sum();
            prop_assert!(settled >= 100 * i128::from(matched_late.min(*cents)));
        }
    }

    #[test]
    fn an_alert_is_told_once_for_each_crossing(world in world(16), limit in 0_i64..40_000) {
        let lines = [line("L", "limit", None, "EUR", Some(limit)), line("U", "limit", None, "USD", Some(limit))];
        let ledger = with_lines(&world, &lines, |_, _| {});
        let policy = policy(r#"{ "currencies": "apart", "alerts": [{ "id": "used", "when": "limit_used", "percent": "50" },
            { "id": "late", "when": "overdue", "days": 3 }, { "id": "dispute", "when": "dispute_opened" }] }"#);
        let mut told: BTreeSet<String> = BTreeSet::new();
        let mut posted = ledger.clone();
        let last = world.batches.last().unwrap().0;
        for on in 0..last + 6 {
            let alerts = ledger.as_of(day(on)).credit_alerts(&ledger.as_of(day(on - 1)), &policy).unwrap();
            for alert in &alerts {
                prop_assert!(told.insert(alert.key.clone()), "{} is told twice", alert.key);
            }
            if on >= last {
                posted = posted.append(&ar_core::credit::alert_facts(&alerts, day(on)).tables(), day(on)).unwrap();
                let again = posted.as_of(day(on)).credit_alerts(&posted.as_of(day(on - 1)), &policy).unwrap();
                prop_assert_eq!(again, vec![]);
            }
        }
    }
}

#[test]
fn profiles_are_policies_and_a_desk_says_what_made_it() {
    let ledger = Ledger::load(Default::default(), &Facts::default().tables()).unwrap();
    for name in ar_core::profiles::names("credit").unwrap() {
        let policy = ar_core::credit::profile(name).unwrap();
        let desk = ledger.credit(&policy, day(0), None).unwrap();
        assert_eq!((desk.made_by().policy.as_str(), desk.day()), (name, day(0)));
    }
}

#[test]
fn a_long_chain_of_closed_commitments_is_no_deep_one() {
    let id = |at: usize| format!("O{at}");
    let commitments: Vec<Commitment> =
        (0..50_000).map(|at: usize| commitment(id(at), "C0", "order", 10_000, at.checked_sub(1).map(id), 0)).collect();
    let closings = (1..50_000).map(|at| Closing { of: id(at), effective: date(1), ..Closing::default() }).collect();
    let facts = Facts {
        customers: vec![Customer { id: String::from("C0"), ..Customer::default() }],
        documents: vec![Document { order: Some(id(49_999)), ..document("I", "invoice", 6_000, 0) }],
        commitments,
        closings,
        credit_lines: vec![line("L", "limit", Some("C0"), "EUR", Some(1_000_000))],
        ..Facts::default()
    };
    let ledger = Ledger::load(Default::default(), &facts.tables()).unwrap();
    let desk = ledger.credit(&policy("{}"), day(2), None).unwrap();
    let told = desk.explain(&CreditRequest::new("C0", Decimal::ZERO, "EUR")).unwrap();
    // 60.00 invoiced of the last of them, and 40.00 of the first still to come.
    assert_eq!(told.checks[0].figure.as_deref(), Some("100.00"));
    // What follows the last of them comes off the first.
    let request = CreditRequest { follows: Some("O49999"), ..CreditRequest::new("C0", Decimal::new(3_000, 2), "EUR") };
    let told = desk.explain(&request).unwrap();
    assert_eq!((told.checks[0].figure.as_deref(), told.headroom), (Some("100.00"), Some(Decimal::new(993_000, 2))));
}

#[test]
fn a_view_of_one_customer_shows_its_orders_and_limit_also_where_it_never_had_a_document() {
    let facts = Facts {
        customers: vec![Customer { id: String::from("NEW"), ..Customer::default() }],
        commitments: vec![commitment(String::from("O"), "NEW", "order", 90_000, None, 0)],
        credit_lines: vec![line("L", "limit", Some("NEW"), "EUR", Some(50_000))],
        ..Facts::default()
    };
    let ledger = Ledger::load(Default::default(), &facts.tables()).unwrap();
    let policy = policy("{}");
    let all = ledger.as_of(day(2)).exposure(&policy, ExposurePer::Customer, None).unwrap().rows();
    let own =
        ledger.customer_as_of("NEW", day(2), None).unwrap().exposure(&policy, ExposurePer::Customer, None).unwrap();
    assert_eq!((all.len(), own.rows()), (1, all));
}
