"""What the reading of pay is held against: price-parser as it comes, and a regular expression."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

SYMBOLS = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "A$": "AUD",
    "C$": "CAD",
    "S$": "SGD",
}
_NAIVE = re.compile(
    r"(?P<sign>[$€£₹])\s?(?P<low>\d[\d,.]*)(?P<low_k>k?)"
    r"(?:\s?(?:-|\u2013|\u2014|to)\s?[$€£₹]?\s?(?P<high>\d[\d,.]*)(?P<high_k>k?))?"
    r"(?:\s?(?:/|per|an?)\s?(?P<unit>h|day|week|month|mo|year|yr|annum))?",
    re.IGNORECASE,
)
_UNITS = {"h": "hour", "day": "day", "week": "week", "mo": "month", "month": "month"}


class Offer(NamedTuple):
    """Pay as labelled or read; ``unit`` is ``None`` where a reader knows no periods."""

    unit: str | None
    currency: str | None
    low: Decimal | None
    high: Decimal | None


def naive(text: str) -> Offer | None:
    """Return the first amount behind a sign of money, as a short script would: k, ranges, periods."""
    found = _NAIVE.search(text)
    if found is None:
        return None
    low = _amount(found["low"], found["low_k"] or found["high_k"] or "")
    high = _amount(found["high"], found["high_k"]) if found["high"] else low
    if low is None or high is None:
        return None
    stated = (found["unit"] or ("h" if "hour" in text.lower() else "")).lower()
    unit = _UNITS.get(stated, "year" if stated else "fixed")
    return Offer(unit, SYMBOLS[found["sign"]], min(low, high), max(low, high))


def _amount(digits: str, thousands: str) -> Decimal | None:
    try:
        return Decimal(digits.rstrip(".,").replace(",", "")) * (1000 if thousands else 1)
    except InvalidOperation:
        return None


def price_parser_alone(text: str) -> Offer | None:
    """Return what price-parser reads: one amount and its currency, of no period; needs that package."""
    from price_parser import Price  # type: ignore[import-not-found]

    price = Price.fromstring(text)
    if price.amount is None:
        return None
    currency = SYMBOLS.get(price.currency, price.currency) if price.currency else None
    return Offer(None, currency, price.amount, price.amount)
