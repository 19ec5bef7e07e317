//! The facts of an import on their way: which row made each, and what became of every row.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::Imported;
use super::fact::{Fact, Value, keep_marked, rows_in};
use super::mapping::Repeats;
use super::plan::{FactPlan, FieldPlan, FilePlan, Part, Wanted};
use super::report::{ControlTotal, FileCount, ImportReport, Rejection, TableCount};
use super::source::{BadRow, Row, each_row};
use super::value::exact_text;
use crate::ledger::Ledger;
use crate::ledger::fact::{Customer, Facts, Kind, Table};
use crate::money::Exact;
use crate::problem::{Problem, Refused, quoted};

/// Facts read from files, each with the row it came from.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    plans: &'a [FilePlan<'a>],
    pub facts: Facts,
    /// The rows of all files, in their order.
    rows: Vec<RowState>,
    /// For each fact of a table, the row that made it and by which of its file's facts.
    origins: BTreeMap<Table, Vec<Origin>>,
    /// What is made once: table and key → who may make it.
    once: BTreeMap<(Table, String), Once>,
    /// Rows that say otherwise about a customer than the ledger to which they are appended.
    conflicts: BTreeSet<usize>,
    read: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
struct Origin {
    row: usize,
    fact: usize,
}

#[derive(Debug)]
struct RowState {
    file: usize,
    line: u64,
    repeats: Option<usize>,
    rounded: u64,
    largest: Option<Exact>,
    rejection: Option<Rejection>,
}

/// A fact that is made once: what rows say about it.
#[derive(Debug)]
struct Once {
    /// The different ways in which it is said.
    said: Vec<Fact>,
    /// The rows that say it, by which fact of their file, and which way.
    by: Vec<(Origin, usize)>,
}

/// A wrong value of a field.
struct Wrong {
    problem: Problem,
    column: Option<String>,
}

impl<'a> Draft<'a> {
    pub fn new(plans: &'a [FilePlan<'a>]) -> Self {
        Self {
            plans,
            facts: Facts::default(),
            rows: Vec::new(),
            origins: BTreeMap::new(),
            once: BTreeMap::new(),
            conflicts: BTreeSet::new(),
            read: vec![false; plans.len()],
        }
    }

    /// Reads the rows of one file.
    pub fn read(&mut self, file: usize, bytes: &[u8]) -> Result<(), Refused> {
        let Some(plan) = self.plans.get(file) else { return Ok(()) };
        if let Some(read) = self.read.get_mut(file) {
            *read = true;
        }
        let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
        each_row(plan, bytes, |row| match row {
            Err(bad) => {
                let at = self.start_row(file, bad.line);
                self.reject_row(at, bad);
            }
            Ok(row) => {
                let at = self.start_row(file, row.line);
                if plan.mapping.repeats != Repeats::Keep {
                    let key = if plan.repeats_on.is_empty() { row.whole.to_vec() } else { key_of(plan, &row) };
                    match seen.get(&key) {
                        Some(first) => return self.repeat(at, *first, plan.mapping.repeats),
                        None => seen.insert(key, at),
                    };
                }
                if let Err(rejection) = self.take_row(at, plan, &row) {
                    self.reject(at, *rejection);
                }
            }
        })
    }

    fn start_row(&mut self, file: usize, line: u64) -> usize {
        self.rows.push(RowState { file, line, repeats: None, rounded: 0, largest: None, rejection: None });
        self.rows.len().saturating_sub(1)
    }

    fn reject(&mut self, row: usize, rejection: Rejection) {
        if let Some(state) = self.rows.get_mut(row) {
            state.rejection.get_or_insert(rejection);
        }
    }

    fn reject_row(&mut self, row: usize, bad: BadRow) {
        let rejection = self.rejection(row, Problem::new(bad.code, bad.reason), bad.column);
        self.reject(row, rejection);
    }

    fn rejection(&self, row: usize, problem: Problem, column: Option<String>) -> Rejection {
        let (file, line) = self.rows.get(row).map_or((0, 0), |state| (state.file, state.line));
        Rejection {
            file: self.plans.get(file).map(|plan| plan.mapping.name.clone()).unwrap_or_default(),
            line,
            column,
            table: problem.table,
            field: problem.field,
            code: problem.code,
            reason: problem.reason,
        }
    }

    fn repeat(&mut self, row: usize, first: usize, repeats: Repeats) {
        let line = self.rows.get(first).map_or(0, |state| state.line);
        if repeats == Repeats::Drop {
            if let Some(state) = self.rows.get_mut(row) {
                state.repeats = Some(first);
            }
            return;
        }
        let problem = Problem::new("duplicate_id", format!("expected a new row, got that of line {line} again"));
        let rejection = self.rejection(row, problem, None);
        self.reject(row, rejection);
    }

    /// Makes all facts of a row, or none.
    fn take_row(&mut self, at: usize, plan: &FilePlan<'_>, row: &Row<'_>) -> Result<(), Box<Rejection>> {
        let mut made = Vec::with_capacity(plan.facts.len());
        let mut rounded = 0_u64;
        let mut largest: Option<Exact> = None;
        for (number, fact) in plan.facts.iter().enumerate() {
            if !fact.when.iter().all(|test| holds(&test.wanted, row.cells.get(test.column).map_or("", AsRef::as_ref))) {
                continue;
            }
            let mut note = |change: Exact| {
                rounded = rounded.saturating_add(1);
                if largest.is_none_or(|largest| is_less(largest, change)) {
                    largest = Some(change);
                }
            };
            let row_fact = make(plan, fact, row, &mut note).map_err(|wrong| {
                let mut rejection = self.rejection(at, wrong.problem, wrong.column);
                rejection.table = Some(fact.table.name().to_owned());
                Box::new(rejection)
            })?;
            made.push((number, fact, row_fact));
        }
        if let Some(state) = self.rows.get_mut(at) {
            state.rounded = rounded;
            state.largest = largest;
        }
        for (number, plan, fact) in made {
            let origin = Origin { row: at, fact: number };
            if plan.once {
                self.say_once(fact, origin);
            } else {
                self.push(fact, origin);
            }
        }
        Ok(())
    }

    fn push(&mut self, fact: Fact, origin: Origin) {
        self.origins.entry(fact.table()).or_default().push(origin);
        fact.push_to(&mut self.facts);
    }

    fn say_once(&mut self, fact: Fact, origin: Origin) {
        let key = (fact.table(), once_key(&fact));
        if let Some(once) = self.once.get_mut(&key) {
            let way = once.said.iter().position(|said| *said == fact).unwrap_or_else(|| {
                once.said.push(fact);
                once.said.len().saturating_sub(1)
            });
            once.by.push((origin, way));
            return;
        }
        self.once.insert(key, Once { said: vec![fact.clone()], by: vec![(origin, 0)] });
        self.push(fact, origin);
    }

    /// Leaves out the customers made once that a ledger has already, and notes the rows that say otherwise about them.
    pub fn leave_out_customers_of(&mut self, ledger: &Ledger) {
        let mut held = BTreeSet::new();
        let mut conflicts = BTreeSet::new();
        self.once.retain(|(table, key), once| {
            let known = if *table == Table::customers { ledger.customer(key) } else { None };
            let Some(known) = known else { return true };
            let agrees = |said: &Fact| matches!(said, Fact::Customer(row) if says_nothing_else(row, &known));
            let agreeing: Vec<bool> = once.said.iter().map(agrees).collect();
            let others = once.by.iter().filter(|(_, way)| agreeing.get(*way) != Some(&true));
            conflicts.extend(others.map(|(origin, _)| origin.row));
            held.insert(key.clone());
            false
        });
        self.conflicts.extend(conflicts);
        // Their facts stand where the first row that says each put them.
        let plans = self.plans;
        let made_once = |origin: &Origin, rows: &[RowState]| {
            let file = rows.get(origin.row).and_then(|row| plans.get(row.file));
            file.and_then(|plan| plan.facts.get(origin.fact)).is_some_and(|fact| fact.once)
        };
        let Some(origins) = self.origins.get_mut(&Table::customers) else { return };
        let marks: Vec<bool> = origins
            .iter()
            .zip(&self.facts.customers)
            .map(|(origin, row)| !(held.contains(&row.id) && made_once(origin, &self.rows)))
            .collect();
        keep_marked(&mut self.facts, Table::customers, &marks);
        let mut marks = marks.into_iter();
        origins.retain(|_| marks.next().unwrap_or(true));
    }

    /// Rejects the rows whose facts a ledger refused, and takes out all that those rows made.
    pub fn reject_refused(&mut self, problems: Vec<Problem>) -> Result<(), Refused> {
        let located = |problem: &Problem| -> Option<Origin> {
            let table = Table::named(problem.table.as_deref()?)?;
            let index = usize::try_from(problem.index?).ok()?;
            self.origins.get(&table)?.get(index).copied()
        };
        let mut found = Vec::with_capacity(problems.len());
        for problem in &problems {
            match located(problem) {
                Some(origin) => found.push((origin, problem)),
                None => return Err(Refused::new(problems)),
            }
        }
        // A row that only refers to a refused one waits: another row may yet make what it refers to.
        let only_waiting = found.iter().all(|(_, problem)| problem.code == "unknown_reference");
        let mut rejected = BTreeSet::new();
        for (origin, problem) in found {
            if !only_waiting && problem.code == "unknown_reference" {
                continue;
            }
            let column = problem.field.as_deref().and_then(|field| self.column_of(origin, field));
            let rejection = self.rejection(origin.row, problem.clone(), column);
            self.reject(origin.row, rejection);
            rejected.insert(origin.row);
        }
        self.take_out(&rejected);
        Ok(())
    }

    fn column_of(&self, origin: Origin, field: &str) -> Option<String> {
        let plan = self.plans.get(self.rows.get(origin.row)?.file)?;
        let fact = plan.facts.get(origin.fact)?;
        let name = field.strip_prefix("dim_").unwrap_or(field);
        let field = fact.fields.iter().find(|field| field.name == name)?;
        first_column(plan, field)
    }

    fn take_out(&mut self, rejected: &BTreeSet<usize>) {
        // What is made once goes over to the next row that says it.
        for ((table, _), once) in &mut self.once {
            let Some((origin, _)) = once.by.first().copied().filter(|(origin, _)| rejected.contains(&origin.row))
            else {
                continue;
            };
            let held = self.origins.get_mut(table);
            let place = held
                .as_ref()
                .and_then(|held| held.iter().position(|other| other.row == origin.row && other.fact == origin.fact));
            once.by.retain(|(origin, _)| !rejected.contains(&origin.row));
            if let (Some(held), Some(place), Some((next, way))) = (held, place, once.by.first())
                && let (Some(slot), Some(said)) = (held.get_mut(place), once.said.get(*way))
            {
                *slot = *next;
                said.clone().put_into(&mut self.facts, place);
            }
        }
        for (table, held) in &mut self.origins {
            if !held.iter().any(|origin| rejected.contains(&origin.row)) {
                continue;
            }
            let marks: Vec<bool> = held.iter().map(|origin| !rejected.contains(&origin.row)).collect();
            keep_marked(&mut self.facts, *table, &marks);
            held.retain(|origin| !rejected.contains(&origin.row));
        }
    }

    /// The facts and the report.
    pub fn finish(mut self) -> Result<Imported, Refused> {
        self.reject_repeats_of_rejected();
        let rejected: BTreeSet<usize> =
            self.rows.iter().enumerate().filter(|(_, row)| row.rejection.is_some()).map(|(at, _)| at).collect();
        let mut conflicts: BTreeSet<usize> = self.conflicts.difference(&rejected).copied().collect();
        for once in self.once.values() {
            let first = once.by.first().map(|(_, way)| *way);
            let other = once.by.iter().filter(|(origin, way)| Some(*way) != first && !rejected.contains(&origin.row));
            conflicts.extend(other.map(|(origin, _)| origin.row));
        }
        let mut report = ImportReport { conflicts: number(conflicts.len()), ..ImportReport::default() };
        let mut files: Vec<FileCount> = self
            .plans
            .iter()
            .map(|plan| FileCount { file: plan.mapping.name.clone(), ..FileCount::default() })
            .collect();
        let mut largest: Option<Exact> = None;
        for row in self.rows {
            let Some(file) = files.get_mut(row.file) else { continue };
            file.rows = file.rows.saturating_add(1);
            if let Some(rejection) = row.rejection {
                file.rejected = file.rejected.saturating_add(1);
                report.rejections.push(rejection);
                continue;
            }
            file.accepted = file.accepted.saturating_add(1);
            file.repeated = file.repeated.saturating_add(u64::from(row.repeats.is_some()));
            report.rounded = report.rounded.saturating_add(row.rounded);
            if let Some(change) = row.largest
                && largest.is_none_or(|largest| is_less(largest, change))
            {
                largest = Some(change);
            }
        }
        report.files = files.into_iter().zip(&self.read).filter(|(_, read)| **read).map(|(file, _)| file).collect();
        for file in &report.files {
            report.rows = report.rows.saturating_add(file.rows);
            report.accepted = report.accepted.saturating_add(file.accepted);
            report.rejected = report.rejected.saturating_add(file.rejected);
            report.repeated = report.repeated.saturating_add(file.repeated);
        }
        report.largest_change = largest
            .and_then(|change| Decimal::try_from_i128_with_scale(change.units(), u32::from(change.scale())).ok());
        for table in Table::ALL {
            let facts = rows_in(&self.facts, *table);
            if facts > 0 {
                report.tables.push(TableCount { table: table.name().to_owned(), facts: number(facts) });
            }
        }
        report.totals = totals(&self.facts)?;
        Ok(Imported { facts: self.facts, report })
    }

    fn reject_repeats_of_rejected(&mut self) {
        for at in 0..self.rows.len() {
            let Some(first) = self.rows.get(at).and_then(|row| row.repeats) else { continue };
            let Some(state) = self.rows.get(first) else { continue };
            let (line, Some(rejection)) = (state.line, &state.rejection) else { continue };
            let reason = format!("repeats the row of line {line}, which was rejected: {}", rejection.reason);
            let rejection =
                Rejection { line: self.rows.get(at).map_or(0, |row| row.line), reason, ..rejection.clone() };
            self.reject(at, rejection);
        }
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn is_less(a: Exact, b: Exact) -> bool {
    let decimal = |exact: Exact| Decimal::try_from_i128_with_scale(exact.units(), u32::from(exact.scale())).ok();
    decimal(a) < decimal(b)
}

/// The cells by which a repeat is known, each with its length.
fn key_of(plan: &FilePlan<'_>, row: &Row<'_>) -> Vec<u8> {
    let mut key = Vec::new();
    for place in &plan.repeats_on {
        let cell = row.cells.get(*place).map_or("", AsRef::as_ref);
        key.extend_from_slice(&number(cell.len()).to_le_bytes());
        key.extend_from_slice(cell.as_bytes());
    }
    key
}

/// Whether a row gives no other value to a field of a customer than the ledger has.
fn says_nothing_else(row: &Customer, held: &Customer) -> bool {
    let agrees = |said: &Option<String>, held: &Option<String>| said.is_none() || said == held;
    let of_dimension = |name: &str| held.dimensions.get(name).map_or("", String::as_str);
    agrees(&row.name, &held.name)
        && agrees(&row.parent, &held.parent)
        && agrees(&row.group, &held.group)
        && agrees(&row.terms, &held.terms)
        && row.dimensions.iter().all(|(name, value)| of_dimension(name) == value)
}

/// By what a fact that is made once is known: its id, or all of it.
fn once_key(fact: &Fact) -> String {
    match fact {
        Fact::Customer(row) => row.id.clone(),
        Fact::Document(row) => row.id.clone(),
        Fact::Allocation(row) => row.id.clone(),
        Fact::SettlementDifference(row) => row.id.clone(),
        Fact::Dispute(row) => row.id.clone(),
        Fact::Hold(row) => row.id.clone(),
        Fact::Promise(row) => row.id.clone(),
        Fact::Plan(row) => row.id.clone(),
        Fact::Notice(row) => row.id.clone(),
        Fact::Commitment(row) => row.id.clone(),
        Fact::CreditLine(row) => row.id.clone(),
        Fact::Release(row) => row.id.clone(),
        Fact::Reversal(row) => row.allocation.clone(),
        Fact::Cancellation(row) => row.document.clone(),
        Fact::Closing(row) => row.of.clone(),
        other => format!("{other:?}"),
    }
}

fn holds(wanted: &Wanted, cell: &str) -> bool {
    match wanted {
        Wanted::Empty(empty) => cell.is_empty() == *empty,
        Wanted::OneOf(words, among) => words.iter().any(|word| word == cell) == *among,
    }
}

fn first_column(plan: &FilePlan<'_>, field: &FieldPlan) -> Option<String> {
    let place = field.parts.iter().find_map(|part| match part {
        Part::Column(place) => Some(*place),
        _ => None,
    });
    place.and_then(|place| plan.columns.get(place)).map(|(column, _)| column.clone())
}

/// The fact that a row makes.
fn make(plan: &FilePlan<'_>, fact: &FactPlan, row: &Row<'_>, note: &mut impl FnMut(Exact)) -> Result<Fact, Box<Wrong>> {
    let mut values: Vec<(&str, Value)> = Vec::with_capacity(fact.fields.len());
    let mut dimensions = BTreeMap::new();
    for field in &fact.fields {
        let wrong = |problem: Problem| {
            let name = if field.dimension { format!("dim_{}", field.name) } else { field.name.clone() };
            Box::new(Wrong { problem: problem.field(&name), column: first_column(plan, field) })
        };
        let Some(text) = raw_text(field, row) else {
            if field.required {
                return Err(wrong(Problem::new("missing_field", "expected a value, got none")));
            }
            continue;
        };
        let value = value_of(field, &text, note).map_err(wrong)?;
        match (field.dimension, value) {
            (true, Value::Text(text)) => {
                dimensions.insert(field.name.clone(), text);
            }
            (_, value) => values.push((field.name.as_str(), value)),
        }
    }
    if !dimensions.is_empty() {
        values.push(("dimensions", Value::Dimensions(dimensions)));
    }
    Fact::of(fact.table, values).map_err(|_| {
        let problem = Problem::new("wrong_type", "expected values of the fields' types");
        Box::new(Wrong { problem, column: None })
    })
}

/// The text of a field before it is read; none when a column of it is empty.
fn raw_text<'r>(field: &'r FieldPlan, row: &'r Row<'_>) -> Option<Cow<'r, str>> {
    let text = match field.parts.as_slice() {
        [Part::Column(place)] => Cow::Borrowed(row.cells.get(*place).map_or("", AsRef::as_ref)),
        [Part::Literal(text)] => Cow::Borrowed(text.as_str()),
        parts => {
            let mut whole = String::new();
            for part in parts {
                match part {
                    Part::Literal(text) => whole.push_str(text),
                    Part::Line => whole.push_str(&row.line.to_string()),
                    Part::Column(place) => match row.cells.get(*place).map_or("", AsRef::as_ref) {
                        "" => {
                            whole.clear();
                            break;
                        }
                        cell => whole.push_str(cell),
                    },
                }
            }
            Cow::Owned(whole)
        }
    };
    match (text.is_empty(), &field.field.default) {
        (false, _) => Some(text),
        (true, Some(default)) if !default.is_empty() => Some(Cow::Borrowed(default)),
        (true, _) => None,
    }
}

fn value_of(field: &FieldPlan, text: &str, note: &mut impl FnMut(Exact)) -> Result<Value, Problem> {
    let spelled = &field.field;
    let mut text = text;
    if let Some(prefix) = &spelled.strip_prefix {
        text = text.strip_prefix(prefix.as_str()).unwrap_or(text);
    }
    if let Some(suffix) = &spelled.strip_suffix {
        text = text.strip_suffix(suffix.as_str()).unwrap_or(text);
    }
    if !spelled.map.is_empty() {
        text = spelled.map.get(text).or(spelled.otherwise.as_ref()).map(String::as_str).ok_or_else(|| {
            let came = if field.private { String::from("another") } else { quoted(text) };
            Problem::new("unknown_value", format!("expected a word that the mapping names, got {came}"))
        })?;
    }
    match field.kind {
        Kind::Text | Kind::Dimensions => Ok(Value::Text(text.to_owned())),
        Kind::Day => {
            let day = match &field.date {
                Some(pattern) => pattern.read(text)?,
                None => crate::calendar::Day::parse(text).map_err(|e| Problem::new(e.code(), e.to_string()))?,
            };
            Ok(Value::Text(day.to_string()))
        }
        Kind::Money | Kind::Number => {
            let number = field.number.read(text)?;
            if let Some(change) = number.change {
                note(change);
            }
            Ok(Value::Text(number.value.to_string()))
        }
        Kind::Integer => match text.parse() {
            Ok(number) => Ok(Value::Whole(number)),
            Err(_) => Err(Problem::new("wrong_type", format!("expected a whole number, got {}", quoted(text)))),
        },
    }
}

/// Sums of the documents, by currency and kind.
fn totals(facts: &Facts) -> Result<Vec<ControlTotal>, Refused> {
    let mut sums: BTreeMap<(&str, &str), (u64, i128, u8)> = BTreeMap::new();
    let large = || Refused::one("too_large", "expected documents whose sum has at most 28 digits");
    let raised = |units: i128, by: u8| 10_i128.checked_pow(u32::from(by)).and_then(|factor| units.checked_mul(factor));
    for document in &facts.documents {
        let sum = sums.entry((&document.currency, &document.kind)).or_insert((0, 0, 0));
        let scale = u8::try_from(document.amount.scale()).unwrap_or(u8::MAX);
        let common = sum.2.max(scale);
        let before = raised(sum.1, common.saturating_sub(sum.2));
        let amount = raised(document.amount.mantissa(), common.saturating_sub(scale));
        let total = before.zip(amount).and_then(|(before, amount)| before.checked_add(amount)).ok_or_else(large)?;
        *sum = (sum.0.saturating_add(1), total, common);
    }
    let mut totals = Vec::with_capacity(sums.len());
    for ((currency, kind), (documents, units, scale)) in sums {
        let amount = exact_text(units, scale).parse().map_err(|_| large())?;
        totals.push(ControlTotal { currency: currency.to_owned(), kind: kind.to_owned(), documents, amount });
    }
    Ok(totals)
}
