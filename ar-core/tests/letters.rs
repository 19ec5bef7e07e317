//! Letters: what is printed, what is refused, and kept letters of every language and tone.
//!
//! `UPDATE=1 cargo test -p ar-core --features letters --test letters` writes the kept letters anew after a change.
#![cfg(feature = "letters")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that goes wrong may panic"
)]

use std::path::PathBuf;

use ar_core::facade::{letter, letter_book, letter_from_json};
use ar_core::letters::{Language, Letter, LetterFormat, LetterKind, Letters, Tone};
use ar_core::problem::Problem;
use proptest::prelude::*;
use serde_json::{Value, json};

const LETTERS: &str = include_str!("letters/given.json");

/// The letter of a kind in `letters/given.json`, in a language.
fn given(kind: &str, language: Language) -> Letter {
    let all: Value = serde_json::from_str(LETTERS).unwrap();
    let mut one = all[kind].clone();
    for (key, value) in all["all"].as_object().unwrap() {
        if one.get(key).is_none() {
            one[key] = value.clone();
        }
    }
    one["language"] = language.code().into();
    letter_from_json(&one.to_string()).unwrap()
}

fn first(refused: ar_core::problem::Refused) -> (String, String) {
    let Problem { code, field, .. } = refused.problems.into_iter().next().unwrap();
    (code, field.unwrap_or_default())
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment whether to write")]
fn every_shipped_letter_is_as_kept() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/letters");
    let book = letter_book("{}").unwrap();
    let mut wrong = Vec::new();
    for language in Language::ALL {
        for kind in LetterKind::ALL {
            let tones = if *kind == LetterKind::Notice { Tone::ALL } else { &[Tone::Friendly] };
            for tone in tones {
                for format in [LetterFormat::Text, LetterFormat::Html] {
                    let mut letter = given(kind.name(), *language);
                    letter.format = format;
                    if *kind == LetterKind::Notice {
                        letter.tone = Some(*tone);
                    }
                    let written = book.render(&letter).unwrap();
                    let end = if format == LetterFormat::Text { "txt" } else { "html" };
                    // The page of one tone shows the layout; what the other tones say is in their text.
                    if end == "html" && !matches!(tone, Tone::Friendly) {
                        continue;
                    }
                    let name = format!("kept/{}.{end}", written.template.replace('/', "-"));
                    let kept = folder.join(&name);
                    let made =
                        if end == "txt" { format!("{}\n\n{}", written.subject, written.body) } else { written.body };
                    if std::env::var("UPDATE").is_ok() {
                        std::fs::create_dir_all(folder.join("kept")).unwrap();
                        std::fs::write(&kept, &made).unwrap();
                    }
                    if std::fs::read_to_string(&kept).unwrap_or_default() != made {
                        wrong.push(name);
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as kept, look at them after UPDATE=1: {wrong:?}");
}

#[test]
fn a_hostile_name_is_printed_as_that_name() {
    for name in ["{{ 7*7 }}", "{% raw %}", "<script>alert(1)</script>", "=HYPERLINK(\"x\")", "O'Neill & Sons", "---"] {
        let mut notice = given("notice", Language::En);
        notice.customer.name = name.to_owned();
        notice.customer.salutation = Some(format!("Dear {name},"));
        notice.lines[0].note = Some(name.to_owned());
        notice.message = Some(name.to_owned());
        let text = letter(&notice, "{}").unwrap();
        assert!(text.body.matches(name).count() >= 4, "{name}: {}", text.body);
        notice.format = LetterFormat::Html;
        let page = letter(&notice, "{}").unwrap().body;
        let escaped = name
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;");
        assert!(page.matches(&escaped).count() >= 4, "{name}: {page}");
        assert!(!page.contains("<script") && !page.contains(">49") && !page.contains(" 49"), "{name}: {page}");
    }
}

#[test]
fn characters_that_would_move_a_letter_are_harmless() {
    let mut notice = given("notice", Language::De);
    notice.customer.name = "Ann\r\nGesamt: 0\u{202e}RUE 00.1\u{0}\u{2028}x".to_owned();
    let written = letter(&notice, "{}").unwrap();
    assert!(written.body.contains("\nAnn Gesamt: 0\u{fffd}RUE 00.1\u{fffd} x\n"), "{}", written.body);
    notice.customer.name = "שלום Ltd".to_owned();
    assert!(letter(&notice, "{}").unwrap().body.contains("\nשלום Ltd\n"));
}

#[test]
fn a_page_needs_nothing_else() {
    for kind in LetterKind::ALL {
        let mut one = given(kind.name(), Language::Fr);
        one.format = LetterFormat::Html;
        one.payment.link = None;
        let page = letter(&one, "{}").unwrap().body;
        for outside in ["src=", "url(", "@import", "<link", "<script", "http://", "https://"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}

#[test]
fn a_link_goes_to_the_web_or_is_refused() {
    for link in ["javascript:alert(1)", "https://", "https://a b", "https://a\"onclick=", "data:text/html,x", ""] {
        let mut notice = given("notice", Language::En);
        notice.payment.link = Some(link.to_owned());
        let refused = first(letter(&notice, "{}").unwrap_err());
        assert_eq!(refused, ("letter_invalid".into(), "payment.link".into()), "{link}");
    }
}

#[test]
fn a_total_that_the_rest_does_not_add_up_to_is_refused() {
    for kind in LetterKind::ALL {
        let mut one = given(kind.name(), Language::En);
        one.total -= rust_decimal::Decimal::new(if *kind == LetterKind::Thanks { 1_000_000 } else { 1 }, 2);
        assert_eq!(first(letter(&one, "{}").unwrap_err()), ("does_not_add_up".into(), "total".into()), "{kind:?}");
    }
}

#[test]
fn what_json_gets_wrong_is_told_with_its_path() {
    let good = json!({
        "kind": "notice", "tone": "firm", "language": "en", "date": "2026-10-31", "sender": {"name": "S"},
        "customer": {"id": "C", "name": "N"}, "currency": "EUR", "total": "1.00",
        "lines": [{"document": "A", "document_date": "2026-09-01", "amount": "1.00"}],
    });
    assert!(letter(&letter_from_json(&good.to_string()).unwrap(), "{}").is_ok());
    for (path, value, code, field) in [
        ("/total", json!(1.5), "float_refused", "total"),
        ("/total", json!("1,00"), "not_a_number", "total"),
        ("/total", json!("1.005"), "too_many_digits", "total"),
        ("/total", json!("1.00000000000000000000000000000000001"), "too_many_digits", "total"),
        ("/total", json!("99999999999999999999"), "too_large", "total"),
        ("/total", json!(null), "missing_field", "total"),
        ("/total", json!("2.00"), "does_not_add_up", "total"),
        ("/date", json!("2026-02-30"), "impossible_date", "date"),
        ("/date", json!("2026-10-31T10:00"), "datetime_refused", "date"),
        ("/language", json!("it"), "unknown_kind", "language"),
        ("/tone", json!("rude"), "unknown_kind", "tone"),
        ("/tone", json!(null), "missing_field", "tone"),
        ("/kind", json!("thanks"), "unknown_field", "tone"),
        ("/currency", json!("XXX"), "unknown_currency", "currency"),
        ("/sender/name", json!(" "), "missing_field", "sender.name"),
        ("/customer", json!({"id": "C"}), "missing_field", "customer.name"),
        ("/customer", json!({"id": "C", "name": "N", "colour": "red"}), "unknown_field", "customer.colour"),
        ("/lines/0/amount", json!(true), "wrong_type", "lines[0].amount"),
        ("/lines/0/document", json!(7), "wrong_type", "lines[0].document"),
        ("/lines/0", json!({"document": "A", "amount": "1.00"}), "missing_field", "lines[0].document_date"),
        ("/lines", json!("none"), "wrong_type", "lines"),
    ] {
        let mut wrong = good.clone();
        *wrong.pointer_mut(path).unwrap() = value;
        let text = wrong.to_string();
        let refused = letter_from_json(&text).and_then(|one| letter(&one, "{}")).unwrap_err();
        assert_eq!(first(refused), (code.into(), field.into()), "{text}");
    }
    for (name, value, code, field) in [
        ("fees", json!("-1.00"), "wrong_sign", "fees"),
        ("template", json!("notice/absent"), "unknown_reference", "template"),
        ("template", json!("invoice"), "unknown_reference", "template"),
        ("template", json!("../notice/firm"), "unknown_reference", "template"),
        ("payment", json!({"reference": "RF19 5390 0754 7034"}), "reference_invalid", "payment.reference"),
        (
            "instalments",
            json!([{"number": 1, "due_date": "2026-11-01", "amount": "2"}]),
            "does_not_add_up",
            "instalments",
        ),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value;
        let refused = letter_from_json(&wrong.to_string()).and_then(|one| letter(&one, "{}")).unwrap_err();
        assert_eq!(first(refused), (code.into(), field.into()), "{name}");
    }
}

#[test]
fn a_policy_that_would_fail_later_is_refused_now() {
    let one = |key: &str, text: &str| json!({"templates": {key: text}}).to_string();
    let parts = |text: &str| format!("S\n---\n{text}\n---\n");
    for (policy, field) in [
        (one("en/notice", "a\n---\nb\n---\nc"), "templates.en/notice"),
        (one("it/thanks", "a\n---\nb\n---\nc"), "templates.it/thanks"),
        (one("en/thanks/../x", "a\n---\nb\n---\nc"), "templates.en/thanks/../x"),
        (one("en/thanks", "only a subject"), "templates.en/thanks"),
        (one("en/thanks", &parts("{{ total }")), "templates.en/thanks:3"),
        (one("en/thanks", &parts("line\n{{ totl }}")), "templates.en/thanks:4"),
        (one("en/thanks", &parts("{% for l in lines %}{{ l.documnt }}{% endfor %}")), "templates.en/thanks:3"),
        (one("en/thanks", &parts("{% if 1 == 2 %}\n{{ customer.nme }}{% endif %}")), "templates.en/thanks:4"),
        (one("en/thanks", &parts("{{ customer.name | safe }}")), "templates.en/thanks:3"),
        (one("en/thanks", &parts("{% include \"en/thanks\" %}")), "templates.en/thanks:3"),
        (one("en/thanks", &parts("{{ customer.name }}\n{{ [1] - 1 }}")), "templates.en/thanks:4"),
        (
            one("en/thanks", &parts("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")),
            "templates.en/thanks:3",
        ),
        (one("layout/html", "<p>\n{{ sbject }}"), "templates.layout/html:2"),
        (one("layout/text", "{% if %}"), "templates.layout/text:1"),
        (json!({"words": {"en": {"totl": "x"}}}).to_string(), "words.en.totl"),
        (json!({"layout": {"accent": "red;}"}}).to_string(), "layout.accent"),
        (json!({"colour": 1}).to_string(), "colour"),
    ] {
        assert_eq!(first(letter_book(&policy).unwrap_err()), ("policy_invalid".into(), field.into()), "{policy}");
    }
    assert_eq!(first(letter_book("{\"version\": 2}").unwrap_err()).0, "unsupported_version");
}

#[test]
fn own_templates_words_and_layouts_stand_before_the_shipped() {
    let mut policy = Letters::default();
    policy.templates.insert("en/notice/vip".into(), "For {{ customer.name }}\n---\nHello & <b>.\n---\nBye.\n".into());
    policy.templates.insert("layout/html".into(), "<p>{{ subject }}|{{ opening[0] }}</p>".into());
    policy.currencies.insert("POINTS".into(), 0);
    let book = policy.compile().unwrap();
    assert!(book.templates().contains(&"en/notice/vip"));
    let mut notice = given("notice", Language::En);
    notice.template = Some("notice/vip".into());
    notice.format = LetterFormat::Html;
    notice.customer.name = "<A>".into();
    let written = book.render(&notice).unwrap();
    assert_eq!(written.body, "<p>For &lt;A&gt;|Hello &amp; &lt;b&gt;.</p>");
    assert_eq!((written.subject.as_str(), written.template.as_str()), ("For <A>", "en/notice/vip"));
    let unescaped =
        json!({"templates": {"layout/html": "{% autoescape false %}{{ customer.name }}{% endautoescape %}"}});
    assert_eq!(letter(&notice_of("<A>"), &unescaped.to_string()).unwrap().body, "&lt;A&gt;");
    let words = json!({"words": {"de": {"total_notice": "Zahlbetrag"}}}).to_string();
    assert!(letter(&given("notice", Language::De), &words).unwrap().body.contains("\nZahlbetrag "));
}

fn notice_of(name: &str) -> Letter {
    let mut notice = given("notice", Language::En);
    notice.format = LetterFormat::Html;
    notice.customer.name = name.into();
    notice
}

#[test]
fn a_currency_has_its_own_digits() {
    for (currency, total, shown) in [("JPY", "1234567", "1.234.567\u{a0}JPY"), ("KWD", "1234.5", "1.234,500\u{a0}KWD")]
    {
        let mut thanks = given("thanks", Language::De);
        thanks.lines.clear();
        thanks.currency = currency.into();
        thanks.total = total.parse().unwrap();
        assert!(letter(&thanks, "{}").unwrap().subject.contains(shown));
    }
}

#[test]
fn a_long_letter_is_written_whole() {
    let mut statement = given("statement", Language::Es);
    let line = statement.lines[0].clone();
    statement.lines = (0..5_000)
        .map(|number| ar_core::letters::LetterLine { document: format!("INV-{number}"), ..line.clone() })
        .collect();
    statement.total = line.open.unwrap() * rust_decimal::Decimal::from(5_000);
    for format in [LetterFormat::Text, LetterFormat::Html] {
        statement.format = format;
        let body = letter(&statement, "{}").unwrap().body;
        assert!(body.contains("INV-0") && body.contains("INV-4999"));
    }
}

#[test]
fn languages_have_the_same_words_and_templates() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("letters");
    let words = |language: Language| -> Vec<String> {
        let text = std::fs::read_to_string(folder.join(format!("words/{}.json", language.code()))).unwrap();
        let words: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        assert!(words.values().all(|word| !word.trim().is_empty()));
        words.into_keys().collect()
    };
    let book = letter_book("{}").unwrap();
    assert_eq!(book.templates().len(), 32);
    for language in Language::ALL {
        assert_eq!(words(*language), words(Language::En), "{language:?}");
        // A user's own copy of a shipped template passes the proof that shipped ones do not go through.
        for key in book.templates().iter().filter(|key| key.starts_with(language.code())) {
            let text = std::fs::read_to_string(folder.join(format!("{key}.txt"))).unwrap();
            letter_book(&json!({"templates": {*key: text}}).to_string()).unwrap();
        }
    }
    for (key, file) in [("layout/text", "layout/page.txt"), ("layout/html", "layout/page.html")] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        letter_book(&json!({"templates": {key: text}}).to_string()).unwrap();
    }
}

#[test]
fn the_smallest_letter_of_every_kind_is_written() {
    for kind in LetterKind::ALL {
        for language in Language::ALL {
            for format in ["text", "html"] {
                let mut small = json!({
                    "kind": kind.name(), "language": language.code(), "format": format, "date": "2026-10-31",
                    "sender": {"name": "S"}, "customer": {"id": "C", "name": "N"}, "currency": "EUR", "total": "0",
                });
                if *kind == LetterKind::Notice {
                    small["tone"] = "firm".into();
                }
                let written = letter(&letter_from_json(&small.to_string()).unwrap(), "{}").unwrap();
                assert!(
                    !written.subject.is_empty()
                        && !written.body.contains(">none<")
                        && !written.body.contains(" none\n"),
                    "{}",
                    written.body
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_of_a_letter_stops_it_or_opens_a_tag(text in "\\PC*|[<>{}%#&\"'=\\-\\n\\r\\x00-\\x1f\u{202e}]{0,40}") {
        let mut notice = given("notice", Language::Fr);
        let name = format!("x{text}");
        notice.customer.name = name.clone();
        notice.sender.name = name.clone();
        notice.lines[0].document = name.clone();
        notice.message = Some(text.clone());
        for format in [LetterFormat::Text, LetterFormat::Html] {
            notice.format = format;
            let plain = letter(&given_html(format), "{}").unwrap().body;
            let written = letter(&notice, "{}").unwrap();
            prop_assert!(!written.subject.contains('\n'));
            if format == LetterFormat::Html && notice.message.as_deref().is_none_or(|text| text.trim().is_empty()) {
                prop_assert_eq!(written.body.matches('<').count(), plain.matches('<').count());
            }
        }
    }

    #[test]
    fn a_reference_that_is_made_is_good_and_one_digit_off_is_not(own in "[0-9A-Z]{1,21}", place in 0_usize..25, digit in 0_u8..10) {
        use ar_core::letters::{checked_creditor_reference, creditor_reference};
        let made = creditor_reference(&own).unwrap();
        prop_assert_eq!(&checked_creditor_reference(&made.printed).unwrap(), &made);
        let mut bytes = made.reference.clone().into_bytes();
        let place = 2 + place % (bytes.len() - 2);
        if bytes[place].is_ascii_digit() && bytes[place] != b'0' + digit {
            bytes[place] = b'0' + digit;
            prop_assert!(checked_creditor_reference(std::str::from_utf8(&bytes).unwrap()).is_err());
        }
    }
}

fn given_html(format: LetterFormat) -> Letter {
    let mut notice = given("notice", Language::Fr);
    notice.format = format;
    notice.message = None;
    notice
}
