"""How much room running contracts leave for more work."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ranking.tables import on_curve, table
from ranking.words import plain


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
        because=f"{plain(hours_taken, 1)} of your {hours_per_week} hours a week are taken"
        if share < 1
        else "",
    )
