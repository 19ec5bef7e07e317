//! Aging and allocation over dense columns of a host, in any order: nothing is interned, nothing is kept.
//!
//! **Shape**: `customer` (dense whole numbers from 0), `currency` (likewise, fewer than 256), `due` (`date32`), `open_minor` (`int64`,
//! minor units). For payments `day` and `amount_minor` stand for `due` and `open_minor`.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, UInt8Array, UInt32Array};
use arrow_buffer::ScalarBuffer;
use arrow_schema::DataType;

use super::output::whole_numbers;
use crate::aging::AgingPolicy;
use crate::aging::columns::{Sums, age_columns};
use crate::allocation::columns::allocate_columns;
use crate::calendar::Day;
use crate::item::columns::{Accounts, ColumnError, Columns};
use crate::problem::{Problem, Refused};

/// The columns of open items or payments, borrowed from a batch.
struct Dense {
    customer: ScalarBuffer<u32>,
    currency: ScalarBuffer<u8>,
    customers: usize,
    currencies: u8,
    day: ScalarBuffer<i32>,
    minor: ScalarBuffer<i64>,
}

fn problem(code: &str, reason: &str, field: &str) -> Refused {
    Problem::new(code, reason).field(field).into()
}

fn column<'a>(batch: &'a RecordBatch, name: &str, wanted: &DataType) -> Result<&'a ArrayRef, Refused> {
    let Some(array) = batch.column_by_name(name) else {
        return Err(problem("missing_field", "expected the column", name));
    };
    if array.null_count() > 0 {
        return Err(problem("missing_field", "expected a value in every row", name));
    }
    if array.data_type() != wanted {
        let reason = format!("expected a column of {wanted}, got {}", array.data_type());
        return Err(problem("wrong_type", &reason, name));
    }
    Ok(array)
}

/// Dense numbers: 32-bit ones are borrowed, others narrowed. A number below zero is out of range and refused later.
fn numbers(batch: &RecordBatch, name: &str) -> Result<ScalarBuffer<u32>, Refused> {
    let Some(array) = batch.column_by_name(name) else {
        return Err(problem("missing_field", "expected the column", name));
    };
    if array.null_count() > 0 {
        return Err(problem("missing_field", "expected a value in every row", name));
    }
    match array.data_type() {
        DataType::Int32 => {
            let values = array.as_primitive::<arrow_array::types::Int32Type>().values();
            Ok(ScalarBuffer::new(values.inner().clone(), 0, values.len()))
        }
        DataType::UInt32 => Ok(array.as_primitive::<arrow_array::types::UInt32Type>().values().clone()),
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>().values();
            Ok(values.iter().map(|value| u32::try_from(*value).unwrap_or(u32::MAX)).collect())
        }
        other => Err(problem("wrong_type", &format!("expected whole numbers, got {other}"), name)),
    }
}

fn small_numbers(batch: &RecordBatch, name: &str) -> Result<ScalarBuffer<u8>, Refused> {
    let Some(array) = batch.column_by_name(name) else {
        return Err(problem("missing_field", "expected the column", name));
    };
    if array.null_count() > 0 {
        return Err(problem("missing_field", "expected a value in every row", name));
    }
    match array.data_type() {
        DataType::Int8 => {
            let values = array.as_primitive::<arrow_array::types::Int8Type>().values();
            Ok(ScalarBuffer::new(values.inner().clone(), 0, values.len()))
        }
        DataType::UInt8 => Ok(array.as_primitive::<arrow_array::types::UInt8Type>().values().clone()),
        _ => {
            let wide = numbers(batch, name)?;
            Ok(wide.iter().map(|value| u8::try_from(*value).unwrap_or(u8::MAX)).collect())
        }
    }
}

impl Dense {
    fn read(batch: &RecordBatch, day: &str, minor: &str) -> Result<Self, Refused> {
        let customer = numbers(batch, "customer")?;
        let currency = small_numbers(batch, "currency")?;
        let day = column(batch, day, &DataType::Date32)?.as_primitive::<Date32Type>().values().clone();
        let minor = column(batch, minor, &DataType::Int64)?.as_primitive::<Int64Type>().values().clone();
        let most = customer.iter().copied().max().map_or(0, |most| most.saturating_add(1));
        let customers = usize::try_from(most).unwrap_or(usize::MAX);
        let currencies = currency.iter().copied().max().map_or(0, |most| most.saturating_add(1));
        Ok(Self { customer, currency, customers, currencies, day, minor })
    }

    fn columns(&self, customers: usize, currencies: u8) -> Result<Columns<'_>, ColumnError> {
        let accounts = Accounts::Pair { customer: &self.customer, currency: &self.currency, customers, currencies };
        Columns::new(accounts, &self.day, &self.minor)
    }
}

fn refused(error: ColumnError) -> Refused {
    let code = match error {
        ColumnError::TooLarge { .. } => "limit_exceeded",
        ColumnError::Thresholds { .. } => "policy_invalid",
        _ => "wrong_type",
    };
    Refused::one(code, error.to_string())
}

/// Ages dense columns: a row for each customer, currency and bucket that holds an item, by customer and currency.
///
/// **Answer**: `customer`, `currency`, `bucket` (`uint8`), `open_minor` (`int64`; `decimal128` beyond its range), `items`.
///
/// # Errors
/// Those of the policy; `missing_field`, `wrong_type`, `limit_exceeded`. `policy_invalid` for a policy that asks for more than
/// due dates in document currency.
pub fn age_dense(batch: &RecordBatch, day: Day, policy: &AgingPolicy) -> Result<RecordBatch, Refused> {
    let thresholds = policy.plain_thresholds(day)?;
    let dense = Dense::read(batch, "due", "open_minor")?;
    let columns = dense.columns(dense.customers, dense.currencies).map_err(refused)?;
    let rows = age_columns(&columns, &thresholds);
    let width = u32::from(dense.currencies.max(1));
    let customer: Vec<u32> = rows.account.iter().map(|account| account.checked_div(width).unwrap_or(0)).collect();
    // What is left of the account: below `width`, and without a second division.
    let left = |(account, customer): (&u32, &u32)| account.wrapping_sub(customer.wrapping_mul(width)) as u8;
    let currency: Vec<u8> = rows.account.iter().zip(&customer).map(left).collect();
    let sums: ArrayRef = match rows.sum {
        Sums::Narrow(sums) => Arc::new(Int64Array::from(sums)),
        Sums::Wide(sums) => whole_numbers(sums),
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("customer", Arc::new(UInt32Array::from(customer))),
        ("currency", Arc::new(UInt8Array::from(currency))),
        ("bucket", Arc::new(UInt8Array::from(rows.bucket))),
        ("open_minor", sums),
        ("items", Arc::new(UInt32Array::from(rows.count))),
    ];
    RecordBatch::try_from_iter(columns).map_err(|error| Refused::one("limit_exceeded", error.to_string()))
}

/// Spends payments on open items of the same customer and currency, oldest due first (ties by row).
///
/// **Answer**: `payment` and `item` (rows of the two tables), `amount_minor`.
///
/// # Errors
/// `missing_field`, `wrong_type`, `limit_exceeded`.
pub fn allocate_dense(items: &RecordBatch, payments: &RecordBatch) -> Result<RecordBatch, Refused> {
    let items = Dense::read(items, "due", "open_minor")?;
    let payments = Dense::read(payments, "day", "amount_minor")?;
    let customers = items.customers.max(payments.customers);
    let currencies = items.currencies.max(payments.currencies);
    let made = allocate_columns(
        &items.columns(customers, currencies).map_err(refused)?,
        &payments.columns(customers, currencies).map_err(refused)?,
    );
    let made = made.map_err(refused)?;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("payment", Arc::new(UInt32Array::from(made.payment))),
        ("item", Arc::new(UInt32Array::from(made.item))),
        ("amount_minor", Arc::new(Int64Array::from(made.amount))),
    ];
    RecordBatch::try_from_iter(columns).map_err(|error| Refused::one("limit_exceeded", error.to_string()))
}
