"""Rank stored posts for one person: every part computed once, the order decided purely, the working kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from domain.posts import JobPosting, StoredPost
from domain.preferences import Preference
from domain.profile import Profile
from ranking.appraisal import Appraisal, FeeFor, appraise, fits_by_words
from ranking.chance import History, win_chance
from ranking.client import score_client
from ranking.collecting import no_collection
from ranking.deferred import Deferred
from ranking.exchange import Exchange, reference_rates
from ranking.filters import representatives, why_closed
from ranking.fit import profile_queries
from ranking.learning import Learning, learn
from ranking.outcomes import PastBid, outcomes_of
from ranking.preference import Taste, preference_reasons
from ranking.readings import read
from ranking.reasons import reasons_for
from ranking.reposts import employer_key, is_of, jobs_of, reposts_of
from ranking.results import Part, RankedPost, WinChance
from ranking.room import room_left
from ranking.score import Scoring
from ranking.seams import Matrix
from ranking.select import Day, nothing_more, pick
from ranking.value import bid_value

__all__ = [
    "History",
    "PastBid",
    "RankContext",
    "post_text",
    "posts_at_hand",
    "profile_queries",
    "rank",
    "what_bids_taught",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankContext:
    """Everything a ranking rests on besides posts and profile.

    ``now`` is aware UTC. ``post_vectors`` are unit vectors by ``text_hash`` of :func:`post_text`,
    ``profile_vectors`` by the texts of :func:`profile_queries`; a missing one only weakens the fit.
    ``fee_for`` gives what a post's marketplace would keep. ``history`` counts every decided bid;
    ``past_bids`` are those of them on posts still stored, from which the strength of the win chance's curves
    is learned and which clients hired the person (besides ``history.hired_by``). ``closed`` are posts not to
    be ranked any more; from their tags and pay those of others are told. ``appraisals`` are those of all
    these posts where they are known already; then ``closed`` and the vectors count no more. ``already_bid``
    are ids of posts (or of the clusters they belong to) with a bid of the person. ``minutes_left`` and
    ``connects_left`` are what remains today; ``None`` takes the profile's ``minutes_per_day`` and
    ``per_week``. ``bids_left`` is how many more bids may be in play (``None``: no limit), ``hours_taken``
    what running contracts take of the week, and ``extra_minutes`` what a proposal on a post takes beyond the
    usual minutes. ``preferences`` are the person's likes and dislikes, one a post.
    """

    now: datetime
    fee_for: FeeFor
    post_vectors: Mapping[str, Matrix] = field(default_factory=dict)
    profile_vectors: Mapping[str, Matrix] = field(default_factory=dict)
    history: History = field(default_factory=History)
    past_bids: Sequence[PastBid] = ()
    closed: Sequence[StoredPost] = ()
    appraisals: Mapping[str, Appraisal] | None = None
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
    with no_collection():
        seen = _look(posts, profile, context)
        history = _informed(context, _learn(seen, profile, context))
        wanted = {stored.post_id for stored in posts}
        ordered = [stored for stored in seen.posts if stored.post_id in wanted]
        ranker = _Ranker(seen, profile, context, history, representatives(ordered, context.now))
        return _with_pick(sorted(map(ranker.ranked, ordered), key=_place), profile, context)


def _place(item: RankedPost) -> tuple[bool, float, str]:
    return not item.eligible, -item.score, item.stored.post_id


def what_bids_taught(posts: Sequence[StoredPost], profile: Profile, *, context: RankContext) -> Learning:
    """Return what :func:`rank` learns from ``context.past_bids`` beside ``posts``."""
    return _learn(_look(posts, profile, context), profile, context)


def posts_at_hand(posts: Sequence[StoredPost], past_bids: Sequence[PastBid]) -> list[StoredPost]:
    """Return the posts to be appraised in the order of their ids: ``posts``, and those of past bids."""
    by_id = {bid.stored.post_id: bid.stored for bid in past_bids}
    by_id |= {stored.post_id: stored for stored in posts}
    return [by_id[name] for name in sorted(by_id)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """All posts at hand by id, those of past bids included, and what is known of each by its id."""

    posts: Sequence[StoredPost]
    appraisals: Mapping[str, Appraisal]
    jobs: Mapping[str, Sequence[StoredPost]]


def _look(posts: Sequence[StoredPost], profile: Profile, context: RankContext) -> _Seen:
    ordered = posts_at_hand(posts, context.past_bids)
    appraisals = context.appraisals
    if appraisals is None:
        readings = read(ordered, context.closed, context.exchange)
        appraisals = appraise(
            ordered,
            readings,
            profile,
            fits=fits_by_words(ordered, readings, profile),
            post_vectors=context.post_vectors,
            profile_vectors=context.profile_vectors,
            fee_for=context.fee_for,
            exchange=context.exchange,
        )
    return _Seen(posts=ordered, appraisals=appraisals, jobs=jobs_of(ordered))


def _learn(seen: _Seen, profile: Profile, context: RankContext) -> Learning:
    outcomes = outcomes_of(
        context.past_bids,
        jobs=seen.jobs,
        fits={name: known.fit for name, known in seen.appraisals.items()},
        net_of=lambda stored: seen.appraisals[stored.post_id].net,
        rates=profile.rates,
    )
    return learn(outcomes, context.history)


def _informed(context: RankContext, learning: Learning) -> History:
    hired_by = (employer_key(bid.stored) for bid in context.past_bids if bid.won)
    return replace(
        context.history,
        strength=learning.strength,
        hired_by=context.history.hired_by | frozenset(key for key in hired_by if key is not None),
    )


class _Ranker:
    """Puts one ranked post together from what is known of it, as of the moment of the ranking."""

    def __init__(
        self,
        seen: _Seen,
        profile: Profile,
        context: RankContext,
        history: History,
        standing_for: Mapping[str, str],
    ) -> None:
        self._seen, self._profile, self._context = seen, profile, context
        self._history, self._standing_for = history, standing_for
        self._taste = Taste(context.preferences, profile, context.exchange)
        self._scoring = Scoring(profile, history, self._taste, context.now)

    def ranked(self, stored: StoredPost) -> RankedPost:
        """Return ``stored`` with every number."""
        post, now, known = stored.post, self._context.now, self._seen.appraisals[stored.post_id]
        reposts = reposts_of(self._seen.jobs.get(stored.post_id, ()), now)
        client = score_client(post.client, now, reposts, facts=known.client)
        chance = win_chance(
            post,
            fit=known.fit.score,
            net=known.net,
            rates=self._profile.rates,
            history=self._history,
            now=now,
            reposts=reposts,
            returning=is_of(stored, self._history.hired_by),
            standing=known.standing,
        )
        value = bid_value(post, self._profile, chance=chance, net=known.net, exchange=self._context.exchange)
        amount = None if value is None else value.amount
        score = self._scoring.score(
            stored, fit=known.fit, net=known.net, pay=known.pay, client=client, chance=chance, value=amount
        )
        left_out = self._left_out(stored, known)
        return RankedPost(
            stored=stored,
            eligible=left_out is None,
            left_out_because=left_out,
            fit=known.fit,
            net_hourly=known.net,
            client=client,
            risk=known.risk,
            win_chance=chance,
            expected_value=amount,
            value_parts=() if value is None else value.parts,
            score=score.total,
            score_parts=score.parts,
            reasons=Deferred(_reasons, stored, self._profile, known, chance, score.parts),
        )

    def _left_out(self, stored: StoredPost, known: Appraisal) -> str | None:
        closed = why_closed(
            stored,
            now=self._context.now,
            already_bid=self._context.already_bid,
            standing_for=self._standing_for,
        )
        return self._taste.dismissed(stored) or closed or known.beyond


def _reasons(
    stored: StoredPost, profile: Profile, known: Appraisal, chance: WinChance, score: Sequence[Part]
) -> Iterator[str]:
    yield from reasons_for(
        stored, profile, fit=known.fit, fee=known.fee, net=known.net, chance=chance, risk=known.risk
    )
    yield from preference_reasons(score)


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
