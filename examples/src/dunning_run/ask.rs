//! What the user asked for on the command line.

use std::path::PathBuf;

use ar_core::calendar::Day;

pub const HELP: &str = "\
A week of dunning: whom to remind of what, at which level, and why not the others; the letters; an audit; a look back.

  cargo run --release --example dunning_run [-- OPTIONS]

  --ledger FILE_OR_DIR   the ledger; without it the sample ledger of this repository
  --mapping FILE         how its columns are read (TOML, see docs/import.md)
  --policy FILE          the dunning policy; without it examples/policies/dunning.json
  --stationery FILE      who writes, and how; without it examples/policies/stationery.json
  --from DAY             the first day, as YYYY-MM-DD; without it the last days recorded
  --days N               how many days; without it 7
  --out DIR              where to write; without it dunning_run

Each day knows what was known on it. A ledger without notices begins with those that the policy would have sent in the 120 days
before. What each run says is posted; a second run of the day must then be empty.
";

pub struct Asked {
    pub ledger: Option<PathBuf>,
    pub mapping: Option<PathBuf>,
    pub policy: Option<PathBuf>,
    pub stationery: Option<PathBuf>,
    pub from: Option<Day>,
    pub days: i32,
    pub out: PathBuf,
    pub help: bool,
}

impl Default for Asked {
    fn default() -> Self {
        let out = PathBuf::from("dunning_run");
        Self { ledger: None, mapping: None, policy: None, stationery: None, from: None, days: 7, out, help: false }
    }
}

pub fn asked() -> Result<Asked, String> {
    use lexopt::prelude::{Long, Short};
    let mut asked = Asked::default();
    let mut parser = lexopt::Parser::from_env();
    let text = |error: lexopt::Error| error.to_string();
    while let Some(argument) = parser.next().map_err(text)? {
        match argument {
            Long("ledger") => asked.ledger = Some(parser.value().map_err(text)?.into()),
            Long("mapping") => asked.mapping = Some(parser.value().map_err(text)?.into()),
            Long("policy") => asked.policy = Some(parser.value().map_err(text)?.into()),
            Long("stationery") => asked.stationery = Some(parser.value().map_err(text)?.into()),
            Long("out") => asked.out = parser.value().map_err(text)?.into(),
            Long("from") => {
                let day = parser.value().map_err(text)?;
                asked.from = Some(Day::parse(&day.to_string_lossy()).map_err(|error| error.to_string())?);
            }
            Long("days") => {
                let days = parser.value().map_err(text)?;
                let days = days.to_string_lossy().parse().ok().filter(|days| (1..=366).contains(days));
                asked.days = days.ok_or("--days: expected a whole number from 1 to 366")?;
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
