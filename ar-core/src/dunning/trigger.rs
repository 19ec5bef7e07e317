//! What happened lately that the policy answers with an action: a first invoice, a broken promise, money received.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::given::Given;
use super::policy::{CountedDays, MOST_DAYS, invalid};
use super::reason::Verdict;
use crate::calendar::Day;
use crate::ledger::layers::{NONE, count};
use crate::ledger::promises::Settled;
use crate::ledger::store::{NO_DAY, PromiseFact};
use crate::ledger::{DocumentKind, View};
use crate::problem::Problem;
use crate::words::words;

/// An event, and what to do when it happens: once for each thing that it happens to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trigger {
    /// What the user calls it; begins the key that makes it happen once.
    pub id: String,
    /// When it happens.
    pub when: TriggerEvent,
    /// For `days_past_due`: how many; below zero before the due date.
    #[serde(default)]
    pub days: i32,
    /// Which days those are.
    #[serde(default)]
    pub count: CountedDays,
    /// How many days back events are looked for.
    #[serde(default = "week")]
    pub within_days: u32,
    /// What to do.
    pub action: String,
    /// How.
    #[serde(default)]
    pub channel: String,
    /// With which letter.
    #[serde(default)]
    pub template: String,
}

fn week() -> u32 {
    7
}

words! {
    /// When a trigger happens.
    TriggerEvent {
        NewCustomer "new_customer" /** A customer has its first document. */,
        InvoiceIssued "invoice_issued" /** An invoice counts. */,
        DaysPastDue "days_past_due" /** An open debit is so many days past due. */,
        PromiseBroken "promise_broken" /** A promise was not kept. */,
        PaymentReceived "payment_received" /** A payment or advance counts. */,
        DisputeOpened "dispute_opened" /** A dispute counts. */,
    }
}

impl Trigger {
    pub(super) fn check(&self, path: &str) -> Result<(), Problem> {
        // The first slash of a key ends the id: so no two triggers have a key in common.
        if self.id.is_empty() || self.id.contains('/') {
            return Err(invalid(&format!("{path}.id"), "expected an id without a slash"));
        }
        if self.count != CountedDays::default() && self.when != TriggerEvent::DaysPastDue {
            return Err(invalid(&format!("{path}.count"), "expected it of `days_past_due` alone"));
        }
        let days = [("days", i64::from(self.days).saturating_abs()), ("within_days", self.within_days.into())];
        match days.into_iter().find(|(_, days)| *days > MOST_DAYS) {
            Some((name, _)) => Err(invalid(&format!("{path}.{name}"), "expected at most 36,525 days")),
            None => Ok(()),
        }
    }
}

/// Something that happened, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DunningEvent {
    /// The trigger.
    pub trigger: String,
    /// What makes it happen once: the id of the notice that stands for it.
    pub key: String,
    /// To whom.
    pub customer: String,
    /// The document; empty when it is about none.
    pub document: String,
    /// Its instalment; 0 without.
    pub instalment: u32,
    /// When it happened.
    pub day: NaiveDate,
    /// What to do.
    pub action: String,
    /// How.
    pub channel: String,
    /// With which letter.
    pub template: String,
}

/// A thing that happened, by numbers.
struct Happened {
    /// The end of its key.
    to: String,
    customer: u32,
    document: u32,
    instalment: u32,
    day: i32,
    /// When that was known, if it was later.
    learnt: i32,
}

/// What happened lately, by trigger and key, without what was answered already.
///
/// Nothing is told on a quiet day; what had its last day on one is told on the next day that is none.
///
/// `verdicts` say what became of each item.
pub(super) fn events(given: &Given<'_>, verdicts: &[Verdict]) -> Vec<DunningEvent> {
    if given.is_quiet {
        return Vec::new();
    }
    let store = &given.view.store;
    let quiet = given.quiet_days_before();
    let answered: FxHashSet<&str> = store
        .notices
        .all()
        .filter(|fact| given.view.counted(fact.effective, fact.recorded))
        .map(|fact| store.matter_ids.text(fact.id))
        .collect();
    let mut all = Vec::new();
    for trigger in &given.policy.triggers {
        let today = i64::from(given.view.day().number());
        let lately = |happened: &Happened| {
            let ago = today.saturating_sub(happened.day.max(happened.learnt).into());
            i64::from(happened.day) <= today && ago <= i64::from(trigger.within_days).saturating_add(quiet)
        };
        let mut own = Vec::new();
        for happened in happened(given, trigger, verdicts).into_iter().filter(lately) {
            let key = format!("{}/{}", trigger.id, happened.to);
            let (Ok(day), false) = (Day::new(happened.day), answered.contains(key.as_str())) else { continue };
            if given.block(happened.customer).is_some() {
                continue;
            }
            own.push(DunningEvent {
                trigger: trigger.id.clone(),
                key,
                customer: store.customer_ids.text(happened.customer).to_owned(),
                document: if happened.document == NONE {
                    String::new()
                } else {
                    store.document_id(happened.document).to_owned()
                },
                instalment: happened.instalment,
                day: day.to_naive_date(),
                action: trigger.action.clone(),
                channel: trigger.channel.clone(),
                template: trigger.template.clone(),
            });
        }
        own.sort_by(|a: &DunningEvent, b: &DunningEvent| a.key.cmp(&b.key));
        all.append(&mut own);
    }
    all
}

fn happened(given: &Given<'_>, trigger: &Trigger, verdicts: &[Verdict]) -> Vec<Happened> {
    match trigger.when {
        TriggerEvent::NewCustomer => {
            let mut first: BTreeMap<u32, Happened> = BTreeMap::new();
            for (_, customer, _, (day, learnt)) in documents(given) {
                let new = Happened {
                    to: given.view.store.customer_ids.text(customer).to_owned(),
                    customer,
                    document: NONE,
                    instalment: 0,
                    day,
                    learnt,
                };
                let slot = first.entry(customer).or_insert(new);
                (slot.day, slot.learnt) = (slot.day.min(day), slot.learnt.min(learnt));
            }
            first.into_values().collect()
        }
        TriggerEvent::InvoiceIssued => of_kind(given, |kind| kind == DocumentKind::Invoice),
        TriggerEvent::PaymentReceived => of_kind(given, DocumentKind::is_receipt),
        TriggerEvent::DaysPastDue => past_due(given, trigger, verdicts),
        TriggerEvent::PromiseBroken => broken_promises(given),
        TriggerEvent::DisputeOpened => {
            let (view, store) = (given.view, &given.view.store);
            let counted = store
                .disputes
                .all()
                .filter(|fact| view.counted(fact.effective, fact.recorded) && !view.is_cancelled(fact.document));
            let opened = counted.map(|fact| Happened {
                to: store.matter_ids.text(fact.id).to_owned(),
                customer: customer_of(given, fact.document),
                document: fact.document,
                instalment: 0,
                day: fact.effective,
                learnt: learnt(fact.effective, fact.recorded),
            });
            opened.collect()
        }
    }
}

fn customer_of(given: &Given<'_>, document: u32) -> u32 {
    let store = &given.view.store;
    let found = store.documents.find(document).and_then(|(piece, row)| piece.account.get(row));
    store.account(found.copied().unwrap_or(NONE)).customer
}

/// The documents that count: number, customer, kind, effective day and the day on which that was known.
fn documents<'a>(given: &'a Given<'_>) -> impl Iterator<Item = (u32, u32, DocumentKind, (i32, i32))> + 'a {
    let (view, store) = (given.view, &given.view.store);
    store.documents.iter().flat_map(move |piece| {
        (0..piece.len()).filter_map(move |row| {
            let (effective, recorded) = (*piece.effective.get(row)?, *piece.recorded.get(row)?);
            let account = store.account(*piece.account.get(row)?);
            let document = piece.start.saturating_add(count(row));
            let counts = view.counted(effective, recorded) && !view.is_cancelled(document);
            let days = (effective, learnt(effective, recorded));
            counts.then_some((document, account.customer, *piece.kind.get(row)?, days))
        })
    })
}

fn of_kind(given: &Given<'_>, is: impl Fn(DocumentKind) -> bool) -> Vec<Happened> {
    let store = &given.view.store;
    let documents = documents(given).filter(|(_, _, kind, _)| is(*kind));
    let all = documents.map(|(document, customer, _, (day, learnt))| Happened {
        to: store.document_id(document).to_owned(),
        customer,
        document,
        instalment: 0,
        day,
        learnt,
    });
    all.collect()
}

/// Of the items that nothing keeps back, be it their scope, a hold, a dispute, a promise or what covers them.
fn past_due(given: &Given<'_>, trigger: &Trigger, verdicts: &[Verdict]) -> Vec<Happened> {
    let (view, store) = (given.view, &given.view.store);
    let mut all = Vec::new();
    for (item, verdict) in verdicts.iter().enumerate() {
        let (Some(open), Some(due), Some(document), Some(account)) = (
            view.items.open.get(item),
            view.items.due.get(item),
            view.items.document.get(item),
            view.items.account.get(item),
        ) else {
            continue;
        };
        let payable = given.policy.payable_from(view, *document, *due);
        let from = Day::new(payable).ok().filter(|_| *open > 0 && payable != NO_DAY);
        let day = from.and_then(|from| trigger.count.later(&given.calendar, from, trigger.days));
        let Some(day) = day.map(Day::number) else { continue };
        if verdict.keeps_back() || given.is_charge_of_the_day(item) {
            continue;
        }
        let known = view.document_row(item);
        let known = known.and_then(|(piece, row)| Some(learnt(*piece.effective.get(row)?, *piece.recorded.get(row)?)));
        let instalment = view.items.instalment(item);
        let to = format!("{}/{instalment}", store.document_id(*document));
        let proof = if payable == *due { None } else { view.payable_learnt(*document, *due) };
        let schedule = view.due_learnt(*document, instalment, *due);
        let learnt = known.max(proof).max(schedule).unwrap_or(day);
        let customer = store.account(*account).customer;
        all.push(Happened { to, customer, document: *document, instalment, day, learnt });
    }
    all
}

/// The documents of which something is open above zero, and those of each customer and currency.
struct Owed {
    documents: FxHashSet<u32>,
    desks: FxHashMap<(u32, u32), Vec<u32>>,
}

impl Owed {
    fn of(view: &View) -> Self {
        let mut owed = Self { documents: FxHashSet::default(), desks: FxHashMap::default() };
        for (account, items) in view.accounts_in_order() {
            let parts = view.store.account(account);
            let is_open = |item: &usize| view.items.open.get(*item).is_some_and(|open| *open > 0);
            for document in items.filter(is_open).filter_map(|item| view.items.document.get(item).copied()) {
                owed.documents.insert(document);
                owed.desks.entry((parts.customer, parts.currency)).or_default().push(document);
            }
        }
        owed
    }

    /// What is open that a promise is about.
    fn promised(&self, promise: &PromiseFact, settled: &Settled) -> Vec<u32> {
        match promise.document {
            NONE => self.desks.get(&(promise.customer, promise.currency)).cloned().unwrap_or_default(),
            document => settled.about(document).into_iter().filter(|it| self.documents.contains(it)).collect(),
        }
    }
}

fn broken_promises(given: &Given<'_>) -> Vec<Happened> {
    let (view, store) = (given.view, &given.view.store);
    let tolerance = i32::try_from(given.policy.promise_tolerance_days).unwrap_or(i32::MAX);
    let promises = store.promises.all().filter(|fact| {
        view.counted(fact.effective, fact.recorded)
            && !view.is_closed(fact.id)
            && fact.promised.saturating_add(tolerance) < view.day().number()
    });
    let mut all = Vec::new();
    let mut looked: Option<(Owed, Settled)> = None;
    for fact in promises {
        let (owed, settled) =
            looked.get_or_insert_with(|| (Owed::of(view), view.settled_promises(given.policy.promise_tolerance_days)));
        let until = fact.promised.saturating_add(tolerance);
        if view.is_broken(fact, until, settled, owed.promised(fact, settled).into_iter()) {
            all.push(Happened {
                to: store.matter_ids.text(fact.id).to_owned(),
                customer: fact.customer,
                document: fact.document,
                instalment: 0,
                day: until.saturating_add(1),
                learnt: learnt(fact.effective, fact.recorded),
            });
        }
    }
    all
}

/// The day on which a fact counts and is known.
fn learnt(effective: i32, recorded: i32) -> i32 {
    effective.max(recorded)
}
