//! Was what was really sent what the policy says? Missed, early, at a wrong level, twice, to those who were protected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::dun_after;
use super::history::History;
use super::policy::DunningPolicy;
use super::reason::Verdict;
use super::report::DunningRun;
use super::restart::Before;
use super::simulate::days;
use crate::calendar::Day;
use crate::ledger::layers::{NONE, place};
use crate::ledger::{Ledger, View, view};
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
    let lines_of = lines_by_notice(ledger);
    let days_of_notices: BTreeSet<i32> = ledger.store.notices.all().map(|fact| fact.effective).collect();
    let tolerance = i32::try_from(tolerance_days).unwrap_or(i32::MAX);
    let mut missed: BTreeSet<(u32, u32, u32)> = BTreeSet::new();
    let mut rows = Vec::new();
    for day in days(from, to)? {
        let view = ledger.as_of_known(day, day);
        let history = Arc::new(History::of(&view, Some(day.number())));
        let today = match days_of_notices.contains(&day.number()) {
            true => Arc::new(History::of(&view, Some(day.number().saturating_add(1)))),
            false => Arc::clone(&history),
        };
        let run = dun_after(&view, policy, &history, &today)?;
        let lines = sent_lines(&view, &lines_of, sent.get(&day.number()).map_or(&[][..], Vec::as_slice));
        let decided = Decided::of(&view, &run, !lines.is_empty())?;
        let mut seen: BTreeSet<(u32, u32)> = BTreeSet::new();
        let mut of_day: Vec<AuditRow> = Vec::new();
        for line in &lines {
            let first = seen.insert((line.document, line.instalment));
            of_day.extend(judged(&view, &decided, &run.inner.before, line, first));
        }
        if run.is_empty() {
            rows.append(&mut sorted(of_day));
            continue;
        }
        let later = History::of(&until(ledger, day.plus_days(tolerance).unwrap_or(Day::MAX)), None);
        for line in run.inner.items()?.lines.iter() {
            let item = place(line.item);
            let document = view.items.document.get(item).copied().unwrap_or(NONE);
            let instalment = view.items.instalment(item);
            let in_time = later.is_about_since(document, instalment, day.number());
            if !in_time && missed.insert((document, instalment, line.level)) {
                let sent = SentLine { notice: NONE, document, instalment, level: 0 };
                of_day.push(row(&view, &sent, "missed", line.level, ""));
            }
        }
        rows.append(&mut sorted(of_day));
    }
    Ok(rows)
}

/// A day of the ledger for questions about its notices alone.
fn until(ledger: &Ledger, day: Day) -> View {
    view::bare(Arc::clone(&ledger.store), day, i32::MAX)
}

fn sorted(mut of_day: Vec<AuditRow>) -> Vec<AuditRow> {
    of_day.sort_by(|a, b| (&a.notice, &a.document, a.instalment).cmp(&(&b.notice, &b.document, b.instalment)));
    of_day
}

/// Notices by the day on which they were sent, in their order.
fn sent_by_day(ledger: &Ledger) -> BTreeMap<i32, Vec<u32>> {
    let mut sent: Vec<_> = ledger.store.notices.all().filter(|fact| fact.level > 0).collect();
    sent.sort_by_key(|fact| (fact.effective, fact.recorded, fact.seq));
    let mut by_day: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
    for fact in sent {
        by_day.entry(fact.effective).or_default().push(fact.id);
    }
    by_day
}

/// A line as it was recorded: document, instalment (`NONE`: each), level, effective and recorded day.
type Recorded = (u32, u32, u32, i32, i32);

/// The lines of each notice, and after them its own document.
type LinesOf = FxHashMap<u32, (Vec<Recorded>, Option<Recorded>)>;

fn lines_by_notice(ledger: &Ledger) -> LinesOf {
    let mut lines_of = LinesOf::default();
    for fact in ledger.store.notice_lines.all().filter(|fact| fact.notice_level > 0) {
        let line = (fact.document, fact.instalment, fact.level, fact.effective, fact.recorded);
        lines_of.entry(fact.notice).or_default().0.push(line);
    }
    for fact in ledger.store.notices.all().filter(|fact| fact.level > 0 && fact.document != NONE) {
        let line = (fact.document, NONE, fact.level, fact.effective, fact.recorded);
        lines_of.entry(fact.id).or_default().1 = Some(line);
    }
    lines_of
}

/// The items of a view by document and instalment, and what its run says of them.
struct Decided {
    items: FxHashMap<u32, Vec<(u32, usize)>>,
    levels: FxHashMap<usize, u32>,
    verdicts: Vec<Verdict>,
}

impl Decided {
    /// Nothing is looked up where nothing will be asked.
    fn of(view: &View, run: &DunningRun, asked: bool) -> Result<Self, Refused> {
        let mut decided = Self { items: FxHashMap::default(), levels: FxHashMap::default(), verdicts: Vec::new() };
        if !asked {
            return Ok(decided);
        }
        for (item, document) in view.items.document.iter().enumerate() {
            decided.items.entry(*document).or_default().push((view.items.instalment(item), item));
        }
        let said = run.inner.items()?;
        for line in said.lines.iter() {
            decided.levels.insert(place(line.item), line.level);
        }
        decided.verdicts.clone_from(&said.verdict);
        Ok(decided)
    }

    fn item(&self, document: u32, instalment: u32) -> Option<usize> {
        let parts = self.items.get(&document)?;
        parts.iter().find(|(number, _)| *number == instalment).map(|(_, item)| *item)
    }
}

/// The lines of notices that count in a view and are not withdrawn: in the order of the notices, by document and instalment.
fn sent_lines(view: &View, lines_of: &LinesOf, notices: &[u32]) -> Vec<SentLine> {
    let store = &view.store;
    let mut lines = Vec::new();
    for notice in notices.iter().copied().filter(|notice| !view.is_closed(*notice)) {
        let Some((own, header)) = lines_of.get(&notice) else { continue };
        let counted = |line: &&Recorded| view.counted(line.3, line.4);
        let mut recorded: Vec<&Recorded> = own.iter().filter(counted).collect();
        if recorded.is_empty() {
            recorded.extend(header.iter().filter(counted));
        }
        let from = lines.len();
        for (document, instalment, level, ..) in recorded {
            let parts = if *instalment == NONE { parts_open(view, *document) } else { vec![*instalment] };
            let line = |instalment| SentLine { notice, document: *document, instalment, level: *level };
            lines.extend(parts.into_iter().map(line));
        }
        let of_notice: &mut [SentLine] = lines.get_mut(from..).unwrap_or_default();
        let document = |line: &SentLine| store.document_id(line.document);
        of_notice.sort_by(|a, b| (document(a), a.instalment).cmp(&(document(b), b.instalment)));
    }
    lines
}

/// The open instalments of a document; 0 when none is open.
fn parts_open(view: &View, document: u32) -> Vec<u32> {
    let found = view.store.documents.find(document).and_then(|(piece, row)| piece.account.get(row).copied());
    let items = found.map_or(0..0, |account| view.items.of_account(account));
    let own = items.filter(|item| view.items.document.get(*item) == Some(&document));
    let parts: Vec<u32> = own.map(|item| view.items.instalment(item)).collect();
    if parts.is_empty() { vec![0] } else { parts }
}

/// What is wrong with a line that was sent.
fn judged(view: &View, decided: &Decided, history: &Before, line: &SentLine, first: bool) -> Option<AuditRow> {
    let item = decided.item(line.document, line.instalment);
    let expected = item.and_then(|item| decided.levels.get(&item)).copied().unwrap_or(0);
    if !first {
        return Some(row(view, line, "duplicate", expected, ""));
    }
    if expected == line.level && expected > 0 {
        return None;
    }
    if expected > 0 {
        return Some(row(view, line, "wrong_level", expected, ""));
    }
    let reason = item.and_then(|item| decided.verdicts.get(item)).map_or("not_open", |verdict| verdict.name());
    let earlier = history.lines_in_time(line.document, line.instalment).any(|sent| sent.level >= line.level);
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
