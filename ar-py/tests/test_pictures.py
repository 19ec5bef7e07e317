"""Pictures: data in every case, and drawn without a network."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import vl_convert

import receivables as ar

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def view() -> ar.View:
    mapping = (EXAMPLES / "mappings/sample.toml").read_text(encoding="utf-8")
    files = {file.name: file.read_bytes() for file in (EXAMPLES / "data").glob("*.csv") if file.name in mapping}
    files.pop("bank.csv", None)
    ledger, _ = ar.import_files(mapping, files)
    return ledger.as_of("2026-10-31")


@pytest.mark.parametrize("policy", ["aging_over_time", "concentration", "dso", {"picture": "roll_rates", "months": 12}, "days_to_pay", {"picture": "exposure", "credit": {"currencies": "apart"}}])
def test_a_picture_is_drawn_as_it_is(view: ar.View, policy: Any) -> None:
    picture = view.picture(policy)
    svg = picture.to_svg()
    assert svg.startswith("<svg") and picture.spec["title"]["text"] in svg
    assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<svg")
    assert not [row for row in picture.values if any(isinstance(cell, float) for cell in row.values())]
    assert pickle.loads(pickle.dumps(picture)) == picture and json.loads(picture.to_json()) == picture.spec


def test_a_picture_of_today_ties_to_the_aging(view: ar.View) -> None:
    policy = ar.AgingPolicy(edges=[0, 30, 60, 90], credits="apart")
    picture = view.picture(ar.PicturePolicy("aging_over_time", months=1, aging=policy))
    totals = view.aging(policy).totals
    drawn = [[row["open"] for row in picture.values if row["currency"] == total.currency] for total in totals]
    assert drawn == [[str(amount) for amount in total.buckets] for total in totals]


def test_a_picture_is_saved_by_its_ending(view: ar.View, tmp_path: Path) -> None:
    picture = view.picture("concentration")
    for ending, start in ((".svg", b"<svg"), (".png", b"\x89PNG"), (".json", b"{")):
        picture.save(tmp_path / f"picture{ending}")
        assert (tmp_path / f"picture{ending}").read_bytes().startswith(start)
    with pytest.raises(ar.ReceivablesError) as caught:
        picture.save(tmp_path / "picture.bmp")
    assert (caught.value.code, caught.value.field) == ("unknown_kind", "path")
    assert vl_convert.vegalite_to_vega(picture.spec)
