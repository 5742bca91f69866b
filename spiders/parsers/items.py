"""What the JSON APIs share: a list of objects, each turned into one post."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.jsontext import as_text, load_document
from spiders.parsers.result import ParseResult

ReadItem = Callable[[Fields, str, str, Audit], RawPosting]
"""Takes the fields of one item, the source, the place and the audit."""


def jobs_of(body: bytes, where: str) -> list[Any]:
    """Return the list under ``jobs``; raise :class:`ChangedShapeError` if there is none."""
    document = load_document(body, where)
    if not isinstance(document, dict) or not isinstance(document.get("jobs"), list):
        raise ChangedShapeError('an object with a list "jobs" was expected', where=where)
    return list(document["jobs"])


def read_items(items: list[Any], read: ReadItem, *, source: str, where: str, audit: Audit) -> ParseResult:
    """Return one post for every object of ``items``; anything else is reported and left out."""
    posts = []
    for number, item in enumerate(items, start=1):
        place = f"{where} item {number}"
        if isinstance(item, dict):
            posts.append(read(Fields(item, place, audit), source, place, audit))
        else:
            audit.warn(place, "an item is not an object; left out")
    return ParseResult(posts=tuple(posts), issues=audit.issues)


def stated_amount(value: Any) -> str | None:
    """Return an amount as written, or ``None`` where an API writes 0 or null for "not stated"."""
    text = as_text(value).strip()
    return None if not text.strip("0.") else text
