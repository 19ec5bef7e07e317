//! What the user asked for on the command line.

use std::path::PathBuf;

use ar_core::calendar::Day;

pub const HELP: &str = "\
One day of a collections team: import a ledger, settle the day's cash, age what is left, say whom to remind of it, tie it, write
the pages.

  cargo run --release --example collections_day [-- OPTIONS]

  --ledger FILE_OR_DIR   the ledger; without it the sample ledger of this repository
  --mapping FILE         how its columns are read (TOML, see docs/import.md)
  --as-of DAY            the day, as YYYY-MM-DD; without it the day of the bank file, else the last day recorded
  --out DIR              where to write; without it collections_day

The cash is settled by the policy of policy.rs: what a payment names, equal amounts, the only set of items that has the
amount; discounts in time taken, late ones asked; in EUR, GBP and USD a shortage of at most 3 percent and 50.00 written off.
Reminders are those of examples/policies/dunning.json; a ledger without notices begins with those of the 120 days before.
Balances in control_accounts.csv beside the ledger are those with the day's cash and before what the settlement lets go.
";

#[derive(Default)]
pub struct Asked {
    pub ledger: Option<PathBuf>,
    pub mapping: Option<PathBuf>,
    pub as_of: Option<Day>,
    pub out: PathBuf,
    pub help: bool,
}

pub fn asked() -> Result<Asked, String> {
    use lexopt::prelude::{Long, Short};
    let mut asked = Asked { out: PathBuf::from("collections_day"), ..Asked::default() };
    let mut parser = lexopt::Parser::from_env();
    let text = |error: lexopt::Error| error.to_string();
    while let Some(argument) = parser.next().map_err(text)? {
        match argument {
            Long("ledger") => asked.ledger = Some(parser.value().map_err(text)?.into()),
            Long("mapping") => asked.mapping = Some(parser.value().map_err(text)?.into()),
            Long("out") => asked.out = parser.value().map_err(text)?.into(),
            Long("as-of") => {
                let day = parser.value().map_err(text)?;
                let day = day.to_string_lossy();
                asked.as_of = Some(Day::parse(&day).map_err(|error| error.to_string())?);
            }
            Long("help") | Short('h') => asked.help = true,
            other => return Err(other.unexpected().to_string()),
        }
    }
    if asked.ledger.is_some() && asked.mapping.is_none() {
        return Err(String::from("--ledger needs --mapping: how are its columns read? (docs/import.md)"));
    }
    Ok(asked)
}
