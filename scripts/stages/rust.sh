#!/usr/bin/env bash
# Format, lints, tests and examples in documents. The Python and Node libraries have no Rust tests: they cannot
# run outside their hosts.
source "$(dirname "$0")/../lib.sh"
cd "$root"

cases_by ar-core/harness/Cargo.toml cargo run --quiet -j "$jobs" -p ar-harness -- "$AR_CASES_JSON"

lacking=()
if cargo fmt --version >/dev/null 2>&1; then cargo fmt --all --check; else lacking+=(rustfmt); fi
if cargo clippy --version >/dev/null 2>&1; then
  cargo clippy --quiet -j "$jobs" --workspace --all-targets -- -D warnings
else
  lacking+=(clippy)
fi

tested=(--workspace --exclude ar-py --exclude ar-node)
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --no-tests pass -j "$jobs" "${tested[@]}"
  cargo test --quiet -j "$jobs" --doc "${tested[@]}"
else
  cargo test --quiet -j "$jobs" "${tested[@]}"
fi

# The schemas in ar-core/schemas are those of the types; the gallery of errors says how much of it was shown.
cargo test --quiet -j "$jobs" -p ar-core --features schema,letters --test schemas --test errors -- --nocapture

if [ ${#lacking[@]} -gt 0 ]; then
  loud "not checked, for want of: ${lacking[*]} (rustup component add ${lacking[*]})"
  if in_ci; then exit 1; fi
fi
