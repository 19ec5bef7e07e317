//! What a binding may call: plain data in, plain data out, one error shape. It holds no rule.

mod balances;
mod credit;
#[cfg(feature = "import")]
mod import;
mod interest;
mod json;
#[cfg(feature = "letters")]
mod letters;
mod provision;
mod saved;
mod schemas;
mod terms;
mod values;

use chrono::NaiveDate;

pub use crate::aging::columns::Sums;
pub use crate::aging::{
    AgingItem, AgingPolicy, AgingQuestion, AgingReport, AgingRow, ControlBalance, Dictionary, Difference, KeyColumn,
    LongColumns, Where, WideColumns,
};
pub use crate::allocation::{AllocationPolicy, Explanation, Proposal, ProposalColumns, ProposalLine, UnappliedCredit};
#[cfg(feature = "arrow")]
pub use crate::arrow;
pub use crate::calendar::Day;
pub use crate::credit::{
    CheckOutcome, CreditAlert, CreditChange, CreditCheck, CreditDecision, CreditDesk, CreditPolicy, CreditRequest,
    CreditRequestKind, ExposureAmount, ExposurePer, ExposureReport, ExposureRow, ExposureTotal, LimitProposal,
    LimitQuestion, LimitReason, alert_facts,
};
pub use crate::dunning::{
    AuditRow, ChargeTotal, ComparedCustomer, DunningEvent, DunningExplanation, DunningLine, DunningNotice,
    DunningPolicy, DunningRun, DunningStep, PaidAlready, SimulatedDay, SimulatedNotice, SimulatedTotal, Simulation,
    SkippedItem, Warning, lint,
};
#[cfg(feature = "import")]
pub use crate::import::{ControlTotal, File, FileCount, ImportReport, Imported, Mapping, Rejection, TableCount};
pub use crate::interest::{
    Charged, CompiledInterest, InterestItem, InterestPolicy, InterestQuestion, InterestReport, InterestSegment,
    InterestTotal,
};
pub use crate::item::OpenItem;
pub use crate::kpi::{
    DsoChange, DsoChangeRow, KpiColumns, KpiDefinition, KpiFigures, KpiPolicy, KpiReport, KpiRow, KpiValue,
    RatingCheck, kpi_registry,
};
pub use crate::ledger::cell::{Cell, Source};
pub use crate::ledger::columns::{Column, Columns};
pub use crate::ledger::fact::*;
pub use crate::ledger::matches::Match;
pub use crate::ledger::pending::{PendingFact, PendingReceipts};
pub use crate::ledger::settings::Settings;
pub use crate::ledger::{Batch, Ledger, View};
#[cfg(feature = "letters")]
pub use crate::letters::{
    AddressBookEntry, CreditorReference, LabelledAmount, Language, Letter, LetterBook, LetterFormat, LetterInstalment,
    LetterKind, LetterLayout, LetterLine, Letters, PaymentDetails, Period, Recipient, ReferenceOf, Rendered, Sender,
    Stationery, Tone,
};
pub use crate::made_by::MadeBy;
pub use crate::money::Exact;
pub use crate::picture::{Picture, PicturePolicy};
pub use crate::prediction::{
    AccuracyRow, AccuracyTotal, Calibration, CalibrationOutcome, CashAtRisk, CashForecast, CashPolicy, CashRow,
    CashSum, Drift, DriftOutcome, ForecastAccuracy, Prediction, PredictionAsk, PredictionBasis, PredictionModel,
    PredictionPolicy, PredictionReason,
};
pub use crate::problem::{Problem, Refused};
pub use crate::profiles::{names as profiles, text as profile};
pub use crate::provision::{
    BackTest, BackTestQuestion, BackTestRow, DerivedMatrix, JournalLine, LossRate, LossRatePolicy, LossRates,
    ProvidedBefore, ProvisionItem, ProvisionPolicy, ProvisionPool, ProvisionQuestion, ProvisionReport, ProvisionRow,
    ProvisionTotal, RollMove, SpecificRow,
};
pub use crate::settlement::{
    DiscountDecision, ExchangeTotal, LineDifference, ProofRow, Question, Revaluation, RevaluationTotal, RevaluedItem,
    Settlement, SettlementEdit, SettlementExplanation, SettlementLine, SettlementPolicy,
};
pub use balances::{BALANCE_FIELDS, control_balances};
pub use credit::{credit_request_kind, exposure_per};
#[cfg(feature = "import")]
pub use import::{LoadedImport, import_append, import_ledger, import_text, mapping};
pub use interest::{DebtInterest, DebtPayment, DebtQuestion, debt_interest};
pub use json::{
    JsonFacts, aging_policy, allocation_policy, cash_forecast_from_text, cash_policy, credit_policy, dunning_policy,
    interest_policy, interest_question, kpi_policy, loss_rate_policy, picture_policy, prediction_ask,
    prediction_policy, provision_policy, settings, settlement_edits, settlement_policy, to_json, where_filter,
};
#[cfg(feature = "letters")]
pub use letters::{
    check_creditor_reference, creditor_reference, letter, letter_book, letter_from_json, local_date, local_money,
    notice_letters,
};
pub use provision::{back_test_question, provided_before, provision_question};
pub use saved::{ledger_from_text, ledger_text};
#[cfg(feature = "schema")]
pub use schemas::schema_of_types;
pub use schemas::{schema, schemas};
pub use terms::{
    DateStep, DiscountRates, DueInstalment, ExplainedInstalment, TermsQuestion, YearFraction, business_day, day_count,
    discount_rates, due_dates, explain_due_dates, money, money_from_minor, split,
};
pub use values::{
    CheckedAmount, Misfit, amount_from_text, check_amount, day_from_text, engine_version, exact_from_text,
};

/// A day of the calendar as the engine counts it.
///
/// # Errors
/// `impossible_date` outside the years 1 to 9999.
pub fn day(date: NaiveDate) -> Result<Day, Refused> {
    Ok(Day::try_from(date)?)
}
