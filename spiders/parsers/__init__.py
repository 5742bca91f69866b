"""Pure parsers: bytes in, posts exactly as stated and issues out. Run them through ``spiders.sandbox``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from spiders.parsers import (
    adzuna,
    arbeitnow,
    feed,
    freelancehunt,
    freelancer,
    himalayas,
    hn_hiring,
    jobicy,
    jsonfeed,
    jsonl,
    mapped_html,
    mapped_json,
    remoteok,
    remotive,
    upwork_rss_json,
    weworkremotely,
    workingnomads,
)
from spiders.parsers.clip import clipped
from spiders.parsers.fieldmap import Options
from spiders.parsers.result import ParseResult


class Parser(Protocol):
    """Reads ``body``; ``source`` names the source of its posts and ``where`` the place, for issues.

    Bytes in, values out: a parser fetches nothing, opens nothing and keeps nothing.

    Raises :class:`spiders.errors.ChangedShapeError` when the body is of another kind and
    :class:`domain.errors.SourceError` when it cannot be read at all.
    """

    def __call__(self, body: bytes, *, source: str, where: str) -> ParseResult:
        """Return the posts of ``body``."""
        ...


class MappedParser(Protocol):
    """A :class:`Parser` that reads by the person's own field map, which is plain data."""

    def __call__(self, body: bytes, *, source: str, where: str, options: Options) -> ParseResult:
        """Return the posts of ``body`` by the map ``options``."""
        ...


PARSERS: Mapping[str, Parser] = {
    "feed": feed.parse,
    "jsonfeed": jsonfeed.parse,
    "remotive": remotive.parse,
    "remoteok": remoteok.parse,
    "himalayas": himalayas.parse,
    "weworkremotely": weworkremotely.parse,
    "jobicy": jobicy.parse,
    "arbeitnow": arbeitnow.parse,
    "workingnomads": workingnomads.parse,
    "hn-hiring": hn_hiring.parse,
    "freelancer": freelancer.parse,
    "freelancehunt": freelancehunt.parse,
    "adzuna": adzuna.parse,
    "upwork-json": upwork_rss_json.parse,
    "jsonl": jsonl.parse,
}
"""Every parser by the name the catalogue and the importer know it by."""

MAPPED: Mapping[str, MappedParser] = {"json": mapped_json.parse, "html": mapped_html.parse}
"""Every parser that needs a field map."""


def parse(
    parser: str,
    body: bytes,
    *,
    source: str,
    where: str,
    first_line: int = 1,
    options: Options | None = None,
) -> ParseResult:
    """Run the parser named ``parser`` and return its result with every field within its bounds.

    ``first_line`` is the number of the first line of ``body`` in its file: JSON Lines come in pieces.
    ``options`` is the field map of a parser that needs one.
    """
    if parser in MAPPED:
        return clipped(MAPPED[parser](body, source=source, where=where, options=options or {}))
    if parser == "jsonl":
        return clipped(jsonl.parse(body, source=source, where=where, first_line=first_line))
    return clipped(PARSERS[parser](body, source=source, where=where))
