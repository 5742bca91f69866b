"""The person's past bids as they looked when they were sent, to learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.posts import Competition, JobPosting, StoredPost
from domain.profile import Rates
from ranking.learning import Outcome
from ranking.lift import invites_of, lift_of, standing_of, with_invites
from ranking.reposts import employer_key, reposts_of
from ranking.results import Fit, NetHourly


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBid:
    """A decided bid on a post whose text is still stored; both times are aware UTC.

    ``shown`` is what the book says that the post showed of other bids when this one was sent.
    """

    stored: StoredPost
    submitted_at: datetime
    decided_at: datetime
    won: bool
    shown: Competition | None = None


def shown_at(stored: StoredPost, moment: datetime) -> Competition | None:
    """Return what ``stored`` showed of other bids at ``moment``; ``None`` if it has been read again since."""
    if stored.last_seen > moment:
        return None
    post = stored.post
    return Competition(
        proposals_min=post.proposals_min,
        proposals_max=post.proposals_max,
        interviewing=post.interviewing,
        hires=post.hires,
        invites=invites_of(post),
    )


def as_of(stored: StoredPost, moment: datetime, shown: Competition | None = None) -> JobPosting:
    """Return the post without what may have been read after ``moment``, but as ``shown`` where that is known.

    The store keeps the newest numbers of proposals, interviews and hires. Read after a bid they tell how it
    ended (somebody was hired), so that a post seen again since is taken to have stated none.
    """
    if shown is None and stored.last_seen <= moment:
        return stored.post
    then = shown or Competition()
    return replace(
        stored.post,
        proposals_min=then.proposals_min,
        proposals_max=then.proposals_max,
        interviewing=then.interviewing,
        hires=then.hires,
        extra=with_invites(then.invites),
    )


def _then(stored: StoredPost, moment: datetime) -> StoredPost:
    return replace(stored, post=as_of(stored, moment))


def outcomes_of(
    bids: Sequence[PastBid],
    *,
    jobs: Mapping[str, Sequence[StoredPost]],
    fits: Mapping[str, Fit],
    net_of: Callable[[StoredPost], NetHourly | None],
    rates: Rates,
) -> list[Outcome]:
    """Return the outcomes of ``bids``, the oldest first, each with its lift at the time the bid was sent.

    ``jobs`` (of :func:`ranking.reposts.jobs_of`) and ``fits`` are by post id; a bid on a post without a fit
    is left out. The fit is that to the person's present profile, and the client's facts are the last ones
    read.
    """
    hired: dict[str, datetime] = {}
    for bid in bids:
        key = employer_key(bid.stored)
        if bid.won and key is not None:
            hired[key] = min(bid.decided_at, hired.get(key, bid.decided_at))
    found = []
    for bid in sorted(bids, key=lambda each: (each.submitted_at, each.stored.post_id)):
        stored, sent = bid.stored, bid.submitted_at
        fit = fits.get(stored.post_id)
        if fit is None:
            continue
        first = hired.get(employer_key(stored) or "")
        then = as_of(stored, sent, bid.shown)
        lift = lift_of(
            then,
            standing_of(then, fit=fit.score, net=net_of(stored), rates=rates),
            now=sent,
            reposts=reposts_of([_then(each, sent) for each in jobs.get(stored.post_id, ())], sent),
            returning=first is not None and first <= sent,
        )
        found.append(Outcome(lift=lift.value, won=bid.won))
    return found
