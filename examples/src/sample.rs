//! The sample ledger: a wholesaler of two companies and three currencies, eighteen months up to 31 October 2026.
//!
//! Made up from a seed, with whole numbers alone, so that the same bytes come out on every machine. Names are invented.
//! The control accounts are plain sums over what was made, so they are an independent check of the engine.

mod books;
mod control;
mod people;
mod random;
mod world;

use ar_core::calendar::Day;

/// The day on which the sample ledger ends.
pub const TODAY: (i32, u32, u32) = (2026, 10, 31);

/// A file of the sample ledger: its name and what it holds.
pub type File = (&'static str, String);

/// Every file of the sample ledger.
#[must_use]
pub fn files() -> Vec<File> {
    let world = world::World::grow(20_261_031);
    let mut files = world.books.files();
    files.push(("control_accounts.csv", control::accounts(&world.books)));
    files
}

pub(crate) fn day(year: i32, month: u32, day: u32) -> Day {
    Day::from_ymd(year, month, day).unwrap_or(Day::MIN)
}

pub(crate) fn today() -> Day {
    day(TODAY.0, TODAY.1, TODAY.2)
}
