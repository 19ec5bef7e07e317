//! In which currency, and how much is it there? The figure of each item, and of what is part of it.

use rustc_hash::FxHashMap;

use super::fold::NO_GROUP;
use super::group::Groups;
use super::policy::AgingCurrency;
use crate::ledger::View;
use crate::ledger::exchange::Rate;
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::NO_BASE;
use crate::money::{Minor, Rounding, multiply_divide};
use crate::problem::{Problem, Refused};

/// The currency of the figures of each account; empty when it is the account's own, `NONE` when there is none.
pub(crate) fn currency_by_account(view: &View, currency: AgingCurrency) -> Vec<u32> {
    if currency == AgingCurrency::Document {
        return Vec::new();
    }
    let mut of_company: FxHashMap<u32, u32> = FxHashMap::default();
    let base = |company: u32| view.store.base_currency(company).unwrap_or(NONE);
    let accounts = view.store.accounts.all();
    accounts.map(|account| *of_company.entry(account.company).or_insert_with(|| base(account.company))).collect()
}

/// What each item is in the currency of the figures, and the pending receipts of each account.
#[derive(Debug)]
pub(super) struct Figures {
    /// By account; see [`currency_by_account`].
    pub currency: Vec<u32>,
    converted: Option<Converted>,
}

#[derive(Debug)]
struct Converted {
    /// By item; 0 for those that are not let in.
    open: Vec<Minor>,
    /// (account, figure), one a document, in account order.
    receipts: Vec<(u32, i128)>,
}

impl Figures {
    /// Converts the items that are in a group, and the receipts of the accounts let in.
    pub(super) fn new(
        view: &View,
        policy: AgingCurrency,
        currency: Vec<u32>,
        groups: &Groups,
        mut lets_receipts_in: impl FnMut(u32) -> bool,
    ) -> Result<Self, Refused> {
        if policy == AgingCurrency::Document {
            return Ok(Self { currency, converted: None });
        }
        let base_of_items = if policy == AgingCurrency::Base { view.base_open() } else { Vec::new() };
        let mut converter = Converter { view, policy, currency: &currency, rates: FxHashMap::default() };
        let mut open = vec![0; view.items.len()];
        let items = view.items.account.iter().zip(&view.items.open).zip(open.iter_mut()).enumerate();
        for (item, ((account, minor), slot)) in items {
            if groups.of_item(item, *account) != NO_GROUP {
                let base = base_of_items.get(item).copied().unwrap_or(NO_BASE);
                *slot = converter.figure(*account, *minor, base)?;
            }
        }
        let mut of_accounts = Vec::new();
        for receipt in view.pending_receipt_documents() {
            if lets_receipts_in(receipt.account) {
                let figure = converter.figure(receipt.account, receipt.amount, receipt.base)?;
                of_accounts.push((receipt.account, i128::from(figure)));
            }
        }
        Ok(Self { currency, converted: Some(Converted { open, receipts: of_accounts }) })
    }

    /// The figure of every item.
    pub(super) fn open<'a>(&'a self, view: &'a View) -> &'a [Minor] {
        match &self.converted {
            None => &view.items.open,
            Some(converted) => &converted.open,
        }
    }

    /// A part of an item, given in its own currency.
    pub(super) fn part(&self, view: &View, item: usize, part: Minor) -> Minor {
        let Some(converted) = &self.converted else { return part };
        let figure = converted.open.get(item).copied().unwrap_or(0);
        let open = view.items.open.get(item).copied().unwrap_or(0);
        multiply_divide(i128::from(figure), i128::from(part), i128::from(open), Rounding::HalfAwayFromZero)
            .and_then(|part| Minor::try_from(part).ok())
            .unwrap_or(0)
    }

    /// Pending receipts as (account, figure).
    pub(super) fn receipts(&self, view: &View) -> Vec<(u32, i128)> {
        match &self.converted {
            None => view.pending_receipts(),
            Some(converted) => converted.receipts.clone(),
        }
    }

    /// The currency of the figures of an account: its number, code and digits.
    pub(super) fn currency_of(&self, view: &View, account: u32) -> u32 {
        match self.currency.get(place(account)) {
            Some(currency) => *currency,
            None => view.store.account(account).currency,
        }
    }
}

struct Converter<'a> {
    view: &'a View,
    policy: AgingCurrency,
    currency: &'a [u32],
    rates: FxHashMap<(u32, u32), Rate>,
}

impl Converter<'_> {
    fn figure(&mut self, account: u32, minor: Minor, base: Minor) -> Result<Minor, Refused> {
        let to = self.currency.get(place(account)).copied().unwrap_or(NONE);
        if self.policy == AgingCurrency::Base {
            if to == NONE || base == NO_BASE {
                let reason = "expected a base amount of every document that is aged";
                return Err(Problem::new("base_amount_missing", reason).into());
            }
            return Ok(base);
        }
        let from = self.view.store.account(account).currency;
        if from == to {
            return Ok(minor);
        }
        let rate = match self.rates.get(&(from, to)) {
            Some(rate) => *rate,
            None => {
                let rate = self.view.exchange(from, to)?;
                self.rates.insert((from, to), rate);
                rate
            }
        };
        Ok(rate.apply(minor)?)
    }
}
