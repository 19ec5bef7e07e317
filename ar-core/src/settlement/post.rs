//! What becomes of a settlement: it is edited, and posted.

use std::sync::Arc;

use chrono::NaiveDate;
use rustc_hash::{FxHashMap, FxHashSet};

use super::base::Legs;
use super::made::{Line, Made, Reason};
use super::policy::ExchangeGuard;
use super::report::Settlement;
use crate::allocation::filter::at;
use crate::calendar::Day;
use crate::ledger::fact::{Allocation, Document, Facts, SettlementDifference};
use crate::ledger::layers::place;
use crate::money::Minor;
use crate::problem::{Problem, Refused};

impl Settlement {
    /// The settlement without some of its lines, by number from 0, and without what stands beside them. What they paid stays on
    /// account, with the reason `edited`.
    ///
    /// # Errors
    /// `unknown_value`, field `lines`, for a number that no line has.
    pub fn without(&self, lines: &[usize]) -> Result<Self, Refused> {
        if let Some(unknown) = lines.iter().find(|line| **line >= self.len()) {
            let reason = format!("expected the number of a line, below {}, got {unknown}", self.len());
            return Err(Problem::new("unknown_value", reason).field("lines").into());
        }
        let dropped: FxHashSet<usize> = lines.iter().copied().collect();
        // By credit: what it has more than before, now that lines of it are gone.
        let mut more: FxHashMap<u32, Minor> = FxHashMap::default();
        let mut made = Made { lines: Vec::new(), ..(*self.made).clone() };
        for (number, line) in self.made.lines.iter().enumerate() {
            if dropped.contains(&number) {
                let over = line.over.map_or(0, |over| over.amount);
                let slot = more.entry(line.payer).or_insert(0);
                *slot = slot.saturating_add(line.amount).saturating_add(over);
            } else {
                made.lines.push(line.clone());
            }
        }
        for (item, left, reason) in &mut made.payers {
            if let Some(more) = more.get(item) {
                (*left, *reason) = (left.saturating_add(*more), Reason::Edited);
            }
        }
        Ok(Self::new(self.view.clone(), Arc::clone(&self.policy), made))
    }

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
