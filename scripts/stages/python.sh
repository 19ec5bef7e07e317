#!/usr/bin/env bash
# The package built into a virtual environment, its tests, its types, and the stubs against the compiled module.
source "$(dirname "$0")/../lib.sh"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || skip "python needs Python 3.10 or later"
python3 -c 'import venv, ensurepip' 2>/dev/null || skip "python needs python3-venv"

python_tools 'maturin>=1.16,<2' 'pytest>=8' 'hypothesis>=6' 'mypy>=1.18' 'polars>=1' 'pandas>=2.2' pandas-stubs 'pyarrow>=17' pyarrow-stubs 'duckdb>=1' 'vl-convert-python>=1.9' 'tqdm>=4'
cd "$root/ar-py"
VIRTUAL_ENV="$venv" "$venv/bin/maturin" develop --quiet -j "$jobs"

cases_by ar-py/tests/run_cases.py "$venv/bin/python" tests/run_cases.py
"$venv/bin/python" tests/run_gallery.py "$gallery"
"$venv/bin/python" -m pytest
"$venv/bin/python" -m mypy
"$venv/bin/python" -m mypy.stubtest receivables
