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
    return list_at(body, where, "jobs")


def list_at(body: bytes, where: str, *path: str) -> list[Any]:
    """Return the list under the keys ``path`` of the document, or the document itself without a path.

    Raise :class:`ChangedShapeError` if there is no list.
    """
    return list_in(load_document(body, where), where, *path)


def list_in(document: Any, where: str, *path: str) -> list[Any]:
    """Return the list under the keys ``path`` of ``document``; raise as :func:`list_at`."""
    value = document
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, list):
        shape = f'an object with a list "{".".join(path)}"' if path else "a list"
        raise ChangedShapeError(f"{shape} was expected", where=where)
    return list(value)


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
