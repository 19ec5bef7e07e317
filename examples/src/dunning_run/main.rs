//! A week of dunning runs: a policy file in; letters, reasons, an audit and a look back out.
//!
//! `cargo run --release --example dunning_run` takes the sample ledger of this repository; `-- --help` tells the rest.

mod ask;
mod tell;
#[cfg(test)]
mod tests;
mod week;
mod write;

use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::week::Week;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dunning_run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let asked = ask::asked()?;
    if asked.help {
        print!("{}", ask::HELP);
        return Ok(());
    }
    let style = ProgressStyle::with_template("{spinner} {bar:24} {msg}").map_err(|error| error.to_string())?;
    // Reading, each day, the audit, the look back.
    let steps = u64::try_from(asked.days).unwrap_or(0) + 3;
    let bar = ProgressBar::new(steps).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(100));
    let mut done = 0;
    let week = Week::of(&asked, &mut |what| {
        bar.set_position(done);
        bar.set_message(what);
        done += 1;
    })?;
    write::all(&week, &asked.out)?;
    bar.finish_and_clear();
    tell::print(&week, &asked.out);
    Ok(())
}
