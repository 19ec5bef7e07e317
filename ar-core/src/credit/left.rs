//! What is left of a commitment once what follows it is taken off; and what a document that is asked about, put among the commitments
//! as if it were posted, changes of that.

use rustc_hash::{FxHashMap, FxHashSet};

use super::limit::Request;
use super::part::CreditRequestKind;
use super::standing::Pledge;
use crate::ledger::layers::NONE;
use crate::ledger::store::{CommitmentFact, CommitmentKind, FollowerFact};
use crate::ledger::{DocumentKind, View};
use crate::money::Minor;

/// What is left of a commitment of which so much is gone.
pub(super) fn left(amount: Minor, gone: i128) -> i128 {
    let whole = i128::from(amount);
    if whole > 0 { whole.saturating_sub(gone).clamp(0, whole) } else { whole }
}

/// Which of the deliveries of one order is billed first: by effective day, recorded day, and place among all rows.
type Place = (i32, i32, u64);

/// Of a document that is not posted: after all that are.
const LAST: Place = (i32::MAX, i32::MAX, u64::MAX);

/// What it is to the invoices that name what it follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Billing {
    Nothing,
    /// A delivery, which they bill in this order.
    Billed(Place),
    /// One of them: the document that is asked about.
    Bills,
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
    billing: Billing,
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
    fn take_in(&mut self, other: &Follower, gone: i128) {
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
    fn close(mut self) -> (i128, Vec<(u32, i128)>) {
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
        (self.gone.saturating_add(rest), billed)
    }
}

/// The document that is asked about, and what it follows.
#[derive(Debug, Clone, Copy)]
struct Newcomer {
    own: Follower,
    follows: u32,
    /// Text of the id of that, or `NONE` where nothing else follows it.
    follows_text: u32,
    currency: u32,
}

impl Newcomer {
    fn is_after(&self, of: &Follower, currency: u32) -> bool {
        let is_named = of.id != NONE && self.follows_text == of.id;
        (self.follows == of.key || is_named) && self.currency == currency
    }
}

/// How much is gone of commitments on a day, each looked at once.
pub(super) struct Gone<'a> {
    view: &'a View,
    /// A commitment that is not there.
    without: u32,
    newcomer: Option<Newcomer>,
    known: FxHashMap<u32, i128>,
    /// What is billed of deliveries by invoices that name what they follow.
    billed: FxHashMap<u32, i128>,
    /// Texts of orders whose invoices were looked at, with a currency.
    looked_at: FxHashSet<(u32, u32)>,
}

impl<'a> Gone<'a> {
    pub(super) fn of(view: &'a View) -> Self {
        let (known, billed) = (FxHashMap::default(), FxHashMap::default());
        Self { view, without: NONE, newcomer: None, known, billed, looked_at: FxHashSet::default() }
    }

    /// What is left of a commitment.
    pub(super) fn left_of(&mut self, fact: &CommitmentFact) -> i128 {
        if fact.amount <= 0 {
            return fact.amount.into();
        }
        let gone = self.of_commitment(fact);
        let is_delivery = fact.kind == CommitmentKind::Delivery;
        let billed = if is_delivery { self.billed(fact.id, fact.order, fact.currency) } else { 0 };
        left(fact.amount, gone.saturating_add(billed))
    }

    /// What is gone of a commitment.
    fn of_commitment(&mut self, fact: &CommitmentFact) -> i128 {
        let (amount, id) = (fact.amount.into(), self.text(fact.id));
        self.of_follower(Follower { key: fact.id, id, amount, closed: false, billing: Billing::Nothing }, fact.currency)
    }

    fn of_follower(&mut self, own: Follower, currency: u32) -> i128 {
        if let Some(known) = self.known.get(&own.key) {
            return *known;
        }
        let (gone, _, in_circle) = self.gone(own, currency);
        if !in_circle {
            self.known.insert(own.key, gone);
        }
        gone
    }

    /// What the invoices that name an order, by the text of its id, bill of a delivery that names it too.
    fn billed(&mut self, delivery: u32, order: u32, currency: u32) -> i128 {
        if order != NONE && self.looked_at.insert((order, currency)) && self.is_invoiced(order, currency) {
            let store = &self.view.store;
            let key = store.matter_ids.find(store.texts.text(order)).unwrap_or(NOWHERE);
            let whole = Follower { key, id: order, amount: 0, closed: false, billing: Billing::Nothing };
            let (_, billed, _) = self.gone(whole, currency);
            self.billed.extend(billed);
        }
        self.billed.get(&delivery).copied().unwrap_or(0)
    }

    /// Whether a document names an order.
    fn is_invoiced(&self, order: u32, currency: u32) -> bool {
        let bills = |new: Newcomer| new.own.billing == Billing::Bills && new.follows_text == order;
        let is_one = |fact: &FollowerFact| fact.document != NONE && fact.currency == currency;
        self.newcomer.is_some_and(bills) || self.view.store.followers.of(order).any(is_one)
    }

    /// Text of an id as what follows it has it; `NONE` where nothing does.
    fn text(&self, id: u32) -> u32 {
        let store = &self.view.store;
        store.texts.find(store.matter_ids.text(id)).unwrap_or(NONE)
    }

    /// What follows one, each counted: the documents added up, and the commitments.
    fn followers(&self, of: Follower, currency: u32) -> Frame {
        let (mut invoiced, mut next) = (0_i128, Vec::new());
        let followers = (of.id != NONE).then(|| self.view.store.followers.of(of.id));
        for fact in followers.into_iter().flatten() {
            if fact.currency != currency || !self.view.counted(fact.effective, fact.recorded) {
                continue;
            }
            if fact.document != NONE {
                if invoices(self.view, fact.document) {
                    invoiced = invoiced.saturating_add(fact.amount.into());
                }
            } else if fact.commitment != self.without {
                let (key, closed) = (fact.commitment, self.view.is_closed(fact.commitment));
                let (id, amount) = (self.text(key), fact.amount.into());
                next.push(Follower { key, id, amount, closed, billing: Billing::Nothing });
            }
        }
        let newcomer = self.newcomer.filter(|new| new.is_after(&of, currency)).map(|new| new.own);
        if invoiced > 0 || newcomer.is_some_and(|new| new.billing == Billing::Bills) {
            let may_be_billed = |other: &&mut Follower| !other.closed && other.amount > 0;
            for other in next.iter_mut().filter(may_be_billed) {
                let fact = named(self.view, other.key).filter(|fact| fact.kind == CommitmentKind::Delivery);
                other.billing = fact.map_or(Billing::Nothing, |fact| Billing::Billed(place_of(fact)));
            }
        }
        next.extend(newcomer);
        Frame { of, gone: 0, invoiced, deliveries: Vec::new(), next, in_circle: false }
    }

    /// What is gone of one, what is billed of the deliveries that follow it, and whether what follows it comes back to it: without
    /// recursion however long the chain of what follows it, and in a circle each once.
    fn gone(&mut self, first: Follower, currency: u32) -> (i128, Vec<(u32, i128)>, bool) {
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
            let (gone, billed) = done.close();
            let Some(above) = stack.last_mut() else { return (gone, billed, in_circle) };
            // In a circle it depends on where one begins.
            if !in_circle {
                self.known.insert(of.key, gone);
            }
            above.take_in(&of, gone);
        }
        (0, Vec::new(), false)
    }
}

/// The number of an id that no commitment has.
const NOWHERE: u32 = NONE - 2;

fn place_of(fact: &CommitmentFact) -> Place {
    (fact.effective, fact.recorded, fact.seq)
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
        let text_of_posted = posted.map_or(NONE, |fact| fact.order);
        let follows = request.follows.unwrap_or(of_posted);
        let follows_text = request.follows_text.unwrap_or(text_of_posted);
        let key = request.order.unwrap_or(NEW);
        let id = request.order.map_or(request.order_text, |id| store.texts.find(store.matter_ids.text(id)));
        if posted.is_none() && id.is_none() && follows == NONE && follows_text == NONE {
            return Self { left: amount.into(), ..Self::default() };
        }
        let billing = match request.kind {
            CreditRequestKind::Invoice => Billing::Bills,
            CreditRequestKind::Delivery if amount > 0 => Billing::Billed(posted.map_or(LAST, place_of)),
            _ => Billing::Nothing,
        };
        let own = Follower { key, id: id.unwrap_or(NONE), amount: amount.into(), closed: false, billing };
        let newcomer = Newcomer { own, follows, follows_text, currency: request.currency };
        let mut ways = Ways {
            stands: Gone::of(view),
            without: Gone { without: key, ..Gone::of(view) },
            now: Gone { without: key, newcomer: Some(newcomer), ..Gone::of(view) },
        };
        let gone = ways.now.of_follower(own, request.currency);
        let billed = ways.now.billed(key, follows_text, request.currency);
        let left = left(amount, gone.saturating_add(billed));
        let standing = posted.filter(|fact| !view.is_closed(fact.id));
        let is_again = standing.is_some() && follows == of_posted;
        let own = standing.map(|fact| {
            let stands = ways.stands.left_of(fact);
            Change { pledge: Pledge::of(fact, stands), customer: fact.customer, without: 0, now: 0 }
        });
        let mut followed = Vec::new();
        let mut seen = FxHashSet::from_iter([key]);
        let groups = [(follows_text, request.currency), (text_of_posted, posted.map_or(NONE, |fact| fact.currency))];
        for (first, group) in [follows, of_posted].into_iter().zip(groups) {
            ways.take_up(view, first, &mut seen, &mut followed);
            ways.take_up_deliveries(view, group, &mut seen, &mut followed);
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
            let [stands, without, now] =
                [&mut self.stands, &mut self.without, &mut self.now].map(|way| way.of_commitment(fact));
            if is_counted(view, fact) && !view.is_closed(fact.id) {
                self.change(fact, into);
            }
            if stands == without && without == now {
                return;
            }
            // What is billed of it is no longer billed of others.
            if fact.kind == CommitmentKind::Delivery {
                self.take_up_deliveries(view, (fact.order, fact.currency), seen, into);
            }
            next = above(view, fact);
        }
    }

    /// Takes up the deliveries of an order of which more or less is billed.
    fn take_up_deliveries(
        &mut self,
        view: &View,
        (order, currency): (u32, u32),
        seen: &mut FxHashSet<u32>,
        into: &mut Vec<Change>,
    ) {
        if order == NONE || ![&self.stands, &self.now].iter().any(|way| way.is_invoiced(order, currency)) {
            return;
        }
        for follower in view.store.followers.of(order).filter(|it| it.document == NONE && it.currency == currency) {
            let fact = named(view, follower.commitment).filter(|fact| fact.kind == CommitmentKind::Delivery);
            let Some(fact) = fact.filter(|fact| is_counted(view, fact) && !view.is_closed(fact.id)) else { continue };
            if seen.insert(fact.id) {
                self.change(fact, into);
            }
        }
    }

    fn change(&mut self, fact: &CommitmentFact, into: &mut Vec<Change>) {
        let ways = [&mut self.stands, &mut self.without, &mut self.now];
        let [stands, without, now] = ways.map(|way| way.left_of(fact));
        into.push(Change { pledge: Pledge::of(fact, stands), customer: fact.customer, without, now });
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
