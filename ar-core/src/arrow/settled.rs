//! Settlements, revaluations and interest as record batches; money, days and texts as in [`output`](super::output).

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Int32Array, RecordBatch, UInt32Array, UInt64Array};
use rust_decimal::Decimal;

use super::output::{Answer, days, dictionary, money, ratios, scale_of, texts};
use crate::interest::{InterestItem, InterestTotal};
use crate::problem::Refused;
use crate::settlement::{
    ExchangeTotal, LineDifference, ProofRow, Question, RevaluationTotal, RevaluedItem, SettlementLine,
};

/// Columns of rows, one after the other.
pub(super) struct Rows<'a, T> {
    rows: &'a [T],
    answer: Answer,
}

impl<'a, T> Rows<'a, T> {
    pub(super) fn of(rows: &'a [T]) -> Self {
        Self { rows, answer: Answer::default() }
    }

    pub(super) fn add(mut self, name: &str, array: ArrayRef) -> Self {
        self.answer = self.answer.column(name, array);
        self
    }

    pub(super) fn text(self, name: &str, of: impl Fn(&'a T) -> &'a str) -> Self {
        let array = texts(self.rows.iter().map(of));
        self.add(name, array)
    }

    pub(super) fn word(self, name: &str, of: impl Fn(&'a T) -> &'a str) -> Self {
        let array = dictionary(self.rows.iter().map(of));
        self.add(name, array)
    }

    pub(super) fn number(self, name: &str, of: impl Fn(&'a T) -> u32) -> Self {
        let array = Arc::new(UInt32Array::from_iter_values(self.rows.iter().map(of)));
        self.add(name, array)
    }

    pub(super) fn count(self, name: &str, of: impl Fn(&'a T) -> u64) -> Self {
        let array = Arc::new(UInt64Array::from_iter_values(self.rows.iter().map(of)));
        self.add(name, array)
    }

    pub(super) fn amount(self, name: &str, of: impl Fn(&'a T) -> Option<&'a Decimal>) -> Result<Self, Refused> {
        let scale = scale_of(self.rows.iter().filter_map(&of));
        let array = money(self.rows.iter().map(of), scale)?;
        Ok(self.add(name, array))
    }

    pub(super) fn batch(self) -> Result<RecordBatch, Refused> {
        self.answer.batch()
    }
}

/// The lines of a settlement.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn settlement_lines(lines: &[SettlementLine]) -> Result<RecordBatch, Refused> {
    Rows::of(lines)
        .text("credit", |line| &line.credit)
        .text("debit", |line| &line.debit)
        .number("instalment", |line| line.instalment)
        .word("currency", |line| &line.currency)
        .amount("amount", |line| Some(&line.amount))?
        .word("debit_currency", |line| &line.debit_currency)
        .amount("debit_amount", |line| Some(&line.debit_amount))?
        .word("strategy", |line| &line.strategy)
        .number("score", |line| line.score)
        .amount("credit_left", |line| Some(&line.credit_left))?
        .amount("debit_left", |line| Some(&line.debit_left))?
        .amount("base_credit", |line| line.base_credit.as_ref())?
        .amount("base_debit", |line| line.base_debit.as_ref())?
        .amount("exchange", |line| line.exchange.as_ref())?
        .batch()
}

/// The differences of a settlement.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn line_differences(differences: &[LineDifference]) -> Result<RecordBatch, Refused> {
    let until = days(differences.iter().map(|held| held.until));
    Rows::of(differences)
        .text("document", |held| &held.document)
        .number("instalment", |held| held.instalment)
        .word("currency", |held| &held.currency)
        .word("kind", |held| &held.kind)
        .amount("amount", |held| Some(&held.amount))?
        .count("line", |held| held.line)
        .word("reason", |held| &held.reason)
        .word("rule", |held| &held.rule)
        .amount("limit", |held| held.limit.as_ref())?
        .add("until", until)
        .amount("base_amount", |held| held.base_amount.as_ref())?
        .amount("base_document", |held| held.base_document.as_ref())?
        .amount("exchange", |held| held.exchange.as_ref())?
        .batch()
}

/// The questions of a settlement; `choices` is a list of lists of text.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn questions(questions: &[Question]) -> Result<RecordBatch, Refused> {
    let mut choices = ListBuilder::new(ListBuilder::new(StringBuilder::new()));
    for question in questions {
        for set in &question.choices {
            for item in set {
                choices.values().values().append_value(item);
            }
            choices.values().append(true);
        }
        choices.append(true);
    }
    Rows::of(questions)
        .word("kind", |asked| &asked.kind)
        .text("credit", |asked| &asked.credit)
        .text("document", |asked| &asked.document)
        .number("instalment", |asked| asked.instalment)
        .amount("amount", |asked| asked.amount.as_ref())?
        .add("choices", Arc::new(choices.finish()))
        .count("total", |asked| asked.total)
        .batch()
}

/// That a settlement lost nothing, a row for each currency.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn proof_rows(proof: &[ProofRow]) -> Result<RecordBatch, Refused> {
    Rows::of(proof)
        .word("currency", |row| &row.currency)
        .amount("received", |row| Some(&row.received))?
        .amount("applied", |row| Some(&row.applied))?
        .amount("closed", |row| Some(&row.closed))?
        .amount("unapplied", |row| Some(&row.unapplied))?
        .amount("claims", |row| Some(&row.claims))?
        .amount("paid", |row| Some(&row.paid))?
        .amount("discount", |row| Some(&row.discount))?
        .amount("discount_tax", |row| Some(&row.discount_tax))?
        .amount("tolerance", |row| Some(&row.tolerance))?
        .amount("write_off", |row| Some(&row.write_off))?
        .amount("bank_charge", |row| Some(&row.bank_charge))?
        .amount("cash_rounding", |row| Some(&row.cash_rounding))?
        .amount("residual", |row| Some(&row.residual))?
        .amount("open", |row| Some(&row.open))?
        .add("matched_share", ratios(proof.iter().map(|row| row.matched_share.as_deref()), 2)?)
        .batch()
}

/// The exchange differences of a settlement.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn exchange_totals(totals: &[ExchangeTotal]) -> Result<RecordBatch, Refused> {
    Rows::of(totals).word("currency", |total| &total.currency).amount("amount", |total| Some(&total.amount))?.batch()
}

/// The items of a revaluation; the rate is text, so that it keeps its digits.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn revalued_items(items: &[RevaluedItem]) -> Result<RecordBatch, Refused> {
    let rates: Vec<String> = items.iter().map(|item| item.rate.to_string()).collect();
    Rows::of(items)
        .text("document", |item| &item.document)
        .number("instalment", |item| item.instalment)
        .word("customer", |item| &item.customer)
        .word("currency", |item| &item.currency)
        .amount("open", |item| Some(&item.open))?
        .word("base_currency", |item| &item.base_currency)
        .amount("base_open", |item| Some(&item.base_open))?
        .add("rate", texts(rates.iter().map(String::as_str)))
        .amount("revalued", |item| Some(&item.revalued))?
        .amount("difference", |item| Some(&item.difference))?
        .batch()
}

/// The totals of a revaluation.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn revaluation_totals(totals: &[RevaluationTotal]) -> Result<RecordBatch, Refused> {
    Rows::of(totals)
        .word("currency", |total| &total.currency)
        .amount("base_open", |total| Some(&total.base_open))?
        .amount("revalued", |total| Some(&total.revalued))?
        .amount("difference", |total| Some(&total.difference))?
        .batch()
}

/// The items of interest, without their segments.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn interest_items(items: &[InterestItem]) -> Result<RecordBatch, Refused> {
    let late = Arc::new(Int32Array::from_iter_values(items.iter().map(|item| item.days)));
    Rows::of(items)
        .text("document", |item| &item.document)
        .number("instalment", |item| item.instalment)
        .word("customer", |item| &item.customer)
        .word("currency", |item| &item.currency)
        .add("due_date", days(items.iter().map(|item| Some(item.due_date))))
        .add("days", late)
        .amount("open", |item| Some(&item.open))?
        .add("from", days(items.iter().map(|item| item.from)))
        .add("until", days(items.iter().map(|item| item.until)))
        .amount("accrued", |item| Some(&item.accrued))?
        .amount("interest", |item| Some(&item.interest))?
        .amount("compensation", |item| Some(&item.compensation))?
        .word("rule", |item| &item.rule)
        .batch()
}

/// The totals of interest.
///
/// # Errors
/// `limit_exceeded` when there are more than a batch can hold.
pub fn interest_totals(totals: &[InterestTotal]) -> Result<RecordBatch, Refused> {
    Rows::of(totals)
        .word("currency", |total| &total.currency)
        .count("items", |total| total.items)
        .amount("open", |total| Some(&total.open))?
        .amount("interest", |total| Some(&total.interest))?
        .amount("compensation", |total| Some(&total.compensation))?
        .batch()
}
