//! A case of the suite with anything in it: never a panic, and rows are answered as columns are.
#![no_main]

use ar_fuzz::{Dice, cross, empty, mutate, read, write};
use ar_harness::{Front, answers};
use libfuzzer_sys::{Corpus, fuzz_crossover, fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some(case) = read(data) else { return Corpus::Reject };
    let rows = answers(Front::Rows, &case);
    let columns = answers(Front::Columns, &case);
    // A row that no struct can hold is the harness's refusal, not the library's.
    let typed = |answers: &[serde_json::Value]| !answers.iter().any(|answer| answer["error"]["code"] == "harness");
    if typed(&rows) && typed(&columns) {
        assert_eq!(rows, columns);
    }
    Corpus::Keep
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut dice = Dice::new(seed);
    let mut case = data.get(..size).and_then(read).unwrap_or_else(empty);
    mutate(&mut case, &mut dice);
    data.get_mut(..max_size).and_then(|room| write(&case, room)).unwrap_or(size)
});

fuzz_crossover!(|first: &[u8], second: &[u8], out: &mut [u8], seed: u32| {
    let mut case = read(first).unwrap_or_else(empty);
    cross(&mut case, &read(second).unwrap_or_else(empty), &mut Dice::new(seed));
    write(&case, out).unwrap_or(0)
});
