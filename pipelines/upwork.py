"""What only Upwork's posts need: ids inside addresses, the time inside ids, the site's name behind titles."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from domain.identity import upwork_time
from pipelines.dates import lies_ahead
from pipelines.text import TITLE_LIMIT, clip

TITLE_SUFFIX = " - Upwork"
_CIPHER = re.compile(r"~0[0-9a-f]{15,24}(?![0-9a-z])", re.ASCII)
_OLDEST = datetime(2015, 1, 1, tzinfo=UTC)  # Upwork has its name since May of that year
_DATED = re.compile(r"(?:~02)?(\d{18,20})", re.ASCII)


def id_in(text: str | None) -> str | None:
    """Return the id ``~0…`` that an address or a longer id holds (``%7E`` included), ``None`` if none."""
    match = _CIPHER.search(unquote(clip(text, TITLE_LIMIT))) if text else None
    return match[0] if match else None


def time_in(post_id: str | None, *, now: datetime) -> datetime | None:
    """Return the time a numeric id (plain or ``~02…``) carries, at most three hours before it was published.

    ``None`` for another id, for a time to come, and for one before Upwork was.
    """
    match = _DATED.fullmatch(post_id or "")
    if not match:
        return None
    moment = upwork_time(int(match[1]))
    return None if moment < _OLDEST or lies_ahead(moment, now=now) else moment
