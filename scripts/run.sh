#!/usr/bin/env bash
# run.sh test|cases STAGE...: each stage in turn, all of them even after a failure, then a table with the times.
source "$(dirname "$0")/lib.sh"
export AR_RUN="$1"
shift

if [ "$AR_RUN" = cases ]; then
  rm -rf "$AR_CASES_JSON"
  python3 "$root/ar-core/cases/expand.py" "$AR_CASES_DIR" "$AR_CASES_JSON"
fi

table=()
bad=0
for stage in "$@"; do
  printf '\n=== %s: %s ===\n' "$AR_RUN" "$stage"
  started=$SECONDS status=0
  "$root/scripts/stages/$stage.sh" || status=$?
  case "$status" in
    0) word=passed ;;
    77) word=skipped; if in_ci; then word='FAILED (skipped, and CI=true)'; bad=1; fi ;;
    *) word=FAILED; bad=1 ;;
  esac
  table+=("$(printf '%-8s %5d s  %s' "$stage" $((SECONDS - started)) "$word")")
done

printf '\n=== %s, %d s in all ===\n' "$AR_RUN" "$SECONDS"
printf '%s\n' "${table[@]}"
exit "$bad"
