"""Which drafts were written for which post, every text they have had, and the person's notes on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from domain.drafts import DraftNote, DraftVersion, Origin
from storage.sql import Sql
from storage.tables import draft_notes, draft_versions, drafts
from storage.types import DraftRecord

_ODD = "surrogateescape"
"""How bytes of a person's file that are no UTF-8 travel in text, so that the very same bytes come back."""


class Drafts:
    """The drafts of one transaction; what the person works on are files, their past texts are kept here."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def record(
        self, post_id: str, path: str, template: str, generated_hash: str, created_at: datetime
    ) -> None:
        """Record that a draft was written to ``path``; writing it again replaces what was recorded.

        Raise StorageError if the post is not stored.
        """
        key = {"post_id": post_id, "path": path}
        rest = {"template": template, "generated_hash": generated_hash, "created_at": created_at}
        statement = self._sql.insert(drafts).on_conflict_do_update(index_elements=list(key), set_=rest)
        self._sql.write(statement, key | rest)

    def for_post(self, post_id: str) -> list[DraftRecord]:
        """Return the drafts of a post, the first written first."""
        names = (
            drafts.c.post_id,
            drafts.c.path,
            drafts.c.template,
            drafts.c.generated_hash,
            drafts.c.created_at,
        )
        statement = select(*names).where(drafts.c.post_id == post_id).order_by(drafts.c.row_number)
        return [DraftRecord(**row._mapping) for row in self._sql.rows(statement)]  # noqa: SLF001 - its documented name

    def keep(
        self,
        post_id: str,
        *,
        path: str,
        origin: Origin,
        body: str,
        body_hash: str,
        at: datetime,
        template: str | None = None,
        opener: str | None = None,
    ) -> int:
        """Keep ``body`` as the newest version of the post's draft and return its number, from 1.

        Where the newest version of that path is the same text already, nothing is added and its number
        returned; what was sent is kept as a version of its own. Raise StorageError if the post is not stored.
        """
        known = self.versions(post_id)
        last = next((each for each in reversed(known) if each.path == path), None)
        same = last is not None and (last.body_hash, last.body) == (body_hash, body)
        if last is not None and same and origin in (last.origin, Origin.GENERATED, Origin.EDITED):
            return last.number
        number = 1 + max((each.number for each in known), default=0)
        row = {
            "post_id": post_id,
            "number": number,
            "path": path,
            "origin": origin.value,
            "template": template,
            "opener": opener,
            "words": len(body.split()),
            "body_hash": body_hash,
            "body": body.encode("utf-8", _ODD),
            "at": at,
        }
        self._sql.write(insert(draft_versions), row)
        return number

    def versions(self, post_id: str) -> list[DraftVersion]:
        """Return every version of the post's drafts, the first first."""
        wanted = select(draft_versions).where(draft_versions.c.post_id == post_id)
        rows = self._sql.rows(wanted.order_by(draft_versions.c.number))
        return [
            DraftVersion(
                post_id=row.post_id,
                number=row.number,
                path=row.path,
                origin=Origin(row.origin),
                template=row.template,
                opener=row.opener,
                words=row.words,
                body_hash=row.body_hash,
                body=bytes(row.body).decode("utf-8", _ODD),
                at=row.at,
            )
            for row in rows
        ]

    def note(self, post_id: str, text: str, at: datetime) -> None:
        """Add a note on the post's draft; raise StorageError if the post is not stored."""
        self._sql.write(insert(draft_notes), {"post_id": post_id, "text": text, "at": at})

    def notes(self, post_id: str) -> list[DraftNote]:
        """Return the notes on the post's draft, the oldest first."""
        wanted = select(draft_notes).where(draft_notes.c.post_id == post_id)
        rows = self._sql.rows(wanted.order_by(draft_notes.c.row_number))
        return [DraftNote(text=row.text, at=row.at) for row in rows]
