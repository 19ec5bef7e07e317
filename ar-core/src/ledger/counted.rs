//! The facts themselves, as rows again: those that count on a day, as known on a day.
//!
//! Nothing that was loaded is lost: every field of every fact comes back, defaults filled in. Loaded anew, the rows make a
//! ledger with the same open items on every day up to the view's.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rustc_hash::FxHashSet;

use super::View;
use super::fact::{
    Allocation, Cancellation, Closing, Commitment, Customer, CustomerChange, Discount, Dispute, Document, DocumentLine,
    Facts, Hold, Instalment, Notice, Plan, Promise, Rate, Requirement, Reversal, SettlementDifference,
};
use super::layers::{Layers, NONE, Sorted, count};
use super::store::{AllocationFact, Attribute, Dated, Documents, HoldFact, NO_BASE, NO_DAY, Store};
use crate::calendar::Day;
use crate::money::{Exact, Minor, to_decimal};

impl View {
    /// The facts that count on the view's day, as known then, in the order in which they came; customers always do.
    ///
    /// A fact about a document, dispute or the like that does not count then does not count either.
    ///
    /// What was left out when it was loaded has its default, base amounts are those that were computed. Schedules that payment
    /// terms make are no facts: their document names the terms.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let rows = Rows { store: &self.store, day: self.day.number(), known_on: self.known_on };
        Facts {
            customers: rows.customers(),
            customer_changes: rows.customer_changes(),
            documents: rows.documents(),
            document_lines: rows.document_lines(),
            instalments: rows.instalments(),
            discounts: rows.discounts(),
            allocations: rows.allocations(),
            differences: rows.differences(),
            reversals: rows.reversals(),
            cancellations: rows.cancellations(),
            disputes: rows.disputes(),
            holds: rows.holds(),
            promises: rows.promises(),
            plans: rows.plans(),
            notices: rows.notices(),
            commitments: rows.commitments(),
            requirements: rows.requirements(),
            closings: rows.closings(),
            rates: rows.rates(),
        }
    }
}

/// What is counted of a store.
struct Rows<'a> {
    store: &'a Store,
    day: i32,
    known_on: i32,
}

/// Rows by their place among all rows.
fn in_order<T>(rows: impl Iterator<Item = (u64, T)>) -> Vec<T> {
    let mut rows: Vec<(u64, T)> = rows.collect();
    rows.sort_by_key(|(seq, _)| *seq);
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
    fn rows<T: Dated, R>(&self, facts: &Layers<Sorted<T>>, row: impl Fn(&T) -> R) -> Vec<R> {
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

    /// The disputes, holds, promises, plans and commitments that count.
    fn matters(&self) -> FxHashSet<u32> {
        let store = self.store;
        let holds = store.customer_holds.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let document_holds = store.document_holds.all().filter(|fact| self.hold_counts(fact)).map(|fact| fact.id);
        let disputes = store.disputes.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let promises = store.promises.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let plans = store.plans.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        let commitments = store.commitments.all().filter(|fact| self.fact_counts(*fact)).map(|fact| fact.id);
        holds.chain(document_holds).chain(disputes).chain(promises).chain(plans).chain(commitments).collect()
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

    fn customers(&self) -> Vec<Customer> {
        let row = |(number, fact): (u32, &super::store::CustomerFact)| Customer {
            id: self.customer(number),
            name: self.optional(fact.name),
            parent: self.optional_customer(fact.parent),
            group: self.optional(fact.group),
            terms: self.optional(fact.terms),
            dimensions: fact
                .dimensions
                .iter()
                .map(|(name, value)| (self.dimension(*name), self.text(*value)))
                .collect(),
        };
        (0..).zip(self.store.customers.all()).map(row).collect()
    }

    fn dimension(&self, name: u32) -> String {
        self.store.dimension_names.text(name).to_owned()
    }

    fn customer_changes(&self) -> Vec<CustomerChange> {
        self.rows(&self.store.changes, |fact| {
            let value = match fact.attribute {
                Attribute::Parent => self.optional_customer(fact.value),
                _ => self.optional(fact.value),
            };
            CustomerChange {
                customer: self.customer(fact.customer),
                attribute: self.attribute(fact.attribute),
                value,
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

    fn documents(&self) -> Vec<Document> {
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

    fn document_lines(&self) -> Vec<DocumentLine> {
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

    fn instalments(&self) -> Vec<Instalment> {
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

    fn discounts(&self) -> Vec<Discount> {
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

    fn allocations(&self) -> Vec<Allocation> {
        self.settling()
            .filter(|(_, fact)| !fact.is_difference())
            .map(|(number, fact)| {
                let (from, to) = (self.currencies(fact.credit).0, self.currencies(fact.debit).0);
                // Base legs are stored for both documents or computed for each that has a base amount.
                let legs = self.base(fact.base_credit, fact.credit).zip(self.base(fact.base_debit, fact.debit));
                Allocation {
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
                }
            })
            .collect()
    }

    fn differences(&self) -> Vec<SettlementDifference> {
        let row = |(number, fact): (u32, &AllocationFact)| {
            let side = fact.sides().next()?;
            let about = self.store.differences.of(number).next()?;
            let (worth, own) = if fact.debit == NONE {
                (fact.base_debit, fact.base_credit)
            } else {
                (fact.base_credit, fact.base_debit)
            };
            Some(SettlementDifference {
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
            })
        };
        self.settling().filter(|(_, fact)| fact.is_difference()).filter_map(row).collect()
    }

    fn reversals(&self) -> Vec<Reversal> {
        self.rows(&self.store.reversals, |fact| Reversal {
            allocation: self.store.allocation_ids.text(fact.allocation).to_owned(),
            effective: date(fact.effective),
            reason: self.optional(fact.reason),
            recorded: Some(date(fact.recorded)),
        })
    }

    fn cancellations(&self) -> Vec<Cancellation> {
        self.rows(&self.store.cancellations, |fact| Cancellation {
            document: self.document(fact.document),
            effective: date(fact.effective),
            reason: self.optional(fact.reason),
            recorded: Some(date(fact.recorded)),
        })
    }

    fn disputes(&self) -> Vec<Dispute> {
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

    fn holds(&self) -> Vec<Hold> {
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

    fn promises(&self) -> Vec<Promise> {
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

    fn plans(&self) -> Vec<Plan> {
        self.rows(&self.store.plans, |fact| Plan {
            id: self.matter(fact.id),
            customer: self.customer(fact.customer),
            reason: self.optional(fact.reason),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    fn notices(&self) -> Vec<Notice> {
        self.rows(&self.store.notices, |fact| Notice {
            id: self.store.notice_ids.text(fact.id).to_owned(),
            customer: self.customer(fact.customer),
            document: self.optional_document(fact.document),
            level: i64::from(fact.level),
            channel: self.optional(fact.channel),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    fn commitments(&self) -> Vec<Commitment> {
        self.rows(&self.store.commitments, |fact| Commitment {
            id: self.matter(fact.id),
            customer: self.customer(fact.customer),
            kind: fact.kind.name().to_owned(),
            company: Some(self.text(fact.company)),
            currency: self.currency(fact.currency),
            amount: self.money(fact.amount, fact.currency),
            expected_date: optional_date(fact.expected),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    fn requirements(&self) -> Vec<Requirement> {
        self.rows(&self.store.requirements, |fact| Requirement {
            document: self.document(fact.document),
            requirement: self.text(fact.requirement),
            state: fact.state.name().to_owned(),
            effective: date(fact.effective),
            recorded: Some(date(fact.recorded)),
        })
    }

    fn closings(&self) -> Vec<Closing> {
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

    fn rates(&self) -> Vec<Rate> {
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
