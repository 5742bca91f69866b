"""Durations as people write them in a settings file: ``90s``, ``15m``, ``1h``, ``1d``."""

from __future__ import annotations

import re
from datetime import timedelta

from domain.errors import ConfigError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=3660)
_DURATION = re.compile(r"\s*(\d{1,6})\s*([smhdw])\s*", re.IGNORECASE)


def parse_duration(text: str) -> timedelta:
    """Return ``text`` as a timedelta; raise :class:`ConfigError` unless it is digits and one unit letter.

    Ten years is the most: sums with dates stay within what dates can be.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ConfigError(f"{text!r} is not a duration", remedy="Write it like 30m, 1h or 1d")
    span = timedelta(**{_UNITS[match[2].lower()]: int(match[1])})
    if span > _LONGEST:
        raise ConfigError(f"{text!r} is more than ten years", remedy="Write it like 30m, 1h or 1d")
    return span


def describe_duration(span: timedelta) -> str:
    """Return ``span`` in its largest whole unit, e.g. ``1h`` or ``90m``."""
    seconds = int(span.total_seconds())
    for letter, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{letter}"
    return f"{seconds}s"
