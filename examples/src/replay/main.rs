//! `replay`: a dunning policy, day by day, over eighteen months of a ledger: what it would have sent, to whom it would have written
//! though they had paid, and how long that took.
//!
//! ```text
//! cargo run --release -p ar-examples --example replay -- [LEDGER --mapping FILE] [--policy FILE] [--from DAY --to DAY]
//! ```

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use ar_core::calendar::Day;
use ar_core::facade::dunning_policy;
use ar_examples::files::{self, Opened, read};
use ar_examples::{dunning, figures};
use lexopt::prelude::*;

const USAGE: &str = "usage: replay [LEDGER --mapping FILE] [--policy FILE] [--from DAY --to DAY]
  LEDGER is a file or a folder that the mapping reads, by default the sample ledger; the days are the last eighteen months of it.";

#[derive(Default)]
struct Asked {
    ledger: Option<PathBuf>,
    mapping: Option<PathBuf>,
    policy: Option<PathBuf>,
    from: Option<Day>,
    to: Option<Day>,
}

fn ask() -> Result<Asked, lexopt::Error> {
    let mut asked = Asked::default();
    let mut parser = lexopt::Parser::from_env();
    let day = |value: std::ffi::OsString| {
        Day::parse(&value.string()?).map_err(|error| lexopt::Error::from(error.to_string()))
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("mapping") => asked.mapping = Some(parser.value()?.into()),
            Long("policy") => asked.policy = Some(parser.value()?.into()),
            Long("from") => asked.from = Some(day(parser.value()?)?),
            Long("to") => asked.to = Some(day(parser.value()?)?),
            Value(path) if asked.ledger.is_none() => asked.ledger = Some(path.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(asked)
}

#[expect(clippy::disallowed_methods, reason = "this measures; the engine has no clock")]
fn now() -> Instant {
    Instant::now()
}

fn replay(asked: &Asked) -> Result<(), String> {
    let policy = match &asked.policy {
        Some(path) => String::from_utf8(read(path)?).map_err(|_| format!("{}: not UTF-8", path.display()))?,
        None => dunning::POLICY.to_owned(),
    };
    let policy = dunning_policy(&policy).map_err(|error| error.to_string())?;
    let Opened { ledger, source, .. } = files::open(asked.ledger.as_deref(), asked.mapping.as_deref())?;
    let last = ledger.last_recorded().ok_or("the ledger is empty: no row of it was accepted")?;
    let to = asked.to.unwrap_or(last);
    let early =
        || to.to_naive_date().checked_sub_months(chrono::Months::new(18)).and_then(|day| Day::try_from(day).ok());
    let from = asked.from.or_else(early).ok_or("there is no day so early")?;

    let started = now();
    let made = ledger.simulate_dunning(&policy, from, to).map_err(|error| error.to_string())?;
    let seconds = started.elapsed().as_secs_f64();
    let number = |count: usize| figures::count(u64::try_from(count).unwrap_or(u64::MAX));
    println!(
        "{source}, {} documents, policy {:?}, {from} to {to}",
        figures::count(ledger.documents().into()),
        policy.id
    );
    let lines: usize = made.notices.iter().map(|sent| sent.notice.lines.len()).sum();
    println!(
        "{} days with {} notices and {} lines to {} addressees, in {seconds:.2} s",
        number(made.days.len()),
        number(made.notices.len()),
        number(lines),
        figures::count(made.customers),
    );
    println!("{} lines about what had been paid, as is known now", number(made.paid_already.len()));
    for line in made.paid_already.iter().take(10) {
        println!("  {}  {}  {}  level {}  {}", line.day, line.customer, line.document, line.level, line.amount);
    }
    Ok(())
}

fn main() -> ExitCode {
    match ask().map_err(|error| format!("{error}\n{USAGE}")).and_then(|asked| replay(&asked)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("replay: {error}");
            ExitCode::FAILURE
        }
    }
}
