//! Interest and compensation, and their rows as mirrors of the facade's.

use ar_core::facade::{self, DebtPayment, DebtQuestion};
pub use ar_core::facade::{DebtInterest, InterestItem, InterestReport, InterestSegment, InterestTotal};

use crate::reports::MadeBy;
use crate::values::{Day, GivenDay, GivenMoney, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// What is asked about interest beside the day of a view.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct InterestQuestion {
    /// What is charged already.
    #[uniffi(default)]
    pub charged: Vec<ChargedInterest>,
    /// Documents whose compensation is charged already.
    #[uniffi(default)]
    pub compensated: Vec<String>,
    /// About these customers alone; about all when empty.
    #[uniffi(default)]
    pub customers: Vec<String>,
    /// About these documents alone; about all when empty.
    #[uniffi(default)]
    pub documents: Vec<String>,
}

/// Up to which day the interest of an item is charged already.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ChargedInterest {
    /// The document.
    pub document: String,
    /// The last day that is charged.
    pub until: GivenDay,
    /// Its instalment; all of them when absent.
    #[uniffi(default)]
    pub instalment: Option<u32>,
}

impl InterestQuestion {
    pub(crate) fn read(self) -> Result<facade::InterestQuestion> {
        let charged = |(index, row): (u64, ChargedInterest)| {
            let until = row.until.day("until").map_err(|refusal| refusal.at(Some("charged"), Some(index), "until"))?;
            Ok(facade::Charged { document: row.document, instalment: row.instalment, until })
        };
        Ok(facade::InterestQuestion {
            charged: (0..).zip(self.charged).map(charged).collect::<Result<_>>()?,
            compensated: self.compensated,
            customers: self.customers,
            documents: self.documents,
        })
    }
}

/// A debt, what was paid on it and up to which day its interest is asked for.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Debt {
    /// Its currency.
    pub currency: String,
    /// What was owed.
    pub amount: GivenMoney,
    /// When it fell due.
    pub due_date: GivenDay,
    /// The last day of interest.
    pub until: GivenDay,
    /// What was paid on it; below zero what was taken back.
    #[uniffi(default)]
    pub payments: Vec<PaymentOnDebt>,
    /// The last day whose interest is charged already.
    #[uniffi(default)]
    pub charged_until: Option<GivenDay>,
}

/// A payment on a debt.
#[derive(Debug, Clone, uniffi::Record)]
pub struct PaymentOnDebt {
    /// The day it counts from.
    pub date: GivenDay,
    /// What it takes off the debt.
    pub amount: GivenMoney,
}

/// The interest and compensation of one debt, by a policy as JSON text.
#[uniffi::export(default(settings = "{}"))]
pub fn debt_interest(policy: String, debt: Debt, settings: String) -> Result<DebtInterest> {
    let payment = |(index, paid): (u64, &PaymentOnDebt)| -> Result<DebtPayment> {
        let at = |field| move |refusal: facade::Refused| refusal.at(Some("payments"), Some(index), field);
        let date = paid.date.date("date").map_err(at("date"))?;
        Ok(DebtPayment { date, amount: paid.amount.read("amount").map_err(at("amount"))? })
    };
    let payments = (0..).zip(&debt.payments).map(payment).collect::<Result<Vec<_>>>()?;
    let question = DebtQuestion {
        policy: &policy,
        currency: &debt.currency,
        amount: debt.amount.read("amount")?,
        due_date: debt.due_date.date("due_date")?,
        until: debt.until.date("until")?,
        payments: &payments,
        charged_until: debt.charged_until.as_ref().map(|day| day.date("charged_until")).transpose()?,
    };
    Ok(facade::debt_interest(&question, &facade::settings(&settings)?)?)
}

/// Days with one balance and one rate.
#[uniffi::remote(Record)]
pub struct InterestSegment {
    /// The first day of interest.
    pub from: Day,
    /// The last.
    pub until: Day,
    /// How many they are, as the day count has it.
    pub days: i32,
    /// What was left.
    pub balance: Money,
    /// Earlier interest that earns interest.
    pub compounded: Money,
    /// Per cent.
    pub percent: Money,
    /// The part of the rate's year or period, such as `31/365`.
    pub part: String,
    /// The interest.
    pub interest: Money,
}

/// The interest of an overdue item.
#[uniffi::remote(Record)]
pub struct InterestItem {
    /// The document.
    pub document: String,
    /// Its instalment, 0 without a schedule.
    pub instalment: u32,
    /// Who owes.
    pub customer: String,
    /// Its currency.
    pub currency: String,
    /// When it fell due.
    pub due_date: Day,
    /// Days past due on the view's day.
    pub days: i32,
    /// What is left on the view's day.
    pub open: Money,
    /// The first day of interest that is charged; none without one.
    pub from: Option<Day>,
    /// The last.
    pub until: Option<Day>,
    /// What accrued on these days.
    pub accrued: Money,
    /// What is charged: `accrued`, or nothing when that is below the minimum.
    pub interest: Money,
    /// The fixed sum for the costs of recovery.
    pub compensation: Money,
    /// The rule, such as `interest.accrued`.
    pub rule: String,
    /// What `accrued` re-adds from; empty unless reasons were asked for.
    pub segments: Vec<InterestSegment>,
}

/// The sums of one currency.
#[uniffi::remote(Record)]
pub struct InterestTotal {
    /// The currency.
    pub currency: String,
    /// How many items there are.
    pub items: u64,
    /// What is left of them.
    pub open: Money,
    /// What is charged.
    pub interest: Money,
    /// The fixed sums.
    pub compensation: Money,
}

/// What the overdue items of a view bear. Nothing is posted by it.
#[uniffi::remote(Record)]
pub struct InterestReport {
    /// The view's day, the last day of interest.
    pub on: Day,
    /// The overdue items, in the order of open items.
    pub items: Vec<InterestItem>,
    /// The sums, sorted by currency.
    pub totals: Vec<InterestTotal>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// The interest of a debt, with its reasons.
#[uniffi::remote(Record)]
pub struct DebtInterest {
    /// What is left at the end of the last day.
    pub open: Money,
    /// What accrued; the sum of the segments'.
    pub accrued: Money,
    /// What is charged: `accrued`, or nothing when that is below the minimum.
    pub interest: Money,
    /// The fixed sum for the costs of recovery.
    pub compensation: Money,
    /// The rule, such as `interest.accrued`.
    pub rule: String,
    /// Runs of days with one balance and one rate.
    pub segments: Vec<InterestSegment>,
}
