"""Bring a database to the schema this program knows: backup first, one transaction, never a newer one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, column, inspect, select, table

from domain.clock import Clock
from domain.errors import StorageError
from storage.engine import for_reading, for_writing, shown, sqlite_driver, sqlite_path, take_write_lock
from storage.errors import foreign_errors_end_here
from storage.tables import HEAD, VERSION_TABLE


@dataclass(frozen=True, slots=True)
class Schema:
    """A line of migrations: where Alembic finds them, and the revision they end at."""

    location: str
    head: str


SCHEMA = Schema("storage:migrations", HEAD)
"""The migrations shipped with this package."""


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the schema, ``None`` if there is none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision = connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()
    return None if revision is None else str(revision)


def require_head(engine: Engine) -> None:
    """Raise StorageError unless the schema is exactly the one this program knows."""
    where = shown(engine.url)
    with foreign_errors_end_here(where), for_reading(engine).begin() as connection:
        revision = revision_of(connection)
    if revision != HEAD:
        _refuse_newer(revision, SCHEMA, where)
        raise StorageError(
            f"the schema is {revision or 'missing'}, not {HEAD}", where=where, remedy="Migrate it"
        )


def upgrade(engine: Engine, clock: Clock, schema: Schema = SCHEMA) -> Path | None:
    """Migrate the database to the head of ``schema``, all or nothing; return the backup made, if any.

    Raise StorageError if the schema is unknown here, being newer, or if the file belongs to another program.
    """
    where = shown(engine.url)
    with foreign_errors_end_here(where):
        with for_reading(engine).begin() as connection:
            if revision_of(connection) == schema.head:
                return None
        with for_writing(engine).begin() as connection:
            take_write_lock(connection)
            return _upgrade_locked(connection, clock, schema, where)


def _upgrade_locked(connection: Connection, clock: Clock, schema: Schema, where: str) -> Path | None:
    revision = revision_of(connection)  # read again: another process may have migrated while we waited
    if revision == schema.head:
        return None
    _refuse_newer(revision, schema, where)
    path = sqlite_path(connection.engine.url)
    if path is not None and revision is None and inspect(connection).get_table_names():
        raise StorageError(
            "this SQLite file belongs to another program",
            where=where,
            remedy="Name another file in [storage] url",
        )
    backup = None if path is None or revision is None else back_up(path, clock)
    _run_migrations(connection, schema)
    return backup


def is_newer(revision: str | None, schema: Schema = SCHEMA) -> bool:
    """Return whether ``revision`` is one that ``schema`` does not know."""
    if revision is None or revision == schema.head:
        return False
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_config(schema))
    return revision not in {known.revision for known in script.walk_revisions()}


def _refuse_newer(revision: str | None, schema: Schema, where: str) -> None:
    if is_newer(revision, schema):
        raise StorageError(
            f"a newer bidwright wrote the database (schema {revision}, this one knows {schema.head})",
            where=where,
            remedy="Install the newer version, or restore the backup made before it (*.backup)",
        )


def _config(schema: Schema) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", schema.location)
    return config


def _run_migrations(connection: Connection, schema: Schema) -> None:
    # Imported here: only a database that is out of date has to wait for Alembic.
    from alembic import command

    config = _config(schema)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def back_up(path: Path, clock: Clock) -> Path:
    """Copy the SQLite database at ``path`` beside it, complete and consistent, and return the copy.

    SQLite's own backup is used: a plain copy would miss what still stands in the write-ahead log.
    """
    made = path.with_name(f"{path.name}.{clock().astimezone(UTC):%Y%m%dT%H%M%SZ}.backup")
    unfinished = made.with_name(f"{made.name}.part")
    driver = sqlite_driver()
    try:
        for left in path.parent.glob(f"{path.name}.*.backup.part*"):
            left.unlink()  # by an attempt that was killed
        source, target = driver.connect(str(path)), driver.connect(str(unfinished))
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
        shutil.copymode(path, unfinished)
        unfinished.replace(made)
    except (OSError, driver.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(
            f"no backup could be made, so nothing was migrated: {error}",
            where=str(made),
            remedy="Make room, or check that the folder may be written to",
        ) from error
    return made
