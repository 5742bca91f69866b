"""The open store: transactions that hold the repositories, repeated when the connection was lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Engine

from domain.clock import Clock, utc_now
from domain.errors import StorageError
from storage.digests import Digests
from storage.drafts import Drafts
from storage.duplicates import Duplicates
from storage.engine import (
    LOCK_TIMEOUT,
    JournalMode,
    create_private_file,
    for_reading,
    for_writing,
    make_engine,
    parse_url,
    set_journal_mode,
    shown,
    sqlite_path,
    take_write_lock,
)
from storage.errors import TransientStorageError, foreign_errors_end_here
from storage.events import Events
from storage.migrate import require_head, upgrade
from storage.posts import Posts
from storage.preferences import Preferences
from storage.runs import Runs
from storage.sql import Sql
from storage.vectors import Vectors

T = TypeVar("T")
PAUSES = (0.2, 1.0, 3.0)
"""Seconds before each repetition of a transaction: together they outlast the restart of a server."""


class Transaction:
    """One transaction's repositories; none may be used after the transaction has ended."""

    def __init__(self, sql: Sql, clock: Clock) -> None:
        self.duplicates = Duplicates(sql)
        self.posts = Posts(sql, self.duplicates, clock)
        self.vectors = Vectors(sql)
        self.runs = Runs(sql)
        self.events = Events(sql)
        self.digests = Digests(sql)
        self.drafts = Drafts(sql)
        self.preferences = Preferences(sql)


class Store:
    """An open database. Use :func:`open_store`; close it, or leave it to ``with``."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.url = shown(engine.url)
        """Where the store is, without the password."""
        self._engine = engine
        self._clock = clock

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Yield a transaction that sees the store as it is at its first look, and may not write.

        Let it end before writing: under SQLite's rollback journal a writer waits for its readers.
        """
        with foreign_errors_end_here(self.url), for_reading(self._engine).begin() as connection:
            yield Transaction(Sql(connection, self.url), self._clock)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Yield a transaction that is the only writer; it commits at the end, or leaves no trace on an error.

        Keep it short: fetch and embed outside. Raise StorageError if another writer does not end in time.
        """
        with foreign_errors_end_here(self.url), for_writing(self._engine).begin() as connection:
            take_write_lock(connection)
            yield Transaction(Sql(connection, self.url), self._clock)

    def run_write(self, work: Callable[[Transaction], T], *, pauses: Sequence[float] = PAUSES) -> T:
        """Return ``work(transaction)`` committed, repeating all of it when the connection was lost.

        ``work`` must decide its keys beforehand: a commit whose answer got lost may have happened.
        ``pauses`` are the seconds before each repetition; after the last, the error is raised.
        """
        for pause in pauses:
            try:
                return self._write_once(work)
            except TransientStorageError:
                time.sleep(pause)
        return self._write_once(work)

    def _write_once(self, work: Callable[[Transaction], T]) -> T:
        with self.write() as transaction:
            return work(transaction)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(
    url: str,
    *,
    migrate: bool = True,
    clock: Clock = utc_now,
    journal_mode: JournalMode | None = None,
    lock_timeout: float = LOCK_TIMEOUT,
) -> Store:
    """Return the store at ``url`` (``sqlite:///file.db`` or ``postgresql+psycopg://…``).

    A missing SQLite file is created, readable by its owner alone. With ``migrate`` the schema is brought up
    to date, after a backup of an existing SQLite file; without, an old schema is refused. ``journal_mode``
    replaces the mode that is safe on this SQLite (``delete`` on a network drive). ``lock_timeout`` is in
    seconds. Raise StorageError if the database cannot be used.
    """
    parsed = parse_url(url)
    path = sqlite_path(parsed)
    if path is not None and migrate:
        create_private_file(path)
    elif path is not None and not path.exists():
        raise StorageError("there is no database yet", where=shown(parsed), remedy="Run: bidwright run")
    engine = make_engine(parsed, lock_timeout=lock_timeout)
    try:
        if path is not None:
            set_journal_mode(engine, journal_mode, patience=lock_timeout)
        if migrate:
            upgrade(engine, clock)
        else:
            require_head(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, clock)
