//! The dunning policy of the examples, and its reasons in words.

use ar_core::calendar::Day;
use ar_core::dunning::DunningPolicy;
use ar_core::facade::dunning_policy;
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{Facts, Notice, NoticeLine};

/// The policy of the sample's wholesaler: a friendly note, two reminders, the hand-over.
pub const POLICY: &str = include_str!("../policies/dunning.json");

/// [`POLICY`], proved well-formed.
///
/// # Errors
/// In words, when the file was changed and is refused.
pub fn policy() -> Result<DunningPolicy, String> {
    dunning_policy(POLICY).map_err(|refused| format!("policies/dunning.json: {refused}"))
}

/// How many days of notices a ledger without any begins with.
pub const DAYS_BEFORE: i32 = 120;

/// The notices that a policy would have sent in the [`DAYS_BEFORE`] a day, as facts: as if it had been in use. What they
/// charge is not posted.
///
/// # Errors
/// In words: what the policy needs and the ledger lacks.
pub fn before(ledger: &Ledger, policy: &DunningPolicy, from: Day) -> Result<Facts, String> {
    let (start, end) = (from.plus_days(-DAYS_BEFORE), from.plus_days(-1));
    let (start, end) = start.zip(end).ok_or("there is no day so early")?;
    let sent = ledger.simulate_dunning(policy, start, end).map_err(|refused| refused.to_string())?;
    let mut facts = Facts::default();
    for (at, sent) in (1..).zip(sent.notices) {
        let (id, notice) = (format!("BEFORE-{at}"), sent.notice);
        let lines = notice.lines.into_iter().filter(|line| line.level > 0);
        facts.notice_lines.extend(lines.map(|line| NoticeLine {
            notice: id.clone(),
            document: line.document,
            instalment: (line.instalment != 0).then(|| i64::from(line.instalment)),
            level: i64::from(line.level),
            interest_until: line.interest_until,
        }));
        let filled = |text: String| (!text.is_empty()).then_some(text);
        facts.notices.push(Notice {
            id,
            customer: notice.customer,
            document: None,
            level: i64::from(notice.level),
            channel: filled(notice.channel),
            procedure: filled(notice.procedure),
            company: filled(notice.company),
            currency: Some(notice.currency),
            due_date: notice.due_date,
            effective: sent.day,
            recorded: None,
        });
    }
    Ok(facts)
}

/// Why an item is on no notice.
#[must_use]
pub fn why(reason: &str) -> &str {
    match reason {
        "out_of_scope" => "not what the policy reminds of, or too small",
        "no_procedure" => "the customer has no procedure",
        "quiet_day" => "nothing is sent on this day",
        "blocked" => "the customer is blocked",
        "held" => "on hold",
        "credit_ignored" => "a credit, left alone",
        "credit_covers" => "a credit: it covers what is owed",
        "credit_unlisted" => "a credit, and no notice to stand on",
        "requirement_missing" => "not payable yet: something is missing",
        "disputed" => "disputed",
        "in_plan" => "in a plan that is kept",
        "unfounded" => "a charge for what was paid by then, or is cancelled",
        "promised" => "promised for a later day",
        "in_flight" => "a receipt is on its way",
        "covered" => "covered by credits",
        "noticed_today" => "reminded of today already",
        "interval" => "the customer was written to a short while ago",
        "no_due_date" => "it has no due date",
        "not_due" => "not due",
        "in_grace" => "late, within the days of grace",
        "waiting" => "the next level is not reached yet",
        "last_level" => "the last level was sent",
        "max_notices" => "reminded of often enough",
        "rate_missing" => "older than the rates of interest",
        "minimum_days" => "nothing of the customer is late enough",
        "below_minimum" => "too little for a notice",
        "nothing_to_claim" => "the customer's credits are as much",
        "refused" => "taken out by hand",
        other => other,
    }
}
