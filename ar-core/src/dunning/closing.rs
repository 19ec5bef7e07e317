//! What did an item bear between its last notice and its payment? Interest that no notice will ask for any more becomes a
//! charge of its own, so that it is not lost when the principal is paid.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::given::Given;
use super::history::History;
use super::policy::{ChargeUse, PaidInterest, Respect};
use super::report::{DunningRun, Inner};
use crate::calendar::Day;
use crate::interest::balance::OverdueItem;
use crate::interest::report::Reckoned;
use crate::ledger::fact::{Document, Facts, Notice, NoticeLine};
use crate::ledger::layers::NONE;
use crate::ledger::store::NO_DAY;
use crate::money::to_decimal;
use crate::problem::Refused;

impl DunningRun {
    /// Adds the interest of items that were paid since a notice asked for interest on them: a charge for each, and a notice of level
    /// 0 that remembers up to which day it is charged.
    pub(super) fn close_interest(&self, id_prefix: &str, facts: &mut Facts) -> Result<(), Refused> {
        let inner = &*self.inner;
        let (view, store) = (&inner.view, &inner.view.store);
        let today = view.day().to_naive_date();
        for (number, one) in (1_u32..).zip(inner.closing_interest()?) {
            // Where nothing but earlier charges was too little, up to the day of the last of them.
            let last = one.item.charged.last().map(|charged| charged.until);
            let until = one.accrued.segments.iter().map(|segment| segment.until).max().or(last);
            let Some(until) = until else { continue };
            let account = store.account(one.item.account);
            let id = format!("{id_prefix}-p{number}");
            let (company, currency) = (inner.text(account.company), one.currency.code.to_string());
            let company = (!company.is_empty()).then_some(company);
            let customer = store.customer_ids.text(account.customer).to_owned();
            let document = store.document_id(one.item.document).to_owned();
            let control = inner.text(account.control);
            let dimensions = store.dimensions_of(one.item.document);
            facts.notices.push(Notice {
                id: id.clone(),
                customer: customer.clone(),
                level: 0,
                company: company.clone(),
                currency: Some(currency.clone()),
                effective: today,
                ..Notice::default()
            });
            facts.notice_lines.push(NoticeLine {
                notice: id.clone(),
                document: document.clone(),
                instalment: (one.item.instalment != 0).then(|| i64::from(one.item.instalment)),
                level: 0,
                interest_until: Some(until.to_naive_date()),
            });
            facts.documents.push(Document {
                id: format!("{id}-i"),
                customer,
                kind: String::from("charge"),
                currency,
                amount: to_decimal(one.interest, one.currency.exponent),
                document_date: today,
                due_date: Some(today),
                company,
                control_account: (!control.is_empty()).then_some(control),
                related: Some(document),
                dimensions,
                ..Document::default()
            });
        }
        Ok(())
    }
}

impl Inner {
    /// The paid items that bore interest since it was charged last, in the order of open items.
    fn closing_interest(&self) -> Result<Vec<Reckoned>, Refused> {
        let given = Given::new(&self.view, &self.policy)?;
        let policy = &self.policy;
        let drops = policy.paid_interest == PaidInterest::Dropped || policy.charges == ChargeUse::Shown;
        if drops || given.is_quiet || self.before.is_empty() {
            return Ok(Vec::new());
        }
        let Some(compiled) = policy.undisputed_interest()? else { return Ok(Vec::new()) };
        let mut items = Vec::new();
        // A notice of the day closes nothing that day: a second run has nothing to say.
        let today = self.view.day().number();
        let documents = self.before.asked_interest_of(today);
        let left = documents.iter().filter(|document| self.before.left_of.contains_key(document));
        let asked = left.filter(|document| self.before.asked_interest((**document, 0), today));
        let above: FxHashSet<(u32, u32)> =
            asked.flat_map(|document| self.before.left_of(*document, 0).skip(1)).collect();
        let documents: BTreeSet<u32> =
            documents.into_iter().chain(above.iter().map(|(document, _)| *document)).collect();
        for document in documents {
            self.view.overdue_items_of(compiled.policy(), document, &mut items);
        }
        items.retain(|item| {
            let is_above = || [0, item.instalment].iter().any(|number| above.contains(&(item.document, *number)));
            item.open == 0
                && (self.before.asked_interest((item.document, item.instalment), today) || is_above())
                && self.may_close(&given, item)
        });
        self.view.sort_overdue(&mut items);
        let until = |item: &OverdueItem| {
            let last = self.before.interest_until(item.document, item.instalment);
            last.and_then(|day| Day::new(day).ok())
        };
        // What is older than the rates waits for a table that has them.
        items.retain(|item| !self.view.lacks_rate(&compiled, item, until(item)));
        for item in &mut items {
            self.before.put_charged_on(&self.view, self.policy.charged_interest, item);
        }
        let mut all = self.view.reckoned(&compiled, items, until, &BTreeSet::new())?;
        all.retain(|one| one.rule == "interest.accrued" && one.interest > 0);
        Ok(all)
    }

    /// Whether neither a block nor a hold keeps a charge back.
    fn may_close(&self, given: &Given<'_>, item: &OverdueItem) -> bool {
        let customer = self.view.store.account(item.account).customer;
        let is_held =
            || self.policy.held == Respect::LeftOut && self.holds(given, item.document, customer).next().is_some();
        given.block(customer).is_none() && !is_held()
    }
}

impl History {
    /// The documents of which notices before a day asked for interest, and what is left of them.
    fn asked_interest_of(&self, day: i32) -> Vec<u32> {
        let asks = self.all_lines().filter(|sent| sent.day < day && sent.interest_until != NO_DAY);
        let mut documents: Vec<u32> = asks.map(|sent| sent.document).chain(self.charged.keys().copied()).collect();
        documents.extend(self.left_of_these(&documents));
        documents
    }

    /// Whether a notice before a day asked for interest of an item, as it says itself.
    fn asked_interest(&self, (document, instalment): (u32, u32), day: i32) -> bool {
        let is_about = |own: u32, instalment: u32| own == NONE || own == instalment;
        let has_closed = |(document, instalment): (u32, u32)| {
            self.charged_on(document).any(|charged| charged.day < day && is_about(charged.instalment, instalment))
        };
        self.lines(document, instalment).any(|sent| sent.day < day && sent.interest_until != NO_DAY)
            || self.left_of(document, instalment).any(has_closed)
    }
}
