//! What is left of a commitment once what follows it is taken off; and what a document that is asked about, put among the commitments
//! as if it were posted, changes of that.

use rustc_hash::{FxHashMap, FxHashSet};

use super::limit::Request;
use super::standing::Pledge;
use crate::ledger::layers::NONE;
use crate::ledger::store::CommitmentFact;
use crate::ledger::{DocumentKind, View};
use crate::money::Minor;

/// What is left of a commitment of which so much is gone.
pub(super) fn left(amount: Minor, gone: i128) -> i128 {
    let whole = i128::from(amount);
    if whole > 0 { whole.saturating_sub(gone).clamp(0, whole) } else { whole }
}

/// A commitment that follows another, or the document that is asked about.
#[derive(Debug, Clone, Copy)]
struct Follower {
    /// The number of its id, by which it is known.
    key: u32,
    /// Text of its id, or `NONE` where nothing follows it.
    id: u32,
    amount: i128,
    closed: bool,
}

impl Follower {
    /// What it takes off what it follows: its amount, and what is gone of it where that is more; when it is closed, only that.
    fn takes(&self, gone: i128) -> i128 {
        let gone = gone.max(0);
        match self.amount {
            _ if self.closed => gone,
            amount if amount < 0 => amount.saturating_add(gone),
            amount => amount.max(gone),
        }
    }
}

/// A follower whose own followers are being looked at.
struct Frame {
    of: Follower,
    gone: i128,
    next: Vec<Follower>,
    /// What follows it comes back to it.
    in_circle: bool,
}

/// The document that is asked about, and what it follows.
#[derive(Debug, Clone, Copy)]
struct Newcomer {
    own: Follower,
    follows: u32,
    currency: u32,
}

/// How much is gone of commitments on a day, each looked at once.
pub(super) struct Gone<'a> {
    view: &'a View,
    /// A commitment that is not there.
    without: u32,
    newcomer: Option<Newcomer>,
    known: FxHashMap<u32, i128>,
}

impl<'a> Gone<'a> {
    pub(super) fn of(view: &'a View) -> Self {
        Self { view, without: NONE, newcomer: None, known: FxHashMap::default() }
    }

    /// What is gone of a commitment.
    pub(super) fn of_commitment(&mut self, fact: &CommitmentFact) -> i128 {
        let own = Follower { key: fact.id, id: self.text(fact.id), amount: fact.amount.into(), closed: false };
        self.gone(own, fact.currency)
    }

    /// Text of an id as what follows it has it; `NONE` where nothing does.
    fn text(&self, id: u32) -> u32 {
        let store = &self.view.store;
        store.texts.find(store.matter_ids.text(id)).unwrap_or(NONE)
    }

    /// What follows one, each counted: the documents added up, and the commitments.
    fn followers(&self, of: Follower, currency: u32) -> Frame {
        let (mut gone, mut next) = (0_i128, Vec::new());
        let followers = (of.id != NONE).then(|| self.view.store.followers.of(of.id));
        for fact in followers.into_iter().flatten() {
            if fact.currency != currency || !self.view.counted(fact.effective, fact.recorded) {
                continue;
            }
            if fact.document != NONE {
                if invoices(self.view, fact.document) {
                    gone = gone.saturating_add(fact.amount.into());
                }
            } else if fact.commitment != self.without {
                let closed = self.view.is_closed(fact.commitment);
                let id = self.text(fact.commitment);
                next.push(Follower { key: fact.commitment, id, amount: fact.amount.into(), closed });
            }
        }
        let newcomer = self.newcomer.filter(|new| new.follows == of.key && new.currency == currency);
        next.extend(newcomer.map(|new| new.own));
        Frame { of, gone, next, in_circle: false }
    }

    /// What is gone of one, without recursion however long the chain of what follows it, and in a circle each once.
    fn gone(&mut self, first: Follower, currency: u32) -> i128 {
        if let Some(known) = self.known.get(&first.key) {
            return *known;
        }
        let mut on_the_way: FxHashSet<u32> = FxHashSet::from_iter([first.key]);
        let mut stack = vec![self.followers(first, currency)];
        while let Some(top) = stack.last_mut() {
            if let Some(next) = top.next.pop() {
                if let Some(known) = self.known.get(&next.key) {
                    top.gone = top.gone.saturating_add(next.takes(*known));
                } else if on_the_way.insert(next.key) {
                    let frame = self.followers(next, currency);
                    stack.push(frame);
                } else {
                    stack.iter_mut().for_each(|frame| frame.in_circle = true);
                }
                continue;
            }
            let Some(done) = stack.pop() else { break };
            on_the_way.remove(&done.of.key);
            // In a circle it depends on where one begins.
            if !done.in_circle {
                self.known.insert(done.of.key, done.gone);
            }
            match stack.last_mut() {
                Some(above) => above.gone = above.gone.saturating_add(done.of.takes(done.gone)),
                None => return done.gone,
            }
        }
        0
    }
}

/// Whether a document invoices what it names as its order, or takes that back. Money for an order, or a charge, neither delivers
/// it nor opens it again; and what a residual moved to was invoiced before.
fn invoices(view: &View, document: u32) -> bool {
    let kind = view.store.documents.find(document).and_then(|(piece, row)| piece.kind.get(row));
    let mut cancelled = view.store.cancellations.of(document);
    matches!(kind, Some(DocumentKind::Invoice | DocumentKind::DebitNote | DocumentKind::CreditNote))
        && !cancelled.any(|it| view.counted(it.effective, it.recorded))
        && !view.is_residual(document)
}

/// A commitment of which something else is left beside the document than stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    /// With what is left of it as it stands, 0 of what is closed.
    pub pledge: Pledge,
    pub customer: u32,
    /// What would be left of it without the document, and what is with it.
    pub without: i128,
    pub now: i128,
}

/// The document that is asked about as it would stand among the commitments.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// What is left of it.
    pub left: i128,
    /// The commitment in whose place it is.
    pub own: Option<Change>,
    /// What it follows, what that follows, and so on, as far as it makes a difference.
    pub followed: Vec<Change>,
    /// It is in the place of one that is not closed and follows the same: what that has taken off is taken off already.
    pub is_again: bool,
}

/// Of a document whose id no commitment has.
const NEW: u32 = NONE - 1;

impl Placed {
    pub(super) fn of(view: &View, request: &Request) -> Self {
        let amount = request.amount;
        if request.order_text.is_none() && request.order.is_none() && request.follows.is_none() {
            return Self { left: amount.into(), ..Self::default() };
        }
        let posted = posted(view, request.order);
        let store = &view.store;
        let of_posted = posted.map_or(NONE, |fact| above(view, fact));
        let follows = request.follows.unwrap_or(of_posted);
        let key = request.order.unwrap_or(NEW);
        let id = request.order.map_or(request.order_text, |id| store.texts.find(store.matter_ids.text(id)));
        if posted.is_none() && id.is_none() && follows == NONE {
            return Self { left: amount.into(), ..Self::default() };
        }
        let own = Follower { key, id: id.unwrap_or(NONE), amount: amount.into(), closed: false };
        let newcomer = Newcomer { own, follows, currency: request.currency };
        let mut ways = Ways {
            stands: Gone::of(view),
            without: Gone { without: key, ..Gone::of(view) },
            now: Gone { without: key, newcomer: Some(newcomer), ..Gone::of(view) },
        };
        let left = left(amount, ways.now.gone(own, request.currency));
        let standing = posted.filter(|fact| !view.is_closed(fact.id));
        let is_again = standing.is_some() && follows == of_posted;
        let own = standing.map(|fact| {
            let stands = self::left(fact.amount, ways.stands.of_commitment(fact));
            Change { pledge: Pledge::of(fact, stands), customer: fact.customer, without: 0, now: 0 }
        });
        let mut followed = Vec::new();
        let mut seen = FxHashSet::from_iter([key]);
        for first in [follows, of_posted] {
            ways.take_up(view, first, &mut seen, &mut followed);
        }
        Self { left, own, followed, is_again }
    }
}

/// What is gone as it stands, without the document, and with it.
struct Ways<'a> {
    stands: Gone<'a>,
    without: Gone<'a>,
    now: Gone<'a>,
}

impl Ways<'_> {
    /// Takes up a commitment of which the document takes something off, and what it follows in turn as long as that makes a difference.
    fn take_up(&mut self, view: &View, first: u32, seen: &mut FxHashSet<u32>, into: &mut Vec<Change>) {
        let mut next = first;
        while seen.insert(next)
            && let Some(fact) = named(view, next)
        {
            let gone = [&mut self.stands, &mut self.without, &mut self.now].map(|way| way.of_commitment(fact));
            let closed = view.is_closed(fact.id);
            if is_counted(view, fact) && !closed {
                let [stands, without, now] = gone.map(|gone| left(fact.amount, gone));
                into.push(Change { pledge: Pledge::of(fact, stands), customer: fact.customer, without, now });
            }
            let own = Follower { key: fact.id, id: NONE, amount: fact.amount.into(), closed };
            let [stands, without, now] = gone.map(|gone| own.takes(gone));
            if stands == without && without == now {
                return;
            }
            next = above(view, fact);
        }
    }
}

fn is_counted(view: &View, fact: &CommitmentFact) -> bool {
    view.counted(fact.effective, fact.recorded)
}

/// The counted commitment of an id, in whose place a document of that id is asked.
pub(super) fn posted(view: &View, id: Option<u32>) -> Option<&CommitmentFact> {
    id.and_then(|id| named(view, id)).filter(|fact| is_counted(view, fact))
}

/// The commitment of an id.
fn named(view: &View, id: u32) -> Option<&CommitmentFact> {
    let owner = view.store.owners.of(id).next()?;
    view.store.commitments.search(owner.customer, |fact| fact.seq.cmp(&owner.seq))
}

/// The id of what a commitment follows, when something has it; else `NONE`.
fn above(view: &View, fact: &CommitmentFact) -> u32 {
    if fact.order == NONE {
        return NONE;
    }
    let store = &view.store;
    store.matter_ids.find(store.texts.text(fact.order)).unwrap_or(NONE)
}
