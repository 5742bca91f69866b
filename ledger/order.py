"""The one order of events: as they happened, then as they were recorded, then as they can follow."""

from __future__ import annotations

from datetime import datetime

from domain.events import Event, EventKind

_RANK = {kind: place for place, kind in enumerate(EventKind)}

Timeline = tuple[datetime, datetime, int, str]


def timeline(event: Event) -> Timeline:
    """Return the sort key of ``event``: any permutation of the same events sorts to the same order."""
    return (event.at, event.recorded_at, _RANK[event.kind], event.event_id)
