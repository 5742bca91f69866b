"""Foreign text at the boundary: one cleaning for every string, and markup turned into plain paragraphs."""

from __future__ import annotations

import html as stdlib_html
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode

from domain.spinning import spun_choices
from pipelines.data import table

TITLE_LIMIT = 512
"""Characters of a title, a URL or any one-line field that are read at all."""
FIELD_LIMIT = 256
"""Characters of an author, a category, a country and the like."""
PRICE_LIMIT = 128
DATE_LIMIT = 64
TEXT_LIMIT = 200_000
"""Characters of a description that are read at all."""

_MARKS_IN_A_ROW = (
    30  # UAX #15, stream-safe text: more combining marks than any language uses, and O(n²) to sort
)
_BLANK_LINES = 2
_LINE_BREAKS = dict.fromkeys([0x0B, 0x0C, 0x85, 0x2028, 0x2029], "\n")
_SPACES = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_DROPPED = dict.fromkeys(
    chain(
        (point for point in range(0x20) if point not in (0x09, 0x0A, 0x0B, 0x0C)),
        (point for point in range(0x7F, 0xA0) if point != 0x85),  # noqa: PLR2004 - NEL is a line break
        [0xAD, 0x034F, 0x061C, 0x180E, 0xFEFF],  # soft hyphen, grapheme joiner, marks of no width
        range(0x200B, 0x2010),  # zero-width space, joiners, direction marks
        range(0x202A, 0x202F),  # direction overrides
        range(0x2060, 0x2070),  # word joiner, invisible operators, isolates
        range(0xFFF9, 0xFFFC),  # annotation anchors
        range(0xE0000, 0xE0080),  # tag characters: text that only a machine sees
    )
)
_CLEAN = {**_DROPPED, **_LINE_BREAKS, **_SPACES}
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t]+")
_MANY_LINES = re.compile(rf"\n{{{_BLANK_LINES + 2},}}")


def clean_text(text: str, *, single_line: bool = False) -> str:
    """Return ``text`` in NFC, safe to store and to show; cleaning twice changes nothing more.

    Lone surrogates become U+FFFD; control, zero-width, direction-override and tag characters go; every kind
    of space becomes a space and runs of them one; at most two blank lines stand together. With
    ``single_line`` line breaks become spaces too.
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN)
    if not text.isascii():
        text = _cut_marks(unicodedata.normalize("NFC", _cut_marks(text)))
    if single_line:
        return " ".join(text.split())
    text = _BLANKS.sub(" ", text).replace(" \n", "\n").replace("\n ", "\n")
    return _MANY_LINES.sub("\n" * (_BLANK_LINES + 1), text).strip()


def _cut_marks(text: str) -> str:
    """Return ``text`` with runs of combining marks cut, so that normalising it takes linear time."""
    return "".join(_without_long_runs(text)) if any(map(unicodedata.combining, set(text))) else text


def _without_long_runs(text: str) -> Iterator[str]:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MARKS_IN_A_ROW:
            yield character


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of ``text``; done before any pattern sees foreign text."""
    return text if len(text) <= limit else text[:limit]


_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
# As XML closes them and HTML does not: the rest of the text would count as what stands in them.
_SELF_CLOSED = re.compile(
    r"<(?:iframe|script|style|title|noscript|template)(?=[\s/])[^<>]{0,2000}/>", re.IGNORECASE
)
_ROUNDS = 2


@cache
def _elements(*kinds: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(table("markup")["elements"][kind] for kind in kinds))


@cache
def _tag_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(_elements("paragraphs", "lines", "silent", "inline", "breaks")))
    tag = rf"</?(?:{names})(?=[\s/>])[^<>]{{0,2000}}>"
    worded = "|".join(sorted(_elements("worded")))
    attribute = r"\s{1,40}[a-z-]{1,40}\s{0,40}=[^<>]{0,2000}>"
    return re.compile(
        rf"{tag}|<(?:{worded})(?:{attribute}|\s{{0,40}}/>)|</(?:{worded})>|<!--|<!\[CDATA\[|<!doctype",
        re.IGNORECASE,
    )


@cache
def _breaking_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(_elements("paragraphs", "lines", "breaks")))
    return re.compile(rf"</?(?:{names})(?=[\s/>])", re.IGNORECASE)


def is_spun(text: str) -> bool:
    """Return whether ``text`` offers words to choose from, "{Hello|Hi} {there|friend}", as spinners do."""
    return bool(spun_choices(text))


def looks_like_html(text: str) -> bool:
    """Return whether ``text`` holds a known tag, a comment or a character entity; ``a < b`` does not."""
    return bool(_tag_pattern().search(text) or _ENTITY.search(text))


def html_to_text(html: str, *, limit: int = TEXT_LIMIT) -> str:
    """Return the words of ``html`` as clean plain text, reading at most ``limit`` characters; never raises.

    Paragraphs, line breaks and list items ("- ") are kept; scripts, styles, comments and images are dropped.
    Text that was escaped again on its way is unescaped at most twice more. Plain text passes unharmed.
    """
    text = clip(html, limit)
    parsed = False
    for _ in range(1 + _ROUNDS):
        if not parsed and _tag_pattern().search(text):
            text, parsed = _words(text), True
        elif _ENTITY.search(text):
            text = stdlib_html.unescape(text)
        else:
            break
    return clean_text(clip(text, limit))


def _words(html: str) -> str:
    html = _SELF_CLOSED.sub("", _CDATA.sub("", _SURROGATE.sub("\ufffd", html)))
    keep_lines = not _breaking_pattern().search(
        html
    )  # inline markup inside text that has its own line breaks
    writer = _Writer(keep_lines=keep_lines)
    for node, entering in _events(LexborHTMLParser(html).root):
        writer.take(node, entering=entering)
    return writer.text()


def _events(root: LexborNode | None) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each node on the way in and each element on the way out, without recursion."""
    stack = [(root, True)] if root is not None else []
    while stack:
        node, entering = stack.pop()
        yield node, entering
        if not entering or node.is_text_node or node.tag in _elements("silent"):
            continue
        stack.append((node, False))
        children = list(node.iter(include_text=True))
        stack.extend((child, True) for child in reversed(children))


class _Writer:
    """Collects words and the line breaks between them; breaks of neighbouring blocks do not add up."""

    def __init__(self, *, keep_lines: bool) -> None:
        self._parts: list[str] = []
        self._breaks = 0
        self._preformatted = 0
        self._after_bullet = False
        self._keep_lines = keep_lines

    def take(self, node: LexborNode, *, entering: bool) -> None:
        tag = node.tag
        if node.is_text_node:
            self._write(node.text_content or "")
        elif tag == "br" and entering:
            self._breaks += 1
        elif tag in _elements("paragraphs"):
            self._break(2)
        elif tag in _elements("lines"):
            self._break(1)
        elif tag in ("td", "th") and not entering:
            self._parts.append(" ")
        if tag == "li":
            if entering:
                self._write("- ")
            self._after_bullet = entering
        if tag == "pre":
            self._preformatted += 1 if entering else -1

    def _break(self, lines: int) -> None:
        if not self._after_bullet:  # the first paragraph of an item stands on the bullet's line
            self._breaks = max(self._breaks, lines)

    def _write(self, words: str) -> None:
        if not (self._keep_lines or self._preformatted):
            words = _BLANKS.sub(" ", words.replace("\n", " ").replace("\r", " "))
            if self._breaks or self._after_bullet:
                words = words.lstrip(" ")
        if not words:
            return
        self._after_bullet = False
        self._parts.append("\n" * min(self._breaks, _BLANK_LINES + 1) + words)
        self._breaks = 0

    def text(self) -> str:
        return "".join(self._parts)
