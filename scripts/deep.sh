#!/usr/bin/env bash
# What takes longer than a change should wait for: every property with many more cases, a million random ledgers against the
# oracle, payment dates learnt from a million invoices, mutated cases and files (AR_FUZZ_SECONDS each), and mutants of the rooms
# where an error costs money. Each can be had alone: scripts/deep.sh differential
source "$(dirname "$0")/lib.sh"
cd "$root"

properties() { PROPTEST_CASES="${PROPTEST_CASES:-20000}" cargo test -j "$jobs" -p ar-core --release; }

# In parts, each with its own line: an hour that is cut short is not lost, and AR_FIRST goes on from there.
differential() {
  local first="${AR_FIRST:-0}" last="${AR_DIFFERENTIAL:-1000000}" part=20000 bad=0
  cargo build --release -j "$jobs" -p ar-harness
  while [ "$first" -lt "$last" ]; do
    if [ $((last - first)) -lt "$part" ]; then part=$((last - first)); fi
    printf 'ledgers %d to %d, seed %s: ' "$first" $((first + part - 1)) "${AR_SEED:-2}"
    python3 ar-core/oracle/differential.py --engine "$CARGO_TARGET_DIR/release/ar-harness --engine rust-rows" \
      --first "$first" --count "$part" --seed "${AR_SEED:-2}" --jobs "$jobs" || bad=1
    first=$((first + part))
  done
  return "$bad"
}

# Payment dates of a million invoices: learnt from a sample, in less than two minutes of CPU and 2 GB.
million() {
  local told
  cargo build --release -j "$jobs" -p ar-examples --example prediction_protocol
  told=$("$CARGO_TARGET_DIR/release/examples/prediction_protocol" --generated 1000000 --cut 2019-10-01 --days 2 --weeks 0 --threads "$jobs")
  printf '%s\n' "$told"
  awk '/^train cpu/ { good = $3 < 120 && $9 < 2048 } END { exit !good }' <<<"$told" ||
    { loud "expected less than 120 s of CPU and 2048 MB"; return 1; }
}

fuzz() {
  if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
    loud "SKIPPED: fuzzing needs a nightly compiler and cargo-fuzz: type  rustup toolchain install nightly && cargo install cargo-fuzz"
    return
  fi
  local corpus="$CARGO_TARGET_DIR/fuzz/corpus" found="$CARGO_TARGET_DIR/fuzz/found" target bad=0
  mkdir -p "$found"
  python3 ar-core/cases/expand.py "$AR_CASES_DIR" "$AR_CASES_JSON"
  { [ -x "$venv/bin/python" ] && "$venv/bin/python" ar-core/fuzz/seeds.py "$AR_CASES_JSON" "$corpus"; } ||
    python3 ar-core/fuzz/seeds.py "$AR_CASES_JSON" "$corpus"
  for target in cases import tables; do
    (cd ar-core && CARGO_TARGET_DIR="$CARGO_TARGET_DIR/fuzz" cargo +nightly fuzz run -s none --codegen-units 16 "$target" "$corpus/$target" -- \
      -max_len=16384 -timeout=30 -rss_limit_mb=4096 -max_total_time="${AR_FUZZ_SECONDS:-600}" -artifact_prefix="$found/$target-") || bad=1
  done
  return "$bad"
}

mutants() {
  if ! cargo mutants --version >/dev/null 2>&1; then
    loud "SKIPPED: mutants need cargo-mutants: type  cargo install cargo-mutants"
    return
  fi
  cargo mutants -j "$jobs" -p ar-core --output "$CARGO_TARGET_DIR" \
    --file 'ar-core/src/money/*.rs' --file 'ar-core/src/calendar/*.rs' \
    --file 'ar-core/src/aging/*.rs' --file 'ar-core/src/allocation/*.rs' || loud "some mutants live: see $CARGO_TARGET_DIR/mutants.out"
}

for tier in "${@:-properties}"; do
  if [ $# = 0 ]; then properties; differential; million; fuzz; mutants; else "$tier"; fi
done
