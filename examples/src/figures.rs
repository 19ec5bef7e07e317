//! Figures as people read them.

use rust_decimal::Decimal;

/// An amount with its thousands parted: `1,234.50`.
#[must_use]
pub fn amount(decimal: Decimal) -> String {
    let text = decimal.to_string();
    let (sign, plain) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{fraction}") }
}

/// A number with its thousands parted.
#[must_use]
pub fn count(number: u64) -> String {
    amount(Decimal::from(number))
}
