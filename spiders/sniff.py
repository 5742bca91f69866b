"""What a body is, by what it holds: never by its name or by what a server calls it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import SourceError
from spiders.parsers.delimited import looks_like_table
from spiders.parsers.jsonl import OWN_KEYS
from spiders.parsers.jsontext import decode, load_document, loads
from spiders.parsers.mail import looks_like_mail
from spiders.parsers.objects import is_foreign, kind_of_document
from spiders.parsers.pasted import looks_pasted

_HEAD = 4_096
_WWR = "<link>https://weworkremotely.com/"
_PROLOGUE = re.compile(
    r"(?:\s|<\?[^>]{0,400}\?>|<!--.{0,2000}?-->|<!doctype[^>\[]{0,400}(?:\[.{0,2000}?\])?>)*",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(r"<(?:[\w-]{1,40}:)?([\w-]{1,40})")
_FEEDS = {"rss": "rss", "feed": "atom", "rdf": "rdf"}
_HTML = frozenset({"html", "head", "body"})
_PARTS = frozenset(
    {"div", "main", "section", "article", "ul", "ol", "table", "meta", "title", "p", "h1", "a"}
)
_FEED_ELEMENT = re.compile(r"<(?:[\w-]{1,40}:)?(rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_LINES_TRIED = 20
_FOREIGN_KEYS = 2  # one stray key in JSON Lines is reported as unknown; two are another program's words

AUTO = "auto"
"""Stands for the parser of whatever kind a body turns out to be."""

PARSER_OF = {
    "rss": "feed",
    "atom": "feed",
    "rdf": "feed",
    "jsonfeed": "jsonfeed",
    "upwork-json": "upwork-json",
    "remotive": "remotive",
    "remoteok": "remoteok",
    "himalayas": "himalayas",
    "weworkremotely": "weworkremotely",
    "jobicy": "jobicy",
    "arbeitnow": "arbeitnow",
    "workingnomads": "workingnomads",
    "hn-hiring": "hn-hiring",
    "freelancer": "freelancer",
    "freelancehunt": "freelancehunt",
    "adzuna": "adzuna",
    "jsonl": "jsonl",
    "upwork-graphql": "objects",
    "freelancer-api": "objects",
    "objects": "objects",
    "csv": "csv",
    "html": "page",
    "eml": "mail",
    "mbox": "mail",
    "mhtml": "mail",
    "upwork-text": "pasted",
}
"""The parser of every kind of content that is understood."""


def kind_of(body: bytes, *, columns: Mapping[str, str] | None = None) -> str | None:
    """Return the kind of ``body``: a key of :data:`PARSER_OF`, or ``None`` if it is none of them.

    ``columns`` are the headings or keys a person chose, by field. Raise :class:`domain.errors.SourceError` if
    it starts like JSON and is not. Run it where parsers run.
    """
    head = _text_head(body).lstrip("\ufeff \t\r\n\0")
    if head.startswith("<"):
        return _markup(head)
    if head.startswith(("{", "[")):
        kind = _json(body)
        return "objects" if columns and kind in {None, "jsonl"} else kind
    mail = looks_like_mail(head)
    if mail is not None:
        return mail
    lines = _lines_kind(body)
    if lines is not None:
        return lines
    if not columns and looks_pasted(body):
        return "upwork-text"
    return "csv" if looks_like_table(body, columns) else None


def is_html(body: bytes) -> bool:
    """Return whether ``body`` is a page; cheap and safe on hostile bytes, unlike :func:`kind_of`."""
    head = _text_head(body).lstrip("\ufeff \t\r\n")
    return head.startswith("<") and _markup(head) == "html"


def _text_head(body: bytes) -> str:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body[:_HEAD].decode("utf-16", errors="replace")
    return body[:_HEAD].decode("utf-8", errors="replace").replace("\0", "")


def _markup(head: str) -> str | None:
    if re.match(r"<!doctype\s+html", head, re.IGNORECASE):
        return "html"
    prologue = _PROLOGUE.match(head)
    root = _ROOT.match(head, prologue.end() if prologue else 0)
    name = root[1].lower() if root else ""
    if name in _FEEDS:
        return "weworkremotely" if _WWR in head else _FEEDS[name]
    if name in _HTML:
        return "html"
    if name in _PARTS and not _FEED_ELEMENT.search(head):
        return "html"  # a part of a page, as the browser's inspector copies it
    # Torn or unusual XML: feedparser reads what it can if a feed's element stands anywhere near the top.
    inner = _FEED_ELEMENT.search(head)
    return _FEEDS.get(inner[1].lower(), "rss") if inner else None


def _json(body: bytes) -> str | None:
    try:
        value = load_document(body, "")
    except SourceError:
        kind = _lines_kind(body)
        if kind is not None:
            return kind
        raise
    if isinstance(value, list):
        return _list_kind(value)
    kind = next((kind for kind, fits in _SHAPES.items() if fits(value)), None)
    if kind in {None, "jsonl"} and is_foreign(value, OWN_KEYS, least=_FOREIGN_KEYS):
        return kind_of_document(value)
    return kind or kind_of_document(value)


def _list_kind(items: list[Any]) -> str | None:
    objects = [item for item in items if isinstance(item, dict)]
    if any("legal" in item or ("position" in item and {"epoch", "slug"} & item.keys()) for item in objects):
        return "remoteok"
    if any({"category_name", "pub_date"} <= item.keys() for item in objects):
        return "workingnomads"
    if any("title" in item for item in objects) and not any(
        is_foreign(item, OWN_KEYS, least=1) for item in objects[:_LINES_TRIED]
    ):
        return "jsonl"
    return kind_of_document(items)


def _first_job(value: dict[str, Any], key: str = "jobs") -> dict[str, Any]:
    jobs = value.get(key)
    first = next((job for job in jobs if isinstance(job, dict)), {}) if isinstance(jobs, list) else {}
    return dict(first)


_SHAPES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "jsonfeed": lambda value: "jsonfeed.org" in str(value.get("version")) and "items" in value,
    "upwork-json": lambda value: isinstance(value.get("rss"), dict),
    "himalayas": lambda value: "companySlug" in _first_job(value) or "applicationLink" in _first_job(value),
    "remotive": lambda value: {"company_name", "publication_date"} <= _first_job(value).keys(),
    "jobicy": lambda value: "jobTitle" in _first_job(value),
    "arbeitnow": lambda value: {"slug", "company_name"} <= _first_job(value, "data").keys(),
    "freelancehunt": lambda value: {"attributes", "links"} <= _first_job(value, "data").keys(),
    "adzuna": lambda value: "redirect_url" in _first_job(value, "results"),
    "hn-hiring": lambda value: {"comment_text", "story_id"} <= _first_job(value, "hits").keys(),
    "freelancer": lambda value: isinstance(value.get("result"), dict) and "projects" in value["result"],
    "jsonl": lambda value: "title" in value and "items" not in value,
}


def _lines_kind(body: bytes) -> str | None:
    """Return the kind of one JSON object a line, by the first that is one; ``None`` if none is."""
    lines = (line for line in decode(body).split("\n") if line.strip())
    objects = (_object(line) for line, _ in zip(lines, range(_LINES_TRIED), strict=False))
    first = next((item for item in objects if item is not None), None)
    if first is None:
        return None
    return "objects" if is_foreign(first, OWN_KEYS, least=_FOREIGN_KEYS) else "jsonl"


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
