"""What one bid is worth on average, in money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.posts import JobPosting
from domain.profile import Profile
from ranking.deferred import Deferred
from ranking.exchange import Exchange
from ranking.results import NetHourly, Part, WinChance
from ranking.words import cost, plain

_CENT = Decimal("0.01")
_PLACES = 6
_PER_MINUTE = Decimal("0.0001")


def expected_value(
    *,
    p: Decimal,
    gross: Decimal,
    fee: Decimal,
    connects: int = 0,
    connect_price: Decimal = Decimal("0.15"),
    minutes: int = 0,
    own_hourly: Decimal = Decimal(0),
) -> Decimal:
    """Return p x gross x (1 - fee) - connects - writing time, to the cent, half-up; all in one currency.

    Connects count in full, won or lost: they come back only if the client closes the post before any hire
    (support.upwork.com/hc/en-us/articles/42460467513747), which nobody can count on. Both costs are taken to
    the millionth, so that they can be shown exactly.
    Example: a chance of 0.0845 at $1,000 with a 10 % fee for 16 connects of $0.15 is worth $73.65.
    """
    spent = cost(connects * connect_price) + cost(Decimal(minutes) / 60 * own_hourly)
    return (p * gross * (1 - fee) - spent).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class BidValue:
    """The expected value of one bid in the profile's currency, with its working.

    ``per_minute`` is ``amount`` over the minutes that writing takes, to a hundredth of a cent; ``None`` where
    it takes none.
    """

    amount: Decimal
    parts: Sequence[Part]
    per_minute: Decimal | None = None


def bid_value(
    post: JobPosting, profile: Profile, *, chance: WinChance, net: NetHourly | None, exchange: Exchange
) -> BidValue | None:
    """Return what a bid on ``post`` is worth, or ``None`` when its pay cannot be told.

    Win chance times what the job pays after the fee, less connects, less writing time at the person's own
    floor rate.
    """
    if net is None or net.total is None:
        return None
    currency, floor = profile.rates.currency, profile.rates.floor
    price = exchange.convert(profile.connects.price, "USD", currency) or Decimal(0)
    p, connects, minutes = Decimal(str(chance.p)), post.connects or 0, profile.time.minutes_per_proposal
    value = expected_value(
        p=p,
        gross=net.total,
        fee=Decimal(0),  # the total is already net of it
        connects=connects,
        connect_price=price,
        minutes=minutes,
        own_hourly=floor,
    )
    per_minute = (value / minutes).quantize(_PER_MINUTE, ROUND_HALF_UP) if minutes > 0 else None
    return BidValue(
        amount=value,
        parts=Deferred(_parts, profile, post.connects, (p, net.total, price, value, per_minute)),
        per_minute=per_minute,
    )


def _parts(
    profile: Profile,
    connects: int | None,
    amounts: tuple[Decimal, Decimal, Decimal, Decimal, Decimal | None],
) -> Iterator[Part]:
    p, total, price, value, per_minute = amounts
    currency, minutes = profile.rates.currency, profile.time.minutes_per_proposal
    told = f"{plain(p, _PLACES)} x {total} {currency}"
    yield Part(label="chance x pay", value=told, source="pay after the fee")
    spent = plain(-cost((connects or 0) * price), _PLACES)
    told = "not stated, counted as none" if connects is None else f"{connects} connects, won or lost"
    yield Part(label="connects", value=f"{spent} {currency}", source=told)
    written = plain(-cost(Decimal(minutes) / 60 * profile.rates.floor), _PLACES)
    yield Part(label="writing", value=f"{written} {currency}", source=f"{minutes} min at your floor")
    yield Part(label="worth", value=f"{value:f} {currency}", source="to the cent")
    if per_minute is not None:
        hourly = f"{plain(per_minute * 60)} {currency} per hour of bidding"
        yield Part(label="per minute", value=f"{per_minute:f} {currency}", source=hourly)
