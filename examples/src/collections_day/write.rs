//! The files of the day: CSV for a spreadsheet, JSON for a machine, one page for people.

mod cash;

use std::fs;
use std::path::Path;

use ar_core::aging::AgingRow;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cash::Settled;
use crate::day::{Aged, CollectionsDay};
use crate::picture;

pub fn all(day: &CollectionsDay, out: &Path) -> Result<(), String> {
    let at = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(out).map_err(|error| at(out, error))?;
    let save = |name: &str, bytes: Vec<u8>| {
        let path = out.join(name);
        fs::write(&path, bytes).map_err(|error| at(&path, error))
    };
    let agings = [
        ("aging.csv", &day.today),
        ("aging_month_end.csv", &day.month_end_now),
        ("aging_month_end_as_known.csv", &day.month_end_then),
    ];
    for (name, aged) in agings {
        save(name, aging_csv(day, aged)?)?;
    }
    save("open_items.csv", items_csv(day)?)?;
    save("reconcile.csv", reconcile_csv(day)?)?;
    save("credit.csv", credit_csv(day)?)?;
    if let Settled::Posted(settled) = &day.cash {
        save("cash.csv", cash::csv(settled)?)?;
        save("proof.csv", cash::proof_csv(settled)?)?;
    }
    save("dunning.json", pretty(&dunning_json(day))?)?;
    save("import.json", pretty(&import_json(day))?)?;
    save("collections_day.json", pretty(&summary_json(day))?)?;
    let pictures = &day.pictures;
    for (name, picture) in [
        ("aging_over_time.vl.json", &pictures.over_time),
        ("concentration.vl.json", &pictures.concentration),
        ("dso.vl.json", &pictures.dso),
        ("days_to_pay.vl.json", &pictures.days_to_pay),
        ("roll_rates.vl.json", &pictures.roll_rates),
        ("exposure.vl.json", &pictures.exposure),
    ] {
        save(name, picture.spec().into_bytes())?;
    }
    save("index.html", picture::page(day).into_bytes())
}

fn pretty(value: &impl Serialize) -> Result<Vec<u8>, String> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A text cell that no spreadsheet takes for a formula (OWASP ASVS 1.2.10). Numbers are written as they are.
pub fn text(cell: &str) -> String {
    const FIRST: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if cell.starts_with(FIRST) { format!("'{cell}") } else { cell.to_owned() }
}

fn table(header: &[String], rows: Vec<Vec<String>>) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let told = |error: csv::Error| error.to_string();
    writer.write_record(header).map_err(told)?;
    for row in rows {
        writer.write_record(&row).map_err(told)?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

fn header(first: &[&str], labels: &[String], last: &[&str]) -> Vec<String> {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    [own(first), labels.iter().map(|label| text(label)).collect(), own(last)].concat()
}

fn aging_csv(day: &CollectionsDay, aged: &Aged) -> Result<Vec<u8>, String> {
    let last = ["total", "disputed", "held", "unapplied", "pending", "items", "share", "average_age"];
    let header = header(&["customer", "name", "currency"], &aged.report.labels(), &last);
    let rows = aged.report.rows().into_iter().map(|row| {
        let customer = row.by.first().cloned().unwrap_or_default();
        let name = day.books.names.get(&customer).cloned().unwrap_or_default();
        let mut cells = vec![text(&customer), text(&name), row.currency.clone()];
        cells.extend(row.buckets.iter().map(Decimal::to_string));
        cells.extend([row.total, row.disputed, row.held, row.unapplied, row.pending].map(|amount| amount.to_string()));
        cells.push(row.items.to_string());
        cells.push(row.share.unwrap_or_default());
        cells.push(row.average_age.unwrap_or_default());
        cells
    });
    table(&header, rows.collect())
}

fn items_csv(day: &CollectionsDay) -> Result<Vec<u8>, String> {
    let names = ["customer", "document", "instalment", "currency", "due_date", "days_past_due", "open", "bucket"];
    let more = ["disputed", "held", "pending", "would_settle", "rule"];
    let rows = day.items().into_iter().map(|item| {
        vec![
            text(&item.customer),
            text(&item.document),
            item.instalment.to_string(),
            item.currency,
            item.due_date.map(|date| date.to_string()).unwrap_or_default(),
            item.age.to_string(),
            item.open.to_string(),
            text(&item.bucket),
            item.disputed.to_string(),
            item.held.to_string(),
            item.pending.to_string(),
            item.would_settle.to_string(),
            item.rule,
        ]
    });
    table(&header(&names, &[], &more), rows.collect())
}

/// An amount with as many digits as `like` has.
fn as_long(mut amount: Decimal, like: Decimal) -> String {
    amount.rescale(like.scale());
    amount.to_string()
}

fn reconcile_csv(day: &CollectionsDay) -> Result<Vec<u8>, String> {
    let names =
        ["day", "known_on", "company", "control_account", "currency", "ledger", "control", "to_book", "difference"];
    let mut rows = Vec::new();
    for tie in &day.ties {
        for row in &tie.rows {
            rows.push(vec![
                tie.day.to_string(),
                tie.known_on.map(|day| day.to_string()).unwrap_or_default(),
                text(&row.company),
                text(&row.control_account),
                row.currency.clone(),
                row.ledger.to_string(),
                row.control.map(|amount| amount.to_string()).unwrap_or_default(),
                row.control.map(|_| as_long(row.to_book, row.ledger)).unwrap_or_default(),
                row.control.map(|control| as_long(row.ledger - control - row.to_book, row.ledger)).unwrap_or_default(),
            ]);
        }
    }
    table(&header(&names, &[], &[]), rows)
}

/// Whose next order is blocked.
fn credit_csv(day: &CollectionsDay) -> Result<Vec<u8>, String> {
    let names = ["customer", "currency", "exposure", "limit", "headroom", "blocked_by", "may_release"];
    let rows = day.credit.blocked.iter().map(|row| {
        vec![
            text(&row.customer),
            row.currency.clone(),
            row.exposure.to_string(),
            row.limit.map(|limit| limit.to_string()).unwrap_or_default(),
            row.headroom.map(|headroom| headroom.to_string()).unwrap_or_default(),
            text(&row.because.join("; ")),
            text(&row.may_release.join("; ")),
        ]
    });
    table(&header(&names, &[], &[]), rows.collect())
}

/// What became of every row of the files.
fn import_json(day: &CollectionsDay) -> Value {
    let report = &day.books.report;
    let mut value = json!({
        "file": day.books.source,
        "rows": report.rows,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "repeated": report.repeated,
        "rejections": report.rejections,
        "files": report.files,
        "tables": report.tables,
        "conflicts": report.conflicts,
        "rounded": report.rounded,
        "largest_change": report.largest_change,
        "totals": report.totals,
    });
    if let (Settled::Posted(cash), Some(object)) = (&day.cash, value.as_object_mut()) {
        object.insert(String::from("cash"), json!(cash.report));
    }
    value
}

/// Every notice, and every item that is on none with the first reason.
fn dunning_json(day: &CollectionsDay) -> Value {
    let as_of = day.as_of.to_string();
    match &day.reminded {
        Ok(reminded) => json!({
            "as_of": as_of,
            "policy": reminded.policy.id,
            "notices_taken_over": reminded.taken_over,
            "notices": reminded.notices,
            "skipped_by_reason": reminded.by_reason().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "skipped": reminded.skipped,
        }),
        Err(why) => json!({ "as_of": as_of, "notices": [], "refused": why }),
    }
}

fn aging_json(aged: &Aged) -> Value {
    let named = |rows: &[AgingRow]| json!(rows);
    json!({ "labels": aged.report.labels(), "totals": named(&aged.totals), "customers": named(&aged.report.rows()) })
}

fn summary_json(day: &CollectionsDay) -> Value {
    let ties = day.ties.iter().map(|tie| {
        json!({ "day": tie.day.to_string(), "known_on": tie.known_on.map(|day| day.to_string()), "differences": tie.differences.as_ref().map(Vec::len) })
    });
    json!({
        "as_of": day.as_of.to_string(),
        "month_end": day.month_end.to_string(),
        "aging": aging_json(&day.today),
        "aging_month_end": aging_json(&day.month_end_now),
        "aging_month_end_as_known": aging_json(&day.month_end_then),
        "cash": cash::json(day),
        "reconciled": ties.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_csv_begins_like_a_formula() {
        let guarded = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\0x", "\u{ff1d}1"];
        for cell in guarded {
            assert_eq!(text(cell), format!("'{cell}"));
        }
        for cell in ["C-0001", "Alder Foods", "", "'=1"] {
            assert_eq!(text(cell), cell);
        }
        let bytes = table(&[String::from("a")], vec![vec![text("=1,\"2\"")]]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "a\n\"'=1,\"\"2\"\"\"\n");
    }
}
