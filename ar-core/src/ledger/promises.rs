//! Was a promise kept? One rule for whoever asks: events of dunning, alerts of credit, key figures. What came is used once:
//! promises are served in the order of their days, each with what those before it have left.

use rustc_hash::FxHashMap;

use super::View;
use super::layers::{NONE, place};
use super::store::{Leg, PromiseFact};

/// What came of promises, by their ids: at least nothing and at most what was promised.
#[derive(Debug, Default)]
pub(crate) struct Settled(FxHashMap<u32, i128>);

impl Settled {
    /// What came of a promise; nothing of one whose day is still to come.
    pub(crate) fn of(&self, promise: &PromiseFact) -> i128 {
        self.0.get(&promise.id).copied().unwrap_or(0)
    }
}

/// What settles: a document, or a difference by its number among allocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Payer {
    Document(u32),
    Difference(u32),
}

/// An amount that may keep a promise.
#[derive(Debug, Clone, Copy)]
struct Came {
    payer: Payer,
    /// What it came off; `NONE` for cash that nobody has matched.
    document: u32,
    /// Which is used first.
    rank: u8,
    /// Below zero where more was taken back than came.
    amount: i128,
}

/// What earlier promises have used: of what settled a document, and of a document that settles in all.
#[derive(Debug, Default)]
struct Used {
    of_pair: FxHashMap<(Payer, u32), i128>,
    of_payer: FxHashMap<u32, i128>,
}

impl View {
    /// What came of every promise that counts and was over before the view's day, with so many days of grace. The day on which
    /// a promise was made and its last one both count.
    pub(crate) fn settled_promises(&self, grace: u32) -> Settled {
        self.serve(grace, false)
    }

    /// The same of every promise that counts, of those that are not over what came by the view's day.
    pub(crate) fn settled_so_far(&self, grace: u32) -> Settled {
        self.serve(grace, true)
    }

    fn serve(&self, grace: u32, so_far: bool) -> Settled {
        let (store, today) = (&self.store, self.day().number());
        let grace = i32::try_from(grace).unwrap_or(i32::MAX);
        let counted: Vec<&PromiseFact> =
            store.promises.all().filter(|fact| self.counted(fact.effective, fact.recorded)).collect();
        let until = |fact: &PromiseFact| {
            let until = fact.promised.saturating_add(grace);
            if so_far { until.min(today) } else { until }
        };
        let is_served = |fact: &&&PromiseFact| {
            let until = until(fact);
            let mut ends = store.closings.of(fact.id);
            (so_far || until < today) && !ends.any(|end| end.effective <= until && end.recorded <= self.known_on)
        };
        // By document the first day on which a promise was made about it.
        let mut made: FxHashMap<u32, i32> = FxHashMap::default();
        for fact in counted.iter().filter(|fact| fact.document != NONE) {
            made.entry(fact.document).and_modify(|day| *day = fact.effective.min(*day)).or_insert(fact.effective);
        }
        let mut served: Vec<&PromiseFact> = counted.iter().filter(is_served).copied().collect();
        served.sort_by_key(|fact| (fact.promised, fact.seq));
        let (mut used, mut settled) = (Used::default(), Settled::default());
        for fact in served {
            let (currency, came) = self.came(fact, until(fact), &made);
            let all = came.iter().fold(0, |sum: i128, came| sum.wrapping_add(came.amount));
            let mut wanted = all.clamp(0, fact.amount.into());
            let whole = wanted;
            for came in came {
                let taken = self.left_of(&came, currency, &used).clamp(0, wanted);
                if taken > 0 {
                    used.take(&came, taken);
                    wanted = wanted.wrapping_sub(taken);
                }
            }
            settled.0.insert(fact.id, whole.wrapping_sub(wanted));
        }
        settled
    }

    /// What may keep a promise, in the order in which it is used: what came off its document, or without one off documents that
    /// no promise was about by its last day; cash that nobody had matched; what else came off the customer's debits. And the
    /// currency of all that.
    fn came(&self, promise: &PromiseFact, until: i32, made: &FxHashMap<u32, i32>) -> (u32, Vec<Came>) {
        let store = &self.store;
        let of_document = promise.document != NONE;
        let found = store.documents.find(promise.document).and_then(|(piece, row)| piece.account.get(row).copied());
        let about = store.account(found.unwrap_or(NONE));
        let (customer, currency) =
            if of_document { (about.customer, about.currency) } else { (promise.customer, promise.currency) };
        let days = (promise.effective, until);
        let mut all = Vec::new();
        if of_document {
            self.add_settled(promise.document, days, 0, &mut all);
        }
        for held in store.customer_accounts.of(customer) {
            let account = store.account(held.account);
            if account.currency != currency || (of_document && account.company != about.company) {
                continue;
            }
            for piece in store.documents.iter() {
                for row in piece.rows_of(held.account) {
                    let (at, document) = (place(row), piece.start.wrapping_add(row));
                    match (piece.amount.get(at), piece.kind.get(at), piece.effective.get(at)) {
                        (Some(amount), ..) if *amount > 0 && !of_document => {
                            let rank = if made.get(&document).is_some_and(|day| *day <= until) { 2 } else { 0 };
                            self.add_settled(document, days, rank, &mut all);
                        }
                        (Some(amount), Some(kind), Some(day))
                            if *amount < 0 && kind.is_receipt() && (days.0..=days.1).contains(day) =>
                        {
                            let amount = self.unmatched(document, until);
                            all.push(Came { payer: Payer::Document(document), document: NONE, rank: 1, amount });
                        }
                        _ => {}
                    }
                }
            }
        }
        all.retain(|came| came.amount != 0);
        all.sort_by_cached_key(|came| {
            let (day, id, is_difference) = self.named(came.payer);
            let of = if came.document == NONE { String::new() } else { store.document_id(came.document).to_owned() };
            (came.rank, day, id, is_difference, of)
        });
        (currency, all)
    }

    /// The day of what settles, its id, and whether it is a difference.
    fn named(&self, payer: Payer) -> (i32, String, bool) {
        let store = &self.store;
        match payer {
            Payer::Document(document) => {
                let day = store.documents.find(document).and_then(|(piece, row)| piece.effective.get(row).copied());
                (day.unwrap_or(i32::MIN), store.document_id(document).to_owned(), false)
            }
            Payer::Difference(number) => {
                let day = store.allocations.get(number).map_or(i32::MIN, |fact| fact.effective);
                (day, store.allocation_ids.text(number).to_owned(), true)
            }
        }
    }

    /// What is left of an amount after the promises before this one.
    fn left_of(&self, came: &Came, currency: u32, used: &Used) -> i128 {
        let of_pair = used.of_pair.get(&(came.payer, came.document)).copied().unwrap_or(0);
        let left = if came.document == NONE { came.amount } else { came.amount.wrapping_sub(of_pair) };
        let Payer::Document(document) = came.payer else { return left };
        let Some((piece, row)) = self.store.documents.find(document) else { return left };
        let account = piece.account.get(row).map(|account| self.store.account(*account));
        // In another currency its amount says nothing about what it settled.
        match (account, piece.amount.get(row)) {
            (Some(account), Some(amount)) if account.currency == currency => {
                let of_payer = used.of_payer.get(&document).copied().unwrap_or(0);
                left.min(i128::from(*amount).wrapping_abs().wrapping_sub(of_payer))
            }
            _ => left,
        }
    }

    /// Whether a promise was not kept up to a day, and something that was owed then is still open.
    pub(crate) fn is_broken(
        &self,
        promise: &PromiseFact,
        until: i32,
        settled: &Settled,
        mut open: impl Iterator<Item = u32>,
    ) -> bool {
        let was_owed = |document: u32| {
            let found = self.store.documents.find(document).and_then(|(piece, row)| piece.effective.get(row));
            found.is_some_and(|day| *day <= until)
        };
        settled.of(promise) < promise.amount.into() && open.any(was_owed)
    }

    /// What each credit and difference settled of a document from one day to another, both inclusive.
    fn add_settled(&self, document: u32, (from, to): (i32, i32), rank: u8, all: &mut Vec<Came>) {
        let first = all.len();
        for leg in self.store.legs.of(document) {
            let counts = leg.allocation != NONE && self.counted(leg.effective, leg.recorded);
            if !counts || !(from..=to).contains(&leg.effective) {
                continue;
            }
            let fact = self.store.allocations.get(leg.allocation);
            let payer = match fact.filter(|fact| !fact.is_difference()) {
                Some(fact) => Payer::Document(if fact.credit == document { fact.debit } else { fact.credit }),
                None => Payer::Difference(leg.allocation),
            };
            let amount = i128::from(leg.amount);
            match all.iter_mut().skip(first).find(|held| held.payer == payer) {
                Some(held) => held.amount = held.amount.wrapping_add(amount),
                None => all.push(Came { payer, document, rank, amount }),
            }
        }
    }

    /// What is left of a receipt at the end of a day, above zero.
    fn unmatched(&self, document: u32, day: i32) -> i128 {
        let Some((piece, row)) = self.store.documents.find(document) else { return 0 };
        let known = piece.effective.get(row).zip(piece.recorded.get(row));
        let (Some(amount), true) = (piece.amount.get(row), known.is_some_and(|(on, known)| self.counted(*on, *known)))
        else {
            return 0;
        };
        let counted = |leg: &Leg| self.counted(leg.effective, leg.recorded) && leg.effective <= day;
        let taken = self.store.legs.of(document).filter(counted);
        let taken = taken.fold(0, |sum: i128, leg| sum.wrapping_add(leg.amount.into()));
        i128::from(*amount).wrapping_neg().wrapping_sub(taken).max(0)
    }
}

impl Used {
    fn take(&mut self, came: &Came, amount: i128) {
        let of_pair = self.of_pair.entry((came.payer, came.document)).or_default();
        *of_pair = of_pair.wrapping_add(amount);
        if let Payer::Document(document) = came.payer {
            let of_payer = self.of_payer.entry(document).or_default();
            *of_payer = of_payer.wrapping_add(amount);
        }
    }
}
