"""How many hours a job takes: as the post says, else by kind of work and budget, always with an interval."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from domain.posts import JobPosting
from ranking.mentions import word_pattern
from ranking.tables import amount, table
from ranking.words import DASH, plain

_LEAST, _MOST = Decimal("0.5"), Decimal(5000)
_WEEKS_PER = {"day": Decimal(1) / 5, "week": Decimal(1), "month": Decimal(52) / 12, "year": Decimal(52)}
_BOUND = r"(?P<bound>less than|under|up to|more than|over|at least)?\s*"
_SPAN = re.compile(
    _BOUND + r"(?P<low>\d+)(?:\s*(?:-|\u2013|to)\s*(?P<high>\d+))?(?P<plus>\+)?\s*(?P<unit>[a-z]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Hours of work as an interval; ``stated`` when the post itself gives the size, ``basis`` says how."""

    low: Decimal
    expected: Decimal
    high: Decimal
    stated: bool
    basis: str

    def words(self) -> str:
        """Return "6-40 h, about 15"."""
        return f"{plain(self.low, 1)}{DASH}{plain(self.high, 1)} h, about {plain(self.expected, 1)}"


@dataclass(frozen=True, slots=True)
class _Pattern:
    words: tuple[str, ...]
    per: Decimal
    pattern: re.Pattern[str]


@cache
def _patterns() -> tuple[_Pattern, ...]:
    data = table("effort")
    spelled = "|".join(sorted(data["numbers"], key=len, reverse=True))
    number = rf"(?<![\w.,:$€£])(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,3}}(?:\.\d+)?|\b(?:{spelled})\b)"
    return tuple(
        _Pattern(
            tuple(row["words"]),
            amount(row["per"]),
            re.compile(
                row["pattern"].replace("(?P<low>NUMBER)", f"(?P<low>{number})").replace("NUMBER", number),
                re.IGNORECASE,
            ),
        )
        for row in data["hours"]
    )


def _number(text: str) -> Decimal:
    spelled = table("effort")["numbers"].get(text.lower())
    return amount(spelled if spelled is not None else text.replace(",", ""))


def _hours(value: Decimal) -> Decimal:
    return min(_MOST, max(_LEAST, value)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def stated_effort(text: str) -> Effort | None:
    """Return the size of the job that ``text`` states in hours, days or weeks of work, or ``None``.

    Hours per day or week, deadlines and reaction times are not the size of a job.
    """
    margins, lower = table("effort")["stated"], text.lower()
    for way in _patterns():
        match = way.pattern.search(text) if any(word in lower for word in way.words) else None
        if match is None:
            continue
        low = _number(match["low"]) * way.per
        high = _number(match["high"]) * way.per if match["high"] else low
        if not _LEAST <= low <= high <= _MOST:
            continue
        return Effort(
            low=_hours(low * amount(margins["low"])),
            expected=_hours((low + high) / 2),
            high=_hours(high * amount(margins["high"])),
            stated=True,
            basis=f'the post says "{" ".join(match[0].split())}"',
        )
    return None


def ongoing_effort(post: JobPosting) -> Effort:
    """Return the hours of work paid by time: stated in the text, else duration times workload."""
    stated = stated_effort(f"{post.title}\n{post.description}")
    if stated is not None:
        return stated
    data = table("effort")
    weeks, a_week = _weeks(post.duration), hours_per_week(post.workload)
    total = (weeks or amount(data["ongoing"]["weeks"])) * (
        a_week or amount(data["ongoing"]["hours_per_week"])
    )
    told = [f"duration {post.duration!r}"] if weeks else ["no duration stated"]
    told += [f"workload {post.workload!r}"] if a_week else ["no workload stated"]
    return _around(total, ", ".join(told).replace("'", '"'))


def _around(total: Decimal, basis: str) -> Effort:
    interval = table("effort")["interval"]
    return Effort(
        low=_hours(total * amount(interval["low"])),
        expected=_hours(total),
        high=_hours(total * amount(interval["high"])),
        stated=False,
        basis=basis,
    )


def _middle(text: str, units: Iterable[str]) -> tuple[Decimal, str] | None:
    """Return the middle of the first span like "3 to 6 months" whose unit begins like one of ``units``."""
    ongoing = table("effort")["ongoing"]
    for match in _SPAN.finditer(text.lower()):
        unit = next((unit for unit in units if match["unit"].startswith(unit)), None)
        if unit is None:
            continue
        low = Decimal(match["low"])
        value = (low + Decimal(match["high"])) / 2 if match["high"] else low
        if match["bound"] in ("less than", "under", "up to"):
            value *= amount(ongoing["less_than"])
        elif match["bound"] or match["plus"]:
            value *= amount(ongoing["more_than"])
        return (value, unit) if value > 0 else None
    return None


def _weeks(duration: str | None) -> Decimal | None:
    found = _middle(duration or "", _WEEKS_PER)
    return None if found is None else found[0] * _WEEKS_PER[found[1]]


def hours_per_week(workload: str | None) -> Decimal | None:
    """Return the hours a week that a workload comes to, the middle of a range; ``None`` where it has none.

    "30+ hrs/week" is taken as somewhat more and "less than 30" as half, by ``effort.toml``, ``[ongoing]``.
    """
    found = _middle(workload or "", ("h",))
    if found is not None:
        return found[0]
    named, lower = table("effort")["ongoing"]["named"], (workload or "").lower().replace("-", " ")
    return next((amount(hours) for words, hours in named.items() if words in lower), None)


def _kind(post: JobPosting) -> dict[str, Any]:
    """Return the first row whose words stand in the title, else in the tags, else in the text."""
    rows: list[dict[str, Any]] = table("effort")["kinds"]
    for text in (post.title, " / ".join(post.skills), post.description):
        lower = text.lower()
        for row in rows:
            if _first_said(row["words"], lower) is not None:
                return row
    return rows[-1]


@cache
def _word(word: str) -> re.Pattern[str]:
    return word_pattern(word)


def _first_said(words: Iterable[str], lower: str) -> str | None:
    """Return the first of ``words`` that stands in the lower-case text on word boundaries."""
    return next((word for word in words if word in lower and _word(word).search(lower)), None)


def fixed_effort(post: JobPosting, budget_usd: Decimal | None) -> Effort:
    """Return the hours of a fixed job: stated in the text, else the kind of work tempered by the budget.

    The table's hours and the hours ``budget_usd`` buys at the market rate are joined as a geometric mean with
    the weight in ``effort.toml``; without a budget the table stands alone.
    """
    stated = stated_effort(f"{post.title}\n{post.description}")
    if stated is not None:
        return stated
    data, kind = table("effort"), _kind(post)
    low, expected, high = (amount(hours) for hours in kind["hours"])
    basis = f"typical for {kind['name']}"
    lower = f"{post.title}\n{post.description}".lower()
    for size in data["sizes"]:
        word = _first_said(size["words"], lower)
        if word is not None:
            low, expected, high = (hours * amount(size["factor"]) for hours in (low, expected, high))
            basis += f', "{word}"'
            break
    weight = Decimal(str(data["market"]["budget_weight"]))
    if budget_usd is not None and budget_usd > 0:
        bought = budget_usd / amount(data["market"]["hourly"])
        middle = expected ** (1 - weight) * bought**weight
        low, high = middle * (low / expected) ** (1 - weight), middle * (high / expected) ** (1 - weight)
        expected, basis = middle, basis + " and this budget"
    return Effort(low=_hours(low), expected=_hours(expected), high=_hours(high), stated=False, basis=basis)
