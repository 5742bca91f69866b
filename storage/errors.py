"""Foreign exceptions end here: whatever a driver raises becomes a StorageError that says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from domain.errors import StorageError

BINDING_ERRORS = (UnicodeEncodeError, OverflowError)
"""What the drivers raise for a value they cannot pass on; SQLAlchemy lets these through as they are."""


class TransientStorageError(StorageError):
    """The connection was lost or the transaction lost a race: the whole transaction may be repeated."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What words of a driver mean to the person, and what to do."""

    words: str
    says: str
    remedy: str
    error: type[StorageError] = StorageError


# The first that matches counts. SQLite's wording is its fixed list in sqlite3ErrStr (src/main.c); PostgreSQL
# says the rest behind SQLSTATE 28P01, 28000, 3D000, 42501, 53100 and 55P03 and libpq's connection failures.
_MEANINGS = (
    _Meaning(
        r"database (table )?is locked|lock timeout",
        "another program has been writing to the database for too long",
        "Wait until it has finished, or close it, then try again",
    ),
    _Meaning(
        r"readonly database|read-only transaction|permission denied",
        "the database may not be written to",
        "Check the permissions of the database file and its folder, or of the database user",
    ),
    _Meaning(
        r"disk is full|No space left|disk I/O error|could not extend file",
        "the disk is full or failing, nothing was written",
        "Make room on the disk, then try again",
    ),
    _Meaning(
        r"unable to open database file",
        "the database file cannot be opened",
        "Check that its folder exists and may be written to",
    ),
    _Meaning(
        r"file is not a database|malformed|file is encrypted",
        "the database file is damaged or is not a database",
        "Restore the newest backup, or name another file in [storage] url",
    ),
    _Meaning(
        r"password authentication|no password supplied|role .* does not exist|database .* does not exist",
        "PostgreSQL refused the connection",
        "Check user, password and database in [storage] url",
    ),
    _Meaning(
        r"connection (failed|refused|to server|timeout)|could not (connect|translate)|failed to resolve",
        "the PostgreSQL server cannot be reached",
        "Check that it runs, and its host and port in [storage] url",
        TransientStorageError,
    ),
)
_TRANSIENT_STATES = ("08", "40001", "40P01", "57P01", "57P02", "57P03")
"""SQLSTATE (or class) of failures that a repeated transaction gets past: connection, serialisation, deadlock,
shutdown, crash, starting up. Source: PostgreSQL manual, appendix A."""


@contextmanager
def foreign_errors_end_here(where: str, *also: type[Exception]) -> Iterator[None]:
    """Turn what SQLAlchemy raises, and ``also``, into a chained StorageError naming ``where``."""
    foreign: tuple[type[Exception], ...] = (SQLAlchemyError, *also)
    try:
        yield
    except foreign as error:
        raise storage_error(error, where) from error


def storage_error(error: Exception, where: str) -> StorageError:
    """Return the StorageError that says what ``error`` means; the statement and its values are left out."""
    cause = error.orig if isinstance(error, StatementError) and error.orig is not None else error
    words = next(iter(str(cause).splitlines()), "") or type(cause).__name__
    if _is_transient(error, cause):
        return TransientStorageError(
            f"the database connection failed: {words}", where=where, remedy="Try again"
        )
    for meaning in _MEANINGS:
        if re.search(meaning.words, words):
            return meaning.error(f"{meaning.says} ({words})", where=where, remedy=meaning.remedy)
    if isinstance(cause, UnicodeEncodeError):
        words = f"text that cannot be encoded at position {cause.start}"
    return StorageError(f"the database refused: {words}", where=where)


def _is_transient(error: Exception, cause: BaseException) -> bool:
    state = getattr(cause, "sqlstate", None) or ""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or state.startswith(_TRANSIENT_STATES)
