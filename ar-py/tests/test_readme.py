"""The examples of the README, and of the page on terms, each run as one program from top to bottom."""

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parent.parent / "README.md"
TERMS = README.parent.parent / "docs" / "terms.md"


def run(page: Path, least: int) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= least
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)


def test_the_examples_of_the_readme_run() -> None:
    run(README, 7)


def test_the_example_of_the_page_on_terms_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    run(TERMS, 1)
    assert capsys.readouterr().out == "1/49 36.73 37.24 44.59\n"
