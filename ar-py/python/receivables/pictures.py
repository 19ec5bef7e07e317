"""Charts as Vega-Lite specifications: data that any Vega-Lite draws, and a picture in a notebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from receivables import _checks
from receivables._frozen import Frozen
from receivables.credit_policy import CreditPolicy
from receivables.policies import AgingPolicy, _json

__all__ = ["Picture", "PicturePolicy"]


@dataclass(frozen=True)
class PicturePolicy:
    """What is drawn, and how; see the page on pictures.

    >>> PicturePolicy("concentration", top=10).to_json()
    '{"version": 1, "picture": "concentration", "top": 10}'
    """

    picture: Literal["aging_over_time", "concentration", "exposure", "dso", "roll_rates", "days_to_pay"]
    currency: str | None = None
    months: int | None = None
    known: Literal["now", "then"] | None = None
    top: int | None = None
    aging: AgingPolicy | Mapping[str, Any] | None = None
    credit: CreditPolicy | Mapping[str, Any] | None = None
    per: Literal["customer", "family"] | None = None
    kpi: Mapping[str, Any] | None = None
    id: str | None = None
    version: int = 1

    def to_json(self) -> str:
        """The policy as the JSON that every front end reads."""
        names = ["version", "id", "picture", "currency", "months", "known", "top", "per", "kpi"]
        parts = {
            name: json.loads(part.to_json()) if isinstance(part, (AgingPolicy, CreditPolicy)) else part
            for name, part in (("aging", self.aging), ("credit", self.credit))
        }
        return _json({name: getattr(self, name) for name in names} | parts)


class Picture(Frozen):
    """A chart as data. A notebook shows it as a picture, without a network, once ``receivables[notebook]`` is installed."""

    __slots__ = ("_text",)

    _text: str

    def __init__(self, text: str) -> None:
        self._hold(_text=text)

    @property
    def spec(self) -> dict[str, Any]:
        """The Vega-Lite specification."""
        spec: dict[str, Any] = json.loads(self._text)
        return spec

    @property
    def values(self) -> list[dict[str, Any]]:
        """The rows that are drawn, amounts as exact text."""
        values: list[dict[str, Any]] = self.spec["data"]["values"]
        return values

    def to_json(self) -> str:
        """The specification as JSON text."""
        return self._text

    def to_svg(self) -> str:
        """The picture as SVG; needs ``receivables[notebook]``."""
        import vl_convert

        svg: str = vl_convert.vegalite_to_svg(self._text)
        return svg

    def to_png(self, scale: float = 2) -> bytes:
        """The picture as PNG; needs ``receivables[notebook]``."""
        import vl_convert

        png: bytes = vl_convert.vegalite_to_png(self._text, scale=scale)
        return png

    def save(self, path: str | Path) -> None:
        """Writes the picture: ``.svg``, ``.png``, or the specification as ``.json``."""
        file = Path(path)
        if file.suffix == ".png":
            file.write_bytes(self.to_png())
        elif file.suffix in (".svg", ".json"):
            file.write_text(self.to_svg() if file.suffix == ".svg" else self._text, encoding="utf-8")
        else:
            _checks.refuse("unknown_kind", f"expected a name that ends in .svg, .png or .json, got {file.name}", "path")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        try:
            bundle["image/svg+xml"] = self.to_svg()
        except ImportError:
            bundle["application/vnd.vegalite.v6+json"] = self.spec
        return bundle

    def __repr__(self) -> str:
        title = self.spec["title"]
        return f"<Picture: {title['text']}, {title['subtitle']}>"

    def __reduce__(self) -> tuple[type[Picture], tuple[str]]:
        return Picture, (self._text,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
