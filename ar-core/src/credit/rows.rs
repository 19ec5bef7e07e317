//! Rows of exposures by numbers, in columns.

use super::part::{PARTS, Parts};
use crate::ledger::running::Balances;
use crate::money::ratio_text;

/// A row by numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub customer: u32,
    pub currency: u32,
    pub parts: Parts,
    pub exposure: i128,
    /// None: no limit.
    pub limit: Option<i128>,
}

/// Rows by numbers, in columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) customer: Vec<u32>,
    pub(super) currency: Vec<u32>,
    /// By part; empty where it is 0 in all rows.
    pub(super) parts: [Vec<i128>; PARTS],
    pub(super) exposure: Vec<i128>,
    /// By row the limit, 0 where there is none, and whether there is one; empty where no row has one.
    pub(super) limit: Vec<i128>,
    pub(super) is_limited: Vec<bool>,
}

impl Rows {
    pub(super) fn with_capacity(rows: usize) -> Self {
        let (customer, currency) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        Self { customer, currency, exposure: Vec::with_capacity(rows), ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.customer.len()
    }

    /// Whose the next row is, of which the balances come later.
    pub(super) fn push_who(&mut self, customer: u32, currency: u32) {
        self.customer.push(customer);
        self.currency.push(currency);
    }

    /// The balances of the rows told last, which nothing but balances has.
    pub(super) fn push_balances(&mut self, balances: &[Balances], counts: &[bool; PARTS]) {
        let (before, capacity) = (self.exposure.len(), self.customer.capacity());
        let after = before.saturating_add(balances.len());
        let mut some = Balances::default();
        for held in balances {
            for (some, amount) in some.iter_mut().zip(held) {
                *some |= *amount;
            }
        }
        self.exposure.reserve(capacity.saturating_sub(before));
        self.exposure.resize(after, 0);
        for (kind, (column, some)) in self.parts.iter_mut().zip(some).enumerate() {
            if some == 0 && column.is_empty() {
                continue;
            }
            if column.is_empty() {
                column.reserve(capacity);
                column.resize(before, 0);
            }
            column.extend(balances.iter().map(|held| held.get(kind).copied().unwrap_or(0)));
            if counts.get(kind) == Some(&true) {
                let new = column.get(before..).unwrap_or(&[]);
                for (sum, amount) in self.exposure.iter_mut().skip(before).zip(new) {
                    *sum = sum.saturating_add(*amount);
                }
            }
        }
    }

    fn push_parts(&mut self, parts: &[i128]) {
        let held = self.customer.len();
        for (column, amount) in self.parts.iter_mut().zip(parts) {
            if *amount == 0 && column.is_empty() {
                continue;
            }
            if column.is_empty() {
                column.reserve(self.customer.capacity());
                column.resize(held, 0);
            }
            column.push(*amount);
        }
    }

    pub(super) fn push(&mut self, row: &Row) {
        self.push_parts(&row.parts);
        let held = self.customer.len();
        if row.limit.is_some() || !self.limit.is_empty() {
            self.limit.resize(held, 0);
            self.is_limited.resize(held, false);
            self.limit.push(row.limit.unwrap_or(0));
            self.is_limited.push(row.limit.is_some());
        }
        self.customer.push(row.customer);
        self.currency.push(row.currency);
        self.exposure.push(row.exposure);
    }

    fn get(&self, at: usize) -> Option<Row> {
        let amount = |column: &Vec<i128>| column.get(at).copied().unwrap_or(0);
        Some(Row {
            customer: *self.customer.get(at)?,
            currency: *self.currency.get(at)?,
            parts: std::array::from_fn(|part| self.parts.get(part).map_or(0, amount)),
            exposure: amount(&self.exposure),
            limit: self.limit.get(at).copied().filter(|_| self.is_limited.get(at) == Some(&true)),
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }
}

impl Row {
    /// How much of the limit is used, in per cent; none without one above zero.
    pub(super) fn used(&self) -> Option<String> {
        let limit = self.limit.filter(|limit| *limit > 0)?;
        ratio_text(self.exposure.saturating_mul(100), limit, 2)
    }
}
