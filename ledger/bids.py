"""A bid as its events leave it: submitted once, then seen, answered, interviewed, decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import LedgerError
from domain.events import Event, EventKind
from domain.money import Money
from domain.posts import Competition
from ledger.fields import competition, integer, money, text


class BidState(StrEnum):
    """How a bid stands; an open one is neither won nor lost."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """One bid on one post; a time is ``None`` where the step was not recorded.

    ``shown`` is what the post showed of other bids when this one was sent, ``None`` where that is not known.
    ``draft`` is the number of the draft's version that went out, ``opener`` the kind of its opening
    ("goal+result"), ``words`` its length; ``None`` where no draft of ours did.
    """

    post_id: str
    state: BidState
    submitted_at: datetime
    amount: Money | None = None
    connects: int | None = None
    boost: int | None = None
    template: str | None = None
    channel: str | None = None
    source: str | None = None
    category: str | None = None
    shown: Competition | None = None
    draft: int | None = None
    opener: str | None = None
    words: int | None = None
    viewed_at: datetime | None = None
    replied_at: datetime | None = None
    interview_at: datetime | None = None
    followed_up_at: datetime | None = None  # the last time
    decided_at: datetime | None = None

    @property
    def was_viewed(self) -> bool:
        """Whether the client opened it; an answer, an interview or a hire implies it."""
        return self.viewed_at is not None or self.was_replied

    @property
    def was_replied(self) -> bool:
        """Whether the client answered; an interview or a hire implies it."""
        return self.replied_at is not None or self.was_interviewed

    @property
    def was_interviewed(self) -> bool:
        """Whether there was an interview; being hired does not imply one."""
        return self.interview_at is not None or self.state is BidState.WON


_DECISIONS = {
    EventKind.BID_WON: BidState.WON,
    EventKind.BID_LOST: BidState.LOST,
    EventKind.BID_WITHDRAWN: BidState.WITHDRAWN,
}
BID_KINDS = frozenset({
    EventKind.BID_SUBMITTED,
    EventKind.BID_VIEWED,
    EventKind.BID_REPLIED,
    EventKind.BID_INTERVIEW,
    EventKind.BID_FOLLOWED_UP,
    *_DECISIONS,
})  # fmt: skip
_MARKS: dict[EventKind, Callable[[Bid, datetime], Bid]] = {
    EventKind.BID_VIEWED: lambda bid, at: replace(bid, viewed_at=bid.viewed_at or at),
    EventKind.BID_REPLIED: lambda bid, at: replace(bid, replied_at=bid.replied_at or at),
    EventKind.BID_INTERVIEW: lambda bid, at: replace(bid, interview_at=bid.interview_at or at),
    EventKind.BID_FOLLOWED_UP: lambda bid, at: replace(bid, followed_up_at=at),
}


def _submitted(event: Event) -> Bid:
    return Bid(
        post_id=event.subject,
        state=BidState.OPEN,
        submitted_at=event.at,
        amount=money(event, "amount"),
        connects=integer(event, "connects"),
        boost=integer(event, "boost"),
        template=text(event, "template"),
        channel=text(event, "channel"),
        source=text(event, "source"),
        category=text(event, "category"),
        shown=competition(event),
        draft=integer(event, "draft"),
        opener=text(event, "opener"),
        words=integer(event, "words"),
    )


def step_bid(bid: Bid | None, event: Event) -> Bid:
    """Return the bid after ``event``; raise :class:`LedgerError` when the event cannot follow."""
    done = event.kind.value.removeprefix("bid.").replace("_", " ")
    if event.kind is EventKind.BID_SUBMITTED:
        if bid is not None:
            raise LedgerError(
                f"a bid was already submitted on {bid.submitted_at:%Y-%m-%d}",
                where=event.subject,
                remedy="Correct that one first",
            )
        return _submitted(event)
    if bid is None:
        raise LedgerError(
            f"{done} on {event.at:%Y-%m-%d}, but no bid was submitted by then",
            where=event.subject,
            remedy="Record the bid first",
        )
    if bid.state is not BidState.OPEN:
        raise LedgerError(
            f"{done} on {event.at:%Y-%m-%d}, but the bid was {bid.state} on {bid.decided_at:%Y-%m-%d}",
            where=event.subject,
            remedy=f"If it was not {bid.state}, correct that first",
        )
    if event.kind in _DECISIONS:
        return replace(bid, state=_DECISIONS[event.kind], decided_at=event.at)
    return _MARKS[event.kind](bid, event.at)
