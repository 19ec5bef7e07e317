//! A plain reading of section 6 of the specification, one line at a time and without a thought for speed.

use std::collections::BTreeMap;

use ar_core::allocation::{AllocationPolicy, CreditOrder, Partial, Strategy as Match, TakesPart};
use ar_core::item::OpenItem;
use ar_core::ledger::DocumentKind;
use ar_core::ledger::fact::{Document, Facts};
use ar_core::money::Exact;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::given::{Line, minor};

/// An item and what it has left.
pub struct Item<'a> {
    pub row: &'a OpenItem,
    pub document: &'a Document,
    pub left: i64,
}

/// The lines of a policy: for every credit all debits are sorted anew.
pub struct Plain<'a> {
    policy: &'a AllocationPolicy,
    together: BTreeMap<String, i64>,
    pub lines: Vec<Line>,
    pub unapplied: Vec<(String, i64, String)>,
}

pub fn effective(document: &Document) -> NaiveDate {
    document.posting_date.unwrap_or(document.document_date)
}

pub fn account(row: &OpenItem) -> (String, String, String, String) {
    (row.company.clone(), row.control_account.clone(), row.customer.clone(), row.currency.clone())
}

pub fn plainly<'a>(rows: &'a [OpenItem], facts: &'a Facts, policy: &'a AllocationPolicy) -> Plain<'a> {
    let mut plain = Plain { policy, together: BTreeMap::new(), lines: Vec::new(), unapplied: Vec::new() };
    let item = |row: &'a OpenItem| {
        let document = facts.documents.iter().find(|document| document.id == row.document).unwrap();
        Item { row, document, left: (minor(row.open).abs()) - minor(row.pending).abs() }
    };
    for row in rows {
        let Item { document, left, .. } = item(row);
        let own = row.open.is_sign_negative() == document.amount.is_sign_negative();
        *plain.together.entry(row.document.clone()).or_insert(0) += if own { left } else { -left };
    }
    for of_account in rows.chunk_by(|a, b| account(a) == account(b)) {
        let own_sign = |item: &Item<'_>| item.row.open.is_sign_negative() == item.document.amount.is_sign_negative();
        let candidates = || of_account.iter().map(item).filter(|item| item.left > 0 && own_sign(item));
        let pays = |item: &Item<'_>| {
            let kind = DocumentKind::named(&item.row.kind).unwrap();
            item.row.open.is_sign_negative() && policy.credit_kinds.contains(&kind)
        };
        let mut credits: Vec<Item<'_>> = candidates().filter(|i| pays(i) && lets_in(policy, i)).collect();
        let mut debits: Vec<Item<'_>> =
            candidates().filter(|i| !i.row.open.is_sign_negative() && lets_in(policy, i)).collect();
        credits.sort_by_key(|i| (i.row.document.clone(), i.row.instalment));
        match policy.credit_order {
            CreditOrder::OldestFirst => credits.sort_by_key(|i| effective(i.document)),
            CreditOrder::NewestFirst => credits.sort_by_key(|i| std::cmp::Reverse(effective(i.document))),
        }
        plain.account(&mut credits, &mut debits);
    }
    plain
}

pub fn lets_in(policy: &AllocationPolicy, item: &Item<'_>) -> bool {
    let filter = &policy.filter;
    let listed = |list: &Option<Vec<String>>, id: &str| {
        list.as_ref().is_none_or(|ids| ids.is_empty() || ids.iter().any(|i| i == id))
    };
    let credit = item.row.open.is_sign_negative();
    let (ids, min, max) = if credit {
        (&filter.credits, filter.credit_min, filter.credit_max)
    } else {
        (&filter.debits, filter.debit_min, filter.debit_max)
    };
    let size = item.row.open.abs();
    let decimal = |exact: Exact| Decimal::from_i128_with_scale(exact.units(), u32::from(exact.scale()));
    listed(&filter.customers, &item.row.customer)
        && listed(&filter.currencies, &item.row.currency)
        && listed(ids, &item.row.document)
        && min.is_none_or(|min| decimal(min) <= size)
        && max.is_none_or(|max| size <= decimal(max))
        && (credit || filter.due_until.is_none_or(|until| item.row.due_date.is_some_and(|due| due <= until)))
        && (filter.disputed == TakesPart::Included || item.row.disputed.is_zero())
        && (filter.held == TakesPart::Included || item.row.held.is_zero())
}

impl Plain<'_> {
    fn room(&self, item: &Item<'_>) -> i64 {
        item.left.min(self.together[&item.row.document]).max(0)
    }

    fn account(&mut self, credits: &mut [Item<'_>], debits: &mut [Item<'_>]) {
        for strategy in &self.policy.strategies {
            for credit in credits.iter_mut() {
                for debit in self.order(*strategy, credit, debits) {
                    let debit = &mut debits[debit];
                    let amount = self.room(credit).min(self.room(debit));
                    if amount == 0 || (self.policy.partial == Partial::Refused && amount != debit.left) {
                        continue;
                    }
                    self.lines.push((
                        credit.row.document.clone(),
                        debit.row.document.clone(),
                        debit.row.instalment,
                        amount,
                        strategy.name().to_owned(),
                        credit.left,
                        debit.left,
                    ));
                    credit.left -= amount;
                    debit.left -= amount;
                    *self.together.get_mut(&credit.row.document).unwrap() -= amount;
                    *self.together.get_mut(&debit.row.document).unwrap() -= amount;
                }
            }
        }
        let any = debits.iter().any(|debit| self.room(debit) > 0);
        let reason = if any { "no_match" } else { "no_open_debit" };
        for credit in credits.iter() {
            let rest = self.room(credit);
            if rest > 0 {
                self.unapplied.push((credit.row.document.clone(), rest, reason.to_owned()));
            }
        }
    }

    /// Places of debits in the order in which the strategy takes them for this credit.
    fn order(&self, strategy: Match, credit: &Item<'_>, debits: &[Item<'_>]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..debits.len()).filter(|at| self.room(&debits[*at]) > 0).collect();
        let by_id = |at: &usize| (debits[*at].row.document.clone(), debits[*at].row.instalment);
        let due = |at: &usize| debits[*at].row.due_date;
        order.sort_by_key(by_id);
        order.sort_by_key(|at| (due(at).is_none(), due(at)));
        match strategy {
            Match::OldestDue => {}
            Match::NewestDue => {
                order.sort_by_key(by_id);
                order.sort_by_key(|at| (due(at).is_none(), std::cmp::Reverse(due(at))));
            }
            Match::OldestDocument => {
                order.sort_by_key(by_id);
                order.sort_by_key(|at| debits[*at].row.document_date);
            }
            Match::NewestDocument => {
                order.sort_by_key(by_id);
                order.sort_by_key(|at| std::cmp::Reverse(debits[*at].row.document_date));
            }
            Match::LargestFirst => order.sort_by_key(|at| std::cmp::Reverse(debits[*at].left)),
            Match::UserOrder => {
                let place = |at: &usize| self.policy.user_order.iter().position(|id| *id == debits[*at].row.document);
                order.retain(|at| place(at).is_some());
                order.sort_by_key(place);
            }
            Match::Reference => {
                let reference = credit.document.reference.clone().unwrap_or_default();
                let tokens: Vec<&str> = reference.split([' ', ',', ';', '\t']).filter(|t| !t.is_empty()).collect();
                order.retain(|at| {
                    let paid = debits[*at].document;
                    tokens.contains(&paid.id.as_str())
                        || paid.reference.as_deref().is_some_and(|own| tokens.contains(&own))
                        || credit.document.related.as_deref() == Some(&paid.id)
                });
            }
            Match::ExactAmount => {
                let wanted = self.room(credit);
                if let Some(at) = order.iter().find(|at| debits[**at].left == wanted) {
                    return vec![*at];
                }
                let together = |id: &str| -> Vec<usize> {
                    order.iter().copied().filter(|at| debits[*at].row.document == id).collect()
                };
                let sum = |all: &[usize]| all.iter().map(|at| debits[*at].left).sum::<i64>();
                let found = order.iter().map(|at| together(&debits[*at].row.document)).find(|all| sum(all) == wanted);
                return found.unwrap_or_default();
            }
        }
        order
    }
}

// Laws of one proposal.
