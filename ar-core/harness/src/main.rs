//! Runs the case suite through the Rust types: `rust-rows` builds row structs, `rust-columns` builds slices.
//!
//! `ar-harness DIR` runs every `<room>.json` of a folder and prints each failure and one line per front end.
//! `ar-harness --engine rust-rows` answers cases one a line: a case as JSON on standard input, the list of its steps'
//! answers on standard output. Nothing here calls into the library with a whole case; each step builds typed facts and
//! policies and calls what a user would call.

mod answer;
mod charges;
mod compare;
mod credit;
mod dunned;
mod engine;
mod facts;
mod letters;
mod provided;
mod settled;
mod values;

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::engine::Engine;
use crate::facts::Front;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["--engine", front] => Front::named(front).map_or_else(|| Err(usage()), answer_lines),
        [folder] => run_folder(Path::new(folder)),
        _ => Err(usage()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}

fn usage() -> String {
    String::from("usage: ar-harness DIR | ar-harness --engine rust-rows|rust-columns")
}

fn run_folder(folder: &Path) -> Result<bool, String> {
    let cases = read_cases(folder)?;
    let mut good = true;
    for front in Front::ALL {
        let mut failed = 0_usize;
        for case in &cases {
            if let Some(wrong) = run(*front, case) {
                failed = failed.saturating_add(1);
                println!("{}: {}: {}: {wrong}", front.name(), text(case, "file"), text(case, "name"));
            }
        }
        println!("cases {} {} passed, {failed} failed", front.name(), cases.len().saturating_sub(failed));
        good &= failed == 0;
    }
    Ok(good)
}

fn read_cases(folder: &Path) -> Result<Vec<Value>, String> {
    let listed = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let wrong = |error: String| format!("{}: {error}", file.display());
        let text = std::fs::read_to_string(&file).map_err(|error| wrong(error.to_string()))?;
        let room: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        cases.extend(list(&room, "cases").iter().cloned());
    }
    if cases.is_empty() { Err(format!("{}: no cases", folder.display())) } else { Ok(cases) }
}

/// What went wrong with a case: nothing, or the first step that was answered in another way.
fn run(front: Front, case: &Value) -> Option<String> {
    let mut engine = Engine::new(front, case);
    for (number, step) in list(case, "steps").iter().enumerate() {
        let answer = engine.step(step);
        if let Some(wrong) = compare::difference(step, &answer) {
            return Some(format!("step {} ({}): {wrong}", number.saturating_add(1), text(step, "do")));
        }
    }
    None
}

fn answer_lines(front: Front) -> Result<bool, String> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        if line.trim().is_empty() {
            continue;
        }
        let case: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        let mut engine = Engine::new(front, &case);
        let answers: Vec<Value> = list(&case, "steps").iter().map(|step| engine.step(step)).collect();
        writeln!(out, "{}", json!(answers)).and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    }
    Ok(true)
}

/// A text of an object, empty when it has none.
pub(crate) fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or("")
}

/// A list of an object, empty when it has none.
pub(crate) fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
