"""What a post says it pays, typed: unit, currency, low and high, beside the text it came from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class PayUnit(StrEnum):
    """The period one amount pays for; ``FIXED`` is the whole job."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """Pay as stated.

    ``low`` and ``high`` are in major units of ``currency`` per ``unit``; equal when one figure is stated,
    one of them ``None`` when only a bound is ("from $20", "up to $500"). ``currency`` is ``None`` when the
    post does not say. A post that states no pay at all has no ``Pay``.
    """

    unit: PayUnit
    currency: str | None
    low: Decimal | None
    high: Decimal | None
    raw: str

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError("a Pay states at least one bound")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
