//! The day as one page: no script, no font and no picture from elsewhere. Colours differ in lightness as well as in hue, and
//! every bar has its figures beside it, so nothing hangs on seeing a colour.

mod cash;
mod credit;
mod measures;
mod remind;
mod series;

use ar_core::aging::AgingRow;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::day::{CollectionsDay, overdue};
use crate::tell::{amount, count, tie_sentence};

/// Credits, not due, and four steps of lateness from light to dark.
const COLOURS: [&str; 6] = ["url(#credit)", "#8fb3cf", "#f3d27a", "#e79d3c", "#c1571a", "#6f1d0b"];
const ON_COLOUR: [&str; 6] = ["#1d2730", "#12222e", "#3a2a00", "#2f1800", "#ffffff", "#ffffff"];

const STYLE: &str = "\
:root{--ink:#1d2730;--soft:#5b6873;--line:#dde3e8;--paper:#ffffff;--ground:#f5f7f8;--good:#1f6f54;--bad:#a8321e}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
main{max-width:1160px;margin:0 auto;padding:36px 28px 64px}
h1{font-size:30px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:19px;margin:44px 0 4px}
h3{font-size:15px;margin:0;font-weight:600}
p{margin:0 0 12px;max-width:96ch}
.soft{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:14px;margin:22px 0 0}
.card,.sheet{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:18px 20px}
.sheet{margin:12px 0 0;overflow-x:auto}
.big{font-size:26px;font-weight:650;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.row{display:flex;justify-content:space-between;gap:12px;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th{font-weight:600;color:var(--soft);text-align:right;padding:6px 8px;border-bottom:1px solid var(--line);vertical-align:bottom}
td{padding:6px 8px;text-align:right;border-bottom:1px solid #eef1f3;white-space:nowrap;vertical-align:top}
th.l,td.l{text-align:left}
td.w{white-space:normal}
tr:last-child td{border-bottom:0}
tr.sum td{font-weight:650;border-top:1px solid var(--line)}
.legend{display:flex;flex-wrap:wrap;gap:8px 20px;margin:14px 0 0;padding:0;list-style:none;font-size:14px}
.legend svg{width:14px;height:14px;vertical-align:-2px;margin-right:6px}
.good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}
svg{display:block;max-width:100%}
svg text{font-family:inherit;font-variant-numeric:tabular-nums}
.legend svg,.inline{display:inline-block}
details summary{cursor:pointer;color:var(--soft);margin:10px 0 0}
@media print{body{background:#fff}main{padding:0}.card,.sheet{break-inside:avoid}}
";

/// Text as it may stand in a page.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for mark in text.chars() {
        match mark {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            mark if mark.is_control() => safe.push(' '),
            mark => safe.push(mark),
        }
    }
    safe
}

fn number(amount: Decimal) -> f64 {
    amount.to_f64().unwrap_or(0.0)
}

/// An amount without its digits after the point, for a label in a picture.
fn short(decimal: Decimal) -> String {
    amount(decimal.round())
}

fn percent(part: Decimal, whole: Decimal) -> String {
    if whole.is_zero() {
        return String::from("0 %");
    }
    // Less than half of a percent below zero is zero, without a sign.
    let percent = (number(part) / number(whole) * 100.0).round();
    format!("{:.0} %", if percent == 0.0 { 0.0 } else { percent })
}

/// What is owed: all buckets but credits.
fn owed(row: &AgingRow) -> Decimal {
    row.buckets.iter().skip(1).sum()
}

/// The whole page.
pub fn page(day: &CollectionsDay) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>Collections day {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{PATTERN}\n<main>\n",
        day.as_of
    );
    page.push_str(&head(day));
    page.push_str(&aging(day));
    page.push_str(&series::over_time(day));
    page.push_str(&series::concentration(day));
    page.push_str(&measures::dso(day));
    page.push_str(&measures::days_to_pay(day));
    page.push_str(&measures::roll_rates(day));
    page.push_str(&measures::exposure(day));
    page.push_str(&credit::credit(day));
    page.push_str(&late(day));
    page.push_str(&remind::remind(day));
    page.push_str(&month_end(day));
    page.push_str(&cash::cash(day));
    page.push_str(&ties(day));
    page.push_str(&groups(day));
    page.push_str(&import(day));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Credits are hatched, so that they are told from what is owed without colour.
const PATTERN: &str = "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs><pattern id=\"credit\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#e6ebef\"/><rect width=\"2\" height=\"6\" fill=\"#9aa7b1\"/></pattern></defs></svg>";

fn head(day: &CollectionsDay) -> String {
    let mut html = format!(
        "<h1>Collections day, {}</h1>\n<p class=\"soft\">Ledger <b>{}</b>: {} rows read, {} rejected. {}.</p>\n<div class=\"cards\">\n",
        day.as_of,
        safe(&day.books.source),
        count(day.books.report.rows),
        count(day.books.report.rejected),
        safe(&day.ties.first().map(tie_sentence).unwrap_or_default())
    );
    for total in &day.today.totals {
        let late = overdue(total);
        html.push_str(&format!(
            "<div class=\"card\"><h3>{}</h3><div class=\"big\">{}</div><div class=\"soft\">open, all customers</div><div class=\"row\"><span>past due</span><b>{} ({})</b></div><div class=\"row\"><span>disputed</span><span>{}</span></div><div class=\"row\"><span>held</span><span>{}</span></div><div class=\"row\"><span>cash on account</span><span>{}</span></div><div class=\"row\"><span>receipts known for later days</span><span>{}</span></div></div>\n",
            safe(&total.currency),
            amount(total.total),
            amount(late),
            percent(late, total.total),
            amount(total.disputed),
            amount(total.held),
            amount(total.unapplied),
            amount(total.pending)
        ));
    }
    if day.today.totals.is_empty() {
        html.push_str("<div class=\"card\"><div class=\"big\">Nothing is open</div></div>\n");
    }
    html.push_str("</div>\n");
    html
}

fn legend(labels: &[String]) -> String {
    let mut html = String::from("<ul class=\"legend\">");
    for (label, colour) in labels.iter().zip(COLOURS) {
        let late = label.starts_with(|mark: char| mark.is_ascii_digit()) || label.starts_with("over");
        let days = if late { " days past due" } else { "" };
        html.push_str(&format!(
            "<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect width=\"14\" height=\"14\" rx=\"2\" fill=\"{colour}\"/></svg>{}{days}</li>",
            safe(label)
        ));
    }
    html.push_str("</ul>\n");
    html
}

/// The segments of a bar: credits to the left of `zero`, what is owed to the right.
struct Bar {
    zero: f64,
    per_unit: f64,
    top: f64,
    height: f64,
    labelled: bool,
}

impl Bar {
    fn draw(&self, row: &AgingRow, labels: &[String]) -> String {
        let mut svg = String::new();
        let mut at = self.zero;
        for (place, cell) in row.buckets.iter().enumerate() {
            let width = number(*cell).abs() * self.per_unit;
            if width < 0.2 {
                continue;
            }
            let credit = number(*cell) < 0.0;
            let left = if credit { self.zero - width } else { at };
            let label = labels.get(place).map(|label| safe(label)).unwrap_or_default();
            let colour = COLOURS.get(place).unwrap_or(&"#888888");
            svg.push_str(&format!(
                "<rect x=\"{left:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{}\" fill=\"{colour}\"><title>{label}: {} {}</title></rect>",
                self.top,
                (width - 1.0).max(0.6),
                self.height,
                safe(&row.currency),
                amount(*cell)
            ));
            let text = short(*cell);
            if self.labelled && width > text.len() as f64 * 8.0 + 10.0 {
                svg.push_str(&format!(
                    "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"13\" text-anchor=\"middle\" fill=\"{}\">{text}</text>",
                    left + width / 2.0,
                    self.top + self.height / 2.0 + 4.5,
                    ON_COLOUR.get(place).unwrap_or(&"#000000")
                ));
            }
            if !credit {
                at += width;
            }
        }
        svg
    }
}

fn extent<'a>(rows: impl Iterator<Item = &'a AgingRow>) -> (f64, f64) {
    rows.fold((0.0, 0.0), |(credit, debit): (f64, f64), row| {
        let first = row.buckets.first().copied().unwrap_or_default();
        (credit.max(-number(first)), debit.max(number(owed(row))))
    })
}

/// The aging of each currency: one bar, and the figures under it.
fn aging(day: &CollectionsDay) -> String {
    let labels = day.today.report.labels();
    let mut html = format!(
        "<h2>How old is what is owed</h2>\n<p class=\"soft\">Open items on {} by days past due, each currency on its own scale. Credits (cash on account, credit notes) stand to the left and are not netted.</p>\n{}",
        day.as_of,
        legend(&labels)
    );
    for total in &day.today.totals {
        let (credit, debit) = extent(std::iter::once(total));
        let per_unit = 1_090.0 / (credit + debit).max(1e-9);
        let bar = Bar { zero: 5.0 + credit * per_unit, per_unit, top: 6.0, height: 46.0, labelled: true };
        html.push_str(&format!(
            "<div class=\"sheet\"><h3>{}</h3><svg viewBox=\"0 0 1100 62\" role=\"img\" aria-label=\"Aging in {}\">{}</svg>{}</div>\n",
            safe(&total.currency),
            safe(&total.currency),
            bar.draw(total, &labels),
            bucket_table(&labels, total)
        ));
    }
    html
}

fn bucket_table(labels: &[String], total: &AgingRow) -> String {
    let mut html = String::from("<table><thead><tr>");
    for label in labels {
        html.push_str(&format!("<th>{}</th>", safe(label)));
    }
    html.push_str("<th>total</th><th>items</th><th>average days past due</th></tr></thead><tbody><tr>");
    for cell in total.buckets.iter().chain([&total.total]) {
        html.push_str(&format!("<td>{}</td>", amount(*cell)));
    }
    html.push_str(&format!(
        "<td>{}</td><td>{}</td></tr><tr class=\"soft\">",
        count(total.items),
        total.average_age.as_deref().unwrap_or("")
    ));
    for cell in &total.buckets {
        html.push_str(&format!("<td>{}</td>", percent(*cell, total.total)));
    }
    html.push_str("<td>100 %</td><td></td><td></td></tr></tbody></table>");
    html
}

/// Whom to call first: the customers with the most past due.
fn late(day: &CollectionsDay) -> String {
    let labels = day.today.report.labels();
    let rows = day.today.report.rows();
    let mut html = String::from(
        "<h2>Whom to call first</h2>\n<p class=\"soft\">The customers with the most past due, in each currency; the figure at the right is past due, then all that is open.</p>\n",
    );
    for total in &day.today.totals {
        let mut late: Vec<&AgingRow> =
            rows.iter().filter(|row| row.currency == total.currency && overdue(row) > Decimal::ZERO).collect();
        late.sort_by_key(|row| std::cmp::Reverse(overdue(row)));
        let all = late.len();
        late.truncate(10);
        if late.is_empty() {
            continue;
        }
        let (credit, debit) = extent(late.iter().copied());
        let per_unit = 570.0 / (credit + debit).max(1e-9);
        let zero = 262.0 + credit * per_unit;
        let height = late.len() * 28 + 8;
        let mut svg = String::new();
        for (at, row) in late.iter().enumerate() {
            let top = at as f64 * 28.0 + 4.0;
            let id = row.by.first().map(String::as_str).unwrap_or_default();
            let named: String = day.books.named(id).chars().take(38).collect();
            let bar = Bar { zero, per_unit, top, height: 20.0, labelled: false };
            svg.push_str(&format!(
                "<text x=\"252\" y=\"{:.1}\" font-size=\"13\" text-anchor=\"end\" fill=\"#1d2730\">{}</text>{}<text x=\"846\" y=\"{:.1}\" font-size=\"13\" fill=\"#1d2730\"><tspan x=\"966\" text-anchor=\"end\" font-weight=\"650\">{}</tspan><tspan x=\"1096\" text-anchor=\"end\" fill=\"#5b6873\">{}</tspan></text>",
                top + 14.5,
                safe(&named),
                bar.draw(row, &labels),
                top + 14.5,
                amount(overdue(row)),
                amount(row.total)
            ));
        }
        html.push_str(&format!(
            "<div class=\"sheet\"><h3>{} <span class=\"soft\">{} of {} customers that are late</span></h3><svg viewBox=\"0 0 1100 {height}\" role=\"img\" aria-label=\"Customers with the most past due in {}\">{svg}</svg></div>\n",
            safe(&total.currency),
            late.len(),
            all,
            safe(&total.currency)
        ));
    }
    html
}

/// The last month end as it was known, as it is known now, and today.
fn month_end(day: &CollectionsDay) -> String {
    let labels = day.today.report.labels();
    let mut html = format!(
        "<h2>Since the last month end</h2>\n<p class=\"soft\">What was open on {} as the books stood that evening; the same day with everything booked since (back-dated entries, bounced receipts); and today. The first bar never changes again.</p>\n",
        day.month_end
    );
    for total in &day.today.totals {
        let bars = [
            ("as known then", day.month_end_then.total(&total.currency)),
            ("as known now", day.month_end_now.total(&total.currency)),
            ("today", Some(total)),
        ];
        let (credit, debit) = extent(bars.iter().filter_map(|(_, row)| *row));
        let per_unit = 760.0 / (credit + debit).max(1e-9);
        let zero = 192.0 + credit * per_unit;
        let mut svg = String::new();
        for (at, (label, row)) in bars.into_iter().enumerate() {
            let top = at as f64 * 34.0 + 4.0;
            let on = if at < 2 { day.month_end } else { day.as_of };
            svg.push_str(&format!(
                "<text x=\"182\" y=\"{:.1}\" font-size=\"13\" text-anchor=\"end\" fill=\"#1d2730\">{on} {label}</text>",
                top + 17.5
            ));
            if let Some(row) = row {
                let bar = Bar { zero, per_unit, top, height: 26.0, labelled: true };
                svg.push_str(&bar.draw(row, &labels));
                svg.push_str(&format!(
                    "<text x=\"1096\" y=\"{:.1}\" font-size=\"13\" text-anchor=\"end\" font-weight=\"650\" fill=\"#1d2730\">{}</text>",
                    top + 17.5,
                    amount(row.total)
                ));
            }
        }
        html.push_str(&format!(
            "<div class=\"sheet\"><h3>{}</h3><svg viewBox=\"0 0 1100 108\" role=\"img\" aria-label=\"Open in {} at the month end and today\">{svg}</svg></div>\n",
            safe(&total.currency),
            safe(&total.currency)
        ));
    }
    html
}

fn ties(day: &CollectionsDay) -> String {
    let mut html = String::from(
        "<h2>Does it tie</h2>\n<p class=\"soft\">Open items against the control accounts of the general ledger, account by account. The general ledger has the day's cash; what the settlement lets go or moves is still to be booked there, and stands beside it.</p>\n",
    );
    for tie in &day.ties {
        let class = match &tie.differences {
            Some(none) if none.is_empty() => "good",
            Some(_) => "bad",
            None => "soft",
        };
        html.push_str(&format!("<div class=\"sheet\"><h3 class=\"{class}\">{}</h3>", safe(&tie_sentence(tie))));
        if tie.differences.is_some() {
            html.push_str("<table><thead><tr><th class=\"l\">company</th><th class=\"l\">control account</th><th class=\"l\">currency</th><th>open items</th><th>general ledger</th><th>to book from the settlement</th><th>difference</th></tr></thead><tbody>");
            for row in &tie.rows {
                let control = row.control.unwrap_or_default();
                html.push_str(&format!(
                    "<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    safe(&row.company),
                    safe(&row.control_account),
                    safe(&row.currency),
                    amount(row.ledger),
                    amount(control),
                    amount(row.to_book),
                    amount(row.ledger - control - row.to_book)
                ));
            }
            html.push_str("</tbody></table>");
        }
        html.push_str("</div>\n");
    }
    html
}

/// Tables by the dimensions that the ledger has.
fn groups(day: &CollectionsDay) -> String {
    let labels = day.today.report.labels();
    let mut html = String::new();
    for (name, rows) in &day.dimensions {
        html.push_str(&format!("<h2>By {}</h2>\n<div class=\"sheet\"><table><thead><tr><th class=\"l\">{}</th><th class=\"l\">currency</th>", safe(name), safe(name)));
        for label in &labels {
            html.push_str(&format!("<th>{}</th>", safe(label)));
        }
        html.push_str("<th>total</th></tr></thead><tbody>");
        for row in rows {
            let value = row.by.first().filter(|value| !value.is_empty()).map_or("(none)", String::as_str);
            html.push_str(&format!(
                "<tr><td class=\"l\">{}</td><td class=\"l\">{}</td>",
                safe(value),
                safe(&row.currency)
            ));
            for cell in row.buckets.iter().chain([&row.total]) {
                html.push_str(&format!("<td>{}</td>", amount(*cell)));
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div>\n");
    }
    html
}

fn import(day: &CollectionsDay) -> String {
    let report = &day.books.report;
    let mut html = String::from(
        "<h2>What was read</h2>\n<div class=\"sheet\"><table><thead><tr><th class=\"l\">file</th><th>rows</th><th>accepted</th><th>rejected</th><th>repeated</th></tr></thead><tbody>",
    );
    for file in &report.files {
        html.push_str(&format!(
            "<tr><td class=\"l\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            safe(&file.file),
            count(file.rows),
            count(file.accepted),
            count(file.rejected),
            count(file.repeated)
        ));
    }
    html.push_str("</tbody></table>");
    if !report.rejections.is_empty() {
        html.push_str("<details><summary>The first rejected rows</summary><table><thead><tr><th class=\"l\">file</th><th>line</th><th class=\"l\">column</th><th class=\"l\">reason</th></tr></thead><tbody>");
        for rejection in report.rejections.iter().take(50) {
            html.push_str(&format!(
                "<tr><td class=\"l\">{}</td><td>{}</td><td class=\"l\">{}</td><td class=\"l w\">{}</td></tr>",
                safe(&rejection.file),
                rejection.line,
                safe(rejection.column.as_deref().unwrap_or("")),
                safe(&rejection.reason)
            ));
        }
        html.push_str("</tbody></table></details>");
    }
    html.push_str("</div>\n");
    html
}
