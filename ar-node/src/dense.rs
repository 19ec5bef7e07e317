//! Aging and allocation over dense columns of a host, in any order: no ledger, nothing kept.

use std::sync::Arc;

use ar_core::facade::{self, Problem, Refused, arrow};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int64Type, UInt8Type, UInt32Type};
use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, UInt8Array, UInt32Array};
use napi::Result;
use napi::bindgen_prelude::{BigInt64Array, Int32Array, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::errors::raise;
use crate::values::Day;

/// Open items or payments: a day and an amount for each.
#[napi(object, object_to_js = false)]
pub struct DenseIn {
    /// Customers as whole numbers from 0.
    pub customer: Uint32Array,
    /// Currencies as whole numbers from 0.
    pub currency: Uint8Array,
    /// When an item falls due, or a payment came: days since 1970-01-01.
    pub day: Int32Array,
    /// Minor units.
    pub minor: BigInt64Array,
}

/// What is open by customer, currency and bucket.
#[napi(object, object_from_js = false)]
pub struct AgedOut {
    /// The customer of each row.
    pub customer: Uint32Array,
    /// The currency.
    pub currency: Uint8Array,
    /// How many edges are passed.
    pub bucket: Uint8Array,
    /// What is open there.
    pub open_minor: BigInt64Array,
    /// How many items.
    pub items: Uint32Array,
}

/// Which payment pays which item.
#[napi(object, object_from_js = false)]
pub struct AllocatedOut {
    /// The row of the payment.
    pub payment: Uint32Array,
    /// The row of the item.
    pub item: Uint32Array,
    /// How much.
    pub amount_minor: BigInt64Array,
}

/// The columns as a batch, under the names that the engine gives them. Their lengths were compared in `lib/dense.js`.
fn batch(of: &DenseIn, day: &str, minor: &str) -> std::result::Result<RecordBatch, Refused> {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("customer", Arc::new(UInt32Array::from(of.customer.to_vec()))),
        ("currency", Arc::new(UInt8Array::from(of.currency.to_vec()))),
        (day, Arc::new(Date32Array::from(of.day.to_vec()))),
        (minor, Arc::new(Int64Array::from(of.minor.to_vec()))),
    ];
    RecordBatch::try_from_iter(columns).map_err(|error| Refused::one("wrong_type", error.to_string()))
}

/// The values of a column of an answer; a sum past 64 bits is another type of column.
fn values<T: ArrowPrimitiveType>(batch: &RecordBatch, name: &str) -> std::result::Result<Vec<T::Native>, Refused> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<T>());
    let wide = || Problem::new("too_large", "expected a sum within 64 bits").field(name);
    Ok(column.ok_or_else(wide)?.values().to_vec())
}

fn aged(items: &DenseIn, day: facade::Day, policy: &str) -> std::result::Result<AgedOut, Refused> {
    let rows = arrow::age_dense(&batch(items, "due", "open_minor")?, day, &facade::aging_policy(policy)?)?;
    Ok(AgedOut {
        customer: values::<UInt32Type>(&rows, "customer")?.into(),
        currency: values::<UInt8Type>(&rows, "currency")?.into(),
        bucket: values::<UInt8Type>(&rows, "bucket")?.into(),
        open_minor: values::<Int64Type>(&rows, "open_minor")?.into(),
        items: values::<UInt32Type>(&rows, "items")?.into(),
    })
}

fn allocated(items: &DenseIn, payments: &DenseIn) -> std::result::Result<AllocatedOut, Refused> {
    let made = arrow::allocate_dense(&batch(items, "due", "open_minor")?, &batch(payments, "day", "amount_minor")?)?;
    Ok(AllocatedOut {
        payment: values::<UInt32Type>(&made, "payment")?.into(),
        item: values::<UInt32Type>(&made, "item")?.into(),
        amount_minor: values::<Int64Type>(&made, "amount_minor")?.into(),
    })
}

/// Ages open items.
#[napi(catch_unwind)]
pub fn age_dense(items: DenseIn, day: Day, policy: String) -> Result<AgedOut> {
    aged(&items, day.count("day")?, &policy).map_err(raise)
}

/// Spends payments on open items, oldest due first.
#[napi(catch_unwind)]
pub fn allocate_dense(items: DenseIn, payments: DenseIn) -> Result<AllocatedOut> {
    allocated(&items, &payments).map_err(raise)
}
