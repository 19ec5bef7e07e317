//! The runs of a week: each day what was known on it, posted, asked again, written as letters.

use std::collections::BTreeMap;
use std::path::Path;

use ar_core::calendar::Day;
use ar_core::dunning::{
    AuditRow, DunningEvent, DunningNotice, DunningPolicy, DunningRun, Simulation, SkippedItem, Warning, lint,
};
use ar_core::facade::{
    AddressBookEntry, LetterBook, LetterFormat, Stationery, dunning_policy, letter_book, notice_letters, to_json,
};
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::Facts;
use ar_core::ledger::settings::Settings;
use ar_core::problem::Refused;
use ar_examples::files::{self, Opened, read};
use ar_examples::{dunning, figures};
use chrono::Months;

use crate::ask::Asked;

pub struct Week {
    pub source: String,
    pub names: BTreeMap<String, String>,
    pub policy: DunningPolicy,
    pub lint: Vec<Warning>,
    /// How many notices the week begins with, from which day; none when the ledger has its own.
    pub taken_over: Option<(Day, usize)>,
    pub days: Vec<RunDay>,
    pub audit: Audit,
    /// The policy over the recorded past, from and to.
    pub simulation: Simulation,
    pub simulated: (Day, Day),
}

/// A day and its run.
pub struct RunDay {
    pub day: Day,
    pub notices: Vec<Sent>,
    pub skipped: Vec<SkippedItem>,
    pub events: Vec<DunningEvent>,
    /// How many notices a second run of the day has.
    pub again: usize,
}

/// A notice, its id in the ledger, and its letter.
pub struct Sent {
    pub id: String,
    pub notice: DunningNotice,
    pub file: String,
    pub letter: String,
}

/// What was sent, against the policy.
pub struct Audit {
    pub from: Day,
    pub to: Day,
    /// Whether the notices are the ledger's own; else those of the week.
    pub of_ledger: bool,
    pub rows: Vec<AuditRow>,
}

fn told(error: Refused) -> String {
    error.to_string()
}

fn text_of(path: Option<&Path>, shipped: &str) -> Result<String, String> {
    let Some(path) = path else { return Ok(shipped.to_owned()) };
    String::from_utf8(read(path)?).map_err(|_| format!("{}: not UTF-8", path.display()))
}

/// All that is on the table before the first run.
struct Desk {
    settings: Settings,
    facts: Facts,
    policy: DunningPolicy,
    stationery: Stationery,
    book: LetterBook,
}

impl Week {
    /// Runs the week; `step` is told before each day and each longer part what comes.
    pub fn of(asked: &Asked, step: &mut dyn FnMut(String)) -> Result<Self, String> {
        step(String::from("reading the ledger"));
        let policy = dunning_policy(&text_of(asked.policy.as_deref(), dunning::POLICY)?).map_err(told)?;
        let Opened { ledger, source, names, .. } = files::open(asked.ledger.as_deref(), asked.mapping.as_deref())?;
        let last = ledger.last_recorded().ok_or("the ledger is empty: no row of it was accepted")?;
        let from = asked.from.or_else(|| last.plus_days(1 - asked.days)).ok_or("there is no such day")?;
        let to = from.plus_days(asked.days - 1).ok_or("there is no such day")?;
        let mut facts = Facts::default();
        for batch in ledger.batches() {
            // The books of an example are read in one go.
            facts = batch.facts;
        }
        let has_notices = !facts.notices.is_empty();
        let stationery = text_of(asked.stationery.as_deref(), include_str!("../../policies/stationery.json"))?;
        let stationery: Stationery = serde_json::from_str(&stationery).map_err(|error| error.to_string())?;
        let book = letter_book("{}").map_err(told)?;
        let settings = ledger.settings().clone();
        let mut desk = Desk { settings, facts, policy, stationery, book };
        for (id, name) in &names {
            let entry = desk.stationery.customers.entry(id.clone()).or_default();
            if entry.name.is_empty() {
                *entry = AddressBookEntry { name: name.clone(), ..entry.clone() };
            }
        }
        let taken_over = match has_notices {
            true => None,
            false => {
                let before = dunning::before(&ledger, &desk.policy, from)?;
                let number = before.notices.len();
                desk.facts.notices.extend(before.notices);
                desk.facts.notice_lines.extend(before.notice_lines);
                Some((from.plus_days(-dunning::DAYS_BEFORE).ok_or("there is no day so early")?, number))
            }
        };
        let mut days = Vec::new();
        for at in 0..asked.days {
            let day = from.plus_days(at).ok_or("there is no such day")?;
            step(format!("run of {day}"));
            days.push(desk.run(day)?);
        }
        step(String::from("auditing what was sent"));
        let start = to.to_naive_date().checked_sub_months(Months::new(18)).ok_or("there is no day so early")?;
        let start = Day::try_from(start).map_err(|error| error.to_string())?;
        let audit = match has_notices {
            true => {
                let rows = ledger.audit_dunning(&desk.policy, start, to, 3).map_err(told)?;
                Audit { from: start, to, of_ledger: true, rows }
            }
            false => {
                let rows = desk.ledger()?.audit_dunning(&desk.policy, from, to, 0).map_err(told)?;
                Audit { from, to, of_ledger: false, rows }
            }
        };
        step(format!("replaying the policy from {start} to {to}"));
        let simulation = ledger.simulate_dunning(&desk.policy, start, to).map_err(told)?;
        let lint = lint(&desk.policy).map_err(told)?;
        Ok(Self {
            source,
            names,
            policy: desk.policy,
            lint,
            taken_over,
            days,
            audit,
            simulation,
            simulated: (start, to),
        })
    }

    /// The name of a customer, where the ledger has one, with its id.
    pub fn named(&self, id: &str) -> String {
        self.names.get(id).map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
    }

    /// Every notice of the week, with its day.
    pub fn sent(&self) -> impl Iterator<Item = (Day, &Sent)> {
        self.days.iter().flat_map(|day| day.notices.iter().map(|sent| (day.day, sent)))
    }

    /// The last day on which something could be sent.
    pub fn last_run(&self) -> Option<&RunDay> {
        self.days.iter().rev().find(|day| !day.is_quiet())
    }
}

impl RunDay {
    pub fn is_quiet(&self) -> bool {
        self.skipped.iter().any(|item| item.reason == "quiet_day")
    }
}

impl Desk {
    fn ledger(&self) -> Result<Ledger, String> {
        Ledger::load(self.settings.clone(), &self.facts.tables()).map_err(told)
    }

    /// One day: run, write the letters, post, run again.
    fn run(&mut self, day: Day) -> Result<RunDay, String> {
        let run = self.ledger()?.as_of_known(day, day).dun(&self.policy).map_err(told)?;
        let prefix = format!("D-{day}");
        let notices = self.letters(&run, &prefix)?;
        let posted = run.facts(&prefix).map_err(told)?;
        self.facts.notices.extend(posted.notices);
        self.facts.notice_lines.extend(posted.notice_lines);
        self.facts.documents.extend(posted.documents);
        let again = self.ledger()?.as_of_known(day, day).dun(&self.policy).map_err(told)?;
        Ok(RunDay {
            day,
            notices,
            skipped: run.skipped().map_err(told)?,
            events: run.events().map_err(told)?,
            again: again.len(),
        })
    }

    fn letters(&mut self, run: &DunningRun, prefix: &str) -> Result<Vec<Sent>, String> {
        prefix.clone_into(&mut self.stationery.id_prefix);
        let end = if self.stationery.format == LetterFormat::Html { "html" } else { "txt" };
        let letters = notice_letters(run, &to_json(&self.stationery)).map_err(told)?;
        let mut all = Vec::with_capacity(letters.len());
        for (number, (notice, letter)) in (1..).zip(run.notices().map_err(told)?.into_iter().zip(letters)) {
            let written = self.book.render(&letter).map_err(told)?;
            let id = format!("{prefix}-{number}");
            let file = format!("{id}.{end}");
            all.push(Sent { id, notice, file, letter: written.body });
        }
        Ok(all)
    }
}

/// How often each thing is met, in order of its first appearance in the list.
pub fn counted<'a>(things: impl Iterator<Item = &'a str>) -> Vec<(&'a str, usize)> {
    let mut all: Vec<(&str, usize)> = Vec::new();
    for thing in things {
        match all.iter_mut().find(|(held, _)| *held == thing) {
            Some((_, count)) => *count += 1,
            None => all.push((thing, 1)),
        }
    }
    all
}

/// A number of things, with thousands parted.
pub fn number(count: usize) -> String {
    figures::count(u64::try_from(count).unwrap_or(u64::MAX))
}
