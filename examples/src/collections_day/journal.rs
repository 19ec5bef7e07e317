//! What a settlement changes on the control accounts: plain sums over the facts that post it.
//!
//! The general ledger has the day's cash from the bank. What it cannot have yet is what the settlement lets go (a discount,
//! a write-off) and what it moves where a credit pays an item of another control account.

use std::collections::BTreeMap;

use ar_core::aging::ControlBalance;
use ar_core::ledger::View;
use ar_core::ledger::fact::Facts;
use rust_decimal::Decimal;

/// Company, control account, currency.
pub type Place = (String, String, String);

/// A sum to book on a control account: above zero adds to receivables.
pub struct Posting {
    pub place: Place,
    /// The kind of difference, or `moved`.
    pub kind: String,
    pub amount: Decimal,
}

pub fn postings(view: &View, facts: &Facts) -> Vec<Posting> {
    let mut known: BTreeMap<String, (Place, bool)> = BTreeMap::new();
    for item in view.open_items() {
        let place = (item.company, item.control_account, item.currency);
        known.entry(item.document).or_insert((place, item.open > Decimal::ZERO));
    }
    let mut sums: BTreeMap<(Place, String), Decimal> = BTreeMap::new();
    let mut add = |place: &Place, kind: &str, amount: Decimal| {
        *sums.entry((place.clone(), kind.to_owned())).or_default() += amount;
    };
    for row in &facts.differences {
        if let Some((place, debit)) = known.get(&row.document) {
            add(place, &row.kind, if *debit { -row.amount } else { row.amount });
        }
    }
    for row in &facts.allocations {
        if let (Some((credit, _)), Some((debit, _))) = (known.get(&row.credit), known.get(&row.debit))
            && credit != debit
        {
            add(credit, "moved", row.amount);
            add(debit, "moved", -row.debit_amount.unwrap_or(row.amount));
        }
    }
    let all = sums.into_iter().filter(|(_, amount)| !amount.is_zero());
    all.map(|((place, kind), amount)| Posting { place, kind, amount }).collect()
}

/// The sum of the postings on one control account.
pub fn on(postings: &[Posting], place: &Place) -> Decimal {
    postings.iter().filter(|posting| posting.place == *place).map(|posting| posting.amount).sum()
}

/// The place of a balance.
pub fn place(balance: &ControlBalance) -> Place {
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    (own(&balance.company), own(&balance.control_account), balance.currency.clone())
}

/// The balances with the postings booked on them; an account that the general ledger does not name begins at zero.
pub fn booked(said: &[ControlBalance], postings: &[Posting]) -> Vec<ControlBalance> {
    let mut all = said.to_vec();
    for posting in postings {
        match all.iter_mut().find(|balance| place(balance) == posting.place) {
            Some(balance) => balance.balance += posting.amount,
            None => {
                let (company, control_account, currency) = posting.place.clone();
                all.push(ControlBalance {
                    company: Some(company),
                    control_account: Some(control_account),
                    currency,
                    balance: posting.amount,
                });
            }
        }
    }
    all
}
