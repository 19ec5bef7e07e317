#!/usr/bin/env bash
# The benchmarks of the core.
source "$(dirname "$0")/lib.sh"
cd "$root"
cargo bench -j "$jobs" -p ar-core "$@"
