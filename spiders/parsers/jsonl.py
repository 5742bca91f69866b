"""Posts in JSON Lines: one object a line, only ``title`` required. The keys are the contract in the README.

A JSON array of such objects is read too, item by item.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from domain.issues import error
from domain.posts import Client, RawPosting
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.jsontext import as_text, decode, loads
from spiders.parsers.result import ParseResult

_LISTS = frozenset({"skills"})
_OWN = frozenset({"where", "source", "title", "client", "extra"})
_TEXTS = tuple(f.name for f in fields(RawPosting) if f.name not in _LISTS | _OWN)
OWN_KEYS = frozenset({*_TEXTS, *_LISTS, "source", "title", "client", "extra"})
"""The keys of the contract."""

CLIENT_KEYS = tuple(f.name for f in fields(Client))


def parse(body: bytes, *, source: str, where: str, first_line: int = 1) -> ParseResult:
    """Return a post for every good line of ``body``; a bad line is an error issue and stops nothing.

    ``source`` stands in where a line names none; ``first_line`` is the number of the first line in ``where``.
    """
    text = decode(body)
    audit = Audit()
    if "\ufffd" in text:
        audit.warn(where, "bytes that are no text in the file's encoding were replaced")
    posts = []
    for place, item in _objects(text, where, first_line, audit):
        if not isinstance(item, dict):
            audit.each(error(place, "not an object; left out"))
        elif isinstance(item.get("title"), (list, dict)) or not as_text(item.get("title")).strip():
            audit.each(error(place, "no title; left out"))
        else:
            posts.append(_post(item, source, place, audit))
    return ParseResult(posts=tuple(posts), issues=audit.issues)


def _objects(text: str, where: str, first_line: int, audit: Audit) -> Iterator[tuple[str, Any]]:
    """Yield the place and value of every line, or of every item if the whole text is one array."""
    array = _array(text)
    if array is not None:
        yield from ((f"{where} item {number}", item) for number, item in enumerate(array, start=1))
        return
    # Not splitlines(): U+2028 and its like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=first_line):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            yield place, loads(line)
        except json.JSONDecodeError as problem:
            audit.each(error(place, f"not valid JSON at column {problem.colno}: {problem.msg}; left out"))
        except RecursionError:
            audit.each(error(place, "JSON nested too deeply to read; left out"))


def _array(text: str) -> list[Any] | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        value = loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def _post(item: dict[str, Any], source: str, where: str, audit: Audit) -> RawPosting:
    line = Fields(item, where, audit)
    own = line.text("source")
    given = line.take("extra")
    client = _client(line, where, audit)
    title, skills = line.text("title"), line.texts("skills")
    values = {name: line.text(name) for name in _TEXTS}
    return RawPosting(
        source=own or source,
        where=where,
        title=title or "",
        skills=skills,
        client=client,
        extra=_given(given) | line.extra(),
        **values,
    )


def _client(line: Fields, where: str, audit: Audit) -> dict[str, str]:
    value = line.take("client")
    if value is None:
        return {}
    if not isinstance(value, dict):
        audit.warn(where, "'client' is not an object; its text was taken as the client's name")
        return {"name": as_text(value)}
    client = Fields(value, f"{where} client", audit)
    known = {key: text for key in CLIENT_KEYS if (text := client.text(key)) is not None}
    return known | client.extra()


def _given(extra: Any) -> dict[str, str]:
    """Return an ``extra`` object of the line itself: what an export of ours kept the first time."""
    if not isinstance(extra, dict):
        return {}
    return {str(key): as_text(value) for key, value in extra.items()}
