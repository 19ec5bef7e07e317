//! Arrow columns in bytes, as Node hands them over: never a panic, and a ledger or a typed refusal.
#![no_main]

use std::sync::Once;

use ar_core::arrow::{ArrowFacts, from_ipc};
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::Table;
use ar_core::ledger::settings::Settings;
use libfuzzer_sys::fuzz_target;

static QUIET: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    // The reader of the format panics and is caught; only a panic that gets out is a find.
    QUIET.call_once(|| drop(std::panic::take_hook()));
    let Some((first, bytes)) = data.split_first() else { return };
    let table = Table::ALL[usize::from(*first) % Table::ALL.len()];
    let Ok(batches) = from_ipc(bytes) else { return };
    let mut read = ArrowFacts::new();
    for batch in &batches {
        if read.push(table, batch).is_err() {
            return;
        }
    }
    let _ = Ledger::load(Settings::default(), &read.tables());
});
