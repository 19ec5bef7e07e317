//! `train_prediction`: what a training tells while it runs, shown as a bar; and the first dates that the model names.
//!
//! ```text
//! cargo run --release -p ar-examples --example train_prediction
//! ```

use std::process::ExitCode;

use ar_core::facade::prediction_policy;
use ar_core::prediction::Prediction;
use ar_examples::files;
use indicatif::{ProgressBar, ProgressStyle};

/// What the sample ledger's open items are expected to do; `told` hears of each tree, and false from it ends the training.
fn foreseen(policy: &str, told: &mut dyn FnMut(usize, usize) -> bool) -> Result<Vec<Prediction>, String> {
    let opened = files::open(None, None)?;
    let today = opened.ledger.last_recorded().ok_or("a ledger of nothing")?;
    let view = opened.ledger.as_of(today);
    let policy = prediction_policy(policy).map_err(|error| error.to_string())?;
    let model = view.train_prediction(&policy, 2, told).map_err(|error| error.to_string())?;
    view.predict(&model).map_err(|error| error.to_string())
}

fn run() -> Result<(), String> {
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} trees").map_err(|error| error.to_string())?;
    let bar = ProgressBar::new(0).with_style(style);
    let found = foreseen(r#"{ "least_paid_invoices": 300 }"#, &mut |done, of| {
        bar.set_length(u64::try_from(of).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
        true
    })?;
    bar.finish_and_clear();
    for one in found.iter().take(10) {
        println!("{:8} {:>12} {} expected {}", one.document, one.open, one.currency, one.expected);
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("train_prediction: {error}");
            ExitCode::FAILURE
        }
    }
}

#[test]
fn each_tree_is_told_and_false_ends_the_training() {
    // Of few invoices, so that it is quick.
    let policy = r#"{ "least_paid_invoices": 100, "most_invoices": 300 }"#;
    let mut told = Vec::new();
    let found = foreseen(policy, &mut |done, of| {
        told.push((done, of));
        true
    });
    assert!(found.is_ok_and(|found| !found.is_empty()));
    let trees = told.last().map_or(0, |(_, of)| *of);
    assert!(trees > 0 && told == (0..=trees).map(|done| (done, trees)).collect::<Vec<_>>());
    assert!(foreseen(policy, &mut |done, _| done < 3).is_err_and(|error| error.contains("stopped")));
}
