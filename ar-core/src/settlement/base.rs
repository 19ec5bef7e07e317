//! What lines are worth in base currency, as the ledger will have it: shares of what is left of each document.

use rustc_hash::FxHashMap;

use super::made::{Kind, Line};
use super::policy::ExchangeGuard;
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

    fn less(&mut self, amount: Minor, base: Minor) {
        self.amount = self.amount.saturating_sub(amount.into());
        self.base = self.base.saturating_sub(base.into());
    }
}

/// The base legs of every line, document by document: all lines in their order, then what stands beside them.
pub(super) fn legs(view: &View, lines: &[Line], guard: ExchangeGuard, split_tax: bool) -> Vec<Legs> {
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
            residual: None,
        };
        if let (ExchangeGuard::HalfMinorUnit, Some(from), Some(to)) = (guard, from, to) {
            guarded(&mut legs, line, from, to);
        }
        for (document, amount, base) in [(credit, line.amount, legs.credit), (debit, line.debit_amount, legs.debit)] {
            if let (Some(Some(left)), Some(base)) = (documents.get_mut(&document), base) {
                left.less(amount, base);
            }
        }
        all.push(legs);
    }
    if lines.iter().any(|line| line.residual > 0) {
        for (line, legs) in lines.iter().zip(&mut all) {
            let Some(debit) = at(&view.items.document, line.claim) else { continue };
            let Some(Some(left)) = documents.get_mut(debit) else { continue };
            for difference in line.on_debit(split_tax) {
                let Some(base) = left.share(difference.amount) else { continue };
                left.less(difference.amount, base);
                if difference.kind == Kind::Residual {
                    legs.residual = Some(base);
                }
            }
        }
    }
    all
}

/// Books no difference that lies within half a minor unit of the debit's rate, while one side stays open.
fn guarded(legs: &mut Legs, line: &Line, from: Left, to: Left) {
    let (Some(credit), Some(debit)) = (legs.credit, legs.debit) else { return };
    let twice = i128::from(credit.abs_diff(debit)).saturating_mul(2);
    if twice.checked_mul(to.amount).is_none_or(|apart| apart > to.base) {
        return;
    }
    if i128::from(line.debit_amount) < to.amount {
        legs.debit = Some(Minor::try_from(to.base).map_or(credit, |base| credit.min(base)));
    } else if i128::from(line.amount) < from.amount {
        legs.credit = Some(Minor::try_from(from.base).map_or(debit, |base| debit.min(base)));
    }
}
