//! Which credit line is asked about a customer, and what its exposure is measured against it?

use super::given::Given;
use super::part::{self, CreditRequestKind, DOCUMENT, LATER, Parts};
use super::policy::{Amounts, Companies, Currencies, ZeroLine};
use super::standing::{Line, Pledge, Pool};
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
    /// The commitment that it is, and its id as releases have it.
    pub order: Option<u32>,
    pub order_text: Option<u32>,
    /// The commitment that it follows.
    pub follows: Option<u32>,
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

/// An exposure in the currency of a line, part by part, with the document that is asked about.
pub(super) fn exposure(
    given: &Given,
    pool: &Pool,
    request: Option<&Request>,
    company: Option<u32>,
    (currency, horizon): (u32, Option<u32>),
) -> Result<Parts, Refused> {
    let policy = &given.policy;
    let is_apart = policy.currencies == Currencies::Apart;
    let in_company = |held: u32| company.is_none_or(|company| held == company || held == NONE);
    let is_asked = |held: u32, held_currency: u32| in_company(held) && (!is_apart || held_currency == currency);
    let mut sums: Vec<(u32, Parts)> = Vec::with_capacity(2);
    let mut add = |currency: u32, place: usize, amount: i128| {
        match sums.iter_mut().find(|(held, _)| *held == currency) {
            Some((_, parts)) => part::add(parts, place, amount),
            None => {
                let mut parts = Parts::default();
                part::add(&mut parts, place, amount);
                sums.push((currency, parts));
            }
        };
    };
    for sum in pool.sums.iter().filter(|sum| is_asked(sum.company, sum.currency)) {
        for (place, amount) in sum.parts.iter().enumerate().filter(|(_, amount)| **amount != 0) {
            add(sum.currency, place, *amount);
        }
    }
    let last = horizon.map(|days| last_day(given, days));
    let is_late = |expected: i32| last.is_some_and(|last| expected != NO_DAY && i64::from(expected) > last);
    let is_changed = request.is_some_and(|request| request.order.is_some() || request.follows.is_some());
    // What the document takes off what counts, of what it follows.
    let mut taken_over = 0_i128;
    if last.is_some() || is_changed {
        for pledge in pool.pledges.iter().filter(|pledge| is_asked(pledge.company, pledge.currency)) {
            let before = pledge.counted(pledge.left, policy.amounts);
            let left = request.map_or(pledge.left, |request| left_beside(request, pledge));
            let now = pledge.counted(left, policy.amounts);
            let late = pledge.kind == CommitmentKind::Order && is_late(pledge.expected);
            if late || now != before {
                add(pledge.currency, pledge.place(), before.saturating_neg());
                add(pledge.currency, if late { LATER } else { pledge.place() }, now);
                let follows = request.is_some_and(|request| request.follows == Some(pledge.id));
                if follows && !late && given.counts.get(pledge.place()).copied().unwrap_or(false) {
                    taken_over = before.saturating_sub(now).max(0);
                }
            }
        }
    }
    if let Some(request) = request {
        let late = request.kind == CreditRequestKind::Order && is_late(request.expected);
        let whole = request.counted(policy.amounts);
        let put_off = if late { whole.saturating_sub(taken_over.min(whole.max(0))) } else { 0 };
        add(request.currency, LATER, put_off);
        add(request.currency, DOCUMENT, whole.saturating_sub(put_off));
    }
    let mut all = Parts::default();
    for (held, parts) in sums {
        for (place, amount) in parts.iter().enumerate() {
            part::add(&mut all, place, given.convert(*amount, held, currency)?);
        }
    }
    Ok(all)
}

fn last_day(given: &Given, days: u32) -> i64 {
    i64::from(given.view.day().number()).saturating_add(days.into())
}

/// What is left of a commitment beside a document that is it, or follows it.
pub(super) fn left_beside(request: &Request, pledge: &Pledge) -> i128 {
    if request.order == Some(pledge.id) {
        return 0;
    }
    if request.follows == Some(pledge.id) && pledge.amount > 0 && pledge.currency == request.currency {
        return pledge.left.saturating_sub(request.amount.into()).clamp(0, pledge.amount.into());
    }
    pledge.left
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
