//! What does a letter say? Plain data of whoever writes it: a dunning run, a month end, a user.
//!
//! Figures come in finished and are added up again before anything is printed; nothing here is looked up in a ledger.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::local::Language;
use super::read;

/// A letter to be written; see `docs/letters.md`.
///
/// **Sign**: as in a ledger, positive is what the customer owes. **Currency**: one, for every amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// What kind of letter it is.
    pub kind: LetterKind,
    /// How it speaks; a notice needs it unless `template` says more, and no other kind has one.
    #[serde(default)]
    pub tone: Option<Tone>,
    /// The template by its key without the language, such as `notice/firm`; by default what kind and tone say.
    #[serde(default)]
    pub template: Option<String>,
    /// In which language.
    pub language: Language,
    /// What is made of it.
    #[serde(default)]
    pub format: LetterFormat,
    /// The date that it bears.
    #[serde(deserialize_with = "read::day")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::calendar::Day"))]
    pub date: NaiveDate,
    /// Who writes.
    pub sender: Sender,
    /// To whom.
    pub customer: Recipient,
    /// The currency of every amount.
    pub currency: String,
    /// The document that the letter is about: the number of an invoice, of a receipt.
    #[serde(default)]
    pub document: Option<String>,
    /// The first and last day of an activity statement.
    #[serde(default)]
    pub period: Option<Period>,
    /// What is open (notice, statement), what happened (activity), what is billed (invoice), what was paid (thanks).
    #[serde(default)]
    pub lines: Vec<LetterLine>,
    /// What was owed before the first line of an activity statement; 0 by default.
    #[serde(default, deserialize_with = "read::amounts")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Exact>"))]
    pub opening_balance: Option<Decimal>,
    /// Taxes of an invoice.
    #[serde(default)]
    pub taxes: Vec<LabelledAmount>,
    /// All fees, those at lines too.
    #[serde(default, deserialize_with = "read::amounts")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Exact>"))]
    pub fees: Option<Decimal>,
    /// All interest, that at lines too.
    #[serde(default, deserialize_with = "read::amounts")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Exact>"))]
    pub interest: Option<Decimal>,
    /// Fixed compensation for late payment.
    #[serde(default, deserialize_with = "read::amounts")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Exact>"))]
    pub compensation: Option<Decimal>,
    /// What the letter comes to; it must be what the rest adds up to.
    ///
    /// Notice: open − disputed + fees + interest + compensation. Statement: open + fees + interest + compensation.
    /// Activity: opening balance + amounts. Invoice: amounts + taxes. Thanks: what was received, at least the amounts.
    #[serde(deserialize_with = "read::amount")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::money::Exact"))]
    pub total: Decimal,
    /// By when to pay.
    #[serde(default, deserialize_with = "read::days")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::calendar::Day>"))]
    pub due_date: Option<NaiveDate>,
    /// The parts in which an invoice is to be paid.
    #[serde(default)]
    pub instalments: Vec<LetterInstalment>,
    /// How to pay.
    #[serde(default)]
    pub payment: PaymentDetails,
    /// How old the balance is, bucket by bucket, as the last table.
    #[serde(default)]
    pub aging: Vec<LabelledAmount>,
    /// A word of the writer's own, after the opening; each line of it is a paragraph.
    #[serde(default)]
    pub message: Option<String>,
}

/// What kind of letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// A dunning notice: what should have been paid, or soon should be.
    Notice,
    /// A statement of account: every open item.
    Statement,
    /// A statement of account: what happened in a period, with a running balance.
    Activity,
    /// An invoice.
    Invoice,
    /// Thanks for a payment.
    Thanks,
}

impl LetterKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Notice, Self::Statement, Self::Activity, Self::Invoice, Self::Thanks];

    /// Its name in data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Statement => "statement",
            Self::Activity => "activity",
            Self::Invoice => "invoice",
            Self::Thanks => "thanks",
        }
    }
}

/// How a notice speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// A friendly reminder; before the due date too.
    Friendly,
    /// A reminder that means it.
    Firm,
    /// The last reminder.
    Urgent,
    /// The announcement that the claim will be handed over.
    Final,
}

impl Tone {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Friendly, Self::Firm, Self::Urgent, Self::Final];

    /// Its name in data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Friendly => "friendly",
            Self::Firm => "firm",
            Self::Urgent => "urgent",
            Self::Final => "final",
        }
    }
}

/// What is made of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LetterFormat {
    /// Plain text, for a font of fixed width.
    #[default]
    Text,
    /// One HTML page that needs nothing else.
    Html,
}

impl LetterFormat {
    /// Its name in data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The company's name.
    pub name: String,
    /// Street, town, country: a line each.
    #[serde(default)]
    pub address: Vec<String>,
    /// Where to write.
    #[serde(default)]
    pub email: Option<String>,
    /// Where to call.
    #[serde(default)]
    pub phone: Option<String>,
    /// The bank's name.
    #[serde(default)]
    pub bank: Option<String>,
    /// The account to pay into.
    #[serde(default)]
    pub iban: Option<String>,
    /// The bank's code.
    #[serde(default)]
    pub bic: Option<String>,
    /// The number under which the company pays value-added tax.
    #[serde(default)]
    pub tax_id: Option<String>,
    /// Who signs, when it is a person.
    #[serde(default)]
    pub signatory: Option<String>,
}

/// To whom.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The customer's number.
    pub id: String,
    /// The customer's name.
    pub name: String,
    /// Street, town, country: a line each.
    #[serde(default)]
    pub address: Vec<String>,
    /// The person to whose attention it comes.
    #[serde(default)]
    pub contact: Option<String>,
    /// The words that it opens with, such as `Dear Ms Miller,`; by default those for a company.
    #[serde(default)]
    pub salutation: Option<String>,
}

/// The first and the last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first.
    #[serde(deserialize_with = "read::day")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::calendar::Day"))]
    pub from: NaiveDate,
    /// The last.
    #[serde(deserialize_with = "read::day")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::calendar::Day"))]
    pub to: NaiveDate,
}

/// A line of a letter: a document or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LetterLine {
    /// The document's number.
    pub document: String,
    /// Which part of it, from 1.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub instalment: Option<u32>,
    /// The customer's own reference: an order number.
    #[serde(default)]
    pub reference: Option<String>,
    /// The date on the document.
    #[serde(deserialize_with = "read::day")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::calendar::Day"))]
    pub document_date: NaiveDate,
    /// When it is due.
    #[serde(default, deserialize_with = "read::days")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::calendar::Day>"))]
    pub due_date: Option<NaiveDate>,
    /// Days since then, below zero before it; by default counted to the letter's date.
    #[serde(default)]
    pub days_past_due: Option<i32>,
    /// The amount of the document or of the part; a credit is below zero.
    #[serde(deserialize_with = "read::amount")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::money::Exact"))]
    pub amount: Decimal,
    /// What is open of it; by default all.
    #[serde(default, deserialize_with = "read::amounts")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Exact>"))]
    pub open: Option<Decimal>,
    /// Its dunning level, from 1.
    #[serde(default)]
    pub level: Option<u32>,
    /// What of the open part is disputed.
    #[serde(default, deserialize_with = "read::amounts")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Exact>"))]
    pub disputed: Option<Decimal>,
    /// Interest on it, which the letter's `interest` holds too.
    #[serde(default, deserialize_with = "read::amounts")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Exact>"))]
    pub interest: Option<Decimal>,
    /// The fee for it, which the letter's `fees` hold too.
    #[serde(default, deserialize_with = "read::amounts")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::money::Exact>"))]
    pub fee: Option<Decimal>,
    /// What is said beneath it; of an invoice, what is billed.
    #[serde(default)]
    pub note: Option<String>,
}

/// A part of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LetterInstalment {
    /// Which, from 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub number: u32,
    /// When it is due.
    #[serde(deserialize_with = "read::day")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::calendar::Day"))]
    pub due_date: NaiveDate,
    /// How much it is.
    #[serde(deserialize_with = "read::amount")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::money::Exact"))]
    pub amount: Decimal,
}

/// An amount and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LabelledAmount {
    /// The words before it.
    pub label: String,
    /// The amount.
    #[serde(deserialize_with = "read::amount")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::money::Exact"))]
    pub amount: Decimal,
}

/// How to pay.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PaymentDetails {
    /// Where to pay at once: a link that begins with `https://` or `http://`.
    #[serde(default)]
    pub link: Option<String>,
    /// What to quote; one that begins with `RF` and two digits is a creditor reference, and checked.
    #[serde(default)]
    pub reference: Option<String>,
}

/// A letter as it goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Its subject: one line of plain text in either format.
    pub subject: String,
    /// The letter.
    pub body: String,
    /// What the body is.
    pub format: LetterFormat,
    /// Its language.
    pub language: Language,
    /// The key of the template that spoke, such as `de/notice/firm`.
    pub template: String,
}
