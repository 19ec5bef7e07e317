//! Was a promise kept? One rule for whoever asks: events of dunning, alerts of credit, key figures. What came is used once:
//! promises are served in the order of their days, each with what those before it have left.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::View;
use super::layers::{NONE, place};
use super::left_over::LeftOvers;
use super::store::{Leg, PromiseFact};

/// What came of promises.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// By their ids: at least nothing and at most what was promised.
    came: FxHashMap<u32, i128>,
    left_overs: LeftOvers,
}

impl Settled {
    /// What came of a promise; nothing of one whose day is still to come.
    pub(crate) fn of(&self, promise: &PromiseFact) -> i128 {
        self.came.get(&promise.id).copied().unwrap_or(0)
    }

    /// The document that a promise is about, and what is left of it; empty where it is about whatever a customer owes.
    pub(crate) fn about(&self, document: u32) -> Vec<u32> {
        if document == NONE { Vec::new() } else { self.left_overs.claim(document) }
    }

    /// Whether all of it came.
    pub(crate) fn kept(&self, promise: &PromiseFact) -> bool {
        self.of(promise) >= promise.amount.into()
    }
}

/// What settles: a document, or a difference by its number among allocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Payer {
    Document(u32),
    Difference(u32),
}

/// The rank of what promises about documents ask for, where one is about none.
const LAST: u8 = 3;

/// An amount that may keep a promise.
#[derive(Debug, Clone, Copy)]
struct Came {
    payer: Payer,
    /// What it came off, or is for; `NONE` for cash that is for whatever its customer owes.
    document: u32,
    /// Which is used first.
    rank: u8,
    /// Below zero where more was taken back than came.
    amount: i128,
    /// All that came off the document by then, before the promise was made too; none of cash that nobody had matched.
    in_all: Option<i128>,
}

/// What a credit is there for: a document that a promise is about with all that is left of it, whatever else a customer owes, or
/// what no promise asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    Document(u32),
    Customer(u32),
    Other,
}

/// What serving promises remembers.
#[derive(Debug, Default)]
struct Service {
    left_overs: LeftOvers,
    /// The differences that left them: what they took off is still owed.
    moved: FxHashSet<u32>,
    /// By the first document of a claim the first day on which a promise was made about it, or about what is left of it.
    made: FxHashMap<u32, i32>,
    /// By what pays: of which documents promises were kept with how much of it (`NONE`: cash of no document).
    used: FxHashMap<Payer, BTreeMap<u32, i128>>,
    /// By customer its credits that name a document of the same customer, company and currency, by the first of its claim, in
    /// the order in which they are for it.
    named: FxHashMap<u32, BTreeMap<u32, Vec<u32>>>,
}

impl Service {
    fn take(&mut self, came: &Came, amount: i128) {
        let used = self.used.entry(came.payer).or_default().entry(came.document).or_default();
        *used = used.wrapping_add(amount);
    }

    fn is_promised(&self, document: u32, until: i32) -> bool {
        self.made.get(&self.left_overs.first(document)).is_some_and(|day| *day <= until)
    }

    /// Whether what is for one document is for a promise about another: one is the other, or is left of it.
    fn is_for(&self, named: u32, promised: u32) -> bool {
        self.left_overs.is_of(named, promised) || self.left_overs.is_of(promised, named)
    }
}

impl View {
    /// What came of every promise that counts and was over before the view's day, with so many days of grace. The day on which
    /// a promise was made and its last one both count.
    pub(crate) fn settled_promises(&self, grace: u32) -> Settled {
        let (until, today) = (last_day(grace), self.day().number());
        self.serve_open(&until, |fact| until(fact) < today)
    }

    /// The same of every promise that counts, of those that are not over what came by the view's day.
    pub(crate) fn settled_so_far(&self, grace: u32) -> Settled {
        let (until, today) = (last_day(grace), self.day().number());
        self.serve_open(&|fact: &PromiseFact| until(fact).min(today), |_| true)
    }

    /// The promises that no closing ended by their last day.
    fn serve_open(&self, until: &impl Fn(&PromiseFact) -> i32, is_asked: impl Fn(&PromiseFact) -> bool) -> Settled {
        self.serve_promises(until, |fact| {
            let mut ends = self.store.closings.of(fact.id);
            is_asked(fact) && !ends.any(|end| end.effective <= until(fact) && end.recorded <= self.known_on)
        })
    }

    /// What came of the counted promises that are asked for, each up to its last day.
    pub(crate) fn serve_promises(
        &self,
        until: impl Fn(&PromiseFact) -> i32,
        is_asked: impl Fn(&PromiseFact) -> bool,
    ) -> Settled {
        let counted: Vec<&PromiseFact> =
            self.store.promises.all().filter(|fact| self.counted(fact.effective, fact.recorded)).collect();
        let mut service = Service { left_overs: self.left_overs(), ..Service::default() };
        let moved = |document| self.store.residuals.of(document).map(|moved| moved.difference);
        service.moved = service.left_overs.all().flat_map(moved).collect();
        for fact in counted.iter().filter(|fact| fact.document != NONE) {
            let day = service.made.entry(service.left_overs.first(fact.document)).or_insert(fact.effective);
            *day = fact.effective.min(*day);
        }
        let mut served: Vec<&PromiseFact> = counted.into_iter().filter(|fact| is_asked(fact)).collect();
        served.sort_by_key(|fact| (fact.promised, fact.seq));
        let mut settled = Settled::default();
        for fact in served {
            let until = until(fact);
            let (currency, came) = self.came(fact, until, &mut service);
            let all = came.iter().fold(0, |sum: i128, came| sum.wrapping_add(came.amount));
            let mut wanted = all.clamp(0, fact.amount.into());
            let whole = wanted;
            for came in came {
                if wanted == 0 {
                    break;
                }
                let taken = self.left_of(&came, currency, until, &mut service).clamp(0, wanted);
                if taken > 0 {
                    service.take(&came, taken);
                    wanted = wanted.wrapping_sub(taken);
                }
            }
            settled.came.insert(fact.id, whole.wrapping_sub(wanted));
        }
        Settled { left_overs: service.left_overs, ..settled }
    }

    /// What may keep a promise, in the order in which it is used: what came off its document and what is left of it, or without
    /// one off documents that no promise was about by its last day; cash that nobody had matched and that is for these; other
    /// such cash; what else came off the customer's debits, or is there for them. And the currency of all that.
    fn came(&self, promise: &PromiseFact, until: i32, service: &mut Service) -> (u32, Vec<Came>) {
        let store = &self.store;
        let of_document = promise.document != NONE;
        let found = store.documents.find(promise.document).and_then(|(piece, row)| piece.account.get(row).copied());
        let about = store.account(found.unwrap_or(NONE));
        let (customer, currency) =
            if of_document { (about.customer, about.currency) } else { (promise.customer, promise.currency) };
        let days = (promise.effective, until);
        let (mut all, mut cash) = (Vec::new(), Vec::new());
        if of_document {
            for document in service.left_overs.claim(promise.document) {
                self.add_settled(document, days, 0, service, &mut all);
            }
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
                            let rank = if service.is_promised(document, until) { LAST } else { 0 };
                            self.add_settled(document, days, rank, service, &mut all);
                        }
                        (Some(amount), Some(kind), Some(day))
                            if *amount < 0 && kind.is_receipt() && (days.0..=days.1).contains(day) =>
                        {
                            cash.push(document);
                        }
                        _ => {}
                    }
                }
            }
        }
        for credit in cash {
            self.add_cash(credit, promise, until, service, &mut all);
        }
        all.retain(|came| came.amount != 0);
        all.sort_by_cached_key(|came| {
            let (day, id, is_difference) = self.named(came.payer);
            let of = if came.document == NONE { String::new() } else { store.document_id(came.document).to_owned() };
            (came.rank, day, id, is_difference, of)
        });
        (currency, all)
    }

    /// What of a receipt nobody had matched. As far as it is for a document that it names, it keeps no promise about another,
    /// and one about none only after what is for nothing else, when a promise asks for that document. What only this promise
    /// may use goes before what others may use too.
    fn add_cash(&self, credit: u32, promise: &PromiseFact, until: i32, service: &mut Service, all: &mut Vec<Came>) {
        let payer = Payer::Document(credit);
        let (mut free, meant) = (self.left_on(credit, until), self.meant(credit, until, service));
        let mut add = |document, rank, amount| match all
            .iter_mut()
            .find(|held| held.payer == payer && held.document == document && held.rank == rank)
        {
            Some(held) => {
                held.amount = held.amount.wrapping_add(amount);
                held.in_all = held.in_all.map(|in_all| in_all.wrapping_add(amount));
            }
            None => all.push(Came { payer, document, rank, amount, in_all: None }),
        };
        if let Some((own, part)) = meant {
            free = free.wrapping_sub(part);
            let is_promised = service.is_promised(own, until);
            match promise.document {
                NONE if is_promised => add(own, LAST, part),
                NONE => add(NONE, 1, part),
                document if service.is_for(own, document) => add(document, 1, part),
                _ => {}
            }
        }
        add(promise.document, 2, free);
    }

    /// The document that a receipt names, and what nobody had matched of the receipt by a day that is for it: as far as
    /// something was open of it, or of what is left of it, less what credits before it are for.
    fn meant(&self, credit: u32, until: i32, service: &mut Service) -> Option<(u32, i128)> {
        let own = self.store.related(credit)?;
        let found = self.store.documents.find(credit).and_then(|(piece, row)| piece.account.get(row).copied())?;
        let customer = self.store.account(found).customer;
        let Service { named, left_overs, .. } = service;
        let named = named.entry(customer).or_insert_with(|| self.credits_by_what_they_name(customer, left_overs));
        let first = left_overs.first(own);
        let named = named.get(&first)?;
        let mut owed =
            left_overs.claim(first).into_iter().fold(0, |sum: i128, it| sum.wrapping_add(self.left_on(it, until)));
        for other in named {
            let part = self.left_on(*other, until).min(owed);
            if *other == credit {
                return (part > 0).then_some((own, part));
            }
            owed = owed.wrapping_sub(part);
        }
        None
    }

    fn credits_by_what_they_name(&self, customer: u32, left_overs: &LeftOvers) -> BTreeMap<u32, Vec<u32>> {
        let store = &self.store;
        let desk = |document: u32| {
            let (piece, row) = store.documents.find(document)?;
            let account = store.account(piece.account.get(row).copied()?);
            Some((account.customer, account.company, account.currency))
        };
        let is_debit = |document: u32| {
            let found = store.documents.find(document).and_then(|(piece, row)| piece.amount.get(row).copied());
            found.is_some_and(|amount| amount > 0)
        };
        let mut named: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for held in store.customer_accounts.of(customer) {
            for piece in store.documents.iter() {
                for row in piece.rows_of(held.account) {
                    let document = piece.start.wrapping_add(row);
                    let is_credit = piece.amount.get(place(row)).is_some_and(|amount| *amount < 0);
                    let own = store.related(document).filter(|own| is_credit && desk(*own) == desk(document));
                    if let Some(own) = own.filter(|own| is_debit(*own)) {
                        named.entry(left_overs.first(own)).or_default().push(document);
                    }
                }
            }
        }
        for credits in named.values_mut() {
            credits.sort_by_cached_key(|credit| self.named(Payer::Document(*credit)));
        }
        named
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

    /// What is left of an amount after the promises before this one: no more than came off the document in all, and than is left
    /// of a credit beside what it settled, or earlier promises used of it, elsewhere.
    fn left_of(&self, came: &Came, currency: u32, until: i32, service: &mut Service) -> i128 {
        let used = service.used.get(&came.payer);
        let of_pair = used.and_then(|used| used.get(&came.document)).copied().unwrap_or(0);
        let left = came.in_all.map_or(came.amount, |in_all| came.amount.min(in_all.wrapping_sub(of_pair)));
        let Payer::Document(credit) = came.payer else { return left };
        let Some((piece, row)) = self.store.documents.find(credit) else { return left };
        let (Some(account), Some(amount)) = (piece.account.get(row), piece.amount.get(row)) else { return left };
        let account = self.store.account(*account);
        // In another currency its amount says nothing about what it settled.
        if account.currency != currency {
            return left;
        }
        let meant = self.meant(credit, until, service);
        let purpose = |document: u32| match document {
            NONE => Purpose::Customer(account.customer),
            document => self.purpose(document, currency, until, service),
        };
        let mut settled: BTreeMap<Purpose, i128> = BTreeMap::new();
        let mut add = |purpose: Purpose, amount: i128| {
            let slot = settled.entry(purpose).or_default();
            *slot = slot.wrapping_add(amount);
        };
        let counted = |leg: &Leg| leg.allocation != NONE && self.counted(leg.effective, leg.recorded);
        for leg in self.store.legs.of(credit).filter(|leg| counted(leg) && leg.effective <= until) {
            match self.payer(credit, leg.allocation) {
                Payer::Document(other) => add(purpose(other), leg.amount.into()),
                Payer::Difference(_) => add(Purpose::Other, leg.amount.into()),
            }
        }
        if let Some((own, part)) = meant {
            add(purpose(own), part);
        }
        let mut used: BTreeMap<Purpose, i128> = BTreeMap::new();
        for (document, amount) in service.used.get(&came.payer).into_iter().flatten() {
            let slot = used.entry(purpose(*document)).or_default();
            *slot = slot.wrapping_add(*amount);
        }
        // What settled something in another currency is not told in the credit's.
        used.remove(&Purpose::Other);
        let mine = purpose(came.document);
        let mut of_credit = i128::from(*amount).wrapping_abs().wrapping_sub(used.remove(&mine).unwrap_or(0));
        settled.remove(&mine);
        for (purpose, amount) in settled {
            of_credit = of_credit.wrapping_sub(amount.max(used.remove(&purpose).unwrap_or(0)));
        }
        left.min(used.into_values().fold(of_credit, i128::wrapping_sub))
    }

    /// What a credit is there for that settles a document.
    fn purpose(&self, document: u32, currency: u32, until: i32, service: &Service) -> Purpose {
        let Some((piece, row)) = self.store.documents.find(document) else { return Purpose::Other };
        let (Some(account), Some(amount)) = (piece.account.get(row), piece.amount.get(row)) else {
            return Purpose::Other;
        };
        let account = self.store.account(*account);
        match account.currency == currency {
            true if service.is_promised(document, until) => Purpose::Document(service.left_overs.first(document)),
            true if *amount > 0 => Purpose::Customer(account.customer),
            _ => Purpose::Other,
        }
    }

    /// The other side of what settles a document.
    fn payer(&self, document: u32, allocation: u32) -> Payer {
        match self.store.allocations.get(allocation).filter(|fact| !fact.is_difference()) {
            Some(fact) => Payer::Document(if fact.credit == document { fact.debit } else { fact.credit }),
            None => Payer::Difference(allocation),
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
            let first = settled.left_overs.first(document);
            let found = self.store.documents.find(first).and_then(|(piece, row)| piece.effective.get(row));
            found.is_some_and(|day| *day <= until)
        };
        !settled.kept(promise) && open.any(was_owed)
    }

    /// What each credit and difference settled of a document from one day to another, both inclusive; nothing a difference that
    /// left a document of it.
    fn add_settled(&self, document: u32, (from, to): (i32, i32), rank: u8, service: &Service, all: &mut Vec<Came>) {
        let first = all.len();
        for leg in self.store.legs.of(document) {
            let counts = leg.allocation != NONE && self.counted(leg.effective, leg.recorded);
            if !counts || leg.effective > to || service.moved.contains(&leg.allocation) {
                continue;
            }
            let payer = self.payer(document, leg.allocation);
            let in_all = i128::from(leg.amount);
            let amount = if leg.effective < from { 0 } else { in_all };
            match all.iter_mut().skip(first).find(|held| held.payer == payer) {
                Some(held) => {
                    held.amount = held.amount.wrapping_add(amount);
                    held.in_all = held.in_all.map(|so_far| so_far.wrapping_add(in_all));
                }
                None => all.push(Came { payer, document, rank, amount, in_all: Some(in_all) }),
            }
        }
    }

    /// What is left of a document at the end of a day, whether debit or credit, not below zero; nothing before it counts.
    fn left_on(&self, document: u32, day: i32) -> i128 {
        let Some((piece, row)) = self.store.documents.find(document) else { return 0 };
        let known = piece.effective.get(row).zip(piece.recorded.get(row));
        let counts = |on: i32, known: i32| on <= day && self.counted(on, known);
        let (Some(amount), true) = (piece.amount.get(row), known.is_some_and(|(on, known)| counts(*on, *known))) else {
            return 0;
        };
        let counted = |leg: &Leg| self.counted(leg.effective, leg.recorded) && leg.effective <= day;
        let taken = self.store.legs.of(document).filter(counted);
        let taken = taken.fold(0, |sum: i128, leg| sum.wrapping_add(leg.amount.into()));
        i128::from(*amount).wrapping_abs().wrapping_sub(taken).max(0)
    }
}

/// The last day of a promise, with so many days of grace.
fn last_day(grace: u32) -> impl Fn(&PromiseFact) -> i32 {
    let grace = i32::try_from(grace).unwrap_or(i32::MAX);
    move |fact| fact.promised.saturating_add(grace)
}
