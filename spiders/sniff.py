"""What a body is, by what it holds: never by its name or by what a server calls it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from domain.errors import SourceError
from spiders.parsers.jsontext import decode, load_document, loads

_HEAD = 4_096
_WWR = "<link>https://weworkremotely.com/"
_PROLOGUE = re.compile(
    r"(?:\s|<\?[^>]{0,400}\?>|<!--.{0,2000}?-->|<!doctype[^>\[]{0,400}(?:\[.{0,2000}?\])?>)*",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(r"<(?:[\w-]{1,40}:)?([\w-]{1,40})")
_FEEDS = {"rss": "rss", "feed": "atom", "rdf": "rdf"}
_HTML = frozenset({"html", "head", "body"})
_LOGIN = re.compile(r"<input[^>]{0,300}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_CHALLENGE = re.compile(r"captcha|cf-challenge|just a moment|verify (?:that )?you are human", re.IGNORECASE)
_LOGIN_HEAD = 200_000
_LINES_TRIED = 20

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
}
"""The parser of every kind of content that is understood."""


def kind_of(body: bytes) -> str | None:
    """Return the kind of ``body``: a key of :data:`PARSER_OF`, ``html``, or ``None`` if it is none of them.

    Raise :class:`domain.errors.SourceError` if it starts like JSON and is not. Run it where parsers run.
    """
    head = _text_head(body).lstrip("\ufeff \t\r\n\0")
    if head.startswith("<"):
        return _markup(head)
    if head.startswith(("{", "[")):
        return _json(body)
    return "jsonl" if _has_object_line(body) else None


def looks_like_login(body: bytes) -> bool:
    """Return whether an HTML page asks for a password or for proof of being human."""
    text = body[:_LOGIN_HEAD].decode("latin-1")
    return bool(_LOGIN.search(text) or _CHALLENGE.search(text))


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
    # Torn or unusual XML: feedparser reads what it can if a feed's element stands anywhere near the top.
    inner = re.search(r"<(?:[\w-]{1,40}:)?(rss|feed|rdf|channel|item|entry)\b", head, re.IGNORECASE)
    return _FEEDS.get(inner[1].lower(), "rss") if inner else None


def _json(body: bytes) -> str | None:
    try:
        value = load_document(body, "")
    except SourceError:
        if _has_object_line(body):
            return "jsonl"
        raise
    if isinstance(value, list):
        return _list_kind(value)
    return next((kind for kind, fits in _SHAPES.items() if fits(value)), None)


def _list_kind(items: list[Any]) -> str | None:
    objects = [item for item in items if isinstance(item, dict)]
    if any("legal" in item or "position" in item for item in objects):
        return "remoteok"
    if any({"category_name", "pub_date"} <= item.keys() for item in objects):
        return "workingnomads"
    return "jsonl" if any("title" in item for item in objects) else None


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


def _has_object_line(body: bytes) -> bool:
    lines = (line for line in decode(body).split("\n") if line.strip())
    return any(_is_object(line) for line, _ in zip(lines, range(_LINES_TRIED), strict=False))


def _is_object(line: str) -> bool:
    try:
        return isinstance(loads(line), dict)
    except (ValueError, RecursionError):
        return False
