//! What settles documents, in columns.

use crate::ledger::layers::{Layer, Layers};
use crate::ledger::running::Kept;
use crate::money::Minor;

/// A change of what is settled of a document: an allocation's leg, its being taken back (negative), or a cancellation.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    pub document: u32,
    pub effective: i32,
    /// In the document's currency; positive lowers what is open in absolute terms.
    pub amount: Minor,
    pub recorded: i32,
    /// 0: none named.
    pub instalment: u32,
    /// `NONE` for a cancellation.
    pub allocation: u32,
    pub base: Minor,
}

/// Legs sorted by document, the columns that every as-of reads apart from the rest.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    pub document: Vec<u32>,
    pub effective: Vec<i32>,
    pub amount: Vec<Minor>,
    pub recorded: Vec<i32>,
    pub instalment: Vec<u32>,
    pub allocation: Vec<u32>,
    pub base: Vec<Minor>,
    /// The balances that they change.
    pub running: Kept,
}

impl Legs {
    /// Legs in the order they came.
    pub(crate) fn new(mut legs: Vec<Leg>) -> Self {
        legs.sort_by_key(|leg| leg.document);
        let mut all = Self::default();
        for leg in legs {
            all.document.push(leg.document);
            all.effective.push(leg.effective);
            all.amount.push(leg.amount);
            all.recorded.push(leg.recorded);
            all.instalment.push(leg.instalment);
            all.allocation.push(leg.allocation);
            all.base.push(leg.base);
        }
        all
    }

    fn row(&self, at: usize) -> Option<Leg> {
        Some(Leg {
            document: *self.document.get(at)?,
            effective: *self.effective.get(at)?,
            amount: *self.amount.get(at)?,
            recorded: *self.recorded.get(at)?,
            instalment: *self.instalment.get(at)?,
            allocation: *self.allocation.get(at)?,
            base: *self.base.get(at)?,
        })
    }

    fn of(&self, document: u32) -> impl Iterator<Item = Leg> + '_ {
        let from = self.document.partition_point(|d| *d < document);
        (from..self.document.len())
            .take_while(move |at| self.document.get(*at) == Some(&document))
            .filter_map(|at| self.row(at))
    }
}

impl Layer for Legs {
    fn size(&self) -> usize {
        self.document.len()
    }
    fn merged(&self, next: &Self) -> Self {
        let rows = |legs: &Self| (0..legs.document.len()).filter_map(|at| legs.row(at)).collect::<Vec<_>>();
        let mut all = rows(self);
        all.extend(rows(next));
        Self::new(all)
    }
}

impl Layers<Legs> {
    /// The legs of one document, in the order they came.
    pub(crate) fn of(&self, document: u32) -> impl Iterator<Item = Leg> + '_ {
        self.iter().flat_map(move |layer| layer.of(document))
    }
}
