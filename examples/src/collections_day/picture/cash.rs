//! The part of the page about the day's cash: lines, differences, what stays, what is asked, and that nothing was lost.

use std::fmt::Write as _;

use super::safe;
use crate::cash::{Cash, Credit, Settled};
use crate::day::CollectionsDay;
use crate::tell::amount;
use crate::words::{beside, differences, holds, kind, question, why, why_unapplied};

pub fn cash(day: &CollectionsDay) -> String {
    let mut html = String::from("<h2>The day's cash</h2>\n");
    let cash = match &day.cash {
        Settled::Nothing(why) => return format!("{html}<p>{}</p>\n", safe(why)),
        Settled::Posted(cash) => cash,
    };
    let _ = writeln!(
        html,
        "<p class=\"soft\">{} receipts were posted and settled together with what stood on account before, all accounts of a customer at once: by what the payment names, by an equal amount, by the only set of items that has the amount. Discounts in time are taken, late ones asked; a small shortage is written off. {} of the bank's lines could not be posted.</p>",
        cash.receipts(),
        cash.report.rejected
    );
    html.push_str(&proof(cash));
    html.push_str(&let_go(day, cash));
    html.push_str(&questions(day, cash));
    html.push_str(&stays(day, cash));
    html.push_str(&lines(day, cash));
    html
}

fn head(title: &str, columns: &[(&str, bool)]) -> String {
    let mut html = format!("<div class=\"sheet\"><h3>{}</h3><table><thead><tr>", safe(title));
    for (name, left) in columns {
        let _ = write!(html, "<th{}>{name}</th>", if *left { " class=\"l\"" } else { "" });
    }
    html.push_str("</tr></thead><tbody>\n");
    html
}

const END: &str = "</tbody></table></div>\n";

fn proof(cash: &Cash) -> String {
    let all = cash.settlement.proof();
    let holds = all.iter().all(holds);
    let mut html = head(
        if holds { "Nothing is lost" } else { "The proof does not add up" },
        &[
            ("currency", true),
            ("received", false),
            ("= applied", false),
            ("+ closed", false),
            ("+ on account", false),
            ("claims", false),
            ("= paid", false),
            ("+ differences", false),
            ("+ open", false),
        ],
    );
    for row in &all {
        let _ = write!(html, "<tr><td class=\"l\">{}</td>", safe(&row.currency));
        let came = [row.received, row.applied, row.closed, row.unapplied];
        for sum in came.into_iter().chain([row.claims, row.paid, differences(row), row.open]) {
            let _ = write!(html, "<td>{}</td>", amount(sum));
        }
        html.push_str("</tr>\n");
    }
    html.push_str(END);
    html
}

/// Differences one by one, and by kind.
fn let_go(day: &CollectionsDay, cash: &Cash) -> String {
    let by_kind = cash.by_kind();
    if by_kind.is_empty() {
        return String::new();
    }
    let columns =
        [("kind", true), ("customer", true), ("document", true), ("amount", false), ("", true), ("because", true)];
    let mut html = head("Differences by kind", &columns);
    for ((currency, name), (number, sum)) in &by_kind {
        let held = cash
            .credits
            .iter()
            .flat_map(|credit| credit.lines.iter().flat_map(|paid| &paid.differences).map(move |held| (credit, held)));
        for (credit, held) in held.filter(|(_, held)| held.currency == *currency && held.kind == *name) {
            let _ = writeln!(
                html,
                "<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td><td>{}</td><td class=\"l\">{}</td><td class=\"l w\">{}</td></tr>",
                safe(&kind(name)),
                safe(&day.books.named(&credit.customer)),
                safe(&held.document),
                amount(held.amount),
                safe(currency),
                safe(&beside(held))
            );
        }
        let _ = writeln!(
            html,
            "<tr class=\"sum\"><td class=\"l\">{}</td><td class=\"l\">{number} in all</td><td></td><td>{}</td><td class=\"l\">{}</td><td></td></tr>",
            safe(&kind(name)),
            amount(*sum),
            safe(currency)
        );
    }
    html.push_str(END);
    html
}

fn questions(day: &CollectionsDay, cash: &Cash) -> String {
    let asked = cash.settlement.questions();
    if asked.is_empty() {
        return String::new();
    }
    let mut html = head("To be decided", &[("customer", true), ("document", true), ("question", true)]);
    for one in &asked {
        let about = if one.credit.is_empty() { &one.document } else { &one.credit };
        let credit = cash.credits.iter().find(|credit| credit.document == *about);
        let _ = writeln!(
            html,
            "<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td class=\"l w\">{}</td></tr>",
            safe(&credit.map(|credit| day.books.named(&credit.customer)).unwrap_or_default()),
            safe(about),
            safe(&question(one))
        );
    }
    html.push_str(END);
    html
}

fn stays(day: &CollectionsDay, cash: &Cash) -> String {
    if cash.credits.iter().all(|credit| credit.unapplied.is_empty()) {
        return String::new();
    }
    let columns = [("customer", true), ("document", true), ("amount", false), ("", true), ("because", true)];
    let mut html = head("Stays on account", &columns);
    for credit in &cash.credits {
        for left in &credit.unapplied {
            let _ = writeln!(
                html,
                "<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td>{}</td><td class=\"l\">{}</td><td class=\"l w\">{}</td></tr>",
                safe(&day.books.named(&credit.customer)),
                safe(&credit.document),
                amount(left.amount),
                safe(&left.currency),
                safe(why_unapplied(left))
            );
        }
    }
    html.push_str(END);
    html
}

fn lines(day: &CollectionsDay, cash: &Cash) -> String {
    let columns = [
        ("from", true),
        ("says", true),
        ("received", false),
        ("", true),
        ("amount", false),
        ("to", true),
        ("because", true),
    ];
    let mut html = head(&format!("Settled: {} lines", cash.settlement.len()), &columns);
    for credit in &cash.credits {
        html.push_str(&rows(day, credit));
    }
    for rejection in &cash.report.rejections {
        let _ = writeln!(
            html,
            "<tr><td class=\"l bad\">not posted</td><td class=\"l w\" colspan=\"6\">{} line {}: {}</td></tr>",
            safe(&rejection.file),
            rejection.line,
            safe(&rejection.reason)
        );
    }
    html.push_str(END);
    html
}

fn rows(day: &CollectionsDay, credit: &Credit) -> String {
    let mut cells: Vec<(String, &str, String)> = Vec::new();
    for paid in &credit.lines {
        cells.push((amount(paid.line.amount), &paid.line.debit, why(paid)));
        let held = paid.differences.iter().map(|held| (amount(held.amount), held.document.as_str(), beside(held)));
        cells.extend(held);
    }
    let left = credit.unapplied.iter();
    cells.extend(left.map(|left| (amount(left.amount), "on account", why_unapplied(left).to_owned())));
    let mut html = String::new();
    for (at, (what, to, because)) in cells.into_iter().enumerate() {
        let said = if credit.of_today { credit.text.clone() } else { format!("{}, before today", credit.document) };
        let first = if at == 0 {
            format!(
                "<td class=\"l\">{}</td><td class=\"l w\">{}</td><td>{}</td><td class=\"l\">{}</td>",
                safe(&day.books.named(&credit.customer)),
                safe(&said),
                amount(credit.amount),
                safe(&credit.currency)
            )
        } else {
            String::from("<td></td><td></td><td></td><td></td>")
        };
        let _ = writeln!(
            html,
            "<tr>{first}<td>{what}</td><td class=\"l\">{}</td><td class=\"l w\">{}</td></tr>",
            safe(to),
            safe(&because)
        );
    }
    html
}
