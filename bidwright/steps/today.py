"""What of the day is spoken for before a new bid: follow-ups, bids in play, running contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from bidwright.desk import Desk
from domain.posts import StoredPost
from domain.profile import Profile, TimeBudget
from ledger.book import Book
from ledger.contracts import Contract
from ledger.followups import FollowUp, follow_ups_due, in_play
from proposals.asks import read_asks
from ranking.effort import hours_per_week
from ranking.tables import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What is spoken for.

    ``follow_ups`` are those for today, ``follow_ups_later`` how many more are due, ``minutes_left`` what they
    leave of the day. ``bids_left`` is how many more bids the person wants in play, ``hours_taken`` how much
    of the week contracts take; ``None`` where no limit, or nothing, is stated.
    """

    follow_ups: tuple[FollowUp, ...]
    follow_ups_later: int
    minutes_left: int
    bids_in_play: int
    bids_left: int | None
    hours_taken: Decimal | None


def spoken_for(desk: Desk, profile: Profile, book: Book, now: datetime) -> Today:
    """Return what follow-ups, bids and contracts leave of the day of ``now``."""
    time, bids = profile.time, list(book.bids.values())
    due = follow_ups_due(bids, now=now, time_zone=profile.time_zone, after_days=time.follow_up_after_days)
    chosen = _that_fit(due, time)
    playing = len(in_play(bids, now=now))
    return Today(
        follow_ups=chosen,
        follow_ups_later=len(due) - len(chosen),
        minutes_left=max(0, time.minutes_per_day - len(chosen) * time.minutes_per_follow_up),
        bids_in_play=playing,
        bids_left=None if time.bids_in_play is None else max(0, time.bids_in_play - playing),
        hours_taken=_hours_taken(desk, profile, book.contracts.values()),
    )


def _that_fit(due: Sequence[FollowUp], time: TimeBudget) -> tuple[FollowUp, ...]:
    """Return the follow-ups for today: one at least, and no more than their share of the day."""
    if not time.minutes_per_follow_up:
        return tuple(due)
    share: float = table("weights")["pick"]["follow_ups"]
    return tuple(due[: max(1, int(time.minutes_per_day * share) // time.minutes_per_follow_up)])


def _hours_taken(desk: Desk, profile: Profile, contracts: Iterable[Contract]) -> Decimal | None:
    """Return the hours a week the person says are taken, else what the posts of running contracts state."""
    if profile.time.hours_taken is not None:
        return Decimal(profile.time.hours_taken)
    wanted = [each.post_id for each in contracts if each.ended_at is None and each.post_id is not None]
    if not wanted:
        return None
    with desk.store.read() as tx:
        posts = tx.posts.get_many(wanted)
    known = [hours_per_week(stored.post.workload) for stored in posts.values()]
    stated = [hours for hours in known if hours is not None]
    return sum(stated, Decimal(0)) if stated else None


def extra_minutes(time: TimeBudget) -> Callable[[StoredPost], int]:
    """Return what gives the minutes a proposal takes for what its post asks, beyond the usual ones."""
    most: int = table("weights")["pick"]["questions"]

    def extra(stored: StoredPost) -> int:
        return min(most, _asked(stored.post.title, stored.post.description)) * time.minutes_per_question

    return extra


@lru_cache(maxsize=1000)
def _asked(title: str, description: str) -> int:
    """Return how many questions and attachments a post asks for."""
    asks = read_asks(f"{title}\n\n{description}")
    return len(asks.questions) + len(asks.attachments)
