//! Why is an item in its bucket? Lines of items, each with the rule and what the rule looked at.
//!
//! A line is made by running the rule again on the same view, so a report stores no reasons and they always agree.

use std::ops::Range;

use super::fold::NO_GROUP;
use super::place::{Placed, Rule};
use super::report::{AgingItem, AgingQuestion, AgingReport, Inner};
use crate::calendar::Day;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::NO_DAY;
use crate::money::{Minor, to_decimal};

impl AgingReport {
    /// Every item that was aged, with its bucket and the rule, in the order of open items.
    #[must_use]
    pub fn items(&self) -> Vec<AgingItem> {
        self.explain(&AgingQuestion::default())
    }

    /// The lines of the items asked for, in the order of open items.
    ///
    /// A question about one document or customer looks at its accounts alone.
    #[must_use]
    pub fn explain(&self, question: &AgingQuestion) -> Vec<AgingItem> {
        let inner = &self.inner;
        let view = &inner.placing.view;
        let store = &view.store;
        let mut asked = Asked { question, customer: None, document: None };
        if let Some(id) = &question.customer {
            let Some(customer) = store.customer_ids.find(id) else { return Vec::new() };
            asked.customer = Some(customer);
        }
        let mut lines = Vec::new();
        if let Some(id) = &question.document {
            let document = store.document_ids.find(id).and_then(|id| store.documents.of_id(id));
            let Some((document, (piece, row))) = document.and_then(|it| Some((it, store.documents.find(it)?))) else {
                return Vec::new();
            };
            asked.document = Some(document);
            let account = piece.account.get(row).copied().unwrap_or(NONE);
            inner.lines_of(account, view.items.of_account(account), &asked, &mut lines);
            return lines;
        }
        for (account, items) in view.accounts_in_order() {
            inner.lines_of(account, items, &asked, &mut lines);
        }
        lines
    }
}

struct Asked<'a> {
    question: &'a AgingQuestion,
    customer: Option<u32>,
    document: Option<u32>,
}

impl Inner {
    fn lines_of(&self, account: u32, items: Range<usize>, asked: &Asked<'_>, lines: &mut Vec<AgingItem>) {
        let customer = self.placing.view.store.account(account).customer;
        if asked.customer.is_some_and(|asked| asked != customer) {
            return;
        }
        let settled = self.would_settle(items.clone());
        for (item, settled) in items.zip(settled) {
            let document = self.placing.view.items.document.get(item).copied().unwrap_or(NONE);
            let asked_for = self.groups.of_item(item, account) != NO_GROUP
                && asked.document.is_none_or(|asked| asked == document)
                && asked.question.instalment.is_none_or(|asked| asked == self.placing.view.items.instalment(item));
            if !asked_for {
                continue;
            }
            let basis = self.placing.basis(item);
            let placed = self.placing.place(item, basis);
            let label = self.placing.cut.labels.get(place(placed.bucket)).map_or("", String::as_str);
            if asked.question.bucket.as_deref().is_none_or(|asked| asked == label) {
                lines.push(self.line(account, item, document, basis, placed, settled, label));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what the caller has found already is not found twice")]
    fn line(
        &self,
        account: u32,
        item: usize,
        document: u32,
        basis: i32,
        placed: Placed,
        settled: Minor,
        label: &str,
    ) -> AgingItem {
        let placing = &self.placing;
        let view = &placing.view;
        let (currency, digits) = placing.currency(account);
        let part = |part: Minor| to_decimal(placing.figures.part(view, item, part), digits);
        let marks = view.marks();
        let at = count(item);
        let open = view.items.open.get(item).copied().unwrap_or(0);
        let compared = matches!(placed.rule, Rule::NotDue | Rule::PastEdge);
        let edge =
            |at: Option<u32>| at.filter(|_| compared).and_then(|at| placing.policy.edges.get(place(at))).copied();
        let date = |day: i32| Day::new(day).ok().map(Day::to_naive_date);
        AgingItem {
            document: view.store.document_id(document).to_owned(),
            instalment: view.items.instalment(item),
            customer: view.store.customer_ids.text(view.store.account(account).customer).to_owned(),
            currency: currency.to_owned(),
            due_date: view.due_day(item).map(Day::to_naive_date),
            basis_date: if basis == NO_DAY { None } else { date(basis) },
            age: placing.age(basis),
            open: to_decimal(placing.figures.open(view).get(item).copied().unwrap_or(0), digits),
            bucket: label.to_owned(),
            disputed: part(marks.disputed.get(&at).copied().unwrap_or(0)),
            held: part(if marks.held.contains(&at) { open } else { 0 }),
            pending: part(marks.pending.get(&at).copied().unwrap_or(0)),
            would_settle: part(settled),
            rule: placed.rule.id().to_owned(),
            past_edge: edge(placed.edges_past.checked_sub(1)),
            next_edge: edge(Some(placed.edges_past)),
        }
    }

    /// What unapplied cash of an account would settle of each of its items, oldest due first: the order they have.
    fn would_settle(&self, items: Range<usize>) -> Vec<Minor> {
        let open = |item: usize| i128::from(self.placing.view.items.open.get(item).copied().unwrap_or(0));
        let receipts = items.clone().filter(|item| self.placing.is_receipt(*item));
        let mut cash = receipts.fold(0_i128, |sum, item| sum.saturating_sub(open(item))).max(0);
        items
            .map(|item| {
                let taken = open(item).min(cash).max(0);
                cash = cash.saturating_sub(taken);
                Minor::try_from(taken).unwrap_or(0)
            })
            .collect()
    }
}
