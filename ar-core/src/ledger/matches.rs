//! What settles on a day: allocations and differences that count and are not taken back, with what they took in base currency.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::View;
use super::known::Known;
use super::layers::NONE;
use super::store::{AllocationFact, DifferenceFact, Documents, NO_BASE};
use crate::calendar::Day;
use crate::money::{Minor, to_decimal};

/// An allocation or difference that holds on the view's day.
///
/// A difference on a positive document has a debit side alone, on a negative one a credit side; its other base leg is what it is
/// worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Its id.
    pub id: String,
    /// `allocation`, or the kind of the difference.
    pub kind: String,
    /// The document with the negative amount.
    pub credit: Option<String>,
    /// The document with the positive amount.
    pub debit: Option<String>,
    /// The instalment that it names; 0 when none.
    pub instalment: u32,
    /// What it takes off the credit; above zero.
    pub amount: Option<Decimal>,
    /// What it takes off the debit; above zero.
    pub debit_amount: Option<Decimal>,
    /// The credit's currency.
    pub currency: Option<String>,
    /// The debit's currency.
    pub debit_currency: Option<String>,
    /// In the base currency of the credit's company.
    pub base_credit: Option<Decimal>,
    /// In the base currency of the debit's company.
    pub base_debit: Option<Decimal>,
    /// `base_credit` − `base_debit`, in one base currency.
    pub exchange: Option<Decimal>,
    /// The day it counts from.
    pub effective: NaiveDate,
    /// The allocation that a difference stands beside.
    pub beside: Option<String>,
    /// Why, as the difference says.
    pub reason: Option<String>,
}

impl View {
    /// The allocations and differences that count on the view's day and are not taken back: allocations first, each by id.
    ///
    /// Of a view of one customer: those of the customer's documents.
    #[must_use]
    pub fn matches(&self) -> Vec<Match> {
        let store = &self.store;
        let held = |(number, fact): &(u32, &AllocationFact)| self.holds(*number, fact);
        let mut found: Vec<(u32, &AllocationFact)> = match &self.scope {
            None => (0..).zip(store.allocations.all()).filter(held).collect(),
            Some(_) => {
                let numbers = self.settling_scope().into_iter();
                numbers.filter_map(|number| Some((number, store.allocations.get(number)?))).filter(held).collect()
            }
        };
        let id = |number: u32| store.allocation_ids.text(number);
        found.sort_by(|(a, a_fact), (b, b_fact)| {
            a_fact.is_difference().cmp(&b_fact.is_difference()).then_with(|| id(*a).cmp(id(*b)))
        });
        found.into_iter().map(|(number, fact)| self.shown(number, fact)).collect()
    }

    /// What settles documents of the accounts that the view is about.
    fn settling_scope(&self) -> Vec<u32> {
        let store = &self.store;
        let accounts = self.scope.iter().flat_map(|scope| scope.accounts.iter());
        let documents = accounts.flat_map(|account| {
            let of_piece = |piece: &'_ Documents| {
                piece.rows_of(*account).map(|row| piece.start.saturating_add(row)).collect::<Vec<u32>>()
            };
            store.documents.iter().flat_map(of_piece).collect::<Vec<u32>>()
        });
        let mut numbers: Vec<u32> = documents
            .flat_map(|document| store.legs.of(document).map(|leg| leg.allocation))
            .filter(|number| *number != NONE)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Whether it counts on the view's day and is not taken back.
    pub(crate) fn holds(&self, number: u32, fact: &AllocationFact) -> bool {
        self.counted(fact.effective, fact.recorded) && !self.has_ended(number, fact)
    }

    /// Whether it is taken back by the view's day.
    pub(crate) fn has_ended(&self, number: u32, fact: &AllocationFact) -> bool {
        self.ends(number, fact, self.stood_on)
    }

    /// Whether it was taken back then, as was known then.
    pub(crate) fn had_ended(&self, number: u32, fact: &AllocationFact, then: Known) -> bool {
        let store = &self.store;
        let rows = store.batch_ends.get(then.recorded.1.saturating_sub(1)).map_or(u64::MAX, |end| end.rows);
        let known = |effective: i32, recorded: i32, seq: u64| {
            let on_that_day = recorded == then.recorded.0 && seq < rows;
            effective <= then.day && (recorded < then.recorded.0 || on_that_day)
        };
        let reversed = |number: u32| store.reversals.of(number).any(|end| known(end.effective, end.recorded, end.seq));
        let cancelled = |document: u32| {
            let mut ends = store.cancellations.of(document);
            document != NONE && ends.any(|end| known(end.effective, end.recorded, end.seq))
        };
        if reversed(number) || cancelled(fact.credit) || cancelled(fact.debit) {
            return true;
        }
        self.about(number, fact).is_some_and(|about| {
            let with = (about.moved_to == NONE && about.beside != NONE).then(|| store.allocations.get(about.beside));
            let with = with.flatten().is_some_and(|of| self.had_ended(about.beside, of, then));
            with || cancelled(about.moved_to)
        })
    }

    /// Whether a reversal of it, or of the allocation that it is taken back with, is known, on whatever day.
    pub(crate) fn is_known_to_be_reversed(&self, number: u32, fact: &AllocationFact) -> bool {
        let reversed = |number: u32| self.store.reversals.of(number).any(|end| end.recorded <= self.known_on);
        let beside = self.about(number, fact).filter(|about| about.moved_to == NONE).map_or(NONE, |about| about.beside);
        reversed(number) || (beside != NONE && reversed(beside))
    }

    /// Whether it is known to be taken back until a day without a reversal of its own: with one of its documents, or with the
    /// allocation that it stands beside.
    pub(crate) fn ends_with_another(&self, number: u32, fact: &AllocationFact, until: i32) -> bool {
        let cancelled = |document: u32| self.is_cancelled_until(document, until);
        if cancelled(fact.credit) || cancelled(fact.debit) {
            return true;
        }
        let about = self.about(number, fact).filter(|about| about.moved_to == NONE && about.beside != NONE);
        about.is_some_and(|about| {
            self.store.allocations.get(about.beside).is_some_and(|of| self.ends(about.beside, of, until))
        })
    }

    fn is_cancelled_until(&self, document: u32, until: i32) -> bool {
        let mut ends = self.store.cancellations.of(document);
        document != NONE && ends.any(|end| end.effective <= until && end.recorded <= self.known_on)
    }

    /// Whether it is known to be taken back until a day: by a reversal, with one of its documents, with the allocation that it
    /// stands beside, or with the document that it moved to.
    pub(super) fn ends(&self, number: u32, fact: &AllocationFact, until: i32) -> bool {
        let mut reversals = self.store.reversals.of(number);
        reversals.any(|end| end.effective <= until && end.recorded <= self.known_on)
            || self.ends_with_another(number, fact, until)
            || self.about(number, fact).is_some_and(|about| self.is_cancelled_until(about.moved_to, until))
    }

    pub(crate) fn about(&self, number: u32, fact: &AllocationFact) -> Option<&DifferenceFact> {
        fact.is_difference().then(|| self.store.differences.of(number).next()).flatten()
    }

    fn shown(&self, number: u32, fact: &AllocationFact) -> Match {
        let store = &self.store;
        let about = self.about(number, fact);
        let (credit, debit) = (self.side_of(fact.credit), self.side_of(fact.debit));
        // What a difference is worth is in its document's base currency too.
        let base_of =
            |own: &Option<SideOf>, other: &Option<SideOf>| own.as_ref().or(other.as_ref()).and_then(|side| side.base);
        let (credit_base, debit_base) = (base_of(&credit, &debit), base_of(&debit, &credit));
        let base = |minor: Minor, currency: Option<u32>| {
            currency.filter(|_| minor != NO_BASE).map(|c| self.amount_in(minor, c))
        };
        let (base_credit, base_debit) = (base(fact.base_credit, credit_base), base(fact.base_debit, debit_base));
        let legs = base_credit.zip(base_debit).filter(|_| credit_base == debit_base);
        let text = |number: u32| (number != NONE).then(|| store.texts.text(number).to_owned());
        Match {
            id: store.allocation_ids.text(number).to_owned(),
            kind: about.map_or("allocation", |about| about.kind.name()).to_owned(),
            instalment: fact.instalment,
            amount: credit.as_ref().map(|side| self.amount_in(fact.amount, side.currency)),
            debit_amount: debit.as_ref().map(|side| self.amount_in(fact.debit_amount, side.currency)),
            currency: credit.as_ref().map(|side| side.code.clone()),
            debit_currency: debit.as_ref().map(|side| side.code.clone()),
            credit: credit.map(|side| side.id),
            debit: debit.map(|side| side.id),
            exchange: legs
                .map(|_| fact.base_credit.saturating_sub(fact.base_debit))
                .and_then(|minor| base(minor, credit_base)),
            base_credit,
            base_debit,
            effective: Day::new(fact.effective).map(Day::to_naive_date).unwrap_or_default(),
            beside: about
                .filter(|about| about.beside != NONE)
                .map(|about| store.allocation_ids.text(about.beside).to_owned()),
            reason: about.and_then(|about| text(about.reason)),
        }
    }

    fn side_of(&self, document: u32) -> Option<SideOf> {
        let store = &self.store;
        let account = store.documents.find(document).filter(|_| document != NONE);
        let account = store.account(account.and_then(|(piece, row)| piece.account.get(row)).copied()?);
        Some(SideOf {
            id: store.document_id(document).to_owned(),
            currency: account.currency,
            code: store.currency(account.currency).map(|currency| currency.code.to_string()).unwrap_or_default(),
            base: store.base_currency(account.company),
        })
    }

    fn amount_in(&self, minor: Minor, currency: u32) -> Decimal {
        to_decimal(minor, self.store.currency(currency).map_or(0, |currency| currency.exponent))
    }
}

/// A document that is settled, and the base currency of its company.
struct SideOf {
    id: String,
    currency: u32,
    code: String,
    base: Option<u32>,
}
