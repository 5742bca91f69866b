"""How the person's clock lies to the client's: one sentence of fact."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.posts import JobPosting

_HOUR, _DAY = 60, 24 * 60  # minutes


@cache
def _tables() -> tuple[Mapping[str, Sequence[str]], tuple[tuple[str, re.Pattern[str]], ...]]:
    table = tomllib.loads(files("proposals").joinpath("data/zones.toml").read_text(encoding="utf-8"))
    stated = tuple(
        (zone, re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b"))
        for zone, words in table["stated"].items()
    )
    return table["countries"], stated


def client_zones(post: JobPosting) -> tuple[str, ...]:
    """Return the time zones the client may be in: those the post states, else those of the client's country.

    At most two, empty where nothing is known.
    """
    countries, stated = _tables()
    text = f"{post.title}\n{post.description}"
    named = tuple(zone for zone, pattern in stated if pattern.search(text))
    return named[:2] or tuple(countries.get(post.client.country or "", ()))


def clock_line(own: str, hours: tuple[time, time] | None, theirs: Sequence[str], day: date) -> str:
    """Return one sentence that puts the person's clock (zone ``own``) beside the client's zones on ``day``.

    With the person's working ``hours`` it gives them in the client's time, without them the difference only;
    where the client's zone is not known, only the person's.
    """
    ours = _offset(own, day)
    if ours is None:
        return ""
    theirs = [zone for zone in theirs if _offset(zone, day) is not None]
    if not theirs:
        return f"I work on {place(own)} time ({_utc(ours)})."
    apart = {zone: ours - (_offset(zone, day) or 0) for zone in theirs}
    if not any(apart.values()):
        return f"I keep the same hours as you: {place(own)} is on {place(theirs[0])} time."
    if hours is None:
        return f"{place(own)} is {_all(f'{_apart(gap)} {place(zone)}' for zone, gap in apart.items())}."
    spans = (f"{_span(hours, gap)} in {place(zone)}" for zone, gap in apart.items())
    return f"My working day, {_span(hours, 0)} in {place(own)}, is {_all(spans)}."


def place(zone: str) -> str:
    """Return the city a zone is named after: ``Buenos Aires`` for ``America/Argentina/Buenos_Aires``."""
    return zone.rpartition("/")[2].replace("_", " ")


def _offset(zone: str, day: date) -> int | None:
    """Return the minutes of ``zone`` east of UTC at noon of ``day``; ``None`` for a zone not known here."""
    try:
        noon = datetime.combine(day, time(12), UTC).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
    return int((noon.utcoffset() or timedelta()).total_seconds()) // 60


def _utc(minutes: int) -> str:
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), _HOUR)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}{f':{rest:02}' if rest else ''}"


def _apart(minutes: int) -> str:
    if not minutes:
        return "on the same time as"
    hours, rest = divmod(abs(minutes), _HOUR)
    text = f"{hours}:{rest:02} hours" if rest else f"{hours} hour{'s' if hours > 1 else ''}"
    return f"{text} {'ahead of' if minutes > 0 else 'behind'}"


def _span(hours: tuple[time, time], gap: int) -> str:
    return " to ".join(_clock(each, gap) for each in hours)


def _clock(moment: time, gap: int) -> str:
    hour, minute = divmod((moment.hour * _HOUR + moment.minute - gap) % _DAY, _HOUR)
    return f"{hour:02}:{minute:02}"


def _all(parts: Iterable[str]) -> str:
    return " and ".join(parts)
