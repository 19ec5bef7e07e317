//! Policy files that give what known systems give, by room and name: text to look at, keep and change.

use crate::aging;
use crate::allocation;
use crate::problem::{Problem, Refused, quoted};

/// The names and the text of one room's profiles.
struct Room {
    name: &'static str,
    names: fn() -> Vec<&'static str>,
    text: fn(&str) -> Result<&'static str, Refused>,
}

/// The rooms that have profiles, sorted.
const ROOMS: &[Room] = &[
    Room { name: "aging", names: aging::profiles, text: aging::profile_text },
    Room { name: "allocation", names: allocation::profiles, text: allocation::profile_text },
];

fn room(name: &str) -> Result<&'static Room, Refused> {
    ROOMS.iter().find(|room| room.name == name).ok_or_else(|| {
        let rooms: Vec<&str> = ROOMS.iter().map(|room| room.name).collect();
        let reason = format!("expected one of {}, got {}", rooms.join(", "), quoted(name));
        Problem::new("unknown_kind", reason).field("room").into()
    })
}

/// The names of a room's profiles, sorted.
///
/// # Errors
/// `unknown_kind`, field `room`.
///
/// ```
/// assert!(ar_core::facade::profiles("allocation")?.contains(&String::from("erpnext")));
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn profiles(room_name: &str) -> Result<Vec<String>, Refused> {
    Ok((room(room_name)?.names)().into_iter().map(str::to_owned).collect())
}

/// A profile as JSON text.
///
/// # Errors
/// `unknown_kind`, field `room` or `profile`.
pub fn profile(room_name: &str, name: &str) -> Result<String, Refused> {
    (room(room_name)?.text)(name).map(str::to_owned)
}
