#![allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods
)]
use ar_core::facade::*;
use std::time::Instant;
#[test]
fn perf() {
    let n = 1_000_000usize;
    let mut facts = Facts::default();
    for c in 0..50_000 {
        facts.customers.push(Customer { id: format!("C{c:06}"), ..Customer::default() });
    }
    let base = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let mut x = 88172645463325252u64;
    let mut rnd = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    for i in 0..n {
        let d = base + chrono::Days::new(rnd() % 200);
        facts.documents.push(Document {
            id: format!("I{i:07}"),
            customer: format!("C{:06}", rnd() % 50_000),
            kind: "invoice".into(),
            currency: ["EUR", "USD", "GBP"][(rnd() % 3) as usize].into(),
            amount: rust_decimal::Decimal::new((rnd() % 1_000_000) as i64 + 1, 2),
            document_date: d,
            due_date: Some(d + chrono::Days::new(30)),
            ..Document::default()
        });
    }
    let t = Instant::now();
    let ledger = Ledger::load(Settings::default(), &facts.tables()).unwrap();
    println!("load {:?}", t.elapsed());
    let policy = dunning_policy(r#"{"procedures":{"s":{"grace_days":3,"escalation":"jump","levels":[{"days":4},{"days":14},{"days":30},{"days":60}],"minimum":[{"currency":"EUR","amount":"10"}]}}}"#).unwrap();
    for k in 0..6 {
        let view = ledger.as_of(Day::parse("2026-07-01").unwrap());
        let view = view.carried_to(Day::parse(&format!("2026-07-0{}", k + 1)).unwrap()).unwrap();
        if k == 0 {
            let t = Instant::now();
            let _ = view.dun(&policy).unwrap();
            println!("first {:?}", t.elapsed());
        }
        let t = Instant::now();
        let run = view.dun(&policy).unwrap();
        println!("dun {:?} notices {} lines {}", t.elapsed(), run.len(), run.line_count());
    }
    let view = ledger.as_of(Day::parse("2026-07-01").unwrap());
    let run = view.dun(&policy).unwrap();
    let t = Instant::now();
    let _rows = run.notices().unwrap();
    println!("rows {:?}", t.elapsed());
    let t = Instant::now();
    let f = run.facts("r").unwrap();
    println!("facts {:?} {}", t.elapsed(), f.notice_lines.len());
    let posted = ledger.append(&f.tables(), Day::parse("2026-07-01").unwrap()).unwrap();
    let view = posted.as_of(Day::parse("2026-07-20").unwrap());
    for _ in 0..3 {
        let t = Instant::now();
        let run = view.dun(&policy).unwrap();
        println!("with history {:?} {}", t.elapsed(), run.line_count());
    }
}
