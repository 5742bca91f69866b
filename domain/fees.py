"""What a marketplace keeps, as a value: a rate when it is known, a range when it is not."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeEstimate:
    """The share of gross pay a marketplace keeps, from 0 to 1.

    ``low == expected == high`` when the rate is known; otherwise the band of possible rates. ``known`` is
    false where the fee can only be recorded, not computed. ``basis`` says why, for the screen.
    """

    low: Decimal
    expected: Decimal
    high: Decimal
    known: bool
    basis: str
