"""The texts that went out with bids, as the book and the kept versions have them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bidwright.desk import Desk
from domain.clock import local_date
from domain.drafts import DraftVersion
from ledger.bids import Bid
from proposals.repeats import Sent
from proposals.settings import draft_rules


def recent_sent(desk: Desk, bids: Iterable[Bid]) -> list[Sent]:
    """Return the proposals that went out in the last days (``repeats.days``), the oldest first."""
    since = desk.clock() - timedelta(days=draft_rules().repeat_days)
    recent = [bid for bid in bids if bid.draft is not None and bid.submitted_at >= since]
    found = []
    for bid in sorted(recent, key=lambda each: (each.submitted_at, each.post_id)):
        version = sent_version(desk, bid)
        if version is not None:
            day = local_date(bid.submitted_at, desk.profile.time_zone)
            found.append(Sent(label=f"{bid.post_id}, {day}", text=version.body))
    return found


def sent_version(desk: Desk, bid: Bid) -> DraftVersion | None:
    """Return the version that went out with ``bid``, ``None`` if none did."""
    with desk.store.read() as tx:
        versions = tx.drafts.versions(bid.post_id)
    return next((each for each in versions if each.number == bid.draft), None)
