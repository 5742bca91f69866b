"""Migrations: backup first, all or nothing, never a newer schema; what they build is what the tables say."""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event

from domain.errors import StorageError
from storage import open_store
from storage.doctor import inspect
from storage.engine import make_engine, parse_url
from storage.migrate import SCHEMA, Schema, back_up, upgrade
from storage.tables import HEAD, VERSION_TABLE, metadata
from tests.fakes import FakeClock, make_post, stored
from tests.postgres import database, empty_database, postgres, store  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

SHIPPED = Path(open_store.__code__.co_filename).parent / "migrations"
NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0005", "0004"
def upgrade():
    op.add_column("posts", sa.Column("mood", sa.Text))
    op.create_table("moods", sa.Column("name", sa.Text, primary_key=True))
    op.execute("INSERT INTO moods VALUES ('merry')")
    op.execute("UPDATE posts SET mood = 'merry'")
"""


@pytest.fixture
def newer(tmp_path) -> Schema:
    """The migrations of a version to come."""
    folder = shutil.copytree(SHIPPED, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "v0005_moods.py").write_text(NEXT)
    return Schema(str(folder), "0005")


def migrate(database, schema, clock=FakeClock()):  # noqa: B008 - it stands still
    engine = make_engine(parse_url(database.url))
    try:
        return upgrade(engine, clock, schema)
    finally:
        engine.dispose()


def test_the_head_is_the_last_shipped_revision():
    config = Config()
    config.set_main_option("script_location", SCHEMA.location)
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [HEAD]
    assert len(list(script.walk_revisions())) == len(list((SHIPPED / "versions").glob("v*.py")))


def test_migrations_build_what_the_tables_say(store, database):
    with database.raw() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_a_difference_between_tables_and_migrations_is_noticed(store, database):
    with database.raw() as connection:
        connection.exec_driver_sql("ALTER TABLE drafts ADD COLUMN mood TEXT")
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert [difference[0] for difference in compare_metadata(context, metadata)] == ["remove_column"]


def test_opening_again_changes_nothing(database):
    with database.open() as opened:
        opened.run_write(lambda tx: tx.posts.insert(stored(make_post())))
    before = database.path and database.path.read_bytes()
    with database.open() as opened, opened.read() as tx:
        assert tx.posts.count() == 1
    assert (database.path and database.path.read_bytes()) == before


def test_upgrading_keeps_the_rows_and_a_backup_of_the_file_before(database, newer):
    post = stored(make_post())
    with database.open() as opened:
        opened.run_write(lambda tx: tx.posts.insert(post))
    backup = migrate(database, newer)
    with database.raw() as connection:
        ask = connection.exec_driver_sql
        assert ask(f"SELECT version_num FROM {VERSION_TABLE}").scalar() == "0005"
        assert ask("SELECT post_id, mood FROM posts").one() == (post.post_id, "merry")
    assert migrate(database, newer) is None
    if database.path is None:
        assert backup is None
        return
    assert backup == database.path.with_name("bidwright.db.20260302T080000Z.backup")
    assert backup.stat().st_mode == database.path.stat().st_mode
    assert [path.name for path in database.path.parent.glob("*.backup*")] == [backup.name]
    with open_store(f"sqlite:///{backup}") as old, old.read() as tx:
        assert tx.posts.get(post.post_id) == post


def test_a_newer_database_is_refused_with_the_remedy_and_untouched(database, newer):
    database.open().close()
    migrate(database, newer)
    for migrating in (True, False):
        with pytest.raises(
            StorageError, match=r"newer bidwright wrote the database \(schema 0005, this one knows 0004\)"
        ) as caught:
            open_store(database.url, migrate=migrating, journal_mode=database.journal_mode)
        assert "Install the newer version" in str(caught.value)
    assert (inspect(database.url).revision, inspect(database.url).newer) == ("0005", True)


def test_an_old_schema_is_refused_unless_it_may_be_migrated(postgres, tmp_path):
    with pytest.raises(StorageError, match="no database yet"):
        open_store(f"sqlite:///{tmp_path / 'none.db'}", migrate=False)
    assert list(tmp_path.iterdir()) == []
    postgres.sql("CREATE DATABASE empty")
    with pytest.raises(StorageError, match="schema is missing, not 0004"):
        open_store(postgres.url("empty"), migrate=False)
    open_store(postgres.url("empty")).close()
    open_store(postgres.url("empty"), migrate=False).close()


def test_another_programs_file_is_left_alone(tmp_path):
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE photos (name TEXT)")
    raw.close()
    with pytest.raises(StorageError, match="belongs to another program"):
        open_store(f"sqlite:///{path}", journal_mode="delete")
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]
    raw.close()


def test_a_backup_holds_what_still_stands_in_the_log(tmp_path):
    path = tmp_path / "desk.db"
    with open_store(f"sqlite:///{path}", journal_mode="wal") as opened:
        opened.run_write(lambda tx: tx.posts.insert(stored(make_post())))
        assert path.with_name("desk.db-wal").stat().st_size > 0
        backup = back_up(path, FakeClock())
    with open_store(f"sqlite:///{backup}", journal_mode="delete") as copy, copy.read() as tx:
        assert tx.posts.count() == 1


def test_without_room_for_a_backup_nothing_is_migrated(database, newer):
    database.open().close()
    if database.path is None:
        assert migrate(database, newer) is None
        return
    blocked = database.path.with_name("bidwright.db.20260302T080000Z.backup")
    blocked.mkdir()
    with pytest.raises(StorageError, match="no backup could be made, so nothing was migrated"):
        migrate(database, newer)
    assert inspect(database.url).revision == HEAD
    assert list(database.path.parent.glob("*.part")) == []


class PowerCut(Exception):  # noqa: N818 - not an error of the program's
    pass


def failing_at(engine, number):
    count = 0

    def fail(*_):
        nonlocal count
        count += 1
        if count == number:
            raise PowerCut

    event.listen(engine, "before_cursor_execute", fail)


def interrupt_everywhere(database, schema, before: tuple[str | None, int | None]) -> None:
    """Fail at the first statement, the second, … until one attempt runs clean; look at every wreck."""
    for number in range(1, 500):
        engine = make_engine(parse_url(database.url))
        failing_at(engine, number)
        try:
            upgrade(engine, FakeClock(), schema)
        except PowerCut:
            report = inspect(database.url)
            assert (report.revision, report.counts.get("posts")) == before
        else:
            break
        finally:
            engine.dispose()
    assert number > 5
    assert inspect(database.url).revision == schema.head


def test_a_first_migration_interrupted_at_any_statement_leaves_nothing(empty_database):
    interrupt_everywhere(empty_database, SCHEMA, (None, None))


def test_an_upgrade_interrupted_at_any_statement_leaves_old_or_new(database, newer):
    with database.open() as opened:
        opened.run_write(lambda tx: tx.posts.insert(stored(make_post())))
    interrupt_everywhere(database, newer, (HEAD, 1))
    with database.raw() as connection:
        assert connection.exec_driver_sql("SELECT mood FROM posts").scalar_one() == "merry"


def _open(url: str, mode: str | None) -> None:
    with open_store(url, journal_mode=mode) as opened:
        opened.run_write(lambda tx: tx.posts.insert(stored(make_post())))


@pytest.mark.slow
def test_processes_that_open_a_new_database_at_once_migrate_it_once(empty_database):
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_open, args=(empty_database.url, empty_database.journal_mode))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert inspect(empty_database.url).counts["posts"] == 1
