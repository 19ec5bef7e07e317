//! Will a template hold for every letter? It is looked through for names that letters do not have, and then tried on letters
//! that have everything and on letters that have next to nothing.

use std::collections::BTreeSet;

use super::book::{Fault, LetterBook, parts_of};
use super::check::check;
use super::content::{Content, content};
use super::letter::{Letter, LetterFormat, LetterKind};
use super::local::Language;
use super::read;

/// What a template may say of the loop it is in.
const LOOP: &[&str] = &[
    "index",
    "index0",
    "revindex",
    "revindex0",
    "first",
    "last",
    "length",
    "depth",
    "depth0",
    "previtem",
    "nextitem",
    "cycle",
    "changed",
];

/// Proves the template of a letter.
pub(super) fn template(
    book: &LetterBook,
    key: &str,
    language: Language,
    kind: LetterKind,
    text: &str,
) -> Result<(), Fault> {
    parts_of(text)?;
    names(book, text)?;
    for letter in letters(language, kind) {
        let Some(content) = sample(book, &letter) else { continue };
        book.write(key, content, LetterFormat::Text, letter.lines.len()).map_err(|(_, fault)| fault)?;
    }
    Ok(())
}

/// Proves a layout.
pub(super) fn layout(book: &LetterBook, key: &str, text: &str) -> Result<(), Fault> {
    names(book, text)?;
    let format = if key == "layout/html" { LetterFormat::Html } else { LetterFormat::Text };
    for kind in LetterKind::ALL {
        let speaks =
            if *kind == LetterKind::Notice { "en/notice/firm".to_owned() } else { format!("en/{}", kind.name()) };
        for letter in letters(Language::En, *kind) {
            let Some(content) = sample(book, &letter) else { continue };
            let written = book.write(&speaks, content, format, letter.lines.len());
            match written {
                Err((template, fault)) if template == key => return Err(fault),
                _ => {}
            }
        }
    }
    Ok(())
}

fn sample(book: &LetterBook, letter: &Letter) -> Option<Content> {
    // The samples are good letters: a test holds them to it.
    let checked = check(letter, book.currencies()).ok()?;
    Some(content(letter, &checked, &book.words(letter.language), book.style()))
}

/// Letters that have everything, letters with one line, and letters that have next to nothing.
pub(super) fn letters(language: Language, kind: LetterKind) -> Vec<Letter> {
    let tone = if kind == LetterKind::Notice { r#""tone": "firm","# } else { "" };
    let head =
        format!(r#""kind": "{}", "language": "{}", {tone} "date": "2026-10-31", "#, kind.name(), language.code());
    let bare = r#""sender": {"name": "Sender"}, "customer": {"id": "C", "name": "Customer"}, "currency": "EUR""#;
    let whole = r#""sender": {"name": "Sender", "address": ["Street", "Town"], "email": "a@b.example", "phone": "1",
        "bank": "Bank", "iban": "DE02120300000000202051", "bic": "BYLADEM1001", "tax_id": "DE1", "signatory": "S"},
        "customer": {"id": "C", "name": "Customer", "address": ["Street", "Town"], "contact": "P", "salutation": "Hello,"},
        "currency": "EUR", "document": "D", "period": {"from": "2026-10-01", "to": "2026-10-31"},
        "due_date": "2026-11-10", "message": "M", "payment": {"link": "https://pay.example/1", "reference": "R"},
        "aging": [{"label": "1-30", "amount": "1.00"}]"#;
    let line = r#"{"document": "A", "instalment": 1, "reference": "R", "document_date": "2026-09-01",
        "due_date": "2026-10-01", "amount": "100.00", "open": "80.00", "level": 2, "note": "N"%s}"#;
    let credit = r#"{"document": "B", "document_date": "2026-10-02", "amount": "-10.00", "note": "N"}"#;
    let apart = line.replace("%s", r#", "disputed": "5.00", "interest": "1.00", "fee": "2.00""#);
    let line = line.replace("%s", "");
    let charges = r#""fees": "5.00", "interest": "1.00", "compensation": "40.00""#;
    let (full, total) = match kind {
        LetterKind::Notice => (format!(r#""lines": [{apart}, {line}, {credit}], {charges}"#), "191.00"),
        LetterKind::Statement => (format!(r#""lines": [{apart}, {line}, {credit}], {charges}"#), "196.00"),
        LetterKind::Activity => (format!(r#""lines": [{line}, {credit}], "opening_balance": "1.00""#), "91.00"),
        LetterKind::Invoice => (
            format!(
                r#""lines": [{line}], "taxes": [{{"label": "T", "amount": "19.00"}}], "instalments": [
                {{"number": 1, "due_date": "2026-11-01", "amount": "19.00"}},
                {{"number": 2, "due_date": "2026-12-01", "amount": "100.00"}}]"#
            ),
            "119.00",
        ),
        LetterKind::Thanks => (format!(r#""lines": [{line}]"#), "120.00"),
    };
    let single = if matches!(kind, LetterKind::Notice | LetterKind::Statement) { "80.00" } else { "100.00" };
    let texts = [
        format!(r#"{{{head}{whole}, {full}, "total": "{total}"}}"#),
        format!(r#"{{{head}{whole}, "lines": [{line}], "total": "{single}"}}"#),
        format!(r#"{{{head}{bare}, "total": "0"}}"#),
    ];
    texts.iter().filter_map(|text| read::letter(text).ok()).collect()
}

/// Refuses a name that letters do not have, in whichever branch it stands.
fn names(book: &LetterBook, text: &str) -> Result<(), Fault> {
    let samples = letters(Language::En, LetterKind::Notice);
    let Some(whole) = samples.first().and_then(|letter| sample(book, letter)) else { return Ok(()) };
    let whole = serde_json::to_value(&whole).unwrap_or_default();
    let mut fields: BTreeSet<String> = LOOP.iter().map(|name| (*name).to_owned()).collect();
    gather(&whole, &mut fields);
    let unknown = |name: &str, line: Option<usize>| Fault {
        line,
        reason: format!("expected a variable that letters have, got {}", crate::problem::quoted(name)),
    };
    for (line, code) in code_of(text) {
        if let Some(name) = attributes(&code).into_iter().find(|name| !fields.contains(name)) {
            return Err(unknown(&name, Some(line)));
        }
    }
    // What a template does not set itself: the whole text counts, since a part is a template too.
    let mut environment = book.environment().clone();
    if environment.add_template("proof", text).is_err() {
        return Ok(());
    }
    let Ok(template) = environment.get_template("proof") else { return Ok(()) };
    let globals: BTreeSet<&str> = environment.globals().map(|(name, _)| name).collect();
    let used: BTreeSet<String> = template.undeclared_variables(false).into_iter().collect();
    for name in used {
        if whole.get(&name).is_none() && !globals.contains(name.as_str()) {
            let at = code_of(text).into_iter().find(|(_, code)| words_of(code).any(|word| word == name));
            return Err(unknown(&name, at.map(|(line, _)| line)));
        }
    }
    Ok(())
}

fn gather(value: &serde_json::Value, fields: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                fields.insert(name.clone());
                gather(value, fields);
            }
        }
        serde_json::Value::Array(all) => all.iter().for_each(|value| gather(value, fields)),
        _ => {}
    }
}

/// The code of a template, line by line: what stands between braces, less quoted text.
fn code_of(text: &str) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    let (mut inside, mut quote) = (false, None);
    for (number, line) in (1..).zip(text.lines()) {
        let mut code = String::new();
        let mut before = ' ';
        for letter in line.chars() {
            match (inside, quote) {
                (false, _) => inside = before == '{' && matches!(letter, '{' | '%'),
                (true, Some(open)) => {
                    if letter == open {
                        quote = None;
                    }
                }
                (true, None) if matches!(letter, '"' | '\'') => quote = Some(letter),
                (true, None) if letter == '}' && matches!(before, '}' | '%') => inside = false,
                (true, None) => code.push(letter),
            }
            before = letter;
        }
        all.push((number, code));
    }
    all
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn words_of(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter| !is_name(letter)).filter(|word| !word.is_empty())
}

/// The names that stand after a point.
fn attributes(code: &str) -> Vec<String> {
    let begins = |rest: &str| rest.chars().next().is_some_and(|letter| letter.is_alphabetic() || letter == '_');
    let after = code.split('.').skip(1).map(str::trim_start).filter(|rest| begins(rest));
    after.map(|rest| rest.chars().take_while(|letter| is_name(*letter)).collect()).collect()
}
