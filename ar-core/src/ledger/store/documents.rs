//! Documents in columns.

use super::kinds::Kinds;
use super::{DocumentKind, NO_DAY};
use crate::ledger::layers::{Layer, Layers, NONE, count, place};
use crate::ledger::running::Kept;
use crate::money::Minor;

/// Documents, physically sorted by account, due date and id within what was loaded together.
///
/// A document's number is its place: `start` plus its row here. Merging keeps numbers and remembers the sorted order.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub start: u32,
    /// Sorted order of the rows, when it is not their own.
    pub order: Option<Vec<u32>>,
    pub account: Vec<u32>,
    pub due: Vec<i32>,
    pub effective: Vec<i32>,
    pub amount: Vec<Minor>,
    pub recorded: Vec<i32>,
    pub base: Vec<Minor>,
    pub document_date: Vec<i32>,
    pub kind: Vec<DocumentKind>,
    /// All that are in `kind`.
    pub kinds: Kinds,
    /// Number of the id, by row; and the row, by number of the id less `start`.
    pub id: Vec<u32>,
    pub row_of_id: Vec<u32>,
    pub reference: Vec<u32>,
    /// Text of the id that it names; see [`Store::related`].
    pub related_id: Vec<u32>,
    pub order_reference: Vec<u32>,
    /// Text of the code of its payment terms: its own, else its customer's.
    pub terms: Vec<u32>,
    /// Net of tax, or `NO_BASE`.
    pub net: Vec<Minor>,
    /// By dimension: a value a row, or `NONE`.
    pub dimensions: Vec<(u32, Vec<u32>)>,
    /// The balances that it makes.
    pub running: Kept,
}

impl Documents {
    pub(crate) fn len(&self) -> usize {
        self.account.len()
    }

    pub(crate) fn dimension(&self, dimension: u32) -> Option<&[u32]> {
        self.dimensions.iter().find(|(name, _)| *name == dimension).map(|(_, values)| values.as_slice())
    }
}

fn joined<T: Copy>(a: &[T], b: &[T]) -> Vec<T> {
    let mut all = Vec::with_capacity(a.len().saturating_add(b.len()));
    all.extend_from_slice(a);
    all.extend_from_slice(b);
    all
}

impl Documents {
    /// This piece and the next, without their common sorted order.
    fn concatenated(&self, next: &Self) -> Self {
        let offset = count(self.len());
        let mut names: Vec<u32> = self.dimensions.iter().chain(&next.dimensions).map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        let dimensions = names
            .into_iter()
            .map(|name| {
                let mut values = Vec::with_capacity(self.len().saturating_add(next.len()));
                for piece in [self, next] {
                    match piece.dimension(name) {
                        Some(held) => values.extend_from_slice(held),
                        None => values.resize(values.len().saturating_add(piece.len()), NONE),
                    }
                }
                (name, values)
            })
            .collect();
        Self {
            start: self.start,
            order: None,
            account: joined(&self.account, &next.account),
            due: joined(&self.due, &next.due),
            effective: joined(&self.effective, &next.effective),
            amount: joined(&self.amount, &next.amount),
            recorded: joined(&self.recorded, &next.recorded),
            base: joined(&self.base, &next.base),
            document_date: joined(&self.document_date, &next.document_date),
            kind: joined(&self.kind, &next.kind),
            kinds: self.kinds.and(next.kinds),
            id: joined(&self.id, &next.id),
            row_of_id: self
                .row_of_id
                .iter()
                .copied()
                .chain(next.row_of_id.iter().map(|row| row.saturating_add(offset)))
                .collect(),
            reference: joined(&self.reference, &next.reference),
            related_id: joined(&self.related_id, &next.related_id),
            order_reference: joined(&self.order_reference, &next.order_reference),
            terms: joined(&self.terms, &next.terms),
            net: joined(&self.net, &next.net),
            dimensions,
            running: Kept::default(),
        }
    }

    /// The rows of an account, in their sorted order, by the index.
    pub(crate) fn rows_of(&self, account: u32) -> impl Iterator<Item = u32> + '_ {
        let at = |place_in_order: u32| match &self.order {
            Some(order) => order.get(place(place_in_order)).copied().unwrap_or(NONE),
            None => place_in_order,
        };
        let of = move |place_in_order: u32| self.account.get(place(at(place_in_order))).copied().unwrap_or(NONE);
        let first = partition_point(count(self.len()), |place_in_order| of(place_in_order) < account);
        (first..count(self.len())).take_while(move |place_in_order| of(*place_in_order) == account).map(at)
    }

    fn sorted_rows(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match &self.order {
            Some(order) => Box::new(order.iter().copied()),
            None => Box::new(0..count(self.len())),
        }
    }

    fn sort_key(&self, row: u32) -> (u32, i32) {
        let at = place(row);
        (self.account.get(at).copied().unwrap_or(NONE), self.due.get(at).copied().unwrap_or(NO_DAY))
    }
}

impl Layer for Documents {
    fn size(&self) -> usize {
        self.len()
    }
    fn merged(&self, next: &Self) -> Self {
        let mut all = self.concatenated(next);
        let offset = count(self.len());
        let mut order = Vec::with_capacity(all.len());
        let mut left = self.sorted_rows().peekable();
        let mut right = next.sorted_rows().map(|row| row.saturating_add(offset)).peekable();
        // Rows of one account and due date stay by piece; whoever needs the order of ids among them looks at the ids.
        loop {
            let from_left = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) => all.sort_key(*a) <= all.sort_key(*b),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            order.extend(if from_left { left.next() } else { right.next() });
        }
        drop((left, right));
        all.order = Some(order);
        all
    }
}

impl Layers<Documents> {
    pub(crate) fn len(&self) -> u32 {
        self.iter().next_back().map_or(0, |layer| layer.start.saturating_add(count(layer.len())))
    }

    /// The piece that holds a document, and its row there.
    pub(crate) fn find(&self, document: u32) -> Option<(&Documents, usize)> {
        let layer = self.iter().rev().find(|layer| layer.start <= document)?;
        Some((layer, place(document.wrapping_sub(layer.start))))
    }

    /// The number of the document whose id has that number.
    pub(crate) fn of_id(&self, id: u32) -> Option<u32> {
        let layer = self.iter().rev().find(|layer| layer.start <= id)?;
        layer
            .row_of_id
            .get(place(id.wrapping_sub(layer.start)))
            .filter(|row| **row != NONE)
            .map(|row| layer.start.saturating_add(*row))
    }
}

/// The first place before which all are below.
fn partition_point(length: u32, below: impl Fn(u32) -> bool) -> u32 {
    let (mut from, mut to) = (0, length);
    while from < to {
        let middle = from.midpoint(to);
        if below(middle) {
            from = middle.saturating_add(1);
        } else {
            to = middle;
        }
    }
    from
}
