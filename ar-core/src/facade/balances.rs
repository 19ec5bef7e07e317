//! Balances of control accounts, read as strictly as facts are.

use rust_decimal::Decimal;

use crate::aging::ControlBalance;
use crate::ledger::cell::{self, Amount, Source};
use crate::money::{MAX_EXPONENT, MoneyError};
use crate::problem::{Problem, Refused};

/// The fields of a balance, in the order in which a source is asked for them.
pub const BALANCE_FIELDS: [&str; 4] = ["company", "control_account", "currency", "balance"];

/// Balances from any source of rows whose fields are [`BALANCE_FIELDS`].
///
/// # Errors
/// `missing_field`, `unknown_field`, `wrong_type`, `float_refused`, `not_a_number`, `too_large`: every offending row of `balances`.
pub fn control_balances(source: &dyn Source) -> Result<Vec<ControlBalance>, Refused> {
    let mut problems = Vec::new();
    let mut all = Vec::with_capacity(source.rows());
    for row in 0..source.rows() {
        if let Some(misfit) = source.misfit(row) {
            let reason = format!("expected an object, got {misfit}");
            problems.push(Problem::new("wrong_type", reason).row("balances", row));
            continue;
        }
        let company = note(cell::text(source.cell(0, row)), 0, row, &mut problems);
        let control_account = note(cell::text(source.cell(1, row)), 1, row, &mut problems);
        let currency = note(cell::text(source.cell(2, row)).and_then(given), 2, row, &mut problems);
        let balance = cell::money(source.cell(3, row)).and_then(given).and_then(decimal);
        let balance = note(balance, 3, row, &mut problems);
        for field in source.unknown_fields(row) {
            let problem = Problem::new("unknown_field", "expected a field of a balance");
            problems.push(problem.field(field).row("balances", row));
        }
        if let (Some(currency), Some(balance)) = (currency, balance) {
            all.push(ControlBalance {
                company: company.flatten().map(String::from),
                control_account: control_account.flatten().map(String::from),
                currency: currency.into_owned(),
                balance,
            });
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(Refused::new(problems)) }
}

fn decimal(amount: Amount) -> Result<Decimal, Problem> {
    let wrong = |error: MoneyError| Problem::new(error.code(), error.to_string());
    match amount {
        Amount::Exact(exact) => {
            let decimal = Decimal::try_from_i128_with_scale(exact.units(), u32::from(exact.scale()));
            decimal.map_err(|_| wrong(MoneyError::TooLarge))
        }
        Amount::Minor(_) => Err(Problem::new("wrong_type", "expected an exact decimal, got minor units")),
        // Longer than any currency has it: refused by the largest of them.
        long @ Amount::Long { .. } => Err(wrong(long.to_minor(MAX_EXPONENT).err().unwrap_or(MoneyError::TooLarge))),
    }
}

fn given<T>(value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::new("missing_field", "expected a value, got none"))
}

/// The value, or nothing when it was refused, which is noted.
fn note<T>(read: Result<T, Problem>, field: usize, row: usize, problems: &mut Vec<Problem>) -> Option<T> {
    let name = BALANCE_FIELDS.get(field).copied().unwrap_or_default();
    read.map_err(|problem| problems.push(problem.field(name).row("balances", row))).ok()
}
