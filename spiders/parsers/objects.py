"""Posts in JSON of any shape: answers of APIs, GraphQL responses and what scrapers write.

The lists of job-like objects are found wherever they stand; their keys are known by ``job_fields.toml``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain.errors import SourceError
from domain.issues import error
from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers.audit import Audit
from spiders.parsers.fieldnames import Path, branch_is_about_others, key_of, known_names, plan_for, table
from spiders.parsers.jsontext import decode, load_document, loads
from spiders.parsers.record import RecordReader
from spiders.parsers.result import ParseResult
from spiders.parsers.values import is_single

_DEEPEST = 9
_MOST_PATHS = 300
_MOST_NODES = 200_000
_TRIED = 5


def parse(
    body: bytes, *, source: str, where: str, first_line: int = 1, columns: Mapping[str, str] | None = None
) -> ParseResult:
    """Return a post for every job-like object of ``body``, one JSON document or one object a line.

    ``columns`` are keys (dots between the keys of nested objects) by the field they fill, as a person chose
    them; ``first_line`` is the number of the first line in ``where``. An object without a title is an issue.
    Raises :class:`ChangedShapeError` if nothing in ``body`` is like a job.
    """
    chosen = {field: tuple(key_of(key) for key in name.split(".")) for field, name in (columns or {}).items()}
    audit = Audit()
    reader = RecordReader(source=source, where=where, audit=audit, chosen=chosen)
    posts = [
        post
        for place, item in _items(body, where, first_line, audit, chosen)
        if (post := _post(item, place, reader, audit)) is not None
    ]
    reader.finish()
    return ParseResult(posts=tuple(posts), issues=audit.issues)


def _post(item: Any, place: str, reader: RecordReader, audit: Audit) -> RawPosting | None:
    if not isinstance(item, dict):
        audit.each(error(place, "not an object; left out"))
        return None
    values, names = flatten(item)
    post = reader.read(values, names, place)
    if not post.title.strip() and not (post.description or "").strip():
        audit.each(error(place, "no title; left out"))
        return None
    return post


def _items(
    body: bytes, where: str, first_line: int, audit: Audit, chosen: Mapping[str, Path]
) -> Iterator[tuple[str, Any]]:
    """Yield the place and the value of everything that should be a post."""
    try:
        document = load_document(body, where)
    except SourceError:
        if not _has_lines(body):
            raise
        yield from _lines(body, where, first_line, audit)
        return
    lists = job_lists(document, chosen)
    if lists:
        number = 0
        for items in lists:
            for item in items:
                number += 1
                yield f"{where} item {number}", item
    elif isinstance(document, dict) and is_job(document, chosen):
        yield where, _unpacked(document)
    else:
        raise ChangedShapeError("no list of posts in the JSON", where=where)


def _unpacked(document: dict[str, Any]) -> dict[str, Any]:
    """Return the object inside those that hold nothing but it, such as ``{"data": {"job": …}}``."""
    while len(held := [value for value in document.values() if value is not None]) == 1:
        if not isinstance(held[0], dict) or not is_job(held[0]):
            break
        document = held[0]
    return document


def _has_lines(body: bytes) -> bool:
    return body.count(b"\n", 0, len(body) - 1) > 0 and body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"


def _lines(body: bytes, where: str, first_line: int, audit: Audit) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(decode(body).split("\n"), start=first_line):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            yield place, loads(line)
        except json.JSONDecodeError as problem:
            audit.each(error(place, f"not valid JSON at column {problem.colno}: {problem.msg}; left out"))
        except RecursionError:
            audit.each(error(place, "JSON nested too deeply to read; left out"))


def flatten(item: Mapping[str, Any]) -> tuple[dict[Path, Any], dict[Path, str]]:
    """Return the values of nested objects by path, and the path of each as the document writes it.

    Objects that are one value (a name, an amount) stand for themselves and for their parts; lists are values.
    What is about other jobs or other people is left out.
    """
    values: dict[Path, Any] = {}
    names: dict[Path, str] = {}
    waiting: list[tuple[Path, str, Mapping[str, Any]]] = [((), "", item)]
    while waiting and len(values) < _MOST_PATHS:
        above, written, node = waiting.pop(0)
        for key, value in list(node.items())[:_MOST_PATHS]:
            path, name = (*above, key_of(str(key))), f"{written}{key}"
            if value is None or path in values or branch_is_about_others(path):
                continue
            if isinstance(value, dict):
                if len(path) < _DEEPEST:
                    waiting.append((path, f"{name}.", value))
                if not is_single(value):
                    continue
            values[path], names[path] = value, name
    return values, names


def is_job(item: Mapping[str, Any], chosen: Mapping[str, Path] | None = None) -> bool:
    """Return whether ``item`` has a title and one more fact that a job post has."""
    values, _ = flatten(item)
    fills = plan_for(tuple(values), chosen).fills
    return "title" in fills and any(field in fills for field in table()["kinds"]["telling"])


def job_lists(document: Any, chosen: Mapping[str, Path] | None = None) -> list[list[Any]]:
    """Return the lists of job-like objects in ``document``, in its order, none of them inside another.

    A list counts if one of its first objects is like a job. At most 200,000 values are looked at.
    """
    found = []
    waiting = [document]
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        node = waiting.pop()
        if isinstance(node, list):
            objects = [item for item in node[: _TRIED * 4] if isinstance(item, dict)][:_TRIED]
            if any(is_job(item, chosen) for item in objects):
                found.append(node)
            else:
                waiting += reversed([item for item in node if isinstance(item, (list, dict))])
        elif isinstance(node, dict):
            inner = [
                value
                for key, value in node.items()
                if isinstance(value, (list, dict)) and not branch_is_about_others((key_of(str(key)),))
            ]
            waiting += reversed(inner)
    return found


def kind_of_document(document: Any) -> str | None:
    """Return the kind of ``document``: ``upwork-graphql``, ``freelancer-api``, ``objects`` or none."""
    lists = job_lists(document)
    first: Any = next((item for items in lists for item in items if isinstance(item, dict)), None)
    if first is None and isinstance(document, dict) and is_job(document):
        first = document
    if first is None:
        return None
    keys = {key for path in flatten(first)[0] for key in path}
    if keys & set(table()["kinds"]["upwork_graphql"]):
        return "upwork-graphql"
    return "freelancer-api" if keys & set(table()["kinds"]["freelancer_api"]) else "objects"


def is_foreign(item: Mapping[str, Any], own: frozenset[str], *, least: int) -> bool:
    """Return whether the keys of ``item`` are another program's rather than ``own``, the contract's.

    They are if it names its title otherwise, or if ``least`` or more keys beyond ``own`` are known elsewhere.
    """
    if "title" not in item:
        return is_job(item)
    return known_names(str(key) for key in item if str(key) not in own) >= least
