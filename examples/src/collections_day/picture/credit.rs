//! Whose next order would be blocked: a table, since what matters are the checks.

use super::safe;
use crate::day::CollectionsDay;
use crate::tell::amount;

/// The section.
pub fn credit(day: &CollectionsDay) -> String {
    let credit = &day.credit;
    let mut html = format!(
        "<h2>Whose next order is blocked</h2>\n<p class=\"soft\">Of {} customers with an exposure, each currency by itself, {} could not order for another 1.00: the largest exposures, and every check that blocks. Headroom is what is left of the limit.</p>\n",
        credit.asked,
        credit.blocked.len()
    );
    for currency in credit.currencies() {
        let own: Vec<_> = credit.blocked.iter().filter(|row| row.currency == currency).collect();
        html.push_str(&format!(
            "<div class=\"sheet\"><h3>{} <span class=\"soft\">{} of {} that are blocked</span></h3><table><thead><tr><th class=\"l\">customer</th><th>exposure</th><th>limit</th><th>headroom</th><th class=\"l\">blocked by</th><th class=\"l\">may release</th></tr></thead><tbody>",
            safe(currency),
            own.len().min(8),
            own.len()
        ));
        for row in own.into_iter().take(8) {
            let named: String = day.books.named(&row.customer).chars().take(38).collect();
            html.push_str(&format!(
                "<tr><td class=\"l\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"l w\">{}</td><td class=\"l\">{}</td></tr>",
                safe(&named),
                amount(row.exposure),
                row.limit.map_or(String::from("none"), amount),
                row.headroom.map(amount).unwrap_or_default(),
                safe(&row.because.join("; ")),
                safe(&row.may_release.join(", "))
            ));
        }
        html.push_str("</tbody></table></div>\n");
    }
    html
}
