"""Source types from outside: an entry point of the group ``bidwright.sources``, or ``module:attribute``.

A plug-in is code the person installed; it is imported like any other. What it parses is foreign all the same,
so its parser runs in the sandbox's child like ours.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import entry_points

from domain.errors import ConfigError
from domain.sources import Terms
from spiders.parsers.result import ParseResult

GROUP = "bidwright.sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A key that a type asks for: sent after ``prefix`` in a ``header``, or as a ``query`` parameter.

    It is read from the environment variable ``BIDWRIGHT_<source name>_<name>``. Without one that is
    ``required`` its source is not asked.
    """

    name: str
    header: str = ""
    prefix: str = ""
    query: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlugin:
    """A source type. ``parse(body, *, source, where)`` is a :class:`spiders.parsers.Parser`.

    ``url`` is ``None`` where every workspace has its own. ``terms`` is what the source asks of its readers;
    ``secrets`` are the keys it needs.
    """

    parse: Callable[..., ParseResult]
    url: str | None = None
    terms: Terms = field(default_factory=lambda: Terms(min_interval=timedelta(hours=1)))
    secrets: tuple[Secret, ...] = ()


def installed() -> Mapping[str, str]:
    """Return ``module:attribute`` of every installed plug-in by its type's name."""
    return {point.name: point.value for point in entry_points(group=GROUP)}


def load_plugin(place: str) -> SourcePlugin:
    """Return the plug-in at ``place``, "module:attribute"; raise :class:`ConfigError` if there is none."""
    module, _, attribute = place.partition(":")
    remedy = "Install the package it is in, or put its folder on PYTHONPATH"
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a module may raise anything while it is imported
        raise ConfigError(f"the source type {place!r} cannot be loaded: {error}", remedy=remedy) from error
    if not isinstance(found, SourcePlugin):
        raise ConfigError(
            f"the source type {place!r} is a {type(found).__name__}", remedy="It must be a SourcePlugin"
        )
    return found
