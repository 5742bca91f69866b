"""The chance that a bid wins: a base rate from own bids, lifted within bounds, with its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from domain.posts import JobPosting
from domain.profile import Rates
from ranking.results import NetHourly, Part, WinChance
from ranking.tables import on_curve, table

_CERTAIN = 0.95  # no bid is surer than this


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The person's decided bids: how many, and how many of them were won."""

    bids: int = 0
    won: int = 0

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


@cache
def base_rate(history: History) -> BaseRate:
    """Return the mean and interval of Beta(1 + won, 11 + lost); the prior stands in ``chance.toml``."""
    from scipy.special import betaincinv

    data = table("chance")
    won = data["prior"]["won"] + history.won
    lost = data["prior"]["lost"] + history.bids - history.won
    tail = (1 - data["interval"]["level"]) / 2
    return BaseRate(
        p=won / (won + lost),
        low=float(betaincinv(won, lost, tail)),
        high=float(betaincinv(won, lost, 1 - tail)),
        n=history.bids,
        words=f"{history.won} won of {history.bids} bids of yours, on a prior of 1 in 12",
    )


def win_chance(
    post: JobPosting,
    *,
    fit: float,
    net: NetHourly | None,
    rates: Rates,
    history: History,
    now: datetime,
) -> WinChance:
    """Return the chance of winning ``post`` as of ``now`` (aware UTC).

    The base rate and its interval times one factor: the product of what competition, interviews, hires, fit,
    age and pay against the floor say, held between a third and two and a half. What is not stated is 1.
    """
    base, bounds = base_rate(history), table("chance")["bounds"]
    factors = list(_factors(post, fit=fit, net=net, rates=rates, now=now))
    product = 1.0
    for _, factor, _ in factors:
        product *= factor
    lift = min(bounds["most"], max(bounds["least"], product))
    parts = [Part(label="base rate", value=f"{base.p:.4f}", source=base.words)]
    parts += [Part(label=label, value=f"x {factor:.2f}", source=words) for label, factor, words in factors]
    parts += [Part(label="lift", value=f"x {lift:.2f}", source=f"held between 1/3 and {bounds['most']:g}")]
    return WinChance(
        p=round(min(_CERTAIN, base.p * lift), 6),
        low=round(min(_CERTAIN, base.low * lift), 6),
        high=round(min(1.0, base.high * lift), 6),
        n=base.n,
        parts=tuple(parts),
    )


def _factors(
    post: JobPosting, *, fit: float, net: NetHourly | None, rates: Rates, now: datetime
) -> Iterator[tuple[str, float, str]]:
    data = table("chance")
    proposals = proposals_of(post)
    if proposals is not None:
        yield "competition", on_curve(data["competition"]["curve"], proposals), proposals_words(post)
    if post.interviewing is not None:
        words = f"{post.interviewing} interviewing"
        yield "interviewing", on_curve(data["interviewing"]["curve"], post.interviewing), words
    if post.hires:
        yield "hires", float(data["hires"]["one_or_more"]), f"{post.hires} hired already"
    yield "fit", on_curve(data["fit"]["curve"], fit), f"fit {fit:.2f}"
    if post.date_posted is not None:
        hours = max(0.0, (now - post.date_posted).total_seconds() / 3600)
        yield "age", on_curve(data["age"]["curve"], hours), f"posted {hours:.0f} h ago"
    if net is not None and net.currency == rates.currency and net.high > 0:
        ratio = float(rates.floor / net.high)
        yield "pay", on_curve(data["pay"]["curve"], ratio), f"your floor is {ratio:.2f} of the most it nets"


def proposals_of(post: JobPosting) -> float | None:
    """Return the middle of the stated number of proposals; one bound stands for itself."""
    bounds = [value for value in (post.proposals_min, post.proposals_max) if value is not None]
    return sum(bounds) / len(bounds) if bounds else None


def proposals_words(post: JobPosting) -> str:
    """Return the stated number of proposals in words: "5 to 10 proposals"."""
    bounds = [str(value) for value in (post.proposals_min, post.proposals_max) if value is not None]
    return f"{' to '.join(dict.fromkeys(bounds))} proposals"
