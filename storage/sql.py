"""The one way repositories reach the database: statements in, rows out, no foreign exception."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import Executable

from domain.errors import StorageError
from storage.errors import BINDING_ERRORS, foreign_errors_end_here

CHUNK = 500
"""Rows or keys per statement: below SQLite's 32,766 variables and PostgreSQL's 65,535 with all columns."""

_COUNTED = {"preserve_rowcount": True}  # without it an INSERT on PostgreSQL does not say whether it inserted

Values = Mapping[str, Any]
T = TypeVar("T")


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield ``items`` in lists of at most ``size``."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


class Sql:
    """An open transaction as repositories see it."""

    def __init__(self, connection: Connection, where: str) -> None:
        self._connection = connection
        self._where = where

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that knows ON CONFLICT in the dialect of the database."""
        if self._connection.dialect.name == "sqlite":
            return sqlite.insert(table)
        return postgresql.insert(table)

    def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """Return every row of ``statement``."""
        with self._guarded():
            return self._connection.execute(statement).all()

    def first(self, statement: Executable) -> Row[Any] | None:
        """Return the first row of ``statement``, or ``None``."""
        with self._guarded():
            return self._connection.execute(statement).first()

    def number(self, statement: Executable) -> int:
        """Return the single number ``statement`` asks for."""
        with self._guarded():
            return int(self._connection.execute(statement).scalar_one())

    def stream(self, statement: Executable) -> Iterator[Row[Any]]:
        """Yield the rows of ``statement`` a chunk at a time, without holding them all."""
        # Closed even when the reader stops half way: an open cursor would hold a lock on SQLite.
        with (
            self._guarded(),
            self._connection.execute(statement, execution_options={"yield_per": CHUNK}) as result,
        ):
            yield from result

    def write(self, statement: Executable, rows: Sequence[Values] | Values) -> int:
        """Execute ``statement`` with each of ``rows``; return the number of rows it touched.

        Raise StorageError naming row and column if a row holds text that not both databases can keep.
        """
        for row in [rows] if isinstance(rows, Mapping) else rows:
            self._refuse_unstorable(row)
        with self._guarded():
            return self._connection.execute(statement, rows, execution_options=_COUNTED).rowcount

    def _guarded(self) -> AbstractContextManager[None]:
        return foreign_errors_end_here(self._where, *BINDING_ERRORS)

    def _refuse_unstorable(self, row: Values) -> None:
        for column, value in row.items():
            if isinstance(value, str) and not _storable(value):
                name = next(iter(row.values()))
                raise StorageError(
                    f"{column} holds a NUL or half a surrogate pair", where=f"{self._where}: row {name}"
                )


def _storable(text: str) -> bool:
    """Return whether both databases keep ``text``: PostgreSQL refuses NUL, both drivers lone surrogates."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
