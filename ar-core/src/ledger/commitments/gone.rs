//! How much is gone of a commitment: what follows it, and what of that was invoiced.

use rustc_hash::{FxHashMap, FxHashSet};

use super::named;
use crate::ledger::layers::NONE;
use crate::ledger::store::{CommitmentFact, CommitmentKind, FollowerFact};
use crate::ledger::{DocumentKind, View};
use crate::money::Minor;

/// What is left of a commitment of which so much is gone.
pub(crate) fn left(amount: Minor, gone: i128) -> i128 {
    let whole = i128::from(amount);
    if whole > 0 { whole.saturating_sub(gone).clamp(0, whole) } else { whole }
}

/// Which of the deliveries of one order is billed first: by effective day, recorded day, and place among all rows.
pub(crate) type Place = (i32, i32, u64);

/// Of a document that is not posted: after all that are.
pub(crate) const LAST: Place = (i32::MAX, i32::MAX, u64::MAX);

/// What it is to the invoices that name what it follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Billing {
    Nothing,
    /// A delivery, which they bill in this order.
    Billed(Place),
    /// One of them: the document that is asked about.
    Bills,
}

/// A commitment that follows another, or the document that is asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follower {
    /// The number of its id, by which it is known.
    pub key: u32,
    /// Text of its id, or `NONE` where nothing follows it.
    pub id: u32,
    pub amount: i128,
    pub closed: bool,
    pub billing: Billing,
}

/// What is gone of one, and the last day of the facts that say so: from then on it stays, once all that is known counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub gone: i128,
    pub last: i32,
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
    last: i32,
    /// By documents that name it.
    invoiced: i128,
    /// What is left of each delivery of it that may be billed.
    deliveries: Vec<(Place, u32, i128)>,
    next: Vec<Follower>,
    /// What follows it comes back to it.
    in_circle: bool,
}

impl Frame {
    /// Takes in what follows it, of which so much is gone.
    fn take_in(&mut self, other: &Follower, Known { gone, last }: Known) {
        self.last = self.last.max(last);
        let takes = other.takes(gone);
        match other.billing {
            Billing::Bills => self.invoiced = self.invoiced.saturating_add(takes),
            Billing::Nothing => self.gone = self.gone.saturating_add(takes),
            Billing::Billed(place) => {
                self.gone = self.gone.saturating_add(takes);
                let rest = other.amount.saturating_sub(gone).clamp(0, other.amount);
                self.deliveries.push((place, other.key, rest));
            }
        }
    }

    /// What is gone of it in all, and what of that bills which delivery: the oldest first, and only the rest is gone of it once more.
    fn close(mut self) -> (Known, Vec<(u32, i128)>) {
        let mut rest = self.invoiced;
        let mut billed = Vec::new();
        if rest > 0 {
            self.deliveries.sort_unstable();
            for (_, key, left) in self.deliveries {
                let part = left.min(rest);
                rest = rest.saturating_sub(part);
                billed.push((key, part));
            }
        }
        (Known { gone: self.gone.saturating_add(rest), last: self.last }, billed)
    }
}

/// The document that is asked about, and what it follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Newcomer {
    pub own: Follower,
    pub follows: u32,
    /// Text of the id of that, or `NONE` where nothing else follows it.
    pub follows_text: u32,
    pub currency: u32,
}

impl Newcomer {
    fn is_after(&self, of: &Follower, currency: u32) -> bool {
        let is_named = of.id != NONE && self.follows_text == of.id;
        (self.follows == of.key || is_named) && self.currency == currency
    }
}

/// How much is gone of commitments on a day, each looked at once.
pub(crate) struct Gone<'a> {
    view: &'a View,
    /// A commitment that is not there.
    without: u32,
    newcomer: Option<Newcomer>,
    known: FxHashMap<u32, Known>,
    /// What is billed of deliveries by invoices that name what they follow.
    billed: FxHashMap<u32, i128>,
    /// Texts of orders whose invoices were looked at, with a currency, and the last day of the facts about them.
    looked_at: FxHashMap<(u32, u32), i32>,
}

impl<'a> Gone<'a> {
    pub(crate) fn of(view: &'a View) -> Self {
        Self::beside(view, NONE, None)
    }

    /// Without a commitment, and with a document that is not posted.
    pub(crate) fn beside(view: &'a View, without: u32, newcomer: Option<Newcomer>) -> Self {
        let (known, billed) = (FxHashMap::default(), FxHashMap::default());
        Self { view, without, newcomer, known, billed, looked_at: FxHashMap::default() }
    }

    /// What is left of a commitment.
    pub(crate) fn left_of(&mut self, fact: &CommitmentFact) -> i128 {
        self.left_and_last(fact).0
    }

    /// What is left of a commitment, and the last day of the facts that say so.
    pub(super) fn left_and_last(&mut self, fact: &CommitmentFact) -> (i128, i32) {
        if fact.amount <= 0 {
            return (fact.amount.into(), fact.effective);
        }
        let Known { gone, last } = self.of_commitment(fact);
        let is_delivery = fact.kind == CommitmentKind::Delivery;
        let of_order =
            if is_delivery { self.billed(fact.id, fact.order, fact.currency) } else { Known { gone: 0, last } };
        let last = last.max(of_order.last).max(fact.effective);
        (left(fact.amount, gone.saturating_add(of_order.gone)), last)
    }

    /// What is gone of a commitment.
    pub(crate) fn of_commitment(&mut self, fact: &CommitmentFact) -> Known {
        let (amount, id) = (fact.amount.into(), self.text(fact.id));
        self.of_follower(Follower { key: fact.id, id, amount, closed: false, billing: Billing::Nothing }, fact.currency)
    }

    /// What is gone of one.
    pub(crate) fn of_follower(&mut self, own: Follower, currency: u32) -> Known {
        if let Some(known) = self.known.get(&own.key) {
            return *known;
        }
        let (known, _, in_circle) = self.gone(own, currency);
        if !in_circle {
            self.known.insert(own.key, known);
        }
        known
    }

    /// What the invoices that name an order, by the text of its id, bill of a delivery that names it too.
    pub(crate) fn billed(&mut self, delivery: u32, order: u32, currency: u32) -> Known {
        if order == NONE {
            return Known { gone: 0, last: i32::MIN };
        }
        let last = match self.looked_at.get(&(order, currency)) {
            Some(last) => *last,
            None => {
                let last = self.look_at(order, currency);
                self.looked_at.insert((order, currency), last);
                last
            }
        };
        Known { gone: self.billed.get(&delivery).copied().unwrap_or(0), last }
    }

    /// Finds what the invoices that name an order bill of its deliveries; the last day of the facts about it.
    fn look_at(&mut self, order: u32, currency: u32) -> i32 {
        if !self.is_invoiced(order, currency) {
            return i32::MIN;
        }
        let store = &self.view.store;
        let key = store.matter_ids.find(store.texts.text(order)).unwrap_or(NOWHERE);
        let whole = Follower { key, id: order, amount: 0, closed: false, billing: Billing::Nothing };
        let (known, billed, _) = self.gone(whole, currency);
        self.billed.extend(billed);
        known.last
    }

    /// Whether a document names an order.
    pub(crate) fn is_invoiced(&self, order: u32, currency: u32) -> bool {
        let bills = |new: Newcomer| new.own.billing == Billing::Bills && new.follows_text == order;
        let is_one = |fact: &FollowerFact| fact.document != NONE && fact.currency == currency;
        self.newcomer.is_some_and(bills) || self.view.store.followers.of(order).any(is_one)
    }

    /// Text of an id as what follows it has it; `NONE` where nothing does.
    pub(crate) fn text(&self, id: u32) -> u32 {
        let store = &self.view.store;
        store.texts.find(store.matter_ids.text(id)).unwrap_or(NONE)
    }

    /// What follows one, each counted: the documents added up, and the commitments.
    fn followers(&self, of: Follower, currency: u32) -> Frame {
        let (mut invoiced, mut next, mut last) = (0_i128, Vec::new(), i32::MIN);
        let followers = (of.id != NONE).then(|| self.view.store.followers.of(of.id));
        for fact in followers.into_iter().flatten() {
            if fact.currency != currency || !self.view.counted(fact.effective, fact.recorded) {
                continue;
            }
            last = last.max(fact.effective);
            if fact.document != NONE {
                last = last.max(last_about(self.view, fact.document));
                if invoices(self.view, fact.document) {
                    invoiced = invoiced.saturating_add(fact.amount.into());
                }
            } else if fact.commitment != self.without {
                let (key, closed) = (fact.commitment, self.view.is_closed(fact.commitment));
                last = last.max(last_closed(self.view, key));
                let (id, amount) = (self.text(key), fact.amount.into());
                next.push(Follower { key, id, amount, closed, billing: Billing::Nothing });
            }
        }
        let newcomer = self.newcomer.filter(|new| new.is_after(&of, currency)).map(|new| new.own);
        if invoiced > 0 || newcomer.is_some_and(|new| new.billing == Billing::Bills) {
            let may_be_billed = |other: &&mut Follower| !other.closed && other.amount > 0;
            for other in next.iter_mut().filter(may_be_billed) {
                let fact = named(&self.view.store, other.key).filter(|fact| fact.kind == CommitmentKind::Delivery);
                other.billing = fact.map_or(Billing::Nothing, |fact| Billing::Billed(place_of(fact)));
            }
        }
        next.extend(newcomer);
        Frame { of, gone: 0, last, invoiced, deliveries: Vec::new(), next, in_circle: false }
    }

    /// What is gone of one, what is billed of the deliveries that follow it, and whether what follows it comes back to it: without
    /// recursion however long the chain of what follows it, and in a circle each once.
    fn gone(&mut self, first: Follower, currency: u32) -> (Known, Vec<(u32, i128)>, bool) {
        let mut on_the_way: FxHashSet<u32> = FxHashSet::from_iter([first.key]);
        let mut stack = vec![self.followers(first, currency)];
        while let Some(top) = stack.last_mut() {
            if let Some(next) = top.next.pop() {
                if let Some(known) = self.known.get(&next.key) {
                    top.take_in(&next, *known);
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
            let (of, in_circle) = (done.of, done.in_circle);
            let (known, billed) = done.close();
            let Some(above) = stack.last_mut() else { return (known, billed, in_circle) };
            // In a circle it depends on where one begins.
            if !in_circle {
                self.known.insert(of.key, known);
            }
            above.take_in(&of, known);
        }
        (Known { gone: 0, last: i32::MIN }, Vec::new(), false)
    }
}

/// The number of an id that no commitment has.
const NOWHERE: u32 = NONE - 2;

/// Which of the deliveries of one order it is.
pub(crate) fn place_of(fact: &CommitmentFact) -> Place {
    (fact.effective, fact.recorded, fact.seq)
}

/// Whether a document invoices what it names as its order, or takes that back. Money for an order, or a charge, neither delivers
/// it nor opens it again; and what a residual moved to was invoiced before.
fn invoices(view: &View, document: u32) -> bool {
    let kind = view.store.documents.find(document).and_then(|(piece, row)| piece.kind.get(row));
    matches!(kind, Some(DocumentKind::Invoice | DocumentKind::DebitNote | DocumentKind::CreditNote))
        && !view.is_cancelled(document)
        && !view.is_residual(document)
}

/// The last day of what says whether a document invoices what it names.
fn last_about(view: &View, document: u32) -> i32 {
    let cancelled = view.store.cancellations.of(document).map(|fact| fact.effective).max();
    cancelled.max(view.left_on_day(document)).unwrap_or(i32::MIN)
}

/// The last day on which something closes a commitment.
pub(super) fn last_closed(view: &View, commitment: u32) -> i32 {
    view.store.closings.of(commitment).map(|fact| fact.effective).max().unwrap_or(i32::MIN)
}
