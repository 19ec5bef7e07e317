//! The sample ledger is what its generator makes, is taken in whole, and ties to its control accounts.

use std::path::Path;

use ar_core::aging::ControlBalance;
use ar_core::calendar::Day;
use ar_core::import::{self, File, Mapping};
use ar_examples::sample;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn mapping() -> Mapping {
    let text = std::fs::read_to_string(folder().join("mappings/sample.toml")).unwrap();
    Mapping::parse(&text).unwrap()
}

#[test]
fn the_generator_writes_the_same_bytes_as_are_kept() {
    for (name, text) in sample::files() {
        let kept = std::fs::read_to_string(folder().join("data").join(name)).unwrap();
        assert!(kept == text, "{name} differs: cargo run -p ar-examples --bin generate_sample");
    }
}

#[test]
fn every_row_is_accepted_and_the_control_accounts_tie() {
    let files = sample::files();
    let of = |mapping: &Mapping| -> Vec<File<'_>> {
        let names: Vec<String> = mapping.files().map(|(name, _)| name.to_owned()).collect();
        let wanted = files.iter().filter(|(name, _)| names.iter().any(|wanted| wanted == name));
        wanted.map(|(name, text)| File { name, bytes: text.as_bytes() }).collect()
    };
    let mapping = mapping();
    let (first, cash) = (mapping.batch(""), mapping.batch("cash"));
    let (ledger, report) = import::load_files(&first, &of(&first), &mapping.settings).unwrap();
    assert_eq!((report.rejected, report.repeated, report.conflicts), (0, 0, 0));
    assert!(ledger.documents() >= 2_000);
    let (year, month, day) = sample::TODAY;
    let today = Day::from_ymd(year, month, day).unwrap();
    let (ledger, report) = import::append_files(&ledger, &cash, &of(&cash), today).unwrap();
    assert_eq!(report.rejected, 1, "one payer is not in the books");

    let control = &files.iter().find(|(name, _)| *name == "control_accounts.csv").unwrap().1;
    let mut days = std::collections::BTreeMap::<(String, String), Vec<ControlBalance>>::new();
    for line in control.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        days.entry((cells[0].to_owned(), cells[1].to_owned())).or_default().push(ControlBalance {
            company: Some(cells[2].to_owned()),
            control_account: Some(cells[3].to_owned()),
            currency: cells[4].to_owned(),
            balance: cells[5].parse().unwrap(),
        });
    }
    assert_eq!(days.len(), 3);
    for ((day, known_on), mut balances) in days {
        let day = Day::parse(&day).unwrap();
        let view = match Day::parse(&known_on) {
            Ok(known_on) => ledger.as_of_known(day, known_on),
            Err(_) => ledger.as_of(day),
        };
        assert_eq!(view.reconcile(&balances).unwrap(), []);
        balances[0].balance += rust_decimal::Decimal::ONE;
        let differences = view.reconcile(&balances).unwrap();
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].difference.to_string(), "-1.00");
    }
}

#[test]
fn the_mappings_of_known_data_sets_are_well_formed() {
    for name in ["ibm-ar.toml", "hrc-derived.toml", "sample.toml"] {
        let text = std::fs::read_to_string(folder().join("mappings").join(name)).unwrap();
        Mapping::parse(&text).unwrap();
    }
}
