//! Do the figures of a letter add up, and can each be printed? Before a word of it is written.

use rust_decimal::Decimal;

use super::letter::{Letter, LetterKind, LetterLine};
use super::reference;
use crate::calendar::Day;
use crate::money::{Currencies, Currency, Exact, format_minor};
use crate::problem::{Problem, Refused, quoted};

/// The most lines of a letter.
pub const MOST_LINES: usize = 100_000;

/// A line in minor units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub amount: i128,
    pub open: i128,
    pub disputed: i128,
    pub interest: i128,
    pub fee: i128,
    pub days_past_due: Option<i32>,
}

/// A letter whose figures were added up, in minor units.
#[derive(Debug)]
pub(super) struct Checked {
    pub currency: Currency,
    pub lines: Vec<Figures>,
    pub opening_balance: i128,
    pub taxes: Vec<i128>,
    pub fees: i128,
    pub interest: i128,
    pub compensation: i128,
    pub total: i128,
    pub instalments: Vec<i128>,
    pub aging: Vec<i128>,
    /// The reference as it is printed.
    pub reference: String,
}

impl Checked {
    /// The sum of one figure over the lines.
    pub fn sum(&self, of: impl Fn(&Figures) -> i128) -> i128 {
        // At most 100,000 amounts of 64 bits.
        self.lines.iter().map(of).fold(0, i128::saturating_add)
    }

    pub fn charges(&self) -> i128 {
        self.fees.saturating_add(self.interest).saturating_add(self.compensation)
    }
}

/// Gathers what is wrong while figures are read.
struct Reading {
    currency: Currency,
    problems: Vec<Problem>,
}

impl Reading {
    fn problem(&mut self, code: &str, field: &str, reason: impl Into<String>) {
        self.problems.push(Problem::new(code, reason).field(field));
    }

    fn amount(&mut self, amount: Decimal, field: &str) -> i128 {
        match Exact::from_decimal(amount).to_minor(self.currency.exponent) {
            Ok(minor) => i128::from(minor),
            Err(error) => {
                self.problem(error.code(), field, error.to_string());
                0
            }
        }
    }

    fn maybe(&mut self, amount: Option<Decimal>, field: &str) -> i128 {
        amount.map_or(0, |amount| self.amount(amount, field))
    }

    /// An amount that is not below zero.
    fn charge(&mut self, amount: Option<Decimal>, field: &str) -> i128 {
        let minor = self.maybe(amount, field);
        if minor < 0 {
            self.problem("wrong_sign", field, "expected an amount that is not below zero");
        }
        minor
    }

    fn text(&mut self, text: &str, field: &str) {
        if text.trim().is_empty() {
            self.problem("missing_field", field, "expected text, got none");
        }
    }

    /// A line is printed with every amount at its currency's scale.
    fn line(&mut self, line: &LetterLine, at: &str, date: Day) -> Figures {
        self.text(&line.document, &format!("{at}.document"));
        for (number, field) in [(line.instalment, "instalment"), (line.level, "level")] {
            if number == Some(0) {
                self.problem("wrong_type", &format!("{at}.{field}"), "expected a whole number from 1, got 0");
            }
        }
        let amount = self.amount(line.amount, &format!("{at}.amount"));
        let open = line.open.map_or(amount, |open| self.amount(open, &format!("{at}.open")));
        let disputed = self.maybe(line.disputed, &format!("{at}.disputed"));
        if (disputed < 0 && open > 0) || (disputed > 0 && open < 0) || disputed.abs() > open.abs() {
            let reason = "expected a disputed part of the open amount, got another sign or more than is open";
            self.problem("does_not_add_up", &format!("{at}.disputed"), reason);
        }
        let due = line.due_date.and_then(|due| Day::try_from(due).ok());
        let counted = due.map(|due| date.number().saturating_sub(due.number()));
        Figures {
            amount,
            open,
            disputed,
            interest: self.charge(line.interest, &format!("{at}.interest")),
            fee: self.charge(line.fee, &format!("{at}.fee")),
            days_past_due: line.days_past_due.or(counted),
        }
    }
}

/// The letter in minor units.
///
/// # Errors
/// Every figure that cannot be printed, and a total that the rest does not add up to.
pub(super) fn check(letter: &Letter, currencies: &Currencies) -> Result<Checked, Refused> {
    let date = Day::try_from(letter.date).map_err(|error| Refused::from(error).at(None, None, "date"))?;
    let currency = currencies.find(&letter.currency);
    let currency = currency.map_err(|error| Refused::from(error).at(None, None, "currency"))?;
    if letter.lines.len() > MOST_LINES {
        let reason = format!("expected at most {MOST_LINES} lines, got {}", letter.lines.len());
        return Err(Problem::new("limit_exceeded", reason).field("lines").into());
    }
    let mut reading = Reading { currency, problems: Vec::new() };
    if letter.tone.is_some() && letter.kind != LetterKind::Notice {
        reading.problem("unknown_field", "tone", "expected a tone of notices alone");
    }
    reading.text(&letter.sender.name, "sender.name");
    reading.text(&letter.customer.id, "customer.id");
    reading.text(&letter.customer.name, "customer.name");
    let lines: Vec<Figures> = letter
        .lines
        .iter()
        .enumerate()
        .map(|(place, line)| reading.line(line, &format!("lines[{place}]"), date))
        .collect();
    let opening_balance = reading.maybe(letter.opening_balance, "opening_balance");
    let mut labelled = |all: &[super::LabelledAmount], name: &str| -> Vec<i128> {
        let read = all.iter().enumerate().map(|(place, one)| {
            reading.text(&one.label, &format!("{name}[{place}].label"));
            reading.amount(one.amount, &format!("{name}[{place}].amount"))
        });
        read.collect()
    };
    let (taxes, aging) = (labelled(&letter.taxes, "taxes"), labelled(&letter.aging, "aging"));
    let fees = reading.charge(letter.fees, "fees");
    let interest = reading.charge(letter.interest, "interest");
    let compensation = reading.charge(letter.compensation, "compensation");
    let total = reading.amount(letter.total, "total");
    let instalments: Vec<i128> = letter
        .instalments
        .iter()
        .enumerate()
        .map(|(place, part)| reading.amount(part.amount, &format!("instalments[{place}].amount")))
        .collect();
    if let Some(link) = letter.payment.link.as_deref().filter(|link| !is_web_link(link)) {
        let reason = format!("expected a link that begins with https:// and has no spaces, got {}", quoted(link));
        reading.problem("letter_invalid", "payment.link", reason);
    }
    let reference = match letter.payment.reference.as_deref() {
        Some(text) if reference::looks_like_one(text) => match reference::checked_creditor_reference(text) {
            Ok(good) => good.printed,
            Err(refused) => {
                reading.problems.extend(refused.at(None, None, "payment.reference").problems);
                String::new()
            }
        },
        other => other.unwrap_or_default().to_owned(),
    };
    let mut problems = reading.problems;
    let checked = Checked {
        currency,
        lines,
        opening_balance,
        taxes,
        fees,
        interest,
        compensation,
        total,
        instalments,
        aging,
        reference,
    };
    if problems.is_empty() {
        problems.extend(sums(letter, &checked));
    }
    if problems.is_empty() { Ok(checked) } else { Err(Refused::new(problems)) }
}

/// What does not add up.
fn sums(letter: &Letter, checked: &Checked) -> Vec<Problem> {
    let exponent = checked.currency.exponent;
    let open = checked.sum(|line| line.open);
    let amounts = checked.sum(|line| line.amount);
    let taxes = checked.taxes.iter().copied().fold(0, i128::saturating_add);
    let mut problems = Vec::new();
    let mut wrong = |field: &str, reason: String| {
        problems.push(Problem::new("does_not_add_up", reason).field(field));
    };
    let due = match letter.kind {
        LetterKind::Notice => open.saturating_sub(checked.sum(|line| line.disputed)).saturating_add(checked.charges()),
        LetterKind::Statement => open.saturating_add(checked.charges()),
        LetterKind::Activity => checked.opening_balance.saturating_add(amounts),
        LetterKind::Invoice => amounts.saturating_add(taxes),
        LetterKind::Thanks => checked.total.max(amounts),
    };
    let shown = |minor: i128| format_minor(minor, exponent);
    if due != checked.total {
        wrong("total", format!("expected {}, what the letter adds up to, got {}", shown(due), shown(checked.total)));
    }
    for (field, at_lines, all) in [
        ("fees", checked.sum(|line| line.fee), checked.fees),
        ("interest", checked.sum(|line| line.interest), checked.interest),
    ] {
        if at_lines > all {
            let reason = format!("expected at least {}, that of the lines, got {}", shown(at_lines), shown(all));
            wrong(field, reason);
        }
    }
    let parts = checked.instalments.iter().copied().fold(0, i128::saturating_add);
    if !checked.instalments.is_empty() && parts != checked.total {
        wrong("instalments", format!("expected parts of {}, got {}", shown(checked.total), shown(parts)));
    }
    problems
}

/// Whether a link goes to the web and nowhere else: a page must not run what a letter's data says.
pub(super) fn is_web_link(link: &str) -> bool {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    let plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '<' | '>' | '\\' | '^' | '`');
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}
