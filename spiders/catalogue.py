"""The source types of ``catalogue.toml`` and those of plug-ins: parser, default address, terms, keys."""

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
from spiders.plugins import Secret, installed, load_plugin


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceType:
    """One kind of source; ``url`` is ``None`` where every workspace has its own.

    ``parser`` is a name of :data:`spiders.parsers.PARSERS`, or "module:attribute" of a plug-in. ``options``
    names the field map it needs (``fields`` or ``select``), ``permission`` whose permission its terms want,
    ``follow`` its second step, ``terms_at`` where its terms are stated and ``fields`` what it gives.
    """

    name: str
    parser: str
    url: str | None
    terms: Terms
    terms_at: str = ""
    fields: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    permission: str = ""
    follow: str | None = None
    options: str | None = None


@cache
def source_types() -> Mapping[str, SourceType]:
    """Return every built-in source type by name."""
    text = files("spiders").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return {name: _source_type(name, entry) for name, entry in tomllib.loads(text).items()}


@cache
def source_type(name: str) -> SourceType:
    """Return the source type ``name``: a built-in one, an installed plug-in or ``module:attribute``.

    Raise :class:`ConfigError` naming the nearest if it is unknown, or saying why a plug-in cannot be used.
    """
    known = source_types()
    if name in known:
        return known[name]
    outside = installed()
    place = outside.get(name, name)
    if ":" in place:
        return _of_plugin(name, place)
    names = sorted({*known, *outside})
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ConfigError(f"unknown source type {name!r}", remedy=f"{hint}Known types: {', '.join(names)}")


def _of_plugin(name: str, place: str) -> SourceType:
    plugin = load_plugin(place)
    return SourceType(name=name, parser=place, url=plugin.url, terms=plugin.terms, secrets=plugin.secrets)


def _source_type(name: str, entry: Mapping[str, Any]) -> SourceType:
    days = entry.get("keep_text_days")
    terms = Terms(
        min_interval=timedelta(minutes=entry["min_interval_minutes"]),
        keep_text=None if days is None else timedelta(days=days),
        attribution=entry.get("attribution", ""),
    )
    return SourceType(
        name=name,
        parser=entry["parser"],
        url=entry.get("url"),
        terms=terms,
        terms_at=entry.get("terms", ""),
        fields=tuple(entry["fields"]),
        secrets=tuple(Secret(**secret) for secret in entry.get("secrets", ())),
        permission=entry.get("permission", ""),
        follow=entry.get("follow"),
        options=entry.get("options"),
    )
