"""Rank stored posts for one person: every part computed once, the order decided purely, the working kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from domain.fees import FeeEstimate
from domain.posts import JobPosting, StoredPost
from domain.preferences import Preference
from domain.profile import Profile
from ranking.chance import History, win_chance
from ranking.client import score_client
from ranking.exchange import Exchange, reference_rates
from ranking.filters import Facts, Filters, representatives
from ranking.fit import fit_posts, profile_queries
from ranking.learning import Learning, learn
from ranking.outcomes import PastBid, outcomes_of
from ranking.pay import net_hourly
from ranking.preference import Taste, preference_reasons
from ranking.readings import Readings, read
from ranking.reasons import reasons_for
from ranking.reposts import employer_key, is_of, jobs_of, reposts_of
from ranking.results import Fit, NetHourly, RankedPost
from ranking.risk import EQUITY_ONLY
from ranking.room import room_left
from ranking.score import score_post
from ranking.seams import Matrix
from ranking.select import Day, nothing_more, pick
from ranking.tables import table
from ranking.value import bid_value

__all__ = ["History", "PastBid", "RankContext", "post_text", "profile_queries", "rank", "what_bids_taught"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankContext:
    """Everything a ranking rests on besides posts and profile.

    ``now`` is aware UTC. ``post_vectors`` are unit vectors by ``text_hash`` of :func:`post_text`,
    ``profile_vectors`` by the texts of :func:`profile_queries`; a missing one only weakens the fit.
    ``fee_for`` gives what a post's marketplace would keep. ``history`` counts every decided bid;
    ``past_bids`` are those of them on posts still stored, from which the strength of the win chance's curves
    is learned and which clients hired the person (besides ``history.hired_by``). ``closed`` are posts not to
    be ranked any more; from their tags and pay those of others are told. ``readings`` are those of all these
    posts where they are known already. ``already_bid`` are ids of posts (or of the clusters they belong to)
    with a bid of the person. ``minutes_left`` and ``connects_left`` are what remains today; ``None`` takes
    the profile's ``minutes_per_day`` and ``per_week``. ``bids_left`` is how many more bids may be in
    play (``None``: no limit), ``hours_taken`` what running contracts take of the week, and ``extra_minutes``
    what a proposal on a post takes beyond the usual minutes. ``preferences`` are the person's likes and
    dislikes, one a post.
    """

    now: datetime
    fee_for: Callable[[JobPosting], FeeEstimate]
    post_vectors: Mapping[str, Matrix] = field(default_factory=dict)
    profile_vectors: Mapping[str, Matrix] = field(default_factory=dict)
    history: History = field(default_factory=History)
    past_bids: Sequence[PastBid] = ()
    closed: Sequence[StoredPost] = ()
    readings: Readings | None = None
    already_bid: frozenset[str] = frozenset()
    minutes_left: int | None = None
    connects_left: int | None = None
    bids_left: int | None = None
    hours_taken: Decimal | None = None
    extra_minutes: Callable[[StoredPost], int] = nothing_more
    preferences: Sequence[Preference] = ()
    exchange: Exchange = field(default_factory=reference_rates)


def post_text(post: JobPosting) -> str:
    """Return the text of ``post`` that is embedded and compared: title, skills, description."""
    return "\n".join(part for part in (post.title, ", ".join(post.skills), post.description) if part)


def rank(posts: Sequence[StoredPost], profile: Profile, *, context: RankContext) -> list[RankedPost]:
    """Return every post with its score and working, eligible ones first, best first, ties by id.

    Pure: the same posts in any order, with the same profile and context, give the same list. The day's pick
    is marked on it.
    """
    seen = _look(posts, profile, context)
    learning = _learn(seen, profile, context)
    informed = replace(context, history=_informed(context, learning))
    wanted = {stored.post_id for stored in posts}
    ordered = [stored for stored in seen.posts if stored.post_id in wanted]
    filters = Filters(
        profile,
        now=context.now,
        exchange=context.exchange,
        already_bid=context.already_bid,
        standing_for=representatives(ordered, context.now),
    )
    taste = Taste(context.preferences, profile, context.exchange)
    ranked = [
        _ranked(stored, seen, filters=filters, taste=taste, profile=profile, context=informed)
        for stored in ordered
    ]
    ranked.sort(key=lambda item: (not item.eligible, -item.score, item.stored.post_id))
    return _with_pick(ranked, profile, context)


def best_for_model(
    posts: Sequence[StoredPost], profile: Profile, *, context: RankContext
) -> list[StoredPost]:
    """Return those of ``posts`` whose vectors :func:`rank` makes use of: all if they are few, else the best.

    What is the best is decided by words and skills alone, so that the same posts are chosen whatever has
    been embedded before.
    """
    blind = replace(context, post_vectors={})
    seen = _look(posts, profile, blind)
    count = worth_embedding(len(seen.posts))
    return sorted(seen.posts, key=lambda stored: (-seen.fits[stored.post_id].score, stored.post_id))[:count]


def worth_embedding(posts: int) -> int:
    """Return how many of ``posts`` the model reads: a share of them, but of few posts all (``fit.toml``)."""
    rules = table("fit")["model"]
    return min(posts, max(int(rules["least"]), int(posts * rules["share"])))


def what_bids_taught(posts: Sequence[StoredPost], profile: Profile, *, context: RankContext) -> Learning:
    """Return what :func:`rank` learns from ``context.past_bids`` beside ``posts``."""
    return _learn(_look(posts, profile, context), profile, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """All posts at hand by id, those of past bids included, and what is known of each by its id."""

    posts: Sequence[StoredPost]
    fits: Mapping[str, Fit]
    readings: Readings
    jobs: Mapping[str, Sequence[StoredPost]]


def _look(posts: Sequence[StoredPost], profile: Profile, context: RankContext) -> _Seen:
    by_id = {bid.stored.post_id: bid.stored for bid in context.past_bids}
    by_id |= {stored.post_id: stored for stored in posts}
    ordered = sorted(by_id.values(), key=lambda stored: stored.post_id)
    readings = context.readings or read(ordered, context.closed, context.exchange)
    return _Seen(
        posts=ordered,
        fits=_fits(ordered, readings, profile, context),
        readings=readings,
        jobs=jobs_of(ordered),
    )


def _fits(
    ordered: Sequence[StoredPost], readings: Readings, profile: Profile, context: RankContext
) -> dict[str, Fit]:
    """Return the fit of each post by id: with the model for the best by words and skills, for all if few."""

    def fits(posts: Sequence[StoredPost], vectors: Mapping[str, Matrix]) -> dict[str, Fit]:
        found = fit_posts(
            posts,
            readings.space,
            profile,
            post_vectors=vectors,
            profile_vectors=context.profile_vectors,
            inference=readings.inference,
        )
        return {stored.post_id: fit for stored, fit in zip(posts, found, strict=True)}

    count = worth_embedding(len(ordered))
    if count >= len(ordered):
        return fits(ordered, context.post_vectors)
    without = fits(ordered, {})
    chosen = sorted(ordered, key=lambda stored: (-without[stored.post_id].score, stored.post_id))[:count]
    return without | fits(chosen, context.post_vectors)


def _learn(seen: _Seen, profile: Profile, context: RankContext) -> Learning:
    def net_of(stored: StoredPost) -> NetHourly | None:
        return net_hourly(
            stored.post,
            profile,
            fee=context.fee_for(stored.post),
            market=seen.readings.market.of(stored),
            exchange=context.exchange,
        )

    outcomes = outcomes_of(
        context.past_bids, jobs=seen.jobs, fits=seen.fits, net_of=net_of, rates=profile.rates
    )
    return learn(outcomes, context.history)


def _informed(context: RankContext, learning: Learning) -> History:
    hired_by = (employer_key(bid.stored) for bid in context.past_bids if bid.won)
    return replace(
        context.history,
        strength=learning.strength,
        hired_by=context.history.hired_by | frozenset(key for key in hired_by if key is not None),
    )


def _ranked(
    stored: StoredPost,
    seen: _Seen,
    *,
    filters: Filters,
    taste: Taste,
    profile: Profile,
    context: RankContext,
) -> RankedPost:
    post, now, exchange = stored.post, context.now, context.exchange
    fit = seen.fits[stored.post_id]
    reposts = reposts_of(seen.jobs.get(stored.post_id, ()), now)
    fee, risk = context.fee_for(post), seen.readings.risks[stored.post_id]
    # Who offers shares instead of money does not offer what others pay.
    market = None if any(flag.code == EQUITY_ONLY for flag in risk) else seen.readings.market.of(stored)
    net = net_hourly(post, profile, fee=fee, market=market, exchange=exchange)
    client = score_client(post.client, now, reposts)
    chance = win_chance(
        post,
        fit=fit.score,
        net=net,
        rates=profile.rates,
        history=context.history,
        now=now,
        reposts=reposts,
        returning=is_of(stored, context.history.hired_by),
    )
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
