//! Oldest due first and nothing else, over everything: one pass over sorted items, without a text and without a queue.
//!
//! The general way gives the same list (`tests/allocation.rs`); this one is for a whole ledger at once. Open items stand
//! in due order already, so an account is a merge of its debits with its credits in credit order.

use super::desk::{Side, sort_credits};
use super::filter::{Filter, left_of_item};
use super::policy::{AllocationPolicy, Partial, Strategy};
use super::proposal::{Made, Reason};
use crate::ledger::View;
use crate::ledger::layers::count;
use crate::ledger::settings::InstalmentSign;
use crate::ledger::store::DocumentKind;
use crate::money::Minor;

/// Whether the pass gives what the policy asks for.
pub(super) fn can(view: &View, policy: &AllocationPolicy, filter: &Filter) -> bool {
    let all_pay = DocumentKind::ALL.iter().filter(|kind| kind.takes(-1)).all(|kind| policy.credit_kinds.contains(kind));
    policy.strategies.iter().all(|strategy| *strategy == Strategy::OldestDue)
        && policy.partial == Partial::Allowed
        && all_pay
        && !filter.looks_at_items()
        && view.store.settings.instalment_sign == InstalmentSign::Same
}

/// The lines and what stays on account.
pub(super) fn made(view: &View, policy: &AllocationPolicy, filter: &Filter) -> Made {
    let mut made = Made::default();
    let mut credits: Vec<Side> = Vec::new();
    let pending = !view.marks().pending.is_empty();
    let left = |item: usize, open: Minor| if pending { left_of_item(view, item) } else { open.saturating_abs() };
    for (account, items) in view.accounts_in_order() {
        let (Some(open), Some(documents)) =
            (view.items.open.get(items.clone()), view.items.document.get(items.clone()))
        else {
            continue;
        };
        credits.clear();
        for ((item, open), document) in items.clone().zip(open).zip(documents) {
            if *open < 0 {
                let left = left(item, *open);
                if left > 0 {
                    credits.push(Side { item: count(item), document: *document, left });
                }
            }
        }
        if credits.is_empty() || !filter.lets_in(view.store.account(account)) {
            continue;
        }
        sort_credits(view, policy.credit_order, &mut credits);
        let mut debits =
            items.zip(open).filter(|(_, open)| **open > 0).map(|(item, open)| (count(item), left(item, *open)));
        let mut debit = debits.find(|(_, left)| *left > 0);
        for credit in &mut credits {
            while let Some((item, due)) = debit {
                let amount = credit.left.min(due);
                made.line(credit.item, item, amount, Strategy::OldestDue);
                // Neither wraps: both are at least the amount, which is above zero.
                credit.left = credit.left.wrapping_sub(amount);
                let rest = due.wrapping_sub(amount);
                debit = if rest > 0 { Some((item, rest)) } else { debits.find(|(_, left)| *left > 0) };
                if credit.left == 0 {
                    break;
                }
            }
        }
        let reason = if debit.is_some() { Reason::NoMatch } else { Reason::NoOpenDebit };
        for credit in credits.iter().filter(|credit| credit.left > 0) {
            made.unapplied(credit.item, credit.left, reason);
        }
    }
    made
}
