"""Reference rates between currencies: good enough to compare posts, never used to book money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from ranking.tables import amount, table


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Rates of one day: ``per_base`` gives units of each currency for one unit of the base currency."""

    day: date
    per_base: Mapping[str, Decimal]
    source: str = ""

    def convert(self, value: Decimal, currency: str | None, into: str) -> Decimal | None:
        """Return ``value`` of ``currency`` in ``into``, unrounded; ``None`` when either has no rate."""
        if currency == into:
            return value
        here, there = self.per_base.get(currency or ""), self.per_base.get(into)
        if here is None or there is None:
            return None
        return value * there / here

    def rate_words(self, currency: str, into: str) -> str:
        """Return the rate used, in words: "1 GBP = 1.33989 USD on 2026-10-30"."""
        rate = self.convert(Decimal(1), currency, into)
        return (
            f"no rate for {currency}" if rate is None else f"1 {currency} = {rate:.6g} {into} on {self.day}"
        )


@cache
def reference_rates() -> Exchange:
    """Return the rates shipped in ``ranking/data/rates.toml``."""
    data = table("rates")
    rates = {code: amount(value) for code, value in data["per_base"].items()}
    pegged = {code: rates["USD"] * amount(value) for code, value in data["per_dollar"].items()}
    return Exchange(day=data["date"], per_base=rates | pegged, source=f"reference rates of {data['date']}")
