//! Money and days from JavaScript, exactly or not at all.
//!
//! Both are text; money may also be a `bigint` of whole major units. A JavaScript number cannot hold cents, so none is
//! taken. Reading never fails where napi would name a Rust type; the refusal waits in the value until the caller says
//! where the value stands.

use ar_core::facade::{self, Misfit, Refused};
use chrono::NaiveDate;
use napi::bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue};
use napi::{JsValue, Result, Unknown, ValueType, sys};
use rust_decimal::Decimal;

use crate::errors::raise;

type Read<T> = std::result::Result<T, Refused>;

/// The text of a value, or the refusal that says what came instead.
fn text(value: Unknown<'_>, expected: &str, whole_numbers: bool) -> Result<Read<String>> {
    let found = value.get_type()?;
    let (misfit, got) = match found {
        ValueType::String => return Ok(Ok(value.coerce_to_string()?.into_utf8()?.into_owned()?)),
        ValueType::BigInt if whole_numbers => return Ok(Ok(value.coerce_to_string()?.into_utf8()?.into_owned()?)),
        ValueType::Undefined | ValueType::Null => {
            return Ok(Err(Refused::one("missing_field", format!("expected {expected}, got nothing"))));
        }
        ValueType::Number if whole_numbers => {
            if !value.coerce_to_number()?.get_double()?.is_finite() {
                return Ok(Err(Refused::one("not_a_number", format!("expected {expected}, got NaN or an infinity"))));
            }
            (Misfit::Float, "a number".to_owned())
        }
        ValueType::Object if value.is_date()? => (Misfit::DateTime, "a Date".to_owned()),
        other => (Misfit::Other, format!("{other:?}").to_lowercase()),
    };
    Ok(Err(misfit.refusal(expected, &got)))
}

macro_rules! read_from_text {
    ($(#[$doc:meta])* $name:ident, $value:ty, $parse:expr, $whole_numbers:literal, $expected:literal) => {
        $(#[$doc])*
        pub struct $name(Read<$value>);

        impl $name {
            /// The value, which stands in a field.
            pub(crate) fn read(self, field: &str) -> Result<$value> {
                self.0.map_err(|refusal| raise(refusal.at(None, None, field)))
            }

            /// The value, which stands in a row of a list.
            #[allow(dead_code, reason = "not every kind of value stands in lists")]
            pub(crate) fn read_in(self, list: &str, index: u64, field: &str) -> Result<$value> {
                self.0.map_err(|refusal| raise(refusal.at(Some(list), Some(index), field)))
            }
        }

        impl TypeName for $name {
            fn type_name() -> &'static str {
                "string"
            }
            fn value_type() -> ValueType {
                ValueType::Unknown
            }
        }

        impl ValidateNapiValue for $name {}

        impl FromNapiValue for $name {
            unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
                // SAFETY: napi hands over a live environment and value for the length of this call.
                let value = unsafe { Unknown::from_napi_value(env, value)? };
                Ok(Self(text(value, $expected, $whole_numbers)?.and_then($parse)))
            }
        }
    };
}

read_from_text!(
    /// An amount: decimal text such as `"10.25"`, or a `bigint` of whole major units.
    Money,
    Decimal,
    |text| facade::amount_from_text(&text),
    true,
    "decimal text such as `12.50`"
);
read_from_text!(
    /// An amount whose currency decides how it is read.
    MoneyText,
    String,
    Ok,
    true,
    "decimal text such as `12.50`"
);
read_from_text!(
    /// A day as `"YYYY-MM-DD"`.
    Day,
    NaiveDate,
    |text| facade::day_from_text(&text),
    false,
    "text such as `2024-02-29`"
);

impl Day {
    /// The day as the engine counts it.
    pub(crate) fn count(self, field: &str) -> Result<facade::Day> {
        let date = self.read(field)?;
        facade::day(date).map_err(|refusal| raise(refusal.at(None, None, field)))
    }
}
