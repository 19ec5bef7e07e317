//! Aging: nothing is lost between buckets, borders lie where the policy says, and order and parts change nothing.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that goes wrong may panic"
)]

use std::collections::BTreeMap;

use ar_core::aging::{
    AgingFold, AgingPolicy, AgingReport, AgingRow, Basis, BucketColumn, Credits, EdgeRule, MissingDueDate, Shown, Unit,
    Where, profile,
};
use ar_core::calendar::Day;
use ar_core::facade::JsonFacts;
use ar_core::ledger::fact::{Allocation, Customer, Dispute, Document, Facts, Hold};
use ar_core::ledger::{Ledger, View, settings::Settings};
use ar_core::profiles::names;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// 2026-01-01 and so many days.
fn day(offset: i32) -> Day {
    Day::parse("2026-01-01").unwrap().plus_days(offset).unwrap()
}

fn money(minor: i64) -> Decimal {
    Decimal::new(minor, 2)
}

fn none() -> Where {
    Where::new()
}

fn by(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

// --- P9: borders ------------------------------------------------------------------------------------------------------------

/// The number of the plain bucket of one item of 1.00 that is so many days late.
fn bucket_at(view_of: &dyn Fn(i32) -> View, policy: &AgingPolicy, late: i32) -> usize {
    let totals = view_of(late).aging(policy, &[], &none()).unwrap().totals();
    let full: Vec<usize> = (0..totals[0].buckets.len()).filter(|at| !totals[0].buckets[*at].is_zero()).collect();
    assert_eq!(full.len(), 1, "one item is in one bucket");
    full[0]
}

/// What the sources of the shipped profiles say, day by day, as a rule of its own; see `profiles/aging/README.md`.
fn expected_bucket(name: &str, late: i32) -> usize {
    match name {
        "business-central" | "tryton" => match late {
            ..0 => 0,
            0..30 => 1,
            30..60 => 2,
            60..90 => 3,
            _ => 4,
        },
        // Credits stand first there.
        "gnucash" => match late {
            ..0 => 1,
            0..30 => 2,
            30..60 => 3,
            60..90 => 4,
            _ => 5,
        },
        "erpnext" => match late {
            ..0 => 0,
            0..=30 => 1,
            31..=60 => 2,
            61..=90 => 3,
            91..=120 => 4,
            _ => 5,
        },
        "idempiere" => match late {
            ..-90 => 0,
            -90..-60 => 1,
            -60..-30 => 2,
            -30..-7 => 3,
            -7..0 => 4,
            0 => 5,
            1..=7 => 6,
            8..=30 => 7,
            31..=60 => 8,
            61..=90 => 9,
            _ => 10,
        },
        "oca-statement" => match late {
            ..=0 => 0,
            1..30 => 1,
            30..60 => 2,
            60..90 => 3,
            90..120 => 4,
            _ => 5,
        },
        "odoo-oca" => match late {
            ..=0 => 0,
            1..=30 => 1,
            31..=60 => 2,
            61..=90 => 3,
            91..=120 => 4,
            _ => 5,
        },
        "sap" => match late {
            ..=0 => 0,
            1..=20 => 1,
            21..=40 => 2,
            41..=80 => 3,
            81..=100 => 4,
            _ => 5,
        },
        other => panic!("the profile {other} has no borders here"),
    }
}

#[test]
fn every_profile_cuts_each_day_from_400_before_to_4000_after_as_its_source_does() {
    let facts = Facts {
        customers: vec![Customer { id: "A".into(), ..Customer::default() }],
        documents: vec![Document {
            id: "I".into(),
            customer: "A".into(),
            kind: "invoice".into(),
            currency: "EUR".into(),
            amount: money(100),
            document_date: day(-400).to_naive_date(),
            due_date: Some(day(0).to_naive_date()),
            ..Document::default()
        }],
        ..Facts::default()
    };
    let ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
    for name in names("aging").unwrap() {
        let policy = profile(name).unwrap();
        for late in -400..=4000 {
            let found = bucket_at(&|late| ledger.as_of(day(late)), &policy, late);
            assert_eq!(found, expected_bucket(name, late), "{name}, {late} days late");
        }
    }
}

/// The specification, day by day: how many edges an item is past.
fn edges_past(policy: &AgingPolicy, basis: Day, view: Day) -> usize {
    let months = |date: Day| i64::from(date.month_index());
    let past = |edge: &i32| {
        let edge = *edge;
        let inclusive = policy.edge_rule == EdgeRule::FromInclusive;
        let late = match policy.unit {
            Unit::Days => i64::from(view.days_since(basis)) - i64::from(edge),
            Unit::Weeks => i64::from(view.days_since(basis)) - 7 * i64::from(edge),
            Unit::CalendarMonths if edge == 0 => i64::from(view.days_since(basis)),
            Unit::CalendarMonths => months(view) - months(basis) - i64::from(edge),
            Unit::Months => match view.plus_months(-edge) {
                Some(back) => i64::from(back.days_since(basis)),
                None => return edge < 0,
            },
        };
        if inclusive { late >= 0 } else { late > 0 }
    };
    policy.edges.iter().filter(|edge| past(edge)).count()
}

// --- ledgers ----------------------------------------------------------------------------------------------------------------

#[derive(Debug, Clone)]
struct Item {
    customer: u8,
    currency: u8,
    kind: u8,
    minor: i64,
    dated: i32,
    /// Days from the document date; none without a due date.
    due: Option<i32>,
    region: u8,
    disputed: Option<i64>,
    held: bool,
}

fn item() -> impl Strategy<Value = Item> {
    let minor = prop_oneof![4 => 1_i64..200, 2 => Just(1_i64), 1 => 1_i64..1_000_000_000_000_i64];
    let due = prop_oneof![1 => Just(None), 4 => (-5_i32..100).prop_map(Some), 2 => Just(Some(30)), 1 => Just(Some(0))];
    let disputed = prop_oneof![5 => Just(None), 1 => (0_i64..300).prop_map(Some)];
    (0_u8..5, 0_u8..3, 0_u8..5, minor, -200_i32..1, due, 0_u8..3, disputed, prop::bool::weighted(0.1)).prop_map(
        |(customer, currency, kind, minor, dated, due, region, disputed, held)| Item {
            customer,
            currency,
            kind,
            minor,
            dated,
            due,
            region,
            disputed,
            held,
        },
    )
}

const KINDS: [&str; 5] = ["invoice", "invoice", "charge", "credit_note", "payment"];

fn facts(items: &[Item]) -> Facts {
    let mut facts = Facts::default();
    for customer in 0..5 {
        facts.customers.push(Customer {
            id: format!("C{customer}"),
            parent: (customer > 2).then(|| format!("C{}", customer - 3)),
            group: (customer % 2 == 0).then(|| String::from("even")),
            ..Customer::default()
        });
    }
    for (at, item) in items.iter().enumerate() {
        let sign = if item.kind > 2 { -1 } else { 1 };
        let mut dimensions = BTreeMap::new();
        if item.region > 0 {
            dimensions.insert(String::from("region"), format!("R{}", item.region));
        }
        facts.documents.push(Document {
            id: format!("D{at:04}"),
            customer: format!("C{}", item.customer),
            kind: KINDS[usize::from(item.kind)].into(),
            currency: ["EUR", "USD", "CHF"][usize::from(item.currency)].into(),
            amount: money(sign * item.minor),
            document_date: day(item.dated).to_naive_date(),
            due_date: item.due.map(|due| day(item.dated + due).to_naive_date()),
            dimensions,
            ..Document::default()
        });
        if let Some(disputed) = item.disputed {
            facts.disputes.push(Dispute {
                id: format!("Q{at}"),
                document: format!("D{at:04}"),
                reason: "x".into(),
                amount: (disputed > 0).then(|| money(disputed)),
                effective: day(item.dated).to_naive_date(),
                ..Dispute::default()
            });
        }
        if item.held {
            facts.holds.push(Hold {
                id: format!("H{at}"),
                document: Some(format!("D{at:04}")),
                reason: "x".into(),
                effective: day(item.dated).to_naive_date(),
                ..Hold::default()
            });
        }
    }
    facts
}

fn load(facts: &Facts) -> Ledger {
    Ledger::load(Settings::default(), &facts.tables()).unwrap()
}

fn policy() -> impl Strategy<Value = AgingPolicy> {
    let edges = prop_oneof![
        2 => Just(vec![0, 30, 60, 90]),
        1 => Just(vec![-1, 0, 7, 30]),
        1 => Just(vec![0]),
        2 => prop::collection::btree_set(-1_i32..120, 1..12).prop_map(|edges| edges.into_iter().collect()),
    ];
    let unit = prop_oneof![Just(Unit::Days), Just(Unit::Weeks), Just(Unit::Months), Just(Unit::CalendarMonths)];
    let basis = prop_oneof![Just(Basis::DueDate), Just(Basis::DocumentDate), Just(Basis::PostingDate)];
    let credits = prop_oneof![Just(Credits::OwnDate), Just(Credits::OnInvoice), Just(Credits::Apart)];
    (edges, unit, basis, credits, any::<[bool; 4]>()).prop_map(|(edges, unit, basis, credits, chosen)| {
        let shown = |apart| if apart { Shown::Apart } else { Shown::Included };
        AgingPolicy {
            unit,
            basis,
            credits,
            edge_rule: if chosen[0] { EdgeRule::FromInclusive } else { EdgeRule::UpToInclusive },
            missing_due_date: if chosen[1] { MissingDueDate::NotDue } else { MissingDueDate::DocumentDate },
            disputed: shown(chosen[2]),
            held: shown(chosen[3]),
            ..AgingPolicy::with_edges(&edges)
        }
    })
}

fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Decimal {
    amounts.into_iter().sum()
}

/// What stands in a table, without what depends on the other rows.
fn figures(row: &AgingRow) -> (Vec<String>, String, Vec<Decimal>, [Decimal; 4], u64, Option<String>) {
    let beside = [row.disputed, row.held, row.unapplied, row.pending];
    (row.by.clone(), row.currency.clone(), row.buckets.clone(), beside, row.items, row.average_age.clone())
}

fn report(view: &View, policy: &AgingPolicy, keys: &[&str]) -> AgingReport {
    view.aging(policy, &by(keys), &none()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases * 3 / 8, ..ProptestConfig::default() })]

    /// P8 and the law: each item is in one bucket, and buckets, rows, totals, lines and columns add up to what is open.
    #[test]
    fn buckets_part_what_is_open(items in prop::collection::vec(item(), 0..40), policy in policy(), later in 0_i32..150) {
        let view = load(&facts(&items)).as_of(day(later));
        let open = view.open_items();
        for keys in [&["customer"][..], &["kind", "currency"], &["top_parent", "dim_region"], &["document"], &[]] {
            if keys.contains(&"dim_region") && items.iter().all(|item| item.region == 0) {
                continue;
            }
            let report = report(&view, &policy, keys);
            let rows = report.rows();
            for row in rows.iter().chain(&report.totals()) {
                prop_assert_eq!(sum(row.buckets.iter().copied()), row.total);
            }
            prop_assert!(rows.iter().all(|row| row.items > 0));
            for total in report.totals() {
                let of_currency = || rows.iter().filter(|row| row.currency == total.currency);
                let of_items = || open.iter().filter(|item| item.currency == total.currency);
                prop_assert_eq!(sum(of_items().map(|item| item.open)), total.total);
                prop_assert_eq!(sum(of_currency().map(|row| row.total)), total.total);
                prop_assert_eq!(of_currency().map(|row| row.items).sum::<u64>(), total.items);
                prop_assert_eq!(total.items, u64::try_from(of_items().count()).unwrap());
                prop_assert_eq!(sum(of_items().map(|item| item.disputed)), total.disputed);
                prop_assert_eq!(sum(of_items().map(|item| item.held)), total.held);
            }
            let mut order: Vec<(Vec<String>, String)> =
                rows.iter().map(|row| (row.by.clone(), row.currency.clone())).collect();
            if !keys.contains(&"currency") {
                prop_assert!(order.is_sorted());
            }
            order.dedup();
            prop_assert_eq!(order.len(), rows.len());
            columns_agree(&report, &rows)?;
        }
    }

    /// The table, which compares days in bulk, and the lines, which run the rule item by item, agree with the specification.
    #[test]
    fn table_lines_and_specification_agree(items in prop::collection::vec(item(), 0..40), policy in policy(), later in 0_i32..150) {
        let view = load(&facts(&items)).as_of(day(later));
        let report = report(&view, &policy, &["document"]);
        let labels = report.labels();
        let special = labels.len() - policy.edges.len() - 1;
        let lines = report.items();
        prop_assert_eq!(lines.len(), view.open_items().len());
        let rows: BTreeMap<String, AgingRow> = report.rows().into_iter().map(|row| (row.by[0].clone(), row)).collect();
        for line in &lines {
            let row = &rows[&line.document];
            let past = line.basis_date.map_or(0, |basis| edges_past(&policy, basis.try_into().unwrap(), day(later)));
            let plain = &labels[special + past];
            let expected = match line.rule.as_str() {
                "aging.credits_apart" => "credits",
                "aging.on_hold" => "on hold",
                "aging.disputed" => "disputed",
                _ => plain.as_str(),
            };
            prop_assert_eq!(&line.bucket, expected);
            let aside = if policy.disputed == Shown::Apart && line.bucket == *plain { line.disputed } else { Decimal::ZERO };
            for (label, amount) in labels.iter().zip(&row.buckets) {
                let wanted = if *label == line.bucket {
                    line.open - aside
                } else if label == "disputed" {
                    aside
                } else {
                    Decimal::ZERO
                };
                prop_assert_eq!(*amount, wanted, "{} of {}", label, line.document);
            }
            let rule = if line.basis_date.is_none() { "aging.no_due_date" } else if past == 0 { "aging.not_due" } else { "aging.past_edge" };
            if line.bucket == *plain {
                prop_assert_eq!(&line.rule, rule);
            }
            if line.rule == "aging.not_due" || line.rule == "aging.past_edge" {
                prop_assert_eq!(line.past_edge, past.checked_sub(1).map(|at| policy.edges[at]));
                prop_assert_eq!(line.next_edge, policy.edges.get(past).copied());
            }
        }
    }

    /// P10: with nothing new, an item only ever moves to a later bucket.
    #[test]
    fn waiting_moves_an_item_to_later_buckets_only(
        items in prop::collection::vec(item(), 1..20), policy in policy(), step in 1_i32..60,
    ) {
        let policy = AgingPolicy { credits: Credits::OwnDate, disputed: Shown::Included, held: Shown::Included, ..policy };
        let view = load(&facts(&items)).as_of(day(0));
        let later = view.carried_to(day(step)).unwrap();
        let place = |view: &View| -> BTreeMap<String, usize> {
            let report = report(view, &policy, &["document"]);
            let at = |row: &AgingRow| row.buckets.iter().position(|amount| !amount.is_zero()).unwrap();
            report.rows().iter().map(|row| (row.by[0].clone(), at(row))).collect()
        };
        let (before, after) = (place(&view), place(&later));
        prop_assert!(before.iter().all(|(document, bucket)| *bucket <= after[document]));
    }

    /// P11: the order in which facts came changes nothing.
    #[test]
    fn the_order_of_facts_changes_nothing(
        items in prop::collection::vec(item(), 0..30), policy in policy(), keys in keys(), seed in any::<u64>(),
    ) {
        let original = facts(&items);
        let mut shuffled = original.clone();
        let mut seed = seed | 1;
        for at in (1..shuffled.documents.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.documents.swap(at, usize::try_from(seed >> 33).unwrap() % (at + 1));
        }
        shuffled.customers.reverse();
        let rows = |facts: &Facts| {
            let report = report(&load(facts).as_of(day(10)), &policy, &keys);
            (report.rows(), report.totals(), report.items())
        };
        prop_assert_eq!(rows(&original), rows(&shuffled));
    }

    /// Facts that came in two batches are aged as those that came in one.
    #[test]
    fn an_append_is_aged_as_one_load(
        items in prop::collection::vec(item(), 1..30), policy in policy(), keys in keys(), cut in 0_usize..30,
    ) {
        let whole = facts(&items);
        let mut first = whole.clone();
        let mut second = Facts { documents: first.documents.split_off(cut.min(items.len())), ..Facts::default() };
        let is_first = |document: &str| first.documents.iter().any(|held| held.id == document);
        (first.disputes, second.disputes) = whole.disputes.iter().cloned().partition(|fact| is_first(&fact.document));
        (first.holds, second.holds) =
            whole.holds.iter().cloned().partition(|fact| is_first(fact.document.as_deref().unwrap()));
        let appended = load(&first).append(&second.tables(), day(0)).unwrap();
        let rows = |ledger: &Ledger| {
            let report = report(&ledger.as_of(day(10)), &policy, &keys);
            (report.rows(), report.totals(), report.items())
        };
        prop_assert_eq!(rows(&load(&whole)), rows(&appended));
    }

    /// P12: a table is the sum of the tables of its parts.
    #[test]
    fn parts_add_up_to_the_whole(items in prop::collection::vec(item(), 0..40), policy in policy(), cut in 0_usize..40) {
        let whole = facts(&items);
        let part = |range: std::ops::Range<usize>| {
            let mut part = whole.clone();
            part.documents = whole.documents[range].to_vec();
            let held = |document: &str| part.documents.iter().any(|own| own.id == document);
            part.disputes.retain(|fact| held(&fact.document));
            part.holds.retain(|fact| held(fact.document.as_deref().unwrap()));
            part
        };
        let cut = cut.min(items.len());
        let cells = |facts: &Facts| -> BTreeMap<(Vec<String>, String, usize), Decimal> {
            let rows = report(&load(facts).as_of(day(0)), &policy, &["customer", "kind"]).rows();
            let cell = |row: &AgingRow, at: usize| ((row.by.clone(), row.currency.clone(), at), row.buckets[at]);
            rows.iter().flat_map(|row| (0..row.buckets.len()).map(|at| cell(row, at)).collect::<Vec<_>>()).collect()
        };
        let mut added = cells(&part(0..cut));
        for (cell, amount) in cells(&part(cut..items.len())) {
            *added.entry(cell).or_default() += amount;
        }
        prop_assert_eq!(added, cells(&whole));
    }

    /// More edges split buckets and move nothing across an edge that was there.
    #[test]
    fn finer_edges_refine(items in prop::collection::vec(item(), 0..30), policy in policy(), more in prop::collection::btree_set(-1_i32..150, 0..8)) {
        let edges: std::collections::BTreeSet<i32> = policy.edges.iter().copied().chain(more).collect();
        let fine = AgingPolicy { edges: edges.iter().copied().collect(), ..policy.clone() };
        let view = load(&facts(&items)).as_of(day(30));
        let (coarse, fine_report) = (report(&view, &policy, &["customer"]), report(&view, &fine, &["customer"]));
        let special = coarse.labels().len() - policy.edges.len() - 1;
        for (row, fine_row) in coarse.rows().iter().zip(fine_report.rows()) {
            let mut joined = vec![Decimal::ZERO; row.buckets.len()];
            for (at, amount) in fine_row.buckets.iter().enumerate() {
                let place = match at.checked_sub(special) {
                    None => at,
                    Some(0) => special,
                    Some(plain) => special + policy.edges.iter().filter(|edge| **edge <= fine.edges[plain - 1]).count(),
                };
                joined[place] += *amount;
            }
            prop_assert_eq!(&joined, &row.buckets);
        }
    }

    /// All amounts times k are all figures times k; shares and ages stay.
    #[test]
    fn figures_scale_with_amounts(items in prop::collection::vec(item(), 0..30), policy in policy(), times in 2_i64..50) {
        let scaled: Vec<Item> = items
            .iter()
            .map(|item| Item { minor: item.minor * times, disputed: item.disputed.map(|part| part * times), ..item.clone() })
            .collect();
        let rows = |items: &[Item]| report(&load(&facts(items)).as_of(day(5)), &policy, &["group"]).rows();
        for (row, large) in rows(&items).iter().zip(rows(&scaled)) {
            let grown: Vec<Decimal> = row.buckets.iter().map(|amount| amount * Decimal::from(times)).collect();
            prop_assert_eq!(&grown, &large.buckets);
            prop_assert_eq!((&row.share, &row.average_age), (&large.share, &large.average_age));
            prop_assert_eq!(row.disputed * Decimal::from(times), large.disputed);
        }
    }

    /// A document that is settled, or of zero, leaves no trace.
    #[test]
    fn what_is_settled_changes_nothing(items in prop::collection::vec(item(), 0..20), policy in policy(), minor in 1_i64..500) {
        let before = facts(&items);
        let mut after = before.clone();
        let extra = |id: &str, kind: &str, minor: i64| Document {
            id: id.into(),
            customer: "C1".into(),
            kind: kind.into(),
            currency: "EUR".into(),
            amount: money(minor),
            document_date: day(-300).to_naive_date(),
            ..Document::default()
        };
        after.documents.push(extra("ZI", "invoice", minor));
        after.documents.push(extra("ZP", "payment", -minor));
        after.documents.push(extra("ZZ", "invoice", 0));
        after.allocations.push(Allocation {
            id: "a".into(),
            credit: "ZP".into(),
            debit: "ZI".into(),
            amount: money(minor),
            ..Allocation::default()
        });
        let rows = |facts: &Facts| report(&load(facts).as_of(day(0)), &policy, &["customer"]).rows();
        prop_assert_eq!(rows(&before), rows(&after));
    }

    /// A filter takes whole rows of the grouping by its key.
    #[test]
    fn a_filter_takes_rows_and_changes_none(items in prop::collection::vec(item(), 1..30), policy in policy(), key in key(), pick in 0_usize..20) {
        let view = load(&facts(&items)).as_of(day(20));
        let all = report(&view, &policy, &[key]).rows();
        prop_assume!(!all.is_empty());
        let value = if key == "currency" { all[pick % all.len()].currency.clone() } else { all[pick % all.len()].by[0].clone() };
        let filter: Where = [(key.to_owned(), vec![value.clone()])].into();
        let some = view.aging(&policy, &by(&[key]), &filter).unwrap().rows();
        let is_value = |row: &&AgingRow| if key == "currency" { row.currency == value } else { row.by[0] == value };
        let expected: Vec<_> = all.iter().filter(is_value).map(figures).collect();
        prop_assert_eq!(some.iter().map(figures).collect::<Vec<_>>(), expected);
    }

    /// Columns of the policy are sums of its buckets.
    #[test]
    fn columns_are_sums_of_buckets(items in prop::collection::vec(item(), 0..30), policy in policy(), ends in prop::collection::vec((0_u32..12, 0_u32..12), 1..6)) {
        let last = u32::try_from(policy.edges.len()).unwrap();
        let columns: Vec<BucketColumn> = ends
            .into_iter()
            .map(|(a, b)| BucketColumn { label: "c".into(), from: a.min(b).min(last), to: a.max(b).min(last) })
            .collect();
        let policy = AgingPolicy { columns, ..policy };
        let report = report(&load(&facts(&items)).as_of(day(0)), &policy, &["customer"]);
        let special = report.labels().len() - policy.edges.len() - 1;
        for row in report.rows() {
            for (column, amount) in policy.columns.iter().zip(row.columns.unwrap()) {
                let range = special + usize::try_from(column.from).unwrap()..=special + usize::try_from(column.to).unwrap();
                prop_assert_eq!(sum(row.buckets[range].iter().copied()), amount);
            }
        }
    }

    /// The fold: pushing in one run or in many, and merging in any grouping, give one table; also past 64 bits.
    #[test]
    fn a_fold_merges_exactly(
        items in prop::collection::vec((0_u32..5, 0_u32..4, prop_oneof![-50_i64..50, Just(i64::MAX), Just(-i64::MAX)]), 0..60),
        cut in 0_usize..60,
    ) {
        let fold = |items: &[(u32, u32, i64)], run: usize| {
            let mut fold = AgingFold::new(4, 4);
            for chunk in items.chunks(run) {
                let column = |of: fn(&(u32, u32, i64)) -> u32| chunk.iter().map(of).collect::<Vec<_>>();
                let minor: Vec<i64> = chunk.iter().map(|item| item.2).collect();
                fold.push(&column(|item| item.0), &column(|item| item.1), &minor);
            }
            fold
        };
        let (left, right) = items.split_at(cut.min(items.len()));
        let mut merged = fold(left, 7);
        merged.merge(&fold(right, 60)).unwrap();
        let whole = fold(&items, 60);
        for group in 0..5_u32 {
            for bucket in 0..4_u32 {
                let here = || items.iter().filter(|item| (item.0, item.1) == (group, bucket) && group < 4);
                let sum: i128 = here().map(|item| i128::from(item.2)).sum();
                prop_assert_eq!((whole.sum(group, bucket), merged.sum(group, bucket)), (sum, sum));
                let count = u32::try_from(here().count()).unwrap();
                prop_assert_eq!((whole.count(group, bucket), merged.count(group, bucket)), (count, count));
            }
        }
        prop_assert!(merged.merge(&AgingFold::new(3, 4)).is_err());
    }
}

fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["customer", "parent", "top_parent", "group", "kind", "document", "currency", "company"])
}

fn keys() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(vec!["currency", "top_parent", "customer", "group", "kind"], 0..4)
}

/// The columns hold what the rows say.
fn columns_agree(report: &AgingReport, rows: &[AgingRow]) -> Result<(), TestCaseError> {
    let money = |sum: Option<i128>, digits: u8| Decimal::from_i128_with_scale(sum.unwrap(), u32::from(digits));
    let wide = report.wide();
    prop_assert_eq!(wide.count.len(), rows.len());
    for (at, row) in rows.iter().enumerate() {
        let number = wide.currency.value[at];
        prop_assert_eq!(wide.currency.dictionary.text(number), &row.currency);
        let digits = wide.digits[usize::try_from(number).unwrap()];
        for (key, value) in wide.keys.iter().zip(&row.by) {
            prop_assert_eq!(key.dictionary.text(key.value[at]), value);
        }
        for (bucket, amount) in wide.buckets.iter().zip(&row.buckets) {
            prop_assert_eq!(money(bucket.get(at), digits), *amount);
        }
        prop_assert_eq!(u64::from(wide.count[at]), row.items);
    }
    let long = report.long();
    let mut cells: Vec<_> = (0..long.bucket.len())
        .map(|at| {
            let number = long.currency.value[at];
            let digits = long.digits[usize::try_from(number).unwrap()];
            let by: Vec<&str> = long.keys.iter().map(|key| key.dictionary.text(key.value[at])).collect();
            (by, long.currency.dictionary.text(number), u32::from(long.bucket[at]), money(long.amount.get(at), digits))
        })
        .filter(|(_, _, _, amount)| !amount.is_zero())
        .collect();
    let mut expected = Vec::new();
    for row in rows {
        for (bucket, amount) in (0_u32..).zip(&row.buckets).filter(|(_, amount)| !amount.is_zero()) {
            expected.push((
                row.by.iter().map(String::as_str).collect::<Vec<_>>(),
                row.currency.as_str(),
                bucket,
                *amount,
            ));
        }
    }
    // Rows come in the order of their groups; the buckets of one in any.
    prop_assert!(cells.iter().map(|cell| (&cell.0, cell.1)).eq(expected.iter().map(|cell| (&cell.0, cell.1))));
    cells.sort();
    expected.sort();
    prop_assert_eq!(cells, expected);
    let items: u64 = rows.iter().map(|row| row.items).sum();
    prop_assert_eq!(long.count.iter().map(|count| u64::from(*count)).sum::<u64>(), items);
    Ok(())
}

#[test]
fn months_agree_with_the_specification_at_both_ends_of_the_calendar() {
    for unit in [Unit::Days, Unit::Weeks, Unit::Months, Unit::CalendarMonths] {
        for rule in [EdgeRule::UpToInclusive, EdgeRule::FromInclusive] {
            let edges = [-1, 0, 1, 12, 100_000, 120_000, i32::MAX];
            let policy = AgingPolicy { unit, edge_rule: rule, ..AgingPolicy::with_edges(&edges) };
            for (due, view) in [
                ("0001-01-01", "0001-01-01"),
                ("0001-01-01", "0001-02-01"),
                ("0001-01-01", "9999-12-31"),
                ("9999-12-31", "9999-12-31"),
                ("9999-11-30", "9999-12-30"),
                ("9999-12-31", "0001-01-01"),
            ] {
                let text = format!(
                    r#"{{ "customers": [{{ "id": "A" }}], "documents": [{{ "id": "I", "customer": "A", "kind": "invoice",
                    "currency": "EUR", "amount": "1.00", "document_date": "0001-01-01", "due_date": "{due}" }}] }}"#
                );
                let ledger = Ledger::load(Settings::default(), &JsonFacts::parse(&text).unwrap().tables()).unwrap();
                let (due, view) = (Day::parse(due).unwrap(), Day::parse(view).unwrap());
                let found = bucket_at(&|_| ledger.as_of(view), &policy, 0);
                assert_eq!(found, edges_past(&policy, due, view), "{unit:?} {rule:?} {due} {view}");
            }
        }
    }
}
