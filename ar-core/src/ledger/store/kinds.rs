//! The words of documents, commitments and requirements.

use crate::money::Minor;

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Goods or services invoiced.
    Invoice,
    /// A debit note.
    DebitNote,
    /// A fee or interest, with its parent item in `related`.
    Charge,
    /// Money paid back.
    Refund,
    /// A credit note.
    CreditNote,
    /// Money received.
    Payment,
    /// Money received before there is an invoice.
    Advance,
    /// Anything else, of either sign.
    Journal,
}

/// Some kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) fn add(&mut self, kind: DocumentKind) {
        self.0 |= Self::of(kind);
    }

    pub(crate) fn has(self, kind: DocumentKind) -> bool {
        self.0 & Self::of(kind) != 0
    }

    /// Those of either.
    pub(crate) fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    fn of(kind: DocumentKind) -> u8 {
        1_u8.wrapping_shl(kind as u32)
    }
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[
        Self::Invoice,
        Self::DebitNote,
        Self::Charge,
        Self::Refund,
        Self::CreditNote,
        Self::Payment,
        Self::Advance,
        Self::Journal,
    ];

    /// Its name in data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::DebitNote => "debit_note",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::CreditNote => "credit_note",
            Self::Payment => "payment",
            Self::Advance => "advance",
            Self::Journal => "journal",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether an amount of that sign may stand on it.
    #[must_use]
    pub fn takes(self, amount: Minor) -> bool {
        match self {
            Self::Invoice | Self::DebitNote | Self::Charge | Self::Refund => amount >= 0,
            Self::CreditNote | Self::Payment | Self::Advance => amount <= 0,
            Self::Journal => true,
        }
    }

    /// Whether it is money received: unapplied cash while it is open.
    #[must_use]
    pub fn is_receipt(self) -> bool {
        matches!(self, Self::Payment | Self::Advance)
    }
}

/// Why a part of a document is closed that no other document pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DifferenceKind {
    Discount,
    DiscountTax,
    Tolerance,
    WriteOff,
    BankCharge,
    CashRounding,
    Residual,
    Other,
}

impl DifferenceKind {
    const ALL: &'static [Self] = &[
        Self::Discount,
        Self::DiscountTax,
        Self::Tolerance,
        Self::WriteOff,
        Self::BankCharge,
        Self::CashRounding,
        Self::Residual,
        Self::Other,
    ];

    /// Its name in data.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Discount => "discount",
            Self::DiscountTax => "discount_tax",
            Self::Tolerance => "tolerance",
            Self::WriteOff => "write_off",
            Self::BankCharge => "bank_charge",
            Self::CashRounding => "cash_rounding",
            Self::Residual => "residual",
            Self::Other => "other",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// How far a commitment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitmentKind {
    Draft,
    Order,
    Delivery,
}

impl CommitmentKind {
    const ALL: &'static [Self] = &[Self::Draft, Self::Order, Self::Delivery];

    /// Its name in data.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Order => "order",
            Self::Delivery => "delivery",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// What a credit line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CreditLineKind {
    Limit,
    FamilyLimit,
    Guarantee,
    Insurance,
    OpenItems,
    Overdue,
    Deliveries,
    Orders,
    Drafts,
}

impl CreditLineKind {
    const ALL: &'static [Self] = &[
        Self::Limit,
        Self::FamilyLimit,
        Self::Guarantee,
        Self::Insurance,
        Self::OpenItems,
        Self::Overdue,
        Self::Deliveries,
        Self::Orders,
        Self::Drafts,
    ];

    /// Its name in data.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::FamilyLimit => "family_limit",
            Self::Guarantee => "guarantee",
            Self::Insurance => "insurance",
            Self::OpenItems => "open_items",
            Self::Overdue => "overdue",
            Self::Deliveries => "deliveries",
            Self::Orders => "orders",
            Self::Drafts => "drafts",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether it secures, so that it has a customer and an amount.
    pub(crate) fn secures(self) -> bool {
        matches!(self, Self::Guarantee | Self::Insurance)
    }
}

/// The state of a delivery or required document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequirementState {
    Missing,
    Fulfilled,
    Waived,
}

impl RequirementState {
    const ALL: &'static [Self] = &[Self::Missing, Self::Fulfilled, Self::Waived];

    /// Its name in data.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Fulfilled => "fulfilled",
            Self::Waived => "waived",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.name() == name)
    }
}
