//! How a settlement is posted: the rows to append.

use chrono::NaiveDate;

use super::base::Legs;
use super::made::Line;
use super::policy::ExchangeGuard;
use super::report::Settlement;
use crate::allocation::filter::at;
use crate::calendar::Day;
use crate::ledger::fact::{Allocation, Document, Facts, SettlementDifference};
use crate::ledger::layers::place;

impl Settlement {
    /// The rows that post it: allocations `<prefix>-1`, `<prefix>-2`, …, effective on the view's day; beside the n-th the differences
    /// `<prefix>-<n>-d1`, …; and a debit note `<prefix>-<n>-r` for a residual.
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

    /// The new document for what is left of an item.
    fn residual(&self, id: String, line: &Line, legs: &Legs, day: NaiveDate) -> Document {
        let store = &self.view.store;
        let account = at(&self.view.items.account, line.claim).map(|account| store.account(*account));
        let text = |number: u32| Some(store.texts.text(number).to_owned()).filter(|text| !text.is_empty());
        Document {
            id,
            customer: account.map_or(String::new(), |account| store.customer_ids.text(account.customer).to_owned()),
            kind: "debit_note".to_owned(),
            currency: self.code(line.claim),
            amount: self.money(line.claim, line.residual),
            document_date: day,
            due_date: Some(self.view.due_day(place(line.claim)).map_or(day, Day::to_naive_date)),
            company: account.and_then(|account| text(account.company)),
            control_account: account.and_then(|account| text(account.control)),
            related: Some(self.document_id(line.claim).to_owned()),
            base_amount: legs.residual.map(|base| self.base_money(line.claim, base.max(0))),
            ..Document::default()
        }
    }
}
