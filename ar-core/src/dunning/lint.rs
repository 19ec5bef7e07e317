//! What of a well-formed policy is probably not meant? Levels that nobody reaches, notices every day, fees above custom or law.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fee::{FeeInCurrency, FeeMode, FeePolicy};
use super::policy::{
    AfterLast, Assignment, ChargeUse, CountFrom, CountedDays, DunningPolicy, Escalation, Grace, Level, Procedure,
};
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
    let week = Week { weekend: policy.weekend.iter().collect::<BTreeSet<_>>().len() };
    for (name, procedure) in &policy.procedures {
        let is_used = policy.default_procedure() == Some(name)
            || policy.assign.iter().any(|one| one.procedure.as_ref() == Some(name));
        let path = format!("procedures.{name}");
        if !is_used {
            found.push(doubt("unused_procedure", &path, "no customer has it", ""));
        }
        procedure.doubts_of_whole(&path, &mut found);
        if policy.weekend.is_empty() && policy.holidays.is_empty() {
            procedure.counts_all_days(&path, &mut found);
        }
        for (at, level) in procedure.levels.iter().enumerate() {
            let path = format!("procedures.{name}.levels[{at}]");
            let next = procedure.levels.get(at.saturating_add(1));
            let before = at.checked_sub(1).and_then(|before| procedure.levels.get(before));
            procedure.doubts(level, before, next, &path, &mut found);
            procedure.doubts_of_term(level, next, &week, &path, &mut found);
            level.fees_above_custom(&path, &mut found);
            level.fees_above_law(at, procedure, &path, &mut found);
        }
    }
    let charges =
        |level: &Level| level.notice_fee.is_some() || level.line_fee.is_some() || level.interest || level.compensation;
    if policy.charges == ChargeUse::Shown && policy.procedures.values().flat_map(|one| &one.levels).any(charges) {
        found.push(doubt(
            "charges_lost",
            "charges",
            "what a notice charges is not owed once the principal is paid",
            "",
        ));
    }
    assigned_twice(&policy.assign, &mut found);
    found.sort_by(|a, b| (&a.path, &a.code).cmp(&(&b.path, &b.code)));
    Ok(found)
}

/// Whom an entry before has: only the first entry of a kind counts.
fn assigned_twice(assign: &[Assignment], found: &mut Vec<Warning>) {
    let lists = |one: &'_ Assignment| {
        [("customers", one.customers.clone()), ("groups", one.groups.clone()), ("companies", one.companies.clone())]
    };
    let mut before: BTreeSet<(&str, String)> = BTreeSet::new();
    for (at, one) in assign.iter().enumerate() {
        for (name, list) in lists(one) {
            for (number, listed) in list.unwrap_or_default().into_iter().enumerate() {
                if !before.insert((name, listed)) {
                    let path = format!("assign[{at}].{name}[{number}]");
                    found.push(doubt("assigned_twice", &path, "an entry before has it, and only the first counts", ""));
                }
            }
        }
    }
}

fn doubt(code: &str, path: &str, reason: &str, source: &str) -> Warning {
    Warning { code: code.to_owned(), path: path.to_owned(), reason: reason.to_owned(), source: source.to_owned() }
}

impl Procedure {
    fn doubts_of_whole(&self, path: &str, into: &mut Vec<Warning>) {
        let most = self.max_notices.and_then(|most| usize::try_from(most).ok());
        if self.escalation == Escalation::Step && most.is_some_and(|most| most < self.levels.len()) {
            let reason = "an item has fewer notices than there are levels, and rises one by one";
            into.push(doubt("max_notices_below_levels", &format!("{path}.max_notices"), reason, ""));
        }
        let of_the_item = self.levels.iter().all(|level| level.count_from == CountFrom::DueDate);
        let last = self.levels.last().map_or(0, |level| level.days);
        if of_the_item && self.minimum_days.is_some_and(|least| least > last) {
            let reason = "nobody is dunned before the last level is reached";
            into.push(doubt("minimum_days_above_levels", &format!("{path}.minimum_days"), reason, ""));
        }
    }

    fn doubts(&self, level: &Level, before: Option<&Level>, next: Option<&Level>, path: &str, into: &mut Vec<Warning>) {
        let same_start = |other: &&Level| other.count_from == level.count_from;
        if self.escalation == Escalation::Jump && next.filter(same_start).is_some_and(|next| next.days == level.days) {
            into.push(doubt("unreachable_level", path, "the next level is reached on the same day", ""));
        }
        let of_notice = matches!(level.count_from, CountFrom::LastNotice | CountFrom::LastNoticeDue);
        if self.escalation == Escalation::Jump && of_notice && before.is_some() {
            let reason = "without a notice it counts from the due date, so that it may be the first";
            into.push(doubt("jump_over_last_notice", path, reason, ""));
        }
        let within_grace = (1..i64::from(self.grace_days)).contains(&level.days.into());
        if of_notice && before.is_none() {
            let reason = "nothing was sent before the first level, so that it counts from the due date";
            into.push(doubt("first_after_notice", path, reason, ""));
        }
        if self.grace == Grace::Threshold && level.count_from == CountFrom::DueDate && within_grace {
            let reason = "the days of grace are longer";
            into.push(doubt("grace_above_level", &format!("{path}.days"), reason, ""));
        }
        let repeats = level.always || (next.is_none() && self.after_last == AfterLast::Repeat);
        let of_the_item = matches!(level.count_from, CountFrom::DueDate | CountFrom::EndOfMonth);
        if repeats && self.interval_days == 0 && (of_the_item || level.days <= 0) {
            into.push(doubt("repeats_daily", path, "it is repeated on every day, without an interval", ""));
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

impl Procedure {
    /// Business days that are all days.
    fn counts_all_days(&self, path: &str, into: &mut Vec<Warning>) {
        let counts = [
            (self.count, "count"),
            (self.interval_count, "interval_count"),
            (self.pay_within_count, "pay_within_count"),
        ];
        for (_, name) in counts.into_iter().filter(|(count, _)| *count == CountedDays::BusinessDays) {
            let reason = "without a weekend and holidays all days are business days";
            into.push(doubt("every_day_counts", &format!("{path}.{name}"), reason, ""));
        }
    }

    /// A term that the next notice may come before.
    fn doubts_of_term(&self, level: &Level, next: Option<&Level>, week: &Week, path: &str, into: &mut Vec<Warning>) {
        let (Some(within), Some(next), Escalation::Step) = (level.pay_within_days, next, self.escalation) else {
            return;
        };
        let path = format!("{path}.pay_within_days");
        let term = (within.into(), self.pay_within_count);
        let of_due = |level: &Level| level.count_from == CountFrom::DueDate;
        let apart = i64::from(next.days).saturating_sub(level.days.into());
        if of_due(next) && of_due(level) && week.is_longer(term, (apart, self.count)) {
            into.push(doubt("notice_while_term_runs", &path, "the next level comes before its term is over", ""));
        } else if matches!(next.count_from, CountFrom::DueDate | CountFrom::EndOfMonth)
            && week.is_longer(term, (self.interval_days.into(), self.interval_count))
        {
            let reason = "what was held or learnt late has the next level before its term is over, without an interval";
            into.push(doubt("interval_below_term", &path, reason, ""));
        }
    }
}

/// A week by how many of its days are the weekend.
struct Week {
    weekend: usize,
}

impl Week {
    /// Whether so many days of a kind are more than so many of another: as such where they are of one kind, else by the calendar
    /// days that they last at least.
    fn is_longer(&self, one: (i64, CountedDays), other: (i64, CountedDays)) -> bool {
        if one.1 == other.1 { one.0 > other.0 } else { self.lasts(one) > self.lasts(other) }
    }

    fn lasts(&self, (days, count): (i64, CountedDays)) -> i64 {
        let weekend = i64::try_from(self.weekend).unwrap_or(0);
        match count {
            CountedDays::CalendarDays => days,
            CountedDays::BusinessDays => {
                let weeks = days.checked_div(7_i64.saturating_sub(weekend)).unwrap_or(0);
                weeks.saturating_mul(weekend).saturating_add(days)
            }
        }
    }
}

/// What a reminder may cost by law: the currency, the amount, and how many may.
const LIMITS: &[(&str, i128, usize, &str)] = &[
    ("DKK", 100, 3, "Denmark, Interest Act, section 9b: DKK 100 for each of at most three reminders, 10 days apart"),
    ("SEK", 60, 99, "Sweden, Act 1981:739, section 4: SEK 60 for a reminder"),
];

/// The tiers of a fee with which it may come to more than an amount: with its percentage as far as no bound holds it, and where
/// tiers are accumulated with those below.
fn tiers_above(fee: &FeePolicy, entry: &FeeInCurrency, most: Exact) -> Vec<usize> {
    let mut sum = Some(Exact::ZERO);
    let mut above = Vec::new();
    for (at, tier) in entry.tiers.iter().enumerate() {
        let next = entry.tiers.get(at.saturating_add(1)).map(|next| next.from);
        let accumulates = fee.mode == FeeMode::Accumulated;
        let part = match (tier.percent.units(), next) {
            (0, _) => Some(Exact::ZERO),
            (_, None) => None,
            (_, Some(next)) if accumulates => next.minus(tier.from),
            (_, Some(next)) => Some(next),
        };
        let whole = part.and_then(|part| tier.amount.plus(part.percent(tier.percent)?));
        let bounded = match (whole, tier.maximum) {
            (Some(whole), Some(maximum)) => Some(whole.min(maximum)),
            (whole, maximum) => whole.or(maximum),
        };
        let own = bounded.map(|bounded| tier.minimum.map_or(bounded, |minimum| bounded.max(minimum)));
        sum = match accumulates {
            true => sum.zip(own).and_then(|(sum, own)| sum.plus(own)),
            false => own,
        };
        if sum.is_none_or(|sum| sum > most) {
            above.push(at);
        }
    }
    above
}

impl Level {
    /// Fees beyond what a law lets a creditor charge for a reminder.
    fn fees_above_law(&self, at: usize, procedure: &Procedure, path: &str, into: &mut Vec<Warning>) {
        for (fee, name) in [(&self.notice_fee, "notice_fee"), (&self.line_fee, "line_fee")] {
            let Some(fee) = fee else { continue };
            for (entry_at, entry) in fee.currencies.iter().enumerate() {
                let Some((code, most, times, source)) = LIMITS.iter().find(|(code, ..)| *code == entry.currency) else {
                    continue;
                };
                let path = format!("{path}.{name}.currencies[{entry_at}]");
                let charges = |level: &Level| {
                    let mut fees = level.notice_fee.iter().chain(&level.line_fee);
                    fees.any(|fee| fee.of_currency(code).is_some())
                };
                let before = procedure.levels.iter().take(at).filter(|level| charges(level)).count();
                if before >= *times {
                    into.push(doubt("legal_limit", &path, "more reminders cost a fee than may", source));
                }
                for tier in tiers_above(fee, entry, Exact::from_integer(*most)) {
                    into.push(doubt(
                        "legal_limit",
                        &format!("{path}.tiers[{tier}]"),
                        "more than a reminder may cost",
                        source,
                    ));
                }
            }
        }
    }

    fn fees_above_custom(&self, path: &str, into: &mut Vec<Warning>) {
        let most = Exact::new(250, 2);
        for (fee, name) in [(&self.notice_fee, "notice_fee"), (&self.line_fee, "line_fee")] {
            let Some(fee) = fee else { continue };
            for (at, entry) in fee.currencies.iter().enumerate() {
                if entry.currency == "EUR" {
                    for tier in tiers_above(fee, entry, most) {
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
