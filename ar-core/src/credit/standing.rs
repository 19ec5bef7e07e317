//! What is known of a customer on a day, whatever is asked about it: balances, commitments, what secures it, its credit
//! lines and attributes; and when somebody asks, its open debits. Read from the index, in time that does not grow with the
//! ledger.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::given::Given;
use super::limit;
use super::part::{self, DELIVERIES, DRAFTS, GUARANTEES, INSURANCE, ORDERS, Parts};
use super::policy::Amounts;
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::commitments::left_of_customer;
use crate::ledger::layers::{NONE, place};
use crate::ledger::left_over::with_those_above;
use crate::ledger::running::{Balances, kind_of};
use crate::ledger::store::{
    Attribute, CommitmentFact, CommitmentKind, CreditLineFact, CreditLineKind, NO_BASE, NO_DAY,
};
use crate::money::{Exact, Minor, Rounding, multiply_divide};
use crate::problem::{Problem, Refused};

/// A commitment with something left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pledge {
    pub id: u32,
    pub kind: CommitmentKind,
    pub company: u32,
    pub currency: u32,
    pub amount: Minor,
    /// `NO_BASE`: none.
    pub net: Minor,
    /// Of its amount.
    pub left: i128,
    pub expected: i32,
}

impl Pledge {
    pub(super) fn of(fact: &CommitmentFact, left: i128) -> Self {
        Self {
            id: fact.id,
            kind: fact.kind,
            company: fact.company,
            currency: fact.currency,
            amount: fact.amount,
            net: fact.net,
            left,
            expected: fact.expected,
        }
    }

    /// What counts of it when so much of its amount is left.
    pub(super) fn counted(&self, left: i128, amounts: Amounts) -> i128 {
        counted_of(self.amount, (self.net != NO_BASE).then_some(self.net), left, amounts)
    }

    pub(super) fn place(&self) -> usize {
        match self.kind {
            CommitmentKind::Delivery => DELIVERIES,
            CommitmentKind::Order => ORDERS,
            CommitmentKind::Draft => DRAFTS,
        }
    }
}

/// What counts of a document or commitment of such an amount, of which so much is left.
pub(super) fn counted_of(amount: Minor, net: Option<Minor>, left: i128, amounts: Amounts) -> i128 {
    match net.filter(|_| amounts == Amounts::Net) {
        Some(net) => multiply_divide(net.into(), left, amount.into(), Rounding::HalfAwayFromZero).unwrap_or(0),
        None => left,
    }
}

/// What counts in a company and currency, but for the document and what is expected too late.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum {
    /// `NONE` for what covers all companies.
    pub company: u32,
    pub currency: u32,
    pub parts: Parts,
}

/// The amounts of a customer, or of all of a family.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    /// Whose they are: a customer's (`NONE`: nobody's), and of all that were taken in.
    owner: u32,
    others: Vec<u32>,
    pub sums: Vec<Sum>,
    pub pledges: Vec<Pledge>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { owner: NONE, others: Vec::new(), sums: Vec::new(), pledges: Vec::new() }
    }
}

impl Pool {
    pub(super) fn add(&mut self, company: u32, currency: u32, parts: &Parts) {
        match self.sums.iter_mut().find(|sum| (sum.company, sum.currency) == (company, currency)) {
            Some(sum) => {
                for (at, amount) in parts.iter().enumerate() {
                    part::add(&mut sum.parts, at, *amount);
                }
            }
            None => self.sums.push(Sum { company, currency, parts: *parts }),
        }
    }

    fn add_balances(&mut self, view: &View, account: u32, balances: &Balances) {
        if balances.iter().any(|amount| *amount != 0) {
            let held = view.store.account(account);
            self.add(held.company, held.currency, &part::of_balances(balances));
        }
    }

    /// Whether amounts of a customer are in it.
    pub(super) fn is_of(&self, customer: u32) -> bool {
        self.owner == customer || self.others.contains(&customer)
    }

    pub(super) fn take_in(&mut self, other: &Self) {
        self.others.push(other.owner);
        self.others.extend_from_slice(&other.others);
        for sum in &other.sums {
            self.add(sum.company, sum.currency, &sum.parts);
        }
        self.pledges.extend_from_slice(&other.pledges);
    }
}

/// A credit line, or the attribute that is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// `NONE` for the attribute.
    pub id: u32,
    pub kind: CreditLineKind,
    pub customer: u32,
    pub group: u32,
    /// `NONE`: of all companies.
    pub company: u32,
    pub currency: u32,
    /// `NO_BASE`: no limit.
    pub amount: Minor,
    pub order: (i32, i32, u64),
}

impl Line {
    pub(super) fn of(fact: &CreditLineFact) -> Self {
        Self {
            id: fact.id,
            kind: fact.kind,
            customer: fact.customer,
            group: fact.group,
            company: fact.company,
            currency: fact.currency,
            amount: fact.amount,
            order: (fact.effective, fact.recorded, fact.seq),
        }
    }
}

/// An open debit item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Debit {
    pub document: u32,
    pub company: u32,
    pub currency: u32,
    /// Since it fell due; 0 or less before, and without a due date.
    pub days: i64,
    pub open: Minor,
    /// That of the last notice about it.
    pub level: u32,
}

/// An open item below zero that is due.
#[derive(Debug, Clone, Copy)]
pub(super) struct DueCredit {
    pub company: u32,
    pub currency: u32,
    pub open: Minor,
}

/// What is known of a customer on a day.
#[derive(Debug)]
pub(super) struct Standing {
    pub customer: u32,
    pub pool: Pool,
    /// Limits and caps of its own, in force.
    pub lines: Vec<Line>,
    /// The limit that its attribute sets, or what is wrong with it.
    attribute_limit: Result<Option<Line>, Refused>,
    /// Its parent, that one's, and so on.
    pub parents: Vec<u32>,
    pub group: u32,
    pub terms: u32,
    pub blocked: u32,
    pub score: u32,
    /// The score, if it is a number.
    pub scored: Option<Exact>,
    /// The day of the next review.
    pub review: Option<i32>,
    debits: OnceLock<Vec<Debit>>,
    due_credits: OnceLock<Vec<DueCredit>>,
}

impl Standing {
    pub(super) fn of(given: &Given, customer: u32) -> Self {
        let view = &given.view;
        let store = &view.store;
        let attribute = |name: Attribute| store.attribute(customer, name, view.day().number(), view.known_on);
        let text = |number: u32| if number == NONE { "" } else { store.texts.text(number) };
        let score = attribute(Attribute::Score);
        let lines: Vec<Line> = in_force(view, customer).map(Line::of).collect();
        let mut parents = Vec::new();
        let mut next = attribute(Attribute::Parent);
        while next != NONE && next != customer && !parents.contains(&next) {
            parents.push(next);
            next = store.attribute(next, Attribute::Parent, view.day().number(), view.known_on);
        }
        Self {
            customer,
            pool: pool(given, customer, &lines),
            lines,
            attribute_limit: limit_attribute(given, customer),
            parents,
            group: attribute(Attribute::Group),
            terms: attribute(Attribute::Terms),
            blocked: attribute(Attribute::Blocked),
            score,
            scored: Exact::parse(text(score)).ok(),
            review: Day::parse(text(attribute(Attribute::ReviewDate))).ok().map(Day::number),
            debits: OnceLock::new(),
            due_credits: OnceLock::new(),
        }
    }

    /// The lines of a kind that may be asked about it.
    ///
    /// # Errors
    /// What is wrong with its attribute `limit`, when it is asked about its limit.
    pub(super) fn asked_lines<'a>(
        &'a self,
        general: &'a [Line],
        kind: CreditLineKind,
    ) -> Result<impl Iterator<Item = &'a Line>, Refused> {
        let attribute = match (&self.attribute_limit, kind) {
            (Err(refused), CreditLineKind::Limit) => return Err(refused.clone()),
            (Ok(line), CreditLineKind::Limit) => line.as_ref(),
            _ => None,
        };
        Ok(limit::of_customer(&self.lines, self.group, general, kind).chain(attribute))
    }

    /// The open debit items, found when first asked for.
    pub(super) fn debits(&self, view: &View) -> &[Debit] {
        self.debits.get_or_init(|| debits(view, self.customer))
    }

    /// The open items below zero that are due, found when first asked for.
    pub(super) fn due_credits(&self, view: &View) -> &[DueCredit] {
        self.due_credits.get_or_init(|| due_credits(view, self.customer))
    }
}

/// The accounts of a customer, sorted.
fn accounts(view: &View, customer: u32) -> Vec<u32> {
    let mut accounts: Vec<u32> = view.store.customer_accounts.of(customer).map(|held| held.account).collect();
    accounts.sort_unstable();
    accounts
}

/// The credit lines of a customer, or of none, that are in force.
pub(super) fn in_force(view: &View, customer: u32) -> impl Iterator<Item = &CreditLineFact> {
    view.store.credit_lines.of(customer).filter(|fact| is_in_force(view, fact))
}

/// Whether a credit line is in force.
pub(super) fn is_in_force(view: &View, fact: &CreditLineFact) -> bool {
    view.counted(fact.effective, fact.recorded) && fact.until >= view.day().number() && !view.is_closed(fact.id)
}

fn pool(given: &Given, customer: u32, lines: &[Line]) -> Pool {
    let view = &given.view;
    let mut pool = Pool { owner: customer, ..Pool::default() };
    if view.known_on == i32::MAX {
        for held in view.store.customer_accounts.of(customer) {
            pool.add_balances(view, held.account, &view.store.balances(held.account, view.stood_on()));
        }
    } else {
        for (account, balances) in balances_known(view, customer) {
            pool.add_balances(view, account, &balances);
        }
    }
    add_pledges(given, customer, &mut pool);
    add_covers(lines, &mut pool);
    pool
}

/// What secures.
pub(super) fn add_covers(lines: &[Line], pool: &mut Pool) {
    for line in lines.iter().filter(|line| line.kind.secures()) {
        let mut parts = Parts::default();
        let at = if line.kind == CreditLineKind::Guarantee { GUARANTEES } else { INSURANCE };
        part::add(&mut parts, at, i128::from(line.amount).saturating_neg());
        pool.add(line.company, line.currency, &parts);
    }
}

/// What each account of a customer is owed, by kind, as known on an earlier day: summed up item by item.
fn balances_known(view: &View, customer: u32) -> Vec<(u32, Balances)> {
    let of_customer = view.of_accounts(accounts(view, customer));
    let items = &of_customer.items;
    let mut all: Vec<(u32, Balances)> = Vec::new();
    for ((account, open), document) in items.account.iter().zip(&items.open).zip(&items.document) {
        let Some((piece, row)) = view.store.documents.find(*document) else { continue };
        let kind = piece.kind.get(row).map_or(0, |kind| kind_of(*kind));
        if all.last().is_none_or(|(held, _)| held != account) {
            all.push((*account, Balances::default()));
        }
        if let Some(slot) = all.last_mut().and_then(|(_, balances)| balances.get_mut(kind)) {
            *slot = slot.saturating_add(i128::from(*open));
        }
    }
    all
}

/// What is left of the commitments of a customer.
pub(super) fn add_pledges(given: &Given, customer: u32, pool: &mut Pool) {
    for (fact, left) in left_of_customer(&given.view, customer) {
        let pledge = Pledge::of(fact, left);
        let mut parts = Parts::default();
        part::add(&mut parts, pledge.place(), pledge.counted(left, given.policy.amounts));
        pool.add(fact.company, fact.currency, &parts);
        pool.pledges.push(pledge);
    }
}

/// The limit that the attribute of that name sets.
pub(super) fn limit_attribute(given: &Given, customer: u32) -> Result<Option<Line>, Refused> {
    let view = &given.view;
    let store = &view.store;
    let mut latest: Option<((i32, i32, u64), u32)> = None;
    for change in store.changes.of(customer).filter(|change| change.attribute == Attribute::Limit) {
        let order = (change.effective, change.recorded, change.seq);
        let counts = change.effective <= view.day().number() && change.recorded <= view.known_on;
        if counts && latest.is_none_or(|(held, _)| held < order) {
            latest = Some((order, change.value));
        }
    }
    let Some((order, value)) = latest.filter(|(_, value)| *value != NONE) else { return Ok(None) };
    let text = store.texts.text(value);
    let (amount, code) = match text.split_once(' ') {
        Some((amount, code)) => (amount, Some(code)),
        None => (text, store.settings.base_currency.as_deref()),
    };
    let at = |refused: Refused| refused.at(None, None, "limit");
    let exact = Exact::parse(amount).map_err(|error| at(error.into()))?;
    let number = given.coin(code.unwrap_or("")).map_err(|problem| at(problem.into()))?;
    let amount = exact.to_minor(given.digits(number)).map_err(|error| at(error.into()))?;
    if amount < 0 {
        return Err(Problem::new("wrong_sign", "expected a limit not below zero").field("limit").into());
    }
    let (kind, group, company) = (CreditLineKind::Limit, NONE, NONE);
    // Of one day, a credit line goes before it.
    let order = (order.0, order.1, 0);
    Ok(Some(Line { id: NONE, kind, customer, group, company, currency: number, amount, order }))
}

pub(super) fn debits(view: &View, customer: u32) -> Vec<Debit> {
    let of_customer = view.of_accounts(accounts(view, customer));
    let items = &of_customer.items;
    // What is about a document is about what is left of it.
    let whole = of_customer.left_overs().into_whole();
    let mut all = Vec::new();
    for (at, open) in items.open.iter().enumerate().filter(|(_, open)| **open > 0) {
        let document = items.document.get(at).copied().unwrap_or(NONE);
        let account = view.store.account(items.account.get(at).copied().unwrap_or(NONE));
        let due = items.due.get(at).copied().filter(|due| *due != NO_DAY);
        let days = due.map_or(0, |due| i64::from(view.day().number()).saturating_sub(due.into()));
        all.push(Debit {
            document,
            company: account.company,
            currency: account.currency,
            days,
            open: *open,
            level: dunned_level(view, account.customer, with_those_above(&whole, (document, items.instalment(at)))),
        });
    }
    all
}

/// Credits fall due on their due date, without one on the day on which they count.
fn due_credits(view: &View, customer: u32) -> Vec<DueCredit> {
    let of_customer = view.of_accounts(accounts(view, customer));
    let items = &of_customer.items;
    let mut all = Vec::new();
    for (at, open) in items.open.iter().enumerate().filter(|(_, open)| **open < 0) {
        let document = items.document.get(at).copied().unwrap_or(NONE);
        let effective =
            || view.store.documents.find(document).and_then(|(piece, row)| piece.effective.get(row)).copied();
        let due = items.due.get(at).copied().filter(|due| *due != NO_DAY).or_else(effective);
        if due.is_some_and(|due| due < view.day().number()) {
            let account = view.store.account(items.account.get(at).copied().unwrap_or(NONE));
            all.push(DueCredit { company: account.company, currency: account.currency, open: *open });
        }
    }
    all
}

/// The level at which the last notice is about an item, or about one that it is left of.
fn dunned_level(view: &View, customer: u32, items: impl Iterator<Item = (u32, u32)>) -> u32 {
    let store = &view.store;
    let mut latest: Option<((i32, i32, u64), u32)> = None;
    let mut take = |order: (i32, i32, u64), level: u32| {
        // Of one notice, the first line that names the item.
        if latest.is_none_or(|(held, _)| held < order) {
            latest = Some((order, level));
        }
    };
    for (document, instalment) in items {
        for line in store.notice_lines.of(document) {
            let names = line.instalment == NONE || line.instalment == instalment;
            let counts = view.counted(line.effective, line.recorded) && !view.is_closed(line.notice);
            if names && line.notice_level > 0 && counts {
                take((line.effective, line.recorded, line.notice_seq), line.level);
            }
        }
        for notice in store.notices.of(customer).filter(|notice| notice.document == document && notice.level > 0) {
            if view.counted(notice.effective, notice.recorded) && !view.is_closed(notice.id) {
                take((notice.effective, notice.recorded, notice.seq), notice.level);
            }
        }
    }
    latest.map_or(0, |(_, level)| level)
}

/// All below a customer in the tree of parents, itself first.
pub(super) fn family(view: &View, head: u32) -> Vec<u32> {
    let store = &view.store;
    let mut members = vec![head];
    let mut seen: FxHashSet<u32> = FxHashSet::default();
    seen.insert(head);
    let mut next = 0;
    while let Some(parent) = members.get(next).copied() {
        let mut children: Vec<u32> = store.children.of(parent).map(|fact| fact.child).collect();
        children.sort_unstable();
        children.dedup();
        for child in children {
            let of = store.attribute(child, Attribute::Parent, view.day().number(), view.known_on);
            if of == parent && seen.insert(child) {
                members.push(child);
            }
        }
        next = next.saturating_add(1);
    }
    members
}

/// The amounts of all of a family.
pub(super) fn pooled(standings: &[Arc<Standing>]) -> Pool {
    let mut all = Pool::default();
    for standing in standings {
        all.take_in(&standing.pool);
    }
    all
}

/// The place of a customer's id among all.
pub(super) fn id_of(view: &View, customer: u32) -> &str {
    if customer == NONE || place(customer) >= place(view.store.customers.len()) {
        return "";
    }
    view.store.customer_ids.text(customer)
}
