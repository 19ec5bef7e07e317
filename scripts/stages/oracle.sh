#!/usr/bin/env bash
# The slow and plain second engine, written from the specification: the cases, and random small ledgers answered by both
# engines, compared byte by byte. AR_DIFFERENTIAL says how many.
source "$(dirname "$0")/../lib.sh"
cd "$root"
cases_by ar-core/oracle/run_cases.py python3 ar-core/oracle/run_cases.py "$AR_CASES_JSON"

cargo build --quiet -j "$jobs" -p ar-harness
python3 ar-core/oracle/differential.py --engine "$CARGO_TARGET_DIR/debug/ar-harness --engine rust-rows" \
  --count "${AR_DIFFERENTIAL:-5000}" --seed "${AR_SEED:-1}" --jobs "$jobs"

# What must hold of every settlement and of every dunning run, asked of the oracle alone.
python3 ar-core/oracle/settlement_properties.py "${AR_PROPERTIES:-500}" "${AR_SEED:-1}"
python3 ar-core/oracle/dunning_properties.py "${AR_PROPERTIES:-500}" "${AR_SEED:-1}"
