//! Import: a row gives all of its facts or none, every row is accounted for, and what is written is read back exactly.
#![expect(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "a test fails with them")]

use ar_core::calendar::Day;
use ar_core::import::{self, File, Mapping};
use ar_core::ledger::settings::Settings;
use proptest::prelude::*;
use rust_decimal::Decimal;

const INVOICES: &str = r#"
[[file]]
[[file.fact]]
table = "customers"
once = true
fields = { id = "{customer}", name = "{name}" }
[[file.fact]]
table = "documents"
fields = { id = "{id}", customer = "{customer}", kind = "invoice", currency = "EUR", amount = "{amount}", document_date = "{date}" }
[[file.fact]]
table = "documents"
when = [{ column = "paid", empty = false }]
[file.fact.fields]
id = "P-{id}"
customer = "{customer}"
kind = "payment"
currency = "EUR"
amount = { column = "amount", sign = "negative" }
document_date = "{paid}"
[[file.fact]]
table = "allocations"
when = [{ column = "paid", empty = false }]
fields = { id = "A-{id}", credit = "P-{id}", debit = "{id}", amount = "{amount}" }
"#;

const HEADER: &str = "id,customer,name,amount,date,paid\n";

fn mapping(text: &str) -> Mapping {
    Mapping::parse(text).unwrap()
}

fn invoices(rows: &str) -> String {
    format!("{HEADER}{rows}")
}

#[test]
fn a_row_that_the_ledger_refuses_takes_all_its_facts_with_it() {
    let rows = "1,C,,10.00,2026-01-01,2026-01-05\n2,C,,-5.00,2026-01-01,2026-01-05\n3,D,,0.005,2026-01-01,\n4,D,,7.00,2026-01-01,\n";
    let (ledger, report) = import::load(&mapping(INVOICES), invoices(rows).as_bytes(), &Settings::default()).unwrap();
    assert_eq!((report.rows, report.accepted, report.rejected), (4, 2, 2));
    let told: Vec<(u64, Option<&str>, &str)> =
        report.rejections.iter().map(|r| (r.line, r.column.as_deref(), r.code.as_str())).collect();
    assert_eq!(told, [(3, Some("amount"), "wrong_sign"), (4, Some("amount"), "too_many_digits")]);
    assert_eq!(ledger.documents(), 3);
    let open = ledger.as_of(Day::parse("2026-02-01").unwrap()).open_items();
    assert_eq!(open.iter().map(|item| item.document.as_str()).collect::<Vec<_>>(), ["4"]);
}

#[test]
fn what_is_made_once_goes_over_to_the_next_row_that_says_it() {
    let rows = "1,C,First,wrong,2026-01-01,\n2,C,Second,8.00,2026-01-01,\n3,C,Third,9.00,2026-01-01,\n";
    let read = import::read(&mapping(INVOICES), invoices(rows).as_bytes()).unwrap();
    assert_eq!(read.facts.customers.len(), 1);
    assert_eq!(read.facts.customers[0].name.as_deref(), Some("Second"));
    assert_eq!(read.report.conflicts, 1);
    let rows = "1,C,First,-1.00,2026-01-01,\n2,C,Second,8.00,2026-01-01,\n3,C,Second,9.00,2026-01-01,\n";
    let (ledger, report) = import::load(&mapping(INVOICES), invoices(rows).as_bytes(), &Settings::default()).unwrap();
    assert_eq!((ledger.documents(), report.rejected, report.conflicts), (2, 1, 0));
}

#[test]
fn repeats_are_refused_dropped_or_kept_and_counted() {
    let row = "1,C,,10.00,2026-01-01,\n";
    let text = invoices(&format!("{row}{row}"));
    let refused = import::read(&mapping(INVOICES), text.as_bytes()).unwrap().report;
    assert_eq!((refused.accepted, refused.rejected, refused.rejections[0].code.as_str()), (1, 1, "duplicate_id"));
    let dropping = INVOICES.replacen("[[file]]", "[[file]]\nrepeats = \"drop\"", 1);
    let dropped = import::read(&mapping(&dropping), text.as_bytes()).unwrap();
    assert_eq!((dropped.report.accepted, dropped.report.repeated, dropped.facts.documents.len()), (2, 1, 1));
    let keeping = INVOICES.replacen("[[file]]", "[[file]]\nrepeats = \"keep\"", 1);
    assert_eq!(import::read(&mapping(&keeping), text.as_bytes()).unwrap().facts.documents.len(), 2);
    let bad = "1,C,,-10.00,2026-01-01,\n";
    let text = invoices(&format!("{bad}{bad}"));
    let (_, report) = import::load(&mapping(&dropping), text.as_bytes(), &Settings::default()).unwrap();
    assert_eq!((report.accepted, report.rejected, report.repeated), (0, 2, 0));
}

#[test]
fn more_bad_rows_than_a_refusal_lists_are_all_accounted_for() {
    let rows: String =
        (0..1000).map(|at| format!("{at},C,,{}.00,2026-01-01,\n", if at % 2 == 0 { at + 1 } else { -at })).collect();
    let (ledger, report) = import::load(&mapping(INVOICES), invoices(&rows).as_bytes(), &Settings::default()).unwrap();
    assert_eq!((ledger.documents(), report.accepted, report.rejected), (500, 500, 500));
    assert_eq!(report.rejections.len(), 500);
}

#[test]
fn several_files_make_one_ledger_and_a_lost_customer_takes_its_documents() {
    let mapping = mapping(
        r#"
        [[file]]
        name = "customers.csv"
        fact = [{ table = "customers", fields = { id = "{id}", parent = "{parent}" } }]
        [[file]]
        name = "documents.csv"
        [[file.fact]]
        table = "documents"
        fields = { id = "{id}", customer = "{customer}", kind = "{kind}", currency = "{currency}", amount = "{amount}", document_date = "{date}" }
        [[file]]
        name = "disputes.csv"
        optional = true
        fact = [{ table = "disputes", fields = { id = "{id}", document = "{document}", reason = "price", effective = "{date}" } }]
        "#,
    );
    let customers = File { name: "customers.csv", bytes: b"id,parent\nA,\nB,NOBODY\n" };
    let documents = File {
        name: "documents.csv",
        bytes: b"id,customer,kind,currency,amount,date\n1,A,invoice,EUR,5,2026-01-01\n2,B,invoice,EUR,5,2026-01-01\n3,A,invoice,XXQ,1,2026-01-01\n",
    };
    let (ledger, report) = import::load_files(&mapping, &[documents, customers], &Settings::default()).unwrap();
    assert_eq!(ledger.documents(), 1);
    let told: Vec<(&str, u64, &str)> =
        report.rejections.iter().map(|r| (r.file.as_str(), r.line, r.code.as_str())).collect();
    let expected = [
        ("customers.csv", 3, "unknown_reference"),
        ("documents.csv", 3, "unknown_reference"),
        ("documents.csv", 4, "unknown_currency"),
    ];
    assert_eq!(told, expected);
    assert_eq!(report.files.len(), 2);
    let missing = import::load_files(&mapping, &[documents], &Settings::default()).unwrap_err();
    assert_eq!((missing.code(), missing.problems[0].field.as_deref()), ("mapping_invalid", Some("file[0].name")));
}

#[test]
fn a_quote_that_is_never_closed_is_told_with_its_lines() {
    let rows = "1,C,,10.00,2026-01-01,\n2,\"C,,10.00,2026-01-01,\n3,C,,10.00,2026-01-01,\n";
    let report = import::read(&mapping(INVOICES), invoices(rows).as_bytes()).unwrap().report;
    assert_eq!((report.rows, report.accepted, report.rejected), (2, 1, 1));
    assert_eq!((report.rejections[0].line, report.rejections[0].code.as_str()), (3, "missing_field"));
    assert!(report.rejections[0].reason.contains("line 4"), "{}", report.rejections[0].reason);
}

#[test]
fn no_reason_quotes_a_name_or_more_than_64_bytes() {
    let mapping = mapping(&INVOICES.replacen(
        "name = \"{name}\"",
        "name = { column = \"name\", map = { known = \"Known\" } }",
        1,
    ));
    let long = "9x".repeat(4000);
    let rows = format!("1,C,Jane Doe,1.00,2026-01-01,\n2,C,,{long},2026-01-01,\n3,C,,1.00,{long},\n");
    let report = import::read(&mapping, invoices(&rows).as_bytes()).unwrap().report;
    assert_eq!(report.rejected, 3);
    for rejection in &report.rejections {
        assert!(!rejection.reason.contains("Jane") && rejection.reason.len() < 180, "{}", rejection.reason);
    }
}

#[test]
fn a_mapping_that_is_wrong_names_the_place() {
    let wrong = [
        ("", "."),
        ("file = []", "file"),
        ("[[file]]\nname = 1\nfact = []", "file[0].name"),
        ("[[file]]\nfact = []", "file[0].fact"),
        ("[[file]]\nfact = [{ table = \"invoices\", fields = {} }]", "file[0].fact[0].table"),
        ("[[file]]\nfact = [{ table = \"customers\", fields = {} }]", "file[0].fact[0].fields.id"),
        ("[[file]]\nfact = [{ table = \"customers\", fields = { id = \"{a\" } }]", "file[0].fact[0].fields.id"),
        (
            "[[file]]\nfact = [{ table = \"customers\", fields = { id = \"{a}\", age = \"{b}\" } }]",
            "file[0].fact[0].fields.age",
        ),
        (
            "[[file]]\nfact = [{ table = \"closings\", fields = { of = \"{a}\", dim_x = \"{b}\", effective = \"{c}\" } }]",
            "file[0].fact[0].fields.dim_x",
        ),
        (
            "[[file]]\nfact = [{ table = \"closings\", fields = { of = \"{a}\", effective = { column = \"b\", date = \"%y%m%d\" } } }]",
            "file[0].fact[0].fields.effective.date",
        ),
        (
            "[[file]]\nfact = [{ table = \"customers\", when = [{ column = \"a\" }], fields = { id = \"{a}\" } }]",
            "file[0].fact[0].when[0]",
        ),
        (
            "[[file]]\nfact = [{ table = \"customers\", fields = { id = { column = \"a\", sign = \"flip\" } } }]",
            "file[0].fact[0].fields.id.sign",
        ),
        (
            "[[file]]\nfact = [{ table = \"customers\", fields = { id = { column = \"a\", text = \"b\" } } }]",
            "file[0].fact[0].fields.id",
        ),
    ];
    for (text, path) in wrong {
        let problem = &Mapping::parse(text).unwrap_err().problems[0];
        assert_eq!(problem.code, "mapping_invalid", "{text}: {}", problem.reason);
        assert_eq!(problem.field.as_deref().unwrap_or("."), path, "{text}: {}", problem.reason);
    }
    let absent = import::read(&mapping(INVOICES), b"id,customer\n").unwrap_err();
    assert_eq!(absent.code(), "mapping_invalid");
    assert_eq!(Mapping::parse("version = 2\nfile = []").unwrap_err().code(), "unsupported_version");
}

#[test]
fn a_float_of_json_is_read_by_its_digits() {
    let mapping = mapping(
        r#"
        [[file]]
        format = "json_lines"
        [[file.fact]]
        table = "documents"
        [file.fact.fields]
        id = "{no}"
        customer = "{buyer.id}"
        kind = "invoice"
        currency = "EUR"
        amount = { column = "gross", round = { digits = 2, rounding = "half_even" } }
        document_date = "{date}"
        "#,
    );
    let rows = r#"{"no":1,"buyer":{"id":"C"},"gross":2309.7899999999995,"date":"2026-01-01"}

{"no":2,"buyer":{"id":"C"},"gross":0.125,"date":"2026-01-01"}
{"no":3,"buyer":{"id":"C"},"gross":1e3,"date":"2026-01-01"}
{"no":4,"buyer":{"id":"C"},"gross":[1],"date":"2026-01-01"}
{"no":5,"buyer":{"id":"C"},"gross":12.50,"gross":1,"date":"2026-01-01"}
{"no":6,"buyer":{"id":"C"},"gross":12.50,"date":"2026-01-01"}
{"no":7,"#;
    let read = import::read(&mapping, rows.as_bytes()).unwrap();
    let amounts: Vec<String> = read.facts.documents.iter().map(|row| row.amount.to_string()).collect();
    assert_eq!(amounts, ["2309.79", "0.12", "12.50"]);
    assert_eq!((read.report.rounded, read.report.largest_change), (2, Some(Decimal::new(5, 3))));
    let told: Vec<(u64, &str)> = read.report.rejections.iter().map(|r| (r.line, r.code.as_str())).collect();
    assert_eq!(told, [(4, "not_a_number"), (5, "wrong_type"), (6, "duplicate_id"), (8, "wrong_type")]);
    let total = &read.report.totals[0];
    assert_eq!((total.documents, total.amount.to_string().as_str()), (3, "2322.41"));
}

#[test]
fn files_appended_later_are_recorded_on_one_day() {
    let (ledger, _) =
        import::load(&mapping(INVOICES), invoices("1,C,,10.00,2026-01-01,\n").as_bytes(), &Settings::default())
            .unwrap();
    let bank = mapping(
        r#"
        [[file]]
        name = "bank.csv"
        repeats = "keep"
        [[file.fact]]
        table = "documents"
        fields = { id = "B{@line}", customer = "{who}", kind = "payment", currency = "EUR", amount = { column = "amount", sign = "flip" }, document_date = "{day}" }
        "#,
    );
    let rows = b"who,amount,day\nC,4.00,2026-01-05\nC,4.00,2026-01-05\nNOBODY,1.00,2026-01-05\n";
    let file = File { name: "bank.csv", bytes: rows };
    let day = Day::parse("2026-01-06").unwrap();
    let (later, report) = import::append_files(&ledger, &bank, &[file], day).unwrap();
    assert_eq!((later.documents(), ledger.documents(), report.accepted, report.rejected), (3, 1, 2, 1));
    assert_eq!(later.as_of_known(day, Day::parse("2026-01-05").unwrap()).open_items().len(), 1);
    let backwards = import::append_files(&ledger, &bank, &[file], Day::parse("2025-01-01").unwrap()).unwrap_err();
    assert_eq!(backwards.code(), "recorded_backwards");
}

#[test]
fn a_customer_that_the_ledger_has_is_left_as_it_is_and_a_row_that_says_otherwise_is_a_conflict() {
    let text = r#"
        [[file]]
        [[file.fact]]
        table = "customers"
        once = true
        fields = { id = "{who}", name = "{name}", dim_region = "{region}" }
        [[file.fact]]
        table = "documents"
        fields = { id = "{no}", customer = "{who}", kind = "invoice", currency = "EUR", amount = "1.00", document_date = "2026-01-01" }
    "#;
    let mapped = mapping(text);
    let first = "who,name,region,no\nC,Caesar,north,1\nD,,,2\n";
    let (ledger, _) = import::load(&mapped, first.as_bytes(), &Settings::default()).unwrap();
    let day = Day::parse("2026-01-06").unwrap();
    let append = |rows: &str| {
        let text = format!("who,name,region,no\n{rows}");
        import::append_files(&ledger, &mapped, &[File { name: "", bytes: text.as_bytes() }], day).unwrap()
    };
    // Equal, saying less, and a new one beside them.
    let (later, report) = append("C,Caesar,north,3\nC,,,4\nE,Eve,,5\nD,,,6\n");
    assert_eq!((report.accepted, report.rejected, report.conflicts), (4, 0, 0));
    assert_eq!((later.documents(), later.customer("E").unwrap().name.as_deref()), (6, Some("Eve")));
    // Another name, another dimension, a name where there was none: the ledger's row stays.
    let (later, report) = append("C,Cicero,north,3\nC,Caesar,south,4\nD,Dora,,5\nC,Caesar,,6\nC,Cicero,,1\n");
    assert_eq!((report.accepted, report.rejected, report.conflicts), (4, 1, 3));
    assert_eq!((report.rejections[0].code.as_str(), report.rejections[0].line), ("duplicate_id", 6));
    assert_eq!(later.customer("C"), ledger.customer("C"));
    assert_eq!((ledger.customer("C").unwrap().name.as_deref(), ledger.customer("X")), (Some("Caesar"), None));
    // One that is not made once is refused as before.
    let plain = mapping(&text.replace("once = true", ""));
    let file = File { name: "", bytes: b"who,name,region,no\nC,Caesar,north,7\n" };
    let (_, report) = import::append_files(&ledger, &plain, &[file], day).unwrap();
    assert_eq!((report.rejected, report.rejections[0].code.as_str()), (1, "duplicate_id"));
}

fn date_mapping(pattern: &str) -> Mapping {
    mapping(&format!(
        "[[file]]\nrepeats = \"keep\"\n[[file.fact]]\ntable = \"closings\"\nfields = {{ of = \"x\", effective = {{ column = \"d\", date = \"{pattern}\" }} }}"
    ))
}

fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

proptest! {
    #[test]
    fn any_bytes_leave_every_row_accounted_for(bytes in prop::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
        let mut bytes = bytes;
        let mut all = if json { Vec::new() } else { HEADER.as_bytes().to_vec() };
        all.append(&mut bytes);
        let text = if json { INVOICES.replacen("[[file]]", "[[file]]\nformat = \"json_lines\"", 1) } else { INVOICES.to_owned() };
        let (ledger, report) = import::load(&mapping(&text), &all, &Settings::default()).unwrap();
        prop_assert_eq!(report.rows, report.accepted + report.rejected);
        prop_assert_eq!(report.rejections.len() as u64, report.rejected);
        prop_assert!(u64::from(ledger.documents()) <= report.accepted * 2);
    }

    #[test]
    fn texts_come_back_as_they_were(rows in prop::collection::vec(("[ -~é€]{1,12}", "[ -~\n]{0,20}", -9_999_999_i64..9_999_999), 1..20), delimiter in prop::sample::select(vec![',', ';', '\t', '|'])) {
        let mapping = mapping(&format!(
            "[[file]]\ntrim = false\ndelimiter = \"{}\"\nrepeats = \"keep\"\n[[file.fact]]\ntable = \"documents\"\nfields = {{ id = \"{{a}}\", customer = \"c\", reference = \"{{b}}\", kind = \"journal\", currency = \"EUR\", amount = \"{{n}}\", document_date = \"2026-01-01\" }}",
            if delimiter == '\t' { String::from("\\t") } else { delimiter.to_string() }
        ));
        let mut csv = format!("b{delimiter}n{delimiter}a\n");
        let mut json = String::new();
        for (a, b, n) in &rows {
            let n = Decimal::new(*n, 2);
            csv.push_str(&format!("{}{delimiter}{n}{delimiter}{}\r\n", cell(b), cell(a)));
            json.push_str(&format!("{}\n", serde_json::json!({ "a": a, "b": b, "n": n.to_string() })));
        }
        let read = import::read(&mapping, csv.as_bytes()).unwrap();
        prop_assert_eq!(read.report.rejected, 0);
        for (document, (a, b, n)) in read.facts.documents.iter().zip(&rows) {
            prop_assert_eq!(&document.id, a);
            prop_assert_eq!(document.reference.as_deref().unwrap_or(""), b);
            prop_assert_eq!(document.amount, Decimal::new(*n, 2));
        }
        let mut lines = mapping.clone();
        lines.file[0].format = ar_core::import::Format::JsonLines;
        prop_assert_eq!(import::read(&lines, json.as_bytes()).unwrap().facts, read.facts);
    }

    #[test]
    fn a_date_is_read_back_in_every_pattern(number in Day::MIN.number()..=Day::MAX.number()) {
        let day = Day::new(number).unwrap();
        let (year, month, of_month) = day.ymd();
        let written = [
            ("%Y-%m-%d", format!("{year:04}-{month:02}-{of_month:02}")),
            ("%m/%d/%Y", format!("{month}/{of_month}/{year:04}")),
            ("%d.%m.%Y", format!("{of_month}.{month}.{year:04}")),
            ("%Y%m%d", format!("{year:04}{month:02}{of_month:02}")),
        ];
        for (pattern, text) in written {
            let read = import::read(&date_mapping(pattern), format!("d\n{text}\n").as_bytes()).unwrap();
            prop_assert_eq!(read.facts.closings[0].effective, day.to_naive_date());
        }
    }

    #[test]
    fn a_number_is_read_back_in_every_style(units in any::<i64>(), digits in 0_u32..=4, style in 0_usize..4) {
        let number = Decimal::new(units, digits);
        let (keys, mark, group) = [
            ("", '.', None),
            ("decimal_mark = \",\"\ngrouping = \".\"\nnegative = \"trailing\"", ',', Some('.')),
            ("grouping = \",\"\nnegative = \"parentheses\"", '.', Some(',')),
            ("decimal_mark = \",\"\ngrouping = \"\u{a0}\"", ',', Some('\u{a0}')),
        ][style];
        let plain = number.abs().to_string();
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if let Some(group) = group && at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(group);
            }
            grouped.push(digit);
        }
        if !fraction.is_empty() {
            grouped.push(mark);
            grouped.push_str(fraction);
        }
        let text = match (number.is_sign_negative(), style) {
            (false, _) => grouped,
            (true, 1) => format!("{grouped}-"),
            (true, 2) => format!("({grouped})"),
            (true, _) => format!("-{grouped}"),
        };
        let mapping = mapping(&format!(
            "[[file]]\n{keys}\n[[file.fact]]\ntable = \"documents\"\nfields = {{ id = \"x\", customer = \"c\", kind = \"journal\", currency = \"EUR\", amount = \"{{n}}\", document_date = \"2026-01-01\" }}"
        ));
        let read = import::read(&mapping, format!("n\n{}\n", cell(&text)).as_bytes()).unwrap();
        prop_assert_eq!(read.report.rejected, 0, "{:?}", read.report.rejections);
        prop_assert_eq!(read.facts.documents[0].amount.to_string(), number.to_string());
    }

    #[test]
    fn good_rows_load_whatever_stands_between_them(rows in prop::collection::vec((0_u8..8, 1_i64..100_000), 1..60)) {
        let mut text = String::from(HEADER);
        let mut good = 0;
        let mut sum = Decimal::ZERO;
        for (at, (fate, cents)) in rows.iter().enumerate() {
            let amount = Decimal::new(*cents, 2);
            let row = match fate {
                0 => format!("{at},C{},,{amount},2026-02-30,", at % 3),
                1 => format!("{at},C{},,-{amount},2026-01-01,", at % 3),
                2 => format!("{at},C{},,{amount}1,2026-01-01,2026-01-09", at % 3),
                3 => format!("{at},,,{amount},2026-01-01,"),
                4 => format!("{at},C{},{amount},2026-01-01", at % 3),
                _ => {
                    good += 1;
                    sum += amount;
                    format!("{at},C{},,{amount},2026-01-01,", at % 3)
                }
            };
            text.push_str(&row);
            text.push('\n');
        }
        let (ledger, report) = import::load(&mapping(INVOICES), text.as_bytes(), &Settings::default()).unwrap();
        prop_assert_eq!((report.accepted, u64::from(ledger.documents())), (good, good));
        let open: Decimal = ledger.as_of(Day::MAX).open_items().iter().map(|item| item.open).sum();
        prop_assert_eq!(open, sum);
        prop_assert_eq!(report.totals.iter().map(|total| total.amount).sum::<Decimal>(), sum);
    }
}
