"""Pure parsers: bytes in, posts exactly as stated and issues out. Run them through ``spiders.sandbox``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from spiders.parsers import feed, himalayas, jsonfeed, jsonl, remoteok, remotive, upwork_rss_json
from spiders.parsers.clip import clipped
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


PARSERS: Mapping[str, Parser] = {
    "feed": feed.parse,
    "jsonfeed": jsonfeed.parse,
    "remotive": remotive.parse,
    "remoteok": remoteok.parse,
    "himalayas": himalayas.parse,
    "upwork-json": upwork_rss_json.parse,
    "jsonl": jsonl.parse,
}
"""Every parser by the name the catalogue and the importer know it by."""


def parse(parser: str, body: bytes, *, source: str, where: str, first_line: int = 1) -> ParseResult:
    """Run the parser named ``parser`` and return its result with every field within its bounds.

    ``first_line`` is the number of the first line of ``body`` in its file: JSON Lines come in pieces.
    """
    if parser == "jsonl":
        return clipped(jsonl.parse(body, source=source, where=where, first_line=first_line))
    return clipped(PARSERS[parser](body, source=source, where=where))
