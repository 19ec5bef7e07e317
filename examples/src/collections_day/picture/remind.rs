//! Whom to remind: a bar for each currency by level, and why the others are left out.

use ar_examples::dunning::why;
use rust_decimal::Decimal;

use super::{number, safe};
use crate::day::CollectionsDay;
use crate::remind::Reminded;
use crate::tell::{amount, count};

/// From a friendly note to the hand-over, light to dark; later levels are the last.
const LEVELS: [&str; 4] = ["#f3d27a", "#e79d3c", "#c1571a", "#6f1d0b"];

fn colour(level: u32) -> &'static str {
    let at = usize::try_from(level.saturating_sub(1)).unwrap_or(usize::MAX);
    LEVELS.get(at).unwrap_or(&"#6f1d0b")
}

/// The section; empty when the policy could not be asked.
pub fn remind(day: &CollectionsDay) -> String {
    let reminded = match &day.reminded {
        Ok(reminded) => reminded,
        Err(reason) => return format!("<h2>Whom to remind</h2>\n<p class=\"soft\">Nobody: {}</p>\n", safe(reason)),
    };
    let items = count(u64::try_from(reminded.skipped.len()).unwrap_or(u64::MAX));
    let mut html = format!(
        "<h2>Whom to remind</h2>\n<p class=\"soft\">Of what the day\u{2019}s cash left open, by the policy <b>{}</b>: {} notices. {} items are on none, each for the first reason that holds.</p>\n<div class=\"sheet\">{}{}</div>\n",
        safe(&reminded.policy.id),
        reminded.notices.len(),
        items,
        levels(reminded),
        reasons(reminded)
    );
    if reminded.taken_over > 0 {
        html.push_str(&format!(
            "<p class=\"soft\" style=\"margin-top:10px\">The ledger has no notices; levels count on the {} that the policy would have sent in the 120 days before.</p>\n",
            reminded.taken_over
        ));
    }
    html
}

fn levels(reminded: &Reminded) -> String {
    let mut html = String::from(
        "<table><thead><tr><th class=\"l\">level</th><th class=\"l\">currency</th><th>notices</th><th>claimed</th><th>fees, interest</th><th>to be paid</th><th class=\"l\" style=\"width:34%\"></th></tr></thead><tbody>",
    );
    let rows = reminded.by_level();
    let widest = |currency: &str| {
        let own = rows.iter().filter(|((_, _, own), _)| *own == currency).map(|(_, sums)| sums.total);
        own.max().unwrap_or(Decimal::ZERO)
    };
    for ((level, name, currency), sums) in &rows {
        let width = number(sums.total) / number(widest(currency)).max(1e-9) * 300.0;
        html.push_str(&format!(
            "<tr><td class=\"l\">{level} {}</td><td class=\"l\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"l\"><svg viewBox=\"0 0 304 16\" aria-hidden=\"true\"><rect x=\"2\" y=\"1\" width=\"{:.1}\" height=\"14\" fill=\"{}\"/></svg></td></tr>",
            safe(name),
            safe(currency),
            sums.notices,
            amount(sums.claims),
            amount(sums.charges),
            amount(sums.total),
            width.max(1.0),
            colour(*level)
        ));
    }
    html.push_str("</tbody></table>");
    if rows.is_empty() { String::from("<p>Nobody is to be reminded.</p>") } else { html }
}

fn reasons(reminded: &Reminded) -> String {
    let mut html = String::from("<details open><summary>Why not the others</summary><table><tbody>");
    for (reason, many) in reminded.by_reason() {
        html.push_str(&format!(
            "<tr><td style=\"width:70px\">{many}</td><td class=\"l\">{}</td></tr>",
            safe(why(reason))
        ));
    }
    html.push_str("</tbody></table></details>");
    html
}
