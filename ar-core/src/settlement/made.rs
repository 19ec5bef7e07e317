//! What was settled, by open item of the view: lines, what stays on account, questions, and the sums they must add up to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::limit::Spent;
use super::policy::{SettlementStrategy, ToleranceKind};
use super::tiers::Tier;
use crate::money::Minor;

/// What a difference is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Discount,
    DiscountTax,
    Tolerance,
    WriteOff,
    BankCharge,
    CashRounding,
    Residual,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Discount,
        Self::DiscountTax,
        Self::Tolerance,
        Self::WriteOff,
        Self::BankCharge,
        Self::CashRounding,
        Self::Residual,
    ];

    /// Whether it is let go within tolerance, whatever that is called.
    pub(super) fn is_tolerance(self) -> bool {
        matches!(self, Self::Tolerance | Self::WriteOff)
    }

    /// Whether a policy may value it at the rate of the day.
    pub(super) fn is_valued(self) -> bool {
        matches!(self, Self::Tolerance | Self::WriteOff | Self::BankCharge)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Discount => "discount",
            Self::DiscountTax => "discount_tax",
            Self::Tolerance => "tolerance",
            Self::WriteOff => "write_off",
            Self::BankCharge => "bank_charge",
            Self::CashRounding => "cash_rounding",
            Self::Residual => "residual",
        }
    }
}

impl From<ToleranceKind> for Kind {
    fn from(kind: ToleranceKind) -> Self {
        match kind {
            ToleranceKind::Tolerance => Self::Tolerance,
            ToleranceKind::WriteOff => Self::WriteOff,
        }
    }
}

/// A part that is let go beside a line: what it is called, how much, and how much was allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct LetGo {
    pub kind: Kind,
    pub amount: Minor,
    pub limit: Option<Minor>,
}

/// One line, and the differences beside it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub payer: u32,
    pub claim: u32,
    pub strategy: SettlementStrategy,
    /// How sure the match is, of `scored`; 0 of others.
    pub score: u32,
    /// In the credit's currency, and in the debit's.
    pub amount: Minor,
    pub debit_amount: Minor,
    /// On the debit, in its currency; and how much of it a tolerance added, below zero what one took off.
    pub discount: Minor,
    pub adjusted: Minor,
    pub tier: Option<Tier>,
    /// How much more a late discount would have been worth that is only asked about.
    pub asked: Minor,
    pub short: Option<LetGo>,
    pub residual: Minor,
    /// On the credit, in its currency.
    pub over: Option<LetGo>,
    /// Whether the debit item has nothing left after it, and what may be paid too much on it.
    pub cleared: bool,
    pub crossed: bool,
    pub over_limit: Minor,
    /// The reason that what stands beside it is booked with, where somebody gave one.
    pub reason: Option<Arc<str>>,
}

impl Line {
    /// Whether a late discount is asked about, or taken.
    pub(super) fn has_late(&self) -> bool {
        self.asked > 0 || (self.discount > 0 && self.tier.is_some_and(|tier| tier.late))
    }

    /// Whether a part of the debit or of the credit is let go.
    pub(super) fn lets_go(&self) -> bool {
        self.short.is_some() || self.over.is_some()
    }

    /// What its credit has had with it.
    pub(super) fn spent(&self) -> Spent {
        let is = |meant: fn(Kind) -> bool| [self.short, self.over].into_iter().flatten().any(|held| meant(held.kind));
        Spent { tolerance: self.adjusted != 0 || is(Kind::is_tolerance), charge: is(|kind| kind == Kind::BankCharge) }
    }

    /// The differences on the debit, in order.
    pub(super) fn on_debit(&self, split_tax: bool) -> impl Iterator<Item = LetGo> {
        let tax = match self.tier {
            Some(tier) if split_tax => tax_of(self.discount, tier.taxed),
            _ => 0,
        };
        let plain = |kind, amount| LetGo { kind, amount, limit: None };
        let all = [
            Some(plain(Kind::Discount, self.discount.saturating_sub(tax))),
            Some(plain(Kind::DiscountTax, tax)),
            self.short,
            Some(plain(Kind::Residual, self.residual)),
        ];
        all.into_iter().flatten().filter(|difference| difference.amount > 0)
    }
}

fn tax_of(discount: Minor, (tax, basis): (i128, i128)) -> Minor {
    use crate::money::{Rounding, multiply_divide};
    let part = multiply_divide(discount.into(), tax, basis, Rounding::HalfAwayFromZero);
    part.and_then(|part| Minor::try_from(part).ok()).unwrap_or(0).min(discount)
}

/// Why something stays on account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Edited,
    Ambiguous,
    NotSearchedFurther,
    DiscountAsked,
    NoOpenDebit,
    RateMissing,
    NoMatch,
}

impl Reason {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Ambiguous => "ambiguous",
            Self::NotSearchedFurther => "not_searched_further",
            Self::DiscountAsked => "discount_asked",
            Self::NoOpenDebit => "no_open_debit",
            Self::RateMissing => "rate_missing",
            Self::NoMatch => "no_match",
        }
    }
}

/// Several sets have the amount of a credit, or of a debit.
#[derive(Debug, Clone)]
pub(super) struct Ambiguous {
    pub payer: Option<u32>,
    pub claim: Option<u32>,
    /// Items of the other side.
    pub choices: Vec<Vec<u32>>,
    pub total: u64,
}

/// A late discount with which a credit would have paid an item, and how much more it is than what the item has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub payer: u32,
    pub claim: u32,
    pub amount: Minor,
}

/// What the desks of a currency had before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    pub received: i128,
    pub claims: i128,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Made {
    pub lines: Vec<Line>,
    /// Every credit in credit order, what it has left, and why.
    pub payers: Vec<(u32, Minor, Reason)>,
    pub ambiguous: Vec<Ambiguous>,
    /// Late discounts asked about where no line is.
    pub asked: Vec<Asked>,
    /// By currency.
    pub before: BTreeMap<u32, Before>,
}
