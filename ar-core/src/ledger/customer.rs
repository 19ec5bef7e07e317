//! What a customer was like on a day: its own row, then the dated changes, the latest counted one first.

use super::layers::NONE;
use super::store::{Attribute, ChangeFact, Store};

impl Store {
    /// The change of an attribute that is in force on a day, as known on another, or the last that was.
    pub(crate) fn last_change(
        &self,
        customer: u32,
        attribute: Attribute,
        day: i32,
        known_on: i32,
    ) -> Option<&ChangeFact> {
        let changes = self
            .changes
            .of(customer)
            .filter(|change| change.attribute == attribute && change.effective <= day && change.recorded <= known_on);
        // Of several of one effective and recorded day it is the last one that came.
        changes.max_by_key(|change| (change.effective, change.recorded))
    }

    /// The value of an attribute of a customer on a day, as known on another: the number of a text (of a customer for the
    /// parent), or `NONE`.
    pub(crate) fn attribute(&self, customer: u32, attribute: Attribute, day: i32, known_on: i32) -> u32 {
        if let Some(change) = self.last_change(customer, attribute, day, known_on) {
            return if change.until < day { NONE } else { change.value };
        }
        let Some(own) = self.customers.get(customer) else { return NONE };
        match attribute {
            Attribute::Name => own.name,
            Attribute::Parent => own.parent,
            Attribute::Group => own.group,
            Attribute::Terms => own.terms,
            Attribute::Dimension(name) => {
                own.dimensions.iter().find(|(held, _)| *held == name).map_or(NONE, |(_, value)| *value)
            }
            Attribute::Limit
            | Attribute::Blocked
            | Attribute::Score
            | Attribute::ReviewDate
            | Attribute::Contact
            | Attribute::Channel
            | Attribute::Language => NONE,
        }
    }
}
