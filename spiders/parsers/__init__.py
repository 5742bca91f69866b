"""Pure parsers: bytes in, posts exactly as stated and issues out. Run them through ``spiders.sandbox``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from domain.issues import warning
from spiders.parsers import (
    adzuna,
    arbeitnow,
    delimited,
    feed,
    freelancehunt,
    freelancer,
    himalayas,
    hn_hiring,
    jobicy,
    jsonfeed,
    jsonl,
    mail,
    mapped_html,
    mapped_json,
    objects,
    pages,
    pasted,
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
    "csv": delimited.parse,
    "objects": objects.parse,
    "page": pages.parse,
    "mail": mail.parse,
    "pasted": pasted.parse,
}
"""Every parser by the name the catalogue and the importer know it by."""

MAPPED: Mapping[str, MappedParser] = {"json": mapped_json.parse, "html": mapped_html.parse}
"""Every parser that needs a field map."""

COLUMNS_APPLY = frozenset({"csv", "objects"})
"""The parsers of files whose columns or keys a person may name."""


def parse(
    parser: str,
    body: bytes,
    *,
    source: str,
    where: str,
    first_line: int = 1,
    options: Options | None = None,
    columns: Mapping[str, str] | None = None,
) -> ParseResult:
    """Run the parser named ``parser`` and return its result with every field within its bounds.

    ``first_line`` is the number of the first line of ``body`` in its file: JSON Lines and tables come in
    pieces. ``options`` is the field map of a parser that needs one; ``columns`` are a table's headings, or
    the keys of objects, by the field they fill.
    """
    if parser in MAPPED:
        found = MAPPED[parser](body, source=source, where=where, options=options or {})
    elif parser == "csv":
        found = delimited.parse(body, source=source, where=where, first_line=first_line, columns=columns)
    elif parser == "objects":
        found = objects.parse(body, source=source, where=where, first_line=first_line, columns=columns)
    elif parser == "jsonl":
        found = jsonl.parse(body, source=source, where=where, first_line=first_line)
    else:
        found = PARSERS[parser](body, source=source, where=where)
    if columns and parser not in COLUMNS_APPLY:
        unused = warning(where, "the columns you chose were not used: it is no table and no list of objects")
        found = replace(found, issues=(*found.issues, unused))
    return clipped(found)
