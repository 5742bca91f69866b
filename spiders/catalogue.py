"""The source types of ``catalogue.toml``: parser, default address, terms."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from domain.errors import ConfigError
from domain.sources import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceType:
    """One kind of source; ``url`` is ``None`` where every workspace has its own."""

    name: str
    parser: str
    url: str | None
    terms: Terms


@cache
def source_types() -> Mapping[str, SourceType]:
    """Return every known source type by name."""
    text = files("spiders").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return {name: _source_type(name, entry) for name, entry in tomllib.loads(text).items()}


def source_type(name: str) -> SourceType:
    """Return the source type ``name``; raise :class:`ConfigError` naming the nearest if it is unknown."""
    known = source_types()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ConfigError(
        f"unknown source type {name!r}", remedy=f"{hint}Known types: {', '.join(sorted(known))}"
    )


def _source_type(name: str, entry: Mapping[str, Any]) -> SourceType:
    days = entry.get("keep_text_days")
    terms = Terms(
        min_interval=timedelta(minutes=entry["min_interval_minutes"]),
        keep_text=None if days is None else timedelta(days=days),
        attribution=entry.get("attribution", ""),
    )
    return SourceType(name=name, parser=entry["parser"], url=entry.get("url"), terms=terms)
