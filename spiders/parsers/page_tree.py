"""A saved page as a tree, and the few questions the readers of pages ask of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{2,30})", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_HEAD = 4_096
_SILENT = ["style", "svg", "noscript", "template"]


@cache
def selectors() -> dict[str, Any]:
    """Return ``page_selectors.toml``."""
    text = files("spiders").joinpath("parsers", "page_selectors.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def tree_of(body: bytes) -> LexborHTMLParser:
    """Return the page in ``body``, in the encoding it states or else UTF-8, without pictures and styles."""
    tree = LexborHTMLParser(_SURROGATE.sub("\ufffd", _decoded(body)))
    tree.strip_tags(_SILENT)
    return tree


def _decoded(body: bytes) -> str:
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return body.decode("utf-16", errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        stated = _CHARSET.search(body[:_HEAD])
    try:
        return body.decode(stated[1].decode("ascii") if stated else "cp1252", errors="replace")
    except LookupError:
        return body.decode("cp1252", errors="replace")


def every(node: LexborNode | LexborHTMLParser, choices: Sequence[str]) -> list[LexborNode]:
    """Return the nodes that the first selector of ``choices`` to find any finds."""
    return next((found for choice in choices if (found := node.css(choice))), [])


def has(node: LexborNode | LexborHTMLParser, choices: Sequence[str]) -> bool:
    """Return whether one of ``choices`` finds anything."""
    return any(node.css_first(choice) is not None for choice in choices)


def line(node: LexborNode | None) -> str:
    """Return the text of ``node`` in one line."""
    return " ".join(node.text(separator=" ").split()) if node is not None else ""


def first_line(node: LexborNode | LexborHTMLParser, choices: Sequence[str]) -> str | None:
    """Return the text of the first node that ``choices``, in order, find and that has any."""
    return next((text for choice in choices for found in node.css(choice) if (text := line(found))), None)


def attribute(nodes: Iterable[LexborNode], names: Sequence[str]) -> str | None:
    """Return the first of the attributes ``names`` that one of ``nodes`` has."""
    return next((value for node in nodes for name in names if (value := node.attributes.get(name))), None)


def markup(node: LexborNode | LexborHTMLParser, choices: Sequence[str]) -> str | None:
    """Return the HTML inside the first node that ``choices`` find and that has text, without its buttons."""
    for choice in choices:
        for found in node.css(choice):
            if line(found):
                copy = LexborHTMLParser(found.html or "")
                copy.strip_tags(["button", "script"])
                inner = copy.body.first_child if copy.body is not None else None
                return (inner.inner_html or "").strip() if inner is not None else None
    return None
