"""RSS 0.9x to 2.0, Atom and RDF, by feedparser. It may hang or raise: run it through ``spiders.sandbox``.

feedparser's sanitiser and its resolving of links inside HTML are switched off: neither is a boundary (84 of
10,135 script injections pass), both are slow on hostile input, and text is sanitised where it is shown.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers import upwork_rss
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.feed_document import page_link, read_document
from spiders.parsers.jsontext import as_text
from spiders.parsers.result import ParseResult

_AUTHOR_BREAK = re.compile(r"[()<>]")


@cache
def _names() -> dict[str, dict[str, list[str]]]:
    text = files("spiders").joinpath("parsers", "feed_fields.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every entry of the feed ``body``, also of a malformed one; entries sharing a guid are all kept.

    Raises :class:`ChangedShapeError` if there is no feed in ``body`` at all, :class:`SourceError` if there is
    one that cannot be read.
    """
    document = read_document(body, where)
    if not document.version and not document.entries:
        raise ChangedShapeError("no RSS, Atom or RDF feed in the answer", where=where)
    audit = Audit()
    for issue in document.issues:
        audit.each(issue)
    posts = tuple(_post(entry, source, f"{where} item {number}", audit) for number, entry in document.entries)
    return ParseResult(
        posts=posts, issues=audit.issues, feed_title=as_text(document.about.get("title")) or None
    )


def _post(entry: Mapping[str, Any], source: str, where: str, audit: Audit) -> RawPosting:
    description = _longest(entry)
    date = next((entry[key] for key in ("published", "updated", "created") if entry.get(key)), None)
    company, tags = _author(entry), _tags(entry)
    fields = Fields(entry, where, audit)
    found: dict[str, Any] = {name: _first(fields, elements) for name, elements in _names()["text"].items()}
    listed = {name: _first(fields, elements) for name, elements in _names()["lists"].items()}
    skills = tuple(part.strip() for part in (listed["skills"] or "").split(",") if part.strip())
    title, identity = fields.text("title"), fields.text("id")
    link = as_text(page_link(entry)) or None
    fields.drop(["link"])
    # A guid counts as a link unless the feed says it is none; most that are none do not say so.
    url = None if link == identity and link is not None and ":" not in link else link
    fields.drop(["tags", *_names()["drop"]["names"]])
    fields.keep(*_names()["keep"]["names"])
    found["company"] = found["company"] or company
    post = RawPosting(
        source=source,
        where=where,
        title=title or "",
        source_id=identity,
        url=url,
        description=description,
        # A feed that lists skills by themselves uses its categories as categories; others have only these.
        skills=skills or tags,
        category=", ".join(tags) or None if skills else None,
        date_posted=as_text(date) or None,
        extra=fields.extra(),
        **found,
    )
    return upwork_rss.read(post, audit) if upwork_rss.is_upwork(url) else post


def _first(fields: Fields, elements: list[str]) -> str | None:
    """Pop the first of ``elements`` that says something; the others stay and end in extra."""
    for element in elements:
        text = fields.text(element)
        if text is not None:
            fields.keep(*elements)
            return text
    return None


def _longest(entry: Mapping[str, Any]) -> str | None:
    """Return the fullest text of an entry: feeds give an excerpt, the whole, or both."""
    texts = [
        as_text(entry.get("summary")),
        *(as_text(part.get("value")) for part in entry.get("content", ())),
    ]
    return max(texts, key=len) or None


def _author(entry: Mapping[str, Any]) -> str | None:
    """Return the name of who posted the entry, without their address ("Ann (a@b.example)", "a@b (Ann)").

    From the text as given: feedparser's own split cuts addresses whose last part is longer than four letters.
    """
    parts = (part.strip() for part in _AUTHOR_BREAK.split(as_text(entry.get("author"))))
    return next((part for part in parts if part and "@" not in part), None)


def _tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    labels = (as_text(tag.get("label") or tag.get("term")).strip() for tag in entry.get("tags", ()))
    return tuple(dict.fromkeys(label for label in labels if label))
