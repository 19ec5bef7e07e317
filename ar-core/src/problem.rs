//! What was wrong, where: the one shape in which every refusal leaves the engine.
//!
//! A refusal lists every problem found, each with a stable code, the table, the row and the field. Nothing is half-done
//! when it is returned. Messages never carry a person's name; quoted input is cut at 64 bytes.

use serde::{Deserialize, Serialize};

/// How many problems a refusal lists at most; `total` counts them all.
pub const MOST_PROBLEMS: usize = 100;

/// One thing that was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code, such as `duplicate_id`; see `docs/errors.md`.
    pub code: String,
    /// One line: what was expected and what came.
    pub reason: String,
    /// The table, such as `documents`, when the problem is in one.
    pub table: Option<String>,
    /// The row, counted from 0.
    pub index: Option<u64>,
    /// The field, or the path in a policy.
    pub field: Option<String>,
}

impl Problem {
    /// A problem of no particular row.
    pub fn new(code: &str, reason: impl Into<String>) -> Self {
        Self { code: code.to_owned(), reason: reason.into(), table: None, index: None, field: None }
    }

    /// The same problem, in a field.
    #[must_use]
    pub fn field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// The same problem, in a row of a table.
    #[must_use]
    pub fn row(mut self, table: &str, index: usize) -> Self {
        self.table = Some(table.to_owned());
        self.index = u64::try_from(index).ok();
        self
    }
}

/// Why a call was refused: at least one problem, the first [`MOST_PROBLEMS`] of them listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Refused {
    /// The problems, ordered by table, row and field.
    pub problems: Vec<Problem>,
    /// How many there are, listed or not.
    pub total: u64,
}

impl Refused {
    /// A refusal for these problems, which the caller has ordered.
    #[must_use]
    pub fn new(problems: Vec<Problem>) -> Self {
        Self::listing_all(problems).capped()
    }

    /// A refusal that lists every problem, for a caller inside the engine that needs them all.
    pub(crate) fn listing_all(problems: Vec<Problem>) -> Self {
        let total = u64::try_from(problems.len()).unwrap_or(u64::MAX);
        Self { problems, total }
    }

    /// The same refusal with at most [`MOST_PROBLEMS`] listed.
    pub(crate) fn capped(mut self) -> Self {
        self.problems.truncate(MOST_PROBLEMS);
        self
    }

    /// A refusal with one problem, its place not yet known.
    #[must_use]
    pub fn one(code: &str, reason: impl Into<String>) -> Self {
        Problem::new(code, reason).into()
    }

    /// The same refusal of a value that stands here.
    #[must_use]
    pub fn at(mut self, table: Option<&str>, index: Option<u64>, field: &str) -> Self {
        for problem in &mut self.problems {
            problem.table = table.map(str::to_owned);
            problem.index = index;
            problem.field = Some(field.to_owned());
        }
        self
    }

    /// The first problem's code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.problems.first().map_or("limit_exceeded", |p| &p.code)
    }

    fn sentence(&self) -> String {
        let Some(first) = self.problems.first() else { return String::from("refused") };
        let mut text = String::new();
        if let Some(table) = &first.table {
            text.push_str(table);
            if let Some(index) = first.index {
                text.push_str(&format!(" row {index}"));
            }
            text.push_str(": ");
        }
        if let Some(field) = &first.field {
            text.push_str(&format!("`{field}`: "));
        }
        text.push_str(&first.reason);
        if self.total > 1 {
            text.push_str(&format!(" (and {} more)", self.total.saturating_sub(1)));
        }
        text
    }
}

impl From<crate::money::MoneyError> for Refused {
    fn from(error: crate::money::MoneyError) -> Self {
        Self::one(error.code(), error.to_string())
    }
}

impl From<crate::calendar::CalendarError> for Refused {
    fn from(error: crate::calendar::CalendarError) -> Self {
        Self::one(error.code(), error.to_string())
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::new(vec![problem])
    }
}

/// Input as it may be quoted in a message: at most 64 bytes, control characters shown as `?`.
#[must_use]
pub fn quoted(input: &str) -> String {
    let mut end = input.len().min(64);
    while !input.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let head = input.get(..end).unwrap_or("");
    let clean: String = head.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    if end < input.len() { format!("\"{clean}…\"") } else { format!("\"{clean}\"") }
}
