//! The rows that are drawn.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::{Content, PictureKnown, PicturePolicy, colour};
use crate::aging::{AgingReport, AgingRow, Where, age};
use crate::calendar::Day;
use crate::credit::{ExposurePer, ExposureRow};
use crate::ledger::View;
use crate::money::ratio_text;
use crate::problem::Refused;

pub(super) type Row = Map<String, Value>;

/// A row of names and values.
pub(super) fn row<const N: usize>(fields: [(&str, Value); N]) -> Row {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub(super) fn where_currency(policy: &PicturePolicy) -> Where {
    policy.currency.iter().map(|currency| (String::from("currency"), vec![currency.clone()])).collect()
}

/// The end of each month before the view's day, and that day: as many as there shall be, the earliest first.
fn days(view: &View, months: u32) -> Vec<Day> {
    let last = view.day();
    let back = |count: u32| {
        let count = i32::try_from(count).ok()?;
        Some(last.start_of_month().plus_months(count.checked_neg()?)?.end_of_month())
    };
    let before = (1..months).rev().filter_map(back);
    before.chain([last]).collect()
}

pub(super) fn aging_over_time(view: &View, policy: &PicturePolicy) -> Result<Content, Refused> {
    let filter = where_currency(policy);
    let mut reports: Vec<(Day, AgingReport)> = Vec::new();
    for day in days(view, policy.months) {
        let known = match (policy.known, view.known_on()) {
            (PictureKnown::Now, known) => known,
            (PictureKnown::Then, known) => Some(known.map_or(day, |known| known.min(day))),
        };
        reports.push((day, age(&view.on_day(day, known), &policy.aging, &[], &filter)?));
    }
    let labels = reports.last().map(|(_, report)| report.labels()).unwrap_or_default();
    let totals: Vec<(Day, Vec<AgingRow>)> = reports.into_iter().map(|(day, report)| (day, report.totals())).collect();
    let mut currencies: Vec<(&str, Decimal)> = Vec::new();
    for total in totals.iter().flat_map(|(_, totals)| totals) {
        if !currencies.iter().any(|(currency, _)| *currency == total.currency) {
            let mut zero = Decimal::ZERO;
            zero.rescale(total.total.scale());
            currencies.push((&total.currency, zero));
        }
    }
    currencies.sort_unstable();
    let mut values = Vec::new();
    for (currency, zero) in currencies {
        for (day, totals) in &totals {
            let total = totals.iter().find(|total| total.currency == currency);
            for (place, label) in labels.iter().enumerate() {
                let open = total.and_then(|total| total.buckets.get(place)).copied().unwrap_or(zero);
                values.push(row([
                    ("day", json!(day.to_string())),
                    ("currency", json!(currency)),
                    ("bucket", json!(label)),
                    ("place", json!(place)),
                    ("open", json!(open.to_string())),
                ]));
            }
        }
    }
    let subtitle = match policy.known {
        PictureKnown::Now => match view.known_on() {
            None => String::from("as of each day, with all that is known"),
            Some(known) => format!("as of each day, as known on {known}"),
        },
        PictureKnown::Then => String::from("as of each day, as known on it"),
    };
    let colours = colour::of_buckets(&policy.aging, &labels);
    Ok(Content { title: String::from("Open receivables by age"), subtitle, values, colours })
}

pub(super) fn concentration(view: &View, policy: &PicturePolicy) -> Result<Content, Refused> {
    let by = [String::from("customer")];
    let report = age(view, &policy.aging, &by, &where_currency(policy))?;
    let mut rows: Vec<AgingRow> = report.rows().into_iter().filter(|row| row.total > Decimal::ZERO).collect();
    let named = |row: &AgingRow| row.by.first().cloned().unwrap_or_default();
    rows.sort_by_cached_key(|row| (row.currency.clone(), Reverse(row.total), named(row)));
    let mut values = Vec::new();
    let owing = rows.iter().map(named).collect::<BTreeSet<_>>().len();
    for panel in rows.chunk_by(|a, b| a.currency == b.currency) {
        // Amounts of one currency have one scale.
        let whole: i128 = panel.iter().map(|row| row.total.mantissa()).fold(0, i128::saturating_add);
        let mut sum: i128 = 0;
        for (at, owed) in panel.iter().enumerate() {
            sum = sum.saturating_add(owed.total.mantissa());
            let rank = at.saturating_add(1);
            // The last point is that of all.
            if rank > usize::try_from(policy.top).unwrap_or(usize::MAX) && rank != panel.len() {
                continue;
            }
            values.push(row([
                ("currency", json!(owed.currency)),
                ("rank", json!(rank)),
                ("customer", json!(named(owed))),
                ("open", json!(owed.total.to_string())),
                ("share", json!(ratio_text(sum, whole, 4))),
            ]));
        }
    }
    let subtitle = format!("{owing} that owe, as of {}: how much the largest of them owe together", view.day());
    Ok(Content { title: String::from("Concentration"), subtitle, values, colours: Vec::new() })
}

pub(super) fn exposure(view: &View, policy: &PicturePolicy) -> Result<Content, Refused> {
    // Refuses a currency that nobody has, as the other pictures do.
    age(view, &policy.aging, &[], &where_currency(policy))?;
    let mut rows = view.exposure(&policy.credit, policy.per, None)?.rows();
    rows.retain(|row| policy.currency.as_ref().is_none_or(|currency| *currency == row.currency));
    rows.sort_by_cached_key(|row| (row.currency.clone(), Reverse(row.exposure), row.customer.clone()));
    let standing = |row: &ExposureRow| match row.limit {
        None => "without a limit",
        Some(limit) if row.exposure > limit => "above its limit",
        Some(_) => "within its limit",
    };
    let mut values = Vec::new();
    for panel in rows.chunk_by(|a, b| a.currency == b.currency) {
        for (place, exposed) in panel.iter().take(usize::try_from(policy.top).unwrap_or(usize::MAX)).enumerate() {
            values.push(row([
                ("currency", json!(exposed.currency)),
                ("place", json!(place)),
                ("customer", json!(exposed.customer)),
                ("exposure", json!(exposed.exposure.to_string())),
                ("limit", json!(exposed.limit.map(|limit| limit.to_string()))),
                ("standing", json!(standing(exposed))),
            ]));
        }
    }
    let whose = match policy.per {
        ExposurePer::Customer => "customers",
        ExposurePer::Family => "families",
    };
    let subtitle = format!("the largest {whose}, as of {}", view.day());
    Ok(Content { title: String::from("Exposure against limit"), subtitle, values, colours: Vec::new() })
}
