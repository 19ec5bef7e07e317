//! How a settlement is posted: the rows to append.

use chrono::NaiveDate;

use super::base::Legs;
use super::made::Line;
use super::policy::ExchangeGuard;
use super::report::Settlement;
use crate::allocation::filter::at;
use crate::calendar::Day;
use crate::ledger::fact::{Allocation, Document, Facts, SettlementDifference};
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::{DocumentKind, Documents};

impl Settlement {
    /// The rows that post it: allocations `<prefix>-1`, `<prefix>-2`, …, effective on the view's day; beside the n-th the differences
    /// `<prefix>-<n>-d1`, …; and a debit note (of a charge a charge) `<prefix>-<n>-r` for a residual.
    ///
    /// The ledger takes them when nothing was appended since.
    #[must_use]
    pub fn facts(&self, id_prefix: &str) -> Facts {
        let day = self.view.day().to_naive_date();
        let mut facts = Facts::default();
        for (index, (line, legs)) in self.made.lines.iter().zip(self.legs()).enumerate() {
            let id = format!("{id_prefix}-{}", index.saturating_add(1));
            let crossed = self.currency_number(line.payer) != self.currency_number(line.claim);
            let stated = (crossed || self.policy.exchange_guard != ExchangeGuard::None)
                .then_some(legs)
                .and_then(|legs| legs.both())
                .filter(|(credit, debit)| *credit >= 0 && *debit >= 0);
            facts.allocations.push(Allocation {
                id: id.clone(),
                credit: self.document_id(line.payer).to_owned(),
                debit: self.document_id(line.claim).to_owned(),
                amount: self.money(line.payer, line.amount),
                debit_amount: crossed.then(|| self.money(line.claim, line.debit_amount)),
                instalment: Some(i64::from(self.instalment(line.claim))).filter(|number| *number != 0),
                base_credit: stated.map(|(credit, _)| self.base_money(line.payer, credit)),
                base_debit: stated.map(|(_, debit)| self.base_money(line.claim, debit)),
                effective: Some(day),
                ..Allocation::default()
            });
            for (number, told) in self.beside(index, line).into_iter().enumerate() {
                facts.differences.push(SettlementDifference {
                    id: format!("{id}-d{}", number.saturating_add(1)),
                    document: told.document,
                    kind: told.kind,
                    amount: told.amount,
                    allocation: Some(id.clone()),
                    instalment: Some(i64::from(told.instalment)).filter(|number| *number != 0),
                    reason: Some(told.reason).filter(|reason| !reason.is_empty()),
                    base_amount: told.base_amount,
                    base_document: told.base_document,
                    effective: Some(day),
                    ..SettlementDifference::default()
                });
            }
            if line.residual > 0 {
                facts.documents.push(self.residual(format!("{id}-r"), line, legs, day));
            }
        }
        facts
    }

    /// The new document for what is left of an item: as its own says it, but for the day from which it counts.
    fn residual(&self, id: String, line: &Line, legs: &Legs, day: NaiveDate) -> Document {
        let store = &self.view.store;
        let account = at(&self.view.items.account, line.claim).map(|account| store.account(*account));
        let text = |number: u32| Some(store.texts.text(number).to_owned()).filter(|text| !text.is_empty());
        let own = |number: Option<&u32>| number.copied().filter(|number| *number != NONE).and_then(text);
        let found = at(&self.view.items.document, line.claim).and_then(|document| store.documents.find(*document));
        let day_of = |(piece, row): (&Documents, usize)| Day::new(*piece.document_date.get(row)?).ok();
        let is_charge = found.is_some_and(|(piece, row)| piece.kind.get(row) == Some(&DocumentKind::Charge));
        let kind = if is_charge { DocumentKind::Charge } else { DocumentKind::DebitNote };
        let document = at(&self.view.items.document, line.claim).copied().unwrap_or(NONE);
        Document {
            id,
            customer: account.map_or(String::new(), |account| store.customer_ids.text(account.customer).to_owned()),
            kind: kind.name().to_owned(),
            currency: self.code(line.claim),
            amount: self.money(line.claim, line.residual),
            document_date: found.and_then(day_of).map_or(day, Day::to_naive_date),
            posting_date: Some(day),
            due_date: Some(self.view.due_day(place(line.claim)).map_or(day, Day::to_naive_date)),
            company: account.and_then(|account| text(account.company)),
            control_account: account.and_then(|account| text(account.control)),
            reference: found.and_then(|(piece, row)| own(piece.reference.get(row))),
            related: Some(self.document_id(line.claim).to_owned()),
            order: found.and_then(|(piece, row)| own(piece.order_reference.get(row))),
            base_amount: legs.residual.map(|base| self.base_money(line.claim, base.max(0))),
            dimensions: store.dimensions_of(document),
            ..Document::default()
        }
    }
}
