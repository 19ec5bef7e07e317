//! What lines are worth in base currency, as the ledger will have it: shares of what is left of each document.

use rustc_hash::FxHashMap;

use super::made::{Kind, LetGo, Line};
use super::policy::{ExchangeGuard, Valued};
use super::revaluation::DayRate;
use crate::allocation::filter::at;
use crate::ledger::View;
use crate::money::{Minor, Rounding, multiply_divide};

/// The base legs of a line, in minor units of the company's base currency; nothing where a document has no base amount.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Legs {
    pub credit: Option<Minor>,
    pub debit: Option<Minor>,
    /// What a residual takes off the debit in base currency.
    pub residual: Option<Minor>,
    /// What is let go on the debit and on the credit, when it is valued at the rate of the day.
    pub short: Option<Value>,
    pub over: Option<Value>,
}

/// What a difference takes off its document in base currency, and what it is worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub document: Minor,
    pub worth: Minor,
}

impl Legs {
    /// Both, when there are both.
    pub(super) fn both(self) -> Option<(Minor, Minor)> {
        self.credit.zip(self.debit)
    }

    /// What was received less what it clears.
    pub(super) fn exchange(self) -> Option<Minor> {
        self.both().map(|(credit, debit)| credit.saturating_sub(debit))
    }

    /// The exchange difference of all that is beside it.
    pub(super) fn exchange_beside(self) -> Minor {
        let short = self.short.map_or(0, Value::exchange_on_debit);
        short.saturating_sub(self.over.map_or(0, Value::exchange_on_debit))
    }
}

impl Value {
    /// A gain above zero; of a credit, its opposite.
    pub(super) fn exchange_on_debit(self) -> Minor {
        self.worth.saturating_sub(self.document)
    }
}

/// How lines are priced in base currency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pricing {
    pub guard: ExchangeGuard,
    pub split_tax: bool,
    pub valued: Valued,
}

/// What is left of a document, in its currency and in base currency.
#[derive(Debug, Clone, Copy)]
struct Left {
    amount: i128,
    base: i128,
}

impl Left {
    /// The share of so much; all of it for the last.
    fn share(self, amount: Minor) -> Option<Minor> {
        let share = multiply_divide(self.base, amount.into(), self.amount, Rounding::HalfAwayFromZero)?;
        Minor::try_from(share).ok()
    }

    /// Whether so much, half a minor unit more or less, may be worth this: both ends are rounded (Odoo).
    fn may_be(self, amount: Minor, worth: Minor) -> bool {
        let end = |halves: i128| {
            let halves = i128::from(amount).saturating_mul(2).saturating_add(halves);
            multiply_divide(self.base, halves, self.amount.saturating_mul(2), Rounding::HalfAwayFromZero)
        };
        let worth = i128::from(worth);
        end(-1).is_some_and(|least| least <= worth) && end(1).is_some_and(|most| worth <= most)
    }

    fn less(&mut self, amount: Minor, base: Minor) {
        self.amount = self.amount.saturating_sub(amount.into());
        self.base = self.base.saturating_sub(base.into());
    }
}

/// The base legs of every line, document by document: all lines in their order, then what stands beside them.
pub(super) fn legs(view: &View, lines: &[Line], pricing: Pricing) -> Vec<Legs> {
    let Pricing { guard, valued, .. } = pricing;
    let mut documents: FxHashMap<u32, Option<Left>> = FxHashMap::default();
    let mut all = Vec::with_capacity(lines.len());
    for line in lines {
        let document = |item: u32| at(&view.items.document, item).copied().unwrap_or(u32::MAX);
        let (credit, debit) = (document(line.payer), document(line.claim));
        let mut left = |document: u32| {
            *documents.entry(document).or_insert_with(|| {
                view.left_and_base(document).map(|(amount, base)| Left { amount: amount.into(), base: base.into() })
            })
        };
        let (from, to) = (left(credit), left(debit));
        let mut legs = Legs {
            credit: from.and_then(|from| from.share(line.amount)),
            debit: to.and_then(|to| to.share(line.debit_amount)),
            ..Legs::default()
        };
        if let (ExchangeGuard::HalfMinorUnit, Some(from), Some(to)) = (guard, from, to) {
            let in_base = [line.payer, line.claim].map(|item| is_in_base(view, item));
            guarded(&mut legs, line, (from, to), in_base);
        }
        for (document, amount, base) in [(credit, line.amount, legs.credit), (debit, line.debit_amount, legs.debit)] {
            if let (Some(Some(left)), Some(base)) = (documents.get_mut(&document), base) {
                left.less(amount, base);
            }
        }
        all.push(legs);
    }
    let beside = |line: &Line| line.residual > 0 || (valued == Valued::DayRate && line.lets_go());
    if lines.iter().any(beside) {
        for (line, legs) in lines.iter().zip(&mut all) {
            legs_beside(view, line, legs, &mut documents, pricing);
        }
    }
    all
}

/// What stands beside a line takes its share of what all lines leave of the documents.
fn legs_beside(
    view: &View,
    line: &Line,
    legs: &mut Legs,
    documents: &mut FxHashMap<u32, Option<Left>>,
    Pricing { split_tax, valued, .. }: Pricing,
) {
    let mut share = |item: u32, amount: Minor| {
        let left = documents.get_mut(at(&view.items.document, item)?)?.as_mut()?;
        let base = left.share(amount)?;
        left.less(amount, base);
        Some(base)
    };
    let value = |item: u32, let_go: LetGo, document: Minor| {
        let worth = worth_of_day(view, item, let_go.amount)?;
        let stated = valued == Valued::DayRate && let_go.kind.is_valued() && worth >= 0 && document >= 0;
        stated.then_some(Value { document, worth })
    };
    for difference in line.on_debit(split_tax) {
        let Some(base) = share(line.claim, difference.amount) else { continue };
        match difference.kind {
            Kind::Residual => legs.residual = Some(base),
            Kind::Discount | Kind::DiscountTax => {}
            _ => legs.short = value(line.claim, difference, base),
        }
    }
    if let Some(over) = line.over {
        legs.over = share(line.payer, over.amount).and_then(|base| value(line.payer, over, base));
    }
}

/// An amount of an item's currency in base currency, at the latest counted rate; nothing for an item in base currency.
fn worth_of_day(view: &View, item: u32, amount: Minor) -> Option<Minor> {
    let account = view.store.account(*at(&view.items.account, item)?);
    let base = view.store.base_currency(account.company).filter(|base| *base != account.currency)?;
    DayRate::of(view, account.currency, base)?.worth(amount)
}

/// Whether an item is in the base currency of its company.
fn is_in_base(view: &View, item: u32) -> bool {
    let account = at(&view.items.account, item).map(|account| view.store.account(*account));
    account.is_some_and(|account| view.store.base_currency(account.company) == Some(account.currency))
}

/// Books no difference that the rates cannot tell, while one side stays open: where each leg is what the other document's amount,
/// half a minor unit more or less, may be worth. What is in base currency is worth itself, and has no rate to ask.
fn guarded(legs: &mut Legs, line: &Line, (from, to): (Left, Left), [credit_in_base, debit_in_base]: [bool; 2]) {
    let (Some(credit), Some(debit)) = (legs.credit, legs.debit) else { return };
    if !(debit_in_base || to.may_be(line.debit_amount, credit)) || !(credit_in_base || from.may_be(line.amount, debit))
    {
        return;
    }
    if i128::from(line.debit_amount) < to.amount && !debit_in_base {
        legs.debit = Some(Minor::try_from(to.base).map_or(credit, |base| credit.min(base)));
    } else if i128::from(line.amount) < from.amount && !credit_in_base {
        legs.credit = Some(Minor::try_from(from.base).map_or(debit, |base| debit.min(base)));
    }
}
