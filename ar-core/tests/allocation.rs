//! Allocation: every ledger of a small world against a plain reading of the specification, and the laws that hold for
//! any ledger.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

use std::collections::BTreeMap;

use ar_core::allocation::columns::allocate_sorted_columns;
use ar_core::allocation::{AllocationPolicy, CreditOrder, Partial, Proposal, Strategy as Match, TakesPart};
use ar_core::calendar::Day;
use ar_core::facade;
use ar_core::item::OpenItem;
use ar_core::item::columns::SortedColumns;
use ar_core::ledger::fact::{Allocation, Customer, Dispute, Document, Facts, Hold, Instalment, Reversal};
use ar_core::ledger::settings::{InstalmentSign, Settings};
use ar_core::ledger::{DocumentKind, Ledger};
use ar_core::money::Exact;
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

const ORDERED: [Match; 4] = [Match::OldestDue, Match::NewestDue, Match::OldestDocument, Match::NewestDocument];

fn date(day: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Duration::days(day)
}

fn day(number: i64) -> Day {
    Day::try_from(date(number)).unwrap()
}

fn money(minor: i64) -> Decimal {
    Decimal::new(minor, 2)
}

fn minor(amount: Decimal) -> i64 {
    assert_eq!(amount.scale(), 2);
    i64::try_from(amount.mantissa()).unwrap()
}

fn document(id: &str, kind: &str, amount: i64, on: i64, due: Option<i64>) -> Document {
    Document {
        id: id.into(),
        customer: "C".into(),
        kind: kind.into(),
        currency: "EUR".into(),
        amount: money(amount),
        document_date: date(on),
        due_date: due.map(date),
        ..Document::default()
    }
}

fn customers(ids: &[&str]) -> Vec<Customer> {
    ids.iter().map(|id| Customer { id: (*id).into(), ..Customer::default() }).collect()
}

fn load(facts: &Facts) -> Ledger {
    Ledger::load(Settings::default(), &facts.tables()).unwrap()
}

fn policy(strategies: &[Match]) -> AllocationPolicy {
    AllocationPolicy { strategies: strategies.to_vec(), ..AllocationPolicy::default() }
}

/// A line as numbers: credit, debit, instalment, amount, strategy, left of the credit, left of the debit.
type Line = (String, String, u32, i64, String, i64, i64);

fn lines(proposal: &Proposal) -> Vec<Line> {
    let line = |line: ar_core::allocation::ProposalLine| {
        let (amount, credit, debit) = (minor(line.amount), minor(line.credit_left), minor(line.debit_left));
        (line.credit, line.debit, line.instalment, amount, line.strategy, credit, debit)
    };
    proposal.lines().into_iter().map(line).collect()
}

fn unapplied(proposal: &Proposal) -> Vec<(String, i64, String)> {
    proposal.unapplied().into_iter().map(|rest| (rest.credit, minor(rest.amount), rest.reason)).collect()
}

// The specification read as plainly as can be: for every credit all debits are sorted anew.

struct Item<'a> {
    row: &'a OpenItem,
    document: &'a Document,
    left: i64,
}

struct Plain<'a> {
    policy: &'a AllocationPolicy,
    together: BTreeMap<String, i64>,
    lines: Vec<Line>,
    unapplied: Vec<(String, i64, String)>,
}

fn effective(document: &Document) -> NaiveDate {
    document.posting_date.unwrap_or(document.document_date)
}

fn account(row: &OpenItem) -> (String, String, String, String) {
    (row.company.clone(), row.control_account.clone(), row.customer.clone(), row.currency.clone())
}

fn plainly<'a>(rows: &'a [OpenItem], facts: &'a Facts, policy: &'a AllocationPolicy) -> Plain<'a> {
    let mut plain = Plain { policy, together: BTreeMap::new(), lines: Vec::new(), unapplied: Vec::new() };
    let item = |row: &'a OpenItem| {
        let document = facts.documents.iter().find(|document| document.id == row.document).unwrap();
        Item { row, document, left: (minor(row.open).abs()) - minor(row.pending).abs() }
    };
    for row in rows {
        let Item { document, left, .. } = item(row);
        let own = row.open.is_sign_negative() == document.amount.is_sign_negative();
        *plain.together.entry(row.document.clone()).or_insert(0) += if own { left } else { -left };
    }
    for of_account in rows.chunk_by(|a, b| account(a) == account(b)) {
        let own_sign = |item: &Item<'_>| item.row.open.is_sign_negative() == item.document.amount.is_sign_negative();
        let candidates = || of_account.iter().map(item).filter(|item| item.left > 0 && own_sign(item));
        let pays = |item: &Item<'_>| {
            let kind = DocumentKind::named(&item.row.kind).unwrap();
            item.row.open.is_sign_negative() && policy.credit_kinds.contains(&kind)
        };
        let mut credits: Vec<Item<'_>> = candidates().filter(|i| pays(i) && lets_in(policy, i)).collect();
        let mut debits: Vec<Item<'_>> =
            candidates().filter(|i| !i.row.open.is_sign_negative() && lets_in(policy, i)).collect();
        credits.sort_by_key(|i| (i.row.document.clone(), i.row.instalment));
        match policy.credit_order {
            CreditOrder::OldestFirst => credits.sort_by_key(|i| effective(i.document)),
            CreditOrder::NewestFirst => credits.sort_by_key(|i| std::cmp::Reverse(effective(i.document))),
        }
        plain.account(&mut credits, &mut debits);
    }
    plain
}

fn lets_in(policy: &AllocationPolicy, item: &Item<'_>) -> bool {
    let filter = &policy.filter;
    let listed = |list: &Option<Vec<String>>, id: &str| {
        list.as_ref().is_none_or(|ids| ids.is_empty() || ids.iter().any(|i| i == id))
    };
    let credit = item.row.open.is_sign_negative();
    let (ids, min, max) = if credit {
        (&filter.credits, filter.credit_min, filter.credit_max)
    } else {
        (&filter.debits, filter.debit_min, filter.debit_max)
    };
    let size = item.row.open.abs();
    let decimal = |exact: Exact| Decimal::from_i128_with_scale(exact.units(), u32::from(exact.scale()));
    listed(&filter.customers, &item.row.customer)
        && listed(&filter.currencies, &item.row.currency)
        && listed(ids, &item.row.document)
        && min.is_none_or(|min| decimal(min) <= size)
        && max.is_none_or(|max| size <= decimal(max))
        && (credit || filter.due_until.is_none_or(|until| item.row.due_date.is_some_and(|due| due <= until)))
        && (filter.disputed == TakesPart::Included || item.row.disputed.is_zero())
        && (filter.held == TakesPart::Included || item.row.held.is_zero())
}

impl Plain<'_> {
    fn room(&self, item: &Item<'_>) -> i64 {
        item.left.min(self.together[&item.row.document]).max(0)
    }

    fn account(&mut self, credits: &mut [Item<'_>], debits: &mut [Item<'_>]) {
        for strategy in &self.policy.strategies {
            for credit in credits.iter_mut() {
                for debit in self.order(*strategy, credit, debits) {
                    let debit = &mut debits[debit];
                    let amount = self.room(credit).min(self.room(debit));
                    if amount == 0 || (self.policy.partial == Partial::Refused && amount != debit.left) {
                        continue;
                    }
                    self.lines.push((
                        credit.row.document.clone(),
                        debit.row.document.clone(),
                        debit.row.instalment,
                        amount,
                        strategy.name().to_owned(),
                        credit.left,
                        debit.left,
                    ));
                    credit.left -= amount;
                    debit.left -= amount;
                    *self.together.get_mut(&credit.row.document).unwrap() -= amount;
                    *self.together.get_mut(&debit.row.document).unwrap() -= amount;
                }
            }
        }
        let any = debits.iter().any(|debit| self.room(debit) > 0);
        let reason = if any { "no_match" } else { "no_open_debit" };
        for credit in credits.iter() {
            let rest = self.room(credit);
            if rest > 0 {
                self.unapplied.push((credit.row.document.clone(), rest, reason.to_owned()));
            }
        }
    }

    /// Places of debits in the order in which the strategy takes them for this credit.
    fn order(&self, strategy: Match, credit: &Item<'_>, debits: &[Item<'_>]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..debits.len()).filter(|at| self.room(&debits[*at]) > 0).collect();
        let by_id = |at: &usize| (debits[*at].row.document.clone(), debits[*at].row.instalment);
        let due = |at: &usize| debits[*at].row.due_date;
        order.sort_by_key(by_id);
        order.sort_by_key(|at| (due(at).is_none(), due(at)));
        match strategy {
            Match::OldestDue => {}
            Match::NewestDue => {
                order.sort_by_key(by_id);
                order.sort_by_key(|at| (due(at).is_none(), std::cmp::Reverse(due(at))));
            }
            Match::OldestDocument => {
                order.sort_by_key(by_id);
                order.sort_by_key(|at| debits[*at].row.document_date);
            }
            Match::NewestDocument => {
                order.sort_by_key(by_id);
                order.sort_by_key(|at| std::cmp::Reverse(debits[*at].row.document_date));
            }
            Match::LargestFirst => order.sort_by_key(|at| std::cmp::Reverse(debits[*at].left)),
            Match::UserOrder => {
                let place = |at: &usize| self.policy.user_order.iter().position(|id| *id == debits[*at].row.document);
                order.retain(|at| place(at).is_some());
                order.sort_by_key(place);
            }
            Match::Reference => {
                let reference = credit.document.reference.clone().unwrap_or_default();
                let tokens: Vec<&str> = reference.split([' ', ',', ';', '\t']).filter(|t| !t.is_empty()).collect();
                order.retain(|at| {
                    let paid = debits[*at].document;
                    tokens.contains(&paid.id.as_str())
                        || paid.reference.as_deref().is_some_and(|own| tokens.contains(&own))
                        || credit.document.related.as_deref() == Some(&paid.id)
                });
            }
            Match::ExactAmount => {
                let wanted = self.room(credit);
                if let Some(at) = order.iter().find(|at| debits[**at].left == wanted) {
                    return vec![*at];
                }
                let together = |id: &str| -> Vec<usize> {
                    order.iter().copied().filter(|at| debits[*at].row.document == id).collect()
                };
                let sum = |all: &[usize]| all.iter().map(|at| debits[*at].left).sum::<i64>();
                let found = order.iter().map(|at| together(&debits[*at].row.document)).find(|all| sum(all) == wanted);
                return found.unwrap_or_default();
            }
        }
        order
    }
}

// Laws of one proposal.

/// Conservation, bounds, and what a policy that refuses parts may not do.
fn lawful(rows: &[OpenItem], proposal: &Proposal, policy: &AllocationPolicy) {
    let mut spent: BTreeMap<String, i64> = BTreeMap::new();
    for (credit, _, _, amount, _, credit_left, debit_left) in lines(proposal) {
        assert!(amount > 0 && amount <= credit_left && amount <= debit_left);
        if policy.partial == Partial::Refused {
            assert_eq!(amount, debit_left);
        }
        *spent.entry(credit).or_insert(0) += amount;
    }
    for (credit, amount, _) in unapplied(proposal) {
        assert!(amount > 0);
        *spent.entry(credit).or_insert(0) += amount;
    }
    for (credit, spent) in spent {
        let of_credit = rows.iter().filter(|row| row.document == credit);
        let left: i64 = of_credit.map(|row| minor(row.pending) - minor(row.open)).sum();
        assert_eq!(spent, left, "Σ lines + unapplied = what {credit} has left");
    }
}

/// Under an ordered policy at most one item of an account is cleared in part, and all before it are cleared.
fn is_a_prefix(ordered: &[(String, u32)], rows: &[OpenItem], proposal: &Proposal) {
    let mut paid: BTreeMap<(String, u32), i64> = BTreeMap::new();
    for (_, debit, instalment, amount, ..) in lines(proposal) {
        *paid.entry((debit, instalment)).or_insert(0) += amount;
    }
    let mut ended = false;
    for key in ordered {
        let row = rows.iter().find(|row| (&row.document, row.instalment) == (&key.0, key.1)).unwrap();
        let paid = paid.get(key).copied().unwrap_or(0);
        assert!(!ended || paid == 0, "{key:?} is paid after one that is not cleared");
        ended |= paid < minor(row.open);
    }
}

#[test]
fn every_ledger_of_a_small_world_is_allocated_as_the_specification_reads() {
    let due = [Some(20), Some(10), None, Some(10)];
    let dated = [3, 1, 2, 2];
    let mut proposals = 0_u32;
    for items in 0..=4_u32 {
        for code in 0..4_u32.pow(items) {
            let amounts: Vec<i64> = (0..items).map(|at| i64::from(code / 4_u32.pow(at) % 4)).collect();
            for paid in 0..=6 {
                let mut facts = Facts { customers: customers(&["C"]), ..Facts::default() };
                for (at, amount) in amounts.iter().enumerate() {
                    let id = ["D", "B", "A", "C"][at];
                    facts.documents.push(document(id, "invoice", *amount, dated[at], due[at]));
                }
                // One receipt, or two with the same money.
                let receipts = if paid % 2 == 0 { vec![paid] } else { vec![paid / 2, paid - paid / 2] };
                for (at, amount) in receipts.into_iter().enumerate() {
                    let mut receipt = document(["P", "Q"][at], "payment", -amount, 30, None);
                    receipt.reference = Some("A, x".into());
                    facts.documents.push(receipt);
                }
                let view = load(&facts).as_of(day(40));
                let rows = view.open_items();
                for strategies in chains() {
                    for partial in [Partial::Allowed, Partial::Refused] {
                        let policy = AllocationPolicy {
                            partial,
                            user_order: vec!["C".into(), "A".into()],
                            ..policy(&strategies)
                        };
                        let proposal = view.propose(&policy).unwrap();
                        let plain = plainly(&rows, &facts, &policy);
                        assert_eq!(lines(&proposal), plain.lines, "{amounts:?} {paid} {strategies:?} {partial:?}");
                        assert_eq!(unapplied(&proposal), plain.unapplied, "{amounts:?} {paid} {strategies:?}");
                        lawful(&rows, &proposal, &policy);
                        proposals += 1;
                    }
                }
            }
        }
    }
    assert_eq!(proposals, 341 * 7 * 10 * 2);
}

fn chains() -> Vec<Vec<Match>> {
    let mut all: Vec<Vec<Match>> = Match::ALL.iter().map(|strategy| vec![*strategy]).collect();
    all.push(AllocationPolicy::default().strategies);
    all.push(vec![Match::UserOrder, Match::LargestFirst, Match::ExactAmount]);
    all
}

// Random ledgers: amounts small, so that they meet; days few, so that they tie.

#[derive(Debug, Clone)]
struct World {
    settings: Settings,
    facts: Facts,
}

impl World {
    fn ledger(&self) -> Ledger {
        Ledger::load(self.settings.clone(), &self.facts.tables()).unwrap()
    }
}

const TODAY: i64 = 20;

/// Kind, amount, sign of a journal, customer and currency, days, reference, related.
type Drawn = (
    &'static str,
    i64,
    bool,
    (&'static str, &'static str),
    (i64, Option<i64>, Option<i64>),
    Option<&'static str>,
    Option<usize>,
);

fn documents() -> impl Strategy<Value = Vec<Document>> {
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
    fn worlds()(
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
fn schedule(facts: &mut Facts, at: usize, parts: &[(i64, i64)], any_sign: bool) {
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
fn settle(world: &mut World, number: usize, (credit, debit, amount, on, instalment): (usize, usize, i64, i64, i64)) {
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

fn policies() -> impl Strategy<Value = AllocationPolicy> {
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(384) })]

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

/// Conservation looks at candidates alone: what a filter leaves out is nowhere in the proposal.
fn lawful_of(rows: &[OpenItem], proposal: &Proposal, policy: &AllocationPolicy) {
    let items_chosen = policy.filter.credit_max.is_some()
        || policy.filter.disputed == TakesPart::Excluded
        || policy.filter.held == TakesPart::Excluded;
    if !items_chosen {
        lawful(rows, proposal, policy);
    }
}

fn settled_as_proposed(before: &[OpenItem], after: &[OpenItem], proposal: &Proposal) {
    let open = |rows: &[OpenItem], id: &str| -> i64 {
        rows.iter().filter(|row| row.document == id).map(|row| minor(row.open)).sum()
    };
    let mut change: BTreeMap<String, i64> = BTreeMap::new();
    for (credit, debit, _, amount, ..) in lines(proposal) {
        *change.entry(credit).or_insert(0) += amount;
        *change.entry(debit).or_insert(0) -= amount;
    }
    for row in before {
        let change = change.get(&row.document).copied().unwrap_or(0);
        assert_eq!(open(after, &row.document), open(before, &row.document) + change);
    }
}

/// Whether the same lines once more would take more of some document than it has.
fn takes_more_than_is_left(rows: &[OpenItem], proposal: &Proposal) -> bool {
    let mut taken: BTreeMap<String, i64> = BTreeMap::new();
    for (credit, debit, _, amount, ..) in lines(proposal) {
        *taken.entry(credit).or_insert(0) += amount;
        *taken.entry(debit).or_insert(0) += amount;
    }
    let left = |id: &String| rows.iter().filter(|row| row.document == *id).map(|row| minor(row.open)).sum::<i64>();
    taken.iter().any(|(id, taken)| left(id).abs() < *taken)
}

fn amounts(proposal: &Proposal) -> Vec<(String, String, u32, i64)> {
    lines(proposal).into_iter().map(|line| (line.0, line.1, line.2, line.3)).collect()
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

#[test]
fn an_undone_proposal_leaves_what_came_after_it_alone() {
    let mut facts = Facts { customers: customers(&["C"]), ..Facts::default() };
    facts.documents.push(document("I1", "invoice", 10_000, 0, Some(5)));
    facts.documents.push(document("I2", "invoice", 7_000, 1, Some(6)));
    facts.documents.push(document("P1", "payment", -12_000, 2, None));
    let ledger = load(&facts);
    let first = ledger.as_of(day(3)).propose(&policy(&[Match::OldestDue])).unwrap();
    let ledger = ledger.append(&first.facts("one").tables(), day(3)).unwrap();
    let later = Facts { documents: vec![document("P2", "payment", -3_000, 4, None)], ..Facts::default() };
    let ledger = ledger.append(&later.tables(), day(4)).unwrap();
    let second = ledger.as_of(day(4)).propose(&policy(&[Match::OldestDue])).unwrap();
    let ledger = ledger.append(&second.facts("two").tables(), day(4)).unwrap();
    let open = |ledger: &Ledger, on: i64| -> Vec<(String, i64)> {
        ledger.as_of(day(on)).open_items().into_iter().map(|row| (row.document, minor(row.open))).collect()
    };
    assert_eq!(open(&ledger, 4), [("I2".into(), 2_000)]);
    let undo = |id: &str| Reversal { allocation: id.into(), effective: date(5), ..Reversal::default() };
    let reversals = Facts { reversals: vec![undo("one-1"), undo("one-2")], ..Facts::default() };
    let undone = ledger.append(&reversals.tables(), day(5)).unwrap();
    assert_eq!(open(&undone, 5), [("I1".into(), 10_000), ("I2".into(), 4_000), ("P1".into(), -12_000)]);
    // The days before it, and what was posted after it, are as they were.
    assert_eq!(open(&undone, 4), open(&ledger, 4));
    let again = undone.as_of(day(5)).propose(&policy(&[Match::OldestDue])).unwrap();
    assert_eq!(amounts(&again).iter().map(|line| line.3).collect::<Vec<_>>(), [10_000, 2_000]);
}

#[test]
fn a_bad_policy_is_refused_with_the_path_of_its_field() {
    let refused = |text: &str| {
        let refused = facade::allocation_policy(text).unwrap_err();
        assert_eq!(refused.total, 1);
        (refused.problems[0].code.clone(), refused.problems[0].field.clone().unwrap_or_default())
    };
    for (text, field) in [
        (r#"{"strategies": ["oldest_due", "fifo"]}"#, "strategies"),
        (r#"{"strategies": []}"#, "strategies"),
        (r#"{"strategies": "oldest_due"}"#, "strategies"),
        (r#"{"credit_kinds": ["cheque"]}"#, "credit_kinds"),
        (r#"{"partial": true}"#, "partial"),
        (r#"{"version": "1"}"#, "version"),
        (r#"{"tolerance": "5.00"}"#, "tolerance"),
        (r#"{"filter": {"credit_min": 5.5}}"#, "filter.credit_min"),
        (r#"{"filter": {"debit_max": "1,000"}}"#, "filter.debit_max"),
        (r#"{"filter": {"due_until": "2026-02-30"}}"#, "filter.due_until"),
        (r#"{"filter": {"due_until": "2026-02-28T00:00:00"}}"#, "filter.due_until"),
        (r#"{"filter": {"disputed": "maybe"}}"#, "filter.disputed"),
        (r#"{"filter": {"customers": [1]}}"#, "filter.customers"),
        (r#"{"filter": {"colour": "red"}}"#, "filter.colour"),
        (r#"{"filter": []}"#, "filter"),
        (r#"{"filter": null}"#, "filter"),
        ("[]", ""),
        ("7", ""),
        ("{", ""),
    ] {
        assert_eq!(refused(text), ("policy_invalid".into(), field.into()), "{text}");
    }
    assert_eq!(refused(r#"{"version": 2, "best_match": true}"#), ("unsupported_version".into(), "version".into()));
    let reason =
        &facade::allocation_policy(r#"{"strategies": ["oldest_due", "fifo"]}"#).unwrap_err().problems[0].reason;
    assert!(reason.starts_with("strategies[1]: "), "{reason}");
    let mut beyond = AllocationPolicy::default();
    beyond.filter.due_until = Some(NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap());
    assert_eq!(beyond.check().unwrap_err().field.as_deref(), Some("filter.due_until"));
}
