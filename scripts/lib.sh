# Shared by the scripts: sourced, not run.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
# Stages work in folders of their own: a relative one would be another in each.
case "$CARGO_TARGET_DIR" in /*) ;; *) CARGO_TARGET_DIR="$PWD/$CARGO_TARGET_DIR" ;; esac
export AR_CASES_DIR="${AR_CASES_DIR:-$root/ar-core/cases}"
# The cases as every front end reads them, expanded by run.sh.
export AR_CASES_JSON="$CARGO_TARGET_DIR/cases"
tools="$CARGO_TARGET_DIR/tools"
venv="$CARGO_TARGET_DIR/venv"
jobs="${AR_JOBS:-$(nproc 2>/dev/null || echo 2)}"

has() { command -v "$1" >/dev/null 2>&1; }
in_ci() { [ "${CI:-}" = true ]; }
loud() { printf '\n!!! %s\n' "$*" >&2; }

# A stage that cannot run says why and leaves with 77: a skip for a person, a failure under CI.
skip() { loud "SKIPPED: $*"; exit 77; }

# The case suite of a front end: its harness (a file), then the command, which reads AR_CASES_JSON. `make cases` runs
# nothing else; `make test` goes on to the front end's own tests.
cases_by() {
  [ -f "$root/$1" ] || skip "no harness for the cases at $1"
  shift
  if [ "$AR_RUN" = cases ]; then exec "$@"; fi
  "$@"
}

# The gallery of errors (docs/errors.md), which every front end runs: its inputs, and what each is refused for.
gallery="$root/ar-core/tests/gallery"

jna_jar() {
  local jar
  for jar in "${JNA_JAR:-}" /usr/share/java/jna.jar; do
    [ -n "$jar" ] && [ -f "$jar" ] && printf '%s' "$jar" && return
  done
  return 1
}

ruby_ready() { has ruby && ruby -e 'require "ffi"; require "minitest"; require "bigdecimal"' 2>/dev/null; }

# A file of the build, found under whatever name the platform gives a library.
library() {
  local name
  for name in "lib$1.so" "lib$1.dylib" "$1.dll"; do
    [ -f "$CARGO_TARGET_DIR/debug/$name" ] && printf '%s' "$CARGO_TARGET_DIR/debug/$name" && return
  done
  loud "cargo built no library for $1"
  return 1
}

# The virtual environment, with the named packages when they are not in it yet.
python_tools() {
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  local want="$*" stamp="$venv/.have-$(printf '%s' "$*" | cksum | cut -d' ' -f1)"
  [ -e "$stamp" ] && return
  # shellcheck disable=SC2086
  "$venv/bin/pip" install --quiet $want && touch "$stamp"
}

# The foreign sources of ar-ffi, generated from the compiled library: once for all of its stages.
generate_ffi() {
  cargo build --quiet -j "$jobs" -p ar-ffi --features bindgen
  local lib out="$CARGO_TARGET_DIR/ffi" language
  lib=$(library ar_ffi)
  [ "$out/stamp" -nt "$lib" ] && [ "$out/stamp" -nt "$root/ar-ffi/uniffi.toml" ] && return
  rm -rf "$out"
  for language in kotlin ruby swift; do
    (cd "$root" && "$CARGO_TARGET_DIR/debug/uniffi-bindgen" generate "$lib" --language "$language" \
      --out-dir "$out/$language" --no-format)
  done
  touch "$out/stamp"
}

# What the programs in the README of ar-ffi print: its first block of text, or its second.
readme_prints() {
  awk -v want="$1" '/^```$/ { on = 0 } on { print } /^```text$/ { on = (++block == want) }' "$root/ar-ffi/README.md"
}

# Is standard input what a file says?
same_as() { diff -u "$1" - || { loud "printed something else than $1"; return 1; }; }
