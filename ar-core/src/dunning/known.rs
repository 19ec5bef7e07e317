//! Which names may a policy use? Currencies of ISO 4217, the tones and templates that letters have, and what it lists as its own.

use super::policy::{DunningPolicy, MoneyLimit, invalid};
use crate::money::{CurrencyCode, is_iso, quoted};
use crate::problem::Problem;

/// The tones of the letters that are shipped.
const TONES: [&str; 4] = ["friendly", "firm", "urgent", "final"];
/// The templates that are shipped, in each language: those of notices, and those of other letters.
const NOTICES: [&str; 4] = ["notice/final", "notice/firm", "notice/friendly", "notice/urgent"];
const OTHERS: [&str; 4] = ["activity", "invoice", "statement", "thanks"];

/// The names that a policy may use.
pub(super) struct Known<'a> {
    policy: &'a DunningPolicy,
    /// Whether the policy says what interest is.
    pub has_interest: bool,
}

impl<'a> Known<'a> {
    /// Looks at the names that a policy lists as its own.
    pub(super) fn of(policy: &'a DunningPolicy) -> Result<Self, Problem> {
        let shapeless = |code: &String| CurrencyCode::new(code).is_err();
        if let Some(at) = policy.currencies.iter().position(shapeless) {
            return Err(invalid(&format!("currencies[{at}]"), "expected a code of 1 to 12 letters, digits, _, - or ."));
        }
        for (names, field) in [(&policy.templates, "templates"), (&policy.tones, "tones")] {
            if let Some(at) = names.iter().position(String::is_empty) {
                return Err(invalid(&format!("{field}[{at}]"), "expected a name"));
            }
        }
        Ok(Self { policy, has_interest: policy.interest.is_some() })
    }

    /// The currency of the entry at a place, which no entry before it may have.
    pub(super) fn currency<'b>(
        &self,
        mut before: impl Iterator<Item = &'b str>,
        code: &str,
        path: impl Fn() -> String,
    ) -> Result<(), Problem> {
        if !is_iso(code) && !self.policy.currencies.iter().any(|own| own == code) {
            let reason = format!("expected a code of ISO 4217 or of `currencies`, got {}", quoted(code));
            return Err(invalid(&path(), &reason));
        }
        if before.any(|held| held == code) { Err(invalid(&path(), "expected each currency once")) } else { Ok(()) }
    }

    /// Amounts not below zero, each in a currency of its own.
    pub(super) fn limits(&self, limits: &[MoneyLimit], path: &str) -> Result<(), Problem> {
        for (at, limit) in limits.iter().enumerate() {
            let before = limits.iter().take(at).map(|before| before.currency.as_str());
            self.currency(before, &limit.currency, || format!("{path}[{at}].currency"))?;
            if limit.amount.units() < 0 {
                return Err(invalid(&format!("{path}[{at}].amount"), "expected an amount not below zero"));
            }
        }
        Ok(())
    }

    pub(super) fn tone(&self, name: &str, path: impl Fn() -> String) -> Result<(), Problem> {
        one_of(&TONES, &self.policy.tones, "tones", name, path)
    }

    /// The template of a notice.
    pub(super) fn notice_template(&self, name: &str, path: impl Fn() -> String) -> Result<(), Problem> {
        one_of(&NOTICES, &self.policy.templates, "templates", name, path)
    }

    /// The template of any letter.
    pub(super) fn template(&self, name: &str, path: impl Fn() -> String) -> Result<(), Problem> {
        one_of(&[OTHERS, NOTICES].concat(), &self.policy.templates, "templates", name, path)
    }
}

/// Empty, shipped, or one's own.
fn one_of(shipped: &[&str], own: &[String], list: &str, name: &str, path: impl Fn() -> String) -> Result<(), Problem> {
    if name.is_empty() || shipped.contains(&name) || own.iter().any(|own| own == name) {
        return Ok(());
    }
    let reason = format!("expected one of {}, or of `{list}`, got {}", shipped.join(", "), quoted(name));
    Err(invalid(&path(), &reason))
}
