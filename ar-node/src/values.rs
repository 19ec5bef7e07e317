//! Money and days from JavaScript, exactly or not at all.
//!
//! Both are text: a JavaScript number cannot hold cents. Reading never fails where napi would name a Rust type;
//! the refusal waits in the value until the caller says where the value stands.

use ar_core::facade::{self, Misfit, Refused};
use chrono::NaiveDate;
use napi::bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue};
use napi::{JsValue, Result, Unknown, ValueType, sys};
use rust_decimal::Decimal;

use crate::errors::raise;

/// Where a value stands in the input.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) table: Option<&'a str>,
    pub(crate) index: Option<u64>,
    pub(crate) field: &'a str,
}

impl<'a> At<'a> {
    /// An argument of the call.
    pub(crate) fn field(field: &'a str) -> Self {
        Self {
            table: None,
            index: None,
            field,
        }
    }

    fn refuse(self, refusal: Refused) -> napi::Error {
        raise(refusal.at(self.table, self.index, self.field))
    }
}

/// The text of a value, or the refusal that says what came instead.
fn text(value: Unknown<'_>, expected: &str) -> Result<std::result::Result<String, Refused>> {
    let found = value.get_type()?;
    if found == ValueType::String {
        return Ok(Ok(value.coerce_to_string()?.into_utf8()?.into_owned()?));
    }
    let (misfit, got) = match found {
        ValueType::Number => (Misfit::Float, "a number".to_owned()),
        ValueType::Object if value.is_date()? => (Misfit::DateTime, "a Date".to_owned()),
        other => (Misfit::Other, format!("{other:?}").to_lowercase()),
    };
    Ok(Err(misfit.refusal(expected, &got)))
}

macro_rules! read_from_text {
    ($(#[$doc:meta])* $name:ident, $value:ty, $parse:path, $expected:literal) => {
        $(#[$doc])*
        pub struct $name(std::result::Result<$value, Refused>);

        impl $name {
            pub(crate) fn read(self, at: At<'_>) -> Result<$value> {
                self.0.map_err(|refusal| at.refuse(refusal))
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
                Ok(Self(text(value, $expected)?.and_then(|text| $parse(&text))))
            }
        }
    };
}

read_from_text!(
    /// An amount as decimal text, such as `"10.25"`.
    Money, Decimal, facade::amount_from_text, "decimal text such as `12.50`"
);
read_from_text!(
    /// A day as `"YYYY-MM-DD"`.
    Day, NaiveDate, facade::day_from_text, "text such as `2024-02-29`"
);
