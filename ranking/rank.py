"""Rank stored posts for one person: every part computed once, the order decided purely, the working kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import numpy as np

from domain.fees import FeeEstimate
from domain.posts import JobPosting, StoredPost
from domain.preferences import Preference
from domain.profile import Profile
from ranking.chance import History, win_chance
from ranking.client import score_client
from ranking.exact import ExactIndex
from ranking.exchange import Exchange, reference_rates
from ranking.filters import Facts, Filters, representatives
from ranking.fit import fit_posts, profile_queries
from ranking.pay import Comparable, net_hourly, stated_budget, stated_hourly
from ranking.preference import Taste, preference_reasons
from ranking.reasons import reasons_for
from ranking.results import Fit, RankedPost
from ranking.risk import EQUITY_ONLY, find_risks
from ranking.room import room_left
from ranking.score import score_post
from ranking.seams import IndexFactory, Matrix
from ranking.select import Day, nothing_more, pick
from ranking.value import bid_value

__all__ = ["History", "RankContext", "post_text", "profile_queries", "rank"]

COMPARABLES = 15
"""Neighbours with stated pay that stand in for a post that states none."""
LEAST_SIMILAR = 0.35
"""Cosine below which a neighbour is about something else and its pay says nothing."""


def _exact(dimensions: int) -> ExactIndex:
    return ExactIndex(dimensions)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankContext:
    """Everything a ranking rests on besides posts and profile.

    ``now`` is aware UTC. ``post_vectors`` are unit vectors by ``text_hash`` of :func:`post_text`,
    ``profile_vectors`` by the texts of :func:`profile_queries`; a missing one only weakens the fit.
    ``fee_for`` gives what a post's marketplace would keep. ``already_bid`` are ids of posts (or of the
    clusters they belong to) with a bid of the person. ``minutes_left`` and ``connects_left`` are what remains
    today; ``None`` takes the profile's ``minutes_per_day`` and ``per_week``. ``bids_left`` is how many more
    bids may be in play (``None``: no limit), ``hours_taken`` what running contracts take of the week, and
    ``extra_minutes`` what a proposal on a post takes beyond the usual minutes. ``preferences`` are the
    person's likes and dislikes, one a post.
    """

    now: datetime
    fee_for: Callable[[JobPosting], FeeEstimate]
    post_vectors: Mapping[str, Matrix] = field(default_factory=dict)
    profile_vectors: Mapping[str, Matrix] = field(default_factory=dict)
    history: History = field(default_factory=History)
    already_bid: frozenset[str] = frozenset()
    minutes_left: int | None = None
    connects_left: int | None = None
    bids_left: int | None = None
    hours_taken: Decimal | None = None
    extra_minutes: Callable[[StoredPost], int] = nothing_more
    preferences: Sequence[Preference] = ()
    exchange: Exchange = field(default_factory=reference_rates)
    index_factory: IndexFactory = _exact


def post_text(post: JobPosting) -> str:
    """Return the text of ``post`` that is embedded and compared: title, skills, description."""
    return "\n".join(part for part in (post.title, ", ".join(post.skills), post.description) if part)


def rank(posts: Sequence[StoredPost], profile: Profile, *, context: RankContext) -> list[RankedPost]:
    """Return every post with its score and working, eligible ones first, best first, ties by id.

    Pure: the same posts in any order, with the same profile and context, give the same list. The day's pick
    is marked on it.
    """
    ordered = sorted({stored.post_id: stored for stored in posts}.values(), key=lambda stored: stored.post_id)
    fits = fit_posts(
        ordered,
        [post_text(stored.post) for stored in ordered],
        profile,
        post_vectors=context.post_vectors,
        profile_vectors=context.profile_vectors,
    )
    comparables = find_comparables(ordered, profile, context)
    filters = Filters(
        profile,
        now=context.now,
        exchange=context.exchange,
        already_bid=context.already_bid,
        standing_for=representatives(ordered, context.now),
    )
    taste = Taste(context.preferences, profile, context.exchange)
    ranked = [
        _ranked(
            stored,
            fit,
            comparables.get(stored.post_id, []),
            filters=filters,
            taste=taste,
            profile=profile,
            context=context,
        )
        for stored, fit in zip(ordered, fits, strict=True)
    ]
    ranked.sort(key=lambda item: (not item.eligible, -item.score, item.stored.post_id))
    return _with_pick(ranked, profile, context)


def _ranked(
    stored: StoredPost,
    fit: Fit,
    comparables: Sequence[Comparable],
    *,
    filters: Filters,
    taste: Taste,
    profile: Profile,
    context: RankContext,
) -> RankedPost:
    post, now, exchange = stored.post, context.now, context.exchange
    fee, risk = context.fee_for(post), find_risks(post, exchange)
    if any(flag.code == EQUITY_ONLY for flag in risk):
        comparables = ()  # who offers shares instead of money does not offer what others pay
    net = net_hourly(post, profile, fee=fee, comparables=comparables, exchange=exchange)
    client = score_client(post.client, now)
    chance = win_chance(post, fit=fit.score, net=net, rates=profile.rates, history=context.history, now=now)
    value = bid_value(post, profile, chance=chance, net=net, exchange=exchange)
    amount = None if value is None else value.amount
    score = score_post(
        stored,
        profile,
        fit=fit,
        net=net,
        client=client,
        chance=chance,
        value=amount,
        history=context.history,
        taste=taste,
        now=now,
    )
    left_out = taste.dismissed(stored) or filters.reason(stored, Facts(fee=fee, net=net, risk=risk))
    return RankedPost(
        stored=stored,
        eligible=left_out is None,
        left_out_because=left_out,
        fit=fit,
        net_hourly=net,
        client=client,
        risk=risk,
        win_chance=chance,
        expected_value=amount,
        value_parts=() if value is None else value.parts,
        score=score.total,
        score_parts=score.parts,
        reasons=(
            *reasons_for(stored, profile, fit=fit, fee=fee, net=net, chance=chance, risk=risk),
            *preference_reasons(score.parts),
        ),
    )


def _with_pick(ranked: list[RankedPost], profile: Profile, context: RankContext) -> list[RankedPost]:
    minutes, connects = context.minutes_left, context.connects_left
    each = profile.time.minutes_per_proposal
    day = Day(
        minutes=profile.time.minutes_per_day if minutes is None else minutes,
        minutes_each=each,
        now=context.now,
        connects=profile.connects.per_week if connects is None else connects,
        bids=context.bids_left,
        proposals_over=profile.avoid.proposals_over,
        extra_minutes=context.extra_minutes,
        room=room_left(profile.hours_per_week, context.hours_taken),
    )
    chosen = pick(ranked, day)

    def told(item: RankedPost) -> RankedPost:
        post_id = item.stored.post_id
        urgent = chosen.urgent.get(post_id)
        return replace(
            item,
            picked=post_id in chosen.picked,
            not_picked_because=chosen.because.get(post_id),
            minutes=chosen.minutes.get(post_id, each),
            urgent=None if urgent is None else urgent.part,
        )

    return [told(item) if item.eligible else item for item in ranked]


def find_comparables(
    posts: Sequence[StoredPost], profile: Profile, context: RankContext
) -> dict[str, list[Comparable]]:
    """Return for each post without stated pay, by id, the nearest posts that state pay per hour.

    Only posts with vectors take part; repeats of one post count once, and never for themselves.
    """
    currency, exchange, vectors = profile.rates.currency, context.exchange, context.post_vectors
    known = [stored for stored in posts if stored.text_hash in vectors]
    rates: dict[str, Decimal] = {}
    asking: list[StoredPost] = []
    cluster = {stored.post_id: stored.cluster for stored in known}
    clusters_with_pay: set[str] = set()
    for stored in known:
        gross = stated_hourly(stored.post, exchange, currency)
        if gross is None and stated_budget(stored.post, exchange, currency) is None:
            asking.append(stored)
        elif gross is not None and stored.cluster not in clusters_with_pay:
            clusters_with_pay.add(stored.cluster)
            rates[stored.post_id] = gross.expected
    if not asking or not rates:
        return {}
    index = context.index_factory(len(vectors[asking[0].text_hash]))
    index.add(
        list(rates), np.stack([vectors[stored.text_hash] for stored in known if stored.post_id in rates])
    )
    asked = np.stack([vectors[stored.text_hash] for stored in asking])
    found = index.search(asked, COMPARABLES + 1, LEAST_SIMILAR)
    return {
        stored.post_id: [
            Comparable(post_id=near.id, hourly=rates[near.id])
            for near in neighbours
            if cluster[near.id] != stored.cluster
        ][:COMPARABLES]
        for stored, neighbours in zip(asking, found, strict=True)
    }
