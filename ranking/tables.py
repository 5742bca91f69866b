"""The judgement of this package: TOML tables in ``ranking/data``, and the curves that calibrate with them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

Curve = Sequence[Sequence[float]]
"""Points ``[x, y]`` in rising order of x."""


@cache
def table(name: str) -> dict[str, Any]:
    """Return the table ``ranking/data/{name}.toml``; treat it as read-only."""
    text = files("ranking").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def amount(value: str | int) -> Decimal:
    """Return a figure of a table as a Decimal; tables write money and shares as text or whole numbers."""
    return Decimal(value)


def on_curve(points: Curve, x: float) -> float:
    """Return the height of the broken line through ``points`` at ``x``, flat beyond its ends."""
    if x <= points[0][0]:
        return float(points[0][1])
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return float(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
    return float(points[-1][1])
