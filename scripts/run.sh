#!/usr/bin/env bash
# run.sh test|cases STAGE...: each stage in turn, all of them even after a failure; then a table with the times, the lines of
# every front end about the cases and the gallery of errors, and a failure when their counts are not equal.
source "$(dirname "$0")/lib.sh"
export AR_RUN="$1"
shift
# A change is judged by the same random worlds as the one before it; `make deep` draws new ones, and many more.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-20260131}"

if ! python3 -c 'import tomllib' 2>/dev/null; then
  loud "the case suite is read by Python 3.11 or later: python3 here is $(python3 --version 2>&1)"
  exit 1
fi
rm -rf "$AR_CASES_JSON"
python3 "$root/ar-core/cases/expand.py" "$AR_CASES_DIR" "$AR_CASES_JSON"
lines="$AR_CASES_JSON/lines.txt"
shown="$AR_CASES_JSON/gallery.txt"
: > "$lines"
: > "$shown"

table=()
bad=0
for stage in "$@"; do
  printf '\n=== %s: %s ===\n' "$AR_RUN" "$stage"
  started=$SECONDS status=0
  "$root/scripts/stages/$stage.sh" > >(tee \
    >(grep -E '^cases [a-z-]+ [0-9]+ passed, [0-9]+ failed$' >> "$lines") \
    >(grep -E '^gallery [a-z-]+ [0-9]+ as shown, [0-9]+ not made, [0-9]+ failed$' >> "$shown")) || status=$?
  case "$status" in
    0) word=passed ;;
    77) word=skipped; if in_ci; then word='FAILED (skipped, and CI=true)'; bad=1; fi ;;
    *) word=FAILED; bad=1 ;;
  esac
  table+=("$(printf '%-8s %5d s  %s' "$stage" $((SECONDS - started)) "$word")")
done
sleep 0.2

printf '\n=== %s, %d s in all ===\n' "$AR_RUN" "$SECONDS"
printf '%s\n' "${table[@]}"
# Each front end that was asked for and ran has a line; Rust has two.
wanted=0
for stage in "$@"; do
  case "$stage" in rust) wanted=$((wanted + 2)) ;; deny) ;; *) wanted=$((wanted + 1)) ;; esac
done
if [ -s "$lines" ]; then
  printf '\n'
  cat "$lines"
  if [ "$(wc -l < "$lines")" -lt "$wanted" ]; then
    loud "$(wc -l < "$lines") front ends of $wanted ran the cases"
    if in_ci; then bad=1; fi
  fi
  if [ "$(awk '{print $3 + $5}' "$lines" | sort -u | wc -l)" != 1 ]; then
    loud "the front ends did not run the same number of cases"
    bad=1
  fi
fi
if [ "$AR_RUN" = cases ]; then
  printf '\n'
  python3 "$root/ar-core/cases/sources.py" "$AR_CASES_JSON"
fi
if [ -s "$shown" ]; then
  cat "$shown"
  if [ "$(awk '{print $3 + $6 + $9}' "$shown" | sort -u | wc -l)" != 1 ]; then
    loud "the front ends did not run the same gallery of errors"
    bad=1
  fi
fi
exit "$bad"
