//! Discounts offered on documents, as rows give them.

use super::Admission;
use crate::ledger::cell::Amount;
use crate::ledger::fact::{DiscountRead, Table};
use crate::ledger::layers::NONE;
use crate::ledger::row::Field;
use crate::ledger::store::{DiscountFact, NO_BASE, Store};
use crate::money::{Exact, Minor};

const TABLE: Table = Table::discounts;

impl Admission<'_> {
    pub(super) fn discounts(&mut self, next: &mut Store) {
        let batch = next.batches;
        let mut facts = Vec::new();
        self.each(|this, row, read: DiscountRead<'_>| {
            let index = row.index;
            let document = read.document.as_deref().and_then(|id| this.known_document(TABLE, index, "document", id));
            let percent = this.percent(index, &read.percent);
            let amount = this.part_of(index, "amount", &read.amount, document);
            let basis = this.part_of(index, "basis", &read.basis, document);
            this.one_of(index, &read);
            let Some((document, (effective_of, known))) =
                document.and_then(|document| Some((document, this.days_of(document)?)))
            else {
                let effective = read.effective.or(None).map(|day| day.number());
                this.recorded(TABLE, index, read.recorded, effective);
                return;
            };
            let (effective, known) = match read.effective {
                Field::Given(day) => (Some(day.number()), known.max(day.number())),
                Field::Absent => (Some(effective_of), known),
                Field::Bad => (None, known),
            };
            let recorded = this.recorded(TABLE, index, read.recorded, Some(known));
            if let (Some(until), Some(amount), Some(basis), Some(effective), Some(recorded), true) =
                (read.until, amount, basis, effective, recorded, this.row_is_good())
            {
                let (seq, until) = (row.seq, until.number());
                let fact = DiscountFact { seq, document, effective, recorded, batch, until, percent, amount, basis };
                facts.push(fact);
            }
        });
        next.discounts.add(facts);
    }

    fn percent(&mut self, row: usize, given: &Field<Exact>) -> Option<Exact> {
        let percent = given.given().copied()?;
        let hundred = 10_i128.checked_pow(u32::from(percent.scale())).and_then(|one| one.checked_mul(100));
        if hundred.is_none_or(|hundred| percent.units() > hundred) {
            self.problem(TABLE, row, "percent", "too_large", format!("expected at most 100, got {percent}"));
        }
        Some(percent)
    }

    /// An amount that is a part of the document's; `NO_BASE` when there is none.
    fn part_of(&mut self, row: usize, field: &str, given: &Field<Amount>, document: Option<u32>) -> Option<Minor> {
        let amount = match given {
            Field::Absent => return Some(NO_BASE),
            Field::Bad => return None,
            Field::Given(amount) => *amount,
        };
        let document = document?;
        let currency = self.currency_of(document);
        let minor = self.minor(TABLE, row, field, Some(amount), currency)?;
        let (whole, _) = self.amount_of(document)?;
        let got = self.shown(minor.into(), currency.unwrap_or(NONE));
        if minor <= 0 {
            self.problem(TABLE, row, field, "wrong_sign", format!("expected an amount above zero, got {got}"));
        } else if minor > whole.saturating_abs() {
            let whole = self.shown_of(i128::from(whole).saturating_abs(), document);
            let reason = format!("expected at most the document's amount, {whole}, got {got}");
            self.problem(TABLE, row, field, "does_not_add_up", reason);
        }
        Some(minor)
    }

    /// A percentage with or without a basis, or else an amount.
    fn one_of(&mut self, row: usize, read: &DiscountRead<'_>) {
        let (percent, amount) = (!read.percent.is_absent(), !read.amount.is_absent());
        if !percent && !amount {
            self.problem(TABLE, row, "percent", "missing_field", "expected a percentage or an amount, got none");
        }
        if percent && amount {
            let reason = "expected a percentage or an amount, got both";
            self.problem(TABLE, row, "amount", "does_not_add_up", reason);
        }
        if amount && !read.basis.is_absent() {
            let reason = "expected a basis beside a percentage alone, got one beside an amount";
            self.problem(TABLE, row, "basis", "does_not_add_up", reason);
        }
    }
}
