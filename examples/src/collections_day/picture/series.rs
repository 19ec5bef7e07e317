//! The pictures of the engine drawn into the page: columns of age over time, and the curve of concentration. Their rows and
//! colours are those of the specifications that are written beside the page.

use std::fmt::Write as _;

use ar_core::picture::Picture;
use serde_json::Value;

use super::amount;
use super::safe;
use crate::day::CollectionsDay;

const WIDTH: f64 = 1060.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 10.0;

pub type Row = serde_json::Map<String, Value>;

pub fn text<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The rows of each currency.
pub fn panels(picture: &Picture) -> impl Iterator<Item = (&str, &[Row])> {
    let panels = picture.values().chunk_by(|a, b| text(a, "currency") == text(b, "currency"));
    panels.filter_map(|panel| Some((panel.first().map(|row| text(row, "currency"))?, panel)))
}

fn figure(row: &Row, name: &str) -> f64 {
    text(row, name).parse().unwrap_or(0.0)
}

/// A round step for about four lines.
fn step(reach: f64) -> f64 {
    let rough = (reach / 4.0).max(1e-9);
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough).unwrap_or(power)
}

/// 1.2M, 350k.
fn brief(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        size if size >= 1e6 => (value / 1e6, "M"),
        size if size >= 1e3 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = format!("{scaled:.1}");
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Lines across, each with its value.
fn grid(svg: &mut String, from: f64, to: f64, step: f64, at: impl Fn(f64) -> f64, label: impl Fn(f64) -> String) {
    let mut line = (from / step).ceil() * step;
    while line <= to + step * 1e-6 {
        let y = at(line);
        let value = if line.abs() < step * 1e-6 { 0.0 } else { line };
        let _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{}\"/><text x=\"{:.0}\" y=\"{:.1}\" font-size=\"12\" text-anchor=\"end\" fill=\"#5b6873\">{}</text>",
            LEFT + WIDTH,
            if value == 0.0 { "#9aa7b1" } else { "#eceff1" },
            LEFT - 8.0,
            y + 4.0,
            label(value)
        );
        line += step;
    }
}

/// What was open at the end of each month, a stack each.
pub fn over_time(day: &CollectionsDay) -> String {
    let picture = &day.pictures.over_time;
    let colours: Vec<String> = serde_json::from_str::<Value>(&picture.spec())
        .ok()
        .and_then(|spec| serde_json::from_value(spec.pointer("/spec/encoding/color/scale/range")?.clone()).ok())
        .unwrap_or_default();
    let mut html = String::from(
        "<h2>How it came to be</h2>\n<p class=\"soft\">What was open at the end of each month and today, by days past due, with all that is known now.</p>\n",
    );
    for (currency, panel) in panels(picture) {
        let days: Vec<_> = panel.chunk_by(|a, b| text(a, "day") == text(b, "day")).collect();
        let sum = |rows: &[Row], sign: f64| -> f64 {
            rows.iter().map(|row| figure(row, "open")).filter(|open| open * sign > 0.0).sum()
        };
        let high = days.iter().map(|rows| sum(rows, 1.0)).fold(0.0, f64::max);
        let low = days.iter().map(|rows| sum(rows, -1.0)).fold(0.0, f64::min);
        let per_unit = HEIGHT / (high - low).max(1e-9);
        let at = |value: f64| TOP + (high - value) * per_unit;
        let mut svg = String::new();
        grid(&mut svg, low, high, step(high - low), at, brief);
        let width = WIDTH / days.len().max(1) as f64;
        for (place, rows) in days.iter().enumerate() {
            let left = LEFT + place as f64 * width + width * 0.1;
            let (mut up, mut down) = (0.0, 0.0);
            for (bucket, row) in rows.iter().enumerate() {
                let open = figure(row, "open");
                let base = if open < 0.0 { &mut down } else { &mut up };
                let (from, to) = (*base, *base + open);
                *base = to;
                let tall = open.abs() * per_unit;
                if tall < 0.2 {
                    continue;
                }
                let _ = write!(
                    svg,
                    "<rect x=\"{left:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" fill=\"{}\"><title>{} {}: {} {}</title></rect>",
                    at(from.max(to)),
                    width * 0.8,
                    colours.get(bucket).map_or("#888888", String::as_str),
                    safe(text(row, "day")),
                    safe(text(row, "bucket")),
                    safe(currency),
                    text(row, "open").parse().map(amount).unwrap_or_default()
                );
            }
            let month = rows.first().map(|row| text(row, "day")).unwrap_or_default();
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.0}\" font-size=\"12\" text-anchor=\"middle\" fill=\"#5b6873\">{}</text>",
                left + width * 0.4,
                TOP + HEIGHT + 18.0,
                if place + 1 == days.len() { month } else { month.get(..7).unwrap_or(month) }
            );
        }
        let _ = writeln!(
            html,
            "<div class=\"sheet\"><h3>{0}</h3><svg viewBox=\"0 0 1140 {1:.0}\" role=\"img\" aria-label=\"Open in {0} by age over time\">{svg}</svg></div>",
            safe(currency),
            TOP + HEIGHT + 26.0
        );
    }
    html
}

/// How large a share the largest customers owe.
pub fn concentration(day: &CollectionsDay) -> String {
    let picture: &Picture = &day.pictures.concentration;
    let mut html = String::from(
        "<h2>How much hangs on how few</h2>\n<p class=\"soft\">The share of what is owed that the largest customers owe together, each currency by itself.</p>\n<div class=\"cards\">\n",
    );
    for (currency, panel) in panels(picture) {
        let (Some(first), Some(last)) = (panel.first(), panel.last()) else { continue };
        let rank = |row: &Row| row.get("rank").and_then(Value::as_f64).unwrap_or(0.0);
        let (left, wide, tall) = (44.0, 290.0, 120.0);
        let x = |row| left + (rank(row) - 1.0) / (rank(last) - 1.0).max(1.0) * wide;
        let y = |row| TOP + (1.0 - figure(row, "share")) * tall;
        let points: Vec<String> = panel.iter().map(|row| format!("{:.1},{:.1}", x(row), y(row))).collect();
        let mut svg = String::new();
        for share in [0.0, 0.5, 1.0] {
            let line = TOP + (1.0 - share) * tall;
            let _ = write!(
                svg,
                "<line x1=\"{left}\" x2=\"{:.0}\" y1=\"{line:.0}\" y2=\"{line:.0}\" stroke=\"#eceff1\"/><text x=\"{:.0}\" y=\"{:.0}\" font-size=\"11\" text-anchor=\"end\" fill=\"#5b6873\">{:.0} %</text>",
                left + wide,
                left - 6.0,
                line + 4.0,
                share * 100.0
            );
        }
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#2f5f8a\" stroke-width=\"2\"/>",
            points.join(" ")
        );
        for row in panel {
            let _ = write!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.6\" fill=\"#2f5f8a\"><title>the largest {:.0}: {:.1} %</title></circle>",
                x(row),
                y(row),
                rank(row),
                figure(row, "share") * 100.0
            );
        }
        let _ = write!(
            svg,
            "<text x=\"{left}\" y=\"{0:.0}\" font-size=\"11\" fill=\"#5b6873\">1</text><text x=\"{1:.0}\" y=\"{0:.0}\" font-size=\"11\" text-anchor=\"end\" fill=\"#5b6873\">{2:.0} customers</text>",
            TOP + tall + 16.0,
            left + wide,
            rank(last)
        );
        let _ = writeln!(
            html,
            "<div class=\"card\"><h3>{0}</h3><svg viewBox=\"0 0 350 152\" role=\"img\" aria-label=\"Concentration in {0}\">{svg}</svg><div class=\"soft\">{1} alone owes {2:.0}&nbsp;%</div></div>",
            safe(currency),
            safe(&day.books.named(text(first, "customer"))),
            figure(first, "share") * 100.0
        );
    }
    html.push_str("</div>\n");
    html
}
