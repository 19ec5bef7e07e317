//! Clearing the account: all debits, or all that are late, when a credit pays just that.

use crate::allocation::filter::at;
use crate::settlement::clear::{Clearing, Work};
use crate::settlement::policy::SettlementStrategy::{self, PastDueBalance, WholeBalance};

pub(super) fn whole(work: &mut Work<'_, '_>, payer: usize) {
    let claims = work.desk.settable();
    clear_all(work, payer, &claims, WholeBalance);
}

pub(super) fn past_due(work: &mut Work<'_, '_>, payer: usize) {
    let today = work.view.day().number();
    let mut claims = work.desk.settable();
    claims.retain(|claim| at(&work.desk.claims, *claim).is_some_and(|claim| claim.due < today));
    clear_all(work, payer, &claims, PastDueBalance);
}

fn clear_all(work: &mut Work<'_, '_>, payer: usize, claims: &[u32], strategy: SettlementStrategy) {
    let set = work.priced_of(payer, claims);
    let Some(how) = work.clearing(payer, &set, strategy, false) else { return };
    if matches!(how, Clearing::Over) && !work.over_is_within(payer, &set, strategy) {
        return;
    }
    let (first, base) = (work.made.lines.len(), work.desk.purse(payer));
    work.clear(payer, &set, &how, strategy);
    if matches!(how, Clearing::Over) {
        work.close_over(payer, first, base, strategy);
    }
}
