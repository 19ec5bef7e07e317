//! Answers as JSON text with the keys of JavaScript: `due_date` leaves as `dueDate`.
//!
//! Keys are turned while they are written, so nothing is built twice. Names that a user gave, those of dimensions, stay.

use std::io::{Result as Written, Write};

use napi::{Error, Result, Status};
use serde::Serialize;
use serde_json::ser::Formatter;

/// The key whose object has a user's names as keys.
const USERS_NAMES: &[u8] = b"dimensions";

/// The value as JSON text with keys in camel case.
pub(crate) fn camel_json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, CamelKeys::default());
    let failed = |reason: String| Error::new(Status::GenericFailure, reason);
    value.serialize(&mut writer).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

/// `due_date` as `dueDate`; a dimension, `dim_region`, stays.
pub(crate) fn camel(name: &str) -> String {
    if name.starts_with("dim_") {
        return name.to_owned();
    }
    let mut out = Vec::with_capacity(name.len());
    push_camel(&mut out, name.as_bytes());
    String::from_utf8(out).unwrap_or_else(|_| name.to_owned())
}

fn push_camel(out: &mut Vec<u8>, name: &[u8]) {
    let mut raise = false;
    for byte in name {
        match byte {
            b'_' if !out.is_empty() => raise = true,
            byte => {
                out.push(if raise { byte.to_ascii_uppercase() } else { *byte });
                raise = false;
            }
        }
    }
}

#[derive(Default)]
struct CamelKeys {
    in_key: bool,
    key: Vec<u8>,
    /// By open object, whether its keys are a user's.
    users: Vec<bool>,
}

impl Formatter for CamelKeys {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Written<()> {
        self.users.push(self.key == USERS_NAMES);
        self.key.clear();
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Written<()> {
        self.users.pop();
        self.key.clear();
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Written<()> {
        self.in_key = !self.users.last().copied().unwrap_or(false);
        self.key.clear();
        if first { Ok(()) } else { writer.write_all(b",") }
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> Written<()> {
        self.in_key = false;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> Written<()> {
        if !self.in_key {
            return writer.write_all(fragment.as_bytes());
        }
        self.key.extend_from_slice(fragment.as_bytes());
        let mut out = Vec::with_capacity(fragment.len());
        push_camel(&mut out, fragment.as_bytes());
        writer.write_all(&out)
    }
}
