"""How good a client is to work for: stated facts, shrunk where they rest on little, neutral where missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from domain.posts import Client
from ranking.results import ClientScore, Part
from ranking.tables import on_curve, table
from ranking.words import money, plain

_YEAR = 365.25
Fact = tuple[str, float, float, str]
"""Label, score from 0 to 1, weight, and the fact in words."""


def score_client(client: Client, now: datetime) -> ClientScore:
    """Return the client's score as of ``now`` (aware UTC) with one part per fact stated.

    The score is the weighted mean of the facts' scores and a neutral 0.5; weights, curves and priors stand in
    ``client.toml``.
    """
    neutral = float(table("client")["neutral"]["weight"])
    facts = list(_facts(client, now))
    total = neutral * 0.5 + sum(score * weight for _, score, weight, _ in facts)
    parts = [Part(label="neutral", value=f"0.50 x {neutral:g}", source="every client")]
    parts += [
        Part(label=label, value=f"{score:.2f} x {weight:g}", source=words)
        for label, score, weight, words in facts
    ]
    return ClientScore(
        score=round(total / (neutral + sum(weight for _, _, weight, _ in facts)), 4), parts=tuple(parts)
    )


def _facts(client: Client, now: datetime) -> Iterator[Fact]:
    data = table("client")
    if client.payment_verified is not None:
        row = data["payment_verified"]
        told = "payment verified" if client.payment_verified else "payment not verified"
        yield "payment", float(row["yes" if client.payment_verified else "no"]), row["weight"], told
    if client.total_spent is not None:
        yield _curved(
            "spend", "spend", float(client.total_spent), f"{money(client.total_spent, 'USD')} spent"
        )
    if client.rating is not None and client.rating > 0:
        yield _rating(client.rating, client.reviews)
    if client.hire_rate is not None:
        yield _hire_rate(client.hire_rate, client.hires)
    if client.hires is not None:
        yield _curved("hires", "hires", float(client.hires), f"{client.hires} hires")
    if client.member_since is not None:
        years = max(0.0, (now - client.member_since).days / _YEAR)
        yield _curved("tenure", "tenure", years, f"member since {client.member_since.date()}")


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


def _hire_rate(rate: Decimal, hires: int | None) -> Fact:
    # Hires over the rate is the number of posts the rate rests on; unknown, it counts as one.
    count = int(hires / rate) if hires and rate > 0 else 1
    told = f"hires for {plain(rate * 100, 0)} % of posts"
    return _curved("hire rate", "hire_rate", _shrunk("hire_rate", float(rate), count), told)
