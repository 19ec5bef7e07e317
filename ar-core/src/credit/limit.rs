//! Which credit line is asked about a customer, and what its exposure is measured against it?

use rustc_hash::FxHashMap;

use super::given::Given;
use super::left::Change;
use super::part::{self, CreditRequestKind, DOCUMENT, LATER, Parts};
use super::policy::{Amounts, Companies, Currencies, ZeroLine};
use super::standing::{Line, Pledge, Pool, counted_of};
use crate::ledger::layers::NONE;
use crate::ledger::store::{CommitmentKind, CreditLineKind, NO_BASE, NO_DAY};
use crate::money::Minor;
use crate::problem::Refused;

/// A request by numbers.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub amount: Minor,
    pub net: Option<Minor>,
    pub currency: u32,
    pub company: u32,
    pub kind: CreditRequestKind,
    /// The commitment in whose place it stands, and its id as releases have it.
    pub order: Option<u32>,
    pub order_text: Option<u32>,
    /// The commitment that it follows, `NONE` for one that is not there; none where it is not told.
    pub follows: Option<u32>,
    /// Text of the id of that, `NONE` where nothing names it; none where it is not told.
    pub follows_text: Option<u32>,
    /// `NO_DAY`: none.
    pub expected: i32,
    pub terms: Option<String>,
}

impl Request {
    /// What counts of it.
    pub(super) fn counted(&self, amounts: Amounts) -> i128 {
        let net = self.net.filter(|_| amounts == Amounts::Net);
        net.unwrap_or(self.amount).into()
    }

    /// The same of what is left of it.
    fn counted_of(&self, left: i128, amounts: Amounts) -> i128 {
        counted_of(self.amount, self.net, left, amounts)
    }
}

/// A set of lines of which one is asked: the company whose exposure it is about, none for all.
pub(super) type Set<'a> = (Option<u32>, &'a Line);

/// The lines that are asked: of no company, then of the request's; where companies are apart, one.
pub(super) fn asked<'a>(
    given: &Given,
    (company, currency): (u32, u32),
    lines: impl Iterator<Item = &'a Line>,
) -> [Option<Set<'a>>; 2] {
    let policy = &given.policy;
    let is_apart = policy.companies == Companies::Apart;
    let mut asked: [Option<Set<'a>>; 2] = [None, None];
    for line in lines {
        let of_company = line.company != NONE;
        if (of_company && line.company != company)
            || (policy.currencies == Currencies::Apart && line.currency != currency)
        {
            continue;
        }
        let [all, own] = &mut asked;
        let slot = if of_company && !is_apart { own } else { all };
        // Whose it is goes first, then its company, then when it was made.
        let rank = |line: &Line| (owner(line), line.company == NONE, std::cmp::Reverse(line.order));
        if slot.is_none_or(|(_, held)| rank(line) < rank(held)) {
            *slot = Some(((of_company || is_apart).then_some(company), line));
        }
    }
    asked
}

/// Whether a line is one where those of 0 mean this.
pub(super) fn is_line(zero: ZeroLine, line: &Line) -> bool {
    zero != ZeroLine::Inherits || (line.amount != NO_BASE && line.amount != 0)
}

/// Whose limit a line is, of what: a later one of the same takes its place.
type Place = (CreditLineKind, u32, u32, u32, u32);

fn place_of(given: &Given, line: &Line) -> Place {
    let currency = if given.policy.currencies == Currencies::Apart { line.currency } else { NONE };
    (line.kind, line.customer, line.group, line.company, currency)
}

/// When the limits of each place were set back to none.
pub(super) struct SetBack(FxHashMap<Place, (i32, i32, u64)>);

impl SetBack {
    /// By lines that are none themselves.
    pub(super) fn by<'a>(given: &Given, none: impl Iterator<Item = &'a Line>) -> Self {
        let mut last: FxHashMap<Place, (i32, i32, u64)> = FxHashMap::default();
        for line in none {
            let held = last.entry(place_of(given, line)).or_insert(line.order);
            *held = line.order.max(*held);
        }
        Self(last)
    }

    pub(super) fn ends(&self, given: &Given, line: &Line) -> bool {
        !self.0.is_empty() && self.0.get(&place_of(given, line)).is_some_and(|last| *last > line.order)
    }
}

/// The lines that there are where those of 0 mean this: not those in whose place one of 0 stands that is as if it were not there.
pub(super) fn set<'a>(given: &Given, zero: ZeroLine, lines: impl Iterator<Item = &'a Line>) -> Vec<&'a Line> {
    let mut lines: Vec<&Line> = lines.collect();
    if zero == ZeroLine::Inherits {
        let back = SetBack::by(given, lines.iter().copied().filter(|line| !is_line(zero, line)));
        lines.retain(|line| is_line(zero, line) && !back.ends(given, line));
    }
    lines
}

/// The amount of a line; none where it does not limit.
pub(super) fn amount_of(zero: ZeroLine, line: &Line) -> Option<i128> {
    (line.amount != NO_BASE && !(line.amount == 0 && zero == ZeroLine::Unlimited)).then(|| line.amount.into())
}

/// A customer's own before its group's, and that before everybody's.
fn owner(line: &Line) -> u8 {
    match line {
        line if line.customer != NONE => 0,
        line if line.group != NONE => 1,
        _ => 2,
    }
}

/// The lines of a kind that may be asked about a customer: its own, its group's and everybody's.
pub(super) fn of_customer<'a>(
    own: &'a [Line],
    group: u32,
    general: &'a [Line],
    kind: CreditLineKind,
) -> impl Iterator<Item = &'a Line> {
    let fits = move |line: &&Line| line.group == NONE || (group != NONE && line.group == group);
    own.iter().chain(general.iter().filter(fits)).filter(move |line| line.kind == kind)
}

/// What is asked beside what stands.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    /// The document with what is left of it; none where it is in no part that matters.
    pub document: Option<(&'a Request, i128)>,
    /// The commitments of which something else is left then.
    pub own: Option<&'a Change>,
    pub followed: &'a [Change],
    /// The document is in the place of one that has taken off the same already.
    pub is_again: bool,
}

impl Beside<'_> {
    pub(super) const NOTHING: Self = Beside { document: None, own: None, followed: &[], is_again: false };

    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.own.into_iter().chain(self.followed)
    }
}

/// Amounts by part, currency by currency.
#[derive(Default)]
struct Sums {
    all: Vec<(u32, Parts)>,
}

impl Sums {
    fn add(&mut self, currency: u32, place: usize, amount: i128) {
        if let Some((_, parts)) = self.all.iter_mut().find(|(held, _)| *held == currency) {
            part::add(parts, place, amount);
            return;
        }
        let mut parts = Parts::default();
        part::add(&mut parts, place, amount);
        self.all.push((currency, parts));
    }

    fn converted(&self, given: &Given, currency: u32) -> Result<Parts, Refused> {
        let mut all = Parts::default();
        for (held, parts) in &self.all {
            for (place, amount) in parts.iter().enumerate() {
                part::add(&mut all, place, given.convert(*amount, *held, currency)?);
            }
        }
        Ok(all)
    }
}

/// An exposure in the currency of a line, part by part, with what is asked.
pub(super) fn exposure(
    given: &Given,
    pool: &Pool,
    beside: Option<Beside<'_>>,
    company: Option<u32>,
    (currency, horizon): (u32, Option<u32>),
) -> Result<Parts, Refused> {
    let policy = &given.policy;
    let beside = beside.unwrap_or(Beside::NOTHING);
    let is_apart = policy.currencies == Currencies::Apart;
    let in_company = |held: u32| company.is_none_or(|company| held == company || held == NONE);
    let is_asked = |held: u32, held_currency: u32| in_company(held) && (!is_apart || held_currency == currency);
    let mut sums = Sums { all: Vec::with_capacity(2) };
    for sum in pool.sums.iter().filter(|sum| is_asked(sum.company, sum.currency)) {
        for (place, amount) in sum.parts.iter().enumerate().filter(|(_, amount)| **amount != 0) {
            sums.add(sum.currency, place, *amount);
        }
    }
    let last = horizon.map(|days| last_day(given, days));
    let is_late = |expected: i32| last.is_some_and(|last| expected != NO_DAY && i64::from(expected) > last);
    let is_put_off = |pledge: &Pledge| pledge.kind == CommitmentKind::Order && is_late(pledge.expected);
    if last.is_some() {
        let is_changed = |pledge: &Pledge| beside.changes().any(|change| change.pledge.id == pledge.id);
        let pledges = pool.pledges.iter().filter(|pledge| is_asked(pledge.company, pledge.currency));
        for pledge in pledges.filter(|pledge| is_put_off(pledge) && !is_changed(pledge)) {
            let amount = pledge.counted(pledge.left, policy.amounts);
            sums.add(pledge.currency, pledge.place(), amount.saturating_neg());
            sums.add(pledge.currency, LATER, amount);
        }
    }
    let is_put_off_itself = |request: &Request| request.kind == CreditRequestKind::Order && is_late(request.expected);
    let is_again = beside.is_again && beside.document.is_some_and(|(request, _)| is_put_off_itself(request));
    // What the document takes off what counts, of what it follows; of one that is asked again, what the posted one has not.
    let mut taken_over = 0_i128;
    for change in beside.changes().filter(|change| is_asked(change.pledge.company, change.pledge.currency)) {
        if !pool.is_of(change.customer) {
            continue;
        }
        let pledge = &change.pledge;
        let counted = |left: i128| pledge.counted(left, policy.amounts);
        let (late, stands, mut now) = (is_put_off(pledge), counted(pledge.left), counted(change.now));
        if !late && given.counts.get(pledge.place()).copied().unwrap_or(false) {
            let is_own = beside.own.is_some_and(|own| own.pledge.id == pledge.id);
            now = if is_again { now.min(stands) } else { now };
            let before = if !is_again {
                counted(change.without)
            } else if is_own {
                now
            } else {
                stands
            };
            taken_over = taken_over.saturating_add(before.saturating_sub(now));
        }
        sums.add(pledge.currency, pledge.place(), stands.saturating_neg());
        sums.add(pledge.currency, if late { LATER } else { pledge.place() }, now);
    }
    if let Some((request, left)) = beside.document {
        let counted = request.counted_of(left, policy.amounts);
        let gone = if is_again { 0 } else { request.counted(policy.amounts).saturating_sub(counted) };
        let stays = taken_over.saturating_sub(gone);
        let put_off =
            if is_put_off_itself(request) { counted.saturating_sub(stays.clamp(0, counted.max(0))) } else { 0 };
        sums.add(request.currency, LATER, put_off);
        sums.add(request.currency, DOCUMENT, counted.saturating_sub(put_off));
    }
    sums.converted(given, currency)
}

fn last_day(given: &Given, days: u32) -> i64 {
    i64::from(given.view.day().number()).saturating_add(days.into())
}

/// The sum of the parts that count, of all or of the first so many.
pub(super) fn counted(given: &Given, parts: &[i128]) -> i128 {
    let counted = parts.iter().zip(&given.counts).filter(|(_, counts)| **counts);
    counted.fold(0, |sum, (amount, _)| sum.saturating_add(*amount))
}

/// The same without the document.
pub(super) fn counted_before(given: &Given, parts: &Parts) -> i128 {
    let mut before = *parts;
    if let Some(slot) = before.get_mut(DOCUMENT) {
        *slot = 0;
    }
    counted(given, &before)
}
