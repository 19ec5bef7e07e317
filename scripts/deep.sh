#!/usr/bin/env bash
# What takes longer than a change should wait for: every property with many more cases.
source "$(dirname "$0")/lib.sh"
cd "$root"
PROPTEST_CASES="${PROPTEST_CASES:-20000}" cargo test -j "$jobs" -p ar-core --release
