//! Was what was really sent what the policy says? Missed, early, at a wrong level, twice, to those who were protected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::compare::item_of;
use super::dun_after;
use super::history::History;
use super::policy::DunningPolicy;
use super::report::DunningRun;
use super::simulate::days;
use crate::calendar::Day;
use crate::ledger::layers::{NONE, place};
use crate::ledger::{Ledger, View};
use crate::problem::Refused;

/// Something that was sent and should not have been so, or should have been and was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// When.
    pub day: NaiveDate,
    /// The notice; empty when none was sent.
    pub notice: String,
    /// Who owes the item.
    pub customer: String,
    /// What.
    pub document: String,
    /// Its instalment; 0 without a schedule.
    pub instalment: u32,
    /// `wrong_level`, `paid`, `duplicate`, `early`, `blocked` or `missed`.
    pub kind: String,
    /// The level that was sent; 0 when none was.
    pub sent: u32,
    /// The level that the policy says; 0 when none.
    pub expected: u32,
    /// Why the policy says none.
    pub reason: String,
}

/// A line that was sent.
#[derive(Debug, Clone, Copy)]
struct SentLine {
    notice: u32,
    document: u32,
    instalment: u32,
    level: u32,
}

/// Compares the notices of a ledger with what a policy says, day by day, each day knowing what was known on it.
///
/// A notice that the policy asks for may be sent up to `tolerance_days` later. **Edges**: both days are inclusive.
/// **Source**: `docs/specification.md`, section 9.
///
/// # Errors
/// Those of [`super::simulate()`].
pub fn audit(
    ledger: &Ledger,
    policy: &DunningPolicy,
    from: Day,
    to: Day,
    tolerance_days: u32,
) -> Result<Vec<AuditRow>, Refused> {
    policy.check()?;
    let sent = sent_by_day(ledger);
    let tolerance = i32::try_from(tolerance_days).unwrap_or(i32::MAX);
    let mut missed: BTreeSet<(u32, u32, u32)> = BTreeSet::new();
    let mut rows = Vec::new();
    for day in days(from, to)? {
        let view = ledger.as_of_known(day, day);
        let history = Arc::new(History::of(&view, Some(day.number())));
        let today = History::of(&view, Some(day.number().saturating_add(1)));
        let run = dun_after(&view, policy, &history, &today)?;
        let lines = sent_lines(&view, sent.get(&day.number()).map_or(&[][..], Vec::as_slice));
        let mut seen: BTreeSet<(u32, u32)> = BTreeSet::new();
        let mut of_day: Vec<AuditRow> = Vec::new();
        for line in &lines {
            let first = seen.insert((line.document, line.instalment));
            of_day.extend(judged(&view, &run, &history, line, first));
        }
        let later = History::of(&ledger.as_of(day.plus_days(tolerance).unwrap_or(Day::MAX)), None);
        for line in run.inner.items()?.lines.iter() {
            let item = place(line.item);
            let document = view.items.document.get(item).copied().unwrap_or(NONE);
            let instalment = view.items.instalment(item);
            let in_time = later.lines(document, instalment).any(|sent| sent.day >= day.number());
            if !in_time && missed.insert((document, instalment, line.level)) {
                let sent = SentLine { notice: NONE, document, instalment, level: 0 };
                of_day.push(row(&view, &sent, "missed", line.level, ""));
            }
        }
        of_day.sort_by(|a, b| (&a.notice, &a.document, a.instalment).cmp(&(&b.notice, &b.document, b.instalment)));
        rows.append(&mut of_day);
    }
    Ok(rows)
}

/// Notices by the day on which they were sent.
fn sent_by_day(ledger: &Ledger) -> BTreeMap<i32, Vec<u32>> {
    let mut by_day: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
    for fact in ledger.store.notices.all().filter(|fact| fact.level > 0) {
        by_day.entry(fact.effective).or_default().push(fact.id);
    }
    by_day
}

/// The lines of notices that count in a view and are not withdrawn, by notice, document and instalment.
fn sent_lines(view: &View, notices: &[u32]) -> Vec<SentLine> {
    let store = &view.store;
    let mut lines = Vec::new();
    let wanted: BTreeSet<u32> = notices.iter().copied().filter(|notice| !view.is_closed(*notice)).collect();
    if wanted.is_empty() {
        return lines;
    }
    let mut expand = |notice: u32, document: u32, instalment: u32, level: u32| {
        let items = (0..view.items.len()).filter(|item| view.items.document.get(*item) == Some(&document));
        let mut parts: Vec<u32> = match instalment {
            NONE => items.map(|item| view.items.instalment(item)).collect(),
            number => vec![number],
        };
        if parts.is_empty() {
            parts.push(0);
        }
        lines.extend(parts.into_iter().map(|instalment| SentLine { notice, document, instalment, level }));
    };
    let mut with_lines: BTreeSet<u32> = BTreeSet::new();
    for fact in store.notice_lines.all().filter(|fact| wanted.contains(&fact.notice)) {
        if view.counted(fact.effective, fact.recorded) {
            with_lines.insert(fact.notice);
            expand(fact.notice, fact.document, fact.instalment, fact.level);
        }
    }
    for fact in store.notices.all().filter(|fact| fact.document != NONE && wanted.contains(&fact.id)) {
        if view.counted(fact.effective, fact.recorded) && !with_lines.contains(&fact.id) {
            expand(fact.id, fact.document, NONE, fact.level);
        }
    }
    let id = |notice: u32| store.matter_ids.text(notice);
    lines.sort_by(|a, b| {
        (id(a.notice), store.document_id(a.document), a.instalment).cmp(&(
            id(b.notice),
            store.document_id(b.document),
            b.instalment,
        ))
    });
    lines
}

/// What is wrong with a line that was sent.
fn judged(view: &View, run: &DunningRun, history: &History, line: &SentLine, first: bool) -> Option<AuditRow> {
    let item = item_of(view, line.document, line.instalment);
    let on_notice = item.and_then(|item| {
        run.inner.items().ok().and_then(|items| items.lines.iter().find(|line| place(line.item) == item))
    });
    let expected = on_notice.map_or(0, |line| line.level);
    if !first {
        return Some(row(view, line, "duplicate", expected, ""));
    }
    if expected == line.level && expected > 0 {
        return None;
    }
    if expected > 0 {
        return Some(row(view, line, "wrong_level", expected, ""));
    }
    let reason =
        item.and_then(|item| run.inner.items().ok()?.verdict.get(item)).map_or("not_open", |verdict| verdict.name());
    let earlier = history.lines(line.document, line.instalment).any(|sent| sent.level >= line.level);
    let kind = match reason {
        "not_open" | "in_flight" | "covered" => "paid",
        _ if earlier => "duplicate",
        "not_due" | "in_grace" | "waiting" | "interval" | "noticed_today" | "minimum_days" | "below_minimum"
        | "nothing_to_claim" | "max_notices" | "last_level" => "early",
        _ => "blocked",
    };
    Some(row(view, line, kind, 0, reason))
}

fn row(view: &View, line: &SentLine, kind: &str, expected: u32, reason: &str) -> AuditRow {
    let store = &view.store;
    let account = store.documents.find(line.document).and_then(|(piece, row)| piece.account.get(row));
    let customer = store.account(account.copied().unwrap_or(NONE)).customer;
    AuditRow {
        day: view.day().to_naive_date(),
        notice: if line.notice == NONE { String::new() } else { store.matter_ids.text(line.notice).to_owned() },
        customer: store.customer_ids.text(customer).to_owned(),
        document: store.document_id(line.document).to_owned(),
        instalment: line.instalment,
        kind: kind.to_owned(),
        sent: line.level,
        expected,
        reason: reason.to_owned(),
    }
}

impl Ledger {
    /// Compares the notices sent with what a policy says; see [`audit`].
    ///
    /// # Errors
    /// Those of [`audit`].
    pub fn audit_dunning(
        &self,
        policy: &DunningPolicy,
        from: Day,
        to: Day,
        tolerance_days: u32,
    ) -> Result<Vec<AuditRow>, Refused> {
        audit(self, policy, from, to, tolerance_days)
    }
}
