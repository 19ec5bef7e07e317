//! How does a letter become text? Its template speaks in three parts, and a layout sets them around the figures.
//!
//! Parts are plain text in either format; only the layout of HTML knows tags, and everything that it prints is escaped there,
//! once. No template is loaded from anywhere, and each has fuel for so many steps.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::check::check;
use super::content::{Content, Style, Words, content};
use super::harmless::{entity, harmless, width, wrapped};
use super::letter::{Letter, LetterFormat, LetterKind, Rendered};
use super::local::Language;
use super::policy::Letters;
use super::{proof, shipped};
use crate::money::Currencies;
use crate::problem::{Problem, Refused, quoted};

/// Steps that a template may take, and that each line of a letter adds.
const FUEL: u64 = 500_000;
const FUEL_A_LINE: u64 = 5_000;
/// What parts of a template are called, in their order.
const PARTS: [&str; 3] = ["subject", "opening", "closing"];
const ACCENT: &str = "#1f4e79";

/// A policy of letters proved well-formed: writes any number of letters.
#[derive(Debug, Clone)]
pub struct LetterBook {
    environment: Environment<'static>,
    /// Templates of letters by key, the user's before those shipped.
    templates: BTreeMap<String, String>,
    words: BTreeMap<Language, Words>,
    style: Style,
    currencies: Currencies,
}

/// Where a template went wrong.
#[derive(Debug)]
pub(super) struct Fault {
    /// The line, counted from 1, when it is known.
    pub line: Option<usize>,
    /// What was expected.
    pub reason: String,
}

impl LetterBook {
    /// The book of a policy.
    pub(super) fn new(policy: &Letters) -> Result<Self, Refused> {
        if policy.version != 1 {
            let reason = format!("expected version 1, got {}", policy.version);
            return Err(Problem::new("unsupported_version", reason).field("version").into());
        }
        let mut book = Self {
            environment: environment(),
            templates: shipped::TEMPLATES.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect(),
            words: words(policy)?,
            style: style(policy)?,
            currencies: Currencies::iso(),
        };
        let own: Vec<(&str, u8)> = policy.currencies.iter().map(|(code, digits)| (code.as_str(), *digits)).collect();
        let known = Currencies::iso().with_own(&own);
        book.currencies = known.map_err(|error| Refused::from(error).at(None, None, "currencies"))?;
        for (key, text) in shipped::LAYOUTS {
            // The shipped layouts are templates: a test holds them to it.
            let text = policy.templates.get(*key).map_or(*text, String::as_str);
            book.add(key, text).map_err(|fault| refused(key, fault))?;
        }
        for (key, text) in &policy.templates {
            if shipped::LAYOUTS.iter().any(|(layout, _)| layout == key) {
                proof::layout(&book, key, text).map_err(|fault| refused(key, fault))?;
                continue;
            }
            let Some((language, kind)) = kind_of(key) else {
                let reason = format!(
                    "expected a language, a kind and for notices a name, such as de/notice/firm, or layout/text or \
                     layout/html, got {}",
                    quoted(key)
                );
                return Err(Problem::new("policy_invalid", reason).field(&format!("templates.{key}")).into());
            };
            book.templates.insert(key.clone(), text.clone());
            proof::template(&book, key, language, kind, text).map_err(|fault| refused(key, fault))?;
        }
        Ok(book)
    }

    /// The keys of all templates of letters, sorted: `de/activity`, `de/invoice`, `de/notice/final`, …
    #[must_use]
    pub fn templates(&self) -> Vec<&str> {
        self.templates.keys().map(String::as_str).collect()
    }

    /// Writes a letter.
    ///
    /// # Errors
    /// `missing_field`, `unknown_field`, `unknown_reference` (the template), `unknown_currency`, `too_many_digits`,
    /// `too_large`, `wrong_sign`, `wrong_type`, `does_not_add_up`, `impossible_date`, `reference_invalid`,
    /// `limit_exceeded`, each at its field; `letter_invalid` for a link that goes elsewhere than to the web, and for a
    /// template that fails on this letter alone, its field the template and the line.
    pub fn render(&self, letter: &Letter) -> Result<Rendered, Refused> {
        let key = self.key(letter)?;
        let checked = check(letter, &self.currencies)?;
        let none = Words::new();
        let words = self.words.get(&letter.language).unwrap_or(&none);
        let content = content(letter, &checked, words, &self.style);
        let written = self.write(&key, content, letter.format, letter.lines.len());
        let (subject, body) = written.map_err(|(template, fault)| {
            let field = placed(&template, fault.line);
            Refused::from(Problem::new("letter_invalid", fault.reason).field(&field))
        })?;
        Ok(Rendered { subject, body, format: letter.format, language: letter.language, template: key })
    }

    /// The key of the template that speaks.
    fn key(&self, letter: &Letter) -> Result<String, Refused> {
        let kind = letter.kind.name();
        let name = match (&letter.template, letter.tone, letter.kind) {
            (Some(own), _, _) => own.clone(),
            (None, Some(tone), LetterKind::Notice) => format!("{kind}/{}", tone.name()),
            (None, None, LetterKind::Notice) => {
                let reason = "expected a tone of a notice, or its template, got neither";
                return Err(Problem::new("missing_field", reason).field("tone").into());
            }
            _ => kind.to_owned(),
        };
        let key = format!("{}/{name}", letter.language.code());
        let fits = name.split('/').next() == Some(kind);
        if fits && self.templates.contains_key(&key) {
            return Ok(key);
        }
        let reason = format!("expected the key of a template for this kind of letter, got {}", quoted(&key));
        Err(Problem::new("unknown_reference", reason).field("template").into())
    }

    /// Subject and body; a fault names its template.
    pub(super) fn write(
        &self,
        key: &str,
        mut content: Content,
        format: LetterFormat,
        lines: usize,
    ) -> Result<(String, String), (String, Fault)> {
        let mut environment = self.environment.clone();
        let lines = u64::try_from(lines).unwrap_or(u64::MAX);
        environment.set_fuel(Some(FUEL.saturating_add(FUEL_A_LINE.saturating_mul(lines))));
        let text = self.templates.get(key).map_or("", String::as_str);
        let here = |fault: Fault| (key.to_owned(), fault);
        let values = Value::from_serialize(&content);
        let mut parts = Vec::new();
        for (name, (source, above)) in PARTS.iter().zip(parts_of(text).map_err(here)?) {
            let name = format!("{key}#{name}");
            let mut said = || {
                environment.add_template_owned(name.clone(), source.to_owned())?;
                environment.get_template(&name)?.render(&values)
            };
            parts.push(said().map_err(|error| here(fault(&error, above)))?);
        }
        let mut parts = parts.into_iter();
        content.subject = one_line(&parts.next().unwrap_or_default());
        content.opening = paragraphs_of(&parts.next().unwrap_or_default());
        content.closing = paragraphs_of(&parts.next().unwrap_or_default());
        let layout = match format {
            LetterFormat::Text => "layout/text",
            LetterFormat::Html => "layout/html",
        };
        let page = environment.get_template(layout).and_then(|page| page.render(Value::from_serialize(&content)));
        let page = page.map_err(|error| (layout.to_owned(), fault(&error, 0)))?;
        let body = if format == LetterFormat::Text { tidied(&page) } else { page };
        Ok((content.subject, body))
    }

    /// Adds a layout.
    fn add(&mut self, key: &str, text: &str) -> Result<(), Fault> {
        self.environment.set_trim_blocks(true);
        self.environment.set_lstrip_blocks(true);
        let added = self.environment.add_template_owned(key.to_owned(), text.to_owned());
        // Sentences go over several lines, and a line that ends in a tag is not glued to the next.
        self.environment.set_trim_blocks(false);
        self.environment.set_lstrip_blocks(false);
        added.map_err(|error| fault(&error, 0))
    }

    pub(super) fn environment(&self) -> &Environment<'static> {
        &self.environment
    }

    pub(super) fn currencies(&self) -> &Currencies {
        &self.currencies
    }

    pub(super) fn words(&self, language: Language) -> Words {
        self.words.get(&language).cloned().unwrap_or_default()
    }

    pub(super) fn style(&self) -> &Style {
        &self.style
    }
}

fn placed(key: &str, line: Option<usize>) -> String {
    line.map_or_else(|| key.to_owned(), |line| format!("{key}:{line}"))
}

fn refused(key: &str, fault: Fault) -> Refused {
    let field = format!("templates.{}", placed(key, fault.line));
    Problem::new("policy_invalid", fault.reason).field(&field).into()
}

/// The engine of templates: strict, without loader, include or macro, and with nothing that unsays escaping.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_debug(false);
    environment.set_recursion_limit(64);
    let html = |name: &str| if name == "layout/html" { AutoEscape::Html } else { AutoEscape::None };
    environment.set_auto_escape_callback(html);
    environment.set_formatter(write_value);
    environment.remove_filter("safe");
    environment.remove_filter("pprint");
    environment.remove_global("debug");
    environment.add_filter("left", |text: &str, places: usize| padded(text, places, false));
    environment.add_filter("right", |text: &str, places: usize| padded(text, places, true));
    environment.add_filter("wrap", |text: &str, places: usize| wrapped(text, places));
    environment
}

/// Prints a value; the layout of HTML prints every value escaped, whatever a template says about escaping.
fn write_value(out: &mut Output<'_>, state: &State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    let text = value.to_string();
    if state.name() != "layout/html" || value.is_safe() {
        return Ok(out.write_str(&text)?);
    }
    for letter in text.chars() {
        match entity(letter) {
            Some(entity) => out.write_str(entity)?,
            None => out.write_char(letter)?,
        }
    }
    Ok(())
}

fn padded(text: &str, places: usize, right: bool) -> String {
    let blank = " ".repeat(places.min(1_000).saturating_sub(width(text)));
    if right { format!("{blank}{text}") } else { format!("{text}{blank}") }
}

/// What went wrong in a template whose text begins after so many lines.
pub(super) fn fault(error: &minijinja::Error, above: usize) -> Fault {
    let expected = match error.kind() {
        ErrorKind::SyntaxError => "expected a template",
        ErrorKind::UndefinedError => "expected variables that letters have",
        ErrorKind::UnknownFilter => "expected a filter that there is",
        ErrorKind::UnknownTest => "expected a test that there is",
        ErrorKind::UnknownFunction => "expected a function that there is",
        ErrorKind::UnknownMethod => "expected a method that there is",
        ErrorKind::OutOfFuel => "expected a template that ends within its steps",
        _ => "expected a template that can be rendered",
    };
    let detail = error.detail().filter(|_| error.kind() != ErrorKind::OutOfFuel).map(harmless);
    let reason = detail.map_or_else(|| expected.to_owned(), |detail| format!("{expected}: {detail}"));
    Fault { line: error.line().map(|line| line.saturating_add(above)), reason }
}

/// The parts of a template, each with the number of lines above it: they are parted by lines of three hyphens.
pub(super) fn parts_of(text: &str) -> Result<[(&str, usize); 3], Fault> {
    let mut parts = Vec::new();
    let (mut begins, mut at, mut above) = (0_usize, 0_usize, 0_usize);
    for (number, line) in (1_usize..).zip(text.split_inclusive('\n')) {
        let ends = at;
        at = at.saturating_add(line.len());
        if line.trim_end() == "---" {
            parts.push((text.get(begins..ends).unwrap_or_default(), above));
            (begins, above) = (at, number);
        }
    }
    parts.push((text.get(begins..).unwrap_or_default(), above));
    let found = parts.len();
    parts.try_into().map_err(|_| Fault {
        line: None,
        reason: format!("expected subject, opening and closing, parted by lines of three hyphens, got {found} parts"),
    })
}

/// Text without its line breaks: words parted by one space. No-break spaces stay.
fn one_line(text: &str) -> String {
    text.split([' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Paragraphs, which empty lines part.
fn paragraphs_of(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for line in text.lines() {
        let line = one_line(line);
        match all.last_mut() {
            Some(paragraph) if !line.is_empty() => {
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                paragraph.push_str(&line);
            }
            _ => all.push(String::new()),
        }
    }
    all.retain(|paragraph| !paragraph.is_empty());
    all
}

/// Text without spaces at the ends of lines and with one empty line where there are several.
fn tidied(page: &str) -> String {
    let mut body = String::with_capacity(page.len());
    let mut empty = true;
    for line in page.lines().map(str::trim_end) {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        body.push_str(line);
        body.push('\n');
    }
    let end = body.trim_end().len();
    body.truncate(end);
    body.push('\n');
    body
}

/// Language and kind of the template of this key.
fn kind_of(key: &str) -> Option<(Language, LetterKind)> {
    let mut parts = key.split('/');
    let language = parts.next().and_then(Language::of)?;
    let kind = parts.next()?;
    let kind = LetterKind::ALL.iter().copied().find(|known| known.name() == kind)?;
    let named = parts.next();
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let good = |name: &str| (1..=40).contains(&name.len()) && name.bytes().all(letter);
    let fits = named.map_or(kind != LetterKind::Notice, good) && parts.next().is_none();
    fits.then_some((language, kind))
}

/// The words of every language, the user's before those shipped.
fn words(policy: &Letters) -> Result<BTreeMap<Language, Words>, Refused> {
    let mut all = BTreeMap::new();
    for language in Language::ALL {
        // The shipped files are such objects: a test holds them to it.
        let mut words: Words = serde_json::from_str(shipped::words(*language)).unwrap_or_default();
        for (name, word) in policy.words.get(language).into_iter().flatten() {
            let Some(place) = words.get_mut(name) else {
                let reason = format!("expected the name of a word that letters have, got {}", quoted(name));
                let field = format!("words.{}.{name}", language.code());
                return Err(Problem::new("policy_invalid", reason).field(&field).into());
            };
            *place = harmless(word);
        }
        all.insert(*language, words);
    }
    Ok(all)
}

fn style(policy: &Letters) -> Result<Style, Refused> {
    let accent = policy.layout.accent.as_deref().unwrap_or(ACCENT);
    let good = accent
        .strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    if !good {
        let reason = format!("expected a colour such as {ACCENT}, got {}", quoted(accent));
        return Err(Problem::new("policy_invalid", reason).field("layout.accent").into());
    }
    let footer = policy.layout.footer.iter().map(|line| harmless(line)).collect();
    Ok(Style { accent: accent.to_owned(), footer })
}
