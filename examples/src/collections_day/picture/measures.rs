//! How well it is collected: days sales outstanding, days to pay, what rolled on from bucket to bucket, exposure against limit.
//! The rows are those of the specifications that are written beside the page.

use std::fmt::Write as _;

use serde_json::Value;

use super::series::{Row, panels, text};
use super::{amount, safe};
use crate::day::CollectionsDay;

const TOP: f64 = 12.0;
const LEFT: f64 = 44.0;
const WIDE: f64 = 290.0;
const TALL: f64 = 120.0;

fn sheet(currency: &str, about: &str, svg: &str) -> String {
    format!(
        "<div class=\"card\"><h3>{0}</h3><svg viewBox=\"0 0 344 {1:.0}\" role=\"img\" aria-label=\"{about}, {0}\">{svg}</svg></div>\n",
        safe(currency),
        TOP + TALL + 24.0
    )
}

/// Lines across at quarters of a height, with what they stand for.
fn lines(high: f64) -> String {
    let mut svg = String::new();
    for part in [0.0, 0.5, 1.0] {
        let y = TOP + (1.0 - part) * TALL;
        let _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#eceff1\"/><text x=\"{:.0}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"end\" fill=\"#5b6873\">{:.0}</text>",
            LEFT + WIDE,
            LEFT - 6.0,
            y + 4.0,
            high * part
        );
    }
    svg
}

fn under(x: f64, anchor: &str, label: &str) -> String {
    let y = TOP + TALL + 17.0;
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.0}\" font-size=\"11\" text-anchor=\"{anchor}\" fill=\"#5b6873\">{}</text>",
        safe(label)
    )
}

/// Days sales outstanding month by month, beside the best possible.
pub fn dso(day: &CollectionsDay) -> String {
    let mut html = String::from(
        "<h2>How fast it is collected</h2>\n<p class=\"soft\">Days sales outstanding at each month's end (full line), and what they would be if nothing were late (broken line).</p>\n<div class=\"cards\">\n",
    );
    for (currency, panel) in panels(&day.pictures.dso) {
        let days = |row: &Row| text(row, "days").parse::<f64>().ok();
        let high = panel.iter().filter_map(days).fold(1.0, f64::max);
        let mut svg = lines(high);
        for (name, style) in [
            ("days sales outstanding", "stroke=\"#c1571a\""),
            ("best possible", "stroke=\"#2f5f8a\" stroke-dasharray=\"5 3\""),
        ] {
            let line: Vec<&Row> = panel.iter().filter(|row| text(row, "figure") == name).collect();
            let step = WIDE / line.len().saturating_sub(1).max(1) as f64;
            let mut points = Vec::new();
            for (at, row) in line.iter().enumerate() {
                if let Some(days) = days(row) {
                    points.push(format!("{:.1},{:.1}", LEFT + at as f64 * step, TOP + (1.0 - days / high) * TALL));
                }
            }
            let _ = write!(svg, "<polyline fill=\"none\" stroke-width=\"2\" {style} points=\"{}\"/>", points.join(" "));
        }
        if let (Some(first), Some(last)) = (panel.first(), panel.last()) {
            svg.push_str(&under(LEFT, "start", text(first, "day")));
            svg.push_str(&under(LEFT + WIDE, "end", text(last, "day")));
        }
        html.push_str(&sheet(currency, "Days sales outstanding", &svg));
    }
    html.push_str("</div>\n");
    html
}

/// How long invoices took to be paid, by tens of days.
pub fn days_to_pay(day: &CollectionsDay) -> String {
    let mut html = String::from(
        "<h2>How long invoices take</h2>\n<p class=\"soft\">Invoices cleared with money in the last months, by days from their date; the last bar is all that took longer.</p>\n<div class=\"cards\">\n",
    );
    const BARS: usize = 16;
    for (currency, panel) in panels(&day.pictures.days_to_pay) {
        let mut bars = [0.0_f64; BARS];
        for row in panel {
            let days = row.get("days").and_then(Value::as_i64).unwrap_or(0).max(0);
            let at = usize::try_from(days / 10).unwrap_or(BARS).min(BARS - 1);
            if let Some(bar) = bars.get_mut(at) {
                *bar += row.get("invoices").and_then(Value::as_f64).unwrap_or(0.0);
            }
        }
        let high = bars.iter().copied().fold(1.0, f64::max);
        let mut svg = lines(high);
        let width = WIDE / BARS as f64;
        for (at, bar) in bars.iter().enumerate() {
            let tall = bar / high * TALL;
            let x = LEFT + at as f64 * width;
            let _ = write!(
                svg,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" fill=\"#2f5f8a\"><title>{} to {} days: {bar}</title></rect>",
                x + 1.0,
                TOP + TALL - tall,
                width - 2.0,
                at * 10,
                at * 10 + 9
            );
            if at % 3 == 0 {
                svg.push_str(&under(x, "middle", &(at * 10).to_string()));
            }
        }
        html.push_str(&sheet(currency, "Days to pay", &svg));
    }
    html.push_str("</div>\n");
    html
}

fn percent(row: &Row, name: &str) -> String {
    let share = text(row, name).parse::<f64>().ok();
    share.map_or_else(String::new, |share| format!("{:.0} %", share * 100.0))
}

/// What became of what was open a month before.
pub fn roll_rates(day: &CollectionsDay) -> String {
    let mut html = String::from(
        "<h2>What rolls on</h2>\n<p class=\"soft\">Of what was open in a row's bucket at a month's end, the share that was in each column a month later.</p>\n",
    );
    for (currency, panel) in panels(&day.pictures.roll_rates) {
        let rows: Vec<&[Row]> = panel.chunk_by(|a, b| text(a, "from") == text(b, "from")).collect();
        let _ =
            write!(html, "<div class=\"sheet\"><h3>{}</h3><table><thead><tr><th class=\"l\">was</th>", safe(currency));
        for cell in rows.first().copied().unwrap_or_default() {
            let _ = write!(html, "<th>{}</th>", safe(&text(cell, "to").replace('_', " ")));
        }
        html.push_str("</tr></thead><tbody>");
        for cells in rows {
            let from = cells.first().map(|cell| text(cell, "from")).unwrap_or_default();
            let _ = write!(html, "<tr><td class=\"l\">{}</td>", safe(from));
            for cell in cells {
                let share = text(cell, "share").parse::<f64>().unwrap_or(0.0);
                // Ink on a blue that grows with the share, light enough to be read.
                let _ = write!(
                    html,
                    "<td style=\"background:rgba(47,95,138,{:.2})\">{}</td>",
                    share * 0.45,
                    percent(cell, "share")
                );
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div>\n");
    }
    html
}

/// The largest exposures beside their limits.
pub fn exposure(day: &CollectionsDay) -> String {
    let mut html = String::from(
        "<h2>Exposure against limit</h2>\n<p class=\"soft\">The largest exposures in each currency; a mark on the bar is the limit.</p>\n",
    );
    for (currency, panel) in panels(&day.pictures.exposure) {
        let panel = panel.get(..panel.len().min(8)).unwrap_or_default();
        let number = |row: &Row, name: &str| text(row, name).parse::<f64>().ok();
        let reach = |row: &Row| number(row, "exposure").unwrap_or(0.0).max(number(row, "limit").unwrap_or(0.0));
        let high = panel.iter().map(reach).fold(1.0, f64::max);
        let per_unit = 680.0 / high;
        let mut svg = String::new();
        for (at, row) in panel.iter().enumerate() {
            let top = at as f64 * 26.0 + 4.0;
            let exposed = number(row, "exposure").unwrap_or(0.0).max(0.0) * per_unit;
            let colour = if text(row, "standing") == "above its limit" { "#c1571a" } else { "#2f5f8a" };
            let named: String = day.books.named(text(row, "customer")).chars().take(38).collect();
            let _ = write!(
                svg,
                "<text x=\"252\" y=\"{0:.1}\" font-size=\"13\" text-anchor=\"end\" fill=\"#1d2730\">{1}</text><rect x=\"262\" y=\"{top:.1}\" width=\"{exposed:.1}\" height=\"18\" fill=\"{colour}\"><title>{2}</title></rect><text x=\"1096\" y=\"{0:.1}\" font-size=\"13\" text-anchor=\"end\" fill=\"#1d2730\">{3}</text>",
                top + 13.5,
                safe(&named),
                safe(text(row, "standing")),
                text(row, "exposure").parse().map(amount).unwrap_or_default()
            );
            if let Some(limit) = number(row, "limit") {
                let x = 262.0 + limit * per_unit;
                let _ = write!(
                    svg,
                    "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"#1d2730\" stroke-width=\"2\"/>",
                    top - 2.0,
                    top + 20.0
                );
            }
        }
        let _ = writeln!(
            html,
            "<div class=\"sheet\"><h3>{0}</h3><svg viewBox=\"0 0 1100 {1:.0}\" role=\"img\" aria-label=\"Exposure against limit, {0}\">{svg}</svg></div>",
            safe(currency),
            panel.len() as f64 * 26.0 + 8.0
        );
    }
    html
}
