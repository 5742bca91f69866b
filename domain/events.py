"""What happened, append-only: bids, contracts, escrow, feedback. A correction is a new event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """Everything the book records."""

    BID_SUBMITTED = "bid.submitted"
    BID_VIEWED = "bid.viewed"
    BID_REPLIED = "bid.replied"
    BID_INTERVIEW = "bid.interview"
    BID_FOLLOWED_UP = "bid.followed_up"
    BID_WON = "bid.won"
    BID_LOST = "bid.lost"
    BID_WITHDRAWN = "bid.withdrawn"
    CONTRACT_OPENED = "contract.opened"
    CONTRACT_ENDED = "contract.ended"
    MILESTONE_FUNDED = "milestone.funded"
    MILESTONE_SUBMITTED = "milestone.submitted"
    MILESTONE_CHANGES_REQUESTED = "milestone.changes_requested"
    MILESTONE_RELEASED = "milestone.released"
    MILESTONE_REFUNDED = "milestone.refunded"
    FEEDBACK_RECEIVED = "feedback.received"
    CORRECTED = "corrected"  # takes back the event named in ``corrects``


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact.

    ``event_id`` is decided by whoever records it, so that recording the same thing twice adds nothing.
    ``at`` is when it happened and ``recorded_at`` when we knew, both aware UTC. ``subject`` is what it is
    about: a post id for a bid, a contract id for the rest. ``data`` holds plain values; money stands there
    as ``{name}_minor`` (integer minor units) beside ``currency``.
    """

    event_id: str
    kind: EventKind
    at: datetime
    recorded_at: datetime
    subject: str
    data: Mapping[str, str | int] = field(default_factory=dict)
    corrects: str | None = None
