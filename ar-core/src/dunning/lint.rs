//! What of a well-formed policy is probably not meant? Levels that nobody reaches, notices every day, fees above custom.

use serde::{Deserialize, Serialize};

use super::policy::{AfterLast, CountFrom, DunningPolicy, Escalation, Level, Procedure};
use crate::money::Exact;
use crate::problem::Refused;

/// A doubt about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable code.
    pub code: String,
    /// Where in the policy.
    pub path: String,
    /// One line: what is doubtful.
    pub reason: String,
    /// What says so; empty when it is the policy itself.
    pub source: String,
}

/// Doubts about a policy that is well-formed, by path and code.
///
/// # Errors
/// Those of [`DunningPolicy::check`].
pub fn lint(policy: &DunningPolicy) -> Result<Vec<Warning>, Refused> {
    policy.check()?;
    let mut found = Vec::new();
    for (name, procedure) in &policy.procedures {
        for (at, level) in procedure.levels.iter().enumerate() {
            let path = format!("procedures.{name}.levels[{at}]");
            let next = procedure.levels.get(at.saturating_add(1));
            let before = at.checked_sub(1).and_then(|before| procedure.levels.get(before));
            procedure.doubts(level, before, next, &path, &mut found);
            level.fees_above_custom(&path, &mut found);
        }
    }
    found.sort_by(|a, b| (&a.path, &a.code).cmp(&(&b.path, &b.code)));
    Ok(found)
}

fn doubt(code: &str, path: &str, reason: &str, source: &str) -> Warning {
    Warning { code: code.to_owned(), path: path.to_owned(), reason: reason.to_owned(), source: source.to_owned() }
}

impl Procedure {
    fn doubts(&self, level: &Level, before: Option<&Level>, next: Option<&Level>, path: &str, into: &mut Vec<Warning>) {
        let same_start = |other: &&Level| other.count_from == level.count_from;
        if self.escalation == Escalation::Jump && next.filter(same_start).is_some_and(|next| next.days == level.days) {
            into.push(doubt("unreachable_level", path, "the next level is reached on the same day", ""));
        }
        let repeats = level.always || (next.is_none() && self.after_last == AfterLast::Repeat);
        let of_the_item = matches!(level.count_from, CountFrom::DueDate | CountFrom::EndOfMonth);
        if repeats && self.interval_days == 0 && (of_the_item || level.days <= 0) {
            into.push(doubt("repeats_daily", path, "it is repeated on every day, without an interval", ""));
        }
        if let (Some(within), Some(next), Escalation::Step) = (level.pay_within_days, next, self.escalation)
            && next.count_from == CountFrom::DueDate
            && level.count_from == CountFrom::DueDate
            && i64::from(within) > i64::from(next.days).saturating_sub(level.days.into())
        {
            into.push(doubt(
                "notice_while_term_runs",
                &format!("{path}.pay_within_days"),
                "the next level comes before its term is over",
                "",
            ));
        }
        for (at, own) in level.minimum.iter().enumerate() {
            let least = before.and_then(|before| before.minimum.iter().find(|other| other.currency == own.currency));
            if least.is_some_and(|least| least.amount > own.amount) {
                let path = format!("{path}.minimum[{at}]");
                into.push(doubt("minimum_falls", &path, "less is asked for than at the level before", ""));
            }
        }
        if next.is_none() && level.hand_over.is_empty() && !repeats {
            into.push(doubt("no_final_step", path, "nothing follows it: neither a repetition nor a hand-over", ""));
        }
    }
}

impl Level {
    fn fees_above_custom(&self, path: &str, into: &mut Vec<Warning>) {
        let most = Exact::new(250, 2);
        for (fee, name) in [(&self.notice_fee, "notice_fee"), (&self.line_fee, "line_fee")] {
            for (at, entry) in fee.iter().flat_map(|fee| &fee.currencies).enumerate() {
                for (tier, _) in entry.tiers.iter().enumerate().filter(|(_, tier)| tier.amount > most) {
                    if entry.currency == "EUR" {
                        into.push(doubt(
                            "fee_above_custom",
                            &format!("{path}.{name}.currencies[{at}].tiers[{tier}]"),
                            "more than 2.50 EUR for a reminder",
                            "German courts: what a reminder of one's own costs, 1 to 2.50 EUR",
                        ));
                    }
                }
            }
        }
    }
}
