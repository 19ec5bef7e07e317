"""The programs in ``examples/python`` print what is kept beside them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples/python"
KEPT = sorted(program.with_suffix(".py") for program in FOLDER.glob("*.txt"))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the programs read TOML")
@pytest.mark.parametrize("program", KEPT, ids=lambda program: program.stem)
def test_a_program_prints_what_is_kept(program: Path) -> None:
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, encoding="utf-8", check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == program.with_suffix(".txt").read_text(encoding="utf-8")


def test_a_program_without_its_data_says_so(tmp_path: Path) -> None:
    asked = [sys.executable, str(FOLDER / "compare_dunning.py")]
    nothing = {**os.environ, "AR_DATA_DIR": str(tmp_path)}
    run = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=False, env=nothing, cwd=tmp_path)
    assert "SKIPPED" in run.stdout + run.stderr
    assert not list(tmp_path.iterdir())
