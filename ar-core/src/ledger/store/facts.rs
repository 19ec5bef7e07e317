//! Facts as they are held: everything by number, texts apart.

use super::{CommitmentKind, CreditLineKind, DifferenceKind, RequirementState};
use crate::ledger::layers::{Keyed, NONE};
use crate::money::{Exact, Minor};

/// A customer as its own row has it.
#[derive(Debug, Clone)]
pub(crate) struct CustomerFact {
    pub name: u32,
    pub parent: u32,
    pub group: u32,
    pub terms: u32,
    /// (dimension, value), sorted.
    pub dimensions: Box<[(u32, u32)]>,
}

/// Which attribute of a customer a dated value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Attribute {
    Name,
    Parent,
    Group,
    Terms,
    Limit,
    Blocked,
    Score,
    ReviewDate,
    Contact,
    Channel,
    Language,
    Dimension(u32),
}

impl Attribute {
    const NAMED: &'static [(&'static str, Self)] = &[
        ("name", Self::Name),
        ("parent", Self::Parent),
        ("group", Self::Group),
        ("terms", Self::Terms),
        ("limit", Self::Limit),
        ("blocked", Self::Blocked),
        ("score", Self::Score),
        ("review_date", Self::ReviewDate),
        ("contact", Self::Contact),
        ("channel", Self::Channel),
        ("language", Self::Language),
    ];

    /// Its name in data; a dimension has its own.
    pub(crate) fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(_, attribute)| *attribute == self).map(|(name, _)| *name)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, attribute)| *attribute)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct ChangeFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub customer: u32,
    pub attribute: Attribute,
    /// A text, or the parent's customer number; `NONE` clears.
    pub value: u32,
    /// The last day it holds; `NO_DAY`: without end.
    pub until: i32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct LineFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub tax: bool,
    pub code: u32,
    pub amount: Minor,
}

/// One instalment of one schedule.
#[derive(Debug, Clone)]
pub(crate) struct InstalmentFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub effective: i32,
    pub recorded: i32,
    /// Which batch it came with: tells two schedules of one day apart. 0: made by the document's terms, for the days on
    /// which no other schedule counts.
    pub batch: u32,
    pub number: u32,
    pub due: i32,
    pub amount: Minor,
    pub plan: u32,
}

/// A tier of one offer of a discount.
#[derive(Debug, Clone)]
pub(crate) struct DiscountFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub effective: i32,
    pub recorded: i32,
    /// Which batch it came with: tells two offers of one day apart.
    pub batch: u32,
    pub until: i32,
    pub percent: Option<Exact>,
    /// `NO_BASE`: none, and so with the basis.
    pub amount: Minor,
    pub basis: Minor,
}

/// What settles: an allocation, or a difference, which has one side alone.
#[derive(Debug, Clone)]
pub(crate) struct AllocationFact {
    pub credit: u32,
    pub debit: u32,
    pub instalment: u32,
    pub amount: Minor,
    pub debit_amount: Minor,
    pub base_credit: Minor,
    pub base_debit: Minor,
    pub effective: i32,
    pub recorded: i32,
}

/// What an allocation or difference takes off one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    pub document: u32,
    pub amount: Minor,
    pub base: Minor,
    pub instalment: u32,
}

impl AllocationFact {
    /// Whether it stands in place of one that was refused.
    pub(crate) fn is_gap(&self) -> bool {
        self.credit == NONE && self.debit == NONE
    }

    pub(crate) fn is_difference(&self) -> bool {
        (self.credit == NONE) != (self.debit == NONE)
    }

    /// Its sides, the credit's first.
    pub(crate) fn sides(&self) -> impl Iterator<Item = Side> + use<> {
        let instalment = if self.debit == NONE { self.instalment } else { 0 };
        let credit = Side { document: self.credit, amount: self.amount, base: self.base_credit, instalment };
        let debit = Side {
            document: self.debit,
            amount: self.debit_amount,
            base: self.base_debit,
            instalment: self.instalment,
        };
        [credit, debit].into_iter().filter(|side| side.document != NONE)
    }
}

/// What a difference is beside what it settles.
#[derive(Debug, Clone)]
pub(crate) struct DifferenceFact {
    /// Its number among allocations.
    pub number: u32,
    pub kind: DifferenceKind,
    pub reason: u32,
    /// The allocation that it stands beside, or `NONE`.
    pub beside: u32,
    /// The document that what it takes off moved to, or `NONE`; they are taken back together.
    pub moved_to: u32,
}

/// A difference by the allocation that it stands beside.
#[derive(Debug, Clone)]
pub(crate) struct BesideFact {
    pub allocation: u32,
    pub difference: u32,
}

/// A residual by the document that it moved to.
#[derive(Debug, Clone)]
pub(crate) struct ResidualFact {
    pub document: u32,
    pub difference: u32,
}

/// An allocation taken back by a reversal.
#[derive(Debug, Clone)]
pub(crate) struct ReversalFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub allocation: u32,
    pub effective: i32,
    pub recorded: i32,
    pub reason: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct CancellationFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub effective: i32,
    pub recorded: i32,
    pub reason: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct DisputeFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub document: u32,
    pub reason: u32,
    /// `NO_BASE`: the whole.
    pub amount: Minor,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct HoldFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    /// A customer's or a document's number.
    pub of: u32,
    /// The customer that the row names, or `NONE`.
    pub about: u32,
    pub reason: u32,
    pub until: i32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct ClosingFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub of: u32,
    pub outcome: u32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct PromiseFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub document: u32,
    pub currency: u32,
    pub amount: Minor,
    pub promised: i32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct PlanFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub reason: u32,
    pub effective: i32,
    pub recorded: i32,
}

#[derive(Debug, Clone)]
pub(crate) struct NoticeFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub document: u32,
    pub level: u32,
    pub channel: u32,
    pub procedure: u32,
    /// `NONE`: of all companies, and so with the currency.
    pub company: u32,
    pub currency: u32,
    /// `NO_DAY`: none.
    pub due: i32,
    pub effective: i32,
    pub recorded: i32,
}

/// What a notice is about; it has the envelope of its notice.
#[derive(Debug, Clone)]
pub(crate) struct NoticeLineFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub notice: u32,
    /// The place of its notice among all rows, and its level.
    pub notice_seq: u64,
    pub notice_level: u32,
    pub document: u32,
    /// `NONE`: each of the document.
    pub instalment: u32,
    pub level: u32,
    /// `NO_DAY`: it charges none.
    pub interest_until: i32,
    /// Until when its notice asks to be paid.
    pub due: i32,
    pub effective: i32,
    pub recorded: i32,
}

/// What will become receivable.
#[derive(Debug, Clone)]
pub(crate) struct CommitmentFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub kind: CommitmentKind,
    pub company: u32,
    pub currency: u32,
    pub amount: Minor,
    pub expected: i32,
    /// `NO_BASE`: none.
    pub net: Minor,
    /// Text of the id of the commitment that it follows, or `NONE`.
    pub order: u32,
    pub effective: i32,
    pub recorded: i32,
}

/// A document or commitment by the commitment that it follows.
#[derive(Debug, Clone)]
pub(crate) struct FollowerFact {
    /// Text of the id of what it follows.
    pub order: u32,
    /// `NONE`: it is a commitment.
    pub document: u32,
    /// The id of a commitment, else `NONE`.
    pub commitment: u32,
    pub currency: u32,
    pub amount: Minor,
    pub effective: i32,
    pub recorded: i32,
}

/// Whose a commitment is.
#[derive(Debug, Clone)]
pub(crate) struct OwnerFact {
    pub commitment: u32,
    pub customer: u32,
    /// Its place among all rows ever taken in.
    pub seq: u64,
}

/// A limit, a cap, or what secures; those of groups and of everybody have no customer.
#[derive(Debug, Clone)]
pub(crate) struct CreditLineFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub kind: CreditLineKind,
    pub customer: u32,
    pub group: u32,
    /// `NONE`: of all companies.
    pub company: u32,
    pub currency: u32,
    /// `NO_BASE`: no limit.
    pub amount: Minor,
    /// `NO_DAY`: for good.
    pub until: i32,
    pub effective: i32,
    pub recorded: i32,
}

/// An order let through.
#[derive(Debug, Clone)]
pub(crate) struct ReleaseFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub id: u32,
    pub customer: u32,
    pub order: u32,
    pub currency: u32,
    pub amount: Minor,
    pub by: u32,
    pub reason: u32,
    /// `NO_DAY`: for good.
    pub until: i32,
    pub effective: i32,
    pub recorded: i32,
}

/// A customer by one that it ever had as its parent.
#[derive(Debug, Clone)]
pub(crate) struct ChildFact {
    pub parent: u32,
    pub child: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct RequirementFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub document: u32,
    pub requirement: u32,
    pub state: RequirementState,
    pub effective: i32,
    pub recorded: i32,
}

/// An account of a customer.
#[derive(Debug, Clone)]
pub(crate) struct CustomerAccount {
    pub customer: u32,
    pub account: u32,
}

/// The rate that a document names.
#[derive(Debug, Clone)]
pub(crate) struct DocumentRate {
    pub document: u32,
    pub rate: Exact,
}

#[derive(Debug, Clone)]
pub(crate) struct RateFact {
    /// Its place among all rows ever taken in.
    pub seq: u64,
    pub currency: u32,
    pub base: u32,
    pub units: i128,
    pub scale: u8,
    pub effective: i32,
    pub recorded: i32,
}

/// A fact in its envelope.
pub(crate) trait Dated: Keyed {
    fn seq(&self) -> u64;
    fn effective(&self) -> i32;
    fn recorded(&self) -> i32;
    /// The document it is about, or `NONE`.
    fn document(&self) -> u32 {
        NONE
    }
}

macro_rules! dated {
    ($($fact:ident $(: $document:ident)?),* $(,)?) => {
        $( impl Dated for $fact {
            fn seq(&self) -> u64 { self.seq }
            fn effective(&self) -> i32 { self.effective }
            fn recorded(&self) -> i32 { self.recorded }
            $( fn document(&self) -> u32 { self.$document } )?
        } )*
    };
}
dated! {
    ChangeFact, InstalmentFact: document, DiscountFact: document, ReversalFact, CancellationFact: document, DisputeFact: document, HoldFact,
    ClosingFact, PromiseFact: document, PlanFact, NoticeFact: document, NoticeLineFact: document, CommitmentFact, CreditLineFact, ReleaseFact, RequirementFact: document, RateFact,
}

macro_rules! keyed {
    ($($fact:ident: $key:ident),* $(,)?) => {
        $( impl Keyed for $fact { fn key(&self) -> u32 { self.$key } } )*
    };
}
keyed! {
    ChangeFact: customer, LineFact: document, InstalmentFact: document, DiscountFact: document, DifferenceFact: number,
    BesideFact: allocation, ResidualFact: document, ReversalFact: allocation,
    CancellationFact: document, DisputeFact: document, HoldFact: of, ClosingFact: of, PromiseFact: customer,
    PlanFact: id, NoticeFact: customer, NoticeLineFact: document, CommitmentFact: customer, FollowerFact: order, OwnerFact: commitment, CreditLineFact: customer, ReleaseFact: customer, ChildFact: parent, RequirementFact: document, RateFact: currency,
    DocumentRate: document, CustomerAccount: customer,
}
