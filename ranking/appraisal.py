"""What a person makes of posts whatever the moment: fit, pay, limits. Of use until posts or person change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.fees import FeeEstimate
from domain.posts import JobPosting, StoredPost
from domain.profile import Profile
from ranking.client import ClientFacts, client_facts
from ranking.exchange import Exchange
from ranking.filters import Limits
from ranking.fit import fit_posts
from ranking.lift import Standing, standing_of
from ranking.pay import net_hourly
from ranking.readings import Readings
from ranking.results import Fit, NetHourly, RiskFlag
from ranking.risk import EQUITY_ONLY
from ranking.score import pay_component
from ranking.seams import Matrix
from ranking.tables import table

FeeFor = Callable[[JobPosting], FeeEstimate]
"""Gives what a post's marketplace would keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """One post for one person, before clock, books and preferences come in.

    ``pay`` is the component of the score from 0 to 1, ``beyond`` the limit of the person's that the post
    breaks, as "what: the words for it".
    """

    fit: Fit
    fee: FeeEstimate
    net: NetHourly | None
    pay: float
    risk: tuple[RiskFlag, ...]
    client: ClientFacts
    standing: Standing
    beyond: str | None


def fits_by_words(posts: Sequence[StoredPost], readings: Readings, profile: Profile) -> dict[str, Fit]:
    """Return by id how ``posts`` (all among those of ``readings``) fit the person, without the model."""
    return _fits(posts, readings, profile, post_vectors={}, profile_vectors={})


def worth_embedding(fits: Mapping[str, Fit]) -> list[str]:
    """Return the ids of the posts that the model reads: of few all, else the best by words and skills.

    A share of them, as ``fit.toml`` says. It depends on ``fits`` (of :func:`fits_by_words`) alone, so that
    the same posts are chosen whatever has been embedded before.
    """
    return sorted(fits, key=lambda name: (-fits[name].score, name))[: count_worth_embedding(len(fits))]


def count_worth_embedding(posts: int) -> int:
    """Return how many of ``posts`` the model reads."""
    rules = table("fit")["model"]
    return min(posts, max(int(rules["least"]), int(posts * rules["share"])))


def appraise(
    posts: Sequence[StoredPost],
    readings: Readings,
    profile: Profile,
    *,
    fits: Mapping[str, Fit],
    post_vectors: Mapping[str, Matrix],
    profile_vectors: Mapping[str, Matrix],
    fee_for: FeeFor,
    exchange: Exchange,
) -> dict[str, Appraisal]:
    """Return the appraisal of each of ``posts`` by id.

    ``fits`` are those of :func:`fits_by_words`; the posts worth it are read again with the model: vectors by
    text hash, and by the texts of :func:`ranking.fit.profile_queries`; a missing one only weakens the fit.
    """
    by_id = {stored.post_id: stored for stored in posts}
    chosen = [by_id[name] for name in worth_embedding(fits)]
    known = {**fits, **_fits(chosen, readings, profile, post_vectors, profile_vectors)}
    limits = Limits(profile, exchange)

    def one(stored: StoredPost) -> Appraisal:
        post, fit, risk = stored.post, known[stored.post_id], readings.risks[stored.post_id]
        fee = fee_for(post)
        # Who offers shares instead of money does not offer what others pay.
        market = None if any(flag.code == EQUITY_ONLY for flag in risk) else readings.market.of(stored)
        net = net_hourly(post, profile, fee=fee, market=market, exchange=exchange)
        return Appraisal(
            fit=fit,
            fee=fee,
            net=net,
            pay=pay_component(net, profile.rates),
            risk=risk,
            client=client_facts(post.client),
            standing=standing_of(post, fit=fit.score, net=net, rates=profile.rates),
            beyond=limits.reason(post, fee=fee, net=net, risk=risk),
        )

    return {stored.post_id: one(stored) for stored in posts}


def _fits(
    posts: Sequence[StoredPost],
    readings: Readings,
    profile: Profile,
    post_vectors: Mapping[str, Matrix],
    profile_vectors: Mapping[str, Matrix],
) -> dict[str, Fit]:
    found = fit_posts(
        posts,
        readings.space,
        profile,
        post_vectors=post_vectors,
        profile_vectors=profile_vectors,
        inference=readings.inference,
    )
    return {stored.post_id: fit for stored, fit in zip(posts, found, strict=True)}
