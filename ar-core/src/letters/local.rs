//! How does a reader of this language write a date and an amount? For letters, and for programs that write their own.
//!
//! | language | date | amount | with its currency |
//! |---|---|---|---|
//! | `en` | 31 October 2026 | 1,234.56 | EUR 1,234.56 |
//! | `de` | 31.10.2026 | 1.234,56 | 1.234,56 EUR |
//! | `fr` | 31/10/2026 | 1 234,56 | 1 234,56 EUR |
//! | `es` | 31/10/2026 | 1.234,56 | 1.234,56 EUR |
//!
//! **Source**: Unicode CLDR, with the patterns `d MMMM y` (en-GB, long), `dd.MM.y` (de, medium), `dd/MM/y` (fr, short) and
//! `d/M/y` (es); its decimal and group separators, the narrow no-break space U+202F in French; the no-break space U+00A0 before
//! or after the code of a currency. One departure: Spanish groups from four digits on, where CLDR waits for five, so that
//! the amounts of a column look alike.

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::money::{Currency, push_minor};

/// A language that letters are shipped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English, as Europe writes it.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Language {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::En, Self::De, Self::Fr, Self::Es];

    /// Its ISO 639-1 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| language.code() == code)
    }

    /// Decimal and group separators.
    fn separators(self) -> (char, char) {
        match self {
            Self::En => ('.', ','),
            Self::De | Self::Es => (',', '.'),
            Self::Fr => (',', '\u{202f}'),
        }
    }

    /// A day as it is written.
    ///
    /// ```
    /// use ar_core::{calendar::Day, letters::Language};
    /// let day = Day::parse("2026-02-01")?;
    /// assert_eq!(Language::En.date(day), "1 February 2026");
    /// assert_eq!(Language::De.date(day), "01.02.2026");
    /// assert_eq!(Language::Es.date(day), "1/2/2026");
    /// # Ok::<(), ar_core::calendar::CalendarError>(())
    /// ```
    #[must_use]
    pub fn date(self, day: Day) -> String {
        let date = day.to_naive_date();
        let (year, month, day) = (date.year(), date.month(), date.day());
        match self {
            Self::En => {
                let name = MONTHS.iter().zip(1..).find(|(_, number)| *number == month).map_or("", |(name, _)| name);
                format!("{day} {name} {year}")
            }
            Self::De => format!("{day:02}.{month:02}.{year}"),
            Self::Fr => format!("{day:02}/{month:02}/{year}"),
            Self::Es => format!("{day}/{month}/{year}"),
        }
    }

    /// An amount without its currency, at the scale of it.
    ///
    /// ```
    /// use ar_core::letters::Language;
    /// assert_eq!(Language::De.amount(-123_456_789, 2), "-1.234.567,89");
    /// assert_eq!(Language::Fr.amount(123_456, 2), "1\u{202f}234,56");
    /// assert_eq!(Language::En.amount(1_234, 0), "1,234");
    /// ```
    #[must_use]
    pub fn amount(self, minor: i128, exponent: u8) -> String {
        let (point, group) = self.separators();
        let mut plain = String::new();
        push_minor(&mut plain, minor, exponent);
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut text = String::from(sign);
        for (left, digit) in (0..whole.len()).rev().zip(whole.chars()) {
            text.push(digit);
            if left > 0 && left % 3 == 0 {
                text.push(group);
            }
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }

    /// An amount with the code of its currency.
    ///
    /// ```
    /// use ar_core::{letters::Language, money::Currencies};
    /// let dinar = Currencies::iso().find("KWD")?;
    /// assert_eq!(Language::En.money(1_500, dinar), "KWD\u{a0}1.500");
    /// assert_eq!(Language::De.money(1_500, dinar), "1,500\u{a0}KWD");
    /// # Ok::<(), ar_core::money::MoneyError>(())
    /// ```
    #[must_use]
    pub fn money(self, minor: i128, currency: Currency) -> String {
        let (amount, code) = (self.amount(minor, currency.exponent), currency.code);
        match self {
            Self::En => format!("{code}\u{a0}{amount}"),
            Self::De | Self::Fr | Self::Es => format!("{amount}\u{a0}{code}"),
        }
    }
}
