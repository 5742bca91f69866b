"""How much room running contracts leave for more work."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from ranking.tables import amount, on_curve, table

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What share of its worth one more contract keeps, from 0 to 1, and why it is not all of it."""

    share: Decimal = Decimal(1)
    because: str = ""


def room_left(hours_per_week: int | None, hours_taken: Decimal | None) -> Room:
    """Return the room left in a week of ``hours_per_week`` of which ``hours_taken`` are promised.

    All of it where either is not stated.
    """
    if not hours_per_week or hours_taken is None:
        return Room()
    share = on_curve(table("weights")["room"]["curve"], float(hours_taken / hours_per_week))
    return Room(
        share=Decimal(str(round(share, 4))),
        because=f"{hours_taken:f} of your {hours_per_week} hours a week are taken" if share < 1 else "",
    )


def weekly_hours(workload: str | None) -> Decimal | None:
    """Return the hours a week that a workload states, the middle of a range; ``None`` where it has none."""
    told = (workload or "").lower()
    numbers = [Decimal(number) for number in _NUMBER.findall(told)]
    if numbers and re.search(r"\d\s*\+?\s*h", told):
        return sum(numbers[:2], Decimal(0)) / len(numbers[:2])
    row, plain = table("weights")["room"], told.replace("-", " ")
    return next(
        (amount(row[key]) for key in ("full_time", "part_time") if key.replace("_", " ") in plain), None
    )
