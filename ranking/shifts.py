"""Sums of small shifts: exact, bounded, and shown part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ranking.results import Part
from ranking.tables import table

UNIT = 10_000
"""Shifts are whole ten-thousandths of a score, so that their sum is exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What all preferences together add to a score; the parts sum to ``total``."""

    total: float = 0.0
    parts: tuple[Part, ...] = ()


NO_SHIFT = Shift()


@dataclass(frozen=True, slots=True)
class Row:
    """One shift in units of the last decimal, and the words for it."""

    units: int
    told: str


def _strongest(row: Row) -> tuple[int, str]:
    return -abs(row.units), row.told


@dataclass(frozen=True, slots=True)
class Sum:
    """Shifts of one post: how many, their sum, and the strongest of them one by one."""

    count: int = 0
    units: int = 0
    strongest: tuple[Row, ...] = ()

    def bounded(self, score: float) -> Shift:
        """Return the sum as parts, held within the bounds; the score stays within 0 and 1."""
        total, most = self.units / UNIT, bounds()
        parts = [_part(row.units, row.told) for row in self.strongest]
        rest = self.count - len(self.strongest)
        if rest:
            parts.append(_part(self.units - sum(row.units for row in self.strongest), f"{rest} more"))
        held, told = max(-most, min(most, total)), f"at most {most:g} either way"
        if not 0 <= score + held <= 1:
            held, told = max(-score, min(1 - score, held)), "a score lies between 0 and 1"
        if held != total:
            parts.append(Part(label="preference held", value=f"{held - total:+.6f}", source=told))
        return Shift(total=round(held, 6), parts=tuple(parts))


def summed(rows: Sequence[Row]) -> Sum:
    """Return the sum of ``rows``."""
    shown: int = table("preference")["bounds"]["shown"]
    strongest = sorted(rows, key=_strongest)[:shown]
    return Sum(len(rows), sum(row.units for row in rows), tuple(strongest))


def merged(sums: Sequence[Sum]) -> Sum:
    """Return the sum of ``sums``."""
    shown = summed([row for each in sums for row in each.strongest])
    return Sum(sum(each.count for each in sums), sum(each.units for each in sums), shown.strongest)


def _part(units: int, told: str) -> Part:
    return Part(label="preference", value=f"{units / UNIT:+.4f}", source=told)


def bounds() -> float:
    """Return how much all preferences together may shift one score, either way."""
    most: float = table("preference")["bounds"]["most"]
    return most
