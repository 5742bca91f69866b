"""What state a database is in, found without creating or changing anything."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, func, select
from sqlalchemy import inspect as look_at

from domain.errors import StorageError
from storage.engine import (
    for_reading,
    journal_mode_for,
    make_engine,
    parse_url,
    shown,
    sqlite_driver,
    sqlite_path,
)
from storage.errors import foreign_errors_end_here
from storage.migrate import is_newer, revision_of
from storage.tables import HEAD, metadata
from storage.types import StorageReport

_PATIENCE = 5.0  # seconds: someone is waiting for the answer


def inspect(url: str) -> StorageReport:
    """Return the state of the database at ``url``.

    A SQLite file that does not exist is reported so, not created; one that cannot be read says why in
    ``integrity``. Raise StorageError if the URL is wrong or the PostgreSQL server cannot be reached.
    """
    parsed = parse_url(url)
    path = sqlite_path(parsed)
    if path is None:
        report = StorageReport(url=shown(parsed), driver="psycopg", version="", exists=True, head=HEAD)
        return _look(parsed, report)
    report = _file_report(parsed, path)
    if not report.exists:
        return report
    try:
        return _look(parsed, report)
    except StorageError as error:
        return replace(report, integrity=error.what)


def _file_report(url: URL, path: Path) -> StorageReport:
    driver = sqlite_driver()
    exists = path.exists()
    return StorageReport(
        url=shown(url),
        driver=driver.__name__.partition(".")[0],
        version=driver.sqlite_version,
        exists=exists,
        head=HEAD,
        wanted_journal_mode=journal_mode_for(driver.sqlite_version_info),
        # The folder counts too: the journal is written beside the file.
        writable=os.access(path.parent, os.W_OK) and (not exists or os.access(path, os.W_OK)),
    )


def _look(url: URL, report: StorageReport) -> StorageReport:
    engine = make_engine(url, lock_timeout=_PATIENCE)
    find = _of_server if sqlite_path(url) is None else _of_file
    try:
        with foreign_errors_end_here(report.url), for_reading(engine).begin() as connection:
            revision, found = revision_of(connection), find(connection)
            newer = is_newer(revision)
            return replace(report, revision=revision, newer=newer, counts=_counts(connection), **found)
    finally:
        engine.dispose()


def _of_file(connection: Connection) -> dict[str, Any]:
    ask = connection.exec_driver_sql
    integrity = str(ask("PRAGMA integrity_check(1)").scalar_one())
    orphan = ask("PRAGMA foreign_key_check").first()
    if integrity == "ok" and orphan is not None:
        integrity = f"a row of {orphan[0]} refers to a missing row of {orphan[2]}"
    return {"journal_mode": ask("PRAGMA journal_mode").scalar_one(), "integrity": integrity}


def _of_server(connection: Connection) -> dict[str, Any]:
    ask = connection.exec_driver_sql
    takes_writes = ask(
        "SELECT NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off'"
    )
    return {
        "version": str(ask("SHOW server_version").scalar_one()),
        "writable": bool(takes_writes.scalar_one()),
    }


def _counts(connection: Connection) -> dict[str, int]:
    there = set(look_at(connection).get_table_names())
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
        if table.name in there
    }
