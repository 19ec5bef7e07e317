//! Provision: pools and what is judged by itself are the aging, journals balance, rates are parts, and history loses nothing.
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

use std::collections::BTreeMap;

use ar_core::aging::{Where, age};
use ar_core::facade::{provided_before, provision_policy};
use ar_core::provision::{
    BackTestQuestion, LossMethod, LossRatePolicy, ProvisionPolicy, ProvisionQuestion, ProvisionReport,
};
use common::{World, date, day, world};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

const CREDITS: [&str; 3] = ["excluded", "in_bucket", "against_oldest"];
const DISPUTED: [&str; 3] = ["in_bucket", "excluded", "own_rate"];

/// Rising rates in per mille, so that older is never cheaper.
fn policy(credits: &str, disputed: &str, specific: bool, pools: &[&str]) -> ProvisionPolicy {
    let mut policy = json!({
        "aging": { "edges": [0, 10, 30] }, "pools": pools, "credits": credits, "disputed": disputed,
        "matrices": [{ "rates": ["0.003", "1/7", "0.5", "0.9"], "overlay": { "factors": ["1.2"], "reason": "a test" } }],
    });
    if disputed == "own_rate" {
        policy["disputed_rate"] = json!("0.25");
    }
    if specific {
        policy["specific"] = json!([{ "customer": "C1", "rate": "1/3", "reason": "a test" }]);
    }
    provision_policy(&policy.to_string()).unwrap()
}

fn knows(world: &World, customer: &str) -> bool {
    world.all().customers.iter().any(|known| known.id == customer)
}

/// What is open in a row is what is open in its items, and its base what they add, down to zero.
fn items_add_up(report: &ProvisionReport) {
    for row in &report.rows {
        let question = ProvisionQuestion {
            pool: Some(row.pool.clone()),
            currency: Some(row.currency.clone()),
            bucket: Some(row.bucket.clone()),
            ..ProvisionQuestion::default()
        };
        let items = report.explain(&question).unwrap();
        let pooled: Vec<_> = items.iter().filter(|item| item.rule != "provision.specific").collect();
        let sum = |part: fn(&ar_core::provision::ProvisionItem) -> Decimal| {
            pooled.iter().map(|item| part(item)).sum::<Decimal>()
        };
        assert_eq!(row.open, sum(|item| item.open));
        assert_eq!(row.disputed, sum(|item| item.disputed));
        let base = sum(|item| item.base);
        assert!(row.base == base || (row.base.is_zero() && base < Decimal::ZERO), "{row:?} from {base}");
        for item in pooled.iter().filter(|item| item.rule == "provision.matrix") {
            assert_eq!(item.applied.as_ref(), Some(&row.applied));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn pools_and_specific_items_are_the_aging_and_the_journal_balances(
        world in world(30), on in 0_i32..60, credits in 0_usize..3, disputed in 0_usize..3, specific: bool, by_customer: bool,
    ) {
        let pools: &[&str] = if by_customer { &["customer"] } else { &[] };
        let policy = policy(CREDITS[credits], DISPUTED[disputed], specific && knows(&world, "C1"), pools);
        let view = world.ledger().as_of(day(on));
        let before = provided_before(r#"[{ "currency": "EUR", "amount": "50.00" }]"#).unwrap();
        let report = view.provision(&policy, &before).unwrap();

        let aging = age(&view, &policy.aging, &[], &Where::new()).unwrap();
        for total in aging.totals().iter().filter(|total| total.items > 0) {
            let own = report.totals.iter().find(|own| own.currency == total.currency).unwrap();
            prop_assert_eq!((own.open, own.items), (total.total, total.items));
            let pooled: Decimal = report.pools.iter().filter(|pool| pool.currency == own.currency).map(|pool| pool.open).sum();
            prop_assert_eq!(pooled + own.specific_open, total.total);
        }
        for pool in &report.pools {
            let rows: Vec<_> = report.rows.iter().filter(|row| (&row.pool, &row.currency) == (&pool.pool, &pool.currency)).collect();
            prop_assert_eq!(pool.provision, rows.iter().map(|row| row.provision).sum::<Decimal>());
            prop_assert_eq!(pool.base, rows.iter().map(|row| row.base).sum::<Decimal>());
            // Rounded bucket by bucket, it is off by at most half a unit a product.
            let off = (pool.provision - pool.rounded_once.unwrap()).abs();
            prop_assert!(off <= Decimal::new(2 * i64::try_from(rows.len()).unwrap(), pool.provision.scale()));
        }
        for row in &report.rows {
            prop_assert!(row.base >= Decimal::ZERO && row.provision <= row.base + row.disputed);
            prop_assert_eq!(row.base, row.open - row.credits - row.disputed - row.taken);
        }
        let mut booked: BTreeMap<&str, Decimal> = BTreeMap::new();
        for line in &report.journal {
            *booked.entry(&line.currency).or_default() += line.debit - line.credit;
        }
        prop_assert!(booked.values().all(Decimal::is_zero));
        for total in &report.totals {
            prop_assert_eq!(total.provision, total.pooled + total.specific);
            prop_assert_eq!(total.movement, total.provision - total.before);
            let allowance: Decimal = report.journal.iter()
                .filter(|line| line.currency == total.currency && line.account == "loss allowance")
                .map(|line| line.credit - line.debit).sum();
            prop_assert_eq!(allowance, total.movement);
        }
        items_add_up(&report);
    }

    #[test]
    fn groups_add_up_to_the_whole_but_for_the_rounding_of_each(world in world(25), on in 0_i32..60) {
        let whole = policy("excluded", "in_bucket", false, &[]);
        let parts = policy("excluded", "in_bucket", false, &["customer"]);
        let view = world.ledger().as_of(day(on));
        let (one, many) = (view.provision(&whole, &[]).unwrap(), view.provision(&parts, &[]).unwrap());
        for row in &one.rows {
            let own: Vec<_> = many.rows.iter().filter(|own| (&own.currency, &own.bucket) == (&row.currency, &row.bucket)).collect();
            prop_assert_eq!(row.base, own.iter().map(|own| own.base).sum::<Decimal>());
            prop_assert_eq!(row.open, own.iter().map(|own| own.open).sum::<Decimal>());
            let off = (row.provision - own.iter().map(|own| own.provision).sum::<Decimal>()).abs();
            prop_assert!(off <= Decimal::new(i64::try_from(own.len()).unwrap() + 1, 2));
        }
    }

    #[test]
    fn with_rising_rates_what_is_older_is_never_cheaper(world in world(25), on in 0_i32..40, later in 1_i32..40) {
        // The same items, only older: a view that is carried on.
        let policy = policy("excluded", "in_bucket", false, &[]);
        let view = world.ledger().as_of(day(on));
        let (now, then) = (view.provision(&policy, &[]).unwrap(), view.carried_to(day(on + later)).unwrap().provision(&policy, &[]).unwrap());
        for pool in &now.pools {
            let old = then.pools.iter().find(|old| old.currency == pool.currency).unwrap();
            prop_assert_eq!(old.base, pool.base);
            prop_assert!(old.rounded_once.unwrap() >= pool.rounded_once.unwrap());
        }
    }

    #[test]
    fn rates_of_history_are_parts_and_every_minor_unit_goes_to_one_place(
        world in world(40), until in 5_i32..80, step in 1_u32..20, cohort: bool,
    ) {
        let mut policy: LossRatePolicy = serde_json::from_value(json!({
            "aging": { "edges": [0, 10, 30] }, "from": day(-12), "step": "days", "step_days": step,
            "loss_kinds": ["write_off", "discount", "tolerance", "residual", "other"],
        })).unwrap();
        policy.method = if cohort { LossMethod::Cohort } else { LossMethod::RollRates };
        let rates = world.ledger().as_of(day(until)).loss_rates(&policy).unwrap();
        for row in &rates.rows {
            prop_assert!(row.lost <= row.reached && row.lost >= Decimal::ZERO, "{row:?}");
            prop_assert_eq!(row.rate.is_some(), matches!(row.outcome.as_str(), "derived" | "given"));
            if !cohort {
                let gone = rates.moves.iter().filter(|cell| (&cell.pool, &cell.currency, &cell.from) == (&row.pool, &row.currency, &row.bucket));
                prop_assert_eq!(row.reached, gone.map(|cell| cell.amount).sum::<Decimal>());
            }
        }
        // What was found is what a provision takes.
        for matrix in &rates.matrices {
            let text = json!({ "aging": { "edges": [0, 10, 30] }, "matrices": [{ "rates": matrix.rates }] }).to_string();
            prop_assert!(provision_policy(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_back_test_follows_all_that_was_owed(world in world(40), then in 0_i32..40, later in 1_i32..40, specific: bool) {
        let policy = policy("excluded", "in_bucket", specific && knows(&world, "C1"), &["customer"]);
        let ledger = world.ledger();
        let (before, now) = (ledger.as_of(day(then)), ledger.as_of(day(then + later)));
        let report = before.provision(&policy, &[]).unwrap();
        let test = now.back_test(&before, &policy, &BackTestQuestion::default()).unwrap();
        for (row, own) in report.rows.iter().zip(&test.rows) {
            prop_assert_eq!((own.owed, own.provided), (row.open - row.credits, row.provision));
        }
        for row in test.rows.iter().chain(&test.totals) {
            prop_assert_eq!(row.owed, row.settled + row.written_off + row.still_open);
            prop_assert_eq!(row.difference, row.provided - row.lost);
        }
        let sum = |part: fn(&ar_core::provision::BackTestRow) -> Decimal, rows: &[ar_core::provision::BackTestRow]| rows.iter().map(part).sum::<Decimal>();
        prop_assert_eq!(sum(|row| row.lost, &test.rows), sum(|row| row.lost, &test.totals));
        prop_assert_eq!((test.then, test.until), (date(then), date(then + later)));
    }
}

#[test]
fn an_empty_ledger_has_nothing_to_provide_for() {
    let ledger = ar_core::ledger::Ledger::load(Default::default(), &ar_core::facade::Tables::default()).unwrap();
    let policy = policy("excluded", "in_bucket", false, &[]);
    let report = ledger.as_of(day(0)).provision(&policy, &[]).unwrap();
    assert!(report.rows.is_empty() && report.totals.is_empty() && report.journal.is_empty());
    assert_eq!(report.labels, ["not due", "1-10", "11-30", "over 30"]);
}
