//! Which items take part in a proposal: the policy's filter, its ids looked up once and its limits in minor units.

use rustc_hash::FxHashSet;

use super::policy::{AllocationFilter, TakesPart};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::{count, place};
use crate::ledger::store::Account;
use crate::money::{Exact, Minor};

/// A filter as it meets the numbers of one ledger. A list that is absent or empty filters nothing; a list of ids that the
/// ledger does not have matches nothing.
#[derive(Debug)]
pub(crate) struct Filter {
    companies: Option<FxHashSet<u32>>,
    customers: Option<FxHashSet<u32>>,
    currencies: Option<FxHashSet<u32>>,
    credits: Side,
    debits: Side,
    due_until: Option<i32>,
    disputed: TakesPart,
    held: TakesPart,
}

/// What one side must be.
#[derive(Debug)]
struct Side {
    documents: Option<FxHashSet<u32>>,
    min: Option<Exact>,
    max: Option<Exact>,
}

/// The limits of both sides in minor units of one currency, inclusive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    credit: (i128, i128),
    debit: (i128, i128),
}

impl Filter {
    pub(crate) fn new(filter: &AllocationFilter, view: &View) -> Self {
        let store = &view.store;
        let document = |id: &str| store.document_ids.find(id).and_then(|number| store.documents.of_id(number));
        let side = |ids: &Option<Vec<String>>, min: Option<Exact>, max: Option<Exact>| Side {
            documents: numbers(ids, document),
            min,
            max,
        };
        Self {
            companies: companies(view, filter.companies.as_deref()),
            customers: numbers(&filter.customers, |id| store.customer_ids.find(id)),
            currencies: numbers(&filter.currencies, |code| store.currency_number(code)),
            credits: side(&filter.credits, filter.credit_min, filter.credit_max),
            debits: side(&filter.debits, filter.debit_min, filter.debit_max),
            due_until: filter.due_until.and_then(|day| Day::try_from(day).ok()).map(Day::number),
            disputed: filter.disputed,
            held: filter.held,
        }
    }

    /// Whether it looks at single items, beyond their account.
    pub(super) fn looks_at_items(&self) -> bool {
        let side = |side: &Side| side.documents.is_some() || side.min.is_some() || side.max.is_some();
        side(&self.credits)
            || side(&self.debits)
            || self.due_until.is_some()
            || self.disputed == TakesPart::Excluded
            || self.held == TakesPart::Excluded
    }

    /// Whether the items of an account may take part.
    pub(crate) fn lets_in(&self, account: Account) -> bool {
        let has = |set: &Option<FxHashSet<u32>>, number| set.as_ref().is_none_or(|set| set.contains(&number));
        has(&self.companies, account.company)
            && has(&self.customers, account.customer)
            && has(&self.currencies, account.currency)
    }

    pub(crate) fn limits(&self, exponent: u8) -> Limits {
        let range = |side: &Side| {
            let min = side.min.map_or(i128::MIN, |min| minor_units(min, exponent, Towards::Above));
            let max = side.max.map_or(i128::MAX, |max| minor_units(max, exponent, Towards::Below));
            (min, max)
        };
        Limits { credit: range(&self.credits), debit: range(&self.debits) }
    }

    pub(crate) fn takes_credit(&self, view: &View, item: usize, limits: Limits) -> bool {
        self.takes(view, item, &self.credits, limits.credit)
    }

    pub(crate) fn takes_debit(&self, view: &View, item: usize, limits: Limits) -> bool {
        // No due date is the latest of all: it is not due until any day.
        let due = self.due_until.is_none_or(|until| view.items.due.get(item).is_some_and(|due| *due <= until));
        due && self.takes(view, item, &self.debits, limits.debit)
    }

    fn takes(&self, view: &View, item: usize, side: &Side, (min, max): (i128, i128)) -> bool {
        let (Some(open), Some(document)) = (view.items.open.get(item), view.items.document.get(item)) else {
            return false;
        };
        let size = i128::from(open.unsigned_abs());
        let at = count(item);
        min <= size
            && size <= max
            && side.documents.as_ref().is_none_or(|documents| documents.contains(document))
            && (self.disputed == TakesPart::Included || !view.marks().disputed.contains_key(&at))
            && (self.held == TakesPart::Included || !view.marks().held.contains(&at))
    }
}

/// The numbers of companies that are listed; none when the list is absent or empty. The company of those that name none is "".
pub(crate) fn companies(view: &View, names: Option<&[String]>) -> Option<FxHashSet<u32>> {
    let names = names.filter(|names| !names.is_empty())?;
    Some(names.iter().filter_map(|name| view.store.texts.find(name)).collect())
}

fn numbers(ids: &Option<Vec<String>>, find: impl Fn(&str) -> Option<u32>) -> Option<FxHashSet<u32>> {
    let ids = ids.as_ref().filter(|ids| !ids.is_empty())?;
    Some(ids.iter().filter_map(|id| find(id)).collect())
}

/// Which whole number of minor units stands for a limit between two of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Towards {
    Above,
    Below,
}

/// A limit in minor units: exact, or the next one that an amount could have. No amount is near the ends of `i128`.
fn minor_units(limit: Exact, exponent: u8, towards: Towards) -> i128 {
    let (units, scale) = (limit.units(), limit.scale());
    let power = |digits: u8| 10_i128.saturating_pow(u32::from(digits));
    if scale <= exponent {
        return units.saturating_mul(power(exponent.saturating_sub(scale)));
    }
    let divisor = power(scale.saturating_sub(exponent));
    let below = units.div_euclid(divisor);
    let exact = units.rem_euclid(divisor) == 0;
    if exact || towards == Towards::Below { below } else { below.saturating_add(1) }
}

/// What an item has left: its open amount less what later days need of it, in absolute terms.
pub(crate) fn left_of_item(view: &View, item: usize) -> Minor {
    let open = view.items.open.get(item).map_or(0, |open| open.saturating_abs());
    let spoken_for = &view.marks().spoken_for;
    if spoken_for.is_empty() {
        return open;
    }
    open.saturating_sub(spoken_for.get(&count(item)).map_or(0, |part| part.saturating_abs()))
}

/// The amount of an item's document.
pub(crate) fn document_amount(view: &View, document: u32) -> Minor {
    view.store.documents.find(document).and_then(|(piece, row)| piece.amount.get(row)).copied().unwrap_or(0)
}

/// The value at a number.
pub(crate) fn at<T>(values: &[T], number: u32) -> Option<&T> {
    values.get(place(number))
}
