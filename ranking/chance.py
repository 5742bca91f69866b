"""The chance that a bid wins: a base rate from own bids, lifted within bounds, with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from statistics import NormalDist

from domain.posts import JobPosting
from domain.profile import Rates
from ranking.deferred import Deferred
from ranking.lift import DECIMALS, Standing, lift_of, proposals_of, proposals_words, standing_of
from ranking.reposts import Reposts
from ranking.results import NetHourly, Part, WinChance
from ranking.tables import table
from ranking.words import plain_float

__all__ = ["BaseRate", "History", "Strength", "base_rate", "proposals_of", "proposals_words", "win_chance"]

_CERTAIN = 0.95  # no bid is surer than this


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """How strongly the curves count: base odds x ``scale`` x lift ^ ``exponent``.

    1 and 1 leave the curves as shipped. ``covariance`` of (log ``scale``, ``exponent``) is there where both
    were learned: variance, covariance, variance. ``words`` say what they rest on.
    """

    exponent: float = 1.0
    scale: float = 1.0
    covariance: tuple[float, float, float] | None = None
    words: str = "the curves as shipped"


AS_SHIPPED = Strength()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The person's decided bids: how many, how many of them were won, and what they taught.

    ``hired_by`` are the clients who hired the person, by :func:`ranking.reposts.employer_key`.
    """

    bids: int = 0
    won: int = 0
    strength: Strength = AS_SHIPPED
    hired_by: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not 0 <= self.won <= self.bids:
            raise ValueError(f"{self.won} won of {self.bids} bids")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRate:
    """The person's win rate before anything is known of the post, with its interval."""

    p: float
    low: float
    high: float
    n: int
    words: str


def base_rate(history: History) -> BaseRate:
    """Return the mean and interval of Beta(1 + won, 11 + lost); the prior stands in ``chance.toml``."""
    return _base_rate(history.bids, history.won)


@cache
def _base_rate(bids: int, wins: int) -> BaseRate:
    from scipy.special import betaincinv

    data = table("chance")
    won = data["prior"]["won"] + wins
    lost = data["prior"]["lost"] + bids - wins
    tail = (1 - data["interval"]["level"]) / 2
    return BaseRate(
        p=round(won / (won + lost), 6),
        low=round(float(betaincinv(won, lost, tail)), 6),
        high=round(float(betaincinv(won, lost, 1 - tail)), 6),
        n=bids,
        words=f"{wins} won of {bids} bids of yours, on a prior of 1 in 12",
    )


def win_chance(
    post: JobPosting,
    *,
    fit: float,
    net: NetHourly | None,
    rates: Rates,
    history: History,
    now: datetime,
    reposts: Reposts | None = None,
    returning: bool = False,
    standing: Standing | None = None,
) -> WinChance:
    """Return the chance of winning ``post`` as of ``now`` (aware UTC), with its 95 % interval and working.

    The odds of the base rate are multiplied by the post's :func:`lift_of`, as strongly as the person's
    outcomes taught (``history.strength``), and never by more than ``[bounds]`` allow: so is no chance lifted
    by more. ``standing`` is that of :func:`standing_of`, where it is known already.
    """
    base, strength = base_rate(history), history.strength
    known = standing_of(post, fit=fit, net=net, rates=rates) if standing is None else standing
    lift = lift_of(post, known, now=now, reposts=reposts, returning=returning)
    odds = round(strengthened(lift.value, strength), DECIMALS)
    p = round(at_odds(base.p, odds), 6)
    low, high, reach = _interval(base, lift.value, odds, strength)
    return WinChance(
        p=p,
        low=round(min(p, low), 6),
        high=round(min(1.0, max(p, high)), 6),
        n=base.n,
        parts=Deferred(_parts, base, reach, lift.parts, strength, (odds, p)),
    )


def _parts(
    base: BaseRate,
    reach: float | None,
    lift: Sequence[Part],
    strength: Strength,
    results: tuple[float, float],
) -> Iterator[Part]:
    odds, p = results
    yield Part(label="base rate", value=f"{base.p:.6f}", source=base.words)
    yield _interval_part(base, reach)
    yield from lift
    told = f"lift ^ {plain_float(strength.exponent)} x {plain_float(strength.scale)}"
    yield Part(label="own outcomes", value=told, source=strength.words)
    yield Part(label="odds", value=f"x {plain_float(odds)}", source="of the base rate's odds, held likewise")
    yield Part(label="chance", value=f"{p:.6f}", source=f"at most {_CERTAIN:g}")


def strengthened(lift: float, strength: Strength) -> float:
    """Return what the odds are multiplied by: ``lift`` as strong as learned, within the bounds."""
    bounds = table("chance")["bounds"]
    factor = strength.scale * math.pow(lift, strength.exponent)
    return float(min(bounds["most"], max(bounds["least"], factor)))


def at_odds(p: float, factor: float) -> float:
    """Return the chance whose odds are those of ``p`` times ``factor``, at most 0.95."""
    odds = p / (1 - p) * factor
    return min(_CERTAIN, odds / (1 + odds))


def _interval(
    base: BaseRate, lift: float, odds: float, strength: Strength
) -> tuple[float, float, float | None]:
    """Return the interval: the base rate's, moved; where the strength was learned, the fit's.

    The last is then what the odds are divided and multiplied by, else ``None``.
    """
    if strength.covariance is None:
        return at_odds(base.low, odds), at_odds(base.high, odds), None
    of_scale, both, of_exponent = strength.covariance
    x = math.log(lift)
    spread = math.sqrt(max(0.0, of_scale + 2 * x * both + x * x * of_exponent))
    reach = round(math.exp(NormalDist().inv_cdf((1 + _level()) / 2) * spread), DECIMALS)
    return at_odds(base.p, odds / reach), at_odds(base.p, odds * reach), reach


def _level() -> float:
    level: float = table("chance")["interval"]["level"]
    return level


def _interval_part(base: BaseRate, reach: float | None) -> Part:
    level = f"{_level():.0%} interval"
    if reach is None:
        value = f"{base.low:.6f} to {base.high:.6f}"
        return Part(label="interval", value=value, source=f"{level} of the base rate; its odds move alike")
    value = f"odds / {reach:.4f} to odds x {reach:.4f}"
    return Part(label="interval", value=value, source=f"{level}, as learned")
