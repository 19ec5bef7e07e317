//! A policy as it meets one view: names looked up once, and what is known of customers, plans and promises that day.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::belongs::{Belongs, is_charge};
use super::history::{Desk, History};
use super::minimum::is_enough;
use super::plain::DueDays;
use super::policy::{CreditUse, DunningPolicy, InFlight, NoticePer, Procedure, QuietDays, RelatedCharges, Respect};
use crate::aging::keys::{Filter, Values};
use crate::calendar::BusinessCalendar;
use crate::calendar::CompiledCalendar;
use crate::calendar::Day;
use crate::interest::CompiledInterest;
use crate::ledger::layers::{NONE, place};
use crate::ledger::left_over::with_those_above;
use crate::ledger::store::{Account, Attribute, HoldFact, NO_DAY, PromiseFact, RequirementState};
use crate::ledger::{DocumentKind, View, schedule};
use crate::money::Minor;
use crate::problem::{Problem, Refused};

/// A policy, ready for one view.
pub(super) struct Given<'a> {
    pub view: &'a View,
    pub policy: &'a DunningPolicy,
    pub procedures: Vec<(&'a str, &'a Procedure)>,
    customers: FxHashMap<u32, Option<usize>>,
    groups: FxHashMap<u32, Option<usize>>,
    companies: FxHashMap<u32, Option<usize>>,
    pub otherwise: Option<usize>,
    pub filter: Filter,
    kinds: Vec<DocumentKind>,
    /// Whether some credits cover debits.
    pub covers: bool,
    /// Whether some debit of the ledger is of a kind out of scope.
    pub asks_kind: bool,
    pub calendar: CompiledCalendar,
    pub is_quiet: bool,
    blocks: Option<FxHashSet<u32>>,
    /// Whether anything ever changed of a customer.
    pub has_changes: bool,
    /// Documents that lack something, with the first requirement.
    pub lacking: FxHashMap<u32, u32>,
    /// Customers of whom a document ever lacked something, so that not all are late from their due date.
    lacked: FxHashSet<u32>,
    /// Documents whose schedule belongs to plans in good standing, with the first of them.
    pub in_plan: FxHashMap<u32, u32>,
    /// Promises that protect, by customer, in the order in which they are taken.
    pub promises: FxHashMap<u32, Vec<Promised>>,
    /// What charges belong to; empty where they stand for themselves.
    pub belongs: Belongs,
    /// What receipts bring later, by desk.
    pub receipts: BTreeMap<Desk, i128>,
    /// The policy of interest, where some item may be older than its table of rates.
    pub late_rates: Option<CompiledInterest>,
}

/// Effective and recorded day and sequence: the latest counts.
type Order = (i32, i32, u64);

/// A promise that protects.
#[derive(Debug, Clone)]
pub(super) struct Promised {
    pub id: u32,
    /// The document that it is about, and what is left of it; empty: any.
    pub about: Vec<u32>,
    pub currency: u32,
    pub amount: Minor,
    pub date: i32,
}

impl<'a> Given<'a> {
    pub(super) fn new(view: &'a View, policy: &'a DunningPolicy) -> Result<Self, Refused> {
        policy.check()?;
        let late_rates = late_rates(view, policy)?;
        let store = &view.store;
        let procedures: Vec<(&str, &Procedure)> =
            policy.procedures.iter().map(|(name, procedure)| (name.as_str(), procedure)).collect();
        let named = |name: Option<&str>| procedures.iter().position(|(own, _)| Some(*own) == name);
        let (mut customers, mut groups, mut companies) =
            (FxHashMap::default(), FxHashMap::default(), FxHashMap::default());
        for assignment in &policy.assign {
            let procedure = named(assignment.procedure.as_deref());
            for id in assignment.customers.iter().flatten() {
                if let Some(number) = store.customer_ids.find(id) {
                    customers.entry(number).or_insert(procedure);
                }
            }
            for text in assignment.groups.iter().flatten() {
                let number = if text.is_empty() { Some(NONE) } else { store.texts.find(text) };
                number.into_iter().for_each(|number| _ = groups.entry(number).or_insert(procedure));
            }
            for text in assignment.companies.iter().flatten() {
                store.texts.find(text).into_iter().for_each(|number| _ = companies.entry(number).or_insert(procedure));
            }
        }
        let calendar = BusinessCalendar { weekend: policy.weekend.clone(), holidays: policy.holidays.clone() };
        let calendar = calendar.compile().map_err(|error| super::policy::invalid("weekend", &error.to_string()))?;
        let mut out_of_scope = DocumentKind::ALL.iter().filter(|kind| !policy.kinds.contains(kind) && kind.takes(1));
        let blocks = policy.blocks.as_ref();
        let mut given = Self {
            view,
            policy,
            customers,
            groups,
            companies,
            otherwise: named(policy.default_procedure()),
            procedures,
            filter: Filter::read(view, &policy.filter)?,
            kinds: policy.kinds.clone(),
            covers: [policy.credit_notes, policy.unapplied].contains(&CreditUse::Covers),
            asks_kind: out_of_scope.any(|kind| store.has_kind(*kind)),
            is_quiet: policy.quiet_days == QuietDays::Skip && !calendar.is_business_day(view.day()),
            calendar,
            blocks: blocks.map(|blocks| blocks.iter().filter_map(|text| store.texts.find(text)).collect()),
            has_changes: store.changes.iter().next().is_some(),
            lacking: FxHashMap::default(),
            lacked: FxHashSet::default(),
            in_plan: FxHashMap::default(),
            promises: FxHashMap::default(),
            belongs: Belongs::default(),
            receipts: BTreeMap::new(),
            late_rates,
        };
        if policy.related_charges == RelatedCharges::WithItem {
            given.belongs = Belongs::of(view, policy);
        }
        if policy.requirements == Respect::LeftOut {
            given.find_lacking();
        }
        if policy.plans == Respect::LeftOut && store.plans.iter().next().is_some() {
            given.find_plans();
        }
        if policy.promises == Respect::LeftOut {
            given.find_promises();
        }
        if policy.in_flight == InFlight::Covers {
            given.find_receipts();
        }
        Ok(given)
    }

    /// How many quiet days on which nothing is told come right before the view's day.
    pub(super) fn quiet_days_before(&self) -> i64 {
        if self.policy.quiet_days == QuietDays::Send {
            return 0;
        }
        let before = (1..).map_while(|days: i32| self.view.day().plus_days(days.saturating_neg()));
        let quiet = before.take_while(|day| !self.calendar.is_business_day(*day)).count();
        i64::try_from(quiet).unwrap_or(i64::MAX)
    }

    /// Whether a document of some customer ever lacked something.
    pub(super) fn has_lacked(&self) -> bool {
        !self.lacked.is_empty()
    }

    /// Whether one of a customer did, so that what it owes may be late from another day than its due date.
    pub(super) fn ever_lacked(&self, customer: u32) -> bool {
        self.has_lacked() && self.lacked.contains(&customer)
    }

    /// The rules of a procedure.
    pub(super) fn rules(&self, procedure: u32) -> Option<&'a Procedure> {
        self.procedures.get(place(procedure)).map(|(_, rules)| *rules)
    }

    /// Whether a document is a charge.
    pub(super) fn is_charge(&self, document: u32) -> bool {
        is_charge(self.view, document)
    }

    /// Whose a document is, of which company, in which currency.
    pub(super) fn account_of(&self, document: u32) -> Account {
        let found = self.view.store.documents.find(document);
        self.view.store.account(found.and_then(|(piece, row)| piece.account.get(row).copied()).unwrap_or(NONE))
    }

    /// What a procedure is called.
    pub(super) fn procedure_name(&self, procedure: u32) -> &'a str {
        self.procedures.get(place(procedure)).map_or("", |(name, _)| *name)
    }

    fn day(&self) -> i32 {
        self.view.day().number()
    }

    /// The value of an attribute of a customer on the view's day.
    pub(super) fn attribute(&self, customer: u32, attribute: Attribute) -> u32 {
        self.view.store.attribute(customer, attribute, self.day(), self.view.known_on)
    }

    /// Whether customers differ: in their procedure, or because one may be blocked.
    pub(super) fn asks_customers(&self) -> bool {
        let blocks = self.has_changes && self.policy.blocked != Respect::Dunned;
        blocks || !(self.customers.is_empty() && self.groups.is_empty() && self.companies.is_empty())
    }

    /// To whom the notices of a customer go.
    pub(super) fn addressee(&self, customer: u32) -> u32 {
        if self.policy.notice_per == NoticePer::Family { self.view.top_parent(customer) } else { customer }
    }

    /// The procedure of a customer for a company: its own by name, else that of whom its notices go to.
    pub(super) fn procedure(&self, customer: u32, company: u32) -> Option<usize> {
        let mut found = None;
        if !self.customers.is_empty() {
            found = self.customers.get(&customer);
        }
        let customer = self.addressee(customer);
        if found.is_none() && !self.customers.is_empty() {
            found = self.customers.get(&customer);
        }
        if found.is_none() && !self.groups.is_empty() {
            found = self.groups.get(&self.attribute(customer, Attribute::Group));
        }
        if found.is_none() && !self.companies.is_empty() {
            found = self.companies.get(&company);
        }
        found.copied().unwrap_or(self.otherwise)
    }

    /// The value that blocks a customer, or else to whom its notices go.
    pub(super) fn block(&self, customer: u32) -> Option<u32> {
        self.blocked(customer).map(|(_, value)| value)
    }

    /// Who of the two is blocked, and by which value.
    pub(super) fn blocked(&self, customer: u32) -> Option<(u32, u32)> {
        if !self.has_changes || self.policy.blocked == Respect::Dunned {
            return None;
        }
        let own = |customer: u32| {
            let value = self.attribute(customer, Attribute::Blocked);
            let blocks = value != NONE && self.blocks.as_ref().is_none_or(|blocks| blocks.contains(&value));
            blocks.then_some((customer, value))
        };
        own(customer).or_else(|| Some(self.addressee(customer)).filter(|other| *other != customer).and_then(own))
    }

    /// Whether another to whom the notices of a customer go is held.
    pub(super) fn is_addressee_held(&self, customer: u32) -> bool {
        let addressee = self.addressee(customer);
        addressee != customer && holds_of(self.view, addressee).next().is_some()
    }

    /// Whether desks are not for themselves: cash of a family is for all of it, and charges go with what they belong to.
    pub(super) fn looks_around(&self) -> bool {
        self.charges_follow() || self.shares_cash()
    }

    fn shares_cash(&self) -> bool {
        self.policy.notice_per == NoticePer::Family && (self.covers || !self.receipts.is_empty())
    }

    pub(super) fn charges_follow(&self) -> bool {
        !self.belongs.is_empty()
    }

    /// Whether credits of a desk cover more than an amount: an own document first, or from a day on for interest.
    pub(super) fn covers_by_credit(&self, items: std::ops::Range<usize>) -> bool {
        let view = self.view;
        let open = view.items.open.get(items.clone()).unwrap_or_default();
        let mut credits = items.zip(open).filter(|(_, open)| **open < 0).map(|(item, _)| item);
        let has_own = |item: usize| {
            let document = view.items.document.get(item).copied().unwrap_or(NONE);
            view.store.related(document).is_some()
        };
        self.covers && credits.any(|item| self.policy.interest.is_some() || has_own(item))
    }

    /// What is done with an open credit.
    pub(super) fn use_of_credit(&self, item: usize) -> CreditUse {
        if self.policy.unapplied == self.policy.credit_notes {
            return self.policy.unapplied;
        }
        let kind = self.view.document_row(item).and_then(|(piece, row)| piece.kind.get(row));
        kind.map_or(self.policy.credit_notes, |kind| self.use_of_kind(*kind))
    }

    /// What is done with credits of a kind.
    pub(super) fn use_of_kind(&self, kind: DocumentKind) -> CreditUse {
        if kind.is_receipt() { self.policy.unapplied } else { self.policy.credit_notes }
    }

    /// Whether some credits are listed on notices.
    pub(super) fn lists_credits(&self) -> bool {
        let lists = |credit_use| matches!(credit_use, CreditUse::Listed | CreditUse::ListedWhenDue);
        lists(self.policy.credit_notes) || lists(self.policy.unapplied)
    }

    /// By procedure what the due days of the view say on its day, where nothing was ever sent.
    pub(super) fn due_days(&self) -> Vec<DueDays<'_>> {
        let span = self.view.items.due_span();
        self.procedures.iter().map(|(_, rules)| DueDays::new((rules, &self.calendar), span, self.day())).collect()
    }

    /// Whether an item is a charge that was made on the view's day.
    pub(super) fn is_charge_of_the_day(&self, item: usize) -> bool {
        let found = self.view.document_row(item);
        let of_today = found.and_then(|(piece, row)| Some((piece.kind.get(row)?, *piece.document_date.get(row)?)));
        of_today.is_some_and(|(kind, date)| *kind == DocumentKind::Charge && date == self.day())
    }

    /// Whether it is one for a document that a notice of that day is about.
    pub(super) fn is_charge_of_today(&self, today: &History, item: usize) -> bool {
        if today.is_empty() || !self.is_charge_of_the_day(item) {
            return false;
        }
        let document = self.view.items.document.get(item).copied().unwrap_or(NONE);
        self.view.store.related(document).is_some_and(|related| today.is_about_on(related, self.day()))
    }

    /// Whether scope asks more of an item than that it is a debit.
    pub(super) fn asks_items(&self) -> bool {
        self.asks_kind || !self.filter.is_empty() || !self.policy.minimum_item.is_empty()
    }

    /// Whether an item is in scope.
    pub(super) fn is_in_scope(&self, values: &mut Values<'_>, item: usize, account: u32, open: Minor) -> bool {
        if open > 0 && self.asks_kind {
            let kind = self.view.document_row(item).and_then(|(piece, row)| piece.kind.get(row));
            if !kind.is_some_and(|kind| self.kinds.contains(kind)) {
                return false;
            }
        }
        let covers = open < 0 && self.use_of_credit(item) == CreditUse::Covers;
        let document = self.view.items.document.get(item).copied().unwrap_or(NONE);
        let lets_in = |values: &mut Values<'_>| {
            self.filter.lets_account_in(values, account) && self.lets_in(values, document, account, covers)
        };
        if !self.filter.is_empty() && !lets_in(values) {
            return false;
        }
        open < 0 || self.is_large(account, open)
    }

    /// Whether a document of an account that is let in is let in itself, as what is owed or as what covers that.
    pub(super) fn lets_in(&self, values: &mut Values<'_>, document: u32, account: u32, covers: bool) -> bool {
        match covers {
            true => self.filter.lets_credit_in(values, document, account),
            false => self.filter.lets_document_in(values, document, account),
        }
    }

    /// Whether so much of an item is not too small to be in scope.
    pub(super) fn is_large(&self, account: u32, open: Minor) -> bool {
        let limits = &self.policy.minimum_item;
        let parts = self.view.store.account(account);
        limits.is_empty() || is_enough(self.view, (parts.company, parts.currency), limits, open.into())
    }

    fn find_lacking(&mut self) {
        let store = &self.view.store;
        let mut latest: FxHashMap<(u32, u32), (Order, RequirementState)> = FxHashMap::default();
        for fact in store.requirements.all().filter(|fact| self.view.counted(fact.effective, fact.recorded)) {
            let order = (fact.effective, fact.recorded, fact.seq);
            if fact.state == RequirementState::Missing {
                self.lacked.insert(self.account_of(fact.document).customer);
            }
            let slot = latest.entry((fact.document, fact.requirement)).or_insert((order, fact.state));
            if slot.0 <= order {
                *slot = (order, fact.state);
            }
        }
        let mut missing: Vec<(u32, u32)> = latest
            .into_iter()
            .filter(|(_, (_, state))| *state == RequirementState::Missing)
            .map(|(key, _)| key)
            .collect();
        missing.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| store.texts.text(a.1).cmp(store.texts.text(b.1))));
        for (document, requirement) in missing {
            self.lacking.entry(document).or_insert(requirement);
        }
        if !self.lacking.is_empty() {
            self.hand_down_lacking();
        }
    }

    /// What is left of a document lacks what that does: the first of all.
    fn hand_down_lacking(&mut self) {
        let whole = self.view.left_overs().into_whole();
        let text = |requirement: &u32| self.view.store.texts.text(*requirement);
        let first_of = |left: &u32| {
            let chain = with_those_above(&whole, (*left, 0));
            let lacks = chain.filter_map(|(document, _)| self.lacking.get(&document).copied());
            lacks.min_by(|a, b| text(a).cmp(text(b))).map(|requirement| (*left, requirement))
        };
        let handed: Vec<(u32, u32)> = whole.keys().filter_map(first_of).collect();
        self.lacking.extend(handed);
    }

    /// The plans that are kept: counted, not closed, none of their items too late.
    fn find_plans(&mut self) {
        let (view, store) = (self.view, &self.view.store);
        let live: FxHashSet<u32> = store
            .plans
            .all()
            .filter(|fact| view.counted(fact.effective, fact.recorded) && !view.is_closed(fact.id))
            .map(|fact| fact.id)
            .collect();
        if live.is_empty() {
            return;
        }
        let whole = view.left_overs().into_whole();
        let mut plans_of: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let mut broken: FxHashSet<u32> = FxHashSet::default();
        let tolerance = i64::from(self.policy.plan_tolerance_days);
        for (item, document) in view.items.document.iter().enumerate() {
            if view.items.instalment(item) == 0 && !whole.contains_key(document) {
                continue;
            }
            let plans = plans_of.entry(*document).or_insert_with(|| {
                let mut plans = self.plans_of(*document, &whole);
                plans.retain(|plan| live.contains(plan));
                plans.sort_by(|a, b| store.matter_ids.text(*a).cmp(store.matter_ids.text(*b)));
                plans.dedup();
                plans
            });
            let open = view.items.open.get(item).copied().unwrap_or(0);
            let due = view.items.due.get(item).copied().unwrap_or(NO_DAY);
            let due = self.policy.payable_from(view, *document, due);
            if open > 0 && due != NO_DAY && i64::from(self.view.day().number()).saturating_sub(due.into()) > tolerance {
                broken.extend(plans.iter().copied());
            }
        }
        let kept = |plans: Vec<u32>| plans.into_iter().find(|plan| !broken.contains(plan));
        self.in_plan = plans_of.into_iter().filter_map(|(document, plans)| Some((document, kept(plans)?))).collect();
    }

    /// The plans that the schedule of a document belongs to; what was left of a document since that one's schedule was made
    /// belongs to the same.
    fn plans_of(&self, document: u32, whole: &FxHashMap<u32, (u32, u32)>) -> Vec<u32> {
        let (view, store) = (self.view, &self.view.store);
        let mut left_on = i32::MAX;
        for (at, _) in with_those_above(whole, (document, 0)) {
            let schedule = schedule::in_force(store, at, view.stood_on(), view.known_on);
            if !schedule.is_empty() {
                let is_since = schedule.iter().all(|row| row.effective <= left_on);
                return if is_since { schedule.iter().map(|row| row.plan).collect() } else { Vec::new() };
            }
            left_on = view.left_on_day(at).unwrap_or(i32::MAX);
        }
        Vec::new()
    }

    fn find_promises(&mut self) {
        let (view, store) = (self.view, &self.view.store);
        let tolerance = i32::try_from(self.policy.promise_tolerance_days).unwrap_or(i32::MAX);
        let mut promises: Vec<&PromiseFact> = store.promises.all().collect();
        promises.sort_by(|a, b| {
            a.promised.cmp(&b.promised).then_with(|| store.matter_ids.text(a.id).cmp(store.matter_ids.text(b.id)))
        });
        let came =
            if promises.is_empty() { None } else { Some(view.settled_so_far(self.policy.promise_tolerance_days)) };
        for fact in promises {
            if view.counted(fact.effective, fact.recorded)
                && !view.is_closed(fact.id)
                && fact.promised.saturating_add(tolerance) >= self.view.day().number()
            {
                // What came of it already protects nothing any more.
                let kept = came.as_ref().map_or(0, |came| came.of(fact));
                let kept = Minor::try_from(kept).unwrap_or(fact.amount);
                let promised = Promised {
                    id: fact.id,
                    about: came.as_ref().map_or_else(Vec::new, |came| came.about(fact.document)),
                    currency: fact.currency,
                    amount: fact.amount.saturating_sub(kept),
                    date: fact.promised,
                };
                self.promises.entry(fact.customer).or_default().push(promised);
            }
        }
    }

    /// What receipts bring later and no known allocation takes.
    fn find_receipts(&mut self) {
        let view = self.view;
        for receipt in view.pending_receipt_documents() {
            let known = view.store.legs.of(receipt.document).filter(|leg| leg.recorded <= view.known_on);
            let taken = known.fold(0_i128, |sum, leg| sum.saturating_add(leg.amount.into()));
            let left = i128::from(receipt.amount).saturating_abs().saturating_sub(taken).max(0);
            let account = view.store.account(receipt.account);
            let desk = (account.company, account.customer, account.currency);
            let sum = self.receipts.entry(desk).or_default();
            *sum = sum.saturating_add(left);
        }
    }

    /// Whether nothing but days and amounts decides.
    pub(super) fn is_plain(&self) -> bool {
        let marks = self.view.marks();
        let unmarked = marks.disputed.is_empty() && marks.held.is_empty() && marks.pending.is_empty();
        let unprotected = self.in_plan.is_empty() && self.promises.is_empty();
        let asks_more = self.asks_items() || self.is_quiet || self.late_rates.is_some() || self.looks_around();
        unmarked && unprotected && !asks_more
    }

    /// The accounts of a customer in a currency that have items, of all companies.
    pub(super) fn accounts_of(&self, customer: u32, currency: u32) -> Vec<(u32, std::ops::Range<usize>)> {
        let store = &self.view.store;
        let own = |(account, _): &(u32, std::ops::Range<usize>)| {
            let parts = store.account(*account);
            parts.customer == customer && parts.currency == currency
        };
        self.view.accounts_in_order().filter(own).collect()
    }

    /// The accounts that have items, by desk: in order of company, customer and currency.
    pub(super) fn accounts(&self) -> Vec<(u32, std::ops::Range<usize>)> {
        let store = &self.view.store;
        let mut accounts: Vec<(u32, std::ops::Range<usize>)> = self.view.accounts_in_order().collect();
        // In the order of accounts the control account comes before the customer.
        let mut parts = accounts.iter().map(|(account, _)| store.account(*account));
        let first = parts.next();
        let control_by_company = first.is_none_or(|first| parts.all(|other| other.control == first.control));
        if !control_by_company {
            let rank = store.customer_rank();
            let of = |customer: u32| rank.get(place(customer)).copied().unwrap_or(0);
            accounts.sort_by(|(a, _), (b, _)| {
                let (a, b) = (store.account(*a), store.account(*b));
                let code = |currency: u32| store.currency(currency).map(|currency| currency.code);
                (store.texts.text(a.company).cmp(store.texts.text(b.company)))
                    .then_with(|| of(a.customer).cmp(&of(b.customer)))
                    .then_with(|| code(a.currency).map(|c| c.to_string()).cmp(&code(b.currency).map(|c| c.to_string())))
            });
        }
        accounts
    }
}

/// The holds on a customer as a whole.
pub(super) fn holds_of(view: &View, customer: u32) -> impl Iterator<Item = &HoldFact> {
    view.store.customer_holds.of(customer).filter(|fact| view.stands(fact))
}

/// The policy of interest, where some item may be older than its table of rates; refused where the table begins after the day.
fn late_rates(view: &View, policy: &DunningPolicy) -> Result<Option<CompiledInterest>, Refused> {
    let mut levels = policy.procedures.values().flat_map(|procedure| &procedure.levels);
    if !levels.any(|level| level.interest || level.compensation) {
        return Ok(None);
    }
    let Some(compiled) = policy.undisputed_interest()? else { return Ok(None) };
    if let Err(error) = compiled.rate_on(view.day()) {
        let field = format!("interest.{}[0].from", error.field());
        return Err(Problem::new(error.code(), error.to_string()).field(&field).into());
    }
    let oldest = Day::new(view.items.due_span().0).ok();
    let is_early = oldest.and_then(|due| due.plus_days(1)).is_none_or(|day| compiled.rate_on(day).is_err());
    Ok(is_early.then_some(compiled))
}
