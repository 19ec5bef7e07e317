//! The day of the sample ledger, as it is written.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::ask::Asked;
use crate::cash::{self, Settled};
use crate::day::CollectionsDay;
use crate::{books, write};

fn day() -> CollectionsDay {
    let books = books::open(&Asked::default()).unwrap();
    let as_of = books.day_of_cash().unwrap();
    let cash = cash::settle(&books, as_of).unwrap();
    CollectionsDay::of(books, cash, as_of).unwrap()
}

fn sum(row: &Value, names: &[&str]) -> Decimal {
    names.iter().map(|name| row[name].as_str().unwrap().parse::<Decimal>().unwrap()).sum()
}

const DIFFERENCES: [&str; 7] =
    ["discount", "discount_tax", "tolerance", "write_off", "bank_charge", "cash_rounding", "residual"];

#[test]
fn an_order_is_blocked_by_a_block_a_limit_or_what_is_long_overdue() {
    let day = day();
    let blocked = &day.credit.blocked;
    assert!(!blocked.is_empty() && blocked.len() < day.credit.asked);
    for reason in ["blocked: yes", "limit passed by", "days overdue"] {
        assert!(blocked.iter().any(|row| row.because.iter().any(|told| told.contains(reason))), "{reason}");
    }
    // A limit that is passed leaves less than nothing, or less than the order.
    for row in blocked.iter().filter(|row| row.because.iter().any(|told| told.starts_with("limit"))) {
        assert!(row.headroom.unwrap() < Decimal::ONE, "{}", row.customer);
    }
}

#[test]
fn the_proof_adds_up_in_the_written_json() {
    let out = std::env::temp_dir().join(format!("collections_day_{}", std::process::id()));
    write::all(&day(), &out).unwrap();
    let written: Value = serde_json::from_slice(&std::fs::read(out.join("collections_day.json")).unwrap()).unwrap();
    std::fs::remove_dir_all(&out).unwrap();
    let cash = &written["cash"];
    let proof = cash["proof"].as_array().unwrap();
    assert_eq!(proof.len(), 3);
    // The sides of the proof, by currency, added up once more from the credits that were written.
    let mut told: BTreeMap<&str, [Decimal; 4]> = BTreeMap::new();
    for credit in cash["credits"].as_array().unwrap() {
        let sums = told.entry(credit["currency"].as_str().unwrap()).or_default();
        let all =
            |list: &str| credit[list].as_array().unwrap().iter().map(|row| sum(row, &["amount"])).sum::<Decimal>();
        let parts = [sum(credit, &["amount"]), all("lines"), all("on_account"), all("differences")];
        assert_eq!(parts[0], parts[1] + parts[2], "{credit}");
        for (whole, part) in sums.iter_mut().zip(parts) {
            *whole += part;
        }
    }
    for row in proof {
        assert_eq!(sum(row, &["received"]), sum(row, &["applied", "closed", "unapplied"]));
        assert_eq!(sum(row, &["claims"]), sum(row, &["paid", "open"]) + sum(row, &DIFFERENCES));
        let [received, applied, unapplied, let_go] = told[row["currency"].as_str().unwrap()];
        assert_eq!(sum(row, &["received"]), received);
        assert_eq!(sum(row, &["applied"]), applied);
        assert_eq!(sum(row, &["unapplied"]), unapplied);
        assert_eq!(sum(row, &DIFFERENCES), let_go);
    }
    // As examples/python/settle_month.txt has them.
    assert_eq!(cash["lines"], 39);
    let kinds: Vec<_> = cash["differences_by_kind"].as_array().unwrap().iter().map(|row| &row["amount"]).collect();
    assert_eq!(kinds, ["88.81", "40.52"]);
    assert_eq!(cash["questions"].as_array().unwrap().len(), 1);
    assert_eq!(cash["questions"][0]["amount"], "49.50");
}

#[test]
fn every_item_that_the_cash_left_open_is_on_a_notice_or_left_out() {
    let day = day();
    let Settled::Posted(cash) = &day.cash else { panic!("settled") };
    let reminded = day.reminded.as_ref().unwrap();
    assert!(!reminded.notices.is_empty());
    let lines = reminded.notices.iter().flat_map(|notice| &notice.lines).map(|line| (&line.document, line.instalment));
    let skipped = reminded.skipped.iter().map(|item| (&item.document, item.instalment));
    let mut told: Vec<_> = lines.chain(skipped).collect();
    told.sort();
    let open = cash.ledger.as_of(day.as_of).open_items();
    let mut open: Vec<_> = open.iter().map(|item| (&item.document, item.instalment)).collect();
    open.sort();
    assert_eq!(told, open);

    let out = std::env::temp_dir().join(format!("collections_day_dunning_{}", std::process::id()));
    write::all(&day, &out).unwrap();
    let written: Value = serde_json::from_slice(&std::fs::read(out.join("dunning.json")).unwrap()).unwrap();
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    std::fs::remove_dir_all(&out).unwrap();
    assert_eq!(written["notices"].as_array().unwrap().len(), reminded.notices.len());
    let counts: u64 =
        written["skipped_by_reason"].as_object().unwrap().values().map(|many| many.as_u64().unwrap()).sum();
    assert_eq!(counts, u64::try_from(reminded.skipped.len()).unwrap());
    assert!(page.contains("Whom to remind"));
}

#[test]
fn the_day_ties_when_what_was_let_go_is_booked_and_not_without() {
    let day = day();
    for tie in &day.ties {
        assert_eq!(tie.differences, Some(Vec::new()), "{}", tie.day);
    }
    let Settled::Posted(cash) = &day.cash else { panic!("settled") };
    let booked: Vec<_> =
        cash.postings.iter().map(|posting| (posting.kind.as_str(), posting.amount.to_string())).collect();
    assert_eq!(booked, [("write_off", String::from("-40.52")), ("discount", String::from("-88.81"))]);
    let said: Vec<_> = day.books.control().unwrap().into_iter().filter(|row| row.day == day.as_of).collect();
    let said: Vec<_> = said.into_iter().map(|row| row.balance).collect();
    let bare = cash.ledger.as_of(day.as_of).reconcile(&said).unwrap();
    assert_eq!(bare.iter().map(|row| row.difference.to_string()).collect::<Vec<_>>(), ["-40.52", "-88.81"]);
}
