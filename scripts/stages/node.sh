#!/usr/bin/env bash
# The addon built by cargo and put beside index.js, the declarations compiled, the tests run.
source "$(dirname "$0")/../lib.sh"
has node && has npm || skip "node needs nodejs and npm"
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || skip "node needs Node 20 or later"

cd "$root/ar-node"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent
node scripts/build.mjs -j "$jobs" --features panic-for-the-test
cases_by ar-node/test/run_cases.mjs node test/run_cases.mjs
node test/run_gallery.mjs "$gallery"
npm run --silent types
npm run --silent test

# The order endpoint, over real HTTP. Its packages come from npm: without them it is skipped for a person, and fails under CI.
cd "$root/examples/order-endpoint"
if [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent; then
  npm run --silent test
elif in_ci; then
  loud "examples/order-endpoint: npm ci failed"
  exit 1
else
  loud "SKIPPED: examples/order-endpoint needs packages from npm: no network?"
fi
