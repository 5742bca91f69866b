"""Bids that have been silent so long that asking again is due, and bids that are still in play."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import local_date
from ledger.bids import Bid, BidState

SILENT_FOR_GOOD = timedelta(days=30)
"""After so long without a word a bid is taken for dead: it is followed up no more, and no longer in play."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A bid to ask about again: ``waiting_for`` says for what, since ``since``, for ``days`` local days."""

    post_id: str
    waiting_for: str
    since: datetime
    days: int


def in_play(bids: Iterable[Bid], *, now: datetime) -> list[Bid]:
    """Return the bids that are undecided and not silent for good."""
    return [bid for bid in bids if bid.state is BidState.OPEN and now - _last_word(bid)[0] < SILENT_FOR_GOOD]


def follow_ups_due(
    bids: Iterable[Bid], *, now: datetime, time_zone: str, after_days: int
) -> tuple[FollowUp, ...]:
    """Return the follow-ups due on the local day of ``now``, interviews first, then the longest waiting.

    Due is an undecided bid of which nothing was heard for ``after_days`` local days since it was submitted,
    answered or interviewed for, and that was not followed up since.
    """
    today = local_date(now, time_zone)
    found = []
    for bid in in_play(bids, now=now):
        since, waiting_for, rank = _last_word(bid)
        days = (today - local_date(since, time_zone)).days
        asked = bid.followed_up_at is not None and bid.followed_up_at >= since
        if days >= after_days and not asked:
            due = FollowUp(post_id=bid.post_id, waiting_for=waiting_for, since=since, days=days)
            found.append((rank, since, bid.post_id, due))
    return tuple(due for *_, due in sorted(found, key=lambda row: row[:3]))


def _last_word(bid: Bid) -> tuple[datetime, str, int]:
    """Return when something was last heard or sent, what is awaited since, and how pressing that is."""
    steps = [(bid.submitted_at, "an answer to your bid", 2)]
    if bid.replied_at is not None:
        steps.append((bid.replied_at, "news after the client's answer", 1))
    if bid.interview_at is not None:
        steps.append((bid.interview_at, "a decision after the interview", 0))
    return max(steps, key=lambda step: (step[0], -step[2]))
