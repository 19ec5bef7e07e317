//! A run as facts to append: its notices with their lines, what they charge as documents, its events.

use super::belongs::is_charge;
use super::lines::Line;
use super::notice::Noticed;
use super::policy::ChargeUse;
use super::report::{DunningRun, Inner, date};
use crate::ledger::fact::{Document, Facts, Notice, NoticeLine};
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::NO_DAY;
use crate::money::{Minor, to_decimal};
use crate::problem::Refused;

/// An amount that is charged, and its tax.
struct Charge {
    /// The end of its id.
    mark: String,
    amount: Minor,
    tax: Minor,
}

impl DunningRun {
    /// The rows that post the run, effective on its day: notices `<prefix>-<n>` with their lines, charges as documents of kind
    /// `charge`, the interest of items paid since, and for each event a notice of level 0 with its key as id.
    ///
    /// # Errors
    /// Those of [`super::dun`]; `too_large`.
    pub fn facts(&self, id_prefix: &str) -> Result<Facts, Refused> {
        let inner = &*self.inner;
        inner.items()?;
        let mut facts = Facts::default();
        for (number, (notice, shown)) in (1_u32..).zip(inner.notices().iter().zip(self.notices()?)) {
            let id = format!("{id_prefix}-{number}");
            facts.notices.push(Notice {
                id: id.clone(),
                customer: shown.customer,
                document: None,
                level: i64::from(shown.level),
                channel: filled(shown.channel),
                procedure: filled(shown.procedure),
                company: filled(shown.company),
                currency: Some(shown.currency),
                due_date: shown.due_date,
                effective: inner.view.day().to_naive_date(),
                recorded: None,
            });
            for line in shown.lines.iter().filter(|line| line.level > 0) {
                facts.notice_lines.push(NoticeLine {
                    notice: id.clone(),
                    document: line.document.clone(),
                    instalment: (line.instalment != 0).then(|| i64::from(line.instalment)),
                    level: i64::from(line.level),
                    interest_until: line.interest_until,
                });
            }
            if inner.policy.charges == ChargeUse::Posted {
                inner.charges(notice, &id, &mut facts.documents)?;
            }
        }
        self.close_interest(id_prefix, &mut facts)?;
        for event in self.events()? {
            facts.notices.push(Notice {
                id: event.key,
                customer: event.customer,
                document: filled(event.document),
                level: 0,
                channel: filled(event.channel),
                effective: inner.view.day().to_naive_date(),
                ..Notice::default()
            });
        }
        Ok(facts)
    }
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

impl Inner {
    fn charges(&self, notice: &Noticed, id: &str, into: &mut Vec<Document>) -> Result<(), Refused> {
        let lines = self.lines_of(notice);
        let due = self.due_of(notice);
        // Charges bear no fee: it is for what else the notice is about.
        let bears = |line: &Line| {
            let document = self.view.items.document.get(place(line.item)).copied().unwrap_or(NONE);
            !is_charge(&self.view, document)
        };
        if let Some(first) = lines.clone().find(bears).or_else(|| lines.clone().next()) {
            let charge = Charge { mark: String::from("f"), amount: notice.more().fee, tax: notice.more().fee_tax };
            self.charge(notice, first.item, due, id, charge, into)?;
        }
        for (number, (line, charge)) in (1_u32..).zip(lines.zip(&notice.more().charges)) {
            for (mark, amount, tax) in
                [("f", charge.fee, charge.fee_tax), ("i", charge.interest, 0), ("c", charge.compensation, 0)]
            {
                let charge = Charge { mark: format!("{number}-{mark}"), amount, tax };
                self.charge(notice, line.item, due, id, charge, into)?;
            }
        }
        Ok(())
    }

    /// A charge that belongs to an item, unless it is zero.
    fn charge(
        &self,
        notice: &Noticed,
        item: u32,
        due: i32,
        id: &str,
        charge: Charge,
        into: &mut Vec<Document>,
    ) -> Result<(), Refused> {
        let Charge { mark, amount, tax } = charge;
        if amount == 0 && tax == 0 {
            return Ok(());
        }
        let (view, store) = (&self.view, &self.view.store);
        let currency = self.currency(notice.currency)?;
        let account = store.account(view.items.account.get(place(item)).copied().unwrap_or(NONE));
        let document = view.items.document.get(place(item)).copied().unwrap_or(NONE);
        let money = |minor: Minor| to_decimal(minor, currency.exponent);
        let today = view.day().to_naive_date();
        into.push(Document {
            id: format!("{id}-{mark}"),
            customer: store.customer_ids.text(account.customer).to_owned(),
            kind: String::from("charge"),
            currency: currency.code.as_str().to_owned(),
            amount: money(amount.saturating_add(tax)),
            document_date: today,
            due_date: Some(if due == NO_DAY { today } else { date(due).unwrap_or(today) }),
            company: filled(self.text(account.company)),
            control_account: filled(self.text(account.control)),
            related: Some(store.document_id(document).to_owned()),
            dimensions: store.dimensions_of(document),
            net: (tax != 0).then(|| money(amount)),
            tax: (tax != 0).then(|| money(tax)),
            ..Document::default()
        });
        Ok(())
    }
}
