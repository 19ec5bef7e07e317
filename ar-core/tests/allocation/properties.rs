//! What random ledgers and policies have to show.

use std::collections::BTreeMap;

use ar_core::allocation::columns::allocate_sorted_columns;
use ar_core::allocation::{CreditOrder, Partial, Strategy as Match};
use ar_core::calendar::Day;
use ar_core::item::OpenItem;
use ar_core::item::columns::SortedColumns;
use ar_core::ledger::fact::{Facts, Reversal};
use ar_core::ledger::settings::InstalmentSign;
use ar_core::money::Exact;
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::given::{Line, ORDERED, customers, date, day, document, lines, load, minor, policy, unapplied};
use crate::laws::{amounts, is_a_prefix, lawful_of, settled_as_proposed, takes_more_than_is_left};
use crate::plain::{account, effective, plainly};
use crate::worlds::{TODAY, World, policies, worlds};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: ProptestConfig::default().cases * 3 / 2, ..ProptestConfig::default() })]

    #[test]
    fn any_policy_proposes_what_the_specification_reads(world in worlds(), policy in policies()) {
        let view = world.ledger().as_of(day(TODAY));
        let rows = view.open_items();
        let proposal = view.propose(&policy).unwrap();
        let plain = plainly(&rows, &world.facts, &policy);
        prop_assert_eq!(lines(&proposal), plain.lines);
        prop_assert_eq!(unapplied(&proposal), plain.unapplied);
        if world.settings.instalment_sign == InstalmentSign::Same {
            lawful_of(&rows, &proposal, &policy);
        }
    }

    #[test]
    fn a_proposal_posts_once_and_its_reversal_restores_every_balance(world in worlds(), policy in policies()) {
        let before = world.ledger();
        let view = before.as_of(day(TODAY));
        let proposal = view.propose(&policy).unwrap();
        let facts = proposal.facts("run");
        let after = before.append(&facts.tables(), day(TODAY + 30)).unwrap();
        settled_as_proposed(&view.open_items(), &after.as_of(day(TODAY)).open_items(), &proposal);
        if proposal.is_empty() {
            return Ok(());
        }
        let refusal = |facts: &Facts| after.append(&facts.tables(), day(TODAY + 30)).map(|_| ()).map_err(|r| r.code().to_owned());
        prop_assert_eq!(refusal(&facts), Err("duplicate_id".into()));
        if takes_more_than_is_left(&after.as_of(day(TODAY)).open_items(), &proposal) {
            prop_assert_eq!(refusal(&proposal.facts("other")), Err("over_allocation".into()));
        }
        // The same policy finds nothing more to do, unless it looks at what is open of a credit: a posting takes from the
        // first instalment of the credit, which may then be small enough.
        let finds_all = policy.partial == Partial::Allowed && policy.filter.credit_max.is_none();
        if finds_all && policy.strategies.iter().any(|strategy| ORDERED.contains(strategy)) {
            prop_assert!(after.as_of(day(TODAY)).propose(&policy).unwrap().is_empty());
        }
        let reversals = facts.allocations.iter().map(|row| Reversal {
            allocation: row.id.clone(),
            effective: date(TODAY),
            ..Reversal::default()
        });
        let undo = Facts { reversals: reversals.collect(), ..Facts::default() };
        let undone = after.append(&undo.tables(), day(TODAY + 31)).unwrap();
        for on in [TODAY, TODAY + 5, TODAY + 40] {
            prop_assert_eq!(undone.as_of(day(on)).open_items(), before.as_of(day(on)).open_items());
        }
        let as_known_then = undone.as_of_known(day(TODAY), day(TODAY + 30));
        prop_assert_eq!(as_known_then.open_items(), after.as_of(day(TODAY)).open_items());
        prop_assert_eq!(lines(&undone.as_of(day(TODAY)).propose(&policy).unwrap()), lines(&proposal));
    }

    #[test]
    fn ordered_policies_clear_a_prefix(world in worlds(), which in 0..4_usize) {
        let view = world.ledger().as_of(day(TODAY));
        let rows: Vec<OpenItem> = view.open_items();
        if world.settings.instalment_sign == InstalmentSign::Any || rows.iter().any(|row| !row.pending.is_zero()) {
            return Ok(());
        }
        let proposal = view.propose(&policy(&ORDERED[which..=which])).unwrap();
        for of_account in rows.chunk_by(|a, b| account(a) == account(b)) {
            let mut debits: Vec<&OpenItem> = of_account.iter().filter(|row| row.open > Decimal::ZERO).collect();
            debits.sort_by_key(|row| (row.document.clone(), row.instalment));
            match ORDERED[which] {
                Match::OldestDue => debits.sort_by_key(|row| (row.due_date.is_none(), row.due_date)),
                Match::NewestDue => debits.sort_by_key(|row| (row.due_date.is_none(), std::cmp::Reverse(row.due_date))),
                Match::OldestDocument => debits.sort_by_key(|row| row.document_date),
                _ => debits.sort_by_key(|row| std::cmp::Reverse(row.document_date)),
            }
            let ordered: Vec<(String, u32)> =
                debits.into_iter().map(|row| (row.document.clone(), row.instalment)).collect();
            is_a_prefix(&ordered, &rows, &proposal);
        }
    }

    #[test]
    fn two_receipts_pay_what_one_of_their_sum_pays_and_more_money_pays_no_item_less(
        debits in prop::collection::vec((1..20_i64, 0..5_i64, prop::option::of(0..5_i64)), 0..7),
        first in 0..40_i64, second in 0..40_i64, which in 0..4_usize,
    ) {
        let paid = |receipts: &[i64]| {
            let mut facts = Facts { customers: customers(&["C"]), ..Facts::default() };
            for (at, (amount, on, due)) in debits.iter().enumerate() {
                facts.documents.push(document(&format!("I{at}"), "invoice", *amount, *on, *due));
            }
            for (at, amount) in receipts.iter().enumerate() {
                facts.documents.push(document(&format!("P{at}"), "payment", -amount, 9, None));
            }
            let proposal = load(&facts).as_of(day(TODAY)).propose(&policy(&ORDERED[which..=which])).unwrap();
            let mut paid: BTreeMap<String, i64> = BTreeMap::new();
            for (_, debit, _, amount, ..) in lines(&proposal) {
                *paid.entry(debit).or_insert(0) += amount;
            }
            paid
        };
        let (one, two, sum) = (paid(&[first]), paid(&[first, second]), paid(&[first + second]));
        prop_assert_eq!(&two, &sum);
        for (item, less) in one {
            prop_assert!(sum.get(&item).copied().unwrap_or(0) >= less);
        }
    }

    #[test]
    fn restricting_and_computing_is_computing_and_restricting(world in worlds(), mut policy in policies()) {
        policy.filter.customers = None;
        policy.filter.currencies = None;
        let view = world.ledger().as_of(day(TODAY));
        let all = view.propose(&policy).unwrap();
        let currency = |id: &str| world.facts.documents.iter().find(|d| d.id == id).unwrap().currency.clone();
        let customer = |id: &str| world.facts.documents.iter().find(|d| d.id == id).unwrap().customer.clone();
        for line in all.lines() {
            prop_assert_eq!(customer(&line.credit), customer(&line.debit));
            prop_assert_eq!(currency(&line.credit), currency(&line.debit));
        }
        for (who, what) in [("C", "EUR"), ("C", "USD"), ("D", "EUR"), ("D", "USD")] {
            policy.filter.customers = Some(vec![who.into()]);
            policy.filter.currencies = Some(vec![what.into()]);
            let part = view.propose(&policy).unwrap();
            let of_account = |id: &String| customer(id) == who && currency(id) == what;
            let wanted: Vec<Line> = lines(&all).into_iter().filter(|line| of_account(&line.0)).collect();
            prop_assert_eq!(lines(&part), wanted);
            let wanted: Vec<_> = unapplied(&all).into_iter().filter(|rest| of_account(&rest.0)).collect();
            prop_assert_eq!(unapplied(&part), wanted);
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(world in worlds(), policy in policies(), turn in 0..14_usize) {
        let mut turned = world.clone();
        let many = turned.facts.documents.len();
        turned.facts.documents.rotate_left(turn % many);
        turned.facts.documents.reverse();
        turned.facts.instalments.reverse();
        let propose = |world: &World| world.ledger().as_of(day(TODAY)).propose(&policy).unwrap();
        // Matches made before keep their order: it decides which of them the ledger takes.
        prop_assert_eq!(lines(&propose(&turned)), lines(&propose(&world)));
        prop_assert_eq!(unapplied(&propose(&turned)), unapplied(&propose(&world)));
    }

    #[test]
    fn the_merge_the_chain_and_the_column_kernel_agree(world in worlds(), newest in any::<bool>()) {
        let view = world.ledger().as_of(day(TODAY));
        let mut fifo = policy(&[Match::OldestDue]);
        fifo.credit_order = if newest { CreditOrder::NewestFirst } else { CreditOrder::OldestFirst };
        let merged = view.propose(&fifo).unwrap();
        // A limit that lets everything in still takes the way of limits.
        fifo.filter.debit_min = Some(Exact::new(-1, 0));
        let chained = view.propose(&fifo).unwrap();
        prop_assert_eq!(lines(&merged), lines(&chained));
        prop_assert_eq!(unapplied(&merged), unapplied(&chained));
        let rows = view.open_items();
        let plain = world.settings.instalment_sign == InstalmentSign::Same
            && rows.iter().all(|row| row.pending.is_zero());
        if plain && !newest {
            prop_assert_eq!(by_columns(&rows, &world.facts), amounts(&merged));
        }
    }

    #[test]
    fn columns_and_explanations_say_what_the_lines_say(world in worlds(), policy in policies()) {
        let view = world.ledger().as_of(day(TODAY));
        let proposal = view.propose(&policy).unwrap();
        let columns = proposal.columns();
        prop_assert_eq!(columns.len(), proposal.len());
        for (at, line) in proposal.lines().into_iter().enumerate() {
            prop_assert_eq!(columns.document(columns.credit[at]), line.credit);
            prop_assert_eq!(columns.document(columns.debit[at]), line.debit);
            prop_assert_eq!(columns.instalment[at], line.instalment);
            prop_assert_eq!(columns.amount[at], minor(line.amount));
            let currency = usize::try_from(columns.currency[at]).unwrap();
            prop_assert_eq!((columns.currencies[currency].as_str(), columns.digits[currency]), (line.currency.as_str(), 2));
            prop_assert_eq!(columns.strategies[usize::from(columns.strategy[at])], line.strategy);
        }
        let mut parts = 0;
        for document in &world.facts.documents {
            let of_credit = proposal.explain(Some(&document.id), None);
            prop_assert!(of_credit.lines.iter().all(|line| line.credit == document.id));
            let of_debit = proposal.explain(None, Some(&document.id));
            prop_assert!(of_debit.lines.iter().all(|line| line.debit == document.id));
            prop_assert!(of_debit.unapplied.is_empty());
            parts += of_credit.lines.len() + of_debit.lines.len();
        }
        prop_assert_eq!(parts, 2 * proposal.len());
        prop_assert_eq!(proposal.explain(None, None).lines, proposal.lines());
        prop_assert!(proposal.explain(Some("nobody"), None).lines.is_empty());
    }
}

/// Oldest due by the kernel over columns: debits by account and due day, credits by account and effective day.
fn by_columns(rows: &[OpenItem], facts: &Facts) -> Vec<(String, String, u32, i64)> {
    let mut accounts: Vec<_> = rows.iter().map(account).collect();
    accounts.dedup();
    let place = |row: &OpenItem| u32::try_from(accounts.iter().position(|a| *a == account(row)).unwrap()).unwrap();
    let number = |date: NaiveDate| Day::try_from(date).unwrap().number();
    let debits: Vec<&OpenItem> = rows.iter().filter(|row| row.open > Decimal::ZERO).collect();
    let mut credits: Vec<&OpenItem> = rows.iter().filter(|row| row.open < Decimal::ZERO).collect();
    let counts = |row: &OpenItem| effective(facts.documents.iter().find(|d| d.id == row.document).unwrap());
    credits.sort_by_key(|row| (place(row), counts(row), row.document.clone(), row.instalment));
    let column = |rows: &[&OpenItem], on: &dyn Fn(&OpenItem) -> i32| {
        let account: Vec<u32> = rows.iter().map(|row| place(row)).collect();
        let days: Vec<i32> = rows.iter().map(|row| on(row)).collect();
        let amounts: Vec<i64> = rows.iter().map(|row| minor(row.open).abs()).collect();
        (account, days, amounts)
    };
    let items = column(&debits, &|row| row.due_date.map_or(i32::MAX, number));
    let payments = column(&credits, &|row| number(counts(row)));
    let items = SortedColumns::new(&items.0, accounts.len(), &items.1, &items.2).unwrap();
    let payments = SortedColumns::new(&payments.0, accounts.len(), &payments.1, &payments.2).unwrap();
    let found = allocate_sorted_columns(&items, &payments).unwrap();
    let entry = |at: u32| usize::try_from(at).unwrap();
    (0..found.amount.len())
        .map(|at| {
            let (credit, debit) = (credits[entry(found.payment[at])], debits[entry(found.item[at])]);
            (credit.document.clone(), debit.document.clone(), debit.instalment, found.amount[at])
        })
        .collect()
}

#[test]
fn the_random_ledgers_reach_every_strategy_and_edge() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..600 {
        let world = worlds().new_tree(&mut runner).unwrap().current();
        let policy = policies().new_tree(&mut runner).unwrap().current();
        let view = world.ledger().as_of(day(TODAY));
        let proposal = view.propose(&policy).unwrap();
        let mut note = |what: &str| *seen.entry(what.to_owned()).or_insert(0) += 1;
        for line in proposal.lines() {
            note(&line.strategy);
            if line.instalment != 0 {
                note("instalment");
            }
            if line.amount < line.debit_left && line.amount < line.credit_left {
                note("held back by the rest of its document");
            }
        }
        unapplied(&proposal).iter().for_each(|rest| note(&rest.2));
        if view.open_items().iter().any(|row| !row.pending.is_zero()) {
            note("pending");
        }
    }
    let wanted = ["instalment", "pending", "no_match", "no_open_debit", "held back by the rest of its document"];
    for what in Match::ALL.iter().map(|strategy| strategy.name()).chain(wanted) {
        assert!(seen.get(what).is_some_and(|times| *times >= 5), "{what} in {seen:?}");
    }
}
