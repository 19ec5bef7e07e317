//! The ledger: what was owed on every day, as known on every day, and that nothing is ever forgotten.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

mod common;

use std::collections::BTreeMap;

use ar_core::aging::{AgingPolicy, Where, age};
use ar_core::allocation::{AllocationPolicy, ProposalLine, propose};
use ar_core::calendar::Day;
use ar_core::facade::{Column, Columns, JsonFacts, Table, Tables};
use ar_core::item::OpenItem;
use ar_core::ledger::fact::{Allocation, Customer, Document, Facts, Instalment, Reversal, SettlementDifference};
use ar_core::ledger::settings::Settings;
use ar_core::ledger::{Ledger, View};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use common::{World, date, day, settling_world, world};

/// Open amounts by customer and currency, no zero among them.
type Sums = BTreeMap<(String, String), Decimal>;

fn open_sums(items: &[OpenItem]) -> Sums {
    let mut sums = Sums::new();
    for item in items {
        *sums.entry((item.customer.clone(), item.currency.clone())).or_default() += item.open;
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

/// Documents less what is settled, fact by fact, as the specification says it.
fn fact_sums(facts: &Facts, on: NaiveDate, known: NaiveDate) -> Sums {
    let counts = |effective: NaiveDate, recorded: Option<NaiveDate>| effective <= on && recorded.unwrap() <= known;
    let cancelled = |id: &str| facts.cancellations.iter().any(|c| c.document == id && counts(c.effective, c.recorded));
    let live = |a: &&Allocation| {
        let undone = facts.reversals.iter().any(|r| r.allocation == a.id && counts(r.effective, r.recorded));
        counts(a.effective.unwrap(), a.recorded) && !undone && !cancelled(&a.credit) && !cancelled(&a.debit)
    };
    let holds = |d: &&SettlementDifference| {
        let undone =
            |id: &String| facts.reversals.iter().any(|r| r.allocation == *id && counts(r.effective, r.recorded));
        let beside = d.allocation.as_ref().and_then(|id| facts.allocations.iter().find(|a| a.id == *id));
        let rest = moved_to(facts, d);
        let goes_on = rest.map_or_else(|| beside.is_none_or(|a| live(&a)), |rest| !cancelled(&rest.id));
        counts(d.effective.unwrap(), d.recorded) && !undone(&d.id) && goes_on
    };
    let mut sums = Sums::new();
    for document in facts.documents.iter().filter(|d| counts(d.document_date, d.recorded) && !cancelled(&d.id)) {
        let mut open = document.amount;
        for allocation in facts.allocations.iter().filter(live) {
            if allocation.credit == document.id {
                open += allocation.amount;
            }
            if allocation.debit == document.id {
                open -= allocation.debit_amount.unwrap_or(allocation.amount);
            }
        }
        for difference in facts.differences.iter().filter(|d| d.document == document.id).filter(holds) {
            open -= if document.amount.is_sign_negative() { -difference.amount } else { difference.amount };
        }
        *sums.entry((document.customer.clone(), document.currency.clone())).or_default() += open;
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

/// The document that a residual moved to: each of a world has one of its own.
fn moved_to<'a>(facts: &'a Facts, difference: &SettlementDifference) -> Option<&'a Document> {
    let name = difference.allocation.as_ref().filter(|_| difference.kind == "residual").map(|id| format!("{id}-r"))?;
    facts.documents.iter().find(|document| document.id == name)
}

fn view(ledger: &Ledger, on: i32, known: Option<i32>) -> View {
    match known {
        None => ledger.as_of(day(on)),
        Some(known) => ledger.as_of_known(day(on), day(known)),
    }
}

/// Days of a world, thinned so that a test stays short.
fn some_days(world: &World, step: usize) -> impl Iterator<Item = i32> + use<> {
    world.days().step_by(step)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases * 3 / 8, ..ProptestConfig::default() })]

    #[test]
    fn open_items_add_up_to_documents_less_what_is_settled_on_every_day_as_known_on_every_day(world in settling_world(25)) {
        let facts = world.all_with_recorded_days();
        for on in some_days(&world, 3) {
            for known in some_days(&world, 7).chain([10_000]) {
                let items = view(world.ledger(), on, Some(known)).open_items();
                prop_assert_eq!(open_sums(&items), fact_sums(&facts, date(on), date(known)), "on {} known {}", on, known);
            }
            let items = view(world.ledger(), on, None).open_items();
            prop_assert_eq!(open_sums(&items), fact_sums(&facts, date(on), date(10_000)));
            prop_assert!(items.iter().all(|item| !item.open.is_zero() && item.open.abs() >= item.disputed.abs()));
        }
    }

    #[test]
    fn a_rest_is_owed_where_it_moved_and_nowhere_else(world in settling_world(25)) {
        let facts = world.all_with_recorded_days();
        let moved: Vec<_> = facts.differences.iter().filter_map(|row| Some((row, moved_to(&facts, row)?))).collect();
        for (on, known) in some_days(&world, 2).flat_map(|on| [(on, 10_000), (on, on), (on, on - 4)]).filter(|_| !moved.is_empty()) {
            let counts = |effective: NaiveDate, recorded: Option<NaiveDate>| effective <= date(on) && recorded.unwrap() <= date(known);
            let cancelled = |id: &str| facts.cancellations.iter().any(|c| c.document == id && counts(c.effective, c.recorded));
            let held = view(world.ledger(), on, Some(known)).matches();
            for (difference, rest) in &moved {
                let is_owed = counts(rest.document_date, rest.recorded) && !cancelled(&rest.id);
                prop_assert_eq!(held.iter().any(|held| held.id == difference.id), is_owed, "{} on {} known {}", difference.id, on, known);
                prop_assert!(!is_owed || !cancelled(&difference.document));
            }
        }
    }

    #[test]
    fn what_was_known_on_a_day_is_never_changed_by_what_is_learnt_later(world in settling_world(20)) {
        for (at, (recorded, _)) in world.batches.iter().enumerate().skip(1) {
            let (before, after) = (&world.ledgers[at - 1], &world.ledgers[at]);
            for on in some_days(&world, 5) {
                let known = recorded - 1;
                prop_assert_eq!(view(before, on, None).open_items(), view(after, on, Some(known)).open_items());
                prop_assert_eq!(view(before, on, None).pending(), view(after, on, Some(known)).pending());
            }
        }
    }

    #[test]
    fn loaded_whole_or_appended_bit_by_bit_it_is_the_same_ledger(world in settling_world(25)) {
        let whole = Ledger::load(world.settings.clone(), &world.all_with_recorded_days().tables()).unwrap();
        prop_assert_eq!(whole.last_recorded().max(Some(day(0))), world.ledger().last_recorded().max(Some(day(0))));
        for on in some_days(&world, 3) {
            for known in [None, Some(on), Some(on + 9)] {
                let (one, other) = (view(&whole, on, known), view(world.ledger(), on, known));
                prop_assert_eq!(one.open_items(), other.open_items());
                prop_assert_eq!(one.pending(), other.pending());
                let settled = |facts: Facts| (facts.allocations.len(), facts.differences.len(), facts.discounts.len());
                prop_assert_eq!(settled(one.facts()), settled(other.facts()));
            }
        }
    }

    #[test]
    fn rows_columns_and_json_make_the_same_ledger(world in world(25)) {
        let facts = world.all_with_recorded_days();
        let rows = Ledger::load(world.settings.clone(), &facts.tables()).unwrap();
        let json = JsonFacts::parse(&serde_json::to_string(&facts).unwrap()).unwrap();
        let json = Ledger::load(world.settings.clone(), &json.tables()).unwrap();
        let columns = load_columns(&world.settings, &facts);
        for on in some_days(&world, 4) {
            let expected = view(&rows, on, None).open_items();
            prop_assert_eq!(&expected, &view(&json, on, None).open_items());
            prop_assert_eq!(&expected, &view(&columns, on, None).open_items());
        }
    }

    #[test]
    fn the_facts_that_count_make_the_same_open_items_up_to_their_day(world in settling_world(25)) {
        let last = world.batches.last().unwrap().0;
        for (on, known) in [(last, None), (last / 2, None), (last, Some(last / 2))] {
            let counted = view(world.ledger(), on, known).facts();
            let again = Ledger::load(world.settings.clone(), &counted.tables()).unwrap();
            for day in some_days(&world, 3).filter(|day| *day <= on) {
                // What is pending then is about facts that count later.
                let items = |ledger: &Ledger, known| -> Vec<OpenItem> {
                    let items = view(ledger, day, known).open_items().into_iter();
                    items.map(|item| OpenItem { pending: Decimal::ZERO, ..item }).collect()
                };
                prop_assert_eq!(items(&again, None), items(world.ledger(), known));
            }
            prop_assert_eq!(view(&again, on, None).facts(), counted);
        }
    }

    #[test]
    fn the_batches_make_the_same_ledger_on_every_day_as_known_on_every_day(world in world(25)) {
        let ledger = world.ledger();
        let batches = ledger.batches();
        let recorded: Vec<i32> = batches[1..].iter().map(|batch| batch.recorded.unwrap().number() - day(0).number()).collect();
        prop_assert_eq!(recorded, world.batches[1..].iter().map(|(day, _)| *day).collect::<Vec<i32>>());
        let again = Ledger::from_batches(ledger.settings().clone(), &batches).unwrap();
        prop_assert_eq!(again.batches(), batches);
        for known in std::iter::once(None).chain(some_days(&world, 11).map(Some)) {
            for on in some_days(&world, 7) {
                let (held, made) = (view(ledger, on, known), view(&again, on, known));
                prop_assert_eq!(made.open_items(), held.open_items());
                prop_assert_eq!(made.facts(), held.facts());
                prop_assert_eq!(made.pending(), held.pending());
            }
        }
    }

    #[test]
    fn one_customer_asked_of_the_index_is_what_a_scan_says(world in world(25)) {
        let policy = AgingPolicy::with_edges(&[0, 10]);
        for on in some_days(&world, 5) {
            for known in [None, Some(on + 5)] {
                let all = view(world.ledger(), on, known);
                for customer in ["C0", "C1", "C2"] {
                    let one = world.ledger().customer_as_of(customer, day(on), known.map(day)).unwrap();
                    let scanned: Vec<OpenItem> =
                        all.open_items().into_iter().filter(|item| item.customer == customer).collect();
                    prop_assert_eq!(one.open_items(), scanned);
                    let documents = one.facts().documents.into_iter().filter(|d| d.customer == customer);
                    let ids: Vec<Option<String>> = documents.map(|document| Some(document.id)).collect();
                    let mut matches = all.matches();
                    matches.retain(|held| ids.contains(&held.credit) || ids.contains(&held.debit));
                    prop_assert_eq!(one.matches(), matches);
                    let mut receipts = all.pending_by_account();
                    receipts.retain(|sum| sum.customer == customer);
                    prop_assert_eq!(one.pending_by_account(), receipts);
                    let filter = Where::from([(String::from("customer"), vec![String::from(customer)])]);
                    let (aged, scanned) = (age(&one, &policy, &[], &Where::new()), age(&all, &policy, &[], &filter));
                    prop_assert_eq!(aged.unwrap().totals(), scanned.unwrap().totals());
                    let lines = propose(&all, &AllocationPolicy::default()).unwrap().lines();
                    let of_customer = |line: &ProposalLine| one.open_items().iter().any(|item| item.document == line.debit);
                    let lines: Vec<ProposalLine> = lines.into_iter().filter(of_customer).collect();
                    prop_assert_eq!(propose(&one, &AllocationPolicy::default()).unwrap().lines(), lines);
                }
            }
        }
        let nobody = world.ledger().customer_as_of("nobody", day(0), None).unwrap_err();
        prop_assert_eq!(nobody.code(), "unknown_value");
    }

    #[test]
    fn a_proposal_of_any_day_can_be_posted_whatever_is_known_of_later_days(world in world(25)) {
        let last = world.batches.last().unwrap().0;
        for on in some_days(&world, 4) {
            let proposal = propose(&view(world.ledger(), on, None), &AllocationPolicy::default()).unwrap();
            let posted = world.ledger().append(&proposal.facts("run").tables(), day(last));
            prop_assert!(posted.is_ok(), "on {}: {:?}", on, posted.map(|_| ()));
        }
    }

    #[test]
    fn what_is_taken_back_leaves_every_balance_as_it_was_to_the_last_unit_of_both_currencies(world in world(25)) {
        let last = world.batches.last().unwrap().0;
        let before = world.ledger();
        // What settles the open items of a day, some of it by differences, and then the reversal of it all.
        for on in some_days(&world, 9) {
            let items = view(before, on, None);
            let allocations = propose(&items, &AllocationPolicy::default()).unwrap().facts("run").allocations;
            let beside = |row: &Allocation| SettlementDifference {
                id: format!("{}-rest", row.id),
                document: row.debit.clone(),
                kind: "write_off".into(),
                amount: Decimal::new(1, 2),
                allocation: Some(row.id.clone()),
                ..SettlementDifference::default()
            };
            let differences: Vec<SettlementDifference> = allocations.iter().map(beside).collect();
            let undo = allocations.iter().map(|row| Reversal {
                allocation: row.id.clone(),
                effective: date(on),
                ..Reversal::default()
            });
            let undo: Vec<Reversal> = undo.collect();
            let mut matched = Facts { allocations, differences, ..Facts::default() };
            let mut after = before.append(&matched.tables(), day(last));
            if after.is_err() {
                // There is no room for each of them.
                matched.differences.clear();
                after = before.append(&matched.tables(), day(last));
            }
            let after = after.unwrap();
            let undo = Facts { reversals: undo, ..Facts::default() };
            let undone = after.append(&undo.tables(), day(last + 1)).unwrap();
            for day_of in some_days(&world, 5) {
                prop_assert_eq!(view(&undone, day_of, None).open_items(), view(before, day_of, None).open_items());
                prop_assert_eq!(view(&undone, day_of, None).matches(), view(before, day_of, None).matches());
                prop_assert_eq!(view(&undone, day_of, Some(last)).open_items(), view(&after, day_of, None).open_items());
            }
        }
    }

    #[test]
    fn a_view_carried_to_a_later_day_keeps_what_stands_beside_its_items_whichever_is_asked_first(world in world(20)) {
        for on in some_days(&world, 9) {
            let stayed = view(world.ledger(), on, None);
            let carried = stayed.carried_to(day(on + 7)).unwrap();
            let alone = view(world.ledger(), on, None);
            prop_assert_eq!(carried.open_items(), alone.open_items());
            prop_assert_eq!(stayed.open_items(), alone.open_items());
            prop_assert_eq!(carried.matches(), alone.matches());
        }
    }

    #[test]
    fn a_refused_batch_changes_nothing(world in world(15), amount in 1_i64..1_000) {
        let ledger = world.ledger();
        let wrong = Facts {
            documents: vec![invoice("GOOD", amount, 0), Document { kind: String::from("bill"), ..invoice("BAD", amount, 0) }],
            ..Facts::default()
        };
        let before = ledger.as_of(day(500)).open_items();
        let refused = ledger.append(&wrong.tables(), day(1_000)).unwrap_err();
        prop_assert_eq!(refused.code(), "unknown_kind");
        prop_assert_eq!(ledger.as_of(day(500)).open_items(), before);
        prop_assert!(ledger.last_recorded() < Some(day(1_000)));
    }
}

/// Documents and allocations as columns, the rest as rows.
fn load_columns(settings: &Settings, facts: &Facts) -> Ledger {
    let days = |dates: Vec<NaiveDate>| -> Vec<i32> {
        dates.into_iter().map(|date| Day::try_from(date).unwrap().number()).collect()
    };
    let texts = |pick: fn(&Document) -> &String| facts.documents.iter().map(|d| pick(d).as_str()).collect::<Vec<_>>();
    let minor: Vec<i64> = facts.documents.iter().map(|d| i64::try_from(d.amount.mantissa()).unwrap()).collect();
    let dated = days(facts.documents.iter().map(|d| d.document_date).collect());
    let due = days(facts.documents.iter().map(|d| d.due_date.unwrap_or_default()).collect());
    let has_due: Vec<bool> = facts.documents.iter().map(|d| d.due_date.is_some()).collect();
    let known = days(facts.documents.iter().map(|d| d.recorded.unwrap()).collect());
    let rate: Vec<i128> = facts.documents.iter().map(|d| d.rate.unwrap_or_default().mantissa()).collect();
    let has_rate: Vec<bool> = facts.documents.iter().map(|d| d.rate.is_some()).collect();
    let documents = Columns::new(
        Table::documents,
        vec![
            ("id", Column::Texts(texts(|d| &d.id))),
            ("customer", Column::Texts(texts(|d| &d.customer))),
            ("kind", Column::Texts(texts(|d| &d.kind))),
            ("currency", Column::Texts(texts(|d| &d.currency))),
            ("amount_minor", Column::Minor(&minor)),
            ("document_date", Column::Days(&dated)),
            ("due_date", Column::Optional { column: Box::new(Column::Days(&due)), present: &has_due }),
            (
                "rate",
                Column::Optional { column: Box::new(Column::Decimals { units: &rate, scale: 2 }), present: &has_rate },
            ),
            ("recorded", Column::Days(&known)),
        ],
    )
    .unwrap();
    let rest = Facts { documents: Vec::new(), ..facts.clone() };
    Ledger::load(settings.clone(), &rest.tables().with(Table::documents, documents)).unwrap()
}

fn invoice(id: &str, cents: i64, on: i32) -> Document {
    Document {
        id: id.into(),
        customer: "C0".into(),
        kind: "invoice".into(),
        currency: "EUR".into(),
        amount: Decimal::new(cents, 2),
        document_date: date(on),
        ..Document::default()
    }
}

fn payment(id: &str, cents: i64, on: i32) -> Document {
    Document { kind: "payment".into(), ..invoice(id, -cents, on) }
}

fn allocation(id: &str, cents: i64, on: i32) -> Allocation {
    Allocation {
        id: id.into(),
        credit: "PAY".into(),
        debit: "INV".into(),
        amount: Decimal::new(cents, 2),
        effective: Some(date(on)),
        ..Allocation::default()
    }
}

fn one_paid_invoice() -> Facts {
    Facts {
        customers: vec![Customer { id: "C0".into(), ..Customer::default() }],
        documents: vec![invoice("INV", 10_000, 0), payment("PAY", 4_000, 10)],
        allocations: vec![allocation("A", 4_000, 10)],
        ..Facts::default()
    }
}

fn load(facts: &Facts) -> Ledger {
    Ledger::load(Settings::default(), &facts.tables()).unwrap()
}

fn open(ledger: &Ledger, on: i32) -> Vec<Decimal> {
    ledger.as_of(day(on)).open_items().into_iter().map(|item| item.open).collect()
}

#[test]
fn an_undone_match_restores_the_balance_and_changes_no_earlier_day() {
    let ledger = load(&one_paid_invoice());
    assert_eq!(open(&ledger, 9), [Decimal::new(10_000, 2)]);
    assert_eq!(open(&ledger, 10), [Decimal::new(6_000, 2)]);
    let undo = Facts {
        reversals: vec![Reversal { allocation: "A".into(), effective: date(20), ..Reversal::default() }],
        ..Facts::default()
    };
    let later = ledger.append(&undo.tables(), day(20)).unwrap();
    assert_eq!(open(&later, 19), [Decimal::new(6_000, 2)]);
    assert_eq!(open(&later, 20), [Decimal::new(10_000, 2), Decimal::new(-4_000, 2)]);
    assert_eq!(open(&ledger, 20), [Decimal::new(6_000, 2)]);
}

#[test]
fn a_difference_is_taken_back_with_its_allocation_and_balances_are_as_before() {
    let rated = |document: Document| Document { currency: "USD".into(), rate: Some(Decimal::new(917, 3)), ..document };
    let mut facts = one_paid_invoice();
    facts.documents = facts.documents.into_iter().map(rated).collect();
    let settings = Settings { base_currency: Some("EUR".into()), ..Settings::default() };
    let before = Ledger::load(settings, &Facts { allocations: Vec::new(), ..facts.clone() }.tables()).unwrap();
    let difference = |id: &str, cents: i64, allocation: Option<&str>| SettlementDifference {
        id: id.into(),
        document: "INV".into(),
        kind: "discount".into(),
        amount: Decimal::new(cents, 2),
        allocation: allocation.map(String::from),
        effective: allocation.is_none().then(|| date(10)),
        ..SettlementDifference::default()
    };
    let differences = vec![difference("D", 33, Some("A")), difference("E", 7, None)];
    let matched = Facts { allocations: facts.allocations, differences, ..Facts::default() };
    let paid = before.append(&matched.tables(), day(10)).unwrap();
    assert_eq!(open(&paid, 10), [Decimal::new(5_960, 2)]);
    let undo = |of: &str, on: i32| Facts {
        reversals: vec![Reversal { allocation: of.into(), effective: date(on), ..Reversal::default() }],
        ..Facts::default()
    };
    let undone = paid.append(&undo("A", 20).tables(), day(20)).unwrap();
    assert_eq!(open(&undone, 20), [Decimal::new(9_993, 2), Decimal::new(-4_000, 2)]);
    assert_eq!(undone.append(&undo("D", 20).tables(), day(20)).unwrap_err().code(), "already_reversed");
    let restored = undone.append(&undo("E", 20).tables(), day(21)).unwrap();
    assert_eq!(restored.as_of(day(20)).open_items(), before.as_of(day(20)).open_items());
    assert_eq!(restored.as_of_known(day(20), day(20)).open_items(), undone.as_of(day(20)).open_items());
}

#[test]
fn every_offending_row_is_listed_and_nothing_is_loaded() {
    let mut facts = one_paid_invoice();
    facts.documents.push(invoice("INV", 1, 0));
    facts.documents.push(invoice("X", -1, 0));
    facts.allocations.push(allocation("B", 1, 10));
    let refused = Ledger::load(Settings::default(), &facts.tables()).unwrap_err();
    let codes: Vec<&str> = refused.problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["duplicate_id", "wrong_sign", "over_allocation"]);
}

#[test]
fn an_empty_ledger_answers_every_question() {
    let ledger = Ledger::load(Settings::default(), &Tables::default()).unwrap();
    let view = ledger.as_of(day(0));
    assert!(view.open_items().is_empty() && view.pending().is_empty() && view.pending_by_account().is_empty());
    assert_eq!((view.facts(), ledger.last_recorded(), ledger.documents()), (Facts::default(), None, 0));
    let again = ledger.append(&Facts::default().tables(), day(3)).unwrap();
    assert_eq!(again.last_recorded(), Some(day(3)));
    let none = Columns::new(Table::documents, Vec::new()).unwrap();
    assert!(again.append(&Tables::default().with(Table::documents, none), day(3)).is_ok());
}

#[test]
fn amounts_at_both_ends_of_the_range_are_kept_and_settled_exactly() {
    let most = i64::MAX;
    let facts = Facts {
        documents: vec![invoice("INV", most, 0), invoice("MORE", most, 0), payment("PAY", most, 0)],
        allocations: vec![allocation("A", most - 1, 5), allocation("B", 1, 6)],
        ..one_paid_invoice()
    };
    let ledger = load(&facts);
    let all = [Decimal::new(most, 2), Decimal::new(most, 2), Decimal::new(-most, 2)];
    assert_eq!(open(&ledger, 0), all);
    assert_eq!(open(&ledger, 5), [Decimal::new(1, 2), Decimal::new(most, 2), Decimal::new(-1, 2)]);
    assert_eq!(open(&ledger, 6), [Decimal::new(most, 2)]);
    // A base amount follows to the last unit.
    let rated = |document: Document| Document { currency: "USD".into(), rate: Some(Decimal::ONE), ..document };
    let facts = Facts { documents: facts.documents.into_iter().map(rated).collect(), ..facts };
    let settings = Settings { base_currency: Some("EUR".into()), ..Settings::default() };
    let ledger = Ledger::load(settings, &facts.tables()).unwrap();
    let base: Vec<_> = ledger.as_of(day(5)).open_items().into_iter().map(|item| item.base_open).collect();
    assert_eq!(base, [Some(Decimal::new(1, 2)), Some(Decimal::new(most, 2)), Some(Decimal::new(-1, 2))]);
}

#[test]
fn numbers_of_forty_digits_are_refused_by_name() {
    let refusal = |amount: &str, rate: &str| {
        let text = format!(
            r#"{{"customers": [{{"id": "C"}}], "documents": [{{"id": "1", "customer": "C", "kind": "invoice",
            "currency": "EUR", "amount": {amount}, "rate": {rate}, "document_date": "2026-01-01"}}]}}"#
        );
        let facts = JsonFacts::parse(&text).unwrap();
        let refused = Ledger::load(Settings::default(), &facts.tables()).unwrap_err();
        let told = |p: &ar_core::problem::Problem| format!("{} {}", p.field.clone().unwrap(), p.code);
        refused.problems.iter().map(told).collect::<Vec<_>>()
    };
    let nines = "9".repeat(40);
    assert_eq!(refusal(&format!("\"{nines}\""), "\"1\""), ["amount too_large"]);
    assert_eq!(refusal(&format!("\"-{nines}.5\""), "\"1\""), ["amount too_large"]);
    assert_eq!(refusal(&format!("\"0.{nines}\""), "\"1\""), ["amount too_many_digits"]);
    assert_eq!(refusal("\"1\"", &format!("\"{nines}\"")), ["rate too_large"]);
    assert_eq!(refusal("\"1\"", &format!("\"-{nines}\"")), ["rate wrong_sign"]);
    assert_eq!(refusal("\"1\"", &format!("\"0.{nines}\"")), ["rate too_many_digits"]);
}

#[test]
fn a_chain_of_parents_a_hundred_thousand_long_is_no_circle_until_it_is_closed() {
    let id = |n: usize| format!("C{n:06}");
    let parent = |n: usize, last: usize| if n == last { Some(id(0)) } else { Some(id(n + 1)) };
    let chain = |last: usize, closed: bool| Facts {
        customers: (0..=last)
            .map(|n| Customer {
                id: id(n),
                parent: parent(n, last).filter(|_| closed || n < last),
                ..Customer::default()
            })
            .collect(),
        ..Facts::default()
    };
    assert!(Ledger::load(Settings::default(), &chain(100_000, false).tables()).is_ok());
    let refused = Ledger::load(Settings::default(), &chain(1_000, true).tables()).unwrap_err();
    assert_eq!((refused.code(), refused.total), ("cyclic_parent", 1_001));
}

#[test]
fn a_schedule_replaced_orphans_no_allocation() {
    let mut facts = one_paid_invoice();
    let part = |number: i64, cents: i64, due: i32, from: Option<i32>| Instalment {
        document: "INV".into(),
        number,
        due_date: date(due),
        amount: Decimal::new(cents, 2),
        effective: from.map(date),
        ..Instalment::default()
    };
    facts.instalments = vec![part(1, 5_000, 30, None), part(2, 5_000, 60, None)];
    facts.allocations[0].instalment = Some(2);
    let ledger = load(&facts);
    assert_eq!(open(&ledger, 10), [Decimal::new(5_000, 2), Decimal::new(1_000, 2)]);
    let moved = Facts { instalments: vec![part(7, 10_000, 90, Some(20))], ..Facts::default() };
    let later = ledger.append(&moved.tables(), day(20)).unwrap();
    assert_eq!(open(&later, 19), [Decimal::new(5_000, 2), Decimal::new(1_000, 2)]);
    assert_eq!(open(&later, 20), [Decimal::new(6_000, 2)]);
}

#[test]
fn single_appends_make_the_ledger_that_one_load_makes() {
    let mut ledger = load(&one_paid_invoice());
    let count = 1_000;
    for n in 0..count / 2 {
        // Every second one is of a new customer.
        let (cents, customer) = (i64::from(n) + 1, format!("N{}", n / 2 * 2));
        let one = Facts {
            customers: if n % 2 == 0 {
                vec![Customer { id: customer.clone(), ..Customer::default() }]
            } else {
                Vec::new()
            },
            documents: vec![Document { customer, ..invoice(&format!("I{n}"), cents, n % 30) }],
            ..Facts::default()
        };
        ledger = ledger.append(&one.tables(), day(20 + n)).unwrap();
        let two = Facts { documents: vec![payment(&format!("P{n}"), cents, n % 30)], ..Facts::default() };
        ledger = ledger.append(&two.tables(), day(20 + n)).unwrap();
    }
    assert_eq!(ledger.documents(), 2 + u32::try_from(count).unwrap());
    let on = day(20 + count);
    let mut facts = ledger.as_of(on).facts();
    facts.documents.reverse();
    assert_eq!(load(&facts).as_of(on).open_items(), ledger.as_of(on).open_items());
}

#[test]
fn json_that_names_a_thing_twice_is_refused_and_loses_nothing() {
    for text in
        [r#"{"customers": [{"id": "A"}], "customers": [{"id": "B"}]}"#, r#"{"customers": [{"id": "A", "id": "B"}]}"#]
    {
        let refused = ar_core::facade::JsonFacts::parse(text).unwrap_err();
        assert_eq!(refused.code(), "duplicate_id", "{text}");
    }
}

/// A row of every table, in a load and two appends of one day.
#[test]
fn batches_lose_no_table_and_no_order() {
    let settings: Settings = serde_json::from_value(serde_json::json!({
        "base_currency": "EUR", "currencies": { "PTS": 0 },
        "terms": { "HALVES": { "instalments": [
            { "share": { "percent": "50" }, "due": [{ "days": 10 }] }, { "share": "remainder", "due": [{ "days": 20 }] }] } },
    }))
    .unwrap();
    let load = |text: &str| JsonFacts::parse(text).unwrap();
    let first = load(
        r#"{ "customers": [{ "id": "C", "terms": "HALVES", "dimensions": { "region": "north" } }, { "id": "D", "parent": "C" }],
        "documents": [
          { "id": "I1", "customer": "C", "kind": "invoice", "currency": "EUR", "amount": "100.00", "document_date": "2026-01-01" },
          { "id": "P1", "customer": "C", "kind": "payment", "currency": "USD", "amount": "-70.00", "rate": "0.9", "document_date": "2026-01-03",
            "recorded": "2026-01-04" },
          { "id": "I2", "customer": "D", "kind": "invoice", "currency": "EUR", "amount": "11.90", "net": "10.00", "tax": "1.90",
            "document_date": "2026-01-02", "due_date": "2026-02-01", "dimensions": { "line": "a" } }],
        "document_lines": [{ "document": "I2", "kind": "net", "amount": "10.00", "code": "A" },
          { "document": "I2", "kind": "tax", "amount": "1.90" }],
        "allocations": [{ "id": "A1", "credit": "P1", "debit": "I1", "amount": "20.00", "debit_amount": "18.00", "instalment": 2 }],
        "discounts": [{ "document": "I2", "until": "2026-01-20", "percent": "2" }],
        "differences": [{ "id": "W1", "document": "I1", "kind": "write_off", "amount": "0.50", "allocation": "A1", "instalment": 2 }],
        "plans": [{ "id": "PLAN", "customer": "C", "effective": "2026-01-02" }],
        "rates": [{ "currency": "USD", "base": "EUR", "rate": "0.91", "effective": "2026-01-05" }] }"#,
    );
    let second = load(
        r#"{ "customers": [{ "id": "E" }],
        "customer_changes": [{ "customer": "D", "attribute": "parent", "value": "E", "effective": "2026-01-10" },
          { "customer": "C", "attribute": "dim_region", "effective": "2026-01-11" }],
        "instalments": [{ "document": "I1", "number": 1, "due_date": "2026-03-01", "amount": "100.00", "plan": "PLAN" }],
        "reversals": [{ "allocation": "A1", "effective": "2026-01-09", "reason": "wrong" }],
        "disputes": [{ "id": "DI", "document": "I2", "reason": "price", "amount": "1.00", "effective": "2026-01-10" }],
        "holds": [{ "id": "H1", "document": "I1", "reason": "legal", "effective": "2026-01-10" },
          { "id": "H2", "customer": "D", "reason": "legal", "until": "2026-02-01", "effective": "2026-01-10" }],
        "promises": [{ "id": "PR", "customer": "C", "document": "I1", "currency": "EUR", "amount": "5.00", "promised_date": "2026-02-01",
          "effective": "2026-01-10" }],
        "notices": [{ "id": "N1", "customer": "C", "level": 1, "effective": "2026-01-10" }],
        "commitments": [{ "id": "CO", "customer": "C", "kind": "order", "currency": "PTS", "amount": "7", "effective": "2026-01-10" }],
        "requirements": [{ "document": "I2", "requirement": "proof", "state": "missing", "effective": "2026-01-10" }],
        "closings": [{ "of": "DI", "effective": "2026-01-12", "outcome": "right" }] }"#,
    );
    let third = load(
        r#"{ "cancellations": [{ "document": "I2", "effective": "2026-01-15" }],
        "instalments": [{ "document": "I1", "number": 1, "due_date": "2026-04-01", "amount": "100.00" }] }"#,
    );
    let on = Day::parse("2026-01-12").unwrap();
    let ledger = Ledger::load(settings, &first.tables()).unwrap();
    let ledger = ledger.append(&second.tables(), on).unwrap().append(&third.tables(), on).unwrap();

    let batches = ledger.batches();
    let rows = |batch: &Facts| {
        let tables = serde_json::to_value(batch).unwrap();
        tables.as_object().unwrap().values().map(|rows| rows.as_array().unwrap().len()).sum::<usize>()
    };
    assert_eq!(batches.iter().map(|batch| rows(&batch.facts)).collect::<Vec<_>>(), [12, 13, 2]);
    let text = serde_json::to_string(&(ledger.settings(), &batches)).unwrap();
    let (settings, read): (Settings, Vec<ar_core::ledger::Batch>) = serde_json::from_str(&text).unwrap();
    let again = Ledger::from_batches(settings, &read).unwrap();
    assert_eq!(again.batches(), batches);
    for offset in -3..120 {
        for known in [None, Some("2026-01-03"), Some("2026-01-05"), Some("2026-01-12")] {
            let on = Day::parse("2026-01-01").unwrap().plus_days(offset).unwrap();
            let of = |ledger: &Ledger| {
                known.map_or_else(|| ledger.as_of(on), |known| ledger.as_of_known(on, Day::parse(known).unwrap()))
            };
            let (held, made) = (of(&ledger), of(&again));
            assert_eq!(
                (made.open_items(), made.facts(), made.pending()),
                (held.open_items(), held.facts(), held.pending())
            );
        }
    }
    let refused = Ledger::from_batches(Settings::default(), &[Default::default(), Default::default()]).unwrap_err();
    assert_eq!((refused.code(), refused.problems[0].field.as_deref()), ("missing_field", Some("recorded")));
}

/// A row read from text has what a row must have, or is refused: no day and no amount is made up.
#[test]
fn a_row_from_text_lacks_nothing() {
    let whole = serde_json::json!({
        "id": "d", "customer": "A", "kind": "invoice", "currency": "EUR", "amount": "1.00", "document_date": "2026-01-31"
    });
    assert!(serde_json::from_value::<Document>(whole.clone()).is_ok());
    for field in ["id", "customer", "kind", "currency", "amount", "document_date"] {
        let mut lacking = whole.clone();
        lacking.as_object_mut().unwrap().remove(field);
        let refused = serde_json::from_value::<Document>(lacking).unwrap_err().to_string();
        assert_eq!(refused, format!("missing field `{field}`"));
    }
    let mut other = whole;
    other["colour"] = "red".into();
    assert!(serde_json::from_value::<Document>(other).unwrap_err().to_string().starts_with("unknown field `colour`"));
}
