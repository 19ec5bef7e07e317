//! What other systems do, as policies: one file each in `profiles/<room>/`, with its source in the README there; and what the law
//! says, likewise in `presets/<room>/`.
//!
//! A profile only sets options that anyone could set; no rule reads its name. A room that gets profiles gets a line here.

use serde::de::DeserializeOwned;

use crate::problem::{Problem, Refused, quoted};

/// The profiles of one room: name and text, sorted by name.
struct Room {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
}

/// Rooms and the names of their files.
macro_rules! rooms {
    ($($folder:literal / $room:literal: [$($name:literal),* $(,)?]),* $(,)?) => {
        &[$(Room {
            name: $room,
            files: &[$(($name, include_str!(concat!("../", $folder, "/", $room, "/", $name, ".json")))),*],
        }),*]
    };
}

/// The rooms that have profiles; both rooms and names are sorted.
const ROOMS: &[Room] = rooms! {
    "profiles" / "aging": ["business-central", "erpnext", "gnucash", "idempiere", "oca-statement", "odoo-oca", "sap", "tryton"],
    "profiles" / "allocation": [
        "business-central", "erpnext", "idempiere", "netsuite", "odoo-oca", "oracle-autocash",
        "oracle-autocash-whole-items", "sap", "tryton", "tryton-only-reconcile",
    ],
    "profiles" / "credit": ["business-central", "erpnext", "odoo", "sap", "tryton"],
    "profiles" / "dunning": [
        "business-central", "erpnext", "killbill", "lago", "metasfresh", "odoo-oca", "sap", "tryton",
    ],
    "presets" / "interest": [
        "austria-456", "belgium-2002", "czech-351-2013", "denmark-renteloven", "eu-2011-7", "finland-4a", "france-l441-10",
        "germany-288", "germany-288-consumer", "ireland-2012", "italy-231-2002", "netherlands-6-119a", "norway-1976-100",
        "poland-2013", "spain-3-2004", "sweden-1975-635", "switzerland-or-104", "texas-2251", "uk-1998-act",
        "us-prompt-payment",
    ],
    "profiles" / "kpi": ["jd-edwards", "oracle"],
    "profiles" / "settlement": ["business-central", "erpnext", "oca", "odoo", "oracle-autocash", "sap", "tryton"],
};

fn unknown(field: &str, known: &[&str], name: &str) -> Refused {
    let reason = format!("expected one of {}, got {}", known.join(", "), quoted(name));
    Problem::new("unknown_kind", reason).field(field).into()
}

fn room(name: &str) -> Result<&'static Room, Refused> {
    ROOMS.iter().find(|room| room.name == name).ok_or_else(|| {
        let known: Vec<&str> = ROOMS.iter().map(|room| room.name).collect();
        unknown("room", &known, name)
    })
}

impl Room {
    fn names(&self) -> Vec<&'static str> {
        self.files.iter().map(|(name, _)| *name).collect()
    }
}

/// The names of a room's profiles, sorted.
///
/// # Errors
/// `unknown_kind`, field `room`.
///
/// ```
/// assert!(ar_core::profiles::names("aging")?.contains(&"tryton"));
/// assert!(ar_core::profiles::names("allocation")?.contains(&"oracle-autocash"));
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn names(room_name: &str) -> Result<Vec<&'static str>, Refused> {
    Ok(room(room_name)?.names())
}

/// The policy file of a profile, as JSON text to keep and change.
///
/// # Errors
/// `unknown_kind`, field `room` or `profile`.
pub fn text(room_name: &str, name: &str) -> Result<&'static str, Refused> {
    let room = room(room_name)?;
    let found = room.files.iter().find(|(own, _)| *own == name).map(|(_, text)| *text);
    found.ok_or_else(|| unknown("profile", &room.names(), name))
}

/// The policy of a profile, not yet proved well-formed: each room does that with its own `profile`.
///
/// # Errors
/// `unknown_kind`, field `room` or `profile`.
pub(crate) fn read<P: DeserializeOwned>(room_name: &str, name: &str) -> Result<P, Refused> {
    serde_json::from_str(text(room_name, name)?)
        .map_err(|error| Problem::new("policy_invalid", error.to_string()).field("profile").into())
}
