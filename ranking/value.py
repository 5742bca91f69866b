"""What one bid is worth on average, in money."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.posts import JobPosting
from domain.profile import Profile
from ranking.exchange import Exchange
from ranking.results import NetHourly, Part, WinChance
from ranking.words import money, plain


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

    Example: a chance of 0.0845 at $1,000 with a 10 % fee for 16 connects of $0.15 is worth $73.65.
    """
    cost = connects * connect_price + Decimal(minutes) / 60 * own_hourly
    return (p * gross * (1 - fee) - cost).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class BidValue:
    """The expected value of one bid in the profile's currency, with its working."""

    amount: Decimal
    parts: tuple[Part, ...]


def bid_value(
    post: JobPosting, profile: Profile, *, chance: WinChance, net: NetHourly | None, exchange: Exchange
) -> BidValue | None:
    """Return what a bid on ``post`` is worth, or ``None`` when its pay cannot be told.

    Win chance times what the job pays after the fee, less connects, less writing time at the person's own
    floor rate.
    """
    if net is None or net.total is None:
        return None
    currency = profile.rates.currency
    price = exchange.convert(profile.connects.price, "USD", currency) or Decimal(0)
    p, connects, minutes = Decimal(str(chance.p)), post.connects or 0, profile.time.minutes_per_proposal
    value = expected_value(
        p=p,
        gross=net.total,
        fee=Decimal(0),  # the total is already net of it
        connects=connects,
        connect_price=price,
        minutes=minutes,
        own_hourly=profile.rates.floor,
    )
    writing = Decimal(minutes) / 60 * profile.rates.floor
    told = "not stated, counted as none" if post.connects is None else f"{connects} connects"
    return BidValue(
        amount=value,
        parts=(
            Part(
                label="chance x pay",
                value=f"{plain(p, 6)} x {net.total} {currency}",
                source="pay after the fee",
            ),
            Part(label="connects", value=f"-{plain(connects * price)} {currency}", source=told),
            Part(
                label="writing", value=f"-{plain(writing)} {currency}", source=f"{minutes} min at your floor"
            ),
            Part(label="worth", value=money(value, currency)),
        ),
    )
