"""Tables behind the readings: words, currencies, skills, countries, each with its reason or source."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """Return the TOML table ``pipelines/data/{name}.toml``; read once, and not to be changed."""
    return tomllib.loads(files("pipelines.data").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
