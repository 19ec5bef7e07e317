//! What a cell means as a date or as a number, when files write them in their own ways.

use rust_decimal::Decimal;

use super::mapping::{Negative, Round, Sign};
use crate::calendar::Day;
use crate::money::{Exact, MoneyError, divide, push_minor};
use crate::problem::{Problem, quoted};

/// How dates are written: a pattern taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DatePattern {
    text: String,
    parts: Vec<DatePart>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DatePart {
    Year,
    Month,
    MonthName,
    Day,
    Mark(char),
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl DatePattern {
    /// The pattern, or why it is none.
    pub fn compile(text: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        let mut rest = text.chars();
        while let Some(mark) = rest.next() {
            parts.push(match (mark, mark == '%') {
                (_, true) => match rest.next() {
                    Some('Y') => DatePart::Year,
                    Some('m') => DatePart::Month,
                    Some('b') => DatePart::MonthName,
                    Some('d') => DatePart::Day,
                    Some('y') => return Err("expected %Y: a year of two digits has no century"),
                    _ => return Err("expected %Y, %m or %b, %d and the marks between them"),
                },
                (mark, false) if mark.is_ascii_digit() => return Err("expected no digits between %Y, %m and %d"),
                (mark, false) => DatePart::Mark(mark),
            });
        }
        let count = |wanted: &[DatePart]| parts.iter().filter(|part| wanted.contains(part)).count();
        let once = count(&[DatePart::Year]) == 1
            && count(&[DatePart::Month, DatePart::MonthName]) == 1
            && count(&[DatePart::Day]) == 1;
        if !once {
            return Err("expected %Y, %m (or %b) and %d once each");
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// Reads a date that is written exactly so.
    pub fn read(&self, text: &str) -> Result<Day, Problem> {
        let wrong = || {
            let reason = format!("expected a date as {}, got {}", self.text, quoted(text));
            Problem::new("impossible_date", reason)
        };
        let (mut year, mut month, mut day) = (0, 0, 0);
        let mut rest = text;
        for (at, part) in self.parts.iter().enumerate() {
            // Where a mark or the end follows, one digit is enough for a month or a day; else it takes two.
            let next = self.parts.get(at.saturating_add(1));
            let bounded = matches!(next, None | Some(DatePart::Mark(_)));
            match part {
                DatePart::Year => (year, rest) = digits(rest, 4, 4).ok_or_else(wrong)?,
                DatePart::Month => (month, rest) = digits(rest, if bounded { 1 } else { 2 }, 2).ok_or_else(wrong)?,
                DatePart::Day => (day, rest) = digits(rest, if bounded { 1 } else { 2 }, 2).ok_or_else(wrong)?,
                DatePart::MonthName => {
                    let (name, after) = rest.split_at_checked(3).ok_or_else(wrong)?;
                    let place = MONTHS.iter().zip(1..).find(|(month, _)| month.eq_ignore_ascii_case(name));
                    (month, rest) = (place.ok_or_else(wrong)?.1, after);
                }
                DatePart::Mark(mark) => rest = rest.strip_prefix(*mark).ok_or_else(wrong)?,
            }
        }
        if !rest.is_empty() {
            return Err(match Day::parse(text.get(..10).unwrap_or("")) {
                Ok(_) => Problem::new("datetime_refused", "expected a date, got a date with a time"),
                Err(_) => wrong(),
            });
        }
        let year = i32::try_from(year).map_err(|_| wrong())?;
        Day::from_ymd(year, month, day).map_err(|_| wrong())
    }
}

/// The number that leading digits make, as many of them as there are up to `most`, and what follows.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    if length < least { None } else { Some((digits.parse().ok()?, rest)) }
}

/// How a number is written, and what is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberStyle {
    pub decimal_mark: char,
    pub grouping: Option<char>,
    pub negative: Negative,
    pub round: Option<Round>,
    pub sign: Option<Sign>,
}

/// A number that was read, and by how much it was rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub value: Decimal,
    pub change: Option<Exact>,
}

impl NumberStyle {
    /// Reads a number that is written exactly so; digits after the point are kept as they stand.
    pub fn read(&self, text: &str) -> Result<Number, Problem> {
        let wrong =
            || Problem::new("not_a_number", format!("expected a number as {}, got {}", self.example(), quoted(text)));
        let (body, negative) = match self.negative {
            Negative::Leading => (text.strip_prefix('-').unwrap_or(text), text.starts_with('-')),
            Negative::Trailing => (text.strip_suffix('-').unwrap_or(text), text.ends_with('-')),
            Negative::Parentheses => match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                Some(body) => (body, true),
                None => (text, false),
            },
        };
        let (whole, fraction) = match body.split_once(self.decimal_mark) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (body, None),
        };
        let mut plain = String::with_capacity(text.len());
        self.push_whole(whole, &mut plain).ok_or_else(wrong)?;
        if let Some(fraction) = fraction {
            plain.push('.');
            plain.push_str(fraction);
        }
        let all_digits = plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !all_digits {
            return Err(wrong());
        }
        let exact = Exact::parse(&plain).map_err(|error| match error {
            MoneyError::NotANumber { .. } => wrong(),
            other => Problem::new(other.code(), other.to_string()),
        })?;
        let negative = match self.sign {
            None => negative,
            Some(Sign::Flip) => !negative,
            Some(Sign::Positive) => false,
            Some(Sign::Negative) => true,
        };
        let written = u8::try_from(fraction.map_or(0, str::len)).unwrap_or(u8::MAX);
        let (units, scale, change) = self.rounded(exact, written, negative)?;
        let value = Decimal::try_from_i128_with_scale(units, u32::from(scale)).map_err(|_| {
            let code = if scale > 12 { "too_many_digits" } else { "too_large" };
            Problem::new(code, "expected a number of at most 28 digits")
        })?;
        Ok(Number { value, change })
    }

    /// Units, digits after the point, and by how much they were rounded.
    fn rounded(&self, exact: Exact, written: u8, negative: bool) -> Result<(i128, u8, Option<Exact>), Problem> {
        let large = || Problem::new("too_large", "expected a smaller number");
        let signed = |units: i128| if negative { units.checked_neg() } else { Some(units) };
        let (units, scale) = (signed(exact.units()).ok_or_else(large)?, exact.scale());
        match self.round {
            Some(round) if scale > round.digits => {
                let surplus = scale.saturating_sub(round.digits);
                let divisor = 10_i128.checked_pow(u32::from(surplus)).ok_or_else(large)?;
                let kept = divide(units, divisor, round.rounding).ok_or_else(large)?;
                let back = kept.checked_mul(divisor).and_then(|back| back.checked_sub(units)).ok_or_else(large)?;
                Ok((kept, round.digits, Some(Exact::new(back.saturating_abs(), scale))))
            }
            round => {
                // Zeros that end the digits stay as they were written, up to what the rounding leaves.
                let wanted = round.map_or(written, |round| written.min(round.digits)).max(scale);
                let missing = wanted.saturating_sub(scale);
                match 10_i128.checked_pow(u32::from(missing)).and_then(|factor| units.checked_mul(factor)) {
                    Some(padded) if wanted <= 28 => Ok((padded, wanted, None)),
                    _ => Ok((units, scale, None)),
                }
            }
        }
    }

    /// The whole part without its grouping marks, each of which must stand before a group of digits.
    fn push_whole(&self, whole: &str, plain: &mut String) -> Option<()> {
        let Some(mark) = self.grouping.filter(|mark| whole.contains(*mark)) else {
            plain.push_str(whole);
            return Some(());
        };
        let mut groups = whole.split(mark).rev();
        let last = groups.next().filter(|group| group.len() == 3)?;
        let mut before: Vec<&str> = groups.collect();
        let first = before.pop().filter(|group| !group.is_empty())?;
        // Groups of two before the last are how lakh and crore are written; no number has both.
        let size = before.first().map_or(3, |group| group.len());
        if !(2..=3).contains(&size) || first.len() > size || !before.iter().all(|group| group.len() == size) {
            return None;
        }
        plain.push_str(first);
        before.iter().rev().for_each(|group| plain.push_str(group));
        plain.push_str(last);
        Some(())
    }

    fn example(&self) -> String {
        let group = self.grouping.map(String::from).unwrap_or_default();
        let body = format!("1{group}234{}50", self.decimal_mark);
        match self.negative {
            Negative::Leading => format!("-{body}"),
            Negative::Trailing => format!("{body}-"),
            Negative::Parentheses => format!("({body})"),
        }
    }
}

/// A decimal's digits as text, such as a sum over rows.
pub(super) fn exact_text(units: i128, scale: u8) -> String {
    let mut text = String::new();
    push_minor(&mut text, units, scale);
    text
}
