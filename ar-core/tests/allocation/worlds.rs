//! Random ledgers and policies: amounts small, so that they meet; days few, so that they tie.

use ar_core::allocation::{AllocationPolicy, CreditOrder, Partial, Strategy as Match, TakesPart};
use ar_core::ledger::fact::{Allocation, Dispute, Document, Facts, Hold, Instalment};
use ar_core::ledger::settings::{InstalmentSign, Settings};
use ar_core::ledger::{DocumentKind, Ledger};
use ar_core::money::Exact;
use proptest::prelude::*;

use crate::given::{customers, date, document, minor, money, policy};

#[derive(Debug, Clone)]
pub struct World {
    pub settings: Settings,
    pub facts: Facts,
}

impl World {
    pub fn ledger(&self) -> Ledger {
        Ledger::load(self.settings.clone(), &self.facts.tables()).unwrap()
    }
}

pub const TODAY: i64 = 20;

/// Kind, amount, sign of a journal, customer and currency, days, reference, related.
pub type Drawn = (
    &'static str,
    i64,
    bool,
    (&'static str, &'static str),
    (i64, Option<i64>, Option<i64>),
    Option<&'static str>,
    Option<usize>,
);

pub fn documents() -> impl Strategy<Value = Vec<Document>> {
    let one = (
        prop_oneof![2 => Just("invoice"), 1 => Just("charge"), 2 => Just("payment"), 1 => Just("credit_note"), 1 => Just("advance"), 1 => Just("journal")],
        prop_oneof![4 => 1..12_i64, 1 => 0..1_i64, 1 => 100..10_000_i64],
        any::<bool>(),
        (prop_oneof![5 => Just("C"), 1 => Just("D")], prop_oneof![5 => Just("EUR"), 1 => Just("USD")]),
        (0..6_i64, prop::option::of(0..6_i64), prop::option::of(0..5_i64)),
        prop::option::of(prop::sample::select(vec!["N0", "N1,N3", "PO-1", "x PO-1;N2", "N4"])),
        prop::option::of(0..14_usize),
    );
    prop::collection::vec(one, 1..14).prop_map(|rows| {
        let many = rows.len();
        let row = |(at, row): (usize, Drawn)| {
            let (kind, amount, negative, account, days, reference, related) = row;
            let sign = match kind {
                "invoice" | "charge" => 1,
                "journal" if !negative => 1,
                _ => -1,
            };
            // Ids that do not sort as they come.
            let mut document = document(&format!("N{}", at * 7 % many.max(8)), kind, sign * amount, days.0, days.1);
            if many > 8 {
                document.id = format!("N{at}");
            }
            document.customer = account.0.into();
            document.currency = account.1.into();
            document.posting_date = days.2.map(|later| date(days.0 + later));
            document.reference = reference.map(str::to_owned);
            document.related = related.filter(|other| many > 8 && *other < many).map(|other| format!("N{other}"));
            document
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

prop_compose! {
    pub fn worlds()(
        documents in documents(),
        schedules in prop::collection::vec((0..14_usize, prop::collection::vec((0..8_i64, -3..9_i64), 1..4)), 0..4),
        matches in prop::collection::vec((0..14_usize, 0..14_usize, 1..9_i64, 0..40_i64, 0..4_i64), 0..16),
        marks in prop::collection::vec((0..14_usize, prop::option::of(1..9_i64), any::<bool>()), 0..3),
        any_sign in any::<bool>(),
    ) -> World {
        let mut settings = Settings::default();
        if any_sign {
            settings.instalment_sign = InstalmentSign::Any;
        }
        let mut facts = Facts { customers: customers(&["C", "D"]), documents, ..Facts::default() };
        for (at, parts) in schedules {
            schedule(&mut facts, at, &parts, any_sign);
        }
        for (number, (at, amount, held)) in marks.into_iter().enumerate() {
            let Some(document) = facts.documents.get(at) else { continue };
            let (document, effective) = (document.id.clone(), date(TODAY));
            if held {
                let hold = Hold { id: format!("h{number}"), document: Some(document), effective, ..Hold::default() };
                facts.holds.push(Hold { reason: "x".into(), ..hold });
            } else {
                let amount = amount.map(money);
                let id = format!("d{number}");
                facts.disputes.push(Dispute { id, document, reason: "x".into(), amount, effective, ..Dispute::default() });
            }
        }
        let mut world = World { settings, facts };
        for (number, wanted) in matches.into_iter().enumerate() {
            settle(&mut world, number, wanted);
        }
        world
    }
}

/// A schedule of a document, if it can have one: the last part takes what is missing.
pub fn schedule(facts: &mut Facts, at: usize, parts: &[(i64, i64)], any_sign: bool) {
    let Some(document) = facts.documents.get(at) else { return };
    let (id, amount) = (document.id.clone(), minor(document.amount));
    if amount == 0 || facts.instalments.iter().any(|row| row.document == id) {
        return;
    }
    let mut rest = amount;
    let mut amounts: Vec<i64> = Vec::new();
    for (_, part) in &parts[1..] {
        amounts.push(part * amount.signum());
        rest -= part * amount.signum();
    }
    amounts.push(rest);
    if !any_sign && amounts.iter().any(|part| part.signum() == -amount.signum()) {
        return;
    }
    for (number, (part, (due, _))) in amounts.into_iter().zip(parts).enumerate() {
        facts.instalments.push(Instalment {
            document: id.clone(),
            number: i64::try_from(number).unwrap() + 1,
            due_date: date(*due),
            amount: money(part),
            ..Instalment::default()
        });
    }
}

/// An earlier or post-dated match, where the ledger takes it.
pub fn settle(
    world: &mut World,
    number: usize,
    (credit, debit, amount, on, instalment): (usize, usize, i64, i64, i64),
) {
    let documents = &world.facts.documents;
    let (Some(credit), Some(debit)) = (documents.get(credit), documents.get(debit)) else { return };
    let row = Allocation {
        id: format!("earlier-{number}"),
        credit: credit.id.clone(),
        debit: debit.id.clone(),
        amount: money(amount),
        debit_amount: (credit.currency != debit.currency).then(|| money(amount)),
        instalment: Some(instalment).filter(|number| *number != 0),
        effective: Some(date(on)),
        recorded: Some(date(on.min(TODAY))).filter(|_| on > TODAY),
        ..Allocation::default()
    };
    let mut facts = world.facts.clone();
    facts.allocations.push(row);
    if Ledger::load(world.settings.clone(), &facts.tables()).is_ok() {
        world.facts = facts;
    }
}

pub fn policies() -> impl Strategy<Value = AllocationPolicy> {
    let filter = (
        (prop::option::of(Just(vec![String::from("C")])), prop::option::of(Just(vec![String::from("USD")]))),
        prop::option::of(prop::collection::vec((0..14_u32).prop_map(|n| format!("N{n}")), 0..6)),
        (prop::option::of(0..700_i64), prop::option::of(0..700_i64)),
        prop::option::of(0..8_i64),
        (any::<bool>(), any::<bool>()),
    );
    let chain = prop::collection::vec(prop::sample::select(Match::ALL.to_vec()), 1..4);
    (chain, any::<(bool, bool, bool, u8)>(), prop::collection::vec(0..14_u32, 0..9), filter).prop_map(
        |(
            strategies,
            (newest, refused, few, filtered),
            listed,
            (accounts, ids, (min, max), until, (disputed, held)),
        )| {
            let mut policy = policy(&strategies);
            policy.user_order = listed.iter().map(|n| format!("N{n}")).collect();
            policy.credit_order = if newest { CreditOrder::NewestFirst } else { CreditOrder::OldestFirst };
            policy.partial = if refused { Partial::Refused } else { Partial::Allowed };
            if few {
                policy.credit_kinds = vec![DocumentKind::Payment, DocumentKind::Journal];
            }
            let takes = |out: bool| if out { TakesPart::Excluded } else { TakesPart::Included };
            match filtered % 6 {
                0 => policy.filter.debits = ids,
                1 => policy.filter.credits = ids,
                2 => (policy.filter.customers, policy.filter.currencies) = accounts,
                3 => policy.filter.debit_min = min.map(|min| Exact::new(i128::from(min), 3)),
                4 => policy.filter.credit_max = max.map(|max| Exact::new(i128::from(max), 4)),
                _ => {
                    policy.filter.due_until = until.map(date);
                    policy.filter.disputed = takes(disputed);
                    policy.filter.held = takes(held);
                }
            }
            policy
        },
    )
}
