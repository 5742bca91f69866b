"""Engines: SQLite by default, PostgreSQL by URL, each set up so that no write is lost."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from domain.errors import StorageError
from storage.errors import foreign_errors_end_here, storage_error

JournalMode = Literal["wal", "delete"]
LOCK_TIMEOUT = 60.0
"""Seconds a transaction waits for another writer: twice what the longest of them is known to take."""

_BEGIN = "sqlite_begin"
_WRITERS_LOCK = 0x62696477
"""Key of the PostgreSQL advisory lock that lets one writer in at a time: the letters "bidw"."""


def journal_mode_for(version: tuple[int, ...]) -> JournalMode:
    """Return the journal mode that is safe on SQLite ``version``.

    WAL with two connections can corrupt the file before 3.51.3; 3.50.7 and 3.44.6 carry the fix too.
    Source: https://sqlite.org/wal.html#walresetbug
    """
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "wal" if fixed else "delete"


def sqlite_driver() -> Any:
    """Return the SQLite driver module: pysqlite3, which brings a fixed library, or the standard one."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2


def parse_url(url: str) -> URL:
    """Return ``url`` parsed; raise StorageError unless it names a SQLite file or a PostgreSQL server."""
    remedy = "Write sqlite:///file.db or postgresql+psycopg://user@host/database"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StorageError("[storage] url is not a database URL", remedy=remedy) from error
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise StorageError(
            f"{parsed.drivername} databases are not supported", where=shown(parsed), remedy=remedy
        )
    if parsed.database in {None, "", ":memory:"} or parsed.query:
        raise StorageError("the URL names no database file", where=shown(parsed), remedy=remedy)
    return parsed


def shown(url: URL) -> str:
    """Return ``url`` fit for the screen: without its password."""
    return url.render_as_string(hide_password=True)


def sqlite_path(url: URL) -> Path | None:
    """Return the file a SQLite ``url`` names, ``None`` for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def make_engine(url: URL, *, lock_timeout: float = LOCK_TIMEOUT) -> Engine:
    """Return an engine for ``url`` that has not connected yet; ``lock_timeout`` is in seconds."""
    if sqlite_path(url) is not None:
        return _sqlite_engine(url, lock_timeout)
    engine = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "application_name": "bidwright"},
    )
    settings = f"SET TIME ZONE 'UTC'; SET lock_timeout = {int(lock_timeout * 1000)}"
    event.listen(engine, "connect", _on_connect([settings], commit=True))
    return engine


def _sqlite_engine(url: URL, lock_timeout: float) -> Engine:
    engine = create_engine(
        url, module=sqlite_driver(), hide_parameters=True, connect_args={"timeout": lock_timeout}
    )
    # recursive_triggers: without it INSERT OR REPLACE deletes rows behind the triggers that guard the events.
    pragmas = ["PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL", "PRAGMA recursive_triggers = ON"]
    event.listen(engine, "connect", _on_connect(pragmas, autocommit=True))
    event.listen(engine, "begin", _begin)
    return engine


def _on_connect(
    statements: list[str], *, autocommit: bool = False, commit: bool = False
) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _record: Any) -> None:
        if autocommit:
            # The driver's own BEGIN is deferred and comes late, which loses updates: :func:`_begin` instead.
            connection.isolation_level = None
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        if commit:
            connection.commit()

    return prepare


def _begin(connection: Connection) -> None:
    begin = connection.get_execution_options().get(_BEGIN, "BEGIN")
    # One that began as a reader must never turn writer: it would fail, or build on what is no longer true.
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if begin == 'BEGIN' else 'OFF'}")
    connection.exec_driver_sql(begin)


def for_reading(engine: Engine) -> Engine:
    """Return ``engine`` with transactions that read one unmoving snapshot and may not write."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_BEGIN: "BEGIN"})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def for_writing(engine: Engine) -> Engine:
    """Return ``engine`` with transactions that take the write lock first: what they read stays true."""
    return engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})


def take_write_lock(connection: Connection) -> None:
    """Wait on PostgreSQL until no other writer of ours is at work; SQLite's BEGIN IMMEDIATE has done so.

    One writer at a time gives both databases the same guarantee (read, decide, write: nothing is lost), and
    no transaction has to be repeated because it lost a race.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def create_private_file(path: Path) -> None:
    """Create ``path`` readable by its owner alone, unless it exists: the books are nobody else's business."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StorageError(
            f"the database file cannot be created: {error.strerror}",
            where=str(path),
            remedy="Check that its folder exists and may be written to",
        ) from error


def set_journal_mode(
    engine: Engine, mode: JournalMode | None = None, *, patience: float = LOCK_TIMEOUT
) -> None:
    """Put a SQLite file into ``mode`` (``None``: the one that is safe on this library) unless it is already.

    Raise StorageError if others keep the file in the other mode for ``patience`` seconds.
    """
    driver = sqlite_driver()
    wanted = mode or journal_mode_for(driver.sqlite_version_info)
    where, deadline = shown(engine.url), time.monotonic() + patience
    with foreign_errors_end_here(where), engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        while True:
            try:
                if raw.execute("PRAGMA journal_mode").fetchone()[0] == wanted:
                    return
                raw.execute(f"PRAGMA journal_mode = {wanted}")
            except driver.Error as error:
                # SQLite does not wait here by itself: the change needs the file to be nobody else's.
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise storage_error(error, where) from error
                time.sleep(0.05)
