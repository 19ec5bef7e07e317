//! What each account owed on a day, as known on a day: open items, and what stands beside them.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::layers::{NONE, count, place};
use super::marks::{Marks, PendingReceipt};
use super::packed::{Credit, Credits, Packed, Runs};
use super::schedule;
use super::store::{Attribute, Documents, NO_BASE, NO_DAY, Store};
use crate::calendar::Day;
use crate::money::{Minor, Rounding, multiply_divide, split};

/// What was owed as of a day. It carries its day: no rule takes another.
#[derive(Debug, Clone)]
pub struct View {
    pub(crate) store: Arc<Store>,
    pub(crate) day: Day,
    /// The day on which its items stood so: before `day` when it was carried there.
    pub(super) stood_on: i32,
    /// `i32::MAX`: all that is known.
    pub(crate) known_on: i32,
    pub(crate) items: Arc<OpenItems>,
    /// Whom it is about; none when it is about all.
    pub(crate) scope: Option<Scope>,
    /// Which facts of later days are to come.
    pub(super) to_come: ToCome,
    pub(super) marks: Arc<OnceLock<Marks>>,
    pub(super) receipts: Arc<OnceLock<Vec<PendingReceipt>>>,
}

/// Some customers, with an account or without, and their accounts, or some of these: both sorted.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub customers: Arc<[u32]>,
    pub accounts: Arc<[u32]>,
}

impl Scope {
    /// All accounts of customers.
    pub(super) fn of_customers(store: &Store, mut customers: Vec<u32>) -> Self {
        customers.sort_unstable();
        customers.dedup();
        let held = customers.iter().flat_map(|customer| store.customer_accounts.of(*customer));
        let mut accounts: Vec<u32> = held.map(|held| held.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        Self { customers: customers.into(), accounts: accounts.into() }
    }

    /// Some accounts, sorted, with their customers.
    fn of_accounts(store: &Store, accounts: Vec<u32>) -> Self {
        let mut customers: Vec<u32> = accounts.iter().map(|account| store.account(*account).customer).collect();
        customers.sort_unstable();
        customers.dedup();
        Self { customers: customers.into(), accounts: accounts.into() }
    }
}

/// Which of the facts that count later are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ToCome {
    All,
    /// What credits that count already are matched with later.
    OfCredits,
}

/// Open items in columns: sorted by account, due date (none last), document id and instalment.
#[derive(Debug, Default)]
pub(crate) struct OpenItems {
    pub account: Vec<u32>,
    pub due: Vec<i32>,
    pub open: Vec<Minor>,
    pub document: Vec<u32>,
    /// Empty when no item is one of several instalments.
    pub instalment: Vec<u32>,
    /// How many bits hold the largest amount, its sign apart.
    pub bits: u32,
    /// Whether some item has no due date.
    pub undated: bool,
    due_span: OnceLock<(i32, i32)>,
    runs: OnceLock<Runs>,
    /// Places among the runs, in the order of accounts.
    order: OnceLock<Vec<u32>>,
    packed: OnceLock<Option<Packed>>,
    credits: OnceLock<Credits>,
}

impl OpenItems {
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn instalment(&self, item: usize) -> u32 {
        self.instalment.get(item).copied().unwrap_or(0)
    }

    /// The items with what is worth knowing of all of them.
    fn sealed(mut self) -> Self {
        self.bits = crate::money::bits_of_largest(&self.open);
        self.undated = self.due.contains(&NO_DAY);
        self
    }

    /// The first and the last due day, items without one apart; found when first asked for.
    pub(crate) fn due_span(&self) -> (i32, i32) {
        *self.due_span.get_or_init(|| {
            let first = self.due.iter().copied().fold(i32::MAX, i32::min);
            (first, self.due.iter().map(|day| if *day == NO_DAY { i32::MIN } else { *day }).fold(i32::MIN, i32::max))
        })
    }

    /// The accounts that have items; found when first asked for.
    pub(crate) fn runs(&self) -> &Runs {
        self.runs.get_or_init(|| Runs::of(&self.account))
    }

    /// Due days and amounts in few bytes, made when first asked for; none when due days lie too far apart.
    pub(crate) fn packed(&self) -> Option<&Packed> {
        self.packed.get_or_init(|| Packed::of(self.runs(), &self.due, &self.open)).as_ref()
    }

    /// The items of one account.
    pub(crate) fn of_account(&self, account: u32) -> Range<usize> {
        self.account.partition_point(|held| *held < account)..self.account.partition_point(|held| *held <= account)
    }

    fn push(&mut self, item: Item) {
        self.account.push(item.account);
        self.due.push(item.due);
        self.open.push(item.open);
        self.document.push(item.document);
        if item.instalment != 0 && self.instalment.is_empty() {
            self.instalment.resize(self.open.len().saturating_sub(1), 0);
        }
        if item.instalment != 0 || !self.instalment.is_empty() {
            self.instalment.push(item.instalment);
        }
    }

    fn item(&self, at: usize) -> Option<Item> {
        Some(Item {
            account: *self.account.get(at)?,
            due: *self.due.get(at)?,
            open: *self.open.get(at)?,
            document: *self.document.get(at)?,
            instalment: self.instalment(at),
        })
    }
}

/// One open item.
#[derive(Debug, Clone, Copy)]
struct Item {
    account: u32,
    due: i32,
    open: Minor,
    document: u32,
    instalment: u32,
}

pub(super) fn as_of(store: Arc<Store>, day: Day, known_on: Option<Day>, scope: Option<Scope>) -> View {
    let known_on = known_on.map_or(i32::MAX, Day::number);
    let items = match &scope {
        None => open_items(&store, &Scan::of(&store, day.number(), known_on), None),
        Some(scope) => {
            let lookup = Lookup { store: &store, day: day.number(), known_on };
            open_items(&store, &lookup, Some(&scope.accounts))
        }
    };
    View {
        store,
        day,
        stood_on: day.number(),
        known_on,
        items: Arc::new(items.sealed()),
        scope,
        to_come: ToCome::All,
        marks: Arc::default(),
        receipts: Arc::default(),
    }
}

/// A day of a ledger without its open items, for questions about a few customers.
pub(crate) fn bare(store: Arc<Store>, day: Day, known_on: i32) -> View {
    let items = Arc::new(OpenItems::default());
    View {
        store,
        day,
        stood_on: day.number(),
        known_on,
        items,
        scope: None,
        to_come: ToCome::All,
        marks: Arc::default(),
        receipts: Arc::default(),
    }
}

/// What is settled of documents on a day, and which have schedules: of all at once, or of one at a time.
trait Standing {
    fn day(&self) -> i32;
    fn known_on(&self) -> i32;
    fn settled(&self, document: u32) -> Minor;
    fn has_schedule(&self, document: u32) -> bool;
}

/// All documents, in two passes over what settles and what is scheduled.
struct Scan {
    day: i32,
    known_on: i32,
    settled: Vec<Minor>,
    scheduled: Vec<bool>,
}

impl Scan {
    fn of(store: &Store, day: i32, known_on: i32) -> Self {
        let settled = settled(store, day, known_on);
        let mut scheduled = Vec::new();
        if store.instalments.iter().next().is_some() {
            scheduled.resize(settled.len(), false);
            for fact in store.instalments.all() {
                if let Some(flag) = scheduled.get_mut(place(fact.document)) {
                    *flag = true;
                }
            }
        }
        Self { day, known_on, settled, scheduled }
    }
}

impl Standing for Scan {
    fn day(&self) -> i32 {
        self.day
    }
    fn known_on(&self) -> i32 {
        self.known_on
    }
    fn settled(&self, document: u32) -> Minor {
        self.settled.get(place(document)).copied().unwrap_or(0)
    }
    fn has_schedule(&self, document: u32) -> bool {
        self.scheduled.get(place(document)).copied().unwrap_or(false)
    }
}

/// One document at a time, by the index.
struct Lookup<'a> {
    store: &'a Store,
    day: i32,
    known_on: i32,
}

impl Standing for Lookup<'_> {
    fn day(&self) -> i32 {
        self.day
    }
    fn known_on(&self) -> i32 {
        self.known_on
    }
    fn settled(&self, document: u32) -> Minor {
        let counted = |leg: &super::store::Leg| leg.effective <= self.day && leg.recorded <= self.known_on;
        self.store.legs.of(document).filter(counted).fold(0, |sum: Minor, leg| sum.wrapping_add(leg.amount))
    }
    fn has_schedule(&self, document: u32) -> bool {
        self.store.instalments.of(document).next().is_some()
    }
}

/// What is settled of every document on a day.
fn settled(store: &Store, day: i32, known_on: i32) -> Vec<Minor> {
    let mut settled: Vec<Minor> = vec![0; place(store.documents.len())];
    for legs in store.legs.iter() {
        let columns = legs.document.iter().zip(&legs.effective).zip(&legs.amount);
        if known_on == i32::MAX {
            for ((document, effective), amount) in columns {
                if *effective <= day
                    && let Some(slot) = settled.get_mut(place(*document))
                {
                    *slot = slot.wrapping_add(*amount);
                }
            }
        } else {
            for (((document, effective), amount), recorded) in columns.zip(&legs.recorded) {
                if *effective <= day
                    && *recorded <= known_on
                    && let Some(slot) = settled.get_mut(place(*document))
                {
                    *slot = slot.wrapping_add(*amount);
                }
            }
        }
    }
    settled
}

/// What is left of an amount of which so much is settled.
pub(crate) fn left_of(amount: Minor, settled: Minor) -> Minor {
    if amount < 0 { amount.wrapping_add(settled) } else { amount.wrapping_sub(settled) }
}

fn open_items(store: &Store, standing: &impl Standing, scope: Option<&[u32]>) -> OpenItems {
    let mut parts: Vec<OpenItems> = Vec::new();
    let mut instalments: Vec<Item> = Vec::new();
    for piece in store.documents.iter() {
        let mut part = OpenItems::default();
        let counted = Counted { store, piece, standing };
        match (scope, &piece.order) {
            (None, None) => counted.collect(0..count(piece.len()), &mut part, &mut instalments),
            (None, Some(order)) => counted.collect(order.iter().copied(), &mut part, &mut instalments),
            (Some(accounts), _) => {
                let rows = accounts.iter().flat_map(|account| piece.rows_of(*account));
                counted.collect(rows, &mut part, &mut instalments);
            }
        }
        parts.push(part);
    }
    let in_order = store.documents.iter().all(|piece| piece.order.is_none());
    if !instalments.is_empty() {
        instalments.sort_by(|a, b| {
            (a.account, a.due)
                .cmp(&(b.account, b.due))
                .then_with(|| store.document_id(a.document).cmp(store.document_id(b.document)))
                .then(a.instalment.cmp(&b.instalment))
        });
        let mut part = OpenItems::default();
        instalments.into_iter().for_each(|item| part.push(item));
        parts.push(part);
    }
    if parts.len() <= 1 && in_order {
        return parts.pop().unwrap_or_default();
    }
    merged(store, &parts)
}

/// The documents of one piece that count on a day.
struct Counted<'a, S> {
    store: &'a Store,
    piece: &'a Documents,
    standing: &'a S,
}

impl<S: Standing> Counted<'_, S> {
    fn collect(&self, rows: impl Iterator<Item = u32>, part: &mut OpenItems, instalments: &mut Vec<Item>) {
        let (piece, day, known_on) = (self.piece, self.standing.day(), self.standing.known_on());
        for row in rows {
            let at = place(row);
            let (Some(effective), Some(amount), Some(account), Some(due)) =
                (piece.effective.get(at), piece.amount.get(at), piece.account.get(at), piece.due.get(at))
            else {
                continue;
            };
            if *effective > day
                || (known_on != i32::MAX && piece.recorded.get(at).is_none_or(|recorded| *recorded > known_on))
            {
                continue;
            }
            let document = piece.start.wrapping_add(row);
            if self.standing.has_schedule(document) {
                self.collect_instalments(document, *account, *due, *amount, instalments);
                continue;
            }
            let open = left_of(*amount, self.standing.settled(document));
            if open != 0 {
                part.push(Item { account: *account, due: *due, open, document, instalment: 0 });
            }
        }
    }

    fn collect_instalments(&self, document: u32, account: u32, due: i32, amount: Minor, into: &mut Vec<Item>) {
        let (day, known_on) = (self.standing.day(), self.standing.known_on());
        let schedule = schedule::in_force(self.store, document, day, known_on);
        if schedule.is_empty() {
            let open = left_of(amount, self.standing.settled(document));
            if open != 0 {
                into.push(Item { account, due, open, document, instalment: 0 });
            }
            return;
        }
        let mut named: Vec<(u32, i128)> = Vec::new();
        let mut unnamed: i128 = 0;
        let legs = self.store.legs.of(document);
        for leg in legs.filter(|leg| leg.effective <= day && leg.recorded <= known_on) {
            // A cancelled document has no instalments, of whatever sign.
            if leg.allocation == NONE {
                return;
            }
            let amount = i128::from(leg.amount);
            match named.iter_mut().find(|(number, _)| *number == leg.instalment) {
                _ if leg.instalment == 0 => unnamed = unnamed.saturating_add(amount),
                Some((_, sum)) => *sum = sum.saturating_add(amount),
                None => named.push((leg.instalment, amount)),
            }
        }
        let left = schedule::left(&schedule, amount, &named, unnamed);
        for (fact, open) in schedule.iter().zip(left) {
            if let Ok(open) = Minor::try_from(open)
                && open != 0
            {
                into.push(Item { account, due: fact.due, open, document, instalment: fact.number });
            }
        }
    }
}

/// Sorted parts as one, items of one account and due date by document id and instalment.
fn merged(store: &Store, parts: &[OpenItems]) -> OpenItems {
    let mut all = OpenItems::default();
    let mut next: Vec<usize> = vec![0; parts.len()];
    loop {
        let mut best: Option<(u32, i32, usize)> = None;
        for (part, (items, at)) in parts.iter().zip(&next).enumerate() {
            if let (Some(account), Some(due)) = (items.account.get(*at), items.due.get(*at))
                && best.is_none_or(|held| (*account, *due) < (held.0, held.1))
            {
                best = Some((*account, *due, part));
            }
        }
        let Some((account, due, _)) = best else { return all };
        let mut tied: Vec<Item> = Vec::new();
        for (items, at) in parts.iter().zip(next.iter_mut()) {
            while let Some(item) = items.item(*at)
                && (item.account, item.due) == (account, due)
            {
                tied.push(item);
                *at = at.saturating_add(1);
            }
        }
        if tied.len() > 1 {
            tied.sort_by(|a, b| {
                store.document_id(a.document).cmp(store.document_id(b.document)).then(a.instalment.cmp(&b.instalment))
            });
        }
        tied.into_iter().for_each(|item| all.push(item));
    }
}

impl View {
    /// The day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.day
    }

    /// What it is about, on another day, as known on another.
    pub(crate) fn on_day(&self, day: Day, known_on: Option<Day>) -> Self {
        as_of(Arc::clone(&self.store), day, known_on, self.scope.clone())
    }

    /// The day up to which facts are known; none when all are.
    #[must_use]
    pub fn known_on(&self) -> Option<Day> {
        Day::new(self.known_on).ok()
    }

    /// The same open items as they will stand on a later day if nothing happens until then: what they will be by their
    /// age, not what will be owed. What stands beside them (disputed, held, pending, base amounts) stays as well.
    ///
    /// # Errors
    /// `impossible_date` for a day before the view's.
    pub fn carried_to(&self, day: Day) -> Result<Self, crate::problem::Refused> {
        if day < self.day {
            let reason = format!("expected a day not before {}", self.day);
            return Err(crate::problem::Problem::new("impossible_date", reason).field("day").into());
        }
        Ok(Self { day, ..self.clone() })
    }

    /// The customer at the top of a family on the view's day; a customer without a parent is its own.
    pub(crate) fn top_parent(&self, customer: u32) -> u32 {
        let mut top = customer;
        // No circle is let in, so the walk ends; the bound only keeps that promise visible.
        for _ in 0..self.store.customers.len() {
            match self.store.attribute(top, Attribute::Parent, self.day().number(), self.known_on) {
                NONE => break,
                parent => top = parent,
            }
        }
        top
    }

    /// The accounts that have open items, in their order, each with its items.
    pub(crate) fn accounts_in_order(&self) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        self.runs_in_order().iter().filter_map(|at| self.items.runs().get(place(*at)))
    }

    /// Their places among the runs of the items; found when first asked for.
    pub(crate) fn runs_in_order(&self) -> &[u32] {
        self.items.order.get_or_init(|| {
            let runs = self.items.runs();
            let mut order: Vec<u32> = (0..count(runs.len())).collect();
            self.store.sort_accounts(&mut order, |at| runs.account.get(place(*at)).copied().unwrap_or(NONE));
            order
        })
    }

    /// The items below zero; found when first asked for.
    pub(crate) fn credits(&self) -> &Credits {
        let credit = |item: usize| {
            let (piece, row) = self.document_row(item)?;
            let document = *self.items.document.get(item)?;
            Some(Credit {
                item: count(item),
                document,
                effective: *piece.effective.get(row)?,
                kind: *piece.kind.get(row)?,
            })
        };
        self.items.credits.get_or_init(|| Credits::of(self.items.runs(), &self.items.open, credit))
    }

    /// The base amount left of every item, in item order; `NO_BASE` where a document has none.
    pub(crate) fn base_open(&self) -> Vec<Minor> {
        let items = &self.items;
        let mut by_document: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let mut base = vec![NO_BASE; items.len()];
        let several = !items.instalment.is_empty();
        for (item, document) in items.document.iter().enumerate() {
            if several && items.instalment(item) != 0 {
                by_document.entry(*document).or_default().push(count(item));
            } else if let Some(slot) = base.get_mut(item) {
                *slot = self.base_left(*document);
            }
        }
        let mut documents: Vec<(u32, Vec<u32>)> = by_document.into_iter().collect();
        documents.sort_unstable();
        for (document, of_document) in documents {
            self.spread_base(document, &of_document, &mut base);
        }
        base
    }

    /// Spreads the base amount left of a document over its items, which are in their order: those of the opposite sign have
    /// their own share of the whole first, the others share the rest.
    fn spread_base(&self, document: u32, of_document: &[u32], base: &mut [Minor]) {
        let left = self.base_left(document);
        let Some((piece, row)) = self.store.documents.find(document).filter(|_| left != NO_BASE) else { return };
        let (Some(whole), Some(base_whole)) = (piece.amount.get(row).copied(), piece.base.get(row).copied()) else {
            return;
        };
        let open = |item: &u32| self.items.open.get(place(*item)).copied().unwrap_or(0);
        let (others, opposite): (Vec<u32>, Vec<u32>) =
            of_document.iter().partition(|item| (open(item) < 0) == (whole < 0));
        let mut rest = i128::from(left);
        let mut give = |item: &u32, part: i128| {
            if let (Some(slot), Ok(part)) = (base.get_mut(place(*item)), Minor::try_from(part)) {
                *slot = part;
            }
        };
        for (at, item) in opposite.iter().enumerate() {
            let share = multiply_divide(base_whole.into(), open(item).into(), whole.into(), Rounding::HalfAwayFromZero);
            let share = share.unwrap_or(0);
            rest = rest.saturating_sub(share);
            // Without others, what is left goes to the first item once all have their share.
            let last = at.saturating_add(1) == opposite.len() && others.is_empty();
            give(item, share);
            if let (true, Some(first)) = (last, opposite.first()) {
                let share =
                    multiply_divide(base_whole.into(), open(first).into(), whole.into(), Rounding::HalfAwayFromZero);
                give(first, share.unwrap_or(0).saturating_add(rest));
            }
        }
        let weights: Vec<u64> = others.iter().map(|item| open(item).unsigned_abs()).collect();
        let parts = Minor::try_from(rest).ok().and_then(|rest| split(rest, &weights)).unwrap_or_default();
        for (item, part) in others.iter().zip(parts) {
            give(item, i128::from(part));
        }
    }

    /// What is left of a document that day, in its currency and in base currency, in absolute terms; none without a base
    /// amount.
    pub(crate) fn left_and_base(&self, document: u32) -> Option<(Minor, Minor)> {
        let base = self.base_left(document);
        let (piece, row) = self.store.documents.find(document).filter(|_| base != NO_BASE)?;
        let settled = Lookup { store: &self.store, day: self.stood_on, known_on: self.known_on }.settled(document);
        let amount = piece.amount.get(row)?.saturating_abs();
        // Stated base legs may have taken more than there was.
        let base = if *piece.base.get(row)? < 0 || *piece.amount.get(row)? < 0 { base.saturating_neg() } else { base };
        Some((amount.saturating_sub(settled), base))
    }

    fn base_left(&self, document: u32) -> Minor {
        let Some((base, amount)) = self
            .store
            .documents
            .find(document)
            .and_then(|(piece, row)| Some((*piece.base.get(row)?, *piece.amount.get(row)?)))
            .filter(|(base, _)| *base != NO_BASE)
        else {
            return NO_BASE;
        };
        let settled = self
            .store
            .legs
            .of(document)
            .filter(|leg| leg.effective <= self.stood_on && leg.recorded <= self.known_on && leg.base != NO_BASE)
            .fold(0, |sum: i128, leg| sum.saturating_add(i128::from(leg.base)));
        let negative = base < 0 || (base == 0 && amount < 0);
        let left =
            if negative { i128::from(base).saturating_add(settled) } else { i128::from(base).saturating_sub(settled) };
        Minor::try_from(left).unwrap_or(NO_BASE)
    }

    /// Another day, as known and about whom this one is.
    pub(crate) fn on(&self, day: Day) -> Self {
        self.on_day(day, self.known_on())
    }

    /// The same day without its open items.
    pub(crate) fn emptied(&self) -> Self {
        let (items, marks, receipts) = (Arc::new(OpenItems::default()), Arc::default(), Arc::default());
        Self { items, scope: None, marks, receipts, ..self.clone() }
    }

    /// The open items of some accounts on the day on which they stood so, sorted.
    pub(crate) fn of_accounts(&self, accounts: Vec<u32>) -> Self {
        let day = Day::new(self.stood_on).unwrap_or(self.day);
        let known_on = Day::new(self.known_on).ok();
        let scope = Scope::of_accounts(&self.store, accounts);
        let view = as_of(Arc::clone(&self.store), day, known_on, Some(scope));
        Self { day: self.day, ..view }
    }

    /// The ids of the customers that it is about, sorted; none when it is about all.
    pub(crate) fn customers_in_scope(&self) -> Option<Vec<String>> {
        let customers = &self.scope.as_ref()?.customers;
        let mut ids: Vec<String> =
            customers.iter().map(|customer| self.store.customer_ids.text(*customer).to_owned()).collect();
        ids.sort_unstable();
        Some(ids)
    }

    /// The day on which its items stood so, as a number.
    pub(crate) fn stood_on(&self) -> i32 {
        self.stood_on
    }

    /// The same, of what is to come only what the credits that count already are matched with later.
    pub(crate) fn with_later_matches(self) -> Self {
        Self { to_come: ToCome::OfCredits, marks: Arc::default(), receipts: Arc::default(), ..self }
    }

    /// The same, of what is recorded only what was by the day on which the items stood so: a forecast is not told what came.
    pub(crate) fn as_known_then(&self) -> Self {
        let known_on = self.known_on.min(self.stood_on);
        if known_on == self.known_on {
            return self.clone();
        }
        Self { known_on, marks: Arc::default(), receipts: Arc::default(), ..self.clone() }
    }

    /// Whether a fact counted when the items stood so.
    pub(crate) fn counted(&self, effective: i32, recorded: i32) -> bool {
        effective <= self.stood_on && recorded <= self.known_on
    }

    /// Whether a document is what a residual that counts moved to: a part of another, and nothing new.
    pub(crate) fn is_residual(&self, document: u32) -> bool {
        self.moved_from(document).is_some()
    }

    /// The latest counted rate from a currency to a base currency: units and digits after the point.
    pub(crate) fn rate(&self, currency: u32, base: u32) -> Option<(i128, u8)> {
        self.rate_until(currency, base, self.day.number())
    }

    /// The same, of those effective until a day.
    pub(crate) fn rate_until(&self, currency: u32, base: u32, day: i32) -> Option<(i128, u8)> {
        let mut latest: Option<(i32, i32, i128, u8)> = None;
        for fact in self.store.rates.of(currency) {
            let counts =
                fact.base == base && fact.effective <= day.min(self.day.number()) && fact.recorded <= self.known_on;
            if counts
                && latest
                    .is_none_or(|(effective, recorded, ..)| (effective, recorded) <= (fact.effective, fact.recorded))
            {
                latest = Some((fact.effective, fact.recorded, fact.units, fact.scale));
            }
        }
        latest.map(|(_, _, units, scale)| (units, scale))
    }
}
