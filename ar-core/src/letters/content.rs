//! What stands in a letter, in the reader's language: the names that a template may use, each with its text.
//!
//! Every text is finished here: dates and amounts as the language writes them, names made harmless. What there is not
//! is the empty text, which prints nothing and counts as false, so that no template trips over it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::check::{Checked, Figures};
use super::harmless::{harmless, paragraphs, width};
use super::letter::{Letter, LetterKind};
use super::local::Language;
use super::reference::in_fours;
use crate::calendar::Day;

/// The words of a language, by name.
pub(super) type Words = BTreeMap<String, String>;

/// What a template may use.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Content {
    kind: &'static str,
    tone: &'static str,
    language: &'static str,
    currency: String,
    date: String,
    pay_by: String,
    document: String,
    period_from: String,
    period_to: String,
    sender: SenderText,
    customer: CustomerText,
    salutation: String,
    lines: Vec<Line>,
    credits: Vec<Line>,
    count: usize,
    late: usize,
    days: i32,
    level: u32,
    subtotal: String,
    credit_total: String,
    disputed: String,
    overdue: String,
    fees: String,
    interest: String,
    compensation: String,
    opening_balance: String,
    on_account: String,
    total: String,
    /// Whether there is anything to pay.
    owed: bool,
    payment: Payment,
    table: Table,
    credits_table: Table,
    summary: Vec<Row>,
    instalments_table: Table,
    aging: Vec<Labelled>,
    message: Vec<String>,
    words: Words,
    style: Style,
    /// The rendered parts; empty while they are made.
    pub subject: String,
    pub opening: Vec<String>,
    pub closing: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct SenderText {
    name: String,
    address: Vec<String>,
    email: String,
    phone: String,
    bank: String,
    iban: String,
    bic: String,
    tax_id: String,
    signatory: String,
}

#[derive(Debug, Clone, Serialize)]
struct CustomerText {
    id: String,
    name: String,
    address: Vec<String>,
    contact: String,
}

#[derive(Debug, Clone, Serialize)]
struct Payment {
    link: String,
    reference: String,
}

#[derive(Debug, Clone, Serialize)]
struct Line {
    document: String,
    instalment: String,
    reference: String,
    document_date: String,
    due_date: String,
    days_past_due: String,
    amount: String,
    open: String,
    level: String,
    disputed: String,
    interest: String,
    fee: String,
    balance: String,
    note: String,
}

/// A table that a layout prints as it stands: which columns there are depends on what the lines have.
#[derive(Debug, Clone, Default, Serialize)]
struct Table {
    columns: Vec<Column>,
    rows: Vec<TableRow>,
}

#[derive(Debug, Clone, Serialize)]
struct Column {
    label: String,
    /// Whether it holds figures, which stand to the right.
    figure: bool,
    /// Places it takes in a font of fixed width.
    width: usize,
}

#[derive(Debug, Clone, Serialize)]
struct TableRow {
    cells: Vec<Cell>,
    notes: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Cell {
    text: String,
    figure: bool,
    width: usize,
}

/// A line beneath the table.
#[derive(Debug, Clone, Serialize)]
struct Row {
    label: String,
    amount: String,
    /// What the letter comes to.
    strong: bool,
    /// Part of what stands above, and not added to it.
    aside: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Labelled {
    label: String,
    amount: String,
    width: usize,
}

/// What the HTML page looks like.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Style {
    pub accent: String,
    pub footer: Vec<String>,
}

/// Writes values in the letter's language.
struct Pen<'a> {
    language: Language,
    checked: &'a Checked,
}

impl Pen<'_> {
    /// An amount in a table.
    fn amount(&self, minor: i128) -> String {
        self.language.amount(minor, self.checked.currency.exponent)
    }

    /// An amount in a table; nothing for zero.
    fn some(&self, minor: i128) -> String {
        if minor == 0 { String::new() } else { self.amount(minor) }
    }

    /// An amount in a sentence.
    fn money(&self, minor: i128) -> String {
        self.language.money(minor, self.checked.currency)
    }

    /// An amount in a sentence; nothing for zero.
    fn some_money(&self, minor: i128) -> String {
        if minor == 0 { String::new() } else { self.money(minor) }
    }

    fn date(&self, date: chrono::NaiveDate) -> String {
        Day::try_from(date).map(|day| self.language.date(day)).unwrap_or_default()
    }

    fn dates(&self, date: Option<chrono::NaiveDate>) -> String {
        date.map(|date| self.date(date)).unwrap_or_default()
    }
}

fn maybe(text: Option<&String>) -> String {
    text.map(|text| harmless(text)).unwrap_or_default()
}

fn all(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| harmless(line)).filter(|line| !line.trim().is_empty()).collect()
}

fn word(words: &Words, name: &str) -> String {
    words.get(name).cloned().unwrap_or_default()
}

/// What the letter says, in the words of its language.
pub(super) fn content(letter: &Letter, checked: &Checked, words: &Words, style: &Style) -> Content {
    let pen = Pen { language: letter.language, checked };
    let mut balance = checked.opening_balance;
    let mut lines = Vec::new();
    let mut credits = Vec::new();
    let apart = matches!(letter.kind, LetterKind::Notice | LetterKind::Statement);
    for (line, figures) in letter.lines.iter().zip(&checked.lines) {
        balance = balance.saturating_add(figures.amount);
        let text = line_text(&pen, line, figures, balance);
        if apart && figures.open < 0 { credits.push(text) } else { lines.push(text) }
    }
    let debits = || checked.lines.iter().filter(|figures| !apart || figures.open >= 0);
    let late = || debits().filter(|figures| figures.days_past_due.is_some_and(|days| days > 0));
    let sum = |of: &mut dyn Iterator<Item = i128>| of.fold(0, i128::saturating_add);
    let subtotal = match letter.kind {
        LetterKind::Notice | LetterKind::Statement => sum(&mut debits().map(|figures| figures.open)),
        _ => checked.sum(|figures| figures.amount),
    };
    let credit_total = if apart { sum(&mut checked.lines.iter().map(|figures| figures.open.min(0))) } else { 0 };
    let overdue = sum(&mut late().map(|figures| figures.open));
    let figures = Sums { subtotal, credit_total, overdue, disputed: checked.sum(|figures| figures.disputed) };
    let on_account = if letter.kind == LetterKind::Thanks { checked.total.saturating_sub(subtotal) } else { 0 };
    let salutation = match &letter.customer.salutation {
        Some(own) => harmless(own),
        None => word(words, "salutation"),
    };
    Content {
        kind: letter.kind.name(),
        tone: letter.tone.map_or("", super::letter::Tone::name),
        language: letter.language.code(),
        currency: harmless(&letter.currency),
        date: pen.date(letter.date),
        pay_by: pen.dates(letter.due_date),
        document: maybe(letter.document.as_ref()),
        period_from: pen.dates(letter.period.as_ref().map(|period| period.from)),
        period_to: pen.dates(letter.period.as_ref().map(|period| period.to)),
        sender: sender(letter),
        customer: CustomerText {
            id: harmless(&letter.customer.id),
            name: harmless(&letter.customer.name),
            address: all(&letter.customer.address),
            contact: maybe(letter.customer.contact.as_ref()),
        },
        salutation,
        count: lines.len(),
        late: late().count(),
        days: late().filter_map(|figures| figures.days_past_due).max().unwrap_or(0),
        level: letter.lines.iter().filter_map(|line| line.level).max().unwrap_or(0),
        subtotal: pen.money(subtotal),
        credit_total: pen.some_money(credit_total),
        disputed: pen.some_money(figures.disputed),
        overdue: pen.some_money(overdue),
        fees: pen.some_money(checked.fees),
        interest: pen.some_money(checked.interest),
        compensation: pen.some_money(checked.compensation),
        opening_balance: pen.money(checked.opening_balance),
        on_account: pen.some_money(on_account),
        total: pen.money(checked.total),
        owed: checked.total > 0 && letter.kind != LetterKind::Thanks,
        payment: Payment {
            link: letter.payment.link.clone().unwrap_or_default(),
            reference: harmless(&checked.reference),
        },
        table: table(letter.kind, &lines, words),
        credits_table: table(letter.kind, &credits, words),
        summary: summary(letter, &pen, &figures, on_account, words),
        instalments_table: instalments(letter, &pen, words),
        aging: aging(letter, &pen),
        message: letter.message.as_deref().map(paragraphs).unwrap_or_default(),
        words: words.clone(),
        style: style.clone(),
        lines,
        credits,
        subject: String::new(),
        opening: Vec::new(),
        closing: Vec::new(),
    }
}

fn sender(letter: &Letter) -> SenderText {
    let sender = &letter.sender;
    let iban = maybe(sender.iban.as_ref());
    // Grouped where it is one; a domestic account number is printed as it came.
    let is_iban = iban.len() >= 15
        && iban.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
        && iban.bytes().take(2).all(|byte| byte.is_ascii_alphabetic());
    SenderText {
        name: harmless(&sender.name),
        address: all(&sender.address),
        email: maybe(sender.email.as_ref()),
        phone: maybe(sender.phone.as_ref()),
        bank: maybe(sender.bank.as_ref()),
        iban: if is_iban { in_fours(&iban) } else { iban },
        bic: maybe(sender.bic.as_ref()),
        tax_id: maybe(sender.tax_id.as_ref()),
        signatory: maybe(sender.signatory.as_ref()),
    }
}

fn line_text(pen: &Pen<'_>, line: &super::letter::LetterLine, figures: &Figures, balance: i128) -> Line {
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    Line {
        document: harmless(&line.document),
        instalment: number(line.instalment),
        reference: maybe(line.reference.as_ref()),
        document_date: pen.date(line.document_date),
        due_date: pen.dates(line.due_date),
        days_past_due: figures.days_past_due.filter(|days| *days > 0).map(|days| days.to_string()).unwrap_or_default(),
        amount: pen.amount(figures.amount),
        open: pen.amount(figures.open),
        level: number(line.level),
        disputed: pen.some(figures.disputed),
        interest: pen.some(figures.interest),
        fee: pen.some(figures.fee),
        balance: pen.amount(balance),
        note: maybe(line.note.as_ref()),
    }
}

/// A column that a table may have: the word for its head, whether it holds figures, and its text.
type Choice = (&'static str, bool, TextOf);
type TextOf = fn(&Line) -> &str;

const DOCUMENT: Choice = ("document", false, |line| &line.document);
const INSTALMENT: Choice = ("instalment", true, |line| &line.instalment);
const DOCUMENT_DATE: Choice = ("document_date", false, |line| &line.document_date);
const DUE_DATE: Choice = ("due_date", false, |line| &line.due_date);
const DAYS: Choice = ("days", true, |line| &line.days_past_due);
const AMOUNT: Choice = ("amount", true, |line| &line.amount);
const OPEN: Choice = ("open", true, |line| &line.open);
const BALANCE: Choice = ("balance", true, |line| &line.balance);
const DESCRIPTION: Choice =
    ("description", false, |line| if line.note.is_empty() { &line.document } else { &line.note });

fn choices(kind: LetterKind) -> &'static [Choice] {
    match kind {
        LetterKind::Notice | LetterKind::Statement => {
            &[DOCUMENT, INSTALMENT, DOCUMENT_DATE, DUE_DATE, DAYS, AMOUNT, OPEN]
        }
        LetterKind::Activity => &[DOCUMENT_DATE, DOCUMENT, INSTALMENT, DUE_DATE, AMOUNT, BALANCE],
        LetterKind::Invoice => &[DESCRIPTION, AMOUNT],
        LetterKind::Thanks => &[DOCUMENT, INSTALMENT, DOCUMENT_DATE, AMOUNT],
    }
}

/// What is said beneath a line: the few things that few lines have, and its note.
fn notes(kind: LetterKind, line: &Line, words: &Words) -> Vec<String> {
    let few = [
        ("reference", &line.reference),
        ("disputed", &line.disputed),
        ("fee", &line.fee),
        ("interest", &line.interest),
    ];
    let said = few.iter().filter(|(_, text)| !text.is_empty());
    let said: Vec<String> = said.map(|(name, text)| format!("{} {text}", word(words, name))).collect();
    let note = if kind == LetterKind::Invoice { String::new() } else { line.note.clone() };
    [said.join(" · "), note].into_iter().filter(|text| !text.is_empty()).collect()
}

/// The table of these lines: of the columns for the kind those in which any line has something.
fn table(kind: LetterKind, lines: &[Line], words: &Words) -> Table {
    let used = choices(kind).iter().filter(|(_, _, text)| lines.iter().any(|line| !text(line).is_empty()));
    let columns: Vec<(Column, TextOf)> = used
        .map(|(name, figure, text)| {
            let label = word(words, name);
            let widest = lines.iter().map(|line| width(text(line))).max().unwrap_or(0);
            let width = widest.max(width(&label));
            (Column { label, figure: *figure, width }, *text)
        })
        .collect();
    let row = |line: &Line| {
        let cell = |(column, text): &(Column, TextOf)| Cell {
            text: text(line).to_owned(),
            figure: column.figure,
            width: column.width,
        };
        TableRow { cells: columns.iter().map(cell).collect(), notes: notes(kind, line, words) }
    };
    Table { rows: lines.iter().map(row).collect(), columns: columns.into_iter().map(|(column, _)| column).collect() }
}

fn instalments(letter: &Letter, pen: &Pen<'_>, words: &Words) -> Table {
    let rows: Vec<[String; 3]> = letter
        .instalments
        .iter()
        .zip(&pen.checked.instalments)
        .map(|(part, minor)| [part.number.to_string(), pen.date(part.due_date), pen.amount(*minor)])
        .collect();
    if rows.is_empty() {
        return Table::default();
    }
    let columns: Vec<Column> = ["instalment", "due_date", "amount"]
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let label = word(words, name);
            let widest = rows.iter().filter_map(|row| row.get(place)).map(|text| width(text)).max().unwrap_or(0);
            let width = widest.max(width(&label));
            Column { label, figure: place != 1, width }
        })
        .collect();
    let row = |row: [String; 3]| {
        let cell = |(text, column): (String, &Column)| Cell { text, figure: column.figure, width: column.width };
        TableRow { cells: row.into_iter().zip(&columns).map(cell).collect(), notes: Vec::new() }
    };
    Table { rows: rows.into_iter().map(row).collect(), columns }
}

/// Sums that a letter names.
struct Sums {
    subtotal: i128,
    credit_total: i128,
    overdue: i128,
    disputed: i128,
}

/// The lines beneath the table: what the lines come to, what is added or taken off, what is left to pay.
fn summary(letter: &Letter, pen: &Pen<'_>, sums: &Sums, on_account: i128, words: &Words) -> Vec<Row> {
    let checked = pen.checked;
    let row =
        |label: String, minor: i128, strong: bool, aside: bool| Row { label, amount: pen.amount(minor), strong, aside };
    let charges =
        [("fees", checked.fees), ("interest_total", checked.interest), ("compensation", checked.compensation)];
    let charges = charges.map(|(name, minor)| (word(words, name), minor));
    let credits = (word(words, "credits"), sums.credit_total);
    let disputed = (word(words, "disputed_apart"), sums.disputed.saturating_neg());
    let mut parts: Vec<(String, i128)> = match letter.kind {
        LetterKind::Notice => [credits, disputed].into_iter().chain(charges).collect(),
        LetterKind::Statement => [credits].into_iter().chain(charges).collect(),
        LetterKind::Invoice => {
            let taxes = letter.taxes.iter().zip(&checked.taxes);
            taxes.map(|(tax, minor)| (harmless(&tax.label), *minor)).collect()
        }
        LetterKind::Thanks => vec![(word(words, "on_account"), on_account)],
        LetterKind::Activity => Vec::new(),
    };
    // A tax of nothing is said; a fee of nothing is not.
    parts.retain(|(_, minor)| *minor != 0 || letter.kind == LetterKind::Invoice);
    let mut rows = Vec::new();
    if letter.kind == LetterKind::Activity {
        rows.push(row(word(words, "opening_balance"), checked.opening_balance, false, false));
        rows.push(row(word(words, "movements"), sums.subtotal, false, false));
    } else if !parts.is_empty() {
        let name = match letter.kind {
            LetterKind::Invoice => "net",
            LetterKind::Thanks => "cleared",
            _ => "subtotal",
        };
        rows.push(row(word(words, name), sums.subtotal, false, false));
        rows.extend(parts.into_iter().map(|(label, minor)| row(label, minor, false, false)));
    }
    rows.push(row(word(words, &format!("total_{}", letter.kind.name())), checked.total, true, false));
    if letter.kind == LetterKind::Statement {
        for (name, minor) in [("of_which_overdue", sums.overdue), ("of_which_disputed", sums.disputed)] {
            if minor != 0 {
                rows.push(row(word(words, name), minor, false, true));
            }
        }
    }
    rows
}

fn aging(letter: &Letter, pen: &Pen<'_>) -> Vec<Labelled> {
    let buckets = letter.aging.iter().zip(&pen.checked.aging);
    buckets
        .map(|(bucket, minor)| {
            let (label, amount) = (harmless(&bucket.label), pen.amount(*minor));
            let width = width(&label).max(width(&amount));
            Labelled { label, amount, width }
        })
        .collect()
}
