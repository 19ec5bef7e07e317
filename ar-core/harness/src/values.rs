//! The verbs about single values: money, splits, due dates, days.

use ar_core::calendar::{BusinessCalendar, DayCount, Roll};
use ar_core::facade::{Cell, Day, Exact, Problem, Refused, import_text};
use ar_core::ledger::cell;
use ar_core::money::{self as moneys, Currencies, Currency, Minor, format_minor};
use ar_core::terms::{Instalment, Terms, TermsError};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{list, text};

fn at(field: &'static str) -> impl Fn(moneys::MoneyError) -> Refused {
    move |error| Problem::new(error.code(), error.to_string()).field(field).into()
}

fn invalid(field: &str) -> Refused {
    Problem::new("policy_invalid", "expected another value").field(field).into()
}

fn read<T: DeserializeOwned>(step: &Value, field: &str) -> Result<T, Refused> {
    serde_json::from_value(step.get(field).cloned().unwrap_or_default()).map_err(|_| invalid(field))
}

/// A day of a step.
pub(crate) fn day_of(step: &Value, field: &str) -> Result<Day, Refused> {
    let read =
        cell::day(Cell::Text(text(step, field).into())).map_err(|problem| Refused::from(problem.field(field)))?;
    read.ok_or_else(|| Problem::new("missing_field", "expected a day").field(field).into())
}

/// A policy by the name of its profile.
pub(crate) fn profile<T>(room: &str, name: &str, read: impl Fn(&str) -> Result<T, Refused>) -> Result<T, Refused> {
    read(ar_core::facade::profile(room, name)?)
}

/// A value as a case spells it, as the cell that a source would give.
fn spelled(value: &Value) -> Cell<'_> {
    let only = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next());
    match (value, only) {
        (Value::String(text), _) => Cell::Text(text.as_str().into()),
        (_, Some((kind, inner))) => match (kind.as_str(), inner) {
            ("float", _) => Cell::Float,
            ("nan", _) => Cell::NotANumber,
            ("bool", _) => Cell::Bool,
            ("int", inner) => {
                inner.as_i64().map_or(Cell::Other("a number"), |number| Cell::Integer(i128::from(number)))
            }
            ("datetime", inner) => Cell::Text(inner.as_str().unwrap_or("").into()),
            ("list", _) => Cell::Other("a list"),
            _ => Cell::Missing,
        },
        _ => Cell::Missing,
    }
}

pub(crate) fn money(currencies: &Currencies, step: &Value) -> Result<Value, Refused> {
    let currency = currencies.find(text(step, "currency")).map_err(at("currency"))?;
    let amount = cell::money(spelled(step.get("value").unwrap_or(&Value::Null)))
        .map_err(|problem| Refused::from(problem.field("value")))?
        .ok_or_else(|| Refused::from(Problem::new("missing_field", "expected a value").field("value")))?;
    let minor = amount.to_minor(currency.exponent).map_err(at("value"))?;
    Ok(json!({ "money": shown(minor, currency), "minor": minor.to_string() }))
}

fn shown(minor: Minor, currency: Currency) -> String {
    format_minor(i128::from(minor), currency.exponent)
}

fn minor(step: &Value, field: &'static str, currency: Currency) -> Result<Minor, Refused> {
    Exact::parse_minor(text(step, field), currency.exponent).map_err(at(field))
}

pub(crate) fn split(currencies: &Currencies, step: &Value) -> Result<Value, Refused> {
    let currency = currencies.find(text(step, "currency")).map_err(at("currency"))?;
    let weights: Option<Vec<u64>> = list(step, "weights").iter().map(Value::as_u64).collect();
    let weights = weights.filter(|weights| weights.iter().any(|w| *w > 0)).ok_or_else(|| invalid("weights"))?;
    let parts = moneys::split(minor(step, "amount", currency)?, &weights).ok_or_else(|| invalid("weights"))?;
    Ok(json!({ "parts": parts.iter().map(|part| shown(*part, currency)).collect::<Vec<_>>() }))
}

/// What the verbs of due dates are about.
struct Due {
    terms: Terms,
    day: Day,
    amount: Exact,
    currency: Currency,
    base: Option<(Exact, Currency)>,
}

fn due(settings: &Value, currencies: &Currencies, step: &Value) -> Result<Due, Refused> {
    let terms = match step.get("terms") {
        Some(Value::String(code)) => settings.get("terms").and_then(|all| all.get(code)).ok_or_else(|| {
            Refused::from(Problem::new("unknown_reference", "expected a code of the settings").field("terms"))
        })?,
        other => other.unwrap_or(&Value::Null),
    };
    let terms = Terms::from_json(&terms.to_string()).map_err(refused)?;
    terms.compile().map_err(refused)?;
    let currency = currencies.find(text(step, "currency")).map_err(at("currency"))?;
    let of = |key| step.get(key).and_then(Value::as_str);
    let missing = |field| Refused::from(Problem::new("missing_field", "expected both or neither").field(field));
    let base = match (of("base_amount"), of("base_currency")) {
        (None, None) => None,
        (None, Some(_)) => return Err(missing("base_amount")),
        (Some(_), None) => return Err(missing("base_currency")),
        (Some(amount), Some(code)) => Some((amount, currencies.find(code).map_err(at("base_currency"))?)),
    };
    let exact = |field: &'static str, text: &str, currency: Currency| {
        Exact::parse_minor(text, currency.exponent)
            .map(|minor| Exact::from_minor(minor, currency.exponent))
            .map_err(at(field))
    };
    let amount = exact("amount", text(step, "amount"), currency)?;
    let base = match base {
        None => None,
        Some((amount, base)) => Some((exact("base_amount", amount, base)?, base)),
    };
    Ok(Due { terms, day: day_of(step, "document_date")?, amount, currency, base })
}

fn refused(error: TermsError) -> Refused {
    let problem = Problem::new(error.code(), error.to_string());
    if error.field().is_empty() { problem.into() } else { problem.field(error.field()).into() }
}

impl Due {
    fn row(&self, instalment: &Instalment) -> serde_json::Map<String, Value> {
        let base = instalment.base_amount.zip(self.base).map(|(base, (_, currency))| shown(base, currency));
        let row = json!({
            "number": instalment.number, "due_date": instalment.due_date.to_string(),
            "amount": shown(instalment.amount, self.currency), "base_amount": base,
        });
        row.as_object().cloned().unwrap_or_default()
    }
}

pub(crate) fn due_dates(settings: &Value, currencies: &Currencies, step: &Value) -> Result<Value, Refused> {
    let due = due(settings, currencies, step)?;
    let all = ar_core::terms::schedule(&due.terms, due.day, due.amount, due.currency, due.base).map_err(refused)?;
    Ok(json!({ "instalments": all.iter().map(|one| due.row(one)).collect::<Vec<_>>() }))
}

pub(crate) fn explain_due_dates(settings: &Value, currencies: &Currencies, step: &Value) -> Result<Value, Refused> {
    let due = due(settings, currencies, step)?;
    let all = ar_core::terms::explain(&due.terms, due.day, due.amount, due.currency, due.base).map_err(refused)?;
    let rows = all.iter().map(|reason| {
        let mut row = due.row(&reason.instalment);
        let dates: Vec<Value> = reason
            .dates
            .iter()
            .map(|date| json!({ "rule": date.rule, "from": date.from.to_string(), "to": date.to.to_string() }))
            .collect();
        row.insert("line".into(), json!(reason.line));
        row.insert("repetition".into(), json!(reason.repetition));
        row.insert("dates".into(), json!(dates));
        row.insert("rule".into(), json!(reason.amount.rule));
        row.insert("of".into(), json!(shown(reason.amount.of, due.currency)));
        row.insert("share".into(), json!(reason.amount.share.map(|share| share.fraction())));
        row
    });
    Ok(json!({ "instalments": rows.collect::<Vec<_>>() }))
}

pub(crate) fn day_count(step: &Value) -> Result<Value, Refused> {
    let convention: DayCount = read(step, "convention")?;
    let (from, to) = (day_of(step, "from")?, day_of(step, "to")?);
    Ok(json!({ "days": convention.days(from, to), "fraction": convention.fraction(from, to).fraction() }))
}

pub(crate) fn discount_rates(step: &Value) -> Result<Value, Refused> {
    let days = |key| step.get(key).and_then(Value::as_i64).unwrap_or(i64::MIN);
    let rates = ar_core::facade::discount_rates(text(step, "percent"), days("discount_days"), days("net_days"))?;
    Ok(serde_json::to_value(rates).unwrap_or_default())
}

pub(crate) fn business_day(step: &Value) -> Result<Value, Refused> {
    let calendar = match step.get("calendar") {
        None | Some(Value::Null) => BusinessCalendar::default(),
        Some(_) => read(step, "calendar")?,
    };
    let calendar = calendar
        .compile()
        .map_err(|error| Refused::from(Problem::new(error.code(), error.to_string()).field("calendar.weekend")))?;
    let roll: Roll = read(step, "roll")?;
    let day = calendar.roll(day_of(step, "day")?, roll).ok_or_else(|| {
        Refused::from(Problem::new("impossible_date", "expected a day within years 1 to 9999").field("day"))
    })?;
    Ok(json!({ "day": day.to_string() }))
}

pub(crate) fn import(step: &Value) -> Result<Value, Refused> {
    let mapping = step.get("mapping").cloned().unwrap_or_default();
    let mapping = mapping.as_str().map_or_else(|| mapping.to_string(), str::to_owned);
    let imported = import_text(&mapping, text(step, "text").as_bytes())?;
    let facts = serde_json::to_value(&imported.facts).unwrap_or_default();
    let report = serde_json::to_value(&imported.report).unwrap_or_default();
    Ok(json!({ "facts": facts, "report": report }))
}
