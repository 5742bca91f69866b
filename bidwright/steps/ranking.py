"""Embed what is new, then rank every live post for a person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from bidwright.appraiser import AtHand, Mind
from bidwright.desk import Desk
from bidwright.steps.books import read_book
from bidwright.steps.preferences import preferences
from bidwright.steps.today import Today, extra_minutes, spoken_for
from domain.clock import local_date, start_of_day
from domain.fees import FeeEstimate
from domain.identity import text_hash
from domain.posts import JobPosting, StoredPost
from domain.profile import Evidence, Profile
from domain.sources import SourceRun, together
from ledger.bids import Bid, BidState
from ledger.book import Book
from ledger.fees import fee_rate
from ranking.filters import is_expired
from ranking.learning import Learning, Verdict, abstain
from ranking.lift import invites_of
from ranking.rank import (
    History,
    PastBid,
    RankContext,
    post_text,
    posts_at_hand,
    profile_queries,
    rank,
    what_bids_taught,
)
from ranking.reposts import name_key
from ranking.results import RankedPost
from ranking.vectors import embed_missing, load_vectors, text_key

if TYPE_CHECKING:
    from ranking.seams import Matrix

CLOSED_USED = 20_000
"""Closed posts, the last seen, from which skills and pay of others are told; more only cost time."""
EXPIRED_SHOWN = timedelta(days=7)
"""How long a digest still counts a post whose closing date has passed; after that it is history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Every considered post in order for one person, as of ``now``, with the hash of all that decided it.

    ``sources`` holds what each source gave that day; ``key`` names the person's series of digests; ``today``
    is what of the day was spoken for.
    """

    key: str
    now: datetime
    inputs_hash: str
    ranked: tuple[RankedPost, ...]
    sources: tuple[SourceRun, ...]
    today: Today


class StoredVectors:
    """The store as a vector cache; each call is a short transaction of its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def load(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        """Return the stored vectors among ``hashes``."""
        with self._desk.store.read() as tx:
            return tx.vectors.load(model_id, hashes)

    def save(self, model_id: str, dimensions: int, vectors: Mapping[str, bytes]) -> None:
        """Keep ``vectors``; those already kept stay as they are."""
        self._desk.store.run_write(lambda tx: tx.vectors.save(model_id, dimensions, vectors))


def fee_for(post: JobPosting, now: datetime) -> FeeEstimate:
    """Return what the post's marketplace would keep of a contract opened ``now``."""
    return fee_rate(post.channel, opened=now.date())


def embed_posts(desk: Desk, profile: Profile) -> int:
    """Embed the posts worth it and the query texts that have no vector yet; return how many were embedded."""
    now = desk.clock()
    posts, book = _considered(desk, now), read_book(desk)
    at_hand = _at_hand(desk, _closed_before(desk, now), posts, past_bids(desk, book))
    texts = _texts(desk.appraiser.worth_embedding(at_hand, profile), profile)
    with desk.store.read() as tx:
        missing = len(tx.vectors.missing(desk.embedder.model_id, list(texts)))
    if missing:
        _vectors(desk, texts)
    return missing


def _vectors(desk: Desk, texts: Mapping[str, str]) -> dict[str, Matrix]:
    def show(done: int, total: int) -> None:
        desk.progress("Reading posts", done, total)

    return embed_missing(texts, StoredVectors(desk), desk.embedder, show)


def _considered(desk: Desk, now: datetime) -> list[StoredPost]:
    """Return the posts a digest counts: those that are open, and those that closed in the last days."""
    return _open(desk, _closed_before(desk, now))


def _closed_before(desk: Desk, now: datetime) -> datetime:
    """Return when a post must have closed to be history: the same all day, so that little is made anew."""
    return start_of_day(now, desk.profile.time_zone) - EXPIRED_SHOWN


def _texts(posts: Sequence[StoredPost], profile: Profile) -> dict[str, str]:
    """Return every text that ranking compares, by the key its vector is kept under."""
    own = [*profile_queries(profile), *map(evidence_text, profile.evidence)]
    return {stored.text_hash: post_text(stored.post) for stored in posts} | {
        text_key(each): each for each in own
    }


def evidence_text(evidence: Evidence) -> str:
    """Return what of a piece of past work is compared with posts."""
    return "\n".join(part for part in (evidence.title, evidence.summary, ", ".join(evidence.skills)) if part)


def evidence_likeness(desk: Desk, stored: StoredPost) -> Callable[[Evidence], float]:
    """Return how near each piece of the person's evidence is to the post: the cosine of their vectors."""
    texts = {stored.text_hash: post_text(stored.post)}
    texts |= {text_key(evidence_text(each)): evidence_text(each) for each in desk.profile.evidence}
    vectors = _vectors(desk, texts)
    return lambda evidence: float(vectors[text_key(evidence_text(evidence))] @ vectors[stored.text_hash])


def rank_posts(desk: Desk, profile: Profile, now: datetime) -> list[RankedPost]:
    """Return every stored post that has not expired, ranked for ``profile`` as of ``now``, best first."""
    posts = _considered(desk, now)
    context = _context(desk, profile, now, posts, read_book(desk))
    return rank([stored for stored in posts if not is_expired(stored.post, now)], profile, context=context)


def _kept(desk: Desk, hashes: Sequence[str]) -> dict[str, Matrix]:
    embedder = desk.embedder
    return load_vectors(StoredVectors(desk), embedder.model_id, embedder.dimensions, hashes)


def _at_hand(desk: Desk, at: datetime, posts: Sequence[StoredPost], past: Sequence[PastBid]) -> AtHand:
    """Return the posts to appraise, and those closed by ``at``, which tell of skills and pay of others."""

    def closed() -> list[StoredPost]:
        with desk.store.read() as tx:
            return tx.posts.closed(at, CLOSED_USED)

    return AtHand(posts=posts_at_hand(posts, past), closed_marks=_closed_marks(desk, at), closed=closed)


def _open(desk: Desk, at: datetime) -> list[StoredPost]:
    with desk.store.read() as tx:
        return list(tx.posts.live(at))


def _closed_marks(desk: Desk, at: datetime) -> list[tuple[str, str, str]]:
    with desk.store.read() as tx:
        return tx.posts.closed_marks(at, CLOSED_USED)


def learn_from_bids(desk: Desk, profile: Profile, now: datetime) -> Learning:
    """Return what the decided bids in the book teach a ranking as of ``now`` about the win chance."""
    book = read_book(desk)
    found = abstain([bid.won for bid in past_bids(desk, book)], history_of(book))
    if found.verdict is Verdict.TOO_FEW:
        return found  # without reading a post, and without the model
    posts = _considered(desk, now)
    return what_bids_taught(posts, profile, context=_context(desk, profile, now, posts, book))


def _context(
    desk: Desk, profile: Profile, now: datetime, posts: Sequence[StoredPost], book: Book
) -> RankContext:
    past = past_bids(desk, book)
    queries = {text_key(query): query for query in profile_queries(profile)}
    asked = _vectors(desk, queries)
    appraisals = desk.appraiser.appraisals(
        _at_hand(desk, _closed_before(desk, now), posts, past),
        profile,
        Mind(
            model_id=desk.embedder.model_id,
            vectors_of=lambda hashes: _kept(desk, hashes),
            own={query: asked[key] for key, query in queries.items()},
            fee_for=lambda post: fee_for(post, now),
        ),
    )
    today, bids = spoken_for(desk, profile, book, now), list(book.bids.values())
    return RankContext(
        now=now,
        fee_for=lambda post: fee_for(post, now),
        exchange=desk.workspace.settings.exchange,
        history=history_of(book),
        past_bids=past,
        appraisals=appraisals,
        already_bid=frozenset(book.bids),
        minutes_left=today.minutes_left,
        connects_left=connects_left(profile, bids, now),
        bids_left=today.bids_left,
        hours_taken=today.hours_taken,
        extra_minutes=extra_minutes(profile.time),
        preferences=preferences(desk),
    )


def history_of(book: Book) -> History:
    """Return the counts of decided bids, and the clients by name whom contracts in the book are with."""
    decided = decided_bids(book)
    clients = (name_key(contract.channel, contract.client) for contract in book.contracts.values())
    return History(
        bids=len(decided),
        won=sum(bid.state is BidState.WON for bid in decided),
        hired_by=frozenset(key for key in clients if key is not None),
    )


def decided_bids(book: Book) -> list[Bid]:
    """Return the bids that were won or lost, in the order they were sent."""
    decided = (bid for bid in book.bids.values() if bid.state in (BidState.WON, BidState.LOST))
    return sorted(decided, key=lambda bid: (bid.submitted_at, bid.post_id))


def past_bids(desk: Desk, book: Book) -> tuple[PastBid, ...]:
    """Return the decided bids on posts whose text is still stored; of the others only the outcome counts."""
    decided = decided_bids(book)
    with desk.store.read() as tx:
        posts = tx.posts.get_many(bid.post_id for bid in decided)
    found = ((bid, posts.get(bid.post_id)) for bid in decided)
    return tuple(
        PastBid(
            stored=stored,
            submitted_at=bid.submitted_at,
            decided_at=bid.decided_at,
            won=bid.state is BidState.WON,
            shown=bid.shown,
        )
        for bid, stored in found
        if stored is not None and bid.decided_at is not None and text_hash(stored.post) == stored.text_hash
    )


def connects_left(profile: Profile, bids: Sequence[Bid], now: datetime) -> int | None:
    """Return the connects that remain in the person's week, Monday to Sunday; ``None`` for no limit."""
    limit = profile.connects.per_week
    if limit is None:
        return None
    today = local_date(now, profile.time_zone)
    monday = today - timedelta(days=today.weekday())
    spent = sum(
        (bid.connects or 0) + (bid.boost or 0)
        for bid in bids
        if local_date(bid.submitted_at, profile.time_zone) >= monday
    )
    return max(0, limit - spent)


def todays_ranking(desk: Desk) -> Ranking:
    """Return today's ranking.

    It is as of when today's digest was made if nothing that decides it has changed since: so a second run on
    the same day, with the same posts, person and books, gives the very same digest.
    """
    now, profile = desk.clock(), desk.profile
    posts, book, liked = _considered(desk, now), read_book(desk), preferences(desk)
    sources = _todays_sources(desk, now)
    day = local_date(now, profile.time_zone)
    inputs = _hash_of(
        {
            "program": version("bidwright"),
            "model": desk.embedder.model_id,
            "day": day.isoformat(),
            "profile": repr(profile),
            "exchange": repr(desk.workspace.settings.exchange),
            "posts": sorted(_decisive(stored) for stored in posts),
            "closed": _closed_marks(desk, _closed_before(desk, now)),
            "bids": [
                [*_decisive(bid.stored), str(bid.stored.last_seen <= bid.submitted_at)]
                for bid in past_bids(desk, book)
            ],
            "events": sorted(event.event_id for event in book.events),
            "sources": [_shown(run) for run in sources],
            "preferences": sorted(
                [each.opinion.value, *each.because, *_decisive(each.stored)] for each in liked
            ),
            "hours": str(spoken_for(desk, profile, book, now).hours_taken),
        }
    )
    with desk.store.read() as tx:
        kept = tx.digests.get(profile.name, day)
    as_of = kept.created_at if kept is not None and kept.inputs_hash == inputs else now
    today = spoken_for(desk, profile, book, as_of)
    return Ranking(
        key=profile.name,
        now=as_of,
        inputs_hash=inputs,
        ranked=tuple(rank(posts, profile, context=_context(desk, profile, as_of, posts, book))),
        sources=tuple(sources),
        today=today,
    )


def _todays_sources(desk: Desk, now: datetime) -> list[SourceRun]:
    """Return what each source gave today, or when it was last asked, in the order of the settings."""
    with desk.store.read() as tx:
        today = tx.runs.asked_since(start_of_day(now, desk.profile.time_zone))
        latest = tx.runs.last_asked_by_source()
    known = latest | {name: together(runs) for name, runs in today.items()}
    return [known[table.name] for table in desk.workspace.settings.sources if table.name in known]


def _shown(run: SourceRun) -> list[str]:
    """Return what of a source's outcome a digest shows."""
    failing = run.failing_since and run.failing_since.date()
    counts = (run.posts_read, run.posts_new, run.posts_updated, run.issues)
    return [run.source, run.state.value, run.detail, repr((counts, run.findings, failing))]


def _hash_of(decides: Mapping[str, object]) -> str:
    """Return the hash of everything that decides a digest."""
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _decisive(stored: StoredPost) -> list[str]:
    """Return what of a post decides; the counts of bids on it are part of that."""
    post = stored.post
    proposals = (post.proposals_min, post.proposals_max)
    counts = (*proposals, post.interviewing, post.hires, post.connects, invites_of(post))
    return [stored.post_id, stored.content_hash, stored.cluster, repr(counts)]
