//! The prediction protocol: trains with what was known at a cut-off, predicts what came after, writes every forecast.
//!
//! `make bench-prediction` runs it beside LightGBM. Alone: `prediction_protocol --data closed.csv --cut 2019-06-01 --days 30`;
//! `--generated 1000000` makes its ledger itself, and tells the most memory that was in use.

mod ledger;
mod score;

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use ar_core::prediction::{Book, Desk, Forecast, Growth, Invoice, Model, Question, Training};

use crate::ledger::{day_of, generated, read, us_bank_holidays};
use crate::score::{LEVELS, Scores};

struct Options {
    data: String,
    generated: u32,
    cut: i32,
    days: i32,
    weeks: i32,
    burn: i32,
    cap: Option<i32>,
    out: Option<String>,
    threads: usize,
    set: Vec<(String, f64)>,
}

fn options() -> Result<Options, Box<dyn Error>> {
    use lexopt::prelude::*;
    let mut options = Options {
        data: String::new(),
        generated: 0,
        cut: 0,
        days: 61,
        weeks: 8,
        burn: 31,
        cap: None,
        out: None,
        threads: 1,
        set: Vec::new(),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("data") => options.data = parser.value()?.string()?,
            Long("generated") => options.generated = parser.value()?.parse()?,
            Long("cut") => options.cut = day_of(&parser.value()?.string()?)?,
            Long("days") => options.days = parser.value()?.parse()?,
            Long("weeks") => options.weeks = parser.value()?.parse()?,
            Long("burn") => options.burn = parser.value()?.parse()?,
            Long("cap") => options.cap = Some(day_of(&parser.value()?.string()?)?),
            Long("out") => options.out = Some(parser.value()?.string()?),
            Long("threads") => options.threads = parser.value()?.parse()?,
            Value(pair) => {
                let pair = pair.string()?;
                let (name, value) = pair.split_once('=').ok_or("expected name=value")?;
                options.set.push((name.to_owned(), value.parse()?));
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

#[expect(clippy::disallowed_methods, reason = "a measurement has a clock")]
fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let mut invoices = if options.generated > 0 { generated(options.generated) } else { read(&options.data)? };
    if let Some(cap) = options.cap {
        // For tuning: nothing later than this day is looked at, not even as an outcome.
        for one in &mut invoices {
            one.cleared = one.cleared.map(|day| day.min(cap));
        }
        invoices.retain(|one| one.posted < cap);
    }
    let first = invoices.iter().map(|one| one.posted).min().unwrap_or_default();
    let mut training = Training::known_before(options.cut, first + options.burn);
    training.threads = options.threads;
    for (name, value) in &options.set {
        set(&mut training, name, *value);
    }

    let started = cpu_seconds();
    let wall = Instant::now();
    let book = Book::new(&invoices, &us_bank_holidays(), options.cut);
    let model = Model::train(&book, &invoices, &training, &mut |_, _| true).ok_or("stopped")?;
    let train_cpu_s = cpu_seconds() - started;
    let train_wall_s = wall.elapsed().as_secs_f64();

    let creation: Vec<(&Invoice, i32)> = invoices
        .iter()
        .filter(|one| one.posted >= options.cut && one.posted < options.cut + options.days)
        .map(|one| (one, one.posted))
        .collect();
    let mondays = (0..options.weeks).map(|week| options.cut + (4 - options.cut).rem_euclid(7) + 7 * week);
    let open: Vec<(&Invoice, i32)> = mondays
        .flat_map(|monday| invoices.iter().map(move |one| (one, monday)))
        .filter(|(one, monday)| one.posted < *monday && one.cleared.is_none_or(|day| day >= *monday))
        .collect();
    let desk = model.desk(&book, creation.iter().chain(&open).map(|(_, day)| *day));
    println!("train cpu {train_cpu_s:.2} s, wall {train_wall_s:.2} s, memory {} MB", most_memory_mb());
    // The customer's own distribution alone: the book, and what customers in general do on the days asked about.
    let started = cpu_seconds();
    drop(model.desk(&Book::new(&invoices, &us_bank_holidays(), options.cut), [options.cut].into_iter()));
    let own_train_s = cpu_seconds() - started;
    let mut out = options.out.as_ref().map(std::fs::File::create).transpose()?.map(std::io::BufWriter::new);
    for (task, asked) in [("creation", creation), ("open", open)] {
        let started = cpu_seconds();
        let answers: Vec<Forecast> = asked.iter().map(|(one, day)| desk.forecast(&one.asked_on(*day))).collect();
        let us = (cpu_seconds() - started) / asked.len().max(1) as f64 * 1e6;
        println!("{task}: {} rows, predict {us:.1} us", asked.len());
        tell(&book, &asked, "receivables", answers.iter().cloned());
        tell(&book, &asked, "hier_snap", asked.iter().map(|(one, day)| desk.own(&one.asked_on(*day))));
        if options.set.iter().any(|(name, _)| name == "pools") {
            for (own, daily) in [(0.1, 0.0), (0.0, 0.1), (0.1, 0.1), (0.2, 0.1), (0.1, 0.2), (0.3, 0.1)] {
                tell(&book, &asked, &format!("own {own} {daily}"), pools(&desk, &asked, own, daily));
            }
        }
        let started = cpu_seconds();
        asked.iter().for_each(|(one, day)| drop(std::hint::black_box(desk.own(&one.asked_on(*day)))));
        let own_us = (cpu_seconds() - started) / asked.len().max(1) as f64 * 1e6;
        if let Some(out) = &mut out {
            for ((one, day), answer) in asked.iter().zip(&answers) {
                let cleared = one.cleared.unwrap_or(i32::MAX);
                write!(
                    out,
                    "{task},{},{},{},{},{},{day}",
                    one.customer, one.posted, one.due, cleared, one.amount_minor
                )?;
                write!(out, ",{us:.3},{train_cpu_s:.3}")?;
                write!(out, ",{:.6},{:.6}", answer.paid_by(&book, cleared - 1), answer.paid_by(&book, cleared))?;
                for level in LEVELS {
                    write!(out, ",{}", answer.quantile(&book, level) - one.due)?;
                }
                let own = desk.own(&one.asked_on(*day));
                write!(out, ",{own_train_s:.3},{own_us:.3}")?;
                write!(out, ",{:.6},{:.6}", own.paid_by(&book, cleared - 1), own.paid_by(&book, cleared))?;
                for level in LEVELS {
                    write!(out, ",{}", own.quantile(&book, level) - one.due)?;
                }
                writeln!(out)?;
            }
        }
    }
    Ok(())
}

fn pools<'a>(
    desk: &'a Desk<'_>,
    asked: &'a [(&Invoice, i32)],
    own: f64,
    daily: f64,
) -> impl Iterator<Item = Forecast> + 'a {
    asked.iter().map(move |(one, day)| {
        let question: Question = one.asked_on(*day);
        desk.pooled(&question, own, daily)
    })
}

fn tell(book: &Book, asked: &[(&Invoice, i32)], name: &str, answers: impl Iterator<Item = Forecast>) {
    let mut scores = Scores::default();
    for ((one, _), answer) in asked.iter().zip(answers) {
        scores.add(book, one, &answer);
    }
    println!("  {name:12} {scores}");
}

fn set(training: &mut Training, name: &str, value: f64) {
    for (growth, own) in &mut training.growths {
        match name {
            "rounds" => growth.rounds = value as usize,
            "rate" => growth.rate = value,
            "leaves" => growth.leaves = value as usize,
            "least" => growth.least = value,
            "ridge" => growth.ridge = value,
            "numbers" => growth.numbers_per_1000 = value as u32,
            "groups" => growth.groups_per_1000 = value as u32,
            "seed" => growth.seed = value as u64,
            "from_own" => *own = value > 0.0,
            _ => {}
        }
    }
    match name {
        "mondays" => training.mondays_per_1000 = value as u32,
        "open_weight" => training.open_weight = value as f32,
        "daily_share" => training.daily_share = value,
        "own_share" => training.own_share = value,
        "half_life" => training.snap.half_life = value,
        "fast" => training.snap.fast_half_life = value,
        "same_weekday" => training.snap.same_weekday = value as f32,
        "general" => training.snap.general = value as f32,
        "runs" => training.snap.by_runs = value > 0.0,
        "seeds" => {
            let (first, own) = training.growths[0];
            training.growths =
                (0..value as u64).map(|more| (Growth { seed: first.seed + more, ..first }, own)).collect();
        }
        _ => {}
    }
}

/// The most memory that this process ever had, in MB; 0 where there is no `/proc`.
fn most_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    most.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// CPU seconds of this process; 0 where there is no `/proc`.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}
