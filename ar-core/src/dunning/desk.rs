//! One desk: what a customer owes a company in a currency. Which of its items are dunned, at which level, of how much; and
//! what keeps the others back. The predicates stand here in the order in which they are asked.

use rustc_hash::{FxHashMap, FxHashSet};

use super::covering::Covering;
use super::given::{Given, Promised};
use super::history::{Desk, History, Past};
use super::level::{Due, Standing, takes_part};
use super::lines::{Line, Lines};
use super::plain::{DueDays, PlainDesk, Written};
use super::policy::{ChargeUse, DunningBasis, DunningUnit, InFlight, Procedure, Respect};
use super::reason::Verdict;
use super::restart::Before;
use crate::aging::keys::Values;
use crate::calendar::Day;
use crate::interest::CompiledInterest;
use crate::ledger::DocumentKind;
use crate::ledger::layers::{self, NONE, count};
use crate::ledger::store::{NO_DAY, Store};
use crate::money::Minor;

/// Where the lines of a desk lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct DeskLines {
    pub account: u32,
    pub procedure: u32,
    /// The first, and the one after the last.
    pub lines: (u32, u32),
    pub asked: Asked,
}

/// What lines ask for together, in their own currency, and the highest of their levels.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    pub claims: i128,
    pub level: u32,
    pub lines: u32,
    /// Whether there is no notice because even the oldest line is too young.
    pub too_young: bool,
}

impl Asked {
    pub(super) fn add(&mut self, amount: i128, level: u32) {
        self.claims = self.claims.saturating_add(amount);
        self.level = self.level.max(level);
        self.lines = self.lines.saturating_add(1);
    }
}

/// Whether nothing but days, amounts and credits decides, as far as that is known before a desk is looked at.
pub(super) fn is_plain(given: &Given<'_>, history: &History, today: &History) -> bool {
    let (policy, store) = (given.policy, &given.view.store);
    // Charges of notices that were withdrawn may be for nothing.
    let may_be_unfounded = || store.notices.iter().next().is_some() && store.has_kind(DocumentKind::Charge);
    given.is_plain()
        && history.is_empty()
        && !may_be_unfounded()
        && today.is_empty()
        && policy.unit == DunningUnit::Item
        && given.procedures.iter().all(|(_, rules)| rules.max_notices.is_none_or(|most| most > 0))
        && policy.basis == DunningBasis::DueDate
}

impl DeskLines {
    pub(super) fn range(self) -> std::ops::Range<usize> {
        layers::place(self.lines.0)..layers::place(self.lines.1)
    }
}

/// A question that was asked of an item: see [`super::DunningRun::explain`].
pub(super) type Answered = (Verdict, bool, String);

/// Goes from desk to desk.
pub(super) struct Walk<'a> {
    pub given: &'a Given<'a>,
    pub history: &'a Before,
    /// Where charges of the view's day are looked for.
    pub today: &'a History,
    values: Values<'a>,
    /// By item.
    pub verdict: Vec<Verdict>,
    pub lines: Lines,
    pub desks: Vec<DeskLines>,
    /// The credits to be listed, by the place of their desk.
    pub listed: FxHashMap<usize, Vec<u32>>,
    /// By item what promises protect.
    promised: FxHashMap<u32, Minor>,
    /// Customers and currencies whose promises are looked at.
    promised_out: FxHashSet<(u32, u32)>,
    /// By item the last promise that took a part.
    pub promise_of: FxHashMap<u32, u32>,
    /// By charge the item that it follows.
    pub follows: FxHashMap<u32, u32>,
    /// Charges that are no reason for a notice: what they belong to stays at its level.
    pub beside: FxHashSet<u32>,
    /// By item what credits cover, and from which day on; only where interest is asked.
    pub covered: FxHashMap<u32, Vec<(i32, Minor)>>,
    plain: bool,
    /// By procedure; empty where not all is plain.
    due_days: Vec<DueDays<'a>>,
    /// The item whose questions are told.
    watched: Option<u32>,
    pub answers: Vec<Answered>,
}

/// Whose items they are, and what is true of all of them.
#[derive(Debug, Clone, Copy)]
struct Owner {
    /// The place of the account on its desk.
    place: usize,
    account: u32,
    has_procedure: bool,
    /// What blocks the customer, or to whom its notices go.
    block: Option<u32>,
    /// Whether to whom its notices go is held.
    held: bool,
    /// Whether something of the customer's ever lacked something.
    lacked: bool,
}

/// What an item is after the first predicates.
enum Stands {
    Out,
    Credit,
    Debit(Candidate),
}

/// A desk between what is asked of its items by themselves and their levels.
pub(super) struct Halfway<'d> {
    pub accounts: &'d [(u32, std::ops::Range<usize>)],
    pub procedure: usize,
    pub desk: Desk,
    pub debits: Vec<Candidate>,
    /// In the order in which they cover.
    pub covering: Vec<Covering>,
    pub listed: Vec<u32>,
}

/// An item that may be dunned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub item: usize,
    /// The place of its account on the desk.
    pub account: usize,
    pub due: i32,
    pub basis: i32,
    pub document: u32,
    pub instalment: u32,
    pub amount: Minor,
    pub past: Past,
    pub level: u32,
}

impl<'a> Walk<'a> {
    pub(super) fn new(given: &'a Given<'a>, history: &'a Before, today: &'a History, watched: Option<u32>) -> Self {
        let plain = watched.is_none() && is_plain(given, history, today) && !given.lists_credits();
        Self {
            given,
            history,
            today,
            values: Values::new(given.view),
            verdict: vec![Verdict::NotDue; given.view.items.len()],
            lines: Lines::with_room(&given.view.items, given.view.items.len()),
            desks: Vec::new(),
            listed: FxHashMap::default(),
            promised: FxHashMap::default(),
            promised_out: FxHashSet::default(),
            promise_of: FxHashMap::default(),
            follows: FxHashMap::default(),
            beside: FxHashSet::default(),
            covered: FxHashMap::default(),
            plain,
            due_days: if plain { given.due_days() } else { Vec::new() },
            watched,
            answers: Vec::new(),
        }
    }

    pub(super) fn day(&self) -> i32 {
        self.given.view.day().number()
    }

    /// Takes one desk: its accounts with their items.
    pub(super) fn desk(&mut self, accounts: &[(u32, std::ops::Range<usize>)]) {
        let Some((account, items)) = accounts.first() else { return };
        let parts = self.given.view.store.account(*account);
        let procedure = self.given.procedure(parts.customer, parts.company);
        if let (true, [_], Some(procedure)) = (self.plain, accounts, procedure)
            && self.given.block(parts.customer).is_none()
            && !self.given.ever_lacked(parts.customer)
            && (self.given.receipts.is_empty()
                || !self.given.receipts.contains_key(&(parts.company, parts.customer, parts.currency)))
            && !self.given.covers_by_credit(items.clone())
            && self.plain_desk(*account, procedure, items.clone())
        {
            return;
        }
        let halfway = self.first_half(accounts);
        if let Some(mut halfway) = halfway {
            self.cover(std::slice::from_mut(&mut halfway), 0);
            self.second_halves(vec![halfway]);
        }
    }

    /// Takes all desks, those of one company, addressee and currency together where cash is for all of them, and charges after
    /// what they belong to.
    pub(super) fn desks_together<'d>(&mut self, desks: impl Iterator<Item = &'d [(u32, std::ops::Range<usize>)]>) {
        let halves: Vec<Halfway<'d>> = desks.filter_map(|desk| self.first_half(desk)).collect();
        let halves = self.cover_all(halves);
        self.second_halves(halves);
    }

    /// Asks of the items of desks what is left of them, and goes no further.
    pub(super) fn look<'d>(&mut self, desks: impl Iterator<Item = &'d [(u32, std::ops::Range<usize>)]>) {
        let halves: Vec<Halfway<'d>> = desks.filter_map(|desk| self.first_half(desk)).collect();
        self.cover_all(halves);
    }

    /// What is asked of the items of a desk by themselves, up to what is on its way, and what its credits do; none without a
    /// procedure.
    fn first_half<'d>(&mut self, accounts: &'d [(u32, std::ops::Range<usize>)]) -> Option<Halfway<'d>> {
        let (account, _) = accounts.first()?;
        let parts = self.given.view.store.account(*account);
        let procedure = self.given.procedure(parts.customer, parts.company);
        let (mut debits, credits) = self.sorted_out(accounts, procedure.is_some());
        let procedure = procedure?;
        let (_, rules) = self.given.procedures.get(procedure).copied()?;
        self.take_promises(parts.customer, parts.currency, &mut debits);
        self.take_pending(&mut debits);
        let desk = (parts.company, parts.customer, parts.currency);
        let (covering, listed) = self.credits(rules, desk, &credits);
        Some(Halfway { accounts, procedure, desk, debits, covering, listed })
    }

    /// The levels of what is left of the items of desks, and what has one.
    fn second_halves(&mut self, mut halves: Vec<Halfway<'_>>) {
        halves.iter_mut().for_each(|half| self.put_levels(half));
        self.charges_wait(&mut halves);
        halves.into_iter().for_each(|half| self.put_lines(half));
    }

    fn put_levels(&mut self, halfway: &mut Halfway<'_>) {
        let Halfway { procedure, desk, ref mut debits, .. } = *halfway;
        let Some((_, rules)) = self.given.procedures.get(procedure).copied() else { return };
        let desk_past = match self.given.policy.unit {
            DunningUnit::Customer => self.history.of_desk(desk),
            // Of a desk whose items have their own levels only the day matters.
            DunningUnit::Item => Past { last: self.history.last_of_desk(desk), count: 0 },
        };
        self.waits(rules, desk_past, self.history.interval_from(rules, desk, desk_past), debits);
        match self.given.policy.unit {
            DunningUnit::Item => self.levels_of_items(rules, debits),
            DunningUnit::Customer => self.level_of_customer(rules, desk_past, debits),
        }
        self.asks_rates(rules, debits);
    }

    fn put_lines(&mut self, halfway: Halfway<'_>) {
        let Halfway { accounts, procedure, mut debits, listed, .. } = halfway;
        let Some((account, _)) = accounts.first() else { return };
        let Some((_, rules)) = self.given.procedures.get(procedure).copied() else { return };
        self.asks_minimum_days(rules, &mut debits);
        let (from, mut asked) = (self.lines.len(), Asked::default());
        debits.sort_by_key(|candidate| (candidate.account, candidate.item));
        for candidate in debits {
            self.set(candidate.item, Verdict::Noticed);
            asked.add(candidate.amount.into(), candidate.level);
            self.lines.push(Line { item: count(candidate.item), level: candidate.level, amount: candidate.amount });
        }
        if self.lines.len() > from || !listed.is_empty() {
            if !listed.is_empty() {
                self.listed.insert(self.desks.len(), listed);
            }
            self.end_desk(*account, procedure, from, asked);
        }
    }

    /// A desk of one account of which nothing but days, amounts and credits decides; false when it is none.
    fn plain_desk(&mut self, account: u32, procedure: usize, items: std::ops::Range<usize>) -> bool {
        let (given, view, from) = (self.given, self.given.view, self.lines.len());
        let (Some(due), Some(open)) = (view.items.due.get(items.clone()), view.items.open.get(items.clone())) else {
            return false;
        };
        let Some(days) = self.due_days.get(procedure) else { return false };
        let verdicts = self.verdict.get_mut(items.clone()).unwrap_or_default();
        let mut told = Written { first: count(items.start), open, verdicts, lines: &mut self.lines };
        let asked = PlainDesk { first: items.start, due, open }.decide(given, days, &mut told);
        if asked.too_young {
            for line in self.lines.range(from..self.lines.len()) {
                if let Some(slot) = self.verdict.get_mut(layers::place(line.item)) {
                    *slot = Verdict::MinimumDays;
                }
            }
            self.lines.truncate(from);
        }
        if self.lines.len() > from {
            self.end_desk(account, procedure, from, asked);
        }
        true
    }

    /// Notes that the lines from one on are those of a desk.
    fn end_desk(&mut self, account: u32, procedure: usize, from: usize, asked: Asked) {
        let lines = (count(from), count(self.lines.len()));
        self.desks.push(DeskLines { account, procedure: count(procedure), lines, asked });
    }

    fn set(&mut self, item: usize, verdict: Verdict) {
        if let Some(slot) = self.verdict.get_mut(item) {
            *slot = verdict;
        }
    }

    /// Asks one question of an item: whether it failed, and with which operands.
    pub(super) fn fails(
        &mut self,
        item: usize,
        verdict: Verdict,
        failed: bool,
        operands: impl FnOnce() -> String,
    ) -> bool {
        if self.watched == Some(count(item)) {
            self.answers.push((verdict, !failed, operands()));
        }
        if failed {
            self.set(item, verdict);
        }
        failed
    }

    /// The debits of a desk that come as far as promises, and its credits.
    fn sorted_out(
        &mut self,
        accounts: &[(u32, std::ops::Range<usize>)],
        has_procedure: bool,
    ) -> (Vec<Candidate>, Vec<usize>) {
        let (mut debits, mut credits) = (Vec::new(), Vec::new());
        for (place, (account, items)) in accounts.iter().enumerate() {
            self.sort_out((place, *account), items.clone(), has_procedure, &mut debits, &mut credits);
        }
        (debits, credits)
    }

    /// The first predicates, up to plans: who comes further as a debit, and which are credits.
    fn sort_out(
        &mut self,
        (place, account): (usize, u32),
        items: std::ops::Range<usize>,
        has_procedure: bool,
        debits: &mut Vec<Candidate>,
        credits: &mut Vec<usize>,
    ) {
        let owner = self.owner(place, account, has_procedure);
        for item in items {
            match self.stands(owner, item) {
                Stands::Out => {}
                Stands::Credit => credits.push(item),
                Stands::Debit(candidate) if self.follows_early(owner, &candidate) => {}
                Stands::Debit(candidate) => debits.push(candidate),
            }
        }
    }

    fn owner(&self, place: usize, account: u32, has_procedure: bool) -> Owner {
        let customer = self.given.view.store.account(account).customer;
        let held = self.given.policy.held == Respect::LeftOut && self.given.is_addressee_held(customer);
        let lacked = self.given.ever_lacked(customer);
        Owner { place, account, has_procedure, block: self.given.block(customer), held, lacked }
    }

    /// The predicates 1 to 9 of one item.
    fn stands(&mut self, owner: Owner, item: usize) -> Stands {
        let (given, view) = (self.given, self.given.view);
        let (Some(open), Some(document)) = (view.items.open.get(item), view.items.document.get(item)) else {
            return Stands::Out;
        };
        let Owner { place, account, has_procedure, block, held, lacked } = owner;
        let marks = view.marks();
        let (open, document, at) = (*open, *document, count(item));
        let out = given.asks_items() && !given.is_in_scope(&mut self.values, item, account, open);
        if self.fails(item, Verdict::OutOfScope, out, || format!("open {open}"))
            || self.fails(item, Verdict::NoProcedure, !has_procedure, String::new)
            || self.fails(item, Verdict::QuietDay, given.is_quiet, || view.day().to_string())
            || self.fails(item, Verdict::Blocked, block.is_some(), || {
                block.map_or_else(String::new, |value| format!("blocked {}", view.store.texts.text(value)))
            })
        {
            return Stands::Out;
        }
        let held = held || (given.policy.held == Respect::LeftOut && marks.held.contains(&at));
        if self.fails(item, Verdict::Held, held, String::new) {
            return Stands::Out;
        }
        if open < 0 {
            return Stands::Credit;
        }
        if given.is_charge_of_today(self.today, item) {
            self.fails(item, Verdict::NoticedToday, true, || format!("charged {}", view.day()));
            return Stands::Out;
        }
        let lacks = given.lacking.get(&document).copied();
        if self.fails(item, Verdict::RequirementMissing, lacks.is_some(), || {
            lacks.map_or_else(String::new, |text| view.store.texts.text(text).to_owned())
        }) {
            return Stands::Out;
        }
        let part = self.history.not_asked.unfounded.get(&at).copied().unwrap_or(0);
        let (disputed, with_it) = match given.policy.disputed {
            Respect::LeftOut => {
                let of_claim = self.history.not_asked.disputed.get(&at).copied().unwrap_or(0);
                let own = marks.disputed.get(&at).copied().unwrap_or(0);
                // What is left beside what is for nothing is no longer so once the dispute is over.
                (own.saturating_add(of_claim), if of_claim > 0 { part } else { 0 })
            }
            Respect::Dunned => (0, 0),
        };
        let amount = open.saturating_sub(disputed);
        if self.fails(item, Verdict::Disputed, amount.saturating_sub(with_it) <= 0, || {
            format!("open {open}, disputed {disputed}")
        }) {
            return Stands::Out;
        }
        let plan = given.in_plan.get(&document).copied();
        if self.fails(item, Verdict::InPlan, plan.is_some(), || {
            plan.map_or_else(String::new, |plan| view.store.matter_ids.text(plan).to_owned())
        }) {
            return Stands::Out;
        }
        let amount = amount.saturating_sub(part);
        if self.fails(item, Verdict::Unfounded, amount <= 0, || format!("open {open}, unfounded {part}")) {
            return Stands::Out;
        }
        // What was not payable when it fell due is covered and promised as what falls due on the day on which it is.
        let due = view.items.due.get(item).copied().unwrap_or(NO_DAY);
        let (due, basis) = match lacked {
            true => (given.policy.payable_from(view, document, due), given.policy.basis_of(view, item)),
            false => (due, given.policy.bare_basis_of(view, item)),
        };
        let instalment = view.items.instalment(item);
        let past = if self.history.is_empty() { Past::default() } else { self.history.of_item(document, instalment) };
        Stands::Debit(Candidate { item, account: place, due, basis, document, instalment, amount, past, level: 0 })
    }

    /// Whether a charge is left out as what it belongs to is, by what is asked of items by themselves.
    fn follows_early(&mut self, owner: Owner, candidate: &Candidate) -> bool {
        let Some(others) = self.given.belongs.late(candidate.item) else { return false };
        // Nothing is told of items while others are looked at; their own desks say the same again.
        let watched = self.watched.take();
        let came = others.iter().fold(false, |came, other| {
            let account = self.given.view.items.account.get(*other).copied().unwrap_or(owner.account);
            let parts = self.given.view.store.account(account);
            let has_procedure = self.given.procedure(parts.customer, parts.company).is_some();
            let of_other = self.owner(0, account, has_procedure);
            came | matches!(self.stands(of_other, *other), Stands::Debit(_))
        });
        self.watched = watched;
        !came && self.follows_first(candidate.item, others, Verdict::is_shared_by_charges)
    }

    /// Leaves out a charge for the reason of the first item of what it belongs to, where that is one that both share.
    pub(super) fn follows_first(
        &mut self,
        charge: usize,
        others: &[usize],
        is_shared: impl Fn(Verdict) -> bool,
    ) -> bool {
        let first = others.first().copied().and_then(|first| Some((first, *self.verdict.get(first)?)));
        let Some((first, verdict)) = first.filter(|(_, verdict)| is_shared(*verdict)) else { return false };
        // What it follows may follow another itself.
        let of = self.follows.get(&count(first)).copied().unwrap_or_else(|| count(first));
        self.follows.insert(count(charge), of);
        let document = self.given.view.items.document.get(first).copied().unwrap_or(NONE);
        self.fails(charge, verdict, true, || format!("as {}", self.given.view.store.document_id(document)))
    }

    /// Leaves out the charges of which nothing that they belong to came so far, for a reason that they share.
    pub(super) fn follow(&mut self, halves: &mut [Halfway<'_>], is_shared: impl Fn(Verdict) -> bool + Copy) {
        if !self.given.charges_follow() {
            return;
        }
        let here: FxHashSet<usize> =
            halves.iter().flat_map(|half| half.debits.iter().map(|candidate| candidate.item)).collect();
        for half in halves {
            half.debits.retain(|candidate| {
                let Some(others) = self.given.belongs.late(candidate.item) else { return true };
                others.iter().any(|other| here.contains(other))
                    || !self.follows_first(candidate.item, others, is_shared)
            });
        }
    }

    fn take_promises(&mut self, customer: u32, currency: u32, debits: &mut Vec<Candidate>) {
        if self.given.promises.contains_key(&customer) {
            self.promise_out(customer, currency);
            for candidate in debits.iter_mut() {
                let part = self.promised.get(&count(candidate.item)).copied().unwrap_or(0);
                candidate.amount = candidate.amount.saturating_sub(part);
            }
        }
        self.leave_those_of_nothing(debits, Verdict::Promised);
    }

    /// Finds what promises of a customer in a currency protect, on the desks of all companies: once, at the first of them.
    fn promise_out(&mut self, customer: u32, currency: u32) {
        if !self.promised_out.insert((customer, currency)) {
            return;
        }
        let given = self.given;
        let mut debits: Vec<Candidate> = Vec::new();
        // Nothing is told of items while others are looked at; their own desks say the same again.
        let watched = self.watched.take();
        for (account, items) in &given.accounts_of(customer, currency) {
            let company = given.view.store.account(*account).company;
            if given.procedure(customer, company).is_some() {
                debits.extend(self.sorted_out(&[(*account, items.clone())], true).0);
            }
        }
        self.watched = watched;
        debits.sort_by(|a, b| in_order_of_due(&given.view.store, a, b));
        let promises = given.promises.get(&customer).map_or(&[][..], Vec::as_slice);
        for Promised { id, about, amount, .. } in promises.iter().filter(|promise| promise.currency == currency) {
            let mut left = *amount;
            for candidate in &mut debits {
                let part = left.min(candidate.amount);
                if part > 0 && (about.is_empty() || about.contains(&candidate.document)) {
                    left = left.saturating_sub(part);
                    candidate.amount = candidate.amount.saturating_sub(part);
                    let taken = self.promised.entry(count(candidate.item)).or_default();
                    *taken = taken.saturating_add(part);
                    self.promise_of.insert(count(candidate.item), *id);
                }
            }
        }
    }

    fn take_pending(&mut self, debits: &mut Vec<Candidate>) {
        if self.given.policy.in_flight == InFlight::Covers {
            let pending = &self.given.view.marks().pending;
            for candidate in debits.iter_mut() {
                let part = pending.get(&count(candidate.item)).copied().unwrap_or(0);
                candidate.amount = candidate.amount.saturating_sub(part).max(0);
            }
        }
        self.leave_those_of_nothing(debits, Verdict::InFlight);
    }

    pub(super) fn leave_those_of_nothing(&mut self, debits: &mut Vec<Candidate>, verdict: Verdict) {
        debits.retain(|candidate| {
            !self.fails(candidate.item, verdict, candidate.amount <= 0, || format!("left {}", candidate.amount))
        });
    }

    /// What was noticed today, or to a customer too short a time ago, or has no date to count from.
    fn waits(&mut self, rules: &Procedure, desk: Past, interval_from: Option<i32>, debits: &mut Vec<Candidate>) {
        let (day, of_customer) = (self.day(), self.given.policy.unit == DunningUnit::Customer);
        debits.retain(|candidate| {
            let past = if of_customer { desk } else { candidate.past };
            let today = past.last.is_some_and(|last| last.day == day);
            let interval = interval_from.is_some_and(|last| !rules.is_interval_over(last, day, &self.given.calendar));
            let days = || format!("last notice {}", shown_day(desk.last.map_or(NO_DAY, |last| last.day)));
            !self.fails(candidate.item, Verdict::NoticedToday, today, days)
                && !self.fails(candidate.item, Verdict::Interval, interval, || {
                    let last = shown_day(interval_from.unwrap_or(NO_DAY));
                    format!("last notice {last}, interval {}", rules.interval_days)
                })
                && !self.fails(candidate.item, Verdict::NoDueDate, candidate.basis == NO_DAY, String::new)
        });
    }

    fn levels_of_items(&mut self, rules: &Procedure, debits: &mut Vec<Candidate>) {
        let day = self.day();
        debits.retain_mut(|candidate| {
            let standing = Standing { basis: candidate.basis, past: candidate.past };
            let due = rules.due_for(standing, day, &self.given.calendar);
            self.takes_level(rules, due, candidate.past, candidate)
        });
    }

    /// Whether an item has a level, and may have one more notice.
    fn takes_level(&mut self, rules: &Procedure, due: Due, past: Past, candidate: &mut Candidate) -> bool {
        let operands = || {
            let basis = shown_day(candidate.basis);
            format!("from {basis}, previous level {}, notices {}", past.level(), past.count)
        };
        let Some(level) = due.level() else {
            self.fails(candidate.item, due.verdict(), true, operands);
            return false;
        };
        let too_many = rules.max_notices.is_some_and(|most| past.count >= most);
        if self.fails(candidate.item, Verdict::MaxNotices, too_many, operands) {
            return false;
        }
        candidate.level = level;
        true
    }

    /// One level for all that is late.
    fn level_of_customer(&mut self, rules: &Procedure, desk: Past, debits: &mut Vec<Candidate>) {
        let day = self.day();
        let oldest = debits.iter().map(|candidate| candidate.basis).min().unwrap_or(NO_DAY);
        let due = rules.due_for(Standing { basis: oldest, past: desk }, day, &self.given.calendar);
        debits.retain_mut(|candidate| {
            candidate.past = desk;
            let takes_part = due.level().is_none() || takes_part(candidate.basis, day);
            self.takes_level(rules, if takes_part { due } else { Due::TooEarly }, desk, candidate)
        });
    }

    /// Leaves out what is older than the rates that its level asks for.
    fn asks_rates(&mut self, rules: &Procedure, debits: &mut Vec<Candidate>) {
        let Some(rates) = &self.given.late_rates else { return };
        debits.retain(|candidate| {
            let level = rules.level(candidate.level);
            let lacks =
                level.is_some_and(|level| level.interest || level.compensation) && self.lacks_rate(rates, candidate);
            !self.fails(candidate.item, Verdict::RateMissing, lacks, || format!("due {}", shown_day(candidate.due)))
        });
    }

    fn lacks_rate(&self, rates: &CompiledInterest, candidate: &Candidate) -> bool {
        let view = self.given.view;
        let mut items = Vec::new();
        view.overdue_items_of(rates.policy(), candidate.document, &mut items);
        let Some(mut item) = items.into_iter().find(|item| item.instalment == candidate.instalment) else {
            return false;
        };
        let at = count(candidate.item);
        item.disputed = view.marks().disputed.get(&at).copied().unwrap_or(0);
        let covered = self.covered.get(&at).into_iter().flatten();
        item.covered = covered.filter_map(|(day, part)| Some((Day::new(*day).ok()?, *part))).collect();
        let charged = self.given.policy.charges == ChargeUse::Posted;
        let until = charged.then(|| self.history.interest_until(candidate.document, candidate.instalment)).flatten();
        view.lacks_rate(rates, &item, until.and_then(|day| Day::new(day).ok()))
    }

    fn asks_minimum_days(&mut self, rules: &Procedure, debits: &mut Vec<Candidate>) {
        let Some(least) = rules.minimum_days else { return };
        let day = self.day();
        let calendar = &self.given.calendar;
        let late = |candidate: &Candidate| rules.count.between(calendar, candidate.basis, day);
        let most = debits.iter().map(late).max();
        let fails = most.is_none_or(|most| most < least.into());
        debits.retain(|candidate| {
            !self.fails(candidate.item, Verdict::MinimumDays, fails, || {
                format!("most days {}, at least {least}", most.unwrap_or(0))
            })
        });
    }
}

/// The order in which debits are covered: by due date (none last), document and instalment.
pub(super) fn in_order_of_due(store: &Store, a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    let text = |document| store.document_id(document);
    (a.due.cmp(&b.due)).then_with(|| text(a.document).cmp(text(b.document))).then(a.instalment.cmp(&b.instalment))
}

fn shown_day(day: i32) -> String {
    if day == NO_DAY {
        return String::from("none");
    }
    crate::calendar::Day::new(day).map_or_else(|_| String::from("none"), |day| day.to_string())
}
