//! Whose next order would be blocked, however small, and by which check: the desk is asked about each customer that is exposed.

use ar_core::credit::{
    CheckKind, CheckOutcome, CheckRule, CreditPolicy, CreditRequest, Currencies, ExposurePer, ReleaseRule,
};
use ar_core::ledger::View;
use rust_decimal::Decimal;

use crate::tell::amount;

/// Items may be overdue for so long.
const DAYS: u32 = 90;

pub struct Credit {
    /// Customers asked about, each currency by itself.
    pub asked: usize,
    /// The largest exposure first, currency by currency.
    pub blocked: Vec<Blocked>,
}

pub struct Blocked {
    pub customer: String,
    pub currency: String,
    pub exposure: Decimal,
    pub limit: Option<Decimal>,
    pub headroom: Option<Decimal>,
    /// Each check that blocks, in words.
    pub because: Vec<String>,
    pub may_release: Vec<String>,
}

/// Blocked customers, the limit, and what has been overdue for too long, which a credit controller may let through; the head of credit all.
pub fn policy() -> CreditPolicy {
    let check = |check| CheckRule { check, ..CheckRule::default() };
    CreditPolicy {
        id: String::from("collections"),
        // Every currency by itself, whether or not the ledger has rates.
        currencies: Currencies::Apart,
        checks: vec![
            check(CheckKind::Blocked),
            check(CheckKind::Limit),
            CheckRule { days: Some(DAYS), ..check(CheckKind::OldestOpen) },
        ],
        release: vec![
            ReleaseRule {
                role: String::from("credit controller"),
                checks: Some(vec![CheckKind::OldestOpen]),
                up_to: None,
            },
            ReleaseRule { role: String::from("head of credit"), checks: None, up_to: None },
        ],
        ..CreditPolicy::default()
    }
}

impl Credit {
    pub fn of(view: &View) -> Result<Self, String> {
        let told = |error: ar_core::problem::Refused| error.to_string();
        let policy = policy();
        let desk = view.credit(&policy).map_err(told)?;
        let rows = view.exposure(&policy, ExposurePer::Customer, None).map_err(told)?.rows();
        let asked = rows.len();
        let mut blocked = Vec::new();
        for row in rows {
            let check = desk.explain(&CreditRequest::new(&row.customer, Decimal::ONE, &row.currency)).map_err(told)?;
            let failed = check.checks.iter().filter(|one| !one.passed && one.reaction == "block");
            let because: Vec<String> = failed.map(in_words).collect();
            if check.decision == "block" {
                blocked.push(Blocked {
                    customer: row.customer,
                    currency: row.currency,
                    exposure: row.exposure,
                    limit: row.limit,
                    headroom: row.headroom,
                    because,
                    may_release: check.may_release,
                });
            }
        }
        blocked.sort_by(|a, b| a.currency.cmp(&b.currency).then(b.exposure.cmp(&a.exposure)));
        Ok(Self { asked, blocked })
    }

    pub fn currencies(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.blocked.iter().map(|row| row.currency.as_str()).collect();
        all.dedup();
        all
    }
}

fn in_words(check: &CheckOutcome) -> String {
    let figure = check.figure.as_deref().unwrap_or_default();
    let limit = check.limit.as_deref().unwrap_or_default();
    match check.check.as_str() {
        "blocked" => format!("blocked: {figure}"),
        // Without the order that was asked about.
        "limit" => match check.headroom.filter(|headroom| headroom.is_sign_negative()) {
            Some(headroom) => format!("limit passed by {}", amount(-headroom)),
            None => String::from("limit used up"),
        },
        "oldest_open" => format!("oldest item {figure} days overdue, {limit} allowed"),
        other => format!("{other}: {figure}"),
    }
}
