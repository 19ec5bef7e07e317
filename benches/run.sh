#!/usr/bin/env bash
# benches/run.sh [options of run.py]: a virtual environment with the peers, our package as users get it, the comparison.
source "$(dirname "$0")/../scripts/lib.sh"
home="$CARGO_TARGET_DIR/bench-venv"
[ -x "$home/bin/python" ] || python3 -m venv "$home"
want=$(cksum < "$root/benches/requirements.txt" | cut -d' ' -f1)
if [ ! -e "$home/.have-$want" ]; then
  "$home/bin/pip" install --quiet -r "$root/benches/requirements.txt" 'maturin>=1.16,<2'
  touch "$home/.have-$want"
fi
# `--release`, with the settings of the profile that a user's own build has.
(cd "$root/ar-py" && VIRTUAL_ENV="$home" "$home/bin/maturin" develop --quiet --release -j "$jobs")
"$home/bin/python" "$root/benches/run.py" --out "$CARGO_TARGET_DIR/bench/performance.json" "$@"
