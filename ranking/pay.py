"""Net effective pay per hour: what is left of the money, over all the hours it takes, as an interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.fees import FeeEstimate
from domain.pay import Pay, PayUnit
from domain.posts import JobPosting
from domain.profile import Profile
from ranking.effort import Effort, fixed_effort, ongoing_effort
from ranking.exchange import Exchange
from ranking.market import MarketPay
from ranking.offers import Span, hours_in, stated_budget, stated_hourly, why_no_offer
from ranking.results import NetHourly, Part
from ranking.tables import amount, table
from ranking.words import cost, percent, plain

_CENT = Decimal("0.01")
_PLACES = 4
"""Decimals of the gross pay, shown and counted with: the net can be made again from the parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Working:
    """What one estimate rests on: gross pay per hour or in all, the hours, and where both come from."""

    gross: Span
    in_all: bool  # gross is for the whole job, not per hour
    effort: Effort
    basis: str
    stated: bool
    parts: tuple[Part, ...]
    informed: bool = True  # false where only the market as a whole says what is paid


def net_hourly(
    post: JobPosting,
    profile: Profile,
    *,
    fee: FeeEstimate,
    market: MarketPay | None,
    exchange: Exchange,
) -> NetHourly | None:
    """Return what an hour of ``post`` nets in the profile's currency, or ``None`` when nothing can be said.

    Per hour: (gross pay less the fee, less the price of the connects) over (hours of work and the time spent
    writing the proposal). The low end takes the low pay, the high fee and, for a fixed budget, the high
    hours; the high end the reverse; the middle of a range is its geometric mean. Without stated pay what
    comparable work pays, ``market``, stands in; ``None`` there means that nothing may.
    """
    working = (
        _from_hourly(post, profile, exchange)
        or _from_budget(post, profile, exchange)
        or _from_market(post, profile, market, exchange)
    )
    if working is None:
        return None
    price = exchange.convert(profile.connects.price, "USD", profile.rates.currency)
    connects = cost(Decimal(post.connects or 0) * (price or Decimal(0)))
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
        informed=working.informed,
        hours=working.effort.expected,
        total=_total(working, kept.expected) if working.informed else None,
        guessed_hours=working.in_all and not working.effort.stated,
        parts=(
            *working.parts,
            *_cost_parts(working, post, fee, connects, profile),
            *_result_parts(working, kept.expected, connects, profile),
        ),
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
    hours = Decimal(1) if working.in_all else _hours_counted(working)
    return (working.gross.expected * kept * hours).quantize(_CENT, ROUND_HALF_UP)


def _hours_counted(working: _Working) -> Decimal:
    return min(working.effort.expected, amount(table("effort")["ongoing"]["most_hours"]))


def _from_hourly(post: JobPosting, profile: Profile, exchange: Exchange) -> _Working | None:
    offer = stated_hourly(post, exchange, profile.rates.currency)
    if offer is None or post.pay is None:
        return None
    gross = _rounded(offer)
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
    offer = stated_budget(post, exchange, profile.rates.currency)
    if offer is None or post.pay is None:
        return None
    gross = _rounded(offer)
    effort = fixed_effort(post, exchange.convert(gross.expected, profile.rates.currency, "USD"))
    return _Working(
        gross=gross,
        in_all=True,
        effort=effort,
        basis=f"budget over {'stated' if effort.stated else 'estimated'} hours",
        stated=True,
        parts=_gross_parts(post.pay, gross, "gross budget", exchange, profile),
    )


def _from_market(
    post: JobPosting, profile: Profile, market: MarketPay | None, exchange: Exchange
) -> _Working | None:
    currency = profile.rates.currency
    gross = None if market is None else _converted(market.span, exchange, currency)
    if market is None or gross is None:
        return None
    why = why_no_offer(post.pay, exchange, currency) if post.pay else None
    label = "gross budget" if market.fixed else "gross per hour"
    return _Working(
        gross=gross,
        in_all=market.fixed,
        effort=fixed_effort(post, market.span.expected) if market.fixed else ongoing_effort(post),
        basis=market.basis,
        stated=False,
        informed=market.known > 0,
        parts=(
            Part(label="pay", value=why or "not stated", source="the post"),
            Part(
                label=label,
                value=_spread(gross, currency),
                source=f"80 % of posts like it, by {market.basis}",
            ),
        ),
    )


def _converted(span: Span, exchange: Exchange, currency: str) -> Span | None:
    low, expected, high = (exchange.convert(value, "USD", currency) for value in _three(span))
    if low is None or expected is None or high is None:
        return None
    return _rounded(Span(low=low, expected=expected, high=high))


def _rounded(span: Span) -> Span:
    places = Decimal(1).scaleb(-_PLACES)
    low, expected, high = (value.quantize(places, ROUND_HALF_UP) for value in _three(span))
    return Span(low=low, expected=expected, high=high)


def _spread(span: Span, currency: str) -> str:
    """Return "40 to 60 USD, middle 48.9898", in full."""
    low, middle, high = (plain(value, _PLACES) for value in _three(span))
    return f"{low} {currency}" if low == high else f"{low} to {high} {currency}, middle {middle}"


def _gross_parts(pay: Pay, gross: Span, label: str, exchange: Exchange, profile: Profile) -> tuple[Part, ...]:
    currency = profile.rates.currency
    parts = [Part(label="stated", value=pay.raw, source="the post"), *_missing_bound(pay)]
    if pay.currency != currency:
        parts += [
            Part(
                label="rate", value=exchange.rate_words(pay.currency or "", currency), source=exchange.source
            )
        ]
    if pay.unit not in (PayUnit.HOUR, PayUnit.FIXED):
        hours = f"{plain(hours_in(pay.unit))} h"
        parts += [Part(label=f"one {pay.unit.value}", value=hours, source="effort.toml")]
    parts += [Part(label=label, value=_spread(gross, currency), source="the post; middle is geometric")]
    return tuple(parts)


def _missing_bound(pay: Pay) -> Iterator[Part]:
    """Yield how the bound is filled in that the post does not state."""
    bounds = table("effort")["bounds"]
    if not pay.low:
        yield Part(
            label="least", value=f"{bounds['below']} x {pay.high:f}", source="no lower bound is stated"
        )
    if pay.high is None:
        yield Part(label="most", value=f"{bounds['above']} x {pay.low:f}", source="no upper bound is stated")


def _cost_parts(
    working: _Working, post: JobPosting, fee: FeeEstimate, connects: Decimal, profile: Profile
) -> tuple[Part, ...]:
    currency = profile.rates.currency
    counted = "" if fee.low == fee.high else f", counted as {percent(fee.expected, fee.expected)}"
    told = "not stated, counted as none" if post.connects is None else f"{post.connects}"
    price = f"at {plain(profile.connects.price, 6)} USD each" if post.connects else "none"
    return (
        Part(label="fee", value=f"{percent(fee.low, fee.high)}{counted}", source=fee.basis),
        Part(label="hours", value=working.effort.words(), source=working.effort.basis),
        Part(label="connects", value=f"{told} = {plain(connects, 6)} {currency}", source=price),
        Part(label="writing", value=f"{profile.time.minutes_per_proposal} min", source="as you set it"),
    )


def _result_parts(working: _Working, kept: Decimal, connects: Decimal, profile: Profile) -> Iterator[Part]:
    """Yield the working of the expected pay per hour, and what the job pays as a whole where that counts."""
    gross, hours = plain(working.gross.expected, _PLACES), plain(working.effort.expected, 1)
    share = plain(kept, 6)
    whole = f"{gross} x {share}" if working.in_all else f"{gross} x {share} x {hours}"
    yield Part(
        label="expected",
        value=f"({whole} - {plain(connects, 6)}) / ({hours} + {profile.time.minutes_per_proposal}/60)",
        source="what is left, over work and writing",
    )
    if working.informed:
        counted = plain(_hours_counted(working), 1)
        yield Part(
            label="job pays",
            value=f"{_total(working, kept)} {profile.rates.currency}",
            source="after the fee" if working.in_all else f"after the fee, for {counted} h",
        )
