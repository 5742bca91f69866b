"""Which drafts were written for which post, and what they were when the program wrote them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from storage.sql import Sql
from storage.tables import drafts
from storage.types import DraftRecord


class Drafts:
    """The drafts of one transaction; the texts themselves are files."""

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
