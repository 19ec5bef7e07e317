//! One day of a collections team, from files to a page: import, settle the day's cash, age, remind, tie, show.
//!
//! `cargo run --release --example collections_day` takes the sample ledger of this repository; `-- --help` tells the rest.

mod ask;
mod books;
mod cash;
mod credit;
mod day;
mod journal;
mod picture;
mod policy;
mod remind;
mod tell;
#[cfg(test)]
mod tests;
mod words;
mod write;

use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::day::CollectionsDay;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("collections_day: {error}");
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
    let bar = ProgressBar::new(4).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(100));
    let step = |what: &str, done: u64| {
        bar.set_position(done);
        bar.set_message(what.to_owned());
    };
    step("reading the ledger", 0);
    let books = books::open(&asked)?;
    step("settling the day's cash", 1);
    let as_of = match asked.as_of.or_else(|| books.day_of_cash()).or_else(|| books.ledger.last_recorded()) {
        Some(day) => day,
        None => return Err(String::from("the ledger is empty: no row of it was accepted")),
    };
    let cash = cash::settle(&books, as_of)?;
    step("aging what is open, and whom to remind of it", 2);
    let day = CollectionsDay::of(books, cash, as_of)?;
    step("writing the pages", 3);
    write::all(&day, &asked.out)?;
    bar.finish_and_clear();
    tell::print(&day, &asked.out);
    Ok(())
}
