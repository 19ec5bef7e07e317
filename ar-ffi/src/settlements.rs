//! Settlements and revaluations, and their rows as mirrors of the facade's.

use ar_core::facade;
pub use ar_core::facade::{
    DiscountDecision, ExchangeTotal, LineDifference, ProofRow, Question, Revaluation, RevaluationTotal, RevaluedItem,
    SettlementExplanation, SettlementLine,
};

use crate::facts::Facts;
use crate::reports::{MadeBy, UnappliedCredit};
use crate::values::{Day, GivenMoney, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// What the open credits of a view settle. Nothing is posted by it.
#[derive(Debug, uniffi::Object)]
pub struct Settlement {
    pub(crate) inner: facade::Settlement,
}

#[uniffi::export]
impl Settlement {
    /// The policy and the engine that made it.
    pub fn made_by(&self) -> Result<MadeBy> {
        Ok(self.inner.made_by())
    }

    /// The lines, as they were made.
    pub fn lines(&self) -> Result<Vec<SettlementLine>> {
        Ok(self.inner.lines())
    }

    /// The differences, in the order of their lines, discounts first.
    pub fn differences(&self) -> Result<Vec<LineDifference>> {
        Ok(self.inner.differences())
    }

    /// What stays on account.
    pub fn unapplied(&self) -> Result<Vec<UnappliedCredit>> {
        Ok(self.inner.unapplied())
    }

    /// What somebody has to decide: late discounts, and amounts that several sets of items have.
    pub fn questions(&self) -> Result<Vec<Question>> {
        Ok(self.inner.questions())
    }

    /// That nothing was lost, currency by currency.
    pub fn proof(&self) -> Result<Vec<ProofRow>> {
        Ok(self.inner.proof())
    }

    /// The exchange differences, by base currency.
    pub fn exchange(&self) -> Result<Vec<ExchangeTotal>> {
        Ok(self.inner.exchange())
    }

    /// The part that is about one credit, one debit, or the two together.
    #[uniffi::method(default(credit = None, debit = None))]
    pub fn explain(&self, credit: Option<String>, debit: Option<String>) -> Result<SettlementExplanation> {
        Ok(self.inner.explain(credit.as_deref(), debit.as_deref()))
    }

    /// The settlement without some lines, by their numbers from 0, and without the differences beside them. What they paid
    /// stays on account.
    pub fn without(&self, lines: Vec<u64>) -> Result<Self> {
        let lines: Vec<usize> = lines.into_iter().map(|line| usize::try_from(line).unwrap_or(usize::MAX)).collect();
        Ok(Self { inner: self.inner.without(&lines)? })
    }

    /// The settlement with changes, each proved like a fresh proposal. What a credit has more than before stays on account.
    pub fn edit(&self, edits: Vec<SettlementEdit>) -> Result<Self> {
        let edits = (0..).zip(edits).map(|(index, edit)| edit.read(index)).collect::<Result<Vec<_>>>()?;
        Ok(Self { inner: self.inner.edit(&edits)? })
    }

    /// The rows to append, effective on the view's day: allocations `<prefix>-1`, `<prefix>-2`, …, beside the n-th the
    /// differences `<prefix>-<n>-d1`, …, and for a residual the document `<prefix>-<n>-r`.
    pub fn facts(&self, id_prefix: String) -> Result<Facts> {
        Ok(self.inner.facts(&id_prefix).into())
    }
}

/// What is said about a discount: it is taken, though it is late; or it is not, late or in time.
#[uniffi::remote(Enum)]
pub enum DiscountDecision {
    /// It is taken.
    Accepted,
    /// It is not.
    Refused,
}

/// A change of a settlement: of a line by its number from 0, or of the discounts of a document, which settles everything anew.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct SettlementEdit {
    /// The number of the line.
    #[uniffi(default)]
    pub line: Option<u64>,
    /// A document whose discounts are decided about.
    #[uniffi(default)]
    pub document: Option<String>,
    /// Its instalment; all of them when absent.
    #[uniffi(default)]
    pub instalment: Option<u32>,
    /// What the line takes from its credit.
    #[uniffi(default)]
    pub amount: Option<GivenMoney>,
    /// Whether the line is left out.
    #[uniffi(default)]
    pub drop: bool,
    /// What is said about the discount.
    #[uniffi(default)]
    pub discount: Option<DiscountDecision>,
    /// The reason of what stands beside the line; empty for none.
    #[uniffi(default)]
    pub reason: Option<String>,
}

impl SettlementEdit {
    fn read(self, index: u64) -> Result<facade::SettlementEdit> {
        let amount = |given: GivenMoney| {
            let text = given.text("amount").map_err(|refusal| refusal.at(Some("edits"), Some(index), "amount"))?;
            facade::exact_from_text(&text).map_err(|refusal| refusal.at(Some("edits"), Some(index), "amount"))
        };
        Ok(facade::SettlementEdit {
            line: self.line,
            document: self.document,
            instalment: self.instalment,
            amount: self.amount.map(amount).transpose()?,
            drop: self.drop,
            discount: self.discount,
            reason: self.reason,
        })
    }
}

/// One line: what a credit pays of a debit, and why.
#[uniffi::remote(Record)]
pub struct SettlementLine {
    /// The document that pays.
    pub credit: String,
    /// The document that is paid.
    pub debit: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// The credit's currency.
    pub currency: String,
    /// What is taken from the credit, above zero.
    pub amount: Money,
    /// The debit's currency.
    pub debit_currency: String,
    /// What it pays of the debit, above zero.
    pub debit_amount: Money,
    /// The strategy that matched them.
    pub strategy: String,
    /// How sure the match is, of `scored`: 1 to 4000, 3001 and above is high; 0 of other strategies.
    pub score: u32,
    /// What was left of the credit before.
    pub credit_left: Money,
    /// What was left of the debit item before.
    pub debit_left: Money,
    /// What the amount is worth in base currency; none without base amounts.
    pub base_credit: Option<Money>,
    /// What it takes off the debit in base currency.
    pub base_debit: Option<Money>,
    /// `base_credit` − `base_debit`: a gain above zero.
    pub exchange: Option<Money>,
}

/// A difference beside a line: what closes a document beyond the money.
#[uniffi::remote(Record)]
pub struct LineDifference {
    /// The document that it closes a part of.
    pub document: String,
    /// Its instalment, 0 without a schedule, or on a credit.
    pub instalment: u32,
    /// The document's currency.
    pub currency: String,
    /// `discount`, `discount_tax`, `tolerance`, `write_off`, `bank_charge`, `cash_rounding`, `residual`.
    pub kind: String,
    /// How much, above zero.
    pub amount: Money,
    /// The number of the line that it stands beside, from 0.
    pub line: u64,
    /// The reason it is booked with, empty without one.
    pub reason: String,
    /// The rule that let it go.
    pub rule: String,
    /// What was allowed at most, in the credit's currency.
    pub limit: Option<Money>,
    /// The last day of the discount.
    pub until: Option<Day>,
    /// What it is worth in base currency, where the policy values it at the rate of the day.
    pub base_amount: Option<Money>,
    /// What it takes off the document in base currency, then.
    pub base_document: Option<Money>,
    /// The exchange difference between the two: a gain above zero.
    pub exchange: Option<Money>,
}

/// What somebody has to decide.
#[uniffi::remote(Record)]
pub struct Question {
    /// `late_discount` or `ambiguous`.
    pub kind: String,
    /// The credit; empty where it is about none.
    pub credit: String,
    /// The debit; empty where it is about none.
    pub document: String,
    /// Its instalment.
    pub instalment: u32,
    /// How much more a late discount would be worth.
    pub amount: Option<Money>,
    /// The sets that have the amount, as `document` or `document/instalment`; at most 20.
    pub choices: Vec<Vec<String>>,
    /// How many sets there are.
    pub total: u64,
}

/// That nothing was lost, in one currency: `received` = `applied` + `closed` + `unapplied`, and `claims` = `paid` + each kind
/// of difference + `open`.
#[uniffi::remote(Record)]
pub struct ProofRow {
    /// The currency.
    pub currency: String,
    /// What the credits had.
    pub received: Money,
    /// What lines take from them.
    pub applied: Money,
    /// Differences on credits.
    pub closed: Money,
    /// What stays on account.
    pub unapplied: Money,
    /// What the debits had.
    pub claims: Money,
    /// What lines pay of them.
    pub paid: Money,
    /// Discounts.
    pub discount: Money,
    /// The tax in discounts.
    pub discount_tax: Money,
    /// Payment tolerance.
    pub tolerance: Money,
    /// Write-offs.
    pub write_off: Money,
    /// Bank charges.
    pub bank_charge: Money,
    /// Rounding of cash.
    pub cash_rounding: Money,
    /// What became a new document.
    pub residual: Money,
    /// What stays open.
    pub open: Money,
    /// Of what the credits had, what is taken up, in per cent with two digits; none where they had nothing. Of a settlement as it
    /// was proposed, before anybody changed it, the auto-match rate.
    pub matched_share: Option<String>,
}

/// The exchange differences in one base currency.
#[uniffi::remote(Record)]
pub struct ExchangeTotal {
    /// The base currency.
    pub currency: String,
    /// Gains less losses.
    pub amount: Money,
}

/// The part of a settlement that is about one credit or debit.
#[uniffi::remote(Record)]
pub struct SettlementExplanation {
    /// The lines, in their order.
    pub lines: Vec<SettlementLine>,
    /// The differences beside them; `line` counts all lines of the settlement.
    pub differences: Vec<LineDifference>,
    /// What stays on account of the credit asked for; nothing when a debit was asked for.
    pub unapplied: Vec<UnappliedCredit>,
}

/// An open item in foreign currency, and what it is worth. Amounts have the document's sign.
#[uniffi::remote(Record)]
pub struct RevaluedItem {
    /// The document.
    pub document: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// Its currency.
    pub currency: String,
    /// What is open.
    pub open: Money,
    /// The base currency of its company.
    pub base_currency: String,
    /// What is open by the base amounts of the ledger.
    pub base_open: Money,
    /// The latest rate that counts.
    pub rate: Money,
    /// What is open at that rate.
    pub revalued: Money,
    /// `revalued` − `base_open`: a gain above zero.
    pub difference: Money,
}

/// The sums of a revaluation in one base currency.
#[uniffi::remote(Record)]
pub struct RevaluationTotal {
    /// The base currency.
    pub currency: String,
    /// What is open by the base amounts of the ledger.
    pub base_open: Money,
    /// What is open at the rates.
    pub revalued: Money,
    /// The unrealised exchange difference.
    pub difference: Money,
}

/// The unrealised exchange difference of a day: an entry of the general ledger, taken back on the next.
#[uniffi::remote(Record)]
pub struct Revaluation {
    /// The view's day.
    pub on: Day,
    /// The day on which it is taken back; none after the last day of the calendar.
    pub reversed_on: Option<Day>,
    /// The items, in the order of open items.
    pub items: Vec<RevaluedItem>,
    /// The sums, sorted by base currency.
    pub totals: Vec<RevaluationTotal>,
}
