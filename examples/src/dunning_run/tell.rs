//! The week in words and columns, for a controller at a terminal.

use std::collections::BTreeMap;
use std::path::Path;

use ar_core::dunning::SkippedItem;
use ar_examples::dunning::why;
use ar_examples::figures::{amount, count};
use rust_decimal::Decimal;

use crate::week::{Week, counted, number};

/// Prints the summary.
pub fn print(week: &Week, out: &Path) {
    let (Some(first), Some(last)) = (week.days.first(), week.days.last()) else { return };
    println!("DUNNING  {} to {}, ledger {}, policy {}\n", first.day, last.day, week.source, week.policy.id);
    if let Some((since, notices)) = week.taken_over {
        println!("The ledger has no notices: it begins with the {} that the policy would have sent", number(notices));
        println!("from {since} on, so that every item stands at a level.\n");
    }
    days(week);
    levels(week);
    why_not(week);
    audit(week);
    hindsight(week);
    println!(
        "\nWritten to {}: letters/ has the {} letters; notices.json, skipped.json, audit.json and simulation.json all the rest.",
        out.display(),
        number(week.sent().count())
    );
}

fn days(week: &Week) {
    println!("DAY BY DAY");
    for day in &week.days {
        let mut names: Vec<_> = day.notices.iter().map(|sent| (sent.notice.level, sent.notice.name.as_str())).collect();
        names.sort_unstable();
        let levels = counted(names.into_iter().map(|(_, name)| name));
        let levels: Vec<String> = levels.iter().map(|(name, many)| format!("{name} {many}")).collect();
        let said = match day.notices.len() {
            0 if day.is_quiet() => String::from("a quiet day: nothing is sent"),
            0 => String::from("nobody to remind"),
            1 => format!("  1 notice:  {}", levels.join(", ")),
            many => format!("{many:>3} notices: {}", levels.join(", ")),
        };
        let calls = match day.events.len() {
            0 => String::new(),
            1 => String::from("; one promise was broken"),
            many => format!("; {many} promises were broken"),
        };
        let again = if day.again == 0 { "" } else { "  A SECOND RUN IS NOT EMPTY" };
        println!("  {} {}  {said}{calls}{again}", &format!("{:?}", day.day.weekday())[..3], day.day);
    }
    if week.days.iter().all(|day| day.again == 0) {
        println!("  A second run of each day, once the first is posted, is empty.");
    }
    println!();
}

#[derive(Default, Clone)]
struct Sums {
    notices: usize,
    claims: Decimal,
    fees: Decimal,
    interest: Decimal,
    compensation: Decimal,
    total: Decimal,
}

fn levels(week: &Week) {
    println!("BY LEVEL AND CURRENCY, all the week");
    println!(
        "  {:<22}{:<5}{:>8}{:>15}{:>9}{:>10}{:>14}{:>15}",
        "level", "", "notices", "claimed", "fees", "interest", "compensation", "to be paid"
    );
    let mut sums: BTreeMap<(u32, &str, &str), Sums> = BTreeMap::new();
    let mut all: BTreeMap<&str, Sums> = BTreeMap::new();
    for (_, sent) in week.sent() {
        let notice = &sent.notice;
        let level = sums.entry((notice.level, &notice.name, &notice.currency)).or_default();
        for sum in [level, all.entry(&notice.currency).or_default()] {
            sum.notices += 1;
            sum.claims += notice.claims;
            sum.fees += notice.fee + notice.fee_tax + notice.line_fees;
            sum.interest += notice.interest;
            sum.compensation += notice.compensation;
            sum.total += notice.total;
        }
    }
    for ((level, name, currency), sum) in &sums {
        row(&format!("{level} {name}"), currency, sum);
    }
    for (currency, sum) in &all {
        row("all", currency, sum);
    }
    println!();
}

fn row(name: &str, currency: &str, sum: &Sums) {
    println!(
        "  {name:<22}{currency:<5}{:>8}{:>15}{:>9}{:>10}{:>14}{:>15}",
        sum.notices,
        amount(sum.claims),
        amount(sum.fees),
        amount(sum.interest),
        amount(sum.compensation),
        amount(sum.total)
    );
}

/// Why the others are not reminded, with an example each.
fn why_not(week: &Week) {
    let Some(day) = week.last_run() else { return };
    println!("WHY NOT THE OTHERS, on {}", day.day);
    let mut counts = counted(day.skipped.iter().map(|item| item.reason.as_str()));
    counts.sort_by_key(|(reason, many)| (std::cmp::Reverse(*many), *reason));
    for (reason, many) in counts {
        println!("  {:>5}  {}", number(many), why(reason));
        // Where nothing stands in the way by name there is nothing to show.
        let shown = day.skipped.iter().find(|item| item.reason == reason && says_more(item));
        if let Some(item) = shown {
            println!("         {}", example(week, item));
        }
    }
    println!();
}

fn says_more(item: &SkippedItem) -> bool {
    !item.detail.is_empty() || item.until.is_some() || matches!(item.reason.as_str(), "covered" | "in_flight")
}

fn example(week: &Week, item: &SkippedItem) -> String {
    let mut text =
        format!("such as {} of {}, {} {}", item.document, week.named(&item.customer), item.currency, amount(item.open));
    if !item.detail.is_empty() {
        text.push_str(&format!(": {}", item.detail));
    }
    if let Some(until) = item.until {
        text.push_str(&format!(", until {until}"));
    }
    text
}

fn audit(week: &Week) {
    let audit = &week.audit;
    let whose = if audit.of_ledger { "the ledger's notices" } else { "the notices of the week" };
    if audit.rows.is_empty() {
        println!(
            "AUDIT  {whose} from {} to {} are what the policy says: none missed, early, twice\n",
            audit.from, audit.to
        );
        return;
    }
    println!("AUDIT  {whose} from {} to {}: {} deviations", audit.from, audit.to, number(audit.rows.len()));
    for (kind, many) in counted(audit.rows.iter().map(|row| row.kind.as_str())) {
        println!("  {:>5}  {}", number(many), kind.replace('_', " "));
    }
    println!();
}

fn hindsight(week: &Week) {
    let simulation = &week.simulation;
    let (from, to) = week.simulated;
    println!("HAD THE POLICY BEEN IN USE from {from} to {to}");
    println!(
        "  {} notices on {} days to {} customers",
        number(simulation.notices.len()),
        number(simulation.days.len()),
        count(simulation.customers)
    );
    for total in &simulation.totals {
        println!(
            "  {}  fees {}, interest {}, compensation {}",
            total.currency,
            amount(total.fees),
            amount(total.interest),
            amount(total.compensation)
        );
    }
    let paid = &simulation.paid_already;
    if paid.is_empty() {
        println!("  nobody would have been reminded of what was paid");
        return;
    }
    println!(
        "  {} lines to customers that had paid: the payment, or what undid the claim, was recorded later, such as",
        number(paid.len())
    );
    for line in paid.iter().rev().take(3) {
        println!(
            "    {} {} {}  {} at level {}",
            line.day,
            week.named(&line.customer),
            line.document,
            amount(line.amount),
            line.level
        );
    }
    for warning in &week.lint {
        println!("  note on the policy: {}: {}", warning.path, warning.reason);
    }
}
