//! Random small ledgers that are good by construction: what a ledger refuses is left out, and counted.

use ar_core::calendar::Day;
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{
    Allocation, Cancellation, Customer, CustomerChange, Discount, Dispute, Document, Facts, Hold, Instalment, Rate,
    Reversal, SettlementDifference,
};
use ar_core::ledger::settings::{InstalmentSign, Settings};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Day 0 of every world; days are counted from it.
const START: i32 = 20_000;

/// The day so many days after the first.
pub fn day(number: i32) -> Day {
    Day::new(START + number).unwrap()
}

pub fn date(number: i32) -> NaiveDate {
    day(number).to_naive_date()
}

/// Something that happens; numbers pick among what there is.
#[derive(Debug, Clone)]
pub enum Event {
    Invoice { who: u8, cents: i64, age: i32, due: Option<i32>, parts: u8, foreign: bool },
    Payment { who: u8, cents: i64, age: i32, foreign: bool },
    Match { credit: u8, debit: u8, permille: i64, later: i32, part: Option<u8> },
    Differ { which: u8, beside: bool, other: bool, permille: i64, later: i32, part: Option<u8> },
    Offer { which: u8, percent: i64, later: Option<i32> },
    Undo { which: u8, difference: bool, later: i32 },
    Cancel { which: u8, later: i32 },
    Reschedule { which: u8, later: i32, parts: u8 },
    Dispute { which: u8, cents: Option<i64>, later: i32 },
    Hold { who: u8, later: i32, days: Option<i32> },
    Move { who: u8, group: u8, later: i32 },
    Bill { who: u8, kind: u8, cents: i64, age: i32, due: i32, parts: u8, foreign: bool, rate: u8 },
    Pay { like: u8, kind: u8, permille: i64, age: i32, named: Option<u8>, rate: u8 },
    Quote { permille: i64, later: i32 },
    Adopt { who: u8, parent: u8, later: i32 },
    Rest { which: u8, permille: i64, later: i32 },
}

/// A ledger and how it came about: one batch an event, each recorded on a later day.
#[derive(Debug, Clone)]
pub struct World {
    pub settings: Settings,
    /// The recorded day, and what was recorded; the first by loading.
    pub batches: Vec<(i32, Facts)>,
    /// The ledger after each batch.
    pub ledgers: Vec<Ledger>,
    pub refused: usize,
}

impl World {
    pub fn ledger(&self) -> &Ledger {
        self.ledgers.last().unwrap()
    }

    /// Days on which something can be different.
    pub fn days(&self) -> std::ops::Range<i32> {
        -12..self.batches.last().unwrap().0 + 45
    }

    /// All facts as one, in the order in which they came.
    pub fn all(&self) -> Facts {
        let mut all = Facts::default();
        for (_, batch) in &self.batches {
            let batch = batch.clone();
            all.customers.extend(batch.customers);
            all.customer_changes.extend(batch.customer_changes);
            all.documents.extend(batch.documents);
            all.instalments.extend(batch.instalments);
            all.discounts.extend(batch.discounts);
            all.allocations.extend(batch.allocations);
            all.differences.extend(batch.differences);
            all.reversals.extend(batch.reversals);
            all.cancellations.extend(batch.cancellations);
            all.disputes.extend(batch.disputes);
            all.holds.extend(batch.holds);
            all.rates.extend(batch.rates);
        }
        all
    }

    /// The same with the day on which each row was recorded, for one load.
    pub fn all_with_recorded_days(&self) -> Facts {
        let mut world = self.clone();
        for (recorded, batch) in &mut world.batches {
            let known = Some(date(*recorded));
            batch.customer_changes.iter_mut().for_each(|row| row.recorded = known);
            batch.documents.iter_mut().for_each(|row| row.recorded = known);
            batch.instalments.iter_mut().for_each(|row| row.recorded = known);
            batch.discounts.iter_mut().for_each(|row| row.recorded = known);
            batch.allocations.iter_mut().for_each(|row| row.recorded = known);
            batch.differences.iter_mut().for_each(|row| row.recorded = known);
            batch.reversals.iter_mut().for_each(|row| row.recorded = known);
            batch.cancellations.iter_mut().for_each(|row| row.recorded = known);
            batch.disputes.iter_mut().for_each(|row| row.recorded = known);
            batch.holds.iter_mut().for_each(|row| row.recorded = known);
            batch.rates.iter_mut().for_each(|row| row.recorded = known);
        }
        world.all()
    }
}

fn event() -> impl Strategy<Value = Event> {
    let cents = prop_oneof![4 => 1_i64..20_000, 1 => Just(0), 1 => Just(10_000), 1 => Just(i64::MAX / 4)];
    let age = -3_i32..10;
    let later = prop_oneof![3 => 0_i32..4, 1 => 4_i32..30];
    let due = prop::option::weighted(0.7, prop_oneof![Just(0), Just(30), -2_i32..40]);
    prop_oneof![
        4 => (any::<u8>(), cents.clone(), age.clone(), due, 0_u8..4, prop::bool::weighted(0.2))
            .prop_map(|(who, cents, age, due, parts, foreign)| Event::Invoice { who, cents, age, due, parts, foreign }),
        3 => (any::<u8>(), cents.clone(), age, prop::bool::weighted(0.2))
            .prop_map(|(who, cents, age, foreign)| Event::Payment { who, cents, age, foreign }),
        6 => (any::<u8>(), any::<u8>(), prop_oneof![Just(1000), 1_i64..1000], later.clone(), prop::option::weighted(0.2, 0_u8..4))
            .prop_map(|(credit, debit, permille, later, part)| Event::Match { credit, debit, permille, later, part }),
        3 => (any::<u8>(), prop::bool::weighted(0.7), any::<bool>(), 1_i64..600, later.clone(), prop::option::weighted(0.2, 0_u8..4))
            .prop_map(|(which, beside, other, permille, later, part)| {
                Event::Differ { which, beside, other, permille, later, part }
            }),
        1 => (any::<u8>(), 1_i64..=100, prop::option::of(later.clone()))
            .prop_map(|(which, percent, later)| Event::Offer { which, percent, later }),
        2 => (any::<u8>(), prop::bool::weighted(0.3), later.clone())
            .prop_map(|(which, difference, later)| Event::Undo { which, difference, later }),
        1 => (any::<u8>(), later.clone()).prop_map(|(which, later)| Event::Cancel { which, later }),
        1 => (any::<u8>(), later.clone(), 1_u8..4).prop_map(|(which, later, parts)| Event::Reschedule { which, later, parts }),
        1 => (any::<u8>(), prop::option::of(cents), later.clone())
            .prop_map(|(which, cents, later)| Event::Dispute { which, cents, later }),
        1 => (any::<u8>(), later.clone(), prop::option::of(0_i32..10))
            .prop_map(|(who, later, days)| Event::Hold { who, later, days }),
        1 => (any::<u8>(), any::<u8>(), later).prop_map(|(who, group, later)| Event::Move { who, group, later }),
    ]
}

/// A world of up to so many events.
pub fn world(events: usize) -> impl Strategy<Value = World> {
    prop::collection::vec((event(), 1_i32..4), 1..events).prop_map(|events| built(&events, InstalmentSign::Any))
}

/// What settlement looks at besides: kinds, references, rates that vary, parents, rests that moved to documents of their own.
fn wider() -> impl Strategy<Value = Event> {
    let cents = prop_oneof![1_i64..20_000, Just(10_000)];
    let age = -3_i32..10;
    let later = prop_oneof![3 => 0_i32..4, 1 => 4_i32..30];
    let part = prop_oneof![4 => Just(1_000), 1 => Just(980), 1 => Just(500), 1 => Just(1_003), 2 => 1_i64..1_500];
    prop_oneof![
        4 => (any::<u8>(), 0_u8..5, cents, age.clone(), -2_i32..40, 0_u8..4, prop::bool::weighted(0.3), 0_u8..4)
            .prop_map(|(who, kind, cents, age, due, parts, foreign, rate)| {
                Event::Bill { who, kind, cents, age, due, parts, foreign, rate }
            }),
        4 => (any::<u8>(), 0_u8..6, part, age, prop::option::weighted(0.6, any::<u8>()), 0_u8..4)
            .prop_map(|(like, kind, permille, age, named, rate)| Event::Pay { like, kind, permille, age, named, rate }),
        1 => (700_i64..1_300, later.clone()).prop_map(|(permille, later)| Event::Quote { permille, later }),
        1 => (any::<u8>(), any::<u8>(), later.clone()).prop_map(|(who, parent, later)| Event::Adopt { who, parent, later }),
        1 => (any::<u8>(), 1_i64..900, later).prop_map(|(which, permille, later)| Event::Rest { which, permille, later }),
    ]
}

/// A world of up to so many events in which there is more to settle; instalments of one sign or of any.
pub fn settling_world(events: usize) -> impl Strategy<Value = World> {
    let event = prop_oneof![2 => event(), 3 => wider()];
    let events = prop::collection::vec((event, 1_i32..4), 1..events);
    (events, any::<bool>())
        .prop_map(|(events, any)| built(&events, if any { InstalmentSign::Any } else { InstalmentSign::Same }))
}

fn customer(which: u8) -> String {
    format!("C{}", which % 3)
}

fn pick<T>(all: &[T], which: u8) -> Option<&T> {
    all.get(usize::from(which).checked_rem(all.len())?)
}

fn money(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

fn built(events: &[(Event, i32)], instalment_sign: InstalmentSign) -> World {
    let settings = Settings { base_currency: Some(String::from("EUR")), instalment_sign, ..Settings::default() };
    let one_sign = instalment_sign == InstalmentSign::Same;
    let customers = (0..3)
        .map(|n| Customer { id: customer(n), group: Some(format!("g{}", n % 2)), ..Customer::default() })
        .collect();
    let first = Facts { customers, ..Facts::default() };
    let ledger = Ledger::load(settings.clone(), &first.tables()).unwrap();
    let mut world = World { settings, batches: vec![(0, first)], ledgers: vec![ledger], refused: 0 };
    let mut now = 0;
    for (event, wait) in events {
        now += wait;
        let Some(mut facts) = facts_of(&world.all(), event, now) else { continue };
        if one_sign && facts.instalments.len() == 3 {
            // The first goes with the document after all: what it took is given back.
            let [first, second, _] = &mut facts.instalments[..] else { continue };
            second.amount += first.amount + first.amount;
            first.amount = -first.amount;
        }
        let appended = world.ledger().append(&facts.tables(), day(now));
        match appended {
            Ok(ledger) => {
                world.batches.push((now, facts));
                world.ledgers.push(ledger);
            }
            Err(_) => world.refused += 1,
        }
    }
    world
}

/// What an event adds to what there is.
fn facts_of(held: &Facts, event: &Event, now: i32) -> Option<Facts> {
    let mut facts = Facts::default();
    let currency = |foreign: &bool| String::from(if *foreign { "USD" } else { "EUR" });
    let rate = |foreign: &bool| foreign.then(|| Decimal::new(92, 2));
    match event {
        Event::Invoice { who, cents, age, due, parts, foreign } => {
            let id = format!("I{now}");
            facts.documents.push(Document {
                id: id.clone(),
                customer: customer(*who),
                kind: String::from("invoice"),
                currency: currency(foreign),
                amount: money(*cents),
                document_date: date(now - age),
                due_date: due.map(|due| date(now - age + due)),
                rate: rate(foreign),
                ..Document::default()
            });
            facts.instalments = schedule(&id, *cents, *parts, now, None);
        }
        Event::Payment { who, cents, age, foreign } => facts.documents.push(Document {
            id: format!("P{now}"),
            customer: customer(*who),
            kind: String::from("payment"),
            currency: currency(foreign),
            amount: money(-cents),
            document_date: date(now - age),
            rate: rate(foreign),
            ..Document::default()
        }),
        Event::Match { credit, debit, permille, later, part } => {
            let (credits, debits): (Vec<&Document>, Vec<&Document>) =
                held.documents.iter().partition(|document| document.amount.is_sign_negative());
            let (credit, debit) = (pick(&credits, *credit)?, pick(&debits, *debit)?);
            let cents = |amount: Decimal| i64::try_from(amount.mantissa().abs()).unwrap();
            let most = cents(credit.amount).min(cents(debit.amount));
            let amount = i64::try_from(i128::from(most) * i128::from(*permille) / 1000).unwrap();
            facts.allocations.push(Allocation {
                id: format!("A{now}"),
                credit: credit.id.clone(),
                debit: debit.id.clone(),
                amount: money(amount),
                debit_amount: (credit.currency != debit.currency).then(|| money(amount)),
                instalment: part.map(i64::from),
                effective: Some(credit.document_date.max(debit.document_date) + chrono::Days::new(*later as u64)),
                ..Allocation::default()
            });
        }
        Event::Differ { which, beside, other, permille, later, part } => {
            let of = pick(&held.allocations, *which).filter(|_| *beside);
            let document = match of {
                Some(of) if *other => held.documents.iter().find(|document| document.id == of.credit)?,
                Some(of) => held.documents.iter().find(|document| document.id == of.debit)?,
                None => pick(&held.documents, *which)?,
            };
            let cents = i128::from(i64::try_from(document.amount.mantissa().abs()).unwrap());
            let first = of.and_then(|of| of.effective).unwrap_or(document.document_date);
            facts.differences.push(SettlementDifference {
                id: format!("D{now}"),
                document: document.id.clone(),
                kind: String::from("write_off"),
                amount: money(i64::try_from(cents * i128::from(*permille) / 1000).unwrap()),
                allocation: of.map(|of| of.id.clone()),
                instalment: part.map(i64::from),
                effective: Some(first.max(document.document_date) + chrono::Days::new(*later as u64)),
                ..SettlementDifference::default()
            });
        }
        Event::Offer { which, percent, later } => {
            let of = pick(&held.documents, *which)?;
            facts.discounts.push(Discount {
                document: of.id.clone(),
                until: date(now + 10),
                percent: Some(Decimal::from(*percent)),
                effective: later.map(|later| date(now + later)),
                ..Discount::default()
            });
        }
        Event::Undo { which, difference, later } => {
            let (id, effective) = match pick(&held.differences, *which).filter(|_| *difference) {
                Some(of) => (&of.id, of.effective?),
                None => pick(&held.allocations, *which).and_then(|of| Some((&of.id, of.effective?)))?,
            };
            facts.reversals.push(Reversal {
                allocation: id.clone(),
                effective: effective + chrono::Days::new(*later as u64),
                ..Reversal::default()
            });
        }
        Event::Cancel { which, later } => {
            let of = pick(&held.documents, *which)?;
            facts.cancellations.push(Cancellation {
                document: of.id.clone(),
                effective: of.document_date + chrono::Days::new(*later as u64),
                ..Cancellation::default()
            });
        }
        Event::Reschedule { which, later, parts } => {
            let of = pick(&held.documents, *which)?;
            let cents = i64::try_from(of.amount.mantissa()).unwrap();
            facts.instalments = schedule(&of.id, cents, *parts, now, Some(now + later));
        }
        Event::Dispute { which, cents, later } => facts.disputes.push(Dispute {
            id: format!("D{now}"),
            document: pick(&held.documents, *which)?.id.clone(),
            reason: String::from("price"),
            amount: cents.map(money),
            effective: date(now + later),
            ..Dispute::default()
        }),
        Event::Hold { who, later, days } => facts.holds.push(Hold {
            id: format!("H{now}"),
            customer: Some(customer(*who)),
            reason: String::from("legal"),
            until: days.map(|days| date(now + later + days)),
            effective: date(now + later),
            ..Hold::default()
        }),
        Event::Bill { who, kind, cents, age, due, parts, foreign, rate } => {
            let id = format!("I{now}");
            let kind = ["invoice", "invoice", "invoice", "debit_note", "charge"][usize::from(*kind)];
            facts.documents.push(Document {
                id: id.clone(),
                customer: customer(*who),
                kind: String::from(kind),
                currency: currency(foreign),
                amount: money(*cents),
                document_date: date(now - age),
                due_date: Some(date(now - age + due)),
                reference: Some(format!("PO-{now}")),
                related: (kind == "charge").then(|| pick(&held.documents, *who).map(|of| of.id.clone())).flatten(),
                rate: varying(*foreign, *rate),
                ..Document::default()
            });
            facts.instalments = schedule(&id, *cents, *parts, now, None);
        }
        Event::Pay { like, kind, permille, age, named, rate } => {
            let debits: Vec<&Document> =
                held.documents.iter().filter(|document| document.amount > Decimal::ZERO).collect();
            let like = pick(&debits, *like)?;
            let kind = ["payment", "payment", "payment", "advance", "credit_note", "journal"][usize::from(*kind)];
            let cents = i128::from(i64::try_from(like.amount.mantissa()).unwrap()) * i128::from(*permille) / 1000;
            let named = named.and_then(|named| pick(&debits, named));
            let words =
                named.map(|named| format!("pay {}, {}", like.id, named.reference.as_ref().unwrap_or(&named.id)));
            facts.documents.push(Document {
                id: format!("P{now}"),
                customer: like.customer.clone(),
                kind: String::from(kind),
                currency: like.currency.clone(),
                amount: money(-i64::try_from(cents).unwrap().max(1)),
                document_date: date(now - age),
                reference: words,
                related: (kind == "credit_note").then(|| like.id.clone()),
                rate: varying(like.currency != "EUR", *rate),
                ..Document::default()
            });
        }
        Event::Quote { permille, later } => facts.rates.push(Rate {
            currency: String::from("USD"),
            base: String::from("EUR"),
            rate: Decimal::new(*permille, 3),
            effective: date(now + later - 5),
            ..Rate::default()
        }),
        Event::Adopt { who, parent, later } => facts.customer_changes.push(CustomerChange {
            customer: customer(*who),
            attribute: String::from("parent"),
            value: Some(customer(*parent)).filter(|parent| *parent != customer(*who)),
            effective: date(now + later),
            ..CustomerChange::default()
        }),
        Event::Rest { which, permille, later } => {
            let beside = pick(&held.allocations, *which)?;
            let of = held.documents.iter().find(|document| document.id == beside.debit)?;
            let cents = i128::from(i64::try_from(of.amount.mantissa()).unwrap()) * i128::from(*permille) / 1000;
            let amount = money(i64::try_from(cents).unwrap().max(1));
            let effective = beside.effective? + chrono::Days::new(*later as u64);
            facts.documents.push(Document {
                id: format!("{}-r", beside.id),
                kind: String::from("debit_note"),
                amount,
                document_date: effective,
                due_date: Some(effective),
                reference: None,
                related: Some(of.id.clone()),
                rate: None,
                ..of.clone()
            });
            facts.differences.push(SettlementDifference {
                id: format!("D{now}"),
                document: of.id.clone(),
                kind: String::from("residual"),
                amount,
                allocation: Some(beside.id.clone()),
                effective: Some(effective),
                ..SettlementDifference::default()
            });
        }
        Event::Move { who, group, later } => facts.customer_changes.push(CustomerChange {
            customer: customer(*who),
            attribute: String::from("group"),
            value: Some(format!("g{}", group % 3)),
            effective: date(now + later),
            ..CustomerChange::default()
        }),
    }
    Some(facts)
}

/// The rate of a foreign document: one of a few, or none.
fn varying(foreign: bool, which: u8) -> Option<Decimal> {
    [Some(92), Some(88), Some(97), None][usize::from(which % 4)].filter(|_| foreign).map(|rate| Decimal::new(rate, 2))
}

/// Instalments that add up; the first may go against the document.
fn schedule(document: &str, cents: i64, parts: u8, now: i32, effective: Option<i32>) -> Vec<Instalment> {
    let mut left = cents;
    (1..=parts)
        .map(|number| {
            let part = match number {
                _ if number == parts => left,
                1 if parts == 3 => -cents / 7,
                _ => left / 2,
            };
            left -= part;
            Instalment {
                document: document.to_owned(),
                number: i64::from(number),
                due_date: date(now + i32::from(parts - number) * 10),
                amount: money(part),
                effective: effective.map(date),
                ..Instalment::default()
            }
        })
        .collect()
}
