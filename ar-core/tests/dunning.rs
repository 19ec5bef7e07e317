//! Dunning: nobody is forgotten, nobody is reminded twice, and what does not matter changes nothing.
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

use ar_core::dunning::{
    AfterLast, ChannelOf, ChargeUse, ChargedInterest, CountFrom, CountedDays, CreditUse, DunningBasis, DunningEdge,
    DunningPolicy, DunningRun, DunningUnit, Escalation, FeeInCurrency, FeePolicy, FeeTier, Grace, InFlight,
    IntervalPer, Level, MinimumCredits, MinimumOf, MoneyLimit, NoticePer, Procedure, RelatedCharges, Respect,
    Unchanged,
};
use ar_core::interest::{DatedRate, InterestPolicy};
use ar_core::ledger::fact::{
    Closing, Customer, CustomerChange, Facts, Hold, Instalment, Notice, NoticeLine, Plan, Promise, Requirement,
};
use ar_core::ledger::{Ledger, View};
use ar_core::money::Exact;
use common::{World, date, day, world};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// What makes a policy: everything that a world of one or two currencies can meet.
fn policies() -> impl Strategy<Value = DunningPolicy> {
    let rules = (
        prop::sample::select(Escalation::ALL),
        prop::sample::select(DunningEdge::ALL),
        prop::sample::select(Grace::ALL),
        prop::sample::select(AfterLast::ALL),
        prop::sample::select(Unchanged::ALL),
        0_u32..8,
        0_u32..6,
        prop::option::weighted(0.2, 0_i32..20),
        prop::option::weighted(0.2, 1_u32..4),
    );
    let scope = (
        prop::sample::select(DunningUnit::ALL),
        prop::sample::select(NoticePer::ALL),
        prop::sample::select(DunningBasis::ALL),
        prop::sample::select(CreditUse::ALL),
        prop::sample::select(CreditUse::ALL),
        prop::sample::select(InFlight::ALL),
        prop::sample::select(Respect::ALL),
    );
    let levels =
        prop::collection::vec((0_i32..15, prop::sample::select(CountFrom::ALL), any::<bool>(), 0_i128..40), 1..4);
    let costs = (any::<bool>(), any::<bool>(), prop::option::weighted(0.3, 0_i128..100));
    let kinds = (
        prop::sample::select(MinimumOf::ALL),
        prop::sample::select(MinimumCredits::ALL),
        prop::sample::select(IntervalPer::ALL),
        prop::sample::select(ChargeUse::ALL),
        prop::sample::select(ChannelOf::ALL),
        prop::sample::select(Respect::ALL),
        prop::sample::select(RelatedCharges::ALL),
        prop::sample::select(ChargedInterest::ALL),
        prop::sample::select(CountedDays::ALL),
    );
    (rules, scope, levels, costs, kinds).prop_map(|(rules, scope, levels, costs, kinds)| {
        let (
            minimum_of,
            minimum_credits,
            interval_per,
            charges,
            channel_of,
            protects,
            related_charges,
            charged_interest,
            count,
        ) = kinds;
        let (escalation, edge, grace, after_last, unchanged, grace_days, interval_days, minimum_days, max_notices) =
            rules;
        let (unit, notice_per, basis, credit_notes, unapplied, in_flight, respect) = scope;
        let (fees, interest, percent) = costs;
        let mut days = -3;
        let may_be_early = unit == DunningUnit::Item;
        let levels = levels.into_iter().map(|(more, count_from, always, least)| {
            days += more;
            Level {
                days: if may_be_early && count_from == CountFrom::DueDate { days } else { days.max(0) },
                count_from,
                always,
                minimum: vec![MoneyLimit { currency: String::from("EUR"), amount: Exact::from_integer(least) }],
                minimum_percent: percent.map(Exact::from_integer),
                pay_within_days: fees.then_some(7),
                notice_fee: fees.then(fee),
                line_fee: fees.then(fee),
                interest,
                ..Level::default()
            }
        });
        let procedure = Procedure {
            levels: levels.collect(),
            grace_days,
            grace,
            edge,
            escalation,
            after_last,
            unchanged,
            interval_days,
            interval_edge: DunningEdge::Reached,
            count,
            interval_count: count,
            pay_within_count: count,
            minimum_days,
            max_notices,
            minimum: Vec::new(),
            interval_per,
            minimum_of,
            minimum_credits,
        };
        DunningPolicy {
            procedures: BTreeMap::from([(String::from("standard"), procedure)]),
            unit,
            notice_per,
            basis,
            credit_notes,
            unapplied,
            in_flight,
            disputed: respect,
            held: respect,
            promises: protects,
            plans: protects,
            requirements: protects,
            charges,
            channel_of,
            related_charges,
            charged_interest,
            interest: interest.then(|| InterestPolicy {
                rates: vec![DatedRate { from: day(-10_000), percent: Exact::from_integer(9) }],
                ..InterestPolicy::default()
            }),
            ..DunningPolicy::default()
        }
    })
}

fn fee() -> FeePolicy {
    let tier = FeeTier { amount: Exact::from_integer(5), percent: Exact::from_integer(1), ..FeeTier::default() };
    let entry = FeeInCurrency { currency: String::from("EUR"), tax_percent: None, tiers: vec![tier] };
    FeePolicy { currencies: vec![entry], ..FeePolicy::default() }
}

/// What happened to the items of a world: reminders, promises, plans, what is missing, who is blocked.
#[derive(Debug, Clone)]
enum Since {
    Notice { which: u8, other: u8, level: u32, ago: i32, term: Option<i32>, by_line: bool, whole: bool, interest: bool },
    Withdrawal { which: u8, ago: i32 },
    Promise { which: u8, cents: i64, ahead: i32, whole: bool },
    Plan { which: u8, late: i32 },
    Missing { which: u8, ago: i32 },
    Block { which: u8, ago: i32 },
}

fn since() -> impl Strategy<Value = Vec<Since>> {
    let ago = 0_i32..30;
    let one = prop_oneof![
        6 => (any::<u8>(), any::<u8>(), 1_u32..5, ago.clone(), prop::option::of(0_i32..10), any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(which, other, level, ago, term, by_line, whole, interest)| {
                Since::Notice { which, other, level, ago, term, by_line, whole, interest }
            }),
        1 => (any::<u8>(), ago.clone()).prop_map(|(which, ago)| Since::Withdrawal { which, ago }),
        3 => (any::<u8>(), 1_i64..20_000, -3_i32..60, any::<bool>())
            .prop_map(|(which, cents, ahead, whole)| Since::Promise { which, cents, ahead, whole }),
        2 => (any::<u8>(), -20_i32..40).prop_map(|(which, late)| Since::Plan { which, late }),
        1 => (any::<u8>(), ago.clone()).prop_map(|(which, ago)| Since::Missing { which, ago }),
        1 => (any::<u8>(), ago).prop_map(|(which, ago)| Since::Block { which, ago }),
    ];
    prop::collection::vec(one, 0..10)
}

/// The facts of what happened; what the ledger refuses has not.
fn reminded(world: &World, since: &[Since]) -> (Ledger, Vec<Facts>) {
    let (mut ledger, last) = (world.ledger().clone(), last_day(world));
    let debits: Vec<_> = world.all().documents.into_iter().filter(|row| row.amount > Decimal::ZERO).collect();
    let mut kept = Vec::new();
    let of_last = world.batches.iter().filter(|(recorded, _)| *recorded == last).map(|(_, facts)| facts);
    let mut planned: BTreeSet<String> =
        of_last.clone().flat_map(|facts| &facts.instalments).map(|row| row.document.clone()).collect();
    // What names an instalment on that day names one of the schedule that is in force when all facts are loaded together.
    for facts in of_last {
        let allocated = facts.allocations.iter().map(|row| (&row.debit, row.instalment));
        let settled = allocated.chain(facts.differences.iter().map(|row| (&row.document, row.instalment)));
        planned.extend(settled.filter(|(_, named)| named.is_some()).map(|(document, _)| document.clone()));
    }
    let mut sent = Vec::new();
    for (number, one) in since.iter().enumerate() {
        let (id, recorded) = (format!("since-{number}"), Some(date(last)));
        let of = |which: u8| debits.get(usize::from(which) % debits.len().max(1));
        let mut facts = Facts::default();
        match *one {
            Since::Notice { which, other, level, ago, term, by_line, whole, interest } => {
                let (Some(row), Some(beside)) = (of(which), of(other)) else { continue };
                facts.notices.push(Notice {
                    id: id.clone(),
                    customer: row.customer.clone(),
                    document: (!by_line).then(|| row.id.clone()),
                    level: level.into(),
                    company: row.company.clone().filter(|_| whole),
                    currency: whole.then(|| row.currency.clone()),
                    due_date: term.map(|term| date(last - ago + term)),
                    effective: date(last - ago),
                    recorded,
                    ..Notice::default()
                });
                let lines = [row, beside].into_iter().take(if row.id == beside.id { 1 } else { 2 }).filter(|_| by_line);
                facts.notice_lines.extend(lines.map(|row| NoticeLine {
                    notice: id.clone(),
                    document: row.id.clone(),
                    instalment: None,
                    level: level.into(),
                    interest_until: interest.then(|| date(last - ago)),
                }));
                sent.push(id);
            }
            Since::Withdrawal { which, ago } => {
                let Some(of) = sent.get(usize::from(which) % sent.len().max(1)) else { continue };
                facts.closings.push(Closing { of: of.clone(), outcome: None, effective: date(last - ago), recorded });
            }
            Since::Promise { which, cents, ahead, whole } => {
                let Some(row) = of(which) else { continue };
                facts.promises.push(Promise {
                    id,
                    customer: row.customer.clone(),
                    document: whole.then(|| row.id.clone()),
                    currency: row.currency.clone(),
                    amount: Decimal::new(cents, 2),
                    promised_date: date(last + ahead),
                    effective: date(last),
                    recorded,
                });
            }
            Since::Plan { which, late } => {
                // Two schedules of one day would be one, when all facts are loaded together.
                let Some(row) = of(which).filter(|row| planned.insert(row.id.clone())) else { continue };
                let plan = Plan { id, customer: row.customer.clone(), reason: None, effective: date(last), recorded };
                let half = (row.amount / Decimal::TWO).trunc();
                for (number, (amount, due)) in (1..).zip([(half, last - late), (row.amount - half, last + 30)]) {
                    facts.instalments.push(Instalment {
                        document: row.id.clone(),
                        number,
                        due_date: date(due),
                        amount,
                        plan: Some(plan.id.clone()),
                        effective: Some(date(last)),
                        recorded,
                    });
                }
                facts.plans.push(plan);
            }
            Since::Missing { which, ago } => {
                let Some(row) = of(which) else { continue };
                facts.requirements.push(Requirement {
                    document: row.id.clone(),
                    requirement: String::from("po"),
                    state: String::from("missing"),
                    effective: date(last - ago),
                    recorded,
                });
            }
            Since::Block { which, ago } => {
                let Some(row) = of(which) else { continue };
                facts.customer_changes.push(CustomerChange {
                    customer: row.customer.clone(),
                    attribute: String::from("blocked"),
                    value: Some(String::from("legal")),
                    until: None,
                    effective: date(last - ago),
                    recorded,
                });
            }
        }
        let appended = ledger.append(&facts.tables(), day(last));
        if let Ok(after) = appended {
            ledger = after;
            kept.push(facts);
        }
    }
    (ledger, kept)
}

/// Minima by which neither a later day nor a hold brings a line that was not there.
fn by_level_and_above(policy: &mut DunningPolicy) {
    for procedure in policy.procedures.values_mut() {
        procedure.minimum_of = MinimumOf::LevelAndAbove;
        procedure.minimum_credits = MinimumCredits::Apart;
    }
}

/// Takes everything out of a policy that asks for more than days, amounts and credits.
fn plain(policy: &mut DunningPolicy, apart: bool) {
    policy.unit = DunningUnit::Item;
    policy.notice_per = NoticePer::Customer;
    policy.basis = DunningBasis::DueDate;
    policy.interest = None;
    if apart {
        policy.credit_notes = CreditUse::Ignored;
        policy.unapplied = CreditUse::Ignored;
    }
    for procedure in policy.procedures.values_mut() {
        for level in &mut procedure.levels {
            let pay_within_days = level.pay_within_days;
            *level = Level {
                days: level.days,
                count_from: level.count_from,
                always: level.always,
                pay_within_days,
                ..Level::default()
            };
        }
    }
}

/// The lines of a run by item: level and amount.
fn lines(run: &DunningRun) -> BTreeMap<(String, u32), (u32, Decimal)> {
    let notices = run.notices().unwrap();
    let lines = notices.iter().flat_map(|notice| &notice.lines);
    lines.map(|line| ((line.document.clone(), line.instalment), (line.level, line.amount))).collect()
}

fn last_day(world: &World) -> i32 {
    world.batches.last().unwrap().0
}

/// Amounts that add up in any world.
fn is_small(view: &View) -> bool {
    view.open_items().iter().all(|item| item.open.abs() < Decimal::from(1_000_000_000_u64))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_global_rejects: 1_000_000, ..ProptestConfig::default() })]

    #[test]
    fn every_item_is_on_one_notice_or_skipped_with_a_reason(
        world in world(24), policy in policies(), ahead in 0..60, since in since()
    ) {
        let view = reminded(&world, &since).0.as_of(day(last_day(&world) + ahead));
        prop_assume!(is_small(&view));
        let run = view.dun(&policy).unwrap();
        let mut seen: BTreeSet<(String, u32)> = BTreeSet::new();
        for notice in run.notices().unwrap() {
            let sum: Decimal = notice.lines.iter().map(|line| line.amount).sum();
            prop_assert_eq!(notice.claims, sum);
            let charged: Decimal = notice.lines.iter().map(|line| line.line_fee + line.line_fee_tax).sum();
            prop_assert_eq!(notice.line_fees, charged);
            let interest: Decimal = notice.lines.iter().map(|line| line.interest).sum();
            prop_assert_eq!(notice.interest, interest);
            let parts = notice.claims + notice.fee + notice.fee_tax + notice.line_fees + notice.interest + notice.compensation;
            prop_assert_eq!(notice.total, parts);
            prop_assert!(notice.claims > Decimal::ZERO);
            prop_assert_eq!(Some(notice.level), notice.lines.iter().map(|line| line.level).max());
            for line in &notice.lines {
                prop_assert!(seen.insert((line.document.clone(), line.instalment)));
                prop_assert!(line.level == 0 || (line.amount > Decimal::ZERO && line.amount <= line.open));
            }
        }
        for item in run.skipped().unwrap() {
            prop_assert!(!item.reason.is_empty());
            let explained = run.explain(&item.document, item.instalment).unwrap();
            prop_assert_eq!(&explained.reason, &item.reason);
            prop_assert_eq!(explained.steps.last().map(|step| (step.predicate.as_str(), step.passed)), Some((item.reason.as_str(), false)));
            prop_assert!(seen.insert((item.document, item.instalment)));
        }
        let open: BTreeSet<(String, u32)> =
            view.open_items().into_iter().map(|item| (item.document, item.instalment)).collect();
        prop_assert_eq!(seen, open);
    }

    #[test]
    fn a_second_run_on_the_same_day_is_empty(
        world in world(24), policy in policies(), ahead in 0..60, since in since()
    ) {
        let on = day(last_day(&world) + ahead);
        let ledger = reminded(&world, &since).0;
        let view = ledger.as_of(on);
        prop_assume!(is_small(&view));
        let run = view.dun(&policy).unwrap();
        let posted = ledger.append(&run.facts("run").unwrap().tables(), on).unwrap();
        let again = posted.as_of(on).dun(&policy).unwrap();
        prop_assert!(again.is_empty(), "{:?}", again.notices());
        // And taken back, it says the same again.
        let refused = run.without(&(0..run.len()).collect::<Vec<_>>()).unwrap();
        prop_assert!(refused.is_empty());
    }

    #[cfg(feature = "letters")]
    #[test]
    fn every_notice_becomes_a_letter_that_comes_to_its_total(world in world(24), policy in policies(), ahead in 0..60) {
        use ar_core::letters::{Language, LetterFormat, Letters, Sender, Stationery, notice_letters};
        let view = world.ledger().as_of(day(last_day(&world) + ahead));
        prop_assume!(is_small(&view));
        let run = view.dun(&policy).unwrap();
        let notices = run.notices().unwrap();
        let book = Letters::default().compile().unwrap();
        for language in Language::ALL {
            let stationery = Stationery {
                sender: Sender { name: String::from("Us"), ..Sender::default() },
                language: *language,
                id_prefix: String::from("run"),
                link: Some(String::from("https://pay.example/{customer}?notice={notice}")),
                aging_days: vec![0, 30, 60],
                ..Stationery::default()
            };
            let letters = notice_letters(&run, &stationery).unwrap();
            prop_assert_eq!(letters.len(), notices.len());
            for (mut letter, notice) in letters.into_iter().zip(&notices) {
                prop_assert_eq!((letter.total, letter.lines.len()), (notice.total, notice.lines.len()));
                let asked: Decimal = notice.lines.iter().filter(|line| line.level > 0).map(|line| line.amount).sum();
                prop_assert_eq!(letter.aging.iter().map(|bucket| bucket.amount).sum::<Decimal>(), asked);
                for format in [LetterFormat::Text, LetterFormat::Html] {
                    letter.format = format;
                    let written = book.render(&letter).unwrap();
                    prop_assert_eq!(written.language, *language);
                    let document = &notice.lines[0].document;
                    prop_assert!(written.body.contains(document.as_str()), "{}", written.body);
                }
            }
        }
    }

    #[test]
    fn a_later_day_never_lowers_a_level(
        world in world(24), mut policy in policies(), ahead in 0..40, more in 1..40, since in since()
    ) {
        by_level_and_above(&mut policy);
        // What a day brings by itself: nothing that is to come, no credit that falls due.
        for credit_use in [&mut policy.credit_notes, &mut policy.unapplied] {
            if *credit_use == CreditUse::ListedWhenDue {
                *credit_use = CreditUse::Listed;
            }
        }
        policy.in_flight = InFlight::Ignored;
        policy.plans = Respect::Dunned;
        let last = last_day(&world) + 60 + ahead;
        let ledger = reminded(&world, &since).0;
        let (early, late) = (ledger.as_of(day(last)), ledger.as_of(day(last + more)));
        prop_assume!(is_small(&early) && early.open_items() == late.open_items());
        let (early, late) = (lines(&early.dun(&policy).unwrap()), lines(&late.dun(&policy).unwrap()));
        for (item, (level, _)) in early {
            prop_assert!(late.get(&item).is_some_and(|(later, _)| *later >= level), "{:?}", item);
        }
    }

    #[test]
    fn a_hold_adds_no_line(
        world in world(24), mut policy in policies(), which in any::<prop::sample::Index>(), since in since()
    ) {
        by_level_and_above(&mut policy);
        policy.held = Respect::LeftOut;
        // Elsewhere a credit or a promise that covered it covers another, and a minimum that it helped to reach is missed.
        policy.promises = Respect::Dunned;
        policy.credit_notes = CreditUse::Ignored;
        policy.unapplied = CreditUse::Ignored;
        policy.in_flight = InFlight::Ignored;
        let on = last_day(&world) + 1;
        let ledger = reminded(&world, &since).0;
        let view = ledger.as_of(day(on));
        prop_assume!(is_small(&view));
        let debits: Vec<String> =
            view.open_items().into_iter().filter(|item| item.open > Decimal::ZERO).map(|item| item.document).collect();
        prop_assume!(!debits.is_empty());
        let held = which.get(&debits).clone();
        let hold = Hold {
            id: String::from("held"),
            document: Some(held.clone()),
            reason: String::from("legal"),
            effective: date(on),
            ..Hold::default()
        };
        let facts = Facts { holds: vec![hold], ..Facts::default() };
        let after = ledger.append(&facts.tables(), day(on)).unwrap().as_of(day(on));
        let (before, after) = (lines(&view.dun(&policy).unwrap()), lines(&after.dun(&policy).unwrap()));
        for (item, (level, amount)) in &after {
            prop_assert_ne!(&item.0, &held);
            let was = before.get(item);
            // A level with the customer's oldest item held may be lower, never higher.
            prop_assert!(was.is_some_and(|(old, asked)| old >= level && asked == amount), "{:?}", item);
        }
    }

    #[test]
    fn neither_the_order_of_facts_nor_the_ledger_around_a_customer_matters(
        world in world(24), mut policy in policies(), ahead in 0..60, since in since()
    ) {
        policy.notice_per = NoticePer::Customer;
        let on = day(last_day(&world) + ahead);
        let (ledger, later) = reminded(&world, &since);
        prop_assume!(is_small(&ledger.as_of(on)));
        let all = ledger.as_of(on).dun(&policy).unwrap();
        let mut facts = world.all_with_recorded_days();
        for batch in later {
            facts.notices.extend(batch.notices);
            facts.notice_lines.extend(batch.notice_lines);
            facts.closings.extend(batch.closings);
            facts.promises.extend(batch.promises);
            facts.plans.extend(batch.plans);
            facts.instalments.extend(batch.instalments);
            facts.requirements.extend(batch.requirements);
            facts.customer_changes.extend(batch.customer_changes);
        }
        facts.documents.reverse();
        facts.promises.reverse();
        facts.customers.reverse();
        let turned = Ledger::load(world.settings.clone(), &facts.tables()).unwrap().as_of(on).dun(&policy).unwrap();
        prop_assert_eq!(turned.notices().unwrap(), all.notices().unwrap());
        prop_assert_eq!(turned.skipped().unwrap(), all.skipped().unwrap());
        for customer in &facts.customers {
            let alone = ledger.customer_as_of(&customer.id, on, None).unwrap().dun(&policy).unwrap();
            let own: Vec<_> = all.notices().unwrap().into_iter().filter(|n| n.customer == customer.id).collect();
            prop_assert_eq!(alone.notices().unwrap(), own);
            let own: Vec<_> = all.skipped().unwrap().into_iter().filter(|s| s.customer == customer.id).collect();
            prop_assert_eq!(alone.skipped().unwrap(), own);
        }
    }

    #[test]
    fn the_short_way_of_plain_ledgers_is_the_long_way(
        world in world(24), mut policy in policies(), ahead in 0..60, bare in any::<bool>(), apart in any::<bool>(),
    ) {
        if bare {
            plain(&mut policy, apart);
        }
        let on = day(last_day(&world) + ahead);
        prop_assume!(is_small(&world.ledger().as_of(on)));
        let short = world.ledger().as_of(on).dun(&policy).unwrap();
        // A notice to somebody else makes the run look at what was sent.
        let other = Facts {
            customers: vec![Customer { id: String::from("other"), ..Customer::default() }],
            notices: vec![Notice {
                id: String::from("n"),
                customer: String::from("other"),
                level: 1,
                effective: date(0),
                ..Notice::default()
            }],
            ..Facts::default()
        };
        let long = world.ledger().append(&other.tables(), on).unwrap().as_of(on).dun(&policy).unwrap();
        prop_assert_eq!(short.notices().unwrap(), long.notices().unwrap());
        prop_assert_eq!(short.skipped().unwrap(), long.skipped().unwrap());
    }
}
