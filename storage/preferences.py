"""What a person likes and dislikes, append-only: the last word on a post is in force, the others stay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select

from domain.preferences import Opinion
from storage.post_rows import dump
from storage.sql import Sql
from storage.tables import preferences
from storage.types import PreferenceRecord


class Preferences:
    """The preferences of one transaction."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def record(self, post_id: str, opinion: Opinion, because: Sequence[str], at: datetime) -> bool:
        """Record an opinion on a post; return ``False``, changing nothing, if it is in force word for word.

        Raise StorageError if the post is not stored.
        """
        known = self.of(post_id)
        if known is not None and (known.opinion, known.because) == (opinion, tuple(because)):
            return False
        self._append(post_id, opinion, because, at)
        return True

    def take_back(self, post_id: str, at: datetime) -> PreferenceRecord | None:
        """Take back the opinion in force on a post and return it; ``None`` if there is none."""
        known = self.of(post_id)
        if known is not None:
            self._append(post_id, None, (), at)
        return known

    def _append(self, post_id: str, opinion: Opinion | None, because: Sequence[str], at: datetime) -> None:
        row = {"post_id": post_id, "opinion": opinion and opinion.value, "because": dump(list(because))}
        self._sql.write(insert(preferences), row | {"at": at})

    def of(self, post_id: str) -> PreferenceRecord | None:
        """Return the opinion in force on one post."""
        return next((each for each in self.all() if each.post_id == post_id), None)

    def all(self) -> list[PreferenceRecord]:
        """Return every opinion in force, the oldest first."""
        last = select(func.max(preferences.c.row_number)).group_by(preferences.c.post_id)
        wanted = select(preferences).where(
            preferences.c.row_number.in_(last), preferences.c.opinion.is_not(None)
        )
        return [
            PreferenceRecord(
                post_id=row.post_id,
                opinion=Opinion(row.opinion),
                because=tuple(json.loads(row.because)),
                at=row.at,
            )
            for row in self._sql.rows(wanted.order_by(preferences.c.row_number))
        ]
