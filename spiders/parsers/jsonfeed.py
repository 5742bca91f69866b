"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import read_items
from spiders.parsers.jsontext import as_text, load_document
from spiders.parsers.result import ParseResult

_UNUSED = ("image", "banner_image", "attachments")


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every item of the feed ``body``; raise :class:`ChangedShapeError` if it is no JSON Feed."""
    document = load_document(body, where)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise ChangedShapeError("no JSON Feed: an object with a list of items was expected", where=where)
    audit = Audit()
    version = as_text(document.get("version"))
    if "jsonfeed.org/version/1" not in version:
        audit.warn(where, f"version {version[:80]!r} is not JSON Feed 1")
    result = read_items(document["items"], _post, source=source, where=where, audit=audit)
    return replace(result, feed_title=as_text(document.get("title")) or None)


def _post(fields: Fields, source: str, where: str, _audit: Audit) -> RawPosting:
    markup, plain, summary = (fields.text(key) for key in ("content_html", "content_text", "summary"))
    url, external = fields.text("url"), fields.text("external_url")
    published, modified = fields.text("date_published"), fields.text("date_modified")
    authors = [_author(fields.take(key)) for key in ("authors", "author")]  # 1.1 and 1.0
    fields.drop(_UNUSED)
    fields.keep("language")
    return RawPosting(
        source=source,
        where=where,
        title=fields.text("title") or "",
        source_id=fields.text("id"),
        url=url or external,
        description=markup or plain or summary,
        skills=fields.texts("tags"),
        date_posted=published or modified,
        company=next((name for name in authors if name), None),
        extra=fields.extra() | ({"external_url": external} if url and external else {}),
    )


def _author(value: Any) -> str | None:
    """Return the first author's name: on a job board, who posts the job."""
    authors = value if isinstance(value, list) else [value]
    names = (as_text(author.get("name")).strip() for author in authors if isinstance(author, dict))
    return next((name for name in names if name), None)
