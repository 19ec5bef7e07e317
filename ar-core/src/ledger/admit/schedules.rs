//! Schedules of instalments, as rows give them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Admission, Row};
use crate::ledger::fact::{InstalmentRead, Table};
use crate::ledger::layers::NONE;
use crate::ledger::row::Field;
use crate::ledger::settings::InstalmentSign;
use crate::ledger::store::{InstalmentFact, Store};
use crate::money::Minor;

const TABLE: Table = Table::instalments;

/// Document, effective and recorded day: what makes rows of one batch one schedule.
type Key = (u32, i32, i32);

/// The rows of one schedule.
#[derive(Default)]
struct Schedule {
    first_row: usize,
    numbers: FxHashSet<u32>,
    sum: i128,
    facts: Vec<InstalmentFact>,
}

impl Admission<'_> {
    pub(super) fn instalments(&mut self, next: &mut Store) {
        let batch = next.batches;
        let plans = |id: u32| next.plans.of(id).next().is_some();
        let mut schedules: Vec<(Key, Schedule)> = Vec::new();
        let mut places: FxHashMap<Key, usize> = FxHashMap::default();
        // Documents of which a row is bad: none of their schedules is taken in.
        let mut spoilt: FxHashSet<u32> = FxHashSet::default();
        self.each(|this, row, read: InstalmentRead<'_>| {
            let index = row.index;
            let document = read.document.as_deref().and_then(|id| this.known_document(TABLE, index, "document", id));
            let plan = this.plan(index, &read.plan, plans);
            let Some((document, (amount_of, _), (effective_of, known))) =
                document.and_then(|document| Some((document, this.amount_of(document)?, this.days_of(document)?)))
            else {
                let effective = read.effective.or(None).map(|day| day.number());
                this.recorded(TABLE, index, read.recorded, effective);
                return;
            };
            let amount = this.instalment_amount(row, &read, document, amount_of);
            let (effective, known) = match read.effective {
                Field::Given(day) => (Some(day.number()), known.max(day.number())),
                Field::Absent => (Some(effective_of), known),
                Field::Bad => (None, known),
            };
            let recorded = this.recorded(TABLE, index, read.recorded, Some(known));
            if let (Some(effective), Some(recorded)) = (effective, recorded) {
                let key = (document, effective, recorded);
                let place = *places.entry(key).or_insert_with(|| {
                    schedules.push((key, Schedule { first_row: index, ..Schedule::default() }));
                    schedules.len().saturating_sub(1)
                });
                if let Some((_, schedule)) = schedules.get_mut(place) {
                    if let Some(number) = read.number
                        && !schedule.numbers.insert(number)
                    {
                        let reason = format!("expected a number once in a schedule, got {number} again");
                        this.problem(TABLE, index, "number", "duplicate_id", reason);
                    }
                    if let (Some(number), Some(due), Some(amount)) = (read.number, read.due_date, amount) {
                        schedule.sum = schedule.sum.saturating_add(i128::from(amount));
                        let (seq, due) = (row.seq, due.number());
                        let fact =
                            InstalmentFact { seq, document, effective, recorded, batch, number, due, amount, plan };
                        schedule.facts.push(fact);
                    }
                }
            }
            if !this.row_is_good() {
                spoilt.insert(document);
            }
        });
        let mut facts = Vec::new();
        for ((document, _, _), schedule) in schedules {
            if spoilt.contains(&document) {
                continue;
            }
            let amount = self.amount_of(document).map_or(0, |(amount, _)| i128::from(amount));
            if schedule.sum == amount {
                facts.extend(schedule.facts);
            } else {
                let (whole, sum) = (self.shown_of(amount, document), self.shown_of(schedule.sum, document));
                let reason = format!("expected the schedule to add up to {whole}, got {sum}");
                self.problem(TABLE, schedule.first_row, "amount", "does_not_add_up", reason);
            }
        }
        next.instalments.add(facts);
    }

    fn instalment_amount(
        &mut self,
        row: Row,
        read: &InstalmentRead<'_>,
        document: u32,
        amount_of: Minor,
    ) -> Option<Minor> {
        let currency = self.currency_of(document);
        let amount = self.minor(TABLE, row.index, "amount", read.amount, currency)?;
        let same = self.before.settings.instalment_sign == InstalmentSign::Same;
        if same && amount != 0 && amount.signum() != amount_of.signum() {
            let (whole, got) = (self.shown_of(amount_of.into(), document), self.shown_of(amount.into(), document));
            let reason = format!("expected the sign of the document's amount, {whole}, got {got}");
            self.problem(TABLE, row.index, "amount", "instalment_sign", reason);
        }
        Some(amount)
    }

    fn plan(&mut self, row: usize, plan: &Field<std::borrow::Cow<'_, str>>, is_plan: impl Fn(u32) -> bool) -> u32 {
        let Some(id) = plan.given() else { return NONE };
        let found = self.matter_ids.find(id).filter(|number| is_plan(*number));
        if found.is_none() {
            self.unknown(TABLE, row, "plan", "plan", id);
        }
        found.unwrap_or(NONE)
    }
}
