"""What happened, append-only: no way to change or delete an event here, nor past the triggers below."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, select

from domain.errors import StorageError
from domain.events import Event, EventKind
from storage.post_rows import dump
from storage.sql import Sql
from storage.tables import events


class Events:
    """The events of one transaction, always in the order they were recorded."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def append(self, event: Event) -> bool:
        """Record ``event``; return ``False``, changing nothing, if the same was recorded before.

        ``recorded_at`` does not count: being told the same thing later is still being told the same thing.
        Raise StorageError if the id stands for something else, or if ``data`` holds more than texts and
        whole numbers.
        """
        row = _row_of(event)
        known = self._sql.first(select(events).where(events.c.event_id == event.event_id))
        if known is None:
            self._sql.write(insert(events), row)
            return True
        if replace(_event_of(known), recorded_at=event.recorded_at) != event:
            raise StorageError(
                "this id was recorded with other content",
                where=f"event {event.event_id}",
                remedy="Record a correction under an id of its own",
            )
        return False

    def append_many(self, new: Iterable[Event]) -> int:
        """Record events in order as :meth:`append` does; return how many were new."""
        return sum(self.append(event) for event in new)

    def all(self, as_of_recorded: datetime | None = None) -> Iterator[Event]:
        """Yield every event, or those we knew at ``as_of_recorded``, in the order they were recorded."""
        statement = select(events)
        if as_of_recorded is not None:
            statement = statement.where(events.c.recorded_at <= as_of_recorded)
        return self._events(statement)

    def for_subject(self, subject: str) -> list[Event]:
        """Return the events about one post or contract."""
        return list(self._events(select(events).where(events.c.subject == subject)))

    def _events(self, statement: Select[Any]) -> Iterator[Event]:
        for row in self._sql.stream(statement.order_by(events.c.row_number)):
            yield _event_of(row)


def _row_of(event: Event) -> dict[str, Any]:
    for name, value in event.data.items():
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise StorageError(
                f"{name} is neither a text nor a whole number: {value!r}",
                where=f"event {event.event_id}",
                remedy="Write amounts as whole minor units",
            )
    return {**asdict(event), "kind": event.kind.value, "data": dump(dict(event.data))}


def _event_of(row: Row[Any]) -> Event:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to read a row by name
    del values["row_number"]
    try:
        return Event(**values | {"kind": EventKind(row.kind), "data": json.loads(row.data)})
    except ValueError as error:
        raise StorageError(
            f"the stored event cannot be read: {error}",
            where=f"event {row.event_id}",
            remedy="It was recorded by a newer bidwright: install that one",
        ) from error
