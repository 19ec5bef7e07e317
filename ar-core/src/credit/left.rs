//! What a document that is asked about, put among the commitments as if it were posted, changes of what is left of them.

use rustc_hash::FxHashSet;

use super::limit::Request;
use super::part::CreditRequestKind;
use super::standing::Pledge;
use crate::ledger::View;
use crate::ledger::commitments::{
    Billing, Follower, Gone, LAST, Newcomer, above, is_counted, left, named, place_of, posted,
};
use crate::ledger::layers::NONE;
use crate::ledger::store::{CommitmentFact, CommitmentKind};

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
            without: Gone::beside(view, key, None),
            now: Gone::beside(view, key, Some(newcomer)),
        };
        let gone = ways.now.of_follower(own, request.currency);
        let billed = ways.now.billed(key, follows_text, request.currency);
        let left = left(amount, gone.gone.saturating_add(billed.gone));
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
            && let Some(fact) = named(&view.store, next)
        {
            let [stands, without, now] =
                [&mut self.stands, &mut self.without, &mut self.now].map(|way| way.of_commitment(fact).gone);
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
            let fact = named(&view.store, follower.commitment).filter(|fact| fact.kind == CommitmentKind::Delivery);
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
