"""A saved Upwork feed turned into JSON by xmltodict: ``{"rss": {"channel": {"item": [...]}}}``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers import upwork_rss
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import read_items
from spiders.parsers.jsontext import as_text, load_document
from spiders.parsers.result import ParseResult


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every item of the feed ``body``; raise :class:`ChangedShapeError` if it is no such feed."""
    document = load_document(body, where)
    try:
        channel = document["rss"]["channel"]
        items = channel.get("item") or []
    except (KeyError, TypeError, AttributeError) as error:
        raise ChangedShapeError("no rss.channel in the JSON", where=where) from error
    # xmltodict gives an only item as an object, several as a list.
    listed = items if isinstance(items, list) else [items]
    plain = [_texts(item) if isinstance(item, dict) else item for item in listed]
    result = read_items(plain, _post, source=source, where=where, audit=Audit())
    return replace(result, feed_title=as_text(_text(channel.get("title"))) or None)


def _post(fields: Fields, source: str, where: str, audit: Audit) -> RawPosting:
    description, content = fields.text("description"), fields.text("content:encoded")
    url, title = fields.text("link"), fields.text("title")
    post = RawPosting(
        source=source,
        where=where,
        title=title or "",
        source_id=fields.text("guid"),
        url=url,
        description=max(description or "", content or "", key=len) or None,
        skills=fields.texts("category"),
        date_posted=fields.text("pubDate"),
        extra=fields.extra(),
    )
    return upwork_rss.read(post, audit) if upwork_rss.is_upwork(url) else post


def _texts(item: dict[str, Any]) -> dict[str, Any]:
    return {key: _text(value) for key, value in item.items()}


def _text(value: Any) -> Any:
    """Return an element's text; one that had attributes is an object with its text under ``#text``."""
    if isinstance(value, dict) and "#text" in value:
        return as_text(value["#text"])
    return value
