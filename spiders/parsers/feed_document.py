"""The entries of a feed as feedparser gives them, also where feedparser itself gives up.

feedparser 6.0.14 raises on about ten kinds of malformed element (a character number beyond Unicode, a place
without coordinates …) and on encodings that are no text; either would cost every post of the feed.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from domain.errors import SourceError
from domain.issues import Issue, error, warning

_CAUSE_LENGTH = 200
_LONGEST_HEAD = 20_000  # characters before the first entry; read again with every half
_ENTITY = re.compile(
    r"""<!ENTITY\s{1,20}[\w.-]{1,80}\s{1,20}(?:"[^"]{1000,}"|'[^']{1000,}')\s{0,20}>""", re.IGNORECASE
)
"""One that holds more than a character's name needs; some thousand uses of it are hundreds of megabytes."""
_DECLARATION = re.compile(r"\s*<\?xml[^<>]{0,400}\?>")
_ENCODING = re.compile(rb"\s*<\?xml[^<>]{0,200}?\bencoding\s*=\s*[\"']([\x21-\x7e]{1,40}?)[\"']")
_DECLARED = 400
_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8)
_ENTRY = re.compile(r"<(?:[\w-]{1,40}:)?(?:item|(entry))(?=[\s/>])", re.IGNORECASE)
_FEED = re.compile(r"<(?:[\w-]{1,40}:)?(?:rss|feed|rdf|channel)(?=[\s/>])", re.IGNORECASE)
_RSS_HEAD = '<rss version="2.0"><channel>'
_ATOM_HEAD = '<feed xmlns="http://www.w3.org/2005/Atom">'
_Entries = tuple[tuple[int, Mapping[str, Any]], ...]

_with_detail = _FeedParserMixin._sync_author_detail  # noqa: SLF001 - see below


def _author_as_written(self: Any, key: str = "author") -> None:
    """Leave an author that stands in one text as it is.

    feedparser searches it for an address with a pattern of quadratic time: 100 KB of "a.a.a…@" take minutes.
    """
    if self._get_context().get(f"{key}s", [None])[-1]:
        _with_detail(self, key)


_FeedParserMixin._sync_author_detail = _author_as_written  # noqa: SLF001 - it takes no setting for this


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A feed: what stands about the whole, its entries with their numbers from 1, and what was lost or odd.

    ``version`` is feedparser's name of the dialect, "" where it knows none.
    """

    version: str
    about: Mapping[str, Any]
    entries: _Entries
    issues: tuple[Issue, ...] = ()


def read_document(body: bytes, where: str) -> FeedDocument:
    """Return the feed in ``body``; an entry that breaks feedparser is an issue and costs no other.

    Raises :class:`SourceError` if nothing of it can be read. It may take long: run it in a child process.
    """
    body, issues = _without_long_entities(body, where)
    try:
        feed, trouble = _in_its_encoding(body)
    except MemoryError:
        raise
    except Exception as cause:  # noqa: BLE001 - feedparser raises anything; the issue says what
        return _one_by_one(body, where, _cause(cause))
    if trouble:
        issues.append(warning(where, f"it is not in the encoding it names ({trouble}); its own was guessed"))
    if feed.get("bozo"):
        trouble = _line(feed.get("bozo_exception")).removeprefix("<unknown>:")
        issues.append(warning(where, f"the feed is malformed ({trouble}); its entries were kept"))
    entries = tuple(enumerate(map(dict, feed["entries"]), start=1))
    return FeedDocument(
        version=feed.get("version") or "", about=feed["feed"], entries=entries, issues=tuple(issues)
    )


def _in_its_encoding(body: bytes) -> tuple[Any, str]:
    """Return what feedparser makes of ``body``, if need be in the encoding it looks like, and why if so.

    Programs that write UTF-8 and say UTF-16 are common: feedparser believes them and reads Chinese.
    """
    try:
        feed = _read(body)
    except UnicodeError as cause:
        return _read(_as_utf8(body)), _cause(cause)
    if feed.get("version") or feed["entries"] or not _FEED.search(_text(body)):
        return feed, ""
    return _read(_as_utf8(body)), "no feed in it"


def _without_long_entities(body: bytes, where: str) -> tuple[bytes, list[Issue]]:
    """Return ``body`` without the entities that are texts of their own, and the issue if it had any."""
    text = _text(body) if b"ENTITY" in body or b"E\0N\0T" in body or b"E\0\0\0N" in body else ""
    shorter, number = _ENTITY.subn("", text)
    if not number:
        return body, []
    body = _DECLARATION.sub("", shorter, count=1).encode("utf-8", "replace")
    return body, [warning(where, "its document type defines entities of 1,000 characters or more; left out")]


def _read(body: bytes) -> Any:
    # A stream, because feedparser opens bytes that happen to name a file.
    return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


def _line(value: Any) -> str:
    return " ".join(str(value).split())[:_CAUSE_LENGTH]


def _cause(cause: BaseException) -> str:
    return _line(f"{type(cause).__name__}: {cause}")


def _as_utf8(body: bytes) -> bytes:
    """Return ``body`` in UTF-8 and without its declaration."""
    return _DECLARATION.sub("", _text(body), count=1).encode("utf-8", "replace")


def _text(body: bytes) -> str:
    """Return ``body`` as text: UTF-16 and UTF-32 by their zeros, then UTF-8, as declared, Windows-1252."""
    bare = body[len(next((mark for mark in _MARKS if body.startswith(mark)), b"")) :]
    looks: str = json.detect_encoding(bare)
    if looks == "utf-8":
        declared = _ENCODING.match(bare[:_DECLARED])
        for encoding in ("utf-8", declared[1].decode("ascii") if declared else None):
            try:
                if encoding:
                    return bare.decode(encoding)
            except (UnicodeError, LookupError):
                continue
        looks = "cp1252"
    return bare.decode(looks, "replace")


def _one_by_one(body: bytes, where: str, cause: str) -> FeedDocument:
    """Return the entries that can be read by themselves, and an issue for each that cannot."""
    head, pieces = _pieces(_DECLARATION.sub("", _text(body), count=1))
    about = _tried(head)
    if isinstance(about, str) or len(head) > _LONGEST_HEAD:
        first = _ENTRY.match(pieces[0]) if pieces else None
        head = _ATOM_HEAD if first and first[1] else _RSS_HEAD
    entries, lost = _halved(head, pieces, where)
    if not entries:
        raise SourceError(f"the feed cannot be read ({cause})", where=where)
    said = warning(where, f"the feed breaks its parser ({cause}); its items were read by themselves")
    known = {} if isinstance(about, str) else about
    return FeedDocument(
        version=known.get("version") or "",
        about=known.get("feed", {}),
        entries=entries,
        issues=(said, *lost),
    )


def _pieces(text: str) -> tuple[str, list[str]]:
    """Return what stands before the first entry of ``text``, and each entry to the beginning of the next."""
    starts = [start.start() for start in _ENTRY.finditer(text)]
    places = [*starts, len(text)]
    return text[: places[0]], [text[start:end] for start, end in pairwise(places)]


def _halved(head: str, pieces: Sequence[str], where: str) -> tuple[_Entries, list[Issue]]:
    """Return the entries in ``pieces``: what breaks feedparser is halved until only the culprits are lost."""
    entries: list[tuple[int, Mapping[str, Any]]] = []
    lost: list[Issue] = []
    waiting = [(0, len(pieces))] if pieces else []
    while waiting:
        first, end = waiting.pop()
        found = _tried(head + "".join(pieces[first:end]))
        if not isinstance(found, str):
            entries.extend(enumerate(map(dict, found["entries"]), start=first + 1))
        elif end - first == 1:
            lost.append(error(f"{where} item {end}", f"it cannot be read ({found}); it was left out"))
        else:
            middle = (first + end) // 2
            waiting += [(middle, end), (first, middle)]
    return tuple(entries), lost


def _tried(text: str) -> Any:
    """Return what feedparser makes of ``text``, or as a text why it makes nothing of it."""
    try:
        return _read(text.encode("utf-8", "replace"))
    except MemoryError:
        raise
    except Exception as cause:  # noqa: BLE001 - feedparser raises anything; the caller says what
        return _cause(cause)


def page_link(entry: Mapping[str, Any]) -> str | None:
    """Return the address of the page of ``entry``: its link of the kind "alternate".

    feedparser's own "link" may be that of an enclosure whose address stands in its text.
    """
    link = entry.get("link")
    links: Sequence[Mapping[str, Any]] = entry.get("links", ())
    others = {each.get("href") for each in links if each.get("rel") != "alternate"}
    pages = [str(each["href"]) for each in links if each.get("rel") == "alternate" and each.get("href")]
    return pages[-1] if pages and link in others and link not in pages else link
