//! Key figures: constant sales are counted back exactly, groups make up the whole, and a change re-adds from its parts.
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

use ar_core::aging::Where;
use ar_core::calendar::Day;
use ar_core::facade::kpi_policy;
use ar_core::kpi::{Additive, Kpi, KpiPolicy, KpiRow, KpiValue, kpi_registry};
use ar_core::ledger::fact::{Allocation, Customer, Document, Facts};
use ar_core::ledger::settings::Settings;
use ar_core::ledger::{Ledger, View};
use common::{day, world};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn cases(parts: u32) -> ProptestConfig {
    ProptestConfig { cases: ProptestConfig::default().cases / parts, ..ProptestConfig::default() }
}

fn policy(text: &str) -> KpiPolicy {
    kpi_policy(text).unwrap()
}

fn rows(view: &View, policy: &KpiPolicy, by: &[&str]) -> Vec<KpiRow> {
    let by: Vec<String> = by.iter().map(|key| (*key).to_owned()).collect();
    view.kpis(policy, &by, &Where::new()).unwrap().rows()
}

fn of(row: &KpiRow, kpi: Kpi) -> &KpiValue {
    row.values.iter().find(|value| value.kpi == kpi.name()).unwrap()
}

/// Numerator and denominator.
fn ratio(value: &KpiValue) -> Option<(i128, i128)> {
    Some((value.numerator.as_ref()?.parse().unwrap(), value.denominator.as_ref()?.parse().unwrap()))
}

/// Figures that no world of ours can make too large.
const PLAIN: &str = r#"{ "months": 1, "at_risk_days": 0, "kpis": ["dso_simple", "dso_best_possible", "average_days_delinquent",
    "dso_rolling", "cei", "cei_monthly_average", "ar_turnover", "days_to_pay", "days_late", "percent_current", "percent_past_due",
    "at_risk_cash", "bad_debt_ratio", "unapplied_share", "discount_taken", "payment_terms_days", "dso_true"] }"#;

/// A month's invoices of the same amount, and a payment that leaves so much of them open.
fn constant(months: i32, sales: i64, open: i64) -> Ledger {
    let invoice = |back: i32| Document {
        id: format!("I{back:03}"),
        customer: String::from("C"),
        kind: String::from("invoice"),
        currency: String::from("EUR"),
        amount: Decimal::new(sales, 2),
        document_date: Day::parse("2026-06-15").unwrap().plus_months(-back).unwrap().to_naive_date(),
        ..Document::default()
    };
    let mut facts = Facts {
        customers: vec![Customer { id: String::from("C"), ..Customer::default() }],
        documents: (0..months).map(invoice).collect(),
        ..Facts::default()
    };
    let mut paid = sales * i64::from(months) - open;
    for back in (0..months).rev() {
        let part = paid.min(sales);
        paid -= part;
        if part > 0 {
            let id = format!("P{back}");
            let paid = Document { kind: String::from("payment"), amount: Decimal::new(-part, 2), ..invoice(0) };
            facts.documents.push(Document { id: id.clone(), ..paid });
            facts.allocations.push(Allocation {
                id: format!("A{back}"),
                credit: id,
                debit: format!("I{back:03}"),
                amount: Decimal::new(part, 2),
                ..Allocation::default()
            });
        }
    }
    Ledger::load(Settings::default(), &facts.tables()).unwrap()
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn countback_of_constant_sales_is_exact(months in 1_i32..14, sales in 1_i64..1_000_000, part in 0_u32..=1000, thirty: bool) {
        let open = i64::try_from(i128::from(sales) * i128::from(months) * i128::from(part) / 1000).unwrap();
        let view = constant(months, sales, open).as_of(Day::parse("2026-06-30").unwrap());
        let days = if thirty { "thirty" } else { "calendar" };
        let policy = policy(&format!(r#"{{ "kpis": ["dso_countback", "dso_simple"], "days": "{days}", "months": {months} }}"#));
        let row = &rows(&view, &policy, &[])[0];
        let (numerator, denominator) = ratio(of(row, Kpi::DsoCountback)).unwrap();
        // Whole months, then the part of the next.
        let (whole, rest) = (open / sales, open % sales);
        let mut expected = 0_i128;
        let mut end = Day::parse("2026-06-30").unwrap();
        for at in 0..=whole {
            let before = end.plus_months(-1).unwrap().end_of_month();
            let length = if thirty { 30 } else { i128::from(end.days_since(before)) };
            expected += if at < whole { length * i128::from(sales) } else { length * i128::from(rest) };
            end = before;
        }
        prop_assert_eq!(numerator * i128::from(sales), expected * denominator);
        if thirty {
            // Constant sales: counted back or divided, it is the same.
            let (simple, under) = ratio(of(row, Kpi::DsoSimple)).unwrap();
            prop_assert_eq!(numerator * under, simple * denominator);
        }
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn dso_is_at_least_the_best_possible_where_net_overdue_is_not_below_zero(world in world(40)) {
        for number in world.days().step_by(11) {
            for row in rows(&world.ledger().as_of(day(number)), &policy(PLAIN), &["customer"]) {
                let [simple, best, late] =
                    [Kpi::DsoSimple, Kpi::DsoBestPossible, Kpi::AverageDaysDelinquent].map(|kpi| ratio(of(&row, kpi)));
                let (Some(simple), Some(best), Some(late)) = (simple, best, late) else { continue };
                prop_assert_eq!((simple.1, simple.1), (best.1, late.1));
                prop_assert_eq!(simple.0, best.0 + late.0);
                prop_assert_eq!(simple.0 >= best.0, late.0 >= 0);
            }
        }
    }

    #[test]
    fn groups_make_up_the_whole_where_a_figure_says_so(world in world(40)) {
        let policy = policy(PLAIN);
        for number in world.days().step_by(17) {
            let view = world.ledger().as_of(day(number));
            let whole = rows(&view, &policy, &[]);
            for by in [&["customer"][..], &["group"], &["document"], &["kind", "customer"]] {
                let parts = rows(&view, &policy, by);
                let totals = view.kpis(&policy, &by.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), &Where::new());
                prop_assert_eq!(&totals.unwrap().totals().unwrap().rows(), &whole);
                for (row, kpi) in whole.iter().flat_map(|row| policy.kpis.iter().map(move |kpi| (row, *kpi))) {
                    let own: Vec<&KpiValue> =
                        parts.iter().filter(|part| part.currency == row.currency).map(|part| of(part, kpi)).collect();
                    match kpi.additive() {
                        Additive::Value => {
                            let sum: i128 = own.iter().map(|value| ratio(value).unwrap().0).sum();
                            prop_assert_eq!(ratio(of(row, kpi)).unwrap().0, sum);
                        }
                        Additive::Ratio if own.iter().all(|value| value.value.is_some()) => {
                            let sum = own.iter().filter_map(|value| ratio(value)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                            prop_assert_eq!(ratio(of(row, kpi)).unwrap(), sum, "{:?} by {:?}", kpi, by);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    #[test]
    fn figures_by_account_are_those_of_groups_of_one_account(world in world(40)) {
        let policy = policy(PLAIN);
        let everybody = Where::from([(String::from("customer"), ["C0", "C1", "C2"].map(str::to_owned).to_vec())]);
        for number in world.days().step_by(13) {
            let view = world.ledger().as_of(day(number));
            let by = ["customer"].map(str::to_owned);
            let filtered = view.kpis(&policy, &by, &everybody).unwrap().rows();
            prop_assert_eq!(rows(&view, &policy, &["customer"]), filtered);
        }
    }

    #[test]
    fn ends_taken_back_from_what_is_open_are_those_summed_up_from_what_moved(world in world(40), months in 1_u32..7) {
        let policy = KpiPolicy { months, ..policy(PLAIN) };
        for (at, ledger) in world.ledgers.iter().enumerate().step_by(5) {
            let documents = world.batches[..=at].iter().flat_map(|(_, facts)| &facts.documents);
            let kinds: BTreeSet<String> = documents.map(|document| document.kind.clone()).collect();
            // Documents of any kind are all, but no longer told apart by their accounts alone.
            let any_kind = Where::from([(String::from("kind"), kinds.into_iter().collect())]);
            for number in world.days().step_by(13) {
                for view in [ledger.as_of(day(number)), ledger.as_of_known(day(number), day(number - 5))] {
                    let long = view.kpis(&policy, &["customer".to_owned()], &any_kind).unwrap().rows();
                    prop_assert_eq!(rows(&view, &policy, &["customer"]), long);
                }
            }
        }
    }

    #[test]
    fn what_moved_is_what_is_open(world in world(40)) {
        // Over one month the mean of its ends is what is open, which the one pass sums from items, the other from movements.
        for number in world.days().step_by(7) {
            for row in rows(&world.ledger().as_of(day(number)), &policy(PLAIN), &["document"]) {
                prop_assert_eq!(ratio(of(&row, Kpi::DsoRolling)), ratio(of(&row, Kpi::DsoSimple)));
            }
        }
    }

    #[test]
    fn figures_of_a_day_do_not_change_with_what_is_learnt_later(world in world(30)) {
        let policy = policy(PLAIN);
        for ((recorded, _), ledger) in world.batches.iter().zip(&world.ledgers).step_by(3) {
            let then = rows(&ledger.as_of(day(*recorded)), &policy, &["customer"]);
            let now = rows(&world.ledger().as_of_known(day(*recorded), day(*recorded)), &policy, &["customer"]);
            prop_assert_eq!(then, now);
        }
    }

    #[test]
    fn a_series_is_the_figures_of_each_end(world in world(30), months in 2_u32..5) {
        let last = world.batches.last().unwrap().0 + 60;
        let series = KpiPolicy { series_months: months, ..policy(PLAIN) };
        let all = rows(&world.ledger().as_of(day(last)), &series, &["customer"]);
        let mut alone = Vec::new();
        for back in (0..months).rev() {
            let mut end = day(last).plus_months(-i32::try_from(back).unwrap()).unwrap();
            if day(last) == day(last).end_of_month() {
                end = end.end_of_month();
            }
            alone.extend(rows(&world.ledger().as_of(end), &policy(PLAIN), &["customer"]));
        }
        prop_assert_eq!(all, alone);
    }

    #[test]
    fn a_change_re_adds_from_its_parts(world in world(40), gap in 1_i32..40) {
        let policy = KpiPolicy { kpis: vec![Kpi::DsoSimple], ..policy(PLAIN) };
        for number in world.days().step_by(19) {
            let (before, now) = (world.ledger().as_of(day(number)), world.ledger().as_of(day(number + gap)));
            // Worlds have amounts that a product of two sums of sales cannot hold.
            let Ok(change) = now.explain_dso(&before, &policy, &["customer".to_owned()], &Where::new()) else { continue };
            let number = |text: &Option<String>| text.as_ref().map(|text| text.parse::<i128>().unwrap());
            let mut sums: BTreeMap<&str, [i128; 3]> = BTreeMap::new();
            for row in &change.rows {
                let Some(mix) = number(&row.mix_numerator) else { continue };
                let parts = [mix, number(&row.terms_numerator).unwrap(), number(&row.delay_numerator).unwrap()];
                let held = sums.entry(row.currency.as_str()).or_default();
                held.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            }
            let dso = |view: &View| -> BTreeMap<String, (i128, i128)> {
                let all = rows(view, &policy, &[]);
                all.iter().filter_map(|row| Some((row.currency.clone(), ratio(of(row, Kpi::DsoSimple))?))).collect()
            };
            let (was, is) = (dso(&before), dso(&now));
            for total in &change.totals {
                let Some(mix) = number(&total.mix_numerator) else { continue };
                let parts = [mix, number(&total.terms_numerator).unwrap(), number(&total.delay_numerator).unwrap()];
                // The rows make up the total, and the parts the change, exactly.
                prop_assert_eq!(&sums[total.currency.as_str()], &parts);
                let (was, is) = (was[&total.currency], is[&total.currency]);
                // A product may be beyond 128 bits, the difference is not.
                let change = is.0.wrapping_mul(was.1).wrapping_sub(was.0.wrapping_mul(is.1));
                prop_assert_eq!(parts.iter().sum::<i128>(), change);
                prop_assert_eq!(number(&total.denominator).unwrap(), was.1 * is.1);
                // So do the figures as they are shown.
                let shown = |text: &Option<String>| text.as_ref().unwrap().parse::<Decimal>().unwrap();
                prop_assert_eq!(shown(&total.change), shown(&total.mix) + shown(&total.terms) + shown(&total.delay));
            }
        }
    }
}

#[test]
fn no_figure_comes_without_its_definition() {
    let all = kpi_registry();
    assert_eq!(
        all.iter().map(|one| one.id).collect::<Vec<_>>(),
        Kpi::ALL.iter().map(|kpi| kpi.name()).collect::<Vec<_>>()
    );
    for one in all {
        for text in [one.formula, one.window, one.convention, one.unit, one.additive, one.source] {
            assert!(!text.is_empty(), "{}", one.id);
        }
    }
}

#[test]
fn a_figure_that_does_not_add_up_says_so() {
    for kpi in [Kpi::DsoCountback, Kpi::ExtendedDso, Kpi::ConcentrationTop, Kpi::ConcentrationHerfindahl] {
        assert_eq!(kpi.additive(), Additive::No);
    }
}
