"""Net effective pay per hour: what is left of the money, over all the hours it takes, as an interval."""

from __future__ import annotations

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
from ranking.words import money, money_range, percent, plain

_CENT = Decimal("0.01")


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
        informed=working.informed,
        hours=working.effort.expected,
        total=_total(working, kept.expected) if working.informed else None,
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


def _from_market(
    post: JobPosting, profile: Profile, market: MarketPay | None, exchange: Exchange
) -> _Working | None:
    currency = profile.rates.currency
    gross = None if market is None else _converted(market.span, exchange, currency)
    if market is None or gross is None:
        return None
    why = why_no_offer(post.pay, exchange, currency) if post.pay else None
    shown = f"{money_range(gross.low, gross.high, currency)}, middle {money(gross.expected, currency)}"
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
            Part(label=label, value=shown, source=f"80 % of posts like it, by {market.basis}"),
        ),
    )


def _converted(span: Span, exchange: Exchange, currency: str) -> Span | None:
    low, expected, high = (exchange.convert(value, "USD", currency) for value in _three(span))
    if low is None or expected is None or high is None:
        return None
    return Span(low=low, expected=expected, high=high)


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
        hours = f"{plain(hours_in(pay.unit))} h"
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
