"""How good a client is to work for: stated facts, shrunk where they rest on little, neutral where missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.posts import Client
from ranking.deferred import Deferred
from ranking.reposts import Reposts
from ranking.results import ClientScore, Part
from ranking.tables import on_curve, table
from ranking.words import money, plain, share

_YEAR = 365.25
Fact = tuple[str, float, float, str]
"""Label, score from 0 to 1, weight, and the fact in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFacts:
    """What is stated of a client and holds at any moment: weighted sum of scores, weight, the working."""

    total: float
    weight: float
    parts: tuple[Part, ...]


def client_facts(client: Client) -> ClientFacts:
    """Return what is stated of ``client``, with a neutral 0.5 to begin with."""
    neutral: Fact = ("neutral", 0.5, float(table("client")["neutral"]["weight"]), "every client")
    facts = _rounded((neutral, *_facts(client)))
    return ClientFacts(
        total=sum(score * weight for _, score, weight, _ in facts),
        weight=sum(weight for _, _, weight, _ in facts),
        parts=_parts(facts),
    )


def score_client(
    client: Client, now: datetime, reposts: Reposts | None = None, *, facts: ClientFacts | None = None
) -> ClientScore:
    """Return the client's score as of ``now`` (aware UTC) with one part per fact stated.

    ``reposts`` is how often we saw the job posted, ``None`` for once; it counts unless somebody was hired.
    ``facts`` are those of :func:`client_facts`, where they are known already.
    The score is the weighted mean of the facts' scores, rounded to four decimals as shown, and a neutral 0.5;
    weights, curves and priors stand in ``client.toml``.
    """
    stated = client_facts(client) if facts is None else facts
    moving = _rounded((*_tenure(client, now), *_reposted(reposts)))
    total = stated.total + sum(score * weight for _, score, weight, _ in moving)
    weight = stated.weight + sum(weight for _, _, weight, _ in moving)
    return ClientScore(
        score=round(total / weight, 4),
        parts=Deferred(_all_parts, stated, moving) if moving else stated.parts,
    )


def _all_parts(stated: ClientFacts, moving: Iterable[Fact]) -> Iterator[Part]:
    yield from stated.parts
    yield from _parts(moving)


def _rounded(facts: Iterable[Fact]) -> list[Fact]:
    return [(label, round(score, 4), weight, words) for label, score, weight, words in facts]


def _parts(facts: Iterable[Fact]) -> tuple[Part, ...]:
    return tuple(
        Part(label=label, value=f"{share(score)} x {weight:g}", source=words)
        for label, score, weight, words in facts
    )


def shrunk_hire_rate(client: Client) -> float | None:
    """Return the share of the client's posts that led to a hire, ``None`` if not stated.

    It is shrunk towards the prior in ``client.toml``. Hires over the rate is the number of posts it rests on;
    where that is unknown it counts as one.
    """
    if client.hire_rate is None:
        return None
    count = int(client.hires / client.hire_rate) if client.hires and client.hire_rate > 0 else 1
    return _shrunk("hire_rate", float(client.hire_rate), count)


def _facts(client: Client) -> Iterator[Fact]:
    data = table("client")
    if client.payment_verified is not None:
        row = data["payment_verified"]
        told = "payment verified" if client.payment_verified else "payment not verified"
        yield "payment", float(row["yes" if client.payment_verified else "no"]), float(row["weight"]), told
    if client.total_spent is not None:
        spent = client.total_spent
        yield _curved("spend", "spend", float(spent), f"{money(spent, 'USD')} spent")
    if client.rating is not None and client.rating > 0:
        yield _rating(client.rating, client.reviews)
    hire_rate = shrunk_hire_rate(client)
    if hire_rate is not None and client.hire_rate is not None:
        told = f"hires for {plain(client.hire_rate * 100, 0)} % of posts"
        yield _curved("hire rate", "hire_rate", hire_rate, told)
    if client.hires is not None:
        yield _curved("hires", "hires", float(client.hires), f"{client.hires} hires")


def _tenure(client: Client, now: datetime) -> Iterator[Fact]:
    if client.member_since is not None:
        years = max(0.0, (now - client.member_since).days / _YEAR)
        yield _curved("tenure", "tenure", years, f"member since {client.member_since.date()}")


def _reposted(reposts: Reposts | None) -> Iterator[Fact]:
    if reposts is not None and not reposts.hired:
        yield _curved("reposts", "reposts", reposts.times, reposts.words())


def _curved(label: str, section: str, value: float, words: str) -> Fact:
    row = table("client")[section]
    return label, on_curve(row["curve"], value), float(row["weight"]), words


def _shrunk(section: str, value: float, count: int) -> float:
    row = table("client")[section]
    return float((value * count + row["prior"] * row["count"]) / (count + row["count"]))


def _rating(rating: Decimal, reviews: int | None) -> Fact:
    # A rating without a number of reviews rests on one at least.
    count = 1 if reviews is None else reviews
    told = f"{plain(rating)} stars from {'an unknown number of' if reviews is None else reviews} reviews"
    return _curved("rating", "rating", _shrunk("rating", float(rating), count), told)
