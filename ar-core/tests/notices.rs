//! The letters of a dunning run: how they speak, in which language, what they show of amounts that are not asked for.
#![cfg(feature = "letters")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that goes wrong may panic"
)]

use ar_core::calendar::Day;
use ar_core::dunning::DunningRun;
use ar_core::facade::{JsonFacts, Settings, dunning_policy, letter_book, notice_letters};
use ar_core::ledger::Ledger;
use ar_core::letters::{Letter, LetterFormat, Tone};
use ar_core::problem::Problem;
use serde_json::{Value, json};

const SENDER: &str = r#"{"sender": {"name": "Nordwind"}}"#;

/// A run on 1 March 2026 over invoices of EUR 100.00, due 31 January, and whatever else there is.
fn run(facts: Value, policy: Value) -> DunningRun {
    let facts = JsonFacts::parse(&facts.to_string()).unwrap();
    let ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
    ledger.as_of(Day::parse("2026-03-01").unwrap()).dun(&dunning_policy(&policy.to_string()).unwrap()).unwrap()
}

fn invoice(id: &str, customer: &str) -> Value {
    json!({"id": id, "customer": customer, "kind": "invoice", "currency": "EUR", "amount": "100.00",
        "document_date": "2026-01-01", "due_date": "2026-01-31", "reference": "PO1"})
}

fn of_levels(levels: Value) -> Value {
    json!({"procedures": {"standard": {"levels": levels, "escalation": "jump"}}})
}

fn one(facts: Value, policy: Value, stationery: &str) -> Letter {
    let mut letters = notice_letters(&run(facts, policy), stationery).unwrap();
    assert_eq!(letters.len(), 1);
    letters.remove(0)
}

fn first(refused: ar_core::problem::Refused) -> (String, String) {
    let Problem { code, field, .. } = refused.problems.into_iter().next().unwrap();
    (code, field.unwrap_or_default())
}

fn plain() -> Value {
    json!({"customers": [{"id": "C"}], "documents": [invoice("INV-1", "C")]})
}

fn speaking(language: &str) -> Value {
    let mut facts = plain();
    facts["customer_changes"] =
        json!([{"customer": "C", "attribute": "language", "value": language, "effective": "2026-01-01"}]);
    facts
}

#[test]
fn the_tone_is_the_levels_or_by_its_place() {
    // The invoice is 29 days late: the last level of at most that is reached.
    let by_place = |at: usize, all: usize| {
        let levels: Vec<Value> = (1..=all).map(|level| json!({"days": if level <= at { 1 } else { 50 } })).collect();
        let letter = one(plain(), of_levels(levels.into()), SENDER);
        assert_eq!(letter.lines[0].level, Some(u32::try_from(at).unwrap()));
        letter.tone.unwrap()
    };
    assert_eq!(by_place(1, 1), Tone::Friendly);
    assert_eq!((by_place(1, 2), by_place(2, 2)), (Tone::Friendly, Tone::Final));
    assert_eq!([1, 2, 3].map(|at| by_place(at, 3)), [Tone::Friendly, Tone::Urgent, Tone::Final]);
    assert_eq!([1, 2, 3, 4].map(|at| by_place(at, 4)), [Tone::Friendly, Tone::Firm, Tone::Urgent, Tone::Final]);
    let tone = |level: Value| one(plain(), of_levels(json!([level])), SENDER).tone;
    assert_eq!(tone(json!({"days": 1, "tone": "urgent"})), Some(Tone::Urgent));
    assert_eq!(tone(json!({"days": 1, "hand_over": "agency"})), Some(Tone::Final));
}

#[test]
fn a_tone_or_language_that_there_is_not_is_told_with_its_notice() {
    let mut policy = of_levels(json!([{"days": 1, "tone": "rude"}]));
    assert_eq!(first(dunning_policy(&policy.to_string()).unwrap_err()).1, "procedures.standard.levels[0].tone");
    // Whoever writes the letters otherwise may have tones of their own.
    policy["tones"] = json!(["rude"]);
    let wrong = run(plain(), policy);
    assert_eq!(first(notice_letters(&wrong, SENDER).unwrap_err()), ("unknown_kind".into(), "notices[0].tone".into()));
    let italian = run(speaking("it"), of_levels(json!([{"days": 1}])));
    let refused = notice_letters(&italian, SENDER).unwrap_err();
    assert_eq!(first(refused), ("unknown_kind".into(), "notices[0].language".into()));
    let instead = r#"{"sender": {"name": "Nordwind"}, "languages": {"it": "fr"}}"#;
    assert_eq!(notice_letters(&italian, instead).unwrap()[0].language.code(), "fr");
}

#[test]
fn the_language_is_the_customers_or_the_stationerys() {
    for (own, written) in [("", "es"), ("de", "de"), ("de-AT", "de"), ("FR", "fr")] {
        let facts = if own.is_empty() { plain() } else { speaking(own) };
        let stationery = r#"{"sender": {"name": "Nordwind"}, "language": "es"}"#;
        assert_eq!(one(facts, of_levels(json!([{"days": 1}])), stationery).language.code(), written);
    }
}

#[test]
fn a_dunning_policy_knows_the_tones_and_templates_that_are_shipped() {
    let tones = Tone::ALL.iter().map(|tone| json!({"days": 1, "tone": tone.name()}));
    let book = letter_book("{}").unwrap();
    let english = book.templates().into_iter().filter_map(|key| key.strip_prefix("en/").map(str::to_owned));
    let templates: Vec<String> = english.collect();
    assert_eq!(templates.len(), 8);
    let level_of = |name: &String| json!({"days": 1, "template": name});
    let (notices, others): (Vec<_>, Vec<_>) = templates.iter().partition(|name| name.starts_with("notice/"));
    for level in tones.chain(notices.into_iter().map(level_of)) {
        dunning_policy(&of_levels(json!([level])).to_string()).unwrap();
    }
    // A statement is no notice.
    for level in others.into_iter().map(level_of) {
        assert_eq!(dunning_policy(&of_levels(json!([level])).to_string()).unwrap_err().code(), "policy_invalid");
    }
}

#[test]
fn a_template_of_ones_own_is_named() {
    let mut policy = of_levels(json!([{"days": 1, "template": "notice/vip"}]));
    assert_eq!(first(dunning_policy(&policy.to_string()).unwrap_err()).1, "procedures.standard.levels[0].template");
    policy["templates"] = json!(["notice/vip"]);
    let letter = one(plain(), policy, SENDER);
    let ours = r#"{"templates": {"en/notice/vip": "No hurry\n---\nDear friend\n---\nBye\n"}}"#;
    assert_eq!(letter_book(ours).unwrap().render(&letter).unwrap().subject, "No hurry");
    assert_eq!(first(letter_book("{}").unwrap().render(&letter).unwrap_err()).0, "unknown_reference");
}

#[test]
fn what_is_disputed_promised_or_credited_is_shown_and_the_total_is_the_notices() {
    let mut facts = plain();
    facts["documents"].as_array_mut().unwrap().push(json!({"id": "CN-1", "customer": "C", "kind": "credit_note",
        "currency": "EUR", "amount": "-7.00", "document_date": "2026-02-01"}));
    facts["disputes"] =
        json!([{"id": "D", "document": "INV-1", "reason": "damaged", "amount": "30.00", "effective": "2026-02-01"}]);
    facts["promises"] = json!([{"id": "P", "customer": "C", "currency": "EUR", "amount": "20.00",
        "promised_date": "2026-03-10", "effective": "2026-02-20"}]);
    let mut policy = of_levels(json!([{"days": 1, "interest": true, "compensation": true, "pay_within_days": 7,
        "notice_fee": {"currencies": [{"currency": "EUR", "tax_percent": "19", "tiers": [{"amount": "5.00"}]}]},
        "line_fee": {"currencies": [{"currency": "EUR", "tiers": [{"amount": "1.00"}]}]}}]));
    policy["credit_notes"] = "listed".into();
    policy["interest"] = json!({"rates": [{"from": "2000-01-01", "percent": "9"}],
        "compensation": {"tiers": [{"currency": "EUR", "amount": "40"}]}});
    let run = run(facts, policy);
    let notice = run.notices().unwrap().remove(0);
    let mut letter = notice_letters(&run, SENDER).unwrap().remove(0);
    let shown = |amount: Option<rust_decimal::Decimal>| amount.unwrap_or_default().to_string();
    assert_eq!(letter.lines.len(), 2);
    let line = &letter.lines[0];
    assert_eq!(
        (line.amount.to_string(), shown(line.open), shown(line.disputed)),
        ("100.00".into(), "80.00".into(), "30.00".into())
    );
    assert_eq!((line.reference.as_deref(), line.days_past_due), (Some("PO1"), Some(29)));
    assert_eq!(
        line.note.as_deref(),
        Some(
            "Of EUR\u{a0}100.00 open, EUR\u{a0}20.00 is promised, on its way or covered by credits, and not asked for here."
        )
    );
    assert_eq!((letter.lines[1].document.as_str(), shown(letter.lines[1].open)), ("CN-1", "-7.00".into()));
    assert_eq!((shown(letter.fees), shown(letter.compensation)), ("6.95".into(), "40.00".into()));
    assert_eq!((letter.interest, letter.total), (Some(notice.interest), notice.total));
    let book = letter_book("{}").unwrap();
    for format in [LetterFormat::Text, LetterFormat::Html] {
        letter.format = format;
        let body = book.render(&letter).unwrap().body;
        for text in ["INV-1", "CN-1", "30.00", "6.95", "40.00", &notice.total.to_string()] {
            assert!(body.contains(text), "{text}: {body}");
        }
    }
}

#[test]
fn the_address_the_link_and_the_reference_are_the_stationerys() {
    let stationery = r#"{"sender": {"name": "Nordwind"}, "id_prefix": "R 1", "link": "https://pay.example/{customer}/{notice}?r={reference}",
        "customers": {"C": {"name": "<b>{{ 7*7 }}</b>", "address": ["Here"]}}, "format": "html", "aging_days": [0, 30]}"#;
    let letter = one(plain(), of_levels(json!([{"days": 1}])), stationery);
    assert_eq!(letter.document.as_deref(), Some("R 1-1"));
    let reference = letter.payment.reference.clone().unwrap();
    assert!(reference.starts_with("RF") && reference.ends_with("INV1"), "{reference}");
    assert_eq!(letter.payment.link, Some(format!("https://pay.example/C/R%201-1?r={reference}")));
    let aged: Vec<_> = letter.aging.iter().map(|bucket| (bucket.label.as_str(), bucket.amount.to_string())).collect();
    assert_eq!(aged, [("≤ 0", "0.00".into()), ("1–30", "100.00".into()), ("> 30", "0.00".into())]);
    let body = letter_book("{}").unwrap().render(&letter).unwrap().body;
    assert!(body.contains("&lt;b&gt;{{ 7*7 }}&lt;/b&gt;") && !body.contains("<b>{{"), "{body}");

    for (wrong, field) in [
        (r#"{"link": "javascript:alert(1)"}"#, "link"),
        (r#"{"link": "https://pay.example/{name}"}"#, "link"),
        (r#"{"aging_days": [30, 30]}"#, "aging_days"),
        (r#"{"colour": "red"}"#, "colour"),
        (r#"{"reference": "phone"}"#, "reference"),
    ] {
        let refused = notice_letters(&run(plain(), of_levels(json!([{"days": 1}]))), wrong).unwrap_err();
        assert_eq!(first(refused), ("policy_invalid".into(), field.into()), "{wrong}");
    }
}

#[test]
fn two_notices_never_share_a_reference() {
    let facts = json!({"customers": [{"id": "A"}, {"id": "B"}, {"id": "C"}],
        "documents": [invoice("1-23", "A"), invoice("12-3", "B"), invoice("9", "C")]});
    let letters = notice_letters(&run(facts, of_levels(json!([{"days": 1}]))), SENDER).unwrap();
    let references: Vec<bool> = letters.iter().map(|letter| letter.payment.reference.is_some()).collect();
    assert_eq!(references, [false, false, true]);
}

#[test]
fn a_family_is_told_whose_invoice_it_is() {
    let facts = json!({"customers": [{"id": "P"}, {"id": "K", "parent": "P"}],
        "documents": [invoice("INV-1", "P"), invoice("INV-2", "K")]});
    let mut policy = of_levels(json!([{"days": 1}]));
    policy["notice_per"] = "family".into();
    let letter = one(facts, policy, SENDER);
    let notes: Vec<_> = letter.lines.iter().map(|line| (line.document.as_str(), line.note.as_deref())).collect();
    assert_eq!(letter.customer.id, "P");
    assert!(notes.contains(&("INV-1", None)) && notes.contains(&("INV-2", Some("Account K"))), "{notes:?}");
}
