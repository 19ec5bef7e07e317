//! How good was yesterday's forecast? Each day's forecast from what was known that day, beside what came, and beside the due dates.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::book::Book;
use super::cash::{CashForecast, Span, decimal, exponent};
use super::cash_policy::CashPolicy;
use super::coming::{Item, coming, paid_between};
use super::policy::PredictionPolicy;
use super::predict::{PredictionModel, knows_later, ratio};
use crate::aging::keys::{Filter, Key, Values, text};
use crate::calendar::Day;
use crate::ledger::{Ledger, View};
use crate::made_by::MadeBy;
use crate::problem::{Problem, Refused};

/// The most days that are looked at at once.
const MOST_DAYS: i32 = 400;

/// Forecasts beside what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastAccuracy {
    /// By day, then currency.
    pub rows: Vec<AccuracyRow>,
    /// By currency.
    pub totals: Vec<AccuracyTotal>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// A forecast of some days beside what came on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccuracyRow {
    /// The day on which it was made, with what was known then.
    pub day: NaiveDate,
    /// The first day that it is about.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
    /// The currency.
    pub currency: String,
    /// What was expected.
    pub expected: Decimal,
    /// The lowest quantile of the policy; none without quantiles.
    pub low: Option<Decimal>,
    /// The highest.
    pub high: Option<Decimal>,
    /// What receipts of these days brought for the items that were open on the day, as known now, whenever they were matched.
    pub actual: Decimal,
    /// What would have come had each customer paid on the due day, or the next banking day after it.
    pub by_due_date: Decimal,
}

/// What the rows of a currency come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccuracyTotal {
    /// The currency.
    pub currency: String,
    /// How many forecasts.
    pub forecasts: u32,
    /// The sum of what was expected.
    pub expected: Decimal,
    /// The sum of what came.
    pub actual: Decimal,
    /// The sum by due dates.
    pub by_due_date: Decimal,
    /// Expected less actual: above zero when too much was expected.
    pub bias: Decimal,
    /// The sum of the differences, each without its sign.
    pub error: Decimal,
    /// The bias of the forecast by due dates.
    pub due_date_bias: Decimal,
    /// The error of the forecast by due dates.
    pub due_date_error: Decimal,
    /// Of the forecasts with quantiles, the share in which what came lay from the lowest to the highest. **Unit**: a ratio
    /// with 4 digits.
    pub coverage: Option<Decimal>,
}

/// Sums of one currency in minor units.
#[derive(Default)]
struct Sums {
    forecasts: u32,
    expected: i128,
    actual: i128,
    due: i128,
    error: i128,
    due_error: i128,
    asked: u32,
    inside: u32,
}

/// One comparison in minor units.
struct Compared {
    span: (i32, i32, i32),
    currency: String,
    expected: i128,
    ends: Option<(i128, i128)>,
    actual: i128,
    due: i128,
}

impl Ledger {
    /// Forecasts from each day of a span beside what came on the days after it (`accuracy_days` of the policy).
    ///
    /// Each forecast sees the view of its day as it was known on that day, and nothing else. Days whose forecast reaches
    /// beyond the last recorded day are left out: what came is not known yet.
    ///
    /// # Errors
    /// `model_knows_later`, field `model`, for a model that learnt from what came or was recorded after the first day, or does
    /// not say by when what it learnt from was recorded; `impossible_date` for a
    /// span that ends before it begins; `limit_exceeded` for more than 400 days; those of a cash forecast.
    pub fn forecast_accuracy(
        &self,
        model: &PredictionModel,
        policy: &CashPolicy,
        from: Day,
        to: Day,
    ) -> Result<ForecastAccuracy, Refused> {
        policy.check()?;
        if to < from {
            let reason = format!("expected a day not before {from}, got {to}");
            return Err(Problem::new("impossible_date", reason).field("to").into());
        }
        if to.days_since(from) >= MOST_DAYS {
            let reason = format!("expected at most {MOST_DAYS} days");
            return Err(Problem::new("limit_exceeded", reason).field("to").into());
        }
        model.must_know_nothing_after(from)?;
        let ahead = i32::from(policy.accuracy_days);
        let known = self.last_recorded().map_or(i32::MIN, Day::number);
        let now = self.as_of(to);
        let mut all = Vec::new();
        for number in from.number()..=to.number().min(known.saturating_sub(ahead)) {
            let day = Day::new(number)?;
            let view = self.as_of_known(day, day);
            let (items, book) = coming(&view, model, policy)?;
            let span = Span::whole(number, ahead);
            for (currency, items) in by_currency(&view, items) {
                let told = view.told(&span, policy, &items.iter().collect::<Vec<_>>())?;
                let quantiles = told.quantiles.first().filter(|quantiles| quantiles.len() > 1);
                all.push(Compared {
                    span: (number, number + 1, number + ahead),
                    currency,
                    expected: told.expected.iter().sum(),
                    ends: quantiles.and_then(|all| Some((*all.first()?, *all.last()?))),
                    actual: actual(&items, &now, number, number + ahead),
                    due: due(&items, book.as_ref(), number + 1, number + ahead),
                });
            }
        }
        self.compared(all, MadeBy::policy(&policy.id, policy))
    }

    /// A forecast that was kept, beside what came: a row for each of its periods that is over and each currency, about the
    /// same items as the forecast was.
    ///
    /// # Errors
    /// `impossible_date` for a day that the engine does not have; `model_knows_later`, field `trained_on`, for a forecast by a
    /// model that was trained after its day, field `model_known_on`, by one that learnt from what was recorded after its `known_on`; those of money for an amount that its currency cannot have, table `totals`; `unknown_dimension`, `unknown_value` for a key, value or customer that the ledger
    /// does not have.
    pub fn compare_forecast(&self, forecast: &CashForecast) -> Result<ForecastAccuracy, Refused> {
        let day = Day::try_from(forecast.day)?;
        let trained_on = Day::try_from(forecast.trained_on)?;
        if trained_on > day {
            return Err(knows_later(day, trained_on, "trained_on"));
        }
        // A forecast that was narrowed to what was known on a day is made by a model that knew no more; of one that was not, the view
        // knew all.
        if let (Some(narrowed), Some(known_on)) = (forecast.known_on, forecast.model_known_on)
            && known_on > narrowed
        {
            return Err(knows_later(Day::try_from(narrowed)?, Day::try_from(known_on)?, "model_known_on"));
        }
        let known_on = forecast.known_on.map_or(Ok(day), Day::try_from)?;
        let view = match &forecast.customers {
            Some(customers) => self.customers_as_of(customers, day, known_on)?,
            None => self.as_of_known(day, known_on),
        };
        let (mut about, values) = (debts(&view), &mut Values::new(&view));
        let filter = Filter::read(&view, &forecast.filter)?;
        about.retain(|item| filter.lets_account_in(values, item.account) && filter.lets_item_in(values, item.at));
        let mut items: BTreeMap<String, Vec<Item>> = by_currency(&view, about).into_iter().collect();
        let known = self.last_recorded().map_or(i32::MIN, Day::number);
        let holidays = forecast.holidays.iter().map(|day| Day::try_from(*day)).collect::<Result<Vec<Day>, _>>()?;
        let policy = PredictionPolicy { holidays, ..Default::default() };
        let book = super::history::book(&view, &super::history::invoices(&view), &policy);
        let now = self.as_of(day);
        let mut all = Vec::new();
        for (index, row) in (0_u64..).zip(&forecast.totals) {
            let (from, to) = (Day::try_from(row.from)?, Day::try_from(row.to)?);
            if to.number() > known {
                continue;
            }
            let items = items.entry(row.currency.clone()).or_default();
            let exponent = exponent(&view, &row.currency);
            let minor = |amount: Decimal, field: &str| {
                let read = crate::money::Exact::from_decimal(amount).to_minor(exponent).map(i128::from);
                read.map_err(|error| Refused::from(error).at(Some("totals"), Some(index), field))
            };
            let ends = match (row.quantiles.first(), row.quantiles.last()) {
                (Some(low), Some(high)) if row.quantiles.len() > 1 => {
                    Some((minor(*low, "quantiles")?, minor(*high, "quantiles")?))
                }
                _ => None,
            };
            all.push(Compared {
                span: (day.number(), from.number(), to.number()),
                currency: row.currency.clone(),
                expected: minor(row.expected, "expected")?,
                ends,
                actual: actual(items, &now, from.number() - 1, to.number()),
                due: due(items, Some(&book), from.number(), to.number()),
            });
        }
        self.compared(all, forecast.made_by.clone())
    }

    /// Rows and totals of comparisons.
    fn compared(&self, all: Vec<Compared>, made_by: MadeBy) -> Result<ForecastAccuracy, Refused> {
        let view = self.as_of(self.last_recorded().unwrap_or(Day::new(0)?)).emptied();
        let mut rows = Vec::with_capacity(all.len());
        let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
        for one in all {
            let exponent = exponent(&view, &one.currency);
            let date = |day: i32| Day::new(day).map(Day::to_naive_date);
            let sum = sums.entry(one.currency.clone()).or_default();
            sum.forecasts += 1;
            sum.expected += one.expected;
            sum.actual += one.actual;
            sum.due += one.due;
            sum.error += (one.expected - one.actual).abs();
            sum.due_error += (one.due - one.actual).abs();
            if let Some((low, high)) = one.ends {
                sum.asked += 1;
                sum.inside += u32::from(low <= one.actual && one.actual <= high);
            }
            rows.push(AccuracyRow {
                day: date(one.span.0)?,
                from: date(one.span.1)?,
                to: date(one.span.2)?,
                currency: one.currency,
                expected: decimal(one.expected, exponent),
                low: one.ends.map(|ends| decimal(ends.0, exponent)),
                high: one.ends.map(|ends| decimal(ends.1, exponent)),
                actual: decimal(one.actual, exponent),
                by_due_date: decimal(one.due, exponent),
            });
        }
        let totals = sums.into_iter().map(|(currency, sum)| {
            let exponent = exponent(&view, &currency);
            AccuracyTotal {
                forecasts: sum.forecasts,
                expected: decimal(sum.expected, exponent),
                actual: decimal(sum.actual, exponent),
                by_due_date: decimal(sum.due, exponent),
                bias: decimal(sum.expected - sum.actual, exponent),
                error: decimal(sum.error, exponent),
                due_date_bias: decimal(sum.due - sum.actual, exponent),
                due_date_error: decimal(sum.due_error, exponent),
                coverage: (sum.asked > 0).then(|| ratio(f64::from(sum.inside) / f64::from(sum.asked))),
                currency,
            }
        });
        Ok(ForecastAccuracy { rows, totals: totals.collect(), made_by })
    }
}

/// The items by currency.
fn by_currency(view: &View, items: Vec<Item>) -> Vec<(String, Vec<Item>)> {
    let mut all: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for item in items {
        all.entry(text(&view.store, Key::Currency, item.currency).to_owned()).or_default().push(item);
    }
    all.into_iter().collect()
}

/// The debts of a view without forecasts.
fn debts(view: &View) -> Vec<Item> {
    super::coming::debts(view, &mut Default::default())
}

fn actual(items: &[Item], now: &View, from: i32, to: i32) -> i128 {
    paid_between(items, now, from, to).iter().map(|(_, minor)| i128::from(*minor)).sum()
}

/// What falls due in a span; what is due on no banking day counts on the next.
fn due(items: &[Item], book: Option<&Book>, from: i32, to: i32) -> i128 {
    let Some(book) = book else { return 0 };
    let falls = |item: &&Item| {
        let day = if item.due == i32::MAX { i32::MAX } else { book.banking.day(book.banking.place(item.due)) };
        (from..=to).contains(&day)
    };
    items.iter().filter(falls).map(|item| i128::from(item.open)).sum()
}
