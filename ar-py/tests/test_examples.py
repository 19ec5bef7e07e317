"""The programs in ``examples/python`` print what is kept beside them."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples/python").glob("*.py"))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the programs read TOML")
@pytest.mark.parametrize("program", EXAMPLES, ids=lambda program: program.stem)
def test_a_program_prints_what_is_kept(program: Path) -> None:
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, encoding="utf-8", check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == program.with_suffix(".txt").read_text(encoding="utf-8")
