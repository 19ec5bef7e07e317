//! The week of the sample ledger, as it is written.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::ask::Asked;
use crate::week::Week;
use crate::write;

fn number(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn the_week_is_written_ties_and_is_empty_when_run_again() {
    let week = Week::of(&Asked::default(), &mut |_| {}).unwrap();
    let out = std::env::temp_dir().join(format!("dunning_run_{}", std::process::id()));
    write::all(&week, &out).unwrap();
    let read = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(out.join(name)).unwrap()).unwrap() };
    let (notices, skipped) = (read("notices.json"), read("skipped.json"));
    let (audit, simulation) = (read("audit.json"), read("simulation.json"));

    // A letter a notice, and no other file.
    let notices = notices["notices"].as_array().unwrap();
    assert!(notices.len() > 20, "{}", notices.len());
    let letters = std::fs::read_dir(out.join("letters")).unwrap().count();
    assert_eq!(letters, notices.len());
    let mut levels: BTreeMap<u64, usize> = BTreeMap::new();
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    for notice in notices {
        let parts = ["claims", "fee", "fee_tax", "line_fees", "interest", "compensation"];
        assert_eq!(number(&notice["total"]), parts.iter().map(|part| number(&notice[part])).sum::<Decimal>());
        *levels.entry(notice["level"].as_u64().unwrap()).or_default() += 1;
        *languages.entry(notice["language"].as_str().unwrap().to_owned()).or_default() += 1;
        let letter = std::fs::read_to_string(out.join(notice["letter"].as_str().unwrap())).unwrap();
        assert!(letter.starts_with("<!doctype html>") || letter.starts_with("<!DOCTYPE html>"), "{}", &letter[..60]);
        for line in notice["lines"].as_array().unwrap() {
            assert!(letter.contains(line["document"].as_str().unwrap()));
        }
        assert!(letter.contains(notice["id"].as_str().unwrap()), "the letter bears the notice's id");
    }
    assert_eq!(levels.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4], "{levels:?}");
    assert!(languages.len() >= 2, "{languages:?}");

    // Every open item of a day stands once: on a notice or among the skipped.
    for (day, run) in week.days.iter().zip(skipped.as_array().unwrap()) {
        let lines = day.notices.iter().flat_map(|sent| &sent.notice.lines);
        let mut items: Vec<(String, u64)> =
            lines.map(|line| (line.document.clone(), u64::from(line.instalment))).collect();
        for row in run["skipped"].as_array().unwrap() {
            assert_ne!(row["reason"], "");
            items.push((row["document"].as_str().unwrap().to_owned(), row["instalment"].as_u64().unwrap()));
        }
        let all = items.len();
        items.sort();
        items.dedup();
        assert_eq!(items.len(), all, "{}", day.day);
        assert_eq!(day.again, 0, "{}", day.day);
    }

    // What was posted is what the policy says, and payments recorded late are seen.
    assert_eq!(audit["deviations"].as_array().unwrap().len(), 0, "{}", audit["deviations"]);
    assert!(!simulation["paid_already"].as_array().unwrap().is_empty());
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn a_name_is_printed_as_that_name() {
    let out = std::env::temp_dir().join(format!("dunning_names_{}", std::process::id()));
    std::fs::create_dir_all(&out).unwrap();
    let ledger = out.join("ledger.csv");
    std::fs::write(
        &ledger,
        "customer,name,invoice,amount,dated,due\nC1,<script>{{ 7*7 }}</script>,R&D-1,100.00,2026-01-05,2026-01-20\n",
    )
    .unwrap();
    let mapping = out.join("mapping.toml");
    let text = r#"id = "names"
[[file]]
name = "ledger.csv"
[[file.fact]]
table = "customers"
once = true
fields = { id = "{customer}", name = "{name}" }
[[file.fact]]
table = "documents"
fields = { id = "{invoice}", customer = "{customer}", kind = { const = "invoice" }, currency = { const = "EUR" }, amount = "{amount}", document_date = "{dated}", due_date = "{due}" }
"#;
    let text = text.replace("{ const = \"invoice\" }", "\"invoice\"").replace("{ const = \"EUR\" }", "\"EUR\"");
    std::fs::write(&mapping, text).unwrap();
    let asked = Asked {
        ledger: Some(ledger),
        mapping: Some(mapping),
        from: Some(ar_core::calendar::Day::parse("2026-01-26").unwrap()),
        days: 1,
        ..Asked::default()
    };
    let week = Week::of(&asked, &mut |_| {}).unwrap();
    let sent: Vec<_> = week.sent().collect();
    assert_eq!(sent.len(), 1);
    let letter = &sent[0].1.letter;
    assert!(letter.contains("&lt;script&gt;{{ 7*7 }}&lt;/script&gt;"), "{letter}");
    assert!(letter.contains("R&amp;D-1") && !letter.contains("<script"), "{letter}");
    std::fs::remove_dir_all(&out).unwrap();
}
