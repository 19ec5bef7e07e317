//! What a customer was like on a day: its own row, then the dated changes, the latest counted one first.

use super::layers::NONE;
use super::store::{Attribute, Store};

impl Store {
    /// The value of an attribute of a customer on a day, as known on another: the number of a text (of a customer for the
    /// parent), or `NONE`.
    pub(crate) fn attribute(&self, customer: u32, attribute: Attribute, day: i32, known_on: i32) -> u32 {
        let mut latest: Option<(i32, i32, u32)> = None;
        for change in self.changes.of(customer) {
            let counts = change.attribute == attribute && change.effective <= day && change.recorded <= known_on;
            if counts
                && latest
                    .is_none_or(|(effective, recorded, _)| (effective, recorded) <= (change.effective, change.recorded))
            {
                latest = Some((change.effective, change.recorded, change.value));
            }
        }
        if let Some((_, _, value)) = latest {
            return value;
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
