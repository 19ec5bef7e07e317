//! What was written down: the rows of each file, in order.

use ar_core::calendar::Day;

use super::people::{Customer, Place};
use super::{File, today};

pub struct Document {
    pub id: String,
    pub place: Place,
    pub customer: String,
    pub kind: &'static str,
    pub amount: i64,
    pub date: Day,
    pub posting: Option<Day>,
    pub due: Option<Day>,
    pub terms: &'static str,
    pub reference: String,
    pub related: String,
    pub order: String,
    pub tax: Option<i64>,
    pub recorded: Option<Day>,
}

impl Document {
    /// The day from which it counts.
    pub fn effective(&self) -> Day {
        self.posting.unwrap_or(self.date)
    }

    /// The day on which it became known.
    pub fn known(&self) -> Day {
        self.recorded.unwrap_or(self.effective())
    }
}

pub struct Allocation {
    pub id: String,
    pub credit: usize,
    pub debit: usize,
    pub amount: i64,
    /// In the debit's currency, where it is another.
    pub debit_amount: Option<i64>,
    pub instalment: Option<i64>,
    pub effective: Option<Day>,
    pub recorded: Option<Day>,
}

/// A document or an allocation that is taken back.
pub struct Undone {
    pub of: String,
    pub effective: Day,
    pub reason: &'static str,
    pub recorded: Option<Day>,
}

pub struct BankLine {
    pub account: &'static str,
    pub place: Place,
    pub payer: String,
    pub amount: i64,
    pub text: String,
    /// Whether the payer is in the books.
    pub known: bool,
}

pub struct RateRow {
    pub currency: &'static str,
    pub base: &'static str,
    /// In ten-thousandths.
    pub rate: i64,
    pub effective: Day,
}

#[derive(Default)]
pub struct Books {
    pub customers: Vec<Customer>,
    pub documents: Vec<Document>,
    pub allocations: Vec<Allocation>,
    pub reversals: Vec<Undone>,
    pub cancellations: Vec<Undone>,
    pub rates: Vec<RateRow>,
    pub bank: Vec<BankLine>,
    /// Rows of files that nothing is summed over, written as they are.
    pub instalments: Vec<String>,
    pub disputes: Vec<String>,
    pub holds: Vec<String>,
    pub promises: Vec<String>,
    pub plans: Vec<String>,
    pub closings: Vec<String>,
    pub requirements: Vec<String>,
    pub changes: Vec<String>,
}

pub fn money(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100)
}

pub fn day_or_empty(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn file(header: &str, rows: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("{header}\n");
    for row in rows {
        text.push_str(&row);
        text.push('\n');
    }
    text
}

impl Books {
    /// The rate that was in force on a day, in ten-thousandths.
    pub fn rate(&self, currency: &str, base: &str, on: Day) -> i64 {
        let found =
            self.rates.iter().rev().find(|row| row.currency == currency && row.base == base && row.effective <= on);
        found.map_or(10_000, |row| row.rate)
    }

    pub fn files(&self) -> Vec<File> {
        let customers = self.customers.iter().map(|row| {
            let parent = row.parent.map(|parent| self.customers[parent].id.clone()).unwrap_or_default();
            let group = row.group.clone().unwrap_or_default();
            format!(
                "{},{},{parent},{group},{},{},{},{},{}",
                row.id,
                row.name,
                row.terms,
                row.territory,
                row.collector,
                row.industry,
                row.rating()
            )
        });
        let documents = self.documents.iter().map(|row| {
            let base = if row.place.company == "DE01" { "EUR" } else { "GBP" };
            let rate = (row.place.currency != base).then(|| {
                let rate = self.rate(row.place.currency, base, row.effective());
                format!("{}.{:04}", rate / 10_000, rate % 10_000)
            });
            let (net, tax) = row.tax.map(|tax| (money(row.amount - tax), money(tax))).unwrap_or_default();
            format!(
                "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{net},{tax},{},{}",
                row.id,
                row.place.company,
                row.place.control,
                row.customer,
                row.kind,
                row.place.currency,
                money(row.amount),
                row.date,
                day_or_empty(row.posting),
                day_or_empty(row.due),
                row.terms,
                row.reference,
                row.related,
                row.order,
                rate.unwrap_or_default(),
                day_or_empty(row.recorded),
            )
        });
        let allocations = self.allocations.iter().map(|row| {
            format!(
                "{},{},{},{},{},{},{},{}",
                row.id,
                self.documents[row.credit].id,
                self.documents[row.debit].id,
                money(row.amount),
                row.debit_amount.map(money).unwrap_or_default(),
                row.instalment.map(|number| number.to_string()).unwrap_or_default(),
                day_or_empty(row.effective),
                day_or_empty(row.recorded),
            )
        });
        let undone =
            |row: &Undone| format!("{},{},{},{}", row.of, row.effective, row.reason, day_or_empty(row.recorded));
        let rates = self.rates.iter().map(|row| {
            format!("{},{},{}.{:04},{}", row.currency, row.base, row.rate / 10_000, row.rate % 10_000, row.effective)
        });
        vec![
            ("customers.csv", file("id,name,parent,group,terms,territory,collector,industry,rating", customers)),
            ("customer_changes.csv", file("customer,attribute,value,effective", self.changes.clone())),
            (
                "documents.csv",
                file(
                    "id,company,control_account,customer,kind,currency,amount,document_date,posting_date,due_date,terms,reference,related,order,net,tax,rate,recorded",
                    documents,
                ),
            ),
            (
                "instalments.csv",
                file("document,number,due_date,amount,plan,effective,recorded", self.instalments.clone()),
            ),
            ("allocations.csv", file("id,credit,debit,amount,debit_amount,instalment,effective,recorded", allocations)),
            ("reversals.csv", file("allocation,effective,reason,recorded", self.reversals.iter().map(undone))),
            ("cancellations.csv", file("document,effective,reason,recorded", self.cancellations.iter().map(undone))),
            ("disputes.csv", file("id,document,reason,amount,effective", self.disputes.clone())),
            ("holds.csv", file("id,customer,document,reason,until,effective", self.holds.clone())),
            (
                "promises.csv",
                file("id,customer,document,currency,amount,promised_date,effective", self.promises.clone()),
            ),
            ("plans.csv", file("id,customer,reason,effective", self.plans.clone())),
            ("requirements.csv", file("document,requirement,state,effective", self.requirements.clone())),
            ("closings.csv", file("of,outcome,effective", self.closings.clone())),
            ("rates.csv", file("currency,base,rate,effective", rates)),
            ("bank.csv", self.bank_file()),
        ]
    }

    /// The day's statement as a bank writes it: semicolons, its own dates, commas in amounts.
    fn bank_file(&self) -> String {
        let (year, month, day) = today().ymd();
        let rows = self.bank.iter().zip(1..).map(|(row, at)| {
            let whole = (row.amount / 100).to_string();
            let mut grouped = String::new();
            for (at, digit) in whole.chars().enumerate() {
                if at > 0 && (whole.len() - at).is_multiple_of(3) {
                    grouped.push('.');
                }
                grouped.push(digit);
            }
            format!(
                "{at};{day:02}.{month:02}.{year};{};{};{};{grouped},{:02};{}",
                row.account,
                row.payer,
                row.place.currency,
                row.amount % 100,
                row.text
            )
        });
        file("line;booked;account;payer;currency;amount;text", rows)
    }
}
