//! A file with anything in it, read by a mapping of each kind: never a panic, and every row is accepted or rejected.
#![no_main]

use std::sync::LazyLock;

use ar_core::import::{Mapping, load, read};
use ar_core::ledger::settings::Settings;
use libfuzzer_sys::fuzz_target;

const TABLE: &str = r#"
[[file]]
[[file.fact]]
table = "customers"
once = true
fields = { id = "{customer}" }
[[file.fact]]
table = "documents"
[file.fact.fields]
id = "{customer}-{invoice}"
customer = "{customer}"
kind = "invoice"
currency = "EUR"
amount = { column = "amount", decimal_mark = "," }
document_date = { column = "date", date = "%d.%m.%Y" }
"#;

static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    let lines = TABLE.replacen("[[file]]", "[[file]]\nformat = \"json_lines\"", 1);
    [TABLE, lines.as_str()].iter().filter_map(|text| Mapping::parse(text).ok()).collect()
});

fuzz_target!(|data: &[u8]| {
    assert_eq!(MAPPINGS.len(), 2);
    for mapping in MAPPINGS.iter() {
        if let Ok(imported) = read(mapping, data) {
            let report = &imported.report;
            assert_eq!(report.rows, report.accepted + report.rejected);
            if let Ok((_, report)) = load(mapping, data, &Settings::default()) {
                assert_eq!(report.rows, report.accepted + report.rejected);
            }
        }
    }
});
