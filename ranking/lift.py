"""What a post's facts do to the odds of a bid: factors with their words, and their product within bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from domain.posts import JobPosting
from domain.profile import Rates
from ranking.client import shrunk_hire_rate
from ranking.deferred import Deferred
from ranking.reposts import Reposts
from ranking.results import NetHourly, Part
from ranking.tables import on_curve, table
from ranking.words import plain_float

DECIMALS = 4
"""What factors are rounded to before they are multiplied, so that the product can be made again from them."""
_LONGEST_COUNT = 9  # digits; more are no number of invitations

Factor = tuple[str, float, str]
"""Label, factor of the odds, and the fact in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """What a post's facts multiply the odds by, as the curves are shipped, with one part per fact."""

    value: float
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of a post multiplies the odds at any moment: the product, and one part per fact."""

    product: float
    parts: tuple[Part, ...]


def standing_of(post: JobPosting, *, fit: float, net: NetHourly | None, rates: Rates) -> Standing:
    """Return what of ``post`` multiplies the odds whatever the moment and the person's outcomes.

    Competition, interviews, invitations, hires, fit, pay against the floor, and how often the client hires.
    """
    factors = _rounded((
        *_competition(post),
        *_suitability(fit=fit, net=net, rates=rates),
        *_hire_rate(post),
    ))  # fmt: skip
    return Standing(product=math.prod(factor for _, factor, _ in factors), parts=_parts(factors))


def lift_of(
    post: JobPosting,
    standing: Standing,
    *,
    now: datetime,
    reposts: Reposts | None = None,
    returning: bool = False,
) -> Lift:
    """Return the lift of ``post`` as of ``now`` (aware UTC), held between a third and two and a half.

    It is the product of what the post's facts say: ``standing``, its age, how often we saw the job posted
    (``reposts``) and whether the client has hired the person before (``returning``). What is not stated is 1.
    """
    bounds = table("chance")["bounds"]
    moving = _rounded((*_age(post, now), *_reposted(reposts), *_returning(returning=returning)))
    product = math.prod((factor for _, factor, _ in moving), start=standing.product)
    value = round(min(bounds["most"], max(bounds["least"], product)), DECIMALS)
    return Lift(value=value, parts=Deferred(_lift_parts, standing, moving, value))


def _lift_parts(standing: Standing, moving: Iterable[Factor], value: float) -> Iterator[Part]:
    yield from standing.parts
    yield from _parts(moving)
    held = f"held between 1/3 and {table('chance')['bounds']['most']:g}"
    yield Part(label="lift", value=f"x {plain_float(value)}", source=held)


def _rounded(factors: Iterable[Factor]) -> list[Factor]:
    return [(label, round(factor, DECIMALS), words) for label, factor, words in factors]


def _parts(factors: Iterable[Factor]) -> tuple[Part, ...]:
    return tuple(
        Part(label=label, value=f"x {plain_float(factor)}", source=words) for label, factor, words in factors
    )


def _competition(post: JobPosting) -> Iterator[Factor]:
    data = table("chance")
    proposals = proposals_of(post)
    if proposals is not None:
        yield "competition", on_curve(data["competition"]["curve"], proposals), proposals_words(post)
    if post.interviewing is not None:
        words = f"{post.interviewing} interviewing"
        yield "interviewing", on_curve(data["interviewing"]["curve"], post.interviewing), words
    invites = invites_of(post)
    if invites is not None:
        yield "invites", on_curve(data["invites"]["curve"], invites), f"{invites} invited by the client"
    if post.hires:
        yield "hires", float(data["hires"]["one_or_more"]), f"{post.hires} hired already"


def _suitability(*, fit: float, net: NetHourly | None, rates: Rates) -> Iterator[Factor]:
    data = table("chance")
    yield "fit", on_curve(data["fit"]["curve"], fit), f"fit {fit:.2f}"
    if net is not None and net.currency == rates.currency and net.high > 0:
        ratio = float(rates.floor / net.high)
        yield "pay", on_curve(data["pay"]["curve"], ratio), f"your floor is {ratio:.2f} of the most it nets"


def _hire_rate(post: JobPosting) -> Iterator[Factor]:
    rate = shrunk_hire_rate(post.client)
    if rate is not None and post.client.hire_rate is not None:
        words = f"client hires for {post.client.hire_rate:.0%} of posts"
        yield "client's hire rate", on_curve(table("chance")["hire_rate"]["curve"], rate), words


def _age(post: JobPosting, now: datetime) -> Iterator[Factor]:
    if post.date_posted is not None:
        hours = max(0.0, (now - post.date_posted).total_seconds() / 3600)
        yield "age", on_curve(table("chance")["age"]["curve"], hours), f"posted {hours:.0f} h ago"


def _reposted(reposts: Reposts | None) -> Iterator[Factor]:
    if reposts is not None and not reposts.hired:
        yield "reposts", on_curve(table("chance")["reposts"]["curve"], reposts.times), reposts.words()


def _returning(*, returning: bool) -> Iterator[Factor]:
    if returning:
        told = "this client hired you before"
        yield "client", float(table("chance")["returning"]["hired_before"]), told


@lru_cache(maxsize=1024)
def _letters(name: str) -> str:
    return "".join(char for char in name.rpartition(".")[2].casefold() if char.isalpha())


def invites_of(post: JobPosting) -> int | None:
    """Return how many the client invited, from the post's further fields; ``None`` if not stated."""
    names = table("chance")["invites"]["names"]
    for name, value in post.extra.items():
        count = value.strip()
        if _letters(name) in names and len(count) <= _LONGEST_COUNT and count.isascii() and count.isdigit():
            return int(count)
    return None


def with_invites(number: int | None) -> dict[str, str]:
    """Return further fields of a post in which :func:`invites_of` finds ``number``."""
    return {} if number is None else {"invites_sent": str(number)}


def proposals_of(post: JobPosting) -> float | None:
    """Return the middle of the stated number of proposals; one bound stands for itself."""
    bounds = [value for value in (post.proposals_min, post.proposals_max) if value is not None]
    return sum(bounds) / len(bounds) if bounds else None


def proposals_words(post: JobPosting) -> str:
    """Return the stated number of proposals in words: "5 to 10 proposals"."""
    bounds = [str(value) for value in (post.proposals_min, post.proposals_max) if value is not None]
    return f"{' to '.join(dict.fromkeys(bounds))} proposals"
