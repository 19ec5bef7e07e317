//! The gallery of errors: every code of the specification with an input that produces it, as docs/errors.md shows it.
//!
//! `AR_WRITE=1 cargo test -p ar-core --features letters --test errors` writes the page anew after a change, and `gallery/refusals.json`: what
//! the galleries of the other languages, which run the same inputs, have to show.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that goes wrong may panic"
)]

use std::fmt::Write as _;
use std::path::PathBuf;

use ar_core::aging::age;
use ar_core::facade::{
    Cell, CreditRequest, Day, JsonFacts, Ledger, LimitQuestion, Refused, Source, Table, Tables, View, Where,
    aging_policy, allocation_policy, amount_from_text, back_test_question, credit_policy, dunning_policy,
    interest_policy, loss_rate_policy, mapping, prediction_policy, provided_before, provision_policy, settings,
    settlement_edits, settlement_policy,
};
use serde_json::{Value, json};

/// The ledger on which the inputs of the page stand, unless they bring their own.
const GIVEN: &str = include_str!("gallery/given.json");
/// Codes with what they mean and the inputs that produce them. `not_in` names the languages whose types cannot hold an
/// input: there it is handed over as JSON text.
const ENTRIES: &str = include_str!("gallery/errors.json");
/// What is no error: reports of nothing.
const ANSWERS: &str = include_str!("gallery/answers.json");

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The codes of letters alone.
const LETTERS: &[&str] = &["reference_invalid", "letter_invalid"];

/// A table that claims more rows than any ledger holds; none of them is read.
struct TooMany;

impl Source for TooMany {
    fn rows(&self) -> usize {
        usize::try_from(ar_core::ledger::MOST_ROWS).unwrap() + 1
    }
    fn cell(&self, _: usize, _: usize) -> Cell<'_> {
        Cell::Missing
    }
}

fn load(setting: &Value, facts: &Value) -> Result<Ledger, Refused> {
    let settings = settings(&setting.to_string())?;
    Ledger::load(settings, &JsonFacts::parse(&facts.to_string())?.tables())
}

fn day(input: &Value, key: &str) -> Day {
    Day::parse(input[key].as_str().unwrap()).unwrap()
}

/// Runs an input; it must be refused.
fn refusal(input: &Value) -> Refused {
    answer(input).expect_err(&format!("the input is meant to be refused: {input}"))
}

/// What a desk is asked: whether a document may go, or for a limit.
fn ask_credit(view: &View, input: &Value) -> Result<(), Refused> {
    let desk = view.credit(&credit_policy(&input["credit_policy"].to_string())?)?;
    let of = |asked: &Value, key: &str| asked[key].as_str().map(str::to_owned);
    if let Some(asked) = input.get("check") {
        let (customer, currency) = (of(asked, "customer").unwrap(), of(asked, "currency").unwrap());
        let amount = amount_from_text(asked["amount"].as_str().unwrap())?;
        return desk.check(&CreditRequest::new(&customer, amount, &currency)).map(|_| ());
    }
    let Some(asked) = input.get("propose_limit") else { return Ok(()) };
    let (customer, score) = (of(asked, "customer"), of(asked, "score"));
    let question = LimitQuestion {
        customer: customer.as_deref(),
        currency: asked["currency"].as_str().unwrap(),
        monthly_volume: asked["monthly_volume"].as_str().map(amount_from_text).transpose()?,
        score: score.as_deref(),
    };
    desk.propose_limit(&question).map(|_| ())
}

fn answer(input: &Value) -> Result<(), Refused> {
    let given: Value = serde_json::from_str(GIVEN).unwrap();
    if let Some(facts) = input.get("load") {
        let none = json!({});
        return load(input.get("settings").unwrap_or(&none), facts).map(|_| ());
    }
    if let Some(setting) = input.get("settings") {
        return load(setting, &json!({})).map(|_| ());
    }
    if let Some(text) = input.get("mapping") {
        return mapping(&text.to_string()).map(|_| ());
    }
    if let Some(policy) = input.get("allocation_policy") {
        return allocation_policy(&policy.to_string()).map(|_| ());
    }
    if let Some(policy) = input.get("interest_policy") {
        return interest_policy(&policy.to_string()).map(|_| ());
    }
    #[cfg(feature = "letters")]
    if let Some(text) = input.get("creditor_reference").and_then(Value::as_str) {
        return ar_core::facade::creditor_reference(text).map(|_| ());
    }
    #[cfg(feature = "letters")]
    if let Some(letter) = input.get("letter") {
        let letter = ar_core::facade::letter_from_json(&letter.to_string())?;
        return ar_core::facade::letter(&letter, "{}").map(|_| ());
    }
    if input.get("rows").is_some() {
        return Ledger::load(Default::default(), &Tables::default().with(Table::documents, TooMany)).map(|_| ());
    }
    let ledger = load(&given["settings"], &given["facts"]).expect("the given ledger is good");
    if let Some(facts) = input.get("append") {
        let facts = JsonFacts::parse(&facts.to_string())?;
        let ledger = ledger.append(&facts.tables(), day(input, "recorded"))?;
        let view = ledger.as_of(day(input, "recorded"));
        if let Some(policy) = input.get("prediction_policy") {
            let policy = prediction_policy(&policy.to_string())?;
            return view.train_prediction(&policy, 1, &mut |_, _| input.get("stopped").is_none()).map(|_| ());
        }
        if let Some(policy) = input.get("dunning_policy") {
            return view.dun(&dunning_policy(&policy.to_string())?).map(|_| ());
        }
        if input.get("credit_policy").is_some() {
            return ask_credit(&view, input);
        }
        let Some(ids) = input.get("undo").and_then(Value::as_array) else { return Ok(()) };
        let ids: Vec<String> = ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        return view.undo(&ids).map(|_| ());
    }
    if let Some(policy) = input.get("prediction_policy") {
        let policy = prediction_policy(&policy.to_string())?;
        let model = ledger.as_of(day(input, "trained")).train_prediction(&policy, 1, &mut |_, _| true)?;
        return ledger.as_of(day(input, "as_of")).prediction_drift(&model).map(|_| ());
    }
    if let Some(policy) = input.get("dunning_policy") {
        return ledger.as_of(day(input, "as_of")).dun(&dunning_policy(&policy.to_string())?).map(|_| ());
    }
    if let Some(policy) = input.get("settle") {
        let settlement = ledger.as_of(day(input, "as_of")).settle(&settlement_policy(&policy.to_string())?)?;
        return settlement.edit(&settlement_edits(&input["edit"].to_string())?).map(|_| ());
    }
    if input.get("credit_policy").is_some() {
        return ask_credit(&ledger.as_of(day(input, "as_of")), input);
    }
    if let Some(policy) = input.get("provision_policy") {
        let (view, policy) = (ledger.as_of(day(input, "as_of")), provision_policy(&policy.to_string())?);
        if input.get("then").is_some() {
            let then = ledger.as_of(day(input, "then"));
            return view.back_test(&then, &policy, &back_test_question("{}")?).map(|_| ());
        }
        let before = input.get("before").map_or_else(|| Ok(Vec::new()), |rows| provided_before(&rows.to_string()))?;
        return view.provision(&policy, &before).map(|_| ());
    }
    if let Some(policy) = input.get("loss_rate_policy") {
        return ledger.as_of(day(input, "as_of")).loss_rates(&loss_rate_policy(&policy.to_string())?).map(|_| ());
    }
    let policy = aging_policy(&input["aging_policy"].to_string())?;
    let by: Vec<String> = input["by"]
        .as_array()
        .map_or_else(Vec::new, |keys| keys.iter().map(|key| key.as_str().unwrap().to_owned()).collect());
    let filter: Where =
        input.get("where").map_or_else(Where::new, |filter| serde_json::from_value(filter.clone()).unwrap());
    let report = age(&ledger.as_of(day(input, "as_of")), &policy, &by, &filter)?;
    let _ = report.rows();
    Ok(())
}

/// The codes that the specification names in its section about them, in its order.
fn codes_of_specification() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("docs/specification.md")).unwrap();
    let section = text.split(". Error codes of the ledger").nth(1).expect("the section about codes");
    let section = section.split("\n## ").next().unwrap();
    let known = |code: &&str| cfg!(feature = "letters") || !LETTERS.contains(code);
    section.split('`').skip(1).step_by(2).filter(known).map(str::to_owned).collect()
}

/// All entries; without the feature `letters`, those that need no letter.
fn entries() -> Vec<Value> {
    let mut all = serde_json::from_str::<Value>(ENTRIES).unwrap().as_array().unwrap().clone();
    if cfg!(not(feature = "letters")) {
        all.retain(|entry| !LETTERS.contains(&entry["code"].as_str().unwrap()));
    }
    all
}

fn page() -> String {
    let mut page = String::from(
        "# Errors\n\n\
        Every refusal has a code that stays, the table, row (counted from 0) and field it is about, and a sentence that may\n\
        change. A refusal lists everything that is wrong, at most 100 problems of it, and counts all; nothing is half-done.\n\n\
        This page is made from inputs that run (`ar-core/tests/errors.rs`): each is refused as shown, in every language. An\n\
        input named `load` is loaded; `append` is appended, with the recorded day beside it, to the ledger below; policies\n\
        are asked on it. An empty ledger is no error: every report of it is empty.\n\n\
        <details><summary>The ledger that inputs are appended to</summary>\n\n```json\n",
    );
    page.push_str(GIVEN.trim());
    page.push_str("\n```\n</details>\n\n| code | meaning |\n|---|---|\n");
    for entry in entries() {
        let code = entry["code"].as_str().unwrap();
        writeln!(page, "| [`{code}`](#{code}) | {} |", entry["meaning"].as_str().unwrap()).unwrap();
    }
    for entry in entries() {
        writeln!(page, "\n## {}\n\n{}.", entry["code"].as_str().unwrap(), capital(entry["meaning"].as_str().unwrap()))
            .unwrap();
        if let Some(cure) = entry["cure"].as_str() {
            writeln!(page, "{cure}").unwrap();
        }
        for input in entry["inputs"].as_array().unwrap() {
            let shown = if input.get("rows").is_some() {
                String::from("a table of `documents` with 536,870,912 rows")
            } else {
                format!("```json\n{}\n```", one_line_a_key(input))
            };
            writeln!(page, "\n{shown}\n").unwrap();
            for problem in &refusal(input).problems {
                let place = [
                    problem.table.as_ref().map(|table| format!("`{table}`")),
                    problem.index.map(|index| format!("row {index}")),
                    problem.field.as_ref().map(|field| format!("field `{field}`")),
                ];
                let place: Vec<String> = place.into_iter().flatten().collect();
                let place = if place.is_empty() { String::from("the call") } else { place.join(", ") };
                writeln!(page, "* `{}`: {place}: {}", problem.code, problem.reason).unwrap();
            }
            if let Some(languages) = input["not_in"].as_array() {
                let names: Vec<String> = languages.iter().map(|name| capital(name.as_str().unwrap())).collect();
                writeln!(page, "\nIn {} as JSON text alone: the types hold no such value.", names.join(" and "))
                    .unwrap();
            }
        }
    }
    page
}

/// What every input is refused for, entry by entry, without the sentences.
fn refusals() -> String {
    let told = |input: &Value| {
        let refused = refusal(input);
        let places =
            refused.problems.iter().map(|problem| json!([problem.code, problem.table, problem.index, problem.field]));
        json!({ "total": refused.total, "problems": places.collect::<Vec<_>>() })
    };
    let mut lines = Vec::new();
    for entry in entries() {
        for input in entry["inputs"].as_array().unwrap() {
            lines.push(format!("  {}", told(input)));
        }
    }
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An object with a line for each of its keys.
fn one_line_a_key(input: &Value) -> String {
    let lines: Vec<String> = input
        .as_object()
        .unwrap()
        .iter()
        .filter(|(key, _)| *key != "not_in")
        .map(|(key, value)| format!("  {}: {}", json!(key), spaced(value)))
        .collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

/// JSON with a space after colons and commas.
fn spaced(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let parts: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", json!(key), spaced(value))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn every_code_of_the_specification_has_an_input_that_produces_it() {
    let entries = entries();
    let shown: Vec<&str> = entries.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    assert_eq!(codes_of_specification(), shown, "codes of docs/specification.md and of the gallery, in one order");
    for entry in &entries {
        for input in entry["inputs"].as_array().unwrap() {
            let refused = refusal(input);
            let codes: Vec<&str> = refused.problems.iter().map(|problem| problem.code.as_str()).collect();
            assert!(codes.contains(&entry["code"].as_str().unwrap()), "{}: got {codes:?} for {input}", entry["code"]);
        }
    }
}

#[test]
fn messages_are_one_line_in_lower_case_and_say_what_was_expected() {
    for entry in entries() {
        for input in entry["inputs"].as_array().unwrap() {
            for problem in refusal(input).problems {
                let reason = problem.reason;
                let first = reason.chars().next().unwrap();
                assert!(!reason.contains('\n') && !reason.ends_with('.') && !first.is_uppercase(), "{reason}");
                assert!(reason.contains("expected") || entry["code"] == "policy_invalid", "{reason}");
            }
        }
    }
}

#[test]
fn what_holds_nothing_answers_with_empty_reports() {
    for case in serde_json::from_str::<Value>(ANSWERS).unwrap().as_array().unwrap() {
        let view = load(&json!({}), &case["load"]).unwrap().as_of(day(case, "as_of"));
        let report = view.aging(&aging_policy(&case["aging_policy"].to_string()).unwrap(), &[], &Where::new()).unwrap();
        let proposal = view.propose(&Default::default()).unwrap();
        let counts = json!({
            "open_items": view.open_items().len(), "rows": report.rows().len(), "totals": report.totals().len(),
            "items": report.items().len(), "lines": proposal.lines().len(), "unapplied": proposal.unapplied().len(),
        });
        assert_eq!(counts, case["answer"], "{}", case["name"]);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment whether to write")]
fn the_page_shows_what_happens() {
    if cfg!(not(feature = "letters")) {
        // The page shows letters too.
        return;
    }
    let files = [("docs/errors.md", page()), ("ar-core/tests/gallery/refusals.json", refusals())];
    for (name, made) in files {
        let file = root().join(name);
        if std::env::var("AR_WRITE").is_ok() {
            std::fs::write(&file, &made).unwrap();
        }
        let held = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(held == made, "{name} is not what the inputs give: run with AR_WRITE=1 and look at the difference");
    }
    let inputs: usize = entries().iter().map(|entry| entry["inputs"].as_array().unwrap().len()).sum();
    let answers = serde_json::from_str::<Value>(ANSWERS).unwrap().as_array().unwrap().len();
    // The line that each front end prints.
    println!("\ngallery rust {} as shown, 0 not made, 0 failed", inputs + answers);
}
