//! The files of the week: a letter each notice, and what a machine or an auditor wants to read.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use crate::week::Week;

pub fn all(week: &Week, out: &Path) -> Result<(), String> {
    let at = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let letters = out.join("letters");
    // Letters of an earlier run are not those of this one.
    if letters.is_dir() {
        for entry in fs::read_dir(&letters).map_err(|error| at(&letters, error))?.flatten() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with("D-") {
                fs::remove_file(entry.path()).map_err(|error| at(&entry.path(), error))?;
            }
        }
    }
    fs::create_dir_all(&letters).map_err(|error| at(&letters, error))?;
    let save = |path: &Path, bytes: &[u8]| fs::write(path, bytes).map_err(|error| at(path, error));
    for (_, sent) in week.sent() {
        save(&letters.join(&sent.file), sent.letter.as_bytes())?;
    }
    save(&out.join("notices.json"), &pretty(&notices(week))?)?;
    save(&out.join("skipped.json"), &pretty(&skipped(week))?)?;
    save(&out.join("audit.json"), &pretty(&audit(week))?)?;
    save(&out.join("simulation.json"), &pretty(&simulation(week))?)
}

fn pretty(value: &impl Serialize) -> Result<Vec<u8>, String> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A row with more fields.
fn with(row: &impl Serialize, more: Value) -> Value {
    let mut whole = more;
    if let (Some(whole), Value::Object(row)) = (whole.as_object_mut(), json!(row)) {
        whole.extend(row);
    }
    whole
}

fn notices(week: &Week) -> Value {
    let all = week.sent().map(|(day, sent)| {
        with(&sent.notice, json!({ "day": day.to_string(), "id": sent.id, "letter": format!("letters/{}", sent.file) }))
    });
    let events = week.days.iter().flat_map(|day| {
        day.events.iter().map(|event| with(event, json!({ "run": day.day.to_string() }))).collect::<Vec<_>>()
    });
    json!({ "notices": all.collect::<Vec<_>>(), "events": events.collect::<Vec<_>>() })
}

fn skipped(week: &Week) -> Value {
    let days = week.days.iter().map(|day| json!({ "day": day.day.to_string(), "skipped": day.skipped }));
    json!(days.collect::<Vec<_>>())
}

fn audit(week: &Week) -> Value {
    let again = week.days.iter().map(
        |day| json!({ "day": day.day.to_string(), "notices": day.notices.len(), "notices_of_second_run": day.again }),
    );
    let audit = &week.audit;
    json!({
        "policy": week.policy.id,
        "from": audit.from.to_string(),
        "to": audit.to.to_string(),
        "of": if audit.of_ledger { "ledger" } else { "week" },
        "deviations": audit.rows,
        "runs": again.collect::<Vec<_>>(),
        "warnings": week.lint,
        "taken_over": week.taken_over.map(|(since, notices)| json!({ "from": since.to_string(), "notices": notices })),
    })
}

/// All but the notices themselves, of which there are many.
fn simulation(week: &Week) -> Value {
    let all = &week.simulation;
    json!({
        "from": week.simulated.0.to_string(),
        "to": week.simulated.1.to_string(),
        "notices": all.notices.len(),
        "customers": all.customers,
        "totals": all.totals,
        "paid_already": all.paid_already,
        "days": all.days,
        "made_by": all.made_by,
    })
}
