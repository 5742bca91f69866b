"""The digest of each day, kept as it was shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select

from storage.sql import Sql
from storage.tables import digests
from storage.types import DigestRecord


class Digests:
    """The digests of one transaction, one per profile and local date."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def latest(self, profile_key: str) -> DigestRecord | None:
        """Return the digest with the latest date, or ``None``."""
        return self._one(_of(profile_key).order_by(digests.c.local_date.desc()).limit(1))

    def get(self, profile_key: str, local_date: date) -> DigestRecord | None:
        """Return the digest of ``local_date``, or ``None``."""
        return self._one(_of(profile_key).where(digests.c.local_date == local_date))

    def save(
        self, profile_key: str, local_date: date, inputs_hash: str, payload_json: str, created_at: datetime
    ) -> bool:
        """Keep a digest; return ``False``, changing nothing, if that date has one of the same inputs."""
        key = {"profile_key": profile_key, "local_date": local_date}
        rest = {"inputs_hash": inputs_hash, "payload_json": payload_json, "created_at": created_at}
        statement = self._sql.insert(digests).on_conflict_do_update(
            index_elements=list(key), set_=rest, where=digests.c.inputs_hash != inputs_hash
        )
        return self._sql.write(statement, key | rest) == 1

    def _one(self, statement: Select[Any]) -> DigestRecord | None:
        row = self._sql.first(statement)
        return None if row is None else _digest_of(row)


def _of(profile_key: str) -> Select[Any]:
    return select(digests).where(digests.c.profile_key == profile_key)


def _digest_of(row: Row[Any]) -> DigestRecord:
    return DigestRecord(**row._mapping)  # noqa: SLF001 - the documented way to read a row by name
