//! The dunning policy of the examples, and its reasons in words.

use ar_core::dunning::DunningPolicy;
use ar_core::facade::dunning_policy;

/// The policy of the sample's wholesaler: a friendly note, two reminders, the hand-over.
pub const POLICY: &str = include_str!("../policies/dunning.json");

/// [`POLICY`], proved well-formed.
///
/// # Errors
/// In words, when the file was changed and is refused.
pub fn policy() -> Result<DunningPolicy, String> {
    dunning_policy(POLICY).map_err(|refused| format!("policies/dunning.json: {refused}"))
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
        "minimum_days" => "nothing of the customer is late enough",
        "below_minimum" => "too little for a notice",
        "nothing_to_claim" => "the customer's credits are as much",
        "refused" => "taken out by hand",
        other => other,
    }
}
