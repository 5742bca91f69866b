"""Times: aware and UTC inside, the person's zone on screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC datetime; injected wherever a step needs it."""


def utc_now() -> datetime:
    """Return the present, aware and UTC."""
    return datetime.now(UTC)


def as_utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC; raise ``ValueError`` if it is naive."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment.isoformat()}")
    return moment.astimezone(UTC)


def start_of_day(moment: datetime, time_zone: str) -> datetime:
    """Return the UTC moment at which the calendar day of ``moment`` began in ``time_zone`` (IANA name)."""
    return datetime.combine(local_date(moment, time_zone), time.min, ZoneInfo(time_zone)).astimezone(UTC)


def local_date(moment: datetime, time_zone: str) -> date:
    """Return the calendar date of ``moment`` in ``time_zone`` (IANA name)."""
    return as_utc(moment).astimezone(ZoneInfo(time_zone)).date()
