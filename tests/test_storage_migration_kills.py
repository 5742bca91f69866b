"""kill -9 at every point of every migration, from every schema released: the old database or the new, nothing between."""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, text

from storage.doctor import inspect as look
from storage.engine import for_writing, make_engine, parse_url
from storage.migrate import SCHEMA, _config, upgrade
from storage.tables import HEAD
from tests.fakes import NOW, FakeClock
from tests.nursery import Nursery, nurse, nursery, say
from tests.postgres import database, empty_database, postgres, store  # noqa: F401 - fixtures

RELEASED = [revision.revision for revision in ScriptDirectory.from_config(_config(SCHEMA)).walk_revisions()][
    ::-1
]
OLD = [None, *RELEASED[:-1]]  # what there may be before: nothing, or an older schema
STRIDE = int(os.environ.get("BIDWRIGHT_TESTS_MIGRATION_STRIDE", "3"))  # 1: at every point
RANDOM_KILLS = int(os.environ.get("BIDWRIGHT_TESTS_MIGRATION_KILLS", "4"))
ROWS = 30
NOTED = frozenset({"open", "os.rename", "os.chmod", "os.remove"})

T = "2026-03-02T08:00:00.000000Z"


def make(url: str, revision: str) -> None:
    """Build the schema ``revision`` at ``url``, with rows as that version wrote them."""
    engine = make_engine(parse_url(url))
    with for_writing(engine).begin() as connection:
        config = _config(SCHEMA)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for number in range(ROWS):
            connection.execute(
                text("INSERT INTO runs (run_id, started_at, summary) VALUES (:run, :at, '{}')"),
                {"run": f"r{number}", "at": T},
            )
            connection.execute(
                text(
                    "INSERT INTO source_runs (run_id, source, state, detail, started_at, finished_at, posts_read,"
                    " posts_new, posts_updated, issues) VALUES (:run, 'board', 'ok', '', :at, :at, 1, 1, 0, 0)"
                ),
                {"run": f"r{number}", "at": T},
            )
            connection.execute(
                text(
                    "INSERT INTO posts (post_id, source, channel, title, description, skills, raw, extra, first_seen,"
                    " last_seen, content_hash, text_hash, search_text)"
                    " VALUES (:id, 'board', 'board', 'T', :text, '[]', '{}', '{}', :at, :at, 'c', 't', 't')"
                ),
                {"id": f"p{number}", "text": "x" * 3000, "at": T},
            )
    engine.dispose()


def counts(url: str) -> dict[str, int]:
    engine = make_engine(parse_url(url))
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"bidwright_schema"}
        found = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names
        }
    engine.dispose()
    return found


def migrate(url: str, point: int, pause: float = 0.0) -> None:
    """Upgrade the database, and die at the given point: around a statement, before a commit or a change of files."""
    passed = 0

    def pass_by(*_unused: object) -> None:
        nonlocal passed
        passed += 1
        time.sleep(pause)
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)

    engine = make_engine(parse_url(url))
    event.listen(engine, "before_cursor_execute", pass_by)
    event.listen(engine, "after_cursor_execute", pass_by)
    event.listen(engine, "commit", pass_by)
    folder = str(Path(parse_url(url).database or "").parent)
    sys.addaudithook(
        lambda name, about: (
            pass_by() if name in NOTED and about and str(about[0]).startswith(folder) else None
        )
    )
    say("ready")
    upgrade(engine, FakeClock(NOW + timedelta(seconds=point)))
    say(f"passed {passed}")


@pytest.fixture(scope="module")
def births():
    with nursery("tests.test_storage_migration_kills") as made:
        yield made


def check(url: str, before: str | None, rows: dict[str, int]) -> str | None:
    """Assert that the database is as it was or wholly migrated; return the revision it has."""
    report = look(url)
    assert report.integrity in {"ok", None}
    assert report.revision in {before, HEAD}
    now = counts(url)
    assert {name: now.get(name) for name in rows} == rows
    if report.revision is None:
        assert now == {}
    return report.revision


def killed_everywhere(births: Nursery, url: str, before: str | None) -> int:
    """Kill the migration at its first point, a later one, … until one attempt ends; return how many kills that took."""
    rows = counts(url)
    for kills, point in enumerate(range(1, 1000, STRIDE)):
        victim = births.victim("migrate", url, point)
        said = victim.rest()
        revision = check(url, before, rows)
        if victim.status == 0:
            assert said[-1].startswith("passed ")
            assert revision == HEAD
            return kills
        assert victim.status == -signal.SIGKILL
        if revision == HEAD:  # killed after its commit: it is done, and the next attempt has nothing to do
            engine = make_engine(parse_url(url))
            assert upgrade(engine, FakeClock()) is None
            engine.dispose()
            return kills + 1
    raise AssertionError("it never ends")


@pytest.mark.slow
@pytest.mark.parametrize("before", OLD, ids=[f"from {before or 'nothing'}" for before in OLD])
def test_a_migration_killed_at_any_point_leaves_the_old_or_the_new(empty_database, births, before):
    url = empty_database.url
    if before is not None:
        make(url, before)
    kills = killed_everywhere(births, url, before)
    assert kills * STRIDE >= (20 if before else 60)  # a single new table has few points
    if empty_database.path is not None:
        left = [path.name for path in empty_database.path.parent.glob("*.part*")]
        assert left == [], "what a killed backup left is gone"


@pytest.mark.slow
@pytest.mark.parametrize("before", OLD, ids=[f"from {before or 'nothing'}" for before in OLD])
def test_a_migration_killed_at_any_moment_leaves_the_old_or_the_new(tmp_path, births, before):
    original = tmp_path / "original.db"
    if before is not None:
        make(f"sqlite:///{original}", before)
    rows = counts(f"sqlite:///{original}") if before else {}
    moments = random.Random(20260302)
    seen = set()
    for number in range(RANDOM_KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        url = f"sqlite:///{folder / 'desk.db'}"
        if before is not None:
            shutil.copy(original, folder / "desk.db")
        victim = births.victim("migrate", url, 0, 0.002)
        victim.killed_after(moments.uniform(0.0, 0.4))
        seen.add(check(url, before, rows))
        engine = make_engine(parse_url(url))
        upgrade(engine, FakeClock())
        engine.dispose()
        assert check(url, before, rows) == HEAD
    assert seen <= {before, HEAD}


if __name__ == "__main__":
    nurse(globals())
