//! How many digits has this currency? For every amount that crosses the border.

use core::fmt;

use super::error::{MoneyError, quoted};

/// The most digits after the point a currency may have, ISO's or a user's own.
pub const MAX_EXPONENT: u8 = 8;

const CODE_BYTES: usize = 12;

/// A currency code of 1 to 12 ASCII bytes, kept inline; compared byte by byte, case counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CurrencyCode([u8; CODE_BYTES]);

impl CurrencyCode {
    /// Reads a code of 1 to 12 letters, digits, `_`, `-` or `.`.
    ///
    /// **Errors**: `policy_invalid` for any other shape.
    ///
    /// ```
    /// use ar_core::money::CurrencyCode;
    /// assert_eq!(CurrencyCode::new("EUR").unwrap().as_str(), "EUR");
    /// assert_eq!(CurrencyCode::new("").unwrap_err().code(), "policy_invalid");
    /// ```
    pub fn new(text: &str) -> Result<Self, MoneyError> {
        let wanted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let mut bytes = [0; CODE_BYTES];
        match bytes.get_mut(..text.len()) {
            Some(place) if !place.is_empty() && text.bytes().all(wanted) => place.copy_from_slice(text.as_bytes()),
            _ => return Err(MoneyError::InvalidCode { got: quoted(text) }),
        }
        Ok(Self(bytes))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(CODE_BYTES);
        // Only ASCII gets in, so that the fallbacks are never taken.
        self.0.get(..length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl fmt::Display for CurrencyCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for CurrencyCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A currency: its code, and how many digits its minor unit has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    /// The code, such as `EUR`.
    pub code: CurrencyCode,
    /// Digits after the point: 0 for `JPY`, 2 for `EUR`, 3 for `KWD`, at most 8.
    pub exponent: u8,
}

/// The currencies a ledger knows: those of ISO 4217, and a user's own.
///
/// **Source**: ISO 4217 list one. Codes without a minor unit (gold, special drawing rights, testing) are left out;
/// codes withdrawn since 2015 are kept, because ledgers remember them.
///
/// ```
/// use ar_core::money::Currencies;
/// let known = Currencies::iso().with_own(&[("POINTS", 0), ("BTC", 8)]).unwrap();
/// assert_eq!(known.find("KWD").unwrap().exponent, 3);
/// assert_eq!(known.find("BTC").unwrap().exponent, 8);
/// assert_eq!(known.find("eur").unwrap_err().code(), "unknown_currency");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currencies {
    /// Sorted by code, each code once.
    known: Vec<Currency>,
}

impl Currencies {
    /// The currencies of ISO 4217.
    #[must_use]
    pub fn iso() -> Self {
        let mut known = Vec::with_capacity(200);
        for (exponent, codes) in ISO_4217 {
            for text in codes.split_ascii_whitespace() {
                if let Ok(code) = CurrencyCode::new(text) {
                    known.push(Currency { code, exponent: *exponent });
                }
            }
        }
        known.sort_unstable();
        Self { known }
    }

    /// These currencies and a user's own beside them; an own one stands before ISO's of the same code.
    ///
    /// **Errors**: `policy_invalid` for a code of another shape or an exponent past 8; `duplicate_id` for a code given
    /// twice.
    pub fn with_own<C: AsRef<str>>(mut self, own: &[(C, u8)]) -> Result<Self, MoneyError> {
        let mut seen = Vec::with_capacity(own.len());
        for (text, exponent) in own {
            let code = CurrencyCode::new(text.as_ref())?;
            if *exponent > MAX_EXPONENT {
                return Err(MoneyError::InvalidExponent { got: *exponent });
            }
            if seen.contains(&code) {
                return Err(MoneyError::DuplicateCurrency { got: code.to_string() });
            }
            seen.push(code);
            let currency = Currency { code, exponent: *exponent };
            match self.known.binary_search_by(|known| known.code.cmp(&code)) {
                Ok(position) => {
                    if let Some(place) = self.known.get_mut(position) {
                        *place = currency;
                    }
                }
                Err(position) => self.known.insert(position, currency),
            }
        }
        Ok(self)
    }

    /// The currency of this code.
    ///
    /// **Errors**: `unknown_currency`. Codes are upper case in ISO 4217 and case counts.
    pub fn find(&self, code: &str) -> Result<Currency, MoneyError> {
        let position = self.known.binary_search_by(|known| known.code.as_str().cmp(code));
        position
            .ok()
            .and_then(|position| self.known.get(position).copied())
            .ok_or_else(|| MoneyError::UnknownCurrency { got: quoted(code) })
    }

    /// All of them, sorted by code.
    pub fn iter(&self) -> impl Iterator<Item = Currency> + '_ {
        self.known.iter().copied()
    }
}

/// Whether a code is one of ISO 4217.
pub(crate) fn is_iso(code: &str) -> bool {
    ISO_4217.iter().any(|(_, codes)| codes.split_ascii_whitespace().any(|held| held == code))
}

/// ISO 4217 by exponent; withdrawn codes stand last in each row.
const ISO_4217: &[(u8, &str)] = &[
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF BYR"),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW \
         CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
         IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK \
         MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
         SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG \
         YER ZAR ZMW ZWG ANG BGN CUC HRK MRO SLL STD VEF ZWL",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

#[cfg(test)]
mod tests {
    use super::{Currencies, CurrencyCode};

    #[test]
    fn every_iso_code_is_there_once_with_three_letters() {
        let known: Vec<_> = Currencies::iso().iter().collect();
        assert_eq!(known.len(), 175);
        for pair in known.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} {}", pair[0].code, pair[1].code);
        }
        assert!(known.iter().all(|currency| currency.code.as_str().len() == 3));
    }

    #[test]
    fn own_currencies_are_checked_and_stand_before_iso() {
        let own = Currencies::iso().with_own(&[("CLP", 2), ("LOYALTY-2024", 0)]).unwrap();
        assert_eq!(own.find("CLP").unwrap().exponent, 2);
        assert_eq!(own.find("LOYALTY-2024").unwrap().exponent, 0);
        for (code, exponent, expected) in [
            ("", 2, "policy_invalid"),
            ("THIRTEEN-CHAR", 2, "policy_invalid"),
            ("A B", 2, "policy_invalid"),
            ("X", 9, "policy_invalid"),
        ] {
            assert_eq!(Currencies::iso().with_own(&[(code, exponent)]).unwrap_err().code(), expected);
        }
        assert_eq!(Currencies::iso().with_own(&[("X", 1), ("X", 2)]).unwrap_err().code(), "duplicate_id");
        assert!(CurrencyCode::new("ABCDEFGHIJKL").is_ok());
    }
}
