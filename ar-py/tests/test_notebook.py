"""The notebooks in ``examples/notebooks`` run, and what they show can be shown."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "examples/notebooks"


def shown(cell: str, names: dict[str, Any]) -> Any:
    """Runs a cell as a notebook does: the value of its last expression is what it shows."""
    body = ast.parse(cell)
    last = body.body.pop() if body.body and isinstance(body.body[-1], ast.Expr) else None
    exec(compile(body, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None


@pytest.mark.parametrize("notebook", sorted(FOLDER.glob("*.ipynb")), ids=lambda notebook: notebook.stem)
def test_a_notebook_runs(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    names: dict[str, Any] = {}
    pictures = 0
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        value = shown("".join(cell["source"]), names)
        for way in ("_repr_html_", "_repr_mimebundle_"):
            if hasattr(value, way):
                told = getattr(value, way)()
                assert told
                pictures += way == "_repr_mimebundle_" and "image/svg+xml" in told
    assert pictures >= 2 and os.getcwd() == str(FOLDER.resolve())
