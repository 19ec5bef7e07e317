//! The figures of the day: agings of today and of the last month end, and whether they tie.

use std::collections::BTreeMap;

use ar_core::aging::{AgingItem, AgingPolicy, AgingReport, AgingRow, Credits, Difference, Where, age};
use ar_core::calendar::Day;
use ar_core::ledger::View;
use ar_core::picture::{Picture, PictureKind, PicturePolicy};
use rust_decimal::Decimal;

use crate::books::Books;
use crate::cash::Settled;
use crate::credit::{self, Credit};
use crate::journal::{self, Place, Posting};
use crate::remind::Reminded;

pub struct CollectionsDay {
    pub books: Books,
    pub cash: Settled,
    pub as_of: Day,
    pub month_end: Day,
    pub today: Aged,
    /// Who is reminded of what is left; else why nobody is.
    pub reminded: Result<Reminded, String>,
    /// The last month end with all that is known now, and as it was known then.
    pub month_end_now: Aged,
    pub month_end_then: Aged,
    /// Groups of today by the dimensions that the ledger has.
    pub dimensions: Vec<(String, Vec<AgingRow>)>,
    pub ties: Vec<Tie>,
    pub pictures: Pictures,
    pub credit: Credit,
}

/// What is drawn besides, as specifications.
pub struct Pictures {
    pub over_time: Picture,
    pub concentration: Picture,
    pub dso: Picture,
    pub days_to_pay: Picture,
    pub roll_rates: Picture,
    pub exposure: Picture,
}

impl Pictures {
    fn of(view: &View) -> Result<Self, String> {
        let credit = credit::policy();
        let drawn = |kind| PicturePolicy { aging: policy(), credit: credit.clone(), ..PicturePolicy::of(kind) };
        let draw = |kind| view.picture(&drawn(kind)).map_err(told);
        Ok(Self {
            over_time: draw(PictureKind::AgingOverTime)?,
            concentration: draw(PictureKind::Concentration)?,
            dso: draw(PictureKind::Dso)?,
            days_to_pay: draw(PictureKind::DaysToPay)?,
            roll_rates: draw(PictureKind::RollRates)?,
            exposure: draw(PictureKind::Exposure)?,
        })
    }
}

/// An aging and what it is of.
pub struct Aged {
    pub report: AgingReport,
    pub totals: Vec<AgingRow>,
    pub places: Vec<AgingRow>,
}

/// Whether the ledger ties to the control accounts on a day.
pub struct Tie {
    pub day: Day,
    pub known_on: Option<Day>,
    pub rows: Vec<TieRow>,
    /// None when the general ledger says nothing about this day.
    pub differences: Option<Vec<Difference>>,
}

pub struct TieRow {
    pub company: String,
    pub control_account: String,
    pub currency: String,
    pub ledger: Decimal,
    /// What the general ledger says.
    pub control: Option<Decimal>,
    /// What the settlement of the day is yet to book there.
    pub to_book: Decimal,
}

fn told(error: ar_core::problem::Refused) -> String {
    error.to_string()
}

/// Days past due in five buckets, credits apart, so that cash on account never hides what is late.
pub fn policy() -> AgingPolicy {
    AgingPolicy {
        id: String::from("collections"),
        credits: Credits::Apart,
        ..AgingPolicy::with_edges(&[0, 30, 60, 90])
    }
}

fn by(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

impl Aged {
    fn of(view: &View) -> Result<Self, String> {
        let report = age(view, &policy(), &by(&["customer"]), &Where::new()).map_err(told)?;
        let places = age(view, &policy(), &by(&["company", "control_account"]), &Where::new()).map_err(told)?.rows();
        Ok(Self { totals: report.totals(), report, places })
    }

    pub fn total(&self, currency: &str) -> Option<&AgingRow> {
        self.totals.iter().find(|row| row.currency == currency)
    }
}

/// What is past due: all buckets but credits and those not due.
pub fn overdue(row: &AgingRow) -> Decimal {
    row.buckets.iter().skip(2).sum()
}

impl CollectionsDay {
    pub fn of(books: Books, cash: Settled, as_of: Day) -> Result<Self, String> {
        let ledger = match &cash {
            Settled::Posted(cash) => cash.ledger.clone(),
            Settled::Nothing(_) => books.ledger.clone(),
        };
        let month_end = as_of.start_of_month().plus_days(-1).ok_or("the day has no month before it")?;
        let views = [ledger.as_of(as_of), ledger.as_of(month_end), ledger.as_of_known(month_end, month_end)];
        let [today, month_end_now, month_end_then] = [Aged::of(&views[0])?, Aged::of(&views[1])?, Aged::of(&views[2])?];
        let mut dimensions = Vec::new();
        for name in ["collector", "rating", "territory", "industry", "country", "terms", "group"] {
            let key = if name == "group" { String::from(name) } else { format!("dim_{name}") };
            if dimensions.len() < 2
                && let Ok(report) = age(&views[0], &policy(), &[key], &Where::new())
                && report.rows().len() > 1
            {
                dimensions.push((name.to_owned(), report.rows()));
            }
        }
        let reminded = Reminded::of(&ledger, as_of);
        let pictures = Pictures::of(&views[0])?;
        let credit = Credit::of(&views[0])?;
        let control = books.control()?;
        let to_book: &[Posting] = match &cash {
            Settled::Posted(cash) => &cash.postings,
            Settled::Nothing(_) => &[],
        };
        let days = [(as_of, None), (month_end, None), (month_end, Some(month_end))];
        let mut ties = Vec::new();
        for (((day, known_on), view), aged) in
            days.into_iter().zip(&views).zip([&today, &month_end_now, &month_end_then])
        {
            let said: Vec<_> = control
                .iter()
                .filter(|row| row.day == day && row.known_on == known_on)
                .map(|row| row.balance.clone())
                .collect();
            // The settlement counts from today, and so do its postings.
            let postings = if day == as_of { to_book } else { &[] };
            let all = journal::booked(&said, postings);
            let differences = match said.is_empty() {
                true => None,
                false => Some(view.reconcile(&all).map_err(told)?),
            };
            let mut rows: BTreeMap<Place, TieRow> = aged.places.iter().map(place).collect();
            if !said.is_empty() {
                // Accounts on which nothing is open have a balance too.
                for balance in &all {
                    let place = journal::place(balance);
                    rows.entry(place.clone()).or_insert_with(|| row_of(place));
                }
            }
            for (place, row) in &mut rows {
                row.control = said.iter().find(|said| journal::place(said) == *place).map(|said| said.balance);
                row.to_book = journal::on(postings, place);
            }
            let rows = rows.into_values().collect();
            ties.push(Tie { day, known_on, rows, differences });
        }
        Ok(Self {
            books,
            cash,
            as_of,
            month_end,
            today,
            reminded,
            month_end_now,
            month_end_then,
            dimensions,
            ties,
            pictures,
            credit,
        })
    }

    /// The items that are late today, latest first.
    pub fn items(&self) -> Vec<AgingItem> {
        self.today.report.items()
    }
}

fn place(row: &AgingRow) -> (Place, TieRow) {
    let key = |at: usize| row.by.get(at).cloned().unwrap_or_default();
    let place = (key(0), key(1), row.currency.clone());
    (place.clone(), TieRow { ledger: row.total, ..row_of(place) })
}

fn row_of((company, control_account, currency): Place) -> TieRow {
    TieRow { company, control_account, currency, ledger: Decimal::ZERO, control: None, to_book: Decimal::ZERO }
}
