"""Any JSON that holds a list of items, by the person's own field map: our key = path in the item.

A path names keys from the outside in, with dots between them (``employer.name``). Where a list stands on the
way, it goes on in each of its objects (``tags.name`` gives every name).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.posts import RawPosting
from spiders.parsers.audit import Audit
from spiders.parsers.fieldmap import Options, constant, mapped, rules
from spiders.parsers.items import list_in
from spiders.parsers.jsontext import as_text, load_document
from spiders.parsers.result import ParseResult

_DEEPEST = 8  # levels of objects whose keys are told apart; what lies deeper is kept as JSON


def parse(body: bytes, *, source: str, where: str, options: Options) -> ParseResult:
    """Return one post for every object under ``options["items"]``, by default the document itself.

    Keys that the map names nowhere are reported once and kept in ``extra``; those in ``options["ignore"]``
    are known to be of no use. Raise :class:`ChangedShapeError` if there is no list.
    """
    path = [step for step in as_text(options.get("items")).split(".") if step]
    items = list_in(load_document(body, where), where, *path)
    audit = Audit()
    posts = []
    for number, item in enumerate(items, start=1):
        place = f"{where} item {number}"
        if isinstance(item, dict):
            posts.append(_post(item, options, source, place, audit))
        else:
            audit.warn(place, "an item is not an object; left out")
    return ParseResult(posts=tuple(posts), issues=audit.issues)


def _post(item: dict[str, Any], options: Options, source: str, where: str, audit: Audit) -> RawPosting:
    extra = _left(item, options, where, audit)
    return mapped(
        options, lambda rule: _found(item, rule.split(".")), source=source, where=where, extra=extra
    )


def _found(value: Any, path: list[str]) -> list[str]:
    """Return the texts at ``path`` of ``value``."""
    values = [value]
    for step in path:
        objects = [each for value in values for each in _each(value) if isinstance(each, dict)]
        values = [each[step] for each in objects if step in each]
    return [as_text(each) for value in values for each in _each(value)]


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _left(item: dict[str, Any], options: Options, where: str, audit: Audit) -> dict[str, str]:
    """Return what the map does not name, by its path, and report each path once a body."""
    named = {rule for _, rule in rules(options) if constant(rule) is None}
    ignored = {str(path) for path in options.get("ignore") or ()}
    kept: dict[str, str] = {}
    for path, value in _leaves(item, named, _DEEPEST):
        text = as_text(value)
        if path in named | ignored or not text.strip():
            continue
        if not any(path.startswith(f"{taken}.") for taken in ignored):
            audit.warn(where, f"unknown key {path!r}; kept in extra")
            kept[path] = text
    return kept


def _leaves(
    value: dict[str, Any], named: set[str], depth: int, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield the path and value of everything in ``value`` that is no object of several keys itself."""
    for key, inner in value.items():
        path = f"{prefix}{key}"
        if path in named or depth == 1:
            yield path, inner
        elif isinstance(inner, dict) and inner:
            yield from _leaves(inner, named, depth - 1, f"{path}.")
        elif isinstance(inner, list) and any(name.startswith(f"{path}.") for name in named):
            yield from _in_list(inner, named, depth - 1, f"{path}.")
        else:
            yield path, inner


def _in_list(items: list[Any], named: set[str], depth: int, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield what a list holds beside what the map takes from it, each path with all its values."""
    found: dict[str, list[Any]] = {}
    for item in items:
        pairs = (
            _leaves(item, named, max(depth, 1), prefix) if isinstance(item, dict) else [(prefix[:-1], item)]
        )
        for path, value in pairs:
            found.setdefault(path, []).append(value)
    yield from found.items()
