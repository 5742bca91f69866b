"""Dates as sources write them, to aware UTC. No guessing: a form that is not known is an issue."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from domain.clock import as_utc
from domain.issues import Issue, info, warning
from pipelines.text import DATE_LIMIT, clean_text, clip

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No marketplace or board read here is older; an earlier date is a zero or a slip."""
AHEAD = timedelta(hours=48)
"""A publication date may lie this far ahead: time zones and wrong clocks, no more."""

_EPOCH = re.compile(r"(\d{9,10})(?:\.\d{1,9})?|(\d{12,13})", re.ASCII)
_LEAP_SECOND = re.compile(r"(?<=:\d\d:)60(?!\d)", re.ASCII)
_NOTE = re.compile(r"\s*\([^()]*\)\s*$")
_TIME = r"(?:,?(?: at)? (?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?: ?(?P<half>[ap]m))?)?(?: (?P<zone>UTC|GMT|Z))?"
_MONTH_FIRST = re.compile(
    rf"(?P<month>[a-z]{{3,9}})\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}){_TIME}", re.IGNORECASE | re.ASCII
)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})\.? (?P<month>[a-z]{{3,9}})\.?,? (?P<year>\d{{4}}){_TIME}", re.IGNORECASE | re.ASCII
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)


def parse_date(
    text: str, *, now: datetime, where: str = "date", future_ok: bool = False
) -> tuple[datetime | None, list[Issue]]:
    """Return the moment ``text`` names as aware UTC, and what was doubtful; ``None`` when it names none.

    Read are ISO 8601, RFC 2822, epoch seconds or milliseconds in digits, and English month names ("May 13,
    2024 09:46 UTC"); at most 64 characters. A time without a zone is taken as UTC, with an issue. A moment
    before 2000, or more than 48 hours after ``now`` unless ``future_ok``, is an issue and ``None``.
    """
    written = clean_text(clip(text, DATE_LIMIT), single_line=True)
    if not written:
        return None, []
    read = _read(_LEAP_SECOND.sub("59", _NOTE.sub("", written)))
    if read is None:
        return None, [warning(where, f"{written!r} is not a date that is understood")]
    issues = []
    if read.tzinfo is None:
        issues.append(info(where, f"{written!r} names no time zone; taken as UTC"))
        read = read.replace(tzinfo=UTC)
    try:
        moment = as_utc(read)
    except OverflowError:
        return None, [warning(where, f"{written!r} is beyond the calendar")]
    if moment < EARLIEST:
        return None, [warning(where, f"{written!r} lies before 2000; left out")]
    if not future_ok and lies_ahead(moment, now=now):
        return None, [warning(where, f"{written!r} lies more than 48 hours ahead; left out")]
    return moment, issues


def lies_ahead(moment: datetime, *, now: datetime) -> bool:
    """Return whether ``moment`` is more than 48 hours after ``now``.

    A ``now`` before 2000 is a clock without a battery: it judges nothing, or every date would be left out.
    """
    return now >= EARLIEST and moment > now + AHEAD


def _read(text: str) -> datetime | None:
    epoch = _EPOCH.fullmatch(text)
    if epoch:
        return datetime.fromtimestamp(int(epoch[1]) if epoch[1] else int(epoch[2]) / 1000, UTC)
    for form in (_MONTH_FIRST, _DAY_FIRST):
        match = form.fullmatch(text)
        if match:
            return _in_words(match)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _rfc_2822(text)


def _rfc_2822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None  # the caller says so; the library raises whatever its parts raise


def _in_words(match: re.Match[str]) -> datetime | None:
    name = match["month"].lower()
    months = [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name) or name == "sept"]
    if len(name) < 3 or not months:  # noqa: PLR2004 - the shortest abbreviation
        return None
    month = 9 if name == "sept" else months[0]
    hour, minute, second = ([int(part) for part in (match["time"] or "0:0").split(":")] + [0])[:3]
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    zone = UTC if match["zone"] else None
    try:
        return datetime(int(match["year"]), month, int(match["day"]), hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
