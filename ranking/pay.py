"""Net effective pay per hour: what is left of the money, over all the hours it takes, as an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.fees import FeeEstimate
from domain.pay import Pay, PayUnit
from domain.posts import ContractType, JobPosting
from domain.profile import Profile
from ranking.effort import Effort, fixed_effort, ongoing_effort
from ranking.exchange import Exchange
from ranking.results import NetHourly, Part
from ranking.tables import amount, table
from ranking.words import money, money_range, percent, plain

LEAST_COMPARABLES = 5
"""Fewer posts with stated pay say too little to stand in for one that states none."""
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Low, expected and high of one quantity."""

    low: Decimal
    expected: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """A similar post that states its pay: the middle of it per hour, gross, in the profile's currency."""

    post_id: str
    hourly: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Working:
    """What one estimate rests on: gross pay per hour or in all, the hours, and where both come from."""

    gross: Span
    in_all: bool  # gross is for the whole job, not per hour
    effort: Effort
    basis: str
    stated: bool
    parts: tuple[Part, ...]


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
    dollars = exchange.convert(top / _hours_in(pay.unit), pay.currency, "USD")
    typed = pay.unit is PayUnit.FIXED and top in {amount(value) for value in limits["fixed"]}
    if top <= 0 or typed or (dollars is not None and dollars < least):
        return f"{money(top, pay.currency)} is a placeholder and no offer"
    if dollars is not None and dollars >= most:
        return f"{money(top, pay.currency)} cannot be meant"
    return None


def _limits_of(unit: PayUnit) -> tuple[str, str]:
    return ("fixed_least", "fixed_absurd") if unit is PayUnit.FIXED else ("hourly_least", "hourly_absurd")


def _hours_in(unit: PayUnit) -> Decimal:
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
    span, hours = _span(post.pay, exchange, currency), _hours_in(post.pay.unit)
    if span is None:
        return None
    return Span(low=span.low / hours, expected=span.expected / hours, high=span.high / hours)


def stated_budget(post: JobPosting, exchange: Exchange, currency: str) -> Span | None:
    """Return the fixed budget that ``post`` states in ``currency``, gross; ``None`` if it states none."""
    if post.pay is None or post.pay.unit is not PayUnit.FIXED:
        return None
    return _span(post.pay, exchange, currency)


def quantile(values: Sequence[Decimal], share: Decimal) -> Decimal:
    """Return the ``share`` quantile of ``values`` (not empty), linear between order statistics."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def net_hourly(
    post: JobPosting,
    profile: Profile,
    *,
    fee: FeeEstimate,
    comparables: Sequence[Comparable],
    exchange: Exchange,
) -> NetHourly | None:
    """Return what an hour of ``post`` nets in the profile's currency, or ``None`` when nothing can be said.

    Per hour: (gross pay less the fee, less the price of the connects) over (hours of work and the time spent
    writing the proposal). The low end takes the low pay, the high fee and, for a fixed budget, the high
    hours; the high end the reverse; the middle of a range is its geometric mean. Without stated pay the 10 %
    and 90 % quantiles of at least five ``comparables`` stand in.
    """
    working = (
        _from_hourly(post, profile, exchange)
        or _from_budget(post, profile, exchange)
        or _from_comparables(post, profile, comparables, exchange)
    )
    if working is None:
        return None
    price = exchange.convert(profile.connects.price, "USD", profile.rates.currency)
    connects = Decimal(post.connects or 0) * (price or Decimal(0))
    writing = Decimal(profile.time.minutes_per_proposal) / 60
    kept = Span(low=1 - fee.high, expected=1 - fee.expected, high=1 - fee.low)
    net = _net(working, kept, connects, writing)
    return NetHourly(
        low=net.low,
        expected=net.expected,
        high=net.high,
        currency=profile.rates.currency,
        basis=working.basis,
        stated=working.stated,
        hours=working.effort.expected,
        total=_total(working, kept.expected),
        guessed_hours=working.in_all and not working.effort.stated,
        parts=(*working.parts, *_cost_parts(working, post, fee, connects, profile)),
    )


def _net(working: _Working, kept: Span, connects: Decimal, writing: Decimal) -> Span:
    effort = working.effort

    def per_hour(gross: Decimal, kept_share: Decimal, hours: Decimal) -> Decimal:
        whole = gross * kept_share if working.in_all else gross * kept_share * hours
        return ((whole - connects) / (hours + writing)).quantize(_CENT, ROUND_HALF_UP)

    # Paid by the hour, more hours only spread the costs: the same size of job serves all three.
    hours = (effort.high, effort.expected, effort.low) if working.in_all else (effort.expected,) * 3
    low, expected, high = sorted(  # a job that loses money loses less per hour the longer it takes
        map(per_hour, _three(working.gross), _three(kept), hours)
    )
    return Span(low=low, expected=expected, high=high)


def _three(span: Span) -> tuple[Decimal, Decimal, Decimal]:
    return span.low, span.expected, span.high


def _total(working: _Working, kept: Decimal) -> Decimal:
    """Return what the job pays after the fee; of work by the hour at most ``[ongoing] most_hours`` count."""
    if working.in_all:
        return (working.gross.expected * kept).quantize(_CENT, ROUND_HALF_UP)
    hours = min(working.effort.expected, amount(table("effort")["ongoing"]["most_hours"]))
    return (working.gross.expected * kept * hours).quantize(_CENT, ROUND_HALF_UP)


def _from_hourly(post: JobPosting, profile: Profile, exchange: Exchange) -> _Working | None:
    gross = stated_hourly(post, exchange, profile.rates.currency)
    if gross is None or post.pay is None:
        return None
    unit = "hourly pay" if post.pay.unit is PayUnit.HOUR else f"pay per {post.pay.unit.value}"
    return _Working(
        gross=gross,
        in_all=False,
        effort=ongoing_effort(post),
        basis=f"{unit} stated",
        stated=True,
        parts=_gross_parts(post.pay, gross, "gross per hour", exchange, profile),
    )


def _from_budget(post: JobPosting, profile: Profile, exchange: Exchange) -> _Working | None:
    gross = stated_budget(post, exchange, profile.rates.currency)
    if gross is None or post.pay is None:
        return None
    effort = fixed_effort(post, exchange.convert(gross.expected, profile.rates.currency, "USD"))
    return _Working(
        gross=gross,
        in_all=True,
        effort=effort,
        basis=f"budget over {'stated' if effort.stated else 'estimated'} hours",
        stated=True,
        parts=_gross_parts(post.pay, gross, "gross budget", exchange, profile),
    )


def _from_comparables(
    post: JobPosting, profile: Profile, comparables: Sequence[Comparable], exchange: Exchange
) -> _Working | None:
    if len(comparables) < LEAST_COMPARABLES:
        return None
    rates = [item.hourly for item in comparables]
    low, middle, high = (quantile(rates, Decimal(share)) for share in ("0.1", "0.5", "0.9"))
    why = why_no_offer(post.pay, exchange, profile.rates.currency) if post.pay else None
    basis = f"{len(comparables)} comparable posts"
    fixed = post.contract_type is ContractType.FIXED
    shown = (
        f"{money_range(low, high, profile.rates.currency)}, middle {money(middle, profile.rates.currency)}"
    )
    parts = [Part(label="pay", value=why or "not stated", source="the post")]
    parts += [Part(label="gross per hour", value=shown, source=f"80 % of {basis}")]
    return _Working(
        gross=Span(low=low, expected=middle, high=high),
        in_all=False,
        effort=fixed_effort(post, None) if fixed else ongoing_effort(post),
        basis=basis,
        stated=False,
        parts=tuple(parts),
    )


def _gross_parts(pay: Pay, gross: Span, label: str, exchange: Exchange, profile: Profile) -> tuple[Part, ...]:
    currency = profile.rates.currency
    parts = [Part(label="stated", value=pay.raw, source="the post")]
    if pay.currency != currency:
        parts += [
            Part(
                label="rate", value=exchange.rate_words(pay.currency or "", currency), source=exchange.source
            )
        ]
    if pay.unit not in (PayUnit.HOUR, PayUnit.FIXED):
        hours = f"{plain(_hours_in(pay.unit))} h"
        parts += [Part(label=f"one {pay.unit.value}", value=hours, source="effort.toml")]
    parts += [Part(label=label, value=money_range(gross.low, gross.high, currency), source="the post")]
    return tuple(parts)


def _cost_parts(
    working: _Working, post: JobPosting, fee: FeeEstimate, connects: Decimal, profile: Profile
) -> tuple[Part, ...]:
    currency = profile.rates.currency
    told = "not stated, counted as none" if post.connects is None else f"{post.connects}"
    return (
        Part(label="fee", value=percent(fee.low, fee.high), source=fee.basis),
        Part(label="hours", value=working.effort.words(), source=working.effort.basis),
        Part(label="connects", value=f"{told} = {money(connects, currency)}", source="the post, [connects]"),
        Part(label="writing", value=f"{profile.time.minutes_per_proposal} min", source="[time]"),
    )
