//! Customers and what changes about them.

use super::parents;
use super::{Admission, Row, at};
use crate::calendar::Day;
use crate::ledger::fact::{CustomerChangeRead, CustomerRead, Table};
use crate::ledger::layers::NONE;
use crate::ledger::store::{Attribute, ChangeFact, ChildFact, CustomerFact};

/// A row that names a parent: its place, its customer's number (none without an id of its own), and the parent.
type Named = (usize, Option<u32>, String);

impl Admission<'_> {
    pub(super) fn customers(&mut self) {
        let table = Table::customers;
        // Row and number of each new customer with the parent it names, in the order of rows.
        let mut parents: Vec<Named> = Vec::new();
        self.each(|this, row, read: CustomerRead<'_>| {
            let number = read.id.as_ref().and_then(|id| this.customer_ids.add(id).ok());
            if let Some(parent) = read.parent.given() {
                parents.push((row.index, number, parent.clone().into_owned()));
            }
            let Some(number) = number else {
                if let Some(id) = &read.id {
                    this.taken(table, row.index, id);
                }
                return;
            };
            let mut dimensions: Vec<(u32, u32)> = read
                .dimensions
                .iter()
                .map(|(name, value)| (this.dimension_names.intern(name), this.texts.intern(value)))
                .collect();
            dimensions.sort_unstable();
            let fact = CustomerFact {
                name: this.intern(&read.name),
                parent: NONE,
                group: this.intern(&read.group),
                terms: this.intern(&read.terms),
                dimensions: dimensions.into_boxed_slice(),
            };
            this.new_customers.push(fact);
            if !this.row_is_good() {
                this.bad_customers.insert(number);
            }
        });
        self.check_parents(&parents);
    }

    /// Refuses parents that are not there, or that lead into a circle; a refused row is no parent for others.
    fn check_parents(&mut self, parents: &[Named]) {
        self.drop_orphans(parents);
        let start = self.customer_ids.start();
        // A new customer can be on a circle only with new ones.
        let mut new_parents: Vec<Option<u32>> = vec![None; self.new_customers.len()];
        for (number, parent) in parents.iter().filter_map(|(_, number, parent)| Some(((*number)?, parent))) {
            if self.bad_customers.contains(&number) {
                continue;
            }
            let Some(parent) = self.customer_ids.find(parent) else { continue };
            let new = at(number.wrapping_sub(start));
            if let (Some(fact), Some(slot)) = (self.new_customers.get_mut(new), new_parents.get_mut(new)) {
                fact.parent = parent;
                *slot = parent.checked_sub(start);
            }
        }
        let endless = parents::endless(&new_parents);
        for (row, number) in parents.iter().filter_map(|(row, number, _)| Some((*row, (*number)?))) {
            if endless.get(at(number.wrapping_sub(start))) == Some(&true) {
                self.problem(Table::customers, row, "parent", "cyclic_parent", parents::EXPECTED);
                self.bad_customers.insert(number);
            }
        }
        self.drop_orphans(parents);
    }

    /// Refuses rows whose parent is not there, until none is left.
    fn drop_orphans(&mut self, parents: &[Named]) {
        let mut left: Vec<&Named> = parents.iter().collect();
        loop {
            let (known, orphans): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, _, parent)| {
                self.customer_ids.find(parent).is_some_and(|parent| !self.bad_customers.contains(&parent))
            });
            if orphans.is_empty() {
                return;
            }
            for (row, number, parent) in orphans {
                self.unknown(Table::customers, *row, "parent", "customer", parent);
                self.bad_customers.extend(*number);
            }
            left = known;
        }
    }

    pub(super) fn customer_changes(&mut self) -> Vec<ChangeFact> {
        let table = Table::customer_changes;
        let mut changes: Vec<(Row, ChangeFact)> = Vec::new();
        self.each(|this, row, read: CustomerChangeRead<'_>| {
            let index = row.index;
            let customer = read.customer.and_then(|id| this.known_customer(table, index, "customer", &id));
            let attribute = read.attribute.and_then(|name| {
                let attribute = this.attribute(&name);
                if attribute.is_none() {
                    this.no_word(table, index, "attribute", "an attribute of a customer", &name);
                }
                attribute
            });
            let value = match (read.value.given(), attribute) {
                (None, _) => Some(NONE),
                (Some(parent), Some(Attribute::Parent)) => this.known_customer(table, index, "value", parent),
                (Some(value), Some(Attribute::ReviewDate)) => match Day::parse(value) {
                    Ok(_) => Some(this.texts.intern(value)),
                    Err(error) => {
                        this.problem(table, index, "value", error.code(), error.to_string());
                        None
                    }
                },
                (Some(value), _) => Some(this.texts.intern(value)),
            };
            let other = attribute.is_some_and(|attribute| attribute != Attribute::Blocked);
            if other && read.until.given().is_some() {
                let reason = "expected a last day of `blocked` alone";
                this.problem(table, index, "until", "does_not_add_up", reason);
            }
            let until = this.until(table, index, read.until, read.effective);
            let effective = read.effective.map(|day| day.number());
            let recorded = this.recorded(table, index, read.recorded, effective);
            if let (Some(customer), Some(attribute), Some(value), Some(effective), Some(recorded), true) =
                (customer, attribute, value, effective, recorded, this.row_is_good())
            {
                let seq = row.seq;
                changes.push((row, ChangeFact { seq, customer, attribute, value, until, effective, recorded }));
            }
        });
        let moves = changes.iter().filter(|(_, change)| change.attribute == Attribute::Parent);
        for row in parents::circles(self.before, &self.new_customers, moves) {
            self.problem(table, row, "value", "cyclic_parent", parents::EXPECTED);
        }
        changes.into_iter().map(|(_, change)| change).collect()
    }

    /// The customers of this batch that name a parent, and those that a change of it gives one.
    pub(super) fn children(&self, changes: &[ChangeFact]) -> Vec<ChildFact> {
        let numbers = self.customer_ids.start()..;
        let named = numbers.zip(&self.new_customers).filter(|(_, row)| row.parent != NONE);
        let named = named.map(|(child, row)| ChildFact { parent: row.parent, child });
        let moved = changes.iter().filter(|change| change.attribute == Attribute::Parent && change.value != NONE);
        named.chain(moved.map(|change| ChildFact { parent: change.value, child: change.customer })).collect()
    }

    fn attribute(&mut self, name: &str) -> Option<Attribute> {
        Attribute::named(name).or_else(|| {
            let name = name.strip_prefix("dim_").filter(|name| !name.is_empty())?;
            Some(Attribute::Dimension(self.dimension_names.intern(name)))
        })
    }
}
