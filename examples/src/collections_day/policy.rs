//! How the day's cash is settled: the policy of `examples/python/settle_month.py`, so that both show the same figures.

use std::collections::BTreeMap;

use ar_core::calendar::Day;
use ar_core::ledger::View;
use ar_core::ledger::fact::{Discount, Facts};
use ar_core::money::Exact;
use ar_core::settlement::{
    DiscountPolicy, LateDiscount, Scope, SettlementPolicy, SettlementStrategy, Side, ToleranceKind, ToleranceLimit,
    TolerancePolicy,
};
use rust_decimal::Decimal;

/// The mapping of the sample ledger, whose documents offer no discount of their own.
pub const SAMPLE: &str = "sample";

/// All accounts of a customer in a company together. A discount in time is taken, one up to a week late is asked about. A
/// payment that is short by no more than 3 percent and 50.00 closes the item all the same, and what is missing is written off.
pub fn policy() -> SettlementPolicy {
    let limit = |currency: &str| ToleranceLimit {
        side: Side::Under,
        currency: Some(currency.to_owned()),
        amount: Some(Exact::from_integer(50)),
        percent: Some(Exact::from_integer(3)),
        ..ToleranceLimit::default()
    };
    SettlementPolicy {
        id: String::from("month end"),
        scope: Scope::Customer,
        strategies: vec![SettlementStrategy::Reference, SettlementStrategy::ExactAmount, SettlementStrategy::Subset],
        discount: Some(DiscountPolicy { late: LateDiscount::Asked, grace_days: 7, ..DiscountPolicy::default() }),
        tolerance: Some(TolerancePolicy {
            limits: ["EUR", "GBP", "USD"].map(limit).to_vec(),
            kind: ToleranceKind::WriteOff,
            reason: String::from("short payment"),
            ..TolerancePolicy::default()
        }),
        ..SettlementPolicy::default()
    }
}

/// 2 percent within 10 days on every open invoice: what the sample's wholesaler offers.
pub fn offers(view: &View) -> Facts {
    let mut facts = Facts::default();
    let invoices = view.open_items().into_iter().filter(|item| item.kind == "invoice");
    let dated: BTreeMap<_, _> = invoices.map(|item| (item.document, item.document_date)).collect();
    for (document, date) in dated {
        let until = Day::try_from(date).ok().and_then(|date| date.plus_days(10));
        facts.discounts.extend(until.map(|until| Discount {
            document,
            until: until.to_naive_date(),
            percent: Some(Decimal::TWO),
            ..Discount::default()
        }));
    }
    facts
}
