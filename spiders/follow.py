"""Second steps: from a source's first answer to the address of the answer that holds its posts.

Pure functions, run in the crawl's process on answers of at most :data:`LONGEST` bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import SourceError
from spiders.errors import ChangedShapeError
from spiders.parsers.hn_hiring import patterns
from spiders.parsers.items import list_in
from spiders.parsers.jsontext import as_text, load_document

FollowUp = Callable[[bytes, str], str]
"""Takes the first answer and the source's name, for errors; returns an address relative to the source's own.

Raises :class:`domain.errors.SourceError` if the answer does not lead on.
"""

LONGEST = 1_000_000  # twenty threads are 60 KB; more would be parsed beside the other sources' downloads
_ID_LENGTH = 12


def follow(step: str, body: bytes, where: str) -> str:
    """Return the relative address that the step named ``step`` makes of ``body``; or raise SourceError."""
    if len(body) > LONGEST:
        raise SourceError(
            f"too large: the first answer has {len(body)} bytes, {LONGEST} are read", where=where
        )
    return FOLLOW_UPS[step](body, where)


def hn_threads(body: bytes, where: str) -> str:
    """Return the search for the comments of the newest hiring and the newest freelance thread of ``body``."""
    hits = [hit for hit in list_in(load_document(body, where), where, "hits") if isinstance(hit, dict)]
    wanted = patterns()["threads"]
    newest = [_newest(hits, wanted[kind].search) for kind in ("hiring", "freelance")]
    threads = [f"story_{identity}" for identity in newest if identity]
    if not threads:
        raise ChangedShapeError("no hiring thread among the newest stories", where=where)
    return f"search_by_date?tags=comment,({','.join(threads)})&hitsPerPage=1000"


def _newest(hits: list[dict[str, Any]], named: Callable[[str], object]) -> str | None:
    """Return the id of the latest story whose title ``named`` finds something in; ids only ever grow."""
    ids = (as_text(hit.get("objectID")) for hit in hits if named(as_text(hit.get("title"))[:200]))
    numbers = [text for text in ids if text.isascii() and text.isdecimal() and len(text) <= _ID_LENGTH]
    return max(numbers, key=int, default=None)


FOLLOW_UPS: Mapping[str, FollowUp] = {"hn-threads": hn_threads}
"""Every second step by the name the catalogue knows it by."""
