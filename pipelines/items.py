"""The Scrapy item pipeline: raw items in, clean posts out. Thin: the reading is in ``normalise``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from scrapy.exceptions import DropItem

from domain.clock import Clock, utc_now
from domain.posts import RawPosting
from pipelines.normalise import normalise

_KEYS = frozenset(field.name for field in fields(RawPosting))


def raw_from_item(item: Mapping[str, Any] | RawPosting) -> RawPosting:
    """Return the raw post an item holds; keys it does not know go to ``extra`` as text."""
    if isinstance(item, RawPosting):
        return item
    known = {key: value for key, value in item.items() if key in _KEYS}
    unknown = {key: str(value) for key, value in item.items() if key not in _KEYS}
    known["extra"] = {**known.get("extra", {}), **unknown}
    known["skills"] = tuple(known.get("skills", ()))
    known.setdefault("where", known.get("url") or known["source"])
    return RawPosting(**known)


class NormalisePipeline:
    """Turns each raw item into ``{"post": JobPosting, "issues": tuple[Issue, ...]}``.

    ``clock`` gives the present as aware UTC. An item without title and description is dropped, which Scrapy
    counts and logs.
    """

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock

    def process_item(self, item: Any) -> dict[str, Any]:
        """Return the clean post of ``item`` and its issues; raise DropItem if there is nothing to read."""
        raw = raw_from_item(item)
        post, issues = normalise(raw, now=self._clock())
        if post is None:
            raise DropItem("; ".join(f"{issue.where}: {issue.message}" for issue in issues))
        return {"post": post, "issues": issues}
