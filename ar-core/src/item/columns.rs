//! Are these slices fit to be read as open items, and what may a rule rely on once they are?
//!
//! Every check is made here, once: equal lengths, accounts in range, order where order is promised. Rules that take
//! [`Columns`] or [`SortedColumns`] meet no bad index afterwards, and know from [`Columns::sums_fit`] whether a sum of
//! any subset fits 64 bits. Convention: a day is a count of days, an amount is a count of minor units, and an account
//! is a dense index (company × control account × customer × currency), as in Arrow's Date32 and Int64.

use std::fmt;

/// Why a set of slices was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnError {
    /// A column is longer or shorter than the first one.
    Length {
        /// The column at fault.
        field: &'static str,
        /// Entries in the first column.
        expected: usize,
        /// Entries in this one.
        found: usize,
    },
    /// More than `u32::MAX` entries, accounts or customer × currency pairs: indexes would no longer fit.
    TooLarge {
        /// What there is too much of.
        field: &'static str,
    },
    /// An index points outside the range the caller named.
    OutOfRange {
        /// The column at fault.
        field: &'static str,
        /// The first entry at fault.
        index: usize,
    },
    /// Promised ascending by account, then by day, and is not.
    NotSorted {
        /// The first entry that comes before its predecessor.
        index: usize,
    },
    /// Two sets that must share their accounts name different numbers of them.
    AccountsDiffer {
        /// Accounts of the first set.
        expected: usize,
        /// Accounts of the second.
        found: usize,
    },
    /// Threshold days must strictly fall, and there can be at most 255.
    Thresholds {
        /// The first threshold at fault.
        index: usize,
    },
}

impl ColumnError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "columns.length",
            Self::TooLarge { .. } => "columns.too_large",
            Self::OutOfRange { .. } => "columns.out_of_range",
            Self::NotSorted { .. } => "columns.not_sorted",
            Self::AccountsDiffer { .. } => "columns.accounts_differ",
            Self::Thresholds { .. } => "columns.thresholds",
        }
    }
}

impl fmt::Display for ColumnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { field, expected, found } => {
                write!(f, "column {field}: expected {expected} entries, found {found}")
            }
            Self::TooLarge { field } => {
                write!(f, "{field}: expected at most 4294967295, found more")
            }
            Self::OutOfRange { field, index } => {
                write!(f, "column {field}, entry {index}: expected an index in range, found one beyond it")
            }
            Self::NotSorted { index } => {
                write!(f, "entry {index}: expected ascending account, then day, found an earlier one")
            }
            Self::AccountsDiffer { expected, found } => {
                write!(f, "expected both sets over {expected} accounts, found {found}")
            }
            Self::Thresholds { index } => {
                write!(f, "threshold {index}: expected at most 255 strictly falling days, found otherwise")
            }
        }
    }
}

impl std::error::Error for ColumnError {}

/// Which account each entry belongs to: one dense index, or a customer and a currency combined on the way through.
#[derive(Debug, Clone, Copy)]
pub enum Accounts<'a> {
    /// One column of account indexes below `accounts`.
    Dense {
        /// Account of each entry.
        account: &'a [u32],
        /// How many accounts there are.
        accounts: usize,
    },
    /// Two columns; the account is `customer × currencies + currency`.
    Pair {
        /// Customer of each entry, below `customers`.
        customer: &'a [u32],
        /// Currency of each entry, below `currencies`.
        currency: &'a [u8],
        /// How many customers there are.
        customers: usize,
        /// How many currencies there are.
        currencies: u8,
    },
}

impl Accounts<'_> {
    /// How many accounts the indexes range over.
    #[must_use]
    pub fn count(&self) -> usize {
        match *self {
            Self::Dense { accounts, .. } => accounts,
            Self::Pair { customers, currencies, .. } => customers.saturating_mul(usize::from(currencies)),
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match *self {
            Self::Dense { account, .. } => account.len(),
            Self::Pair { customer, .. } => customer.len(),
        }
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the accounts of the entries from `start` on into `out`, as many as fit.
    pub fn fill(&self, start: usize, out: &mut [u32]) {
        match *self {
            Self::Dense { account, .. } => {
                for (to, from) in out.iter_mut().zip(account.get(start..).unwrap_or_default()) {
                    *to = *from;
                }
            }
            Self::Pair { customer, currency, currencies, .. } => {
                let customer = customer.get(start..).unwrap_or_default();
                let currency = currency.get(start..).unwrap_or_default();
                for ((to, c), u) in out.iter_mut().zip(customer).zip(currency) {
                    *to = c.wrapping_mul(u32::from(currencies)).wrapping_add(u32::from(*u));
                }
            }
        }
    }

    fn check(&self) -> Result<(), ColumnError> {
        if u32::try_from(self.count()).is_err() {
            return Err(ColumnError::TooLarge { field: "accounts" });
        }
        if u32::try_from(self.len()).is_err() {
            return Err(ColumnError::TooLarge { field: "entries" });
        }
        match *self {
            Self::Dense { account, accounts } => in_range("account", account, accounts),
            Self::Pair { customer, currency, customers, currencies } => {
                same_length("currency", customer.len(), currency.len())?;
                in_range("customer", customer, customers)?;
                match currency.iter().position(|u| *u >= currencies) {
                    Some(index) => Err(ColumnError::OutOfRange { field: "currency", index }),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Open items, or payments, as checked columns in any order.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    accounts: Accounts<'a>,
    day: &'a [i32],
    minor: &'a [i64],
    bits: u32,
}

/// A number at least as large as every amount, its sign apart, with no more bits than the largest has.
fn magnitude(minor: &[i64]) -> i64 {
    minor.iter().fold(0_i64, |m, x| m | (x ^ (x >> 63)))
}

fn bits_of(magnitude: i64) -> u32 {
    i64::BITS.saturating_sub(magnitude.leading_zeros())
}

impl<'a> Columns<'a> {
    /// Checks the slices: equal lengths, every account in range, no amount whose opposite would not fit.
    ///
    /// # Errors
    /// The first problem found, with the column and the entry.
    pub fn new(accounts: Accounts<'a>, day: &'a [i32], minor: &'a [i64]) -> Result<Self, ColumnError> {
        same_length("day", accounts.len(), day.len())?;
        same_length("minor", accounts.len(), minor.len())?;
        accounts.check()?;
        let magnitude = magnitude(minor);
        if magnitude == i64::MAX
            && let Some(index) = minor.iter().position(|x| *x == i64::MIN)
        {
            return Err(ColumnError::OutOfRange { field: "minor", index });
        }
        Ok(Self { accounts, day, minor, bits: bits_of(magnitude) })
    }

    /// The account of each entry.
    #[must_use]
    pub fn accounts(&self) -> &Accounts<'a> {
        &self.accounts
    }

    /// The due day of each item, or the date of each payment.
    #[must_use]
    pub fn day(&self) -> &'a [i32] {
        self.day
    }

    /// The open amount of each item, or the amount of each payment, in minor units.
    #[must_use]
    pub fn minor(&self) -> &'a [i64] {
        self.minor
    }

    /// Whether the sum of any subset of the amounts is certain to fit `i64`.
    #[must_use]
    pub fn sums_fit(&self) -> bool {
        sums_fit(self.bits, self.minor.len())
    }

    /// How many bits hold the largest amount, its sign apart: every amount is at most 2^bits either way.
    #[must_use]
    pub fn minor_bits(&self) -> u32 {
        self.bits
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.day.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.day.is_empty()
    }
}

/// Open items, or payments, ascending by account and, inside an account, by day. Ties keep the order they come in.
#[derive(Debug, Clone, Copy)]
pub struct SortedColumns<'a> {
    account: &'a [u32],
    accounts: usize,
    day: &'a [i32],
    minor: &'a [i64],
    bits: u32,
}

impl<'a> SortedColumns<'a> {
    /// Checks the slices: equal lengths, accounts in range, ascending by account and then by day.
    ///
    /// # Errors
    /// The first problem found, with the column and the entry.
    pub fn new(account: &'a [u32], accounts: usize, day: &'a [i32], minor: &'a [i64]) -> Result<Self, ColumnError> {
        let checked = Columns::new(Accounts::Dense { account, accounts }, day, minor)?;
        let pairs = account.iter().zip(day);
        let out_of_order = pairs.clone().zip(pairs.skip(1)).position(|(before, after)| before > after);
        match out_of_order {
            Some(before) => Err(ColumnError::NotSorted { index: before.saturating_add(1) }),
            None => Ok(Self { account, accounts, day, minor, bits: checked.bits }),
        }
    }

    /// Slices that a view keeps in order: equal lengths, accounts in range, ascending by account and then by day, and no
    /// amount beyond `bits`.
    pub(crate) fn kept(account: &'a [u32], accounts: usize, day: &'a [i32], minor: &'a [i64], bits: u32) -> Self {
        Self { account, accounts, day, minor, bits }
    }

    /// The account of each entry, ascending.
    #[must_use]
    pub fn account(&self) -> &'a [u32] {
        self.account
    }

    /// How many accounts the indexes range over.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.accounts
    }

    /// The due day of each item, or the date of each payment; ascending inside an account.
    #[must_use]
    pub fn day(&self) -> &'a [i32] {
        self.day
    }

    /// The open amount of each item, or the amount of each payment, in minor units.
    #[must_use]
    pub fn minor(&self) -> &'a [i64] {
        self.minor
    }

    /// Whether the sum of any subset of the amounts is certain to fit `i64`.
    #[must_use]
    pub fn sums_fit(&self) -> bool {
        sums_fit(self.bits, self.minor.len())
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.account.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.account.is_empty()
    }
}

fn same_length(field: &'static str, expected: usize, found: usize) -> Result<(), ColumnError> {
    if expected == found { Ok(()) } else { Err(ColumnError::Length { field, expected, found }) }
}

// The maximum first, because it vectorises; the search for the culprit only when there is one.
fn in_range(field: &'static str, column: &[u32], limit: usize) -> Result<(), ColumnError> {
    let beyond = |x: &u32| usize::try_from(*x).map_or(true, |x| x >= limit);
    let highest = column.iter().fold(0, |m, x| m.max(*x));
    if column.is_empty() || !beyond(&highest) {
        return Ok(());
    }
    Err(ColumnError::OutOfRange { field, index: column.iter().position(beyond).unwrap_or_default() })
}

// Every |x| is at most 2^bits, and n is below 2^c for its c bits, so any sum is below 2^(bits + c).
fn sums_fit(bits: u32, n: usize) -> bool {
    bits.saturating_add(usize::BITS.saturating_sub(n.leading_zeros())) <= 62
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_do_not_fit_are_refused_with_the_entry_at_fault() {
        let dense = |account| Accounts::Dense { account, accounts: 2 };
        let refused = |account, day, minor| Columns::new(dense(account), day, minor).map(|_| ()).unwrap_err();
        assert_eq!(refused(&[0, 1], &[0], &[0, 0]), ColumnError::Length { field: "day", expected: 2, found: 1 });
        assert_eq!(refused(&[0, 1], &[0, 0], &[0]), ColumnError::Length { field: "minor", expected: 2, found: 1 });
        assert_eq!(refused(&[0, 2], &[0, 0], &[0, 0]), ColumnError::OutOfRange { field: "account", index: 1 });
        assert_eq!(refused(&[0, 1], &[0, 0], &[0, i64::MIN]), ColumnError::OutOfRange { field: "minor", index: 1 });
        let pair = Accounts::Pair { customer: &[0, 1], currency: &[0, 3], customers: 2, currencies: 3 };
        let refused = Columns::new(pair, &[0, 0], &[0, 0]).map(|_| ()).unwrap_err();
        assert_eq!(refused, ColumnError::OutOfRange { field: "currency", index: 1 });
    }

    #[test]
    fn sorted_columns_rise_by_account_and_then_by_day() {
        let sorted = |account, day| SortedColumns::new(account, 3, day, &[0, 0, 0]).map(|_| ());
        assert_eq!(sorted(&[0, 0, 2], &[1, 1, -5]), Ok(()));
        assert_eq!(sorted(&[0, 2, 0], &[1, 1, 1]), Err(ColumnError::NotSorted { index: 2 }));
        assert_eq!(sorted(&[0, 0, 2], &[1, 0, 0]), Err(ColumnError::NotSorted { index: 1 }));
    }

    #[test]
    fn sums_are_certain_to_fit_only_while_no_subset_can_pass_64_bits() {
        let fit = |minor: &[i64]| {
            let account = vec![0; minor.len()];
            let day = vec![0; minor.len()];
            let accounts = Accounts::Dense { account: &account, accounts: 1 };
            Columns::new(accounts, &day, minor).unwrap().sums_fit()
        };
        assert!(fit(&[]));
        assert!(fit(&[1 << 59, -(1 << 59)]));
        assert!(!fit(&[i64::MAX, 1]));
        assert!(!fit(&[-i64::MAX, -1]));
    }
}
