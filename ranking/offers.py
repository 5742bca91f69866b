"""What a post offers: stated pay as a span per hour or in all, and what of it is no offer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from domain.pay import Pay, PayUnit
from domain.posts import JobPosting
from ranking.exchange import Exchange
from ranking.tables import amount, table
from ranking.words import money


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Low, expected and high of one quantity."""

    low: Decimal
    expected: Decimal
    high: Decimal


def why_no_offer(pay: Pay, exchange: Exchange, currency: str) -> str | None:
    """Return why the pay stated is no offer one could count on in ``currency``, or ``None`` if it is one.

    Placeholders typed to get past a form and absurd figures are no offer; nor is an amount whose currency is
    not stated or has no rate. Source of the limits: ``effort.toml``, ``[placeholder]``.
    """
    top = pay.high if pay.high is not None else pay.low
    assert top is not None  # a Pay states at least one bound
    if pay.currency is None:
        return f"currency not stated in {pay.raw!r}"
    if exchange.convert(top, pay.currency, currency) is None:
        return f"no rate from {pay.currency} to {currency}"
    limits = table("effort")["placeholder"]
    least, most = (amount(limits[name]) for name in _limits_of(pay.unit))
    dollars = exchange.convert(top / hours_in(pay.unit), pay.currency, "USD")
    typed = pay.unit is PayUnit.FIXED and top in {amount(value) for value in limits["fixed"]}
    if top <= 0 or typed or (dollars is not None and dollars < least):
        return f"{money(top, pay.currency)} is a placeholder and no offer"
    if dollars is not None and dollars >= most:
        return f"{money(top, pay.currency)} cannot be meant"
    return None


def _limits_of(unit: PayUnit) -> tuple[str, str]:
    return ("fixed_least", "fixed_absurd") if unit is PayUnit.FIXED else ("hourly_least", "hourly_absurd")


def hours_in(unit: PayUnit) -> Decimal:
    """Return the hours that one unit pays for; a fixed amount is not divided."""
    whole = unit in (PayUnit.HOUR, PayUnit.FIXED)
    return Decimal(1) if whole else amount(table("effort")["week"][unit.value])


def _span(pay: Pay, exchange: Exchange, currency: str) -> Span | None:
    """Return the pay as offered in ``currency``, a missing bound filled in by the shares in the table.

    ``None`` when it is no offer (:func:`why_no_offer`). The middle is the geometric one: pay is spread by
    factors, and of 20 to 80 the middle is 40, twice the one and half the other.
    """
    if why_no_offer(pay, exchange, currency) is not None:
        return None
    bounds = table("effort")["bounds"]
    stated = [value for value in (pay.low, pay.high) if value is not None and value > 0]
    # A range from zero states no lower bound.
    low = stated[0] if pay.low else stated[0] * amount(bounds["below"])
    high = stated[-1] if pay.high is not None else stated[-1] * amount(bounds["above"])
    first, last = (exchange.convert(value, pay.currency, currency) for value in (low, high))
    assert first is not None  # an offer is one that can be converted
    assert last is not None
    return Span(low=first, expected=min(last, max(first, (first * last).sqrt())), high=last)


def stated_hourly(post: JobPosting, exchange: Exchange, currency: str) -> Span | None:
    """Return the gross pay per hour that ``post`` states in ``currency``; ``None`` for fixed pay or none.

    Pay per day, week, month and year is divided by the hours in ``effort.toml``, ``[week]``.
    """
    if post.pay is None or post.pay.unit is PayUnit.FIXED:
        return None
    span, hours = _span(post.pay, exchange, currency), hours_in(post.pay.unit)
    if span is None:
        return None
    return Span(low=span.low / hours, expected=span.expected / hours, high=span.high / hours)


def stated_budget(post: JobPosting, exchange: Exchange, currency: str) -> Span | None:
    """Return the fixed budget that ``post`` states in ``currency``, gross; ``None`` if it states none."""
    if post.pay is None or post.pay.unit is not PayUnit.FIXED:
        return None
    return _span(post.pay, exchange, currency)
