"""A mail's text as lines, each with the links that stand in it: what titles and facts are found in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from spiders.parsers.page_tree import tree_of

_BLOCKS = frozenset({
    "p", "div", "td", "th", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr",
    "section", "article", "header", "footer", "blockquote",
})  # fmt: skip
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "strong", "b"])
_SILENT = frozenset({"script", "style", "title", "head"})
_URL = re.compile(r"https?://[^\s<>\"']{4,4000}")
_TRAILING = ".,;:!?)]}>"
_HIDDEN = re.compile("[\u200b-\u200f\u2060-\u2064\u034f\u00ad\ufeff]")
_MOST_LINES = 20_000


@dataclass(slots=True)
class Line:
    """A line's text without its addresses, the addresses in it, and whether it is printed as a heading."""

    text: str
    links: tuple[str, ...] = ()
    heading: bool = False


def lines_of_html(body: bytes) -> list[Line]:
    """Return the lines of an HTML mail in order; empty ones are left out."""
    root = tree_of(body).body
    lines: list[Line] = []
    words: list[str] = []
    links: dict[str, None] = {}
    state = {"heading": False}

    def end() -> None:
        text = " ".join(_HIDDEN.sub("", " ".join(words)).split())
        if (text or links) and len(lines) < _MOST_LINES:
            lines.append(Line(text, tuple(links), heading=state["heading"]))
        words.clear()
        links.clear()
        state["heading"] = False

    anchors: list[str] = []
    headings = 0
    for node, entering in _events(root):
        if node.is_text_node:
            text = node.text_content or ""
            if text.strip():
                words.append(text)
                links.update(dict.fromkeys(anchors))
                state["heading"] |= bool(headings)
            continue
        if node.tag in _BLOCKS:
            end()
        step = 1 if entering else -1
        headings += step if node.tag in _HEADINGS else 0
        href = (node.attributes.get("href") or "") if node.tag == "a" else ""
        if href and entering:
            anchors.append(href)
            links[href] = None
        elif href:
            anchors.pop()
    end()
    return lines


def _events(root: LexborNode | None) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each node on the way in and each element on the way out, without recursion."""
    stack = [(root, True)] if root is not None else []
    while stack:
        node, entering = stack.pop()
        if node.tag in _SILENT:
            continue
        yield node, entering
        if entering and not node.is_text_node:
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(list(node.iter(include_text=True))))


def lines_of_text(text: str) -> list[Line]:
    """Return the lines of a plain mail; an empty line stays, as the end of a paragraph."""
    found = []
    for written in text.split("\n")[:_MOST_LINES]:
        links = tuple(link.rstrip(_TRAILING) for link in _URL.findall(written))
        text_only = " ".join(_HIDDEN.sub("", _URL.sub(" ", written)).split()).strip("<>[]() \t-–—|:")  # noqa: RUF001
        found.append(Line(text_only, links))
    return found
