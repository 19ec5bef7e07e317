//! What a document brings with it: its net and tax lines, and the due dates that its payment terms give.

use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

use super::documents::{Draft, Drafts};
use super::{Admission, at};
use crate::calendar::Day;
use crate::ledger::cell;
use crate::ledger::fact::{DocumentLineRead, Table};
use crate::ledger::layers::{NONE, count};
use crate::ledger::store::{Attribute, ChangeFact, DocumentKind, InstalmentFact, LineFact, NO_DAY, Store};
use crate::terms::CompiledTerms;

impl Admission<'_> {
    /// Lines of the documents of this batch; `document` is the place of the draft.
    pub(super) fn document_lines(&mut self, drafts: &mut Drafts) -> Vec<LineFact> {
        let table = Table::document_lines;
        let mut lines: Vec<LineFact> = Vec::new();
        // By draft the sum of its lines, none when one of them is bad.
        let mut sums: FxHashMap<u32, Option<i128>> = FxHashMap::default();
        self.each(|this, row, read: DocumentLineRead<'_>| {
            let index = row.index;
            let draft = read.document.as_deref().and_then(|id| this.draft_named(table, index, id, drafts));
            let tax = read.kind.as_deref().and_then(|word| match word {
                "net" => Some(false),
                "tax" => Some(true),
                other => {
                    this.no_word(table, index, "kind", "`net` or `tax`", other);
                    None
                }
            });
            let Some(draft) = draft else { return };
            let currency = drafts.all.get(at(draft)).map(|draft| draft.parts.currency);
            let amount = this.minor(table, index, "amount", read.amount, currency);
            let sum = sums.entry(draft).or_insert(Some(0));
            let (Some(tax), Some(amount), true) = (tax, amount, this.row_is_good()) else {
                *sum = None;
                return;
            };
            *sum = sum.map(|sum| sum.saturating_add(i128::from(amount)));
            lines.push(LineFact { seq: row.seq, document: draft, tax, code: this.intern(&read.code), amount });
        });
        let mut sums: Vec<(u32, Option<i128>)> = sums.into_iter().collect();
        sums.sort_unstable();
        for (draft, sum) in sums {
            let Some(draft) = drafts.all.get(at(draft)) else { continue };
            if let Some(sum) = sum.filter(|sum| *sum != i128::from(draft.amount)) {
                let currency = draft.parts.currency;
                let (whole, sum) = (self.shown(draft.amount.into(), currency), self.shown(sum, currency));
                let reason = format!("expected its lines to add up to {whole}, got {sum}");
                self.problem(Table::documents, draft.row, "amount", "does_not_add_up", reason);
                let id = draft.id;
                self.drop_draft(drafts, id);
            }
        }
        lines
    }

    /// The place of the good draft of that id.
    fn draft_named(&mut self, table: Table, row: usize, id: &str, drafts: &Drafts) -> Option<u32> {
        let number = self.document_ids.find(id).and_then(|number| number.checked_sub(self.document_ids.start()));
        let draft = number.and_then(|number| drafts.of_id.get(at(number))).copied().filter(|draft| *draft != NONE);
        if draft.is_none() {
            self.unknown(table, row, "document", "document of the same batch", id);
        }
        draft
    }

    /// The row of a draft is bad: it is found no more.
    fn drop_draft(&self, drafts: &mut Drafts, id: u32) {
        if let Some(slot) = drafts.of_id.get_mut(at(id.wrapping_sub(self.document_ids.start()))) {
            *slot = NONE;
        }
    }

    /// Sets due dates by terms; gives the instalments that terms make, `document` being the place of the draft.
    pub(super) fn terms(&mut self, drafts: &mut Drafts, changes: &[ChangeFact]) -> Vec<InstalmentFact> {
        let changes = TermsChanges::of(self.before, changes);
        let known = Arc::clone(&self.before.terms);
        let scheduled = self.documents_with_rows();
        let mut generated = Vec::new();
        let mut bad = Vec::new();
        for (place, draft) in drafts.all.iter_mut().enumerate() {
            let slot = drafts.of_id.get(at(draft.id.wrapping_sub(self.document_ids.start())));
            if slot.is_none_or(|slot| *slot == NONE) {
                continue;
            }
            if draft.terms == NONE
                && matches!(draft.kind, DocumentKind::Invoice | DocumentKind::DebitNote | DocumentKind::Charge)
            {
                draft.terms = self.terms_of_customer(draft, &changes);
            }
            if draft.due != NO_DAY || draft.terms == NONE {
                continue;
            }
            let code = self.texts.text(draft.terms).to_owned();
            let good = match known.get(&code) {
                Some(terms) => self.apply_terms(terms, draft, count(place), &mut generated),
                None if scheduled.contains(self.document_ids.text(draft.id)) => true,
                None => {
                    self.unknown(Table::documents, draft.row, "terms", "payment term of the settings", &code);
                    false
                }
            };
            if !good {
                bad.push(draft.id);
            }
        }
        for id in bad {
            self.drop_draft(drafts, id);
        }
        generated
    }

    fn apply_terms(
        &mut self,
        terms: &CompiledTerms,
        draft: &mut Draft,
        place: u32,
        generated: &mut Vec<InstalmentFact>,
    ) -> bool {
        let currency = self.currencies.get(at(draft.parts.currency)).copied();
        let (Ok(day), Some(currency)) = (Day::new(draft.document_date), currency) else { return true };
        let schedule = match terms.schedule(day, draft.amount, currency, None) {
            Ok(schedule) => schedule,
            Err(error) => {
                self.problem(Table::documents, draft.row, "terms", error.code(), error.to_string());
                return false;
            }
        };
        if !terms.has_instalments() {
            draft.due = schedule.first().map_or(NO_DAY, |line| line.due_date.number());
            return true;
        }
        generated.extend(schedule.iter().map(|line| InstalmentFact {
            seq: 0,
            document: place,
            // Before any other schedule: in force when no other counts.
            effective: i32::MIN,
            recorded: i32::MIN,
            batch: 0,
            number: line.number,
            due: line.due_date.number(),
            amount: line.amount,
            plan: NONE,
        }));
        true
    }

    /// The code that a document's customer had on its date, as known when the document was recorded.
    fn terms_of_customer(&self, draft: &Draft, changes: &TermsChanges<'_>) -> u32 {
        let customer = draft.parts.customer;
        if let Some(code) = changes.last(customer, draft.document_date, draft.recorded) {
            return code;
        }
        let own = match customer.checked_sub(self.customer_ids.start()) {
            Some(new) => self.new_customers.get(at(new)),
            None => self.before.customers.get(customer),
        };
        own.map_or(NONE, |fact| fact.terms)
    }

    /// Ids of the documents that rows of `instalments` of this batch name.
    fn documents_with_rows(&self) -> FxHashSet<String> {
        self.rows_of(Table::instalments)
            .filter_map(|(_, source, row)| cell::text(source.cell(0, row)).ok().flatten())
            .map(|id| id.into_owned())
            .collect()
    }
}

/// The changes of terms of customers: those held, and those that come with the documents.
struct TermsChanges<'a> {
    before: &'a Store,
    new: FxHashMap<u32, Vec<&'a ChangeFact>>,
}

impl<'a> TermsChanges<'a> {
    fn of(before: &'a Store, changes: &'a [ChangeFact]) -> Self {
        let mut new: FxHashMap<u32, Vec<&ChangeFact>> = FxHashMap::default();
        for change in changes.iter().filter(|change| change.attribute == Attribute::Terms) {
            new.entry(change.customer).or_default().push(change);
        }
        Self { before, new }
    }

    /// The code that the latest change in force sets (`NONE` when it clears it); none without a change.
    fn last(&self, customer: u32, day: i32, known_on: i32) -> Option<u32> {
        let held = self.before.last_change(customer, Attribute::Terms, day, known_on);
        let new = self.new.get(&customer).into_iter().flatten().copied();
        let new = new.filter(|change| change.effective <= day && change.recorded <= known_on);
        held.into_iter().chain(new).max_by_key(|change| (change.effective, change.recorded)).map(|change| change.value)
    }
}
