#!/usr/bin/env bash
# benches/prediction/run.sh [options of run.py]: the prediction protocol, LightGBM fitted in the same run.
# WINDOW=2019-07-01:61 asks about another window; LEDGER=ibm-ar about the other ledger; AR_DATA_DIR says where they are.
source "$(dirname "$0")/../../scripts/lib.sh"
data="${AR_DATA_DIR:-$root/../shared/data}"
ledger="${LEDGER:-hrc-derived}"
if [ ! -d "$data/$ledger" ]; then
  loud "no data at $data/$ledger: set AR_DATA_DIR to the folder that holds hrc-derived and ibm-ar (research use, not shipped)"
  exit 1
fi
home="$CARGO_TARGET_DIR/prediction-venv"
[ -x "$home/bin/python" ] || python3 -m venv "$home"
want=$(cksum < "$root/benches/prediction/requirements.txt" | cut -d' ' -f1)
if [ ! -e "$home/.have-$want" ]; then
  "$home/bin/pip" install --quiet -r "$root/benches/prediction/requirements.txt"
  touch "$home/.have-$want"
fi
(cd "$root" && cargo build --quiet --release -j "$jobs" -p ar-examples --example prediction_protocol)
name=prediction.json
[ "$ledger" = hrc-derived ] || name="prediction-$ledger.json"
exec "$home/bin/python" "$root/benches/prediction/run.py" --data "$data" --ledger "$ledger" \
  --protocol "$CARGO_TARGET_DIR/release/examples/prediction_protocol" --out "$CARGO_TARGET_DIR/bench/$name" \
  ${WINDOW:+--window "$WINDOW"} "$@"
