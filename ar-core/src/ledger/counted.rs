//! The facts themselves, as rows again: those that count on a day, as known on a day.
//!
//! Nothing that was loaded is lost: every field of every fact comes back, defaults filled in. Loaded anew, the rows make a
//! ledger with the same open items on every day up to the view's.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rustc_hash::FxHashSet;

use super::fact::{
    Allocation, Cancellation, Closing, Commitment, CreditLine, Customer, CustomerChange, Discount, Dispute, Document,
    DocumentLine, Facts, Hold, Instalment, Notice, NoticeLine, Plan, Promise, Rate, Release, Requirement, Reversal,
    SettlementDifference,
};
use super::layers::{Layers, NONE, Sorted, count};
use super::store::{AllocationFact, Attribute, CustomerFact, Dated, Documents, HoldFact, NO_BASE, NO_DAY, Store};
use super::{Ledger, View};
use crate::calendar::Day;
use crate::money::{Exact, Minor, to_decimal};

impl View {
    /// The facts that count on the view's day, as known then, in the order in which they came; customers always do.
    ///
    /// A fact about a document, dispute or the like that does not count then does not count either.
    ///
    /// What was left out when it was loaded has its default, base amounts are those that were computed. Schedules that payment
    /// terms make are no facts: their document names the terms. What was taken back before it began, because a cancellation (or the
    /// reversal of the allocation that a difference stands beside) was learnt of later, and a reversal of what such a one took
    /// back before, are left out: they change nothing. A residual that stands beside what was taken back by its day, and moved to a
    /// document of its own, stands alone. [`Ledger::batches`] has all that was ever given.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let rows = Rows { store: &self.store, day: self.day.number(), known_on: self.known_on };
        let numbers = &self.store.allocation_ids;
        let taken_back_by = |id: &str, day: Option<NaiveDate>| {
            let number = numbers.find(id)?;
            let day = day.and_then(|day| Day::try_from(day).ok())?;
            Some(self.ends_with_another(number, self.store.allocations.get(number)?, day.number()))
        };
        let lives = |id: &str, day: Option<NaiveDate>| taken_back_by(id, day) != Some(true);
        let mut differences = kept(rows.differences(), |row| lives(&row.id, row.effective));
        // What was taken back by the day of a difference, as known then, has none beside it.
        let is_over = |id: &str, row: &SettlementDifference| {
            let day = |day: Option<NaiveDate>| day.and_then(|day| Day::try_from(day).ok()).map_or(NO_DAY, Day::number);
            let known_on = self.known_on.min(day(row.recorded));
            let number = numbers.find(id);
            let found = number.and_then(|number| Some((number, self.store.allocations.get(number)?)));
            found.is_some_and(|(number, fact)| Self { known_on, ..self.clone() }.ends(number, fact, day(row.effective)))
        };
        for row in &mut differences {
            if row.allocation.as_ref().is_some_and(|id| is_over(id, row)) {
                row.allocation = None;
            }
        }
        Facts {
            customers: plain(rows.customers()),
            customer_changes: plain(rows.customer_changes()),
            documents: plain(rows.documents()),
            document_lines: plain(rows.document_lines()),
            instalments: plain(rows.instalments()),
            discounts: plain(rows.discounts()),
            allocations: kept(rows.allocations(), |row| lives(&row.id, row.effective)),
            differences,
            reversals: kept(rows.reversals(), |row| lives(&row.allocation, Some(row.effective))),
            cancellations: plain(rows.cancellations()),
            disputes: plain(rows.disputes()),
            holds: plain(rows.holds()),
            promises: plain(rows.promises()),
            plans: plain(rows.plans()),
            notices: plain(rows.notices()),
            notice_lines: plain(rows.notice_lines()),
            commitments: plain(rows.commitments()),
            credit_lines: plain(rows.credit_lines()),
            releases: plain(rows.releases()),
            requirements: plain(rows.requirements()),
            closings: plain(rows.closings()),
            rates: plain(rows.rates()),
        }
    }
}

impl Ledger {
    /// The row of a customer as it was given, without what was changed later.
    #[must_use]
    pub fn customer(&self, id: &str) -> Option<Customer> {
        let number = self.store.customer_ids.find(id)?;
        let rows = Rows { store: &self.store, day: i32::MAX, known_on: i32::MAX };
        Some(rows.customer_row(number, self.store.customers.get(number)?))
    }
}

/// What is counted of a store, in the order in which it came: each row with its number among all rows ever taken in. A
/// customer, a document and an allocation have their number among their like instead.
pub(super) struct Rows<'a> {
    pub store: &'a Store,
    pub day: i32,
    pub known_on: i32,
}

/// Rows by their numbers.
fn in_order<T>(rows: impl Iterator<Item = (u64, T)>) -> Vec<(u64, T)> {
    let mut rows: Vec<(u64, T)> = rows.collect();
    rows.sort_by_key(|(seq, _)| *seq);
    rows
}

/// Those that are kept, without their numbers.
fn kept<T>(rows: Vec<(u64, T)>, is_kept: impl Fn(&T) -> bool) -> Vec<T> {
    plain(rows).into_iter().filter(is_kept).collect()
}

/// Rows without their numbers.
fn plain<T>(rows: Vec<(u64, T)>) -> Vec<T> {
    rows.into_iter().map(|(_, row)| row).collect()
}

fn date(day: i32) -> NaiveDate {
    Day::new(day).map(Day::to_naive_date).unwrap_or_default()
}

fn decimal(exact: Exact) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(exact.units(), u32::from(exact.scale())).ok()
}

fn optional_date(day: i32) -> Option<NaiveDate> {
    (day != NO_DAY).then(|| date(day))
}

impl Rows<'_> {
    /// The rows of the facts that count.
    fn rows<T: Dated, R>(&self, facts: &Layers<Sorted<T>>, row: impl Fn(&T) -> R) -> Vec<(u64, R)> {
        in_order(facts.all().filter(|fact| self.fact_counts(*fact)).map(|fact| (fact.seq(), row(fact))))
    }

    fn fact_counts<T: Dated>(&self, fact: &T) -> bool {
        let document = fact.document();
        self.counts(fact.effective(), fact.recorded()) && (document == NONE || self.document_counts(document))
    }

    fn document_counts(&self, document: u32) -> bool {
        let found = self.store.documents.find(document);
        let days = found.and_then(|(piece, row)| Some((*piece.effective.get(row)?, *piece.recorded.get(row)?)));
        days.is_some_and(|(effective, recorded)| self.counts(effective, recorded))
    }

    /// The disputes, holds, promises, plans, notices, commitments, credit lines and releases that count.
    fn matters(&self) -> FxHashSet<u32> {
        let store = self.store;
        let holds = store.customer_holds.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let document_holds = store.document_holds.all().filter(|fact| self.hold_counts(fact)).map(|fact| fact.id);
        let disputes = store.disputes.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let promises = store.promises.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let plans = store.plans.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let commitments = store.commitments.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let notices = store.notices.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let claims = holds.chain(document_holds).chain(disputes).chain(promises);
        let lines = store.credit_lines.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let releases = store.releases.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        claims.chain(plans).chain(commitments).chain(notices).chain(lines).chain(releases).collect()
    }

    /// Whether a hold of a document counts.
    fn hold_counts(&self, fact: &HoldFact) -> bool {
        self.fact_counts(fact) && self.document_counts(fact.of)
    }

    fn counts(&self, effective: i32, recorded: i32) -> bool {
        effective <= self.day && recorded <= self.known_on
    }

    fn text(&self, number: u32) -> String {
        self.optional(number).unwrap_or_default()
    }

    fn optional(&self, number: u32) -> Option<String> {
        (number != NONE).then(|| self.store.texts.text(number).to_owned())
    }

    fn customer(&self, number: u32) -> String {
        self.store.customer_ids.text(number).to_owned()
    }

    fn optional_customer(&self, number: u32) -> Option<String> {
        (number != NONE).then(|| self.customer(number))
    }

    fn document(&self, number: u32) -> String {
        self.store.document_id(number).to_owned()
    }

    fn optional_document(&self, number: u32) -> Option<String> {
        (number != NONE).then(|| self.document(number))
    }

    fn matter(&self, number: u32) -> String {
        self.store.matter_ids.text(number).to_owned()
    }

    fn currency(&self, number: u32) -> String {
        self.store.currency(number).map(|currency| currency.code.to_string()).unwrap_or_default()
    }

    fn money(&self, minor: Minor, currency: u32) -> Decimal {
        to_decimal(minor, self.store.currency(currency).map_or(0, |currency| currency.exponent))
    }

    /// The currency of a document, and the base currency of its company.
    fn currencies(&self, document: u32) -> (u32, Option<u32>) {
        let found = self.store.documents.find(document).and_then(|(piece, row)| piece.account.get(row));
        let account = self.store.account(found.copied().unwrap_or(NONE));
        (account.currency, self.store.base_currency(account.company))
    }

    fn base(&self, base: Minor, document: u32) -> Option<Decimal> {
        let currency = self.currencies(document).1.filter(|_| base != NO_BASE)?;
        Some(self.money(base, currency))
    }

    pub(super) fn customers(&self) -> Vec<(u64, Customer)> {
        (0..)
            .zip(self.store.customers.all())
            .map(|(number, fact)| (u64::from(number), self.customer_row(number, fact)))
            .collect()
    }

    fn customer_row(&self, number: u32, fact: &CustomerFact) -> Customer {
        let dimensions = fact.dimensions.iter().map(|(name, value)| (self.dimension(*name), self.text(*value)));
        Customer {
            id: self.customer(number),
            name: self.optional(fact.name),
            parent: self.optional_customer(fact.parent),
            group: self.optional(fact.group),
            terms: self.optional(fact.terms),
            dimensions: dimensions.collect(),
        }
    }

    fn dimension(&self, name: u32) -> String {
        self.store.dimension_names.text(name).to_owned()
    }

    pub(super) fn customer_changes(&self) -> Vec<(u64, CustomerChange)> {
        self.rows(&self.store.changes, |fact| {
            let value = match fact.attribute {
                Attribute::Parent => self.optional_customer(fact.value),
                _ => self.optional(fact.value),
            };
            CustomerChange {
                customer: self.customer(fact.customer),
                attribute: self.attribute(fact.attribute),
                value,
                until: optional_date(fact.until),
                effective: date(fact.effective),
                recorded: Some(date(fact.recorded)),
            }
        })
    }

    fn attribute(&self, attribute: Attribute) -> String {
        match attribute.name() {
            Some(name) => name.to_owned(),
            None => match attribute {
                Attribute::Dimension(name) => format!("dim_{}", self.dimension(name)),
                _ => String::new(),
            },
        }
    }

    pub(super) fn documents(&self) -> Vec<(u64, Document)> {
        let mut rows = Vec::new();
        for piece in self.store.documents.iter() {
            rows.extend((0..piece.len()).filter_map(|row| self.document_row(piece, row)));
        }
        in_order(rows.into_iter())
    }

    fn document_row(&self, piece: &Documents, row: usize) -> Option<(u64, Document)> {
        let (effective, recorded) = (*piece.effective.get(row)?, *piece.recorded.get(row)?);
        if !self.counts(effective, recorded) {
            return None;
        }
        let number = piece.start.saturating_add(count(row));
        let account = self.store.account(*piece.account.get(row)?);
        let (amount, net, id) = (*piece.amount.get(row)?, *piece.net.get(row)?, *piece.id.get(row)?);
        let money = |minor| self.money(minor, account.currency);
        let dimensions: BTreeMap<String, String> = piece
            .dimensions
            .iter()
            .filter_map(|(name, values)| Some((self.dimension(*name), self.optional(*values.get(row)?)?)))
            .collect();
        let rate = self.store.document_rates.of(number).next().map(|held| held.rate);
        let document = Document {
            id: self.document(number),
            customer: self.customer(account.customer),
            kind: piece.kind.get(row)?.name().to_owned(),
            currency: self.currency(account.currency),
            amount: money(amount),
            document_date: date(*piece.document_date.get(row)?),
            posting_date: Some(date(effective)),
            due_date: optional_date(*piece.due.get(row)?),
            terms: self.optional(*piece.terms.get(row)?),
            company: Some(self.text(account.company)),
            control_account: Some(self.text(account.control)),
            reference: self.optional(*piece.reference.get(row)?),
            related: self.optional(*piece.related_id.get(row)?),
            order: self.optional(*piece.order_reference.get(row)?),
            net: (net != NO_BASE).then(|| money(net)),
            tax: (net != NO_BASE).then(|| money(amount.saturating_sub(net))),
            base_amount: self.base(*piece.base.get(row)?, number),
            rate: rate.and_then(decimal),
            dimensions,
            recorded: Some(date(recorded)),
        };
        // Ids are numbered as rows came.
        Some((u64::from(id), document))
    }

    pub(super) fn document_lines(&self) -> Vec<(u64, DocumentLine)> {
        let mut rows = Vec::new();
        for fact in self.store.lines.all() {
            let Some((piece, row)) = self.store.documents.find(fact.document) else { continue };
            if let (Some(effective), Some(recorded)) = (piece.effective.get(row), piece.recorded.get(row))
                && self.counts(*effective, *recorded)
            {
                let line = DocumentLine {
                    document: self.document(fact.document),
                    kind: if fact.tax { "tax" } else { "net" }.to_owned(),
                    code: self.optional(fact.code),
                    amount: self.money(fact.amount, self.currencies(fact.document).0),
                };
                rows.push((fact.seq, line));
            }
        }
        in_order(rows.into_iter())
    }

    pub(super) fn instalments(&self) -> Vec<(u64, Instalment)> {
        let matters = self.matters();
        let counted = self.store.instalments.all().filter(|fact| self.fact_counts(*fact));
        in_order(counted.filter(|fact| fact.batch != 0).map(|fact| {
            let row = Instalment {
                document: self.document(fact.document),
                number: i64::from(fact.number),
                due_date: date(fact.due),
                amount: self.money(fact.amount, self.currencies(fact.document).0),
                plan: matters.contains(&fact.plan).then(|| self.matter(fact.plan)),
                effective: Some(date(fact.effective)),
                recorded: Some(date(fact.recorded)),
            };
            (fact.seq, row)
        }))
    }

    pub(super) fn discounts(&self) -> Vec<(u64, Discount)> {
        self.rows(&self.store.discounts, |fact| {
            let currency = self.currencies(fact.document).0;
            let money = |minor: Minor| (minor != NO_BASE).then(|| self.money(minor, currency));
            Discount {
                document: self.document(fact.document),
                until: date(fact.until),
                percent: fact.percent.and_then(decimal),
                amount: money(fact.amount),
                basis: money(fact.basis),
                effective: Some(date(fact.effective)),
                recorded: Some(date(fact.recorded)),
            }
        })
    }

    /// What settles and counts, with its number.
    fn settling(&self) -> impl Iterator<Item = (u32, &AllocationFact)> {
        let all = (0..).zip(self.store.allocations.all());
        all.filter(|(_, fact)| self.counts(fact.effective, fact.recorded))
    }

    pub(super) fn allocations(&self) -> Vec<(u64, Allocation)> {
        self.settling()
            .filter(|(_, fact)| !fact.is_difference())
            .map(|(number, fact)| {
                let (from, to) = (self.currencies(fact.credit).0, self.currencies(fact.debit).0);
                // Base legs are stored for both documents or computed for each that has a base amount.
                let legs = self.base(fact.base_credit, fact.credit).zip(self.base(fact.base_debit, fact.debit));
                let row = Allocation {
                    id: self.store.allocation_ids.text(number).to_owned(),
                    credit: self.document(fact.credit),
                    debit: self.document(fact.debit),
                    amount: self.money(fact.amount, from),
                    debit_amount: (from != to).then(|| self.money(fact.debit_amount, to)),
                    instalment: (fact.instalment != 0).then_some(i64::from(fact.instalment)),
                    base_credit: legs.map(|(credit, _)| credit),
                    base_debit: legs.map(|(_, debit)| debit),
                    effective: Some(date(fact.effective)),
                    recorded: Some(date(fact.recorded)),
                };
                (u64::from(number), row)
            })
            .collect()
    }

    pub(super) fn differences(&self) -> Vec<(u64, SettlementDifference)> {
        let row = |(number, fact): (u32, &AllocationFact)| {
            let side = fact.sides().next()?;
            let about = self.store.differences.of(number).next()?;
            let (worth, own) = if fact.debit == NONE {
                (fact.base_debit, fact.base_credit)
            } else {
                (fact.base_credit, fact.base_debit)
            };
            let row = SettlementDifference {
                id: self.store.allocation_ids.text(number).to_owned(),
                document: self.document(side.document),
                kind: about.kind.name().to_owned(),
                amount: self.money(side.amount, self.currencies(side.document).0),
                allocation: (about.beside != NONE).then(|| self.store.allocation_ids.text(about.beside).to_owned()),
                instalment: (fact.instalment != 0).then_some(i64::from(fact.instalment)),
                reason: self.optional(about.reason),
                base_amount: self.base(worth, side.document),
                base_document: self.base(own, side.document),
                effective: Some(date(fact.effective)),
                recorded: Some(date(fact.recorded)),
            };
            Some((u64::from(number), row))
        };
        self.settling().filter(|(_, fact)| fact.is_difference()).filter_map(row).collect()
    }

    pub(super) fn reversals(&self) -> Vec<(u64, Reversal)> {
        self.rows(&self.store.reversals, |fact| Reversal {
            allocation: self.store.allocation_ids.text(fact.allocation).to_owned(),
            effective: date(fact.effective),
            reason: self.optional(fact.reason),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn cancellations(&self) -> Vec<(u64, Cancellation)> {
        self.rows(&self.store.cancellations, |fact| Cancellation {
            document: self.document(fact.document),
            effective: date(fact.effective),
            reason: self.optional(fact.reason),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn disputes(&self) -> Vec<(u64, Dispute)> {
        self.rows(&self.store.disputes, |fact| {
            let currency = self.currencies(fact.document).0;
            Dispute {
                id: self.matter(fact.id),
                document: self.document(fact.document),
                reason: self.text(fact.reason),
                amount: (fact.amount != NO_BASE).then(|| self.money(fact.amount, currency)),
                effective: date(fact.effective),
                recorded: Some(date(fact.recorded)),
            }
        })
    }

    pub(super) fn holds(&self) -> Vec<(u64, Hold)> {
        let row = |fact: &HoldFact, document: Option<String>| {
            let row = Hold {
                id: self.matter(fact.id),
                customer: self.optional_customer(fact.about),
                document,
                reason: self.text(fact.reason),
                until: optional_date(fact.until),
                effective: date(fact.effective),
                recorded: Some(date(fact.recorded)),
            };
            (fact.seq, row)
        };
        let of_customers = self.store.customer_holds.all().filter(|fact| self.fact_counts(*fact));
        let of_customers = of_customers.map(|fact| row(fact, None));
        let of_documents = self.store.document_holds.all().filter(|fact| self.hold_counts(fact));
        in_order(of_customers.chain(of_documents.map(|fact| row(fact, Some(self.document(fact.of))))))
    }

    pub(super) fn promises(&self) -> Vec<(u64, Promise)> {
        self.rows(&self.store.promises, |fact| Promise {
            id: self.matter(fact.id),
            customer: self.customer(fact.customer),
            document: self.optional_document(fact.document),
            currency: self.currency(fact.currency),
            amount: self.money(fact.amount, fact.currency),
            promised_date: date(fact.promised),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn plans(&self) -> Vec<(u64, Plan)> {
        self.rows(&self.store.plans, |fact| Plan {
            id: self.matter(fact.id),
            customer: self.customer(fact.customer),
            reason: self.optional(fact.reason),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn notices(&self) -> Vec<(u64, Notice)> {
        self.rows(&self.store.notices, |fact| Notice {
            id: self.matter(fact.id),
            customer: self.customer(fact.customer),
            document: self.optional_document(fact.document),
            level: i64::from(fact.level),
            channel: self.optional(fact.channel),
            procedure: self.optional(fact.procedure),
            company: self.optional(fact.company),
            currency: (fact.currency != NONE).then(|| self.currency(fact.currency)),
            due_date: optional_date(fact.due),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn notice_lines(&self) -> Vec<(u64, NoticeLine)> {
        let matters = self.matters();
        let counted = self.store.notice_lines.all().filter(|fact| self.fact_counts(*fact));
        in_order(counted.filter(|fact| matters.contains(&fact.notice)).map(|fact| {
            let row = NoticeLine {
                notice: self.matter(fact.notice),
                document: self.document(fact.document),
                instalment: (fact.instalment != NONE).then(|| i64::from(fact.instalment)),
                level: i64::from(fact.level),
                interest_until: optional_date(fact.interest_until),
            };
            (fact.seq, row)
        }))
    }

    pub(super) fn commitments(&self) -> Vec<(u64, Commitment)> {
        self.rows(&self.store.commitments, |fact| Commitment {
            id: self.matter(fact.id),
            customer: self.customer(fact.customer),
            kind: fact.kind.name().to_owned(),
            company: Some(self.text(fact.company)),
            currency: self.currency(fact.currency),
            amount: self.money(fact.amount, fact.currency),
            expected_date: optional_date(fact.expected),
            net: (fact.net != NO_BASE).then(|| self.money(fact.net, fact.currency)),
            order: self.optional(fact.order),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn credit_lines(&self) -> Vec<(u64, CreditLine)> {
        self.rows(&self.store.credit_lines, |fact| CreditLine {
            id: self.matter(fact.id),
            kind: fact.kind.name().to_owned(),
            customer: self.optional_customer(fact.customer),
            group: self.optional(fact.group),
            company: self.optional(fact.company),
            currency: self.currency(fact.currency),
            amount: (fact.amount != NO_BASE).then(|| self.money(fact.amount, fact.currency)),
            until: optional_date(fact.until),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn releases(&self) -> Vec<(u64, Release)> {
        self.rows(&self.store.releases, |fact| Release {
            id: self.matter(fact.id),
            customer: self.customer(fact.customer),
            order: self.text(fact.order),
            currency: self.currency(fact.currency),
            amount: self.money(fact.amount, fact.currency),
            by: self.optional(fact.by),
            reason: self.optional(fact.reason),
            until: optional_date(fact.until),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn requirements(&self) -> Vec<(u64, Requirement)> {
        self.rows(&self.store.requirements, |fact| Requirement {
            document: self.document(fact.document),
            requirement: self.text(fact.requirement),
            state: fact.state.name().to_owned(),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    pub(super) fn closings(&self) -> Vec<(u64, Closing)> {
        let matters = self.matters();
        let counted = self.store.closings.all().filter(|fact| self.fact_counts(*fact) && matters.contains(&fact.of));
        in_order(counted.map(|fact| {
            let row = Closing {
                of: self.matter(fact.of),
                outcome: self.optional(fact.outcome),
                effective: date(fact.effective),
                recorded: Some(date(fact.recorded)),
            };
            (fact.seq, row)
        }))
    }

    pub(super) fn rates(&self) -> Vec<(u64, Rate)> {
        self.rows(&self.store.rates, |fact| Rate {
            currency: self.currency(fact.currency),
            base: self.currency(fact.base),
            // At most 9 digits before the point and 12 behind: a decimal holds them.
            rate: Decimal::try_from_i128_with_scale(fact.units, u32::from(fact.scale)).unwrap_or_default(),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }
}
