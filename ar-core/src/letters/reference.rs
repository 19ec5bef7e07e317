//! Which reference does the payer quote, and is it typed right? The creditor reference of ISO 11649.
//!
//! `RF`, two check digits, and 1 to 21 letters or digits of the creditor's own; banks check the digits before the money
//! moves. **Source**: ISO 11649:2009, check digits by ISO/IEC 7064 MOD 97-10.

use serde::{Deserialize, Serialize};

use crate::problem::{Problem, Refused, quoted};

/// The most characters that the creditor's own part has.
pub const MOST_OWN: usize = 21;

/// A creditor reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditorReference {
    /// As it is sent to a bank: `RF18539007547034`.
    pub reference: String,
    /// As it is printed, in groups of four: `RF18 5390 0754 7034`.
    pub printed: String,
}

/// The creditor reference for the creditor's own letters and digits: an invoice number, say.
///
/// Spaces are left out and small letters made capital; anything else, a hyphen or an umlaut, is refused rather than
/// dropped, since two numbers could then have one reference.
///
/// # Errors
/// `reference_invalid`, field `text`, for another character, for nothing, and past 21 characters.
///
/// ```
/// use ar_core::letters::creditor_reference;
/// assert_eq!(creditor_reference("539007547034")?.printed, "RF18 5390 0754 7034");
/// assert_eq!(creditor_reference("INV-1").unwrap_err().code(), "reference_invalid");
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn creditor_reference(text: &str) -> Result<CreditorReference, Refused> {
    let own = plain(text)?;
    of_own(&own).ok_or_else(|| {
        let reason = format!("expected 1 to {MOST_OWN} letters and digits, got {}", quoted(text));
        refused(reason)
    })
}

/// A creditor reference as somebody wrote it, checked: with or without spaces, in small letters or capital.
///
/// # Errors
/// `reference_invalid`, field `text`: another shape, or check digits that do not belong to the rest.
///
/// ```
/// use ar_core::letters::checked_creditor_reference;
/// assert_eq!(checked_creditor_reference("rf18 5390 0754 7034")?.reference, "RF18539007547034");
/// assert!(checked_creditor_reference("RF18 5390 0754 7043").is_err());
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn checked_creditor_reference(text: &str) -> Result<CreditorReference, Refused> {
    let whole = plain(text)?;
    let digits = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let parts = whole.strip_prefix("RF").and_then(|rest| rest.split_at_checked(2));
    let made = parts.filter(|(check, _)| digits(check)).and_then(|(_, own)| of_own(own));
    let Some(made) = made else {
        let reason =
            format!("expected RF, two check digits and 1 to {MOST_OWN} letters and digits, got {}", quoted(text));
        return Err(refused(reason));
    };
    if made.reference != whole {
        // Which digits would be right is not said: more likely than they the rest was mistyped.
        return Err(refused(format!("expected check digits that belong to the rest, got {}", quoted(text))));
    }
    Ok(made)
}

/// Whether a text means to be a creditor reference: it begins with `RF` and two digits.
pub(super) fn looks_like_one(text: &str) -> bool {
    let mut bytes = text.bytes().filter(|byte| *byte != b' ');
    let mut next = || bytes.next().unwrap_or_default();
    next().eq_ignore_ascii_case(&b'R')
        && next().eq_ignore_ascii_case(&b'F')
        && next().is_ascii_digit()
        && next().is_ascii_digit()
}

/// Text in groups of four, as references and account numbers are printed.
pub(super) fn in_fours(text: &str) -> String {
    let mut printed = String::new();
    for (place, letter) in text.chars().filter(|letter| *letter != ' ').enumerate() {
        if place > 0 && place % 4 == 0 {
            printed.push(' ');
        }
        printed.push(letter);
    }
    printed
}

fn refused(reason: String) -> Refused {
    Problem::new("reference_invalid", reason).field("text").into()
}

fn plain(text: &str) -> Result<String, Refused> {
    let letters = text.chars().filter(|letter| *letter != ' ');
    if letters.clone().any(|letter| !letter.is_ascii_alphanumeric()) {
        return Err(refused(format!("expected letters A to Z and digits, got {}", quoted(text))));
    }
    Ok(letters.map(|letter| letter.to_ascii_uppercase()).collect())
}

/// The reference of capital letters and digits; none when there are too few or too many.
fn of_own(own: &str) -> Option<CreditorReference> {
    if own.is_empty() || own.len() > MOST_OWN {
        return None;
    }
    let left = own.bytes().chain(*b"RF00").fold(0_u32, remainder);
    let reference = format!("RF{:02}{own}", 98_u32.saturating_sub(left));
    let printed = in_fours(&reference);
    Some(CreditorReference { reference, printed })
}

/// What is left modulo 97 after one more character; a letter counts as two digits, A as 10.
fn remainder(left: u32, byte: u8) -> u32 {
    let value = char::from(byte).to_digit(36).unwrap_or_default();
    let places = if value < 10 { 10_u32 } else { 100 };
    // At most 96 × 100 + 35.
    left.wrapping_mul(places).wrapping_add(value) % 97
}
