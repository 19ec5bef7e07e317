//! Pictures of how things went: days of sales outstanding month by month, and what became of what was open.

use std::collections::BTreeMap;

use serde_json::json;

use super::rows::{row, where_currency};
use super::{Content, PicturePolicy};
use crate::aging::{AgingCurrency, AgingPolicy};
use crate::calendar::Day;
use crate::kpi::{Kpi, KpiPolicy};
use crate::ledger::View;
use crate::money::ratio_text;
use crate::problem::{Problem, Refused};
use crate::provision::{LossMethod, LossRatePolicy};

/// What each figure is called in the picture.
const DSO: [(Kpi, &str); 2] = [(Kpi::DsoSimple, "days sales outstanding"), (Kpi::DsoBestPossible, "best possible")];

pub(super) fn dso(view: &View, policy: &PicturePolicy) -> Result<Content, Refused> {
    let asked = KpiPolicy {
        kpis: DSO.iter().map(|(kpi, _)| *kpi).collect(),
        series_months: policy.months,
        ratings: Vec::new(),
        ..policy.kpi.clone()
    };
    let mut rows = view.kpis(&asked, &[], &where_currency(policy))?.rows();
    rows.sort_by(|a, b| (&a.currency, a.to).cmp(&(&b.currency, b.to)));
    let mut values = Vec::new();
    for measured in &rows {
        for ((_, name), value) in DSO.iter().zip(&measured.values) {
            values.push(row([
                ("day", json!(measured.to.to_string())),
                ("currency", json!(measured.currency)),
                ("figure", json!(name)),
                ("days", json!(value.value)),
                ("undefined", json!(value.undefined)),
            ]));
        }
    }
    let months = policy.kpi.months;
    let window = window_of(months);
    let subtitle = format!("by the sales of {window} until each day; between the lines lies what is overdue");
    Ok(Content { title: String::from("Days sales outstanding"), subtitle, values, colours: Vec::new() })
}

fn window_of(months: u32) -> String {
    if months == 1 { String::from("the month") } else { format!("the {months} months") }
}

pub(super) fn days_to_pay(view: &View, policy: &PicturePolicy) -> Result<Content, Refused> {
    let found = view.days_to_pay(&policy.kpi, &where_currency(policy))?;
    let mut whole: BTreeMap<&str, i128> = BTreeMap::new();
    for ((currency, _), invoices) in &found {
        let sum = whole.entry(currency).or_default();
        *sum = sum.saturating_add((*invoices).into());
    }
    let mut values = Vec::new();
    let mut so_far: BTreeMap<&str, i128> = BTreeMap::new();
    for ((currency, days), invoices) in &found {
        let sum = so_far.entry(currency).or_default();
        *sum = sum.saturating_add((*invoices).into());
        let all = whole.get(currency.as_str()).copied().unwrap_or(0);
        values.push(row([
            ("currency", json!(currency)),
            ("days", json!(i64::try_from(*days).unwrap_or(i64::MAX))),
            ("invoices", json!(invoices)),
            ("share_so_far", json!(ratio_text(*sum, all, 4))),
        ]));
    }
    let window = window_of(policy.kpi.months);
    let subtitle = format!("invoices cleared with money in {window} until {}, from their date to that day", view.day());
    Ok(Content { title: String::from("Days to pay"), subtitle, values, colours: Vec::new() })
}

/// The first day of the month that many months before that of a day, itself counted.
fn months_back(day: Day, months: u32) -> Result<Day, Refused> {
    let back = i32::try_from(months).ok().and_then(|months| 1_i32.checked_sub(months));
    let first = back.and_then(|back| day.start_of_month().plus_months(back));
    first.ok_or_else(|| {
        let reason = format!("expected a day with {months} months before it, got {day}");
        Problem::new("impossible_date", reason).field("months").into()
    })
}

pub(super) fn roll_rates(view: &View, policy: &PicturePolicy) -> Result<Content, Refused> {
    let from = months_back(view.day(), policy.months)?;
    let aging = AgingPolicy { currency: AgingCurrency::Document, ..policy.aging.clone() };
    let asked = LossRatePolicy {
        method: LossMethod::RollRates,
        filter: where_currency(policy),
        ..LossRatePolicy::of(aging, from)
    };
    let found = view.loss_rates(&asked)?;
    let mut values = Vec::new();
    for moves in found.moves.chunk_by(|a, b| (&a.currency, &a.from) == (&b.currency, &b.from)) {
        let whole: i128 = moves.iter().map(|one| one.amount.mantissa()).fold(0, i128::saturating_add);
        for one in moves {
            values.push(row([
                ("currency", json!(one.currency)),
                ("from", json!(one.from)),
                ("to", json!(one.to)),
                ("amount", json!(one.amount.to_string())),
                ("share", json!(ratio_text(one.amount.mantissa(), whole, 4))),
            ]));
        }
    }
    let subtitle = format!("what was open at each month's end since {from}, and where it was a month later");
    Ok(Content { title: String::from("Roll rates"), subtitle, values, colours: Vec::new() })
}
