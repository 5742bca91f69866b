"""Engines: the version gate, what each database is set to, and what its refusals look like."""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import BidwrightError, StorageError
from storage import open_store
from storage.doctor import inspect
from storage.engine import journal_mode_for, make_engine, parse_url, set_journal_mode, sqlite_driver
from storage.errors import TransientStorageError, foreign_errors_end_here
from tests.fakes import NOW, make_post, stored
from tests.postgres import database, postgres, store  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 6, 23), "delete"),
        ((3, 40, 1), "delete"),
        ((3, 44, 5), "delete"),
        ((3, 44, 6), "wal"),
        ((3, 44, 99), "wal"),
        ((3, 45, 0), "delete"),
        ((3, 50, 6), "delete"),
        ((3, 50, 7), "wal"),
        ((3, 51, 0), "delete"),
        ((3, 51, 2), "delete"),
        ((3, 51, 3), "wal"),
        ((3, 53, 4), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_wal_only_where_the_corruption_bug_is_fixed(version, mode):
    assert journal_mode_for(version) == mode


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "not a database URL"),
        ("bidwright.db", "not a database URL"),
        ("mysql://root@host/x", "mysql databases are not supported"),
        ("sqlite://", "names no database file"),
        ("sqlite:///:memory:", "names no database file"),
        ("sqlite:///x.db?mode=ro", "names no database file"),
    ],
)
def test_a_url_of_no_use_is_refused_with_what_to_write(url, words):
    with pytest.raises(StorageError, match=words) as caught:
        open_store(url)
    assert "sqlite:///file.db" in str(caught.value)


def test_short_postgresql_urls_get_the_driver():
    assert parse_url("postgresql://me@host/desk").drivername == "postgresql+psycopg"


@pytest.mark.postgresql
def test_the_password_is_never_shown(postgres):
    with open_store(postgres.url().replace("postgres@", "postgres:hunter2@")) as opened:
        assert "hunter2" not in opened.url
        assert "***" in opened.url
    with pytest.raises(StorageError) as caught:
        open_store("postgresql+psycopg://me:hunter2@127.0.0.1:1/desk")
    assert "hunter2" not in str(caught.value)
    assert "server cannot be reached" in str(caught.value)


@pytest.mark.postgresql
def test_a_missing_postgresql_database_is_named(postgres):
    with pytest.raises(StorageError, match="refused the connection .*nowhere.* does not exist"):
        open_store(postgres.url("nowhere"))


def test_a_new_file_is_the_owners_alone(tmp_path):
    old = os.umask(0)
    try:
        open_store(f"sqlite:///{tmp_path / 'desk.db'}").close()
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "desk.db").stat().st_mode) == 0o600


def test_a_missing_folder_and_a_foreign_file_are_refused_in_words(tmp_path):
    with pytest.raises(StorageError, match="cannot be created: No such file"):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'desk.db'}")
    (tmp_path / "notes.db").write_text("Dear diary, " * 100)
    with pytest.raises(StorageError, match="damaged or is not a database"):
        open_store(f"sqlite:///{tmp_path / 'notes.db'}")
    assert (tmp_path / "notes.db").read_text() == "Dear diary, " * 100


def test_each_mode_is_what_the_file_is_in(tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    for mode in ("wal", "delete", "wal"):
        open_store(url, journal_mode=mode).close()
        assert inspect(url).journal_mode == mode
    open_store(url).close()
    assert inspect(url).journal_mode == journal_mode_for(sqlite_driver().sqlite_version_info)


def test_a_mode_kept_by_another_program_is_waited_for_then_reported(tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with open_store(url, journal_mode="wal") as opened, opened.read() as tx:
        assert tx.posts.count() == 0
        engine = make_engine(parse_url(url), lock_timeout=0.1)
        with pytest.raises(StorageError, match="too long"):
            set_journal_mode(engine, "delete", patience=0.3)
        engine.dispose()


def test_settings_of_every_sqlite_connection(tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    engine = make_engine(parse_url(url), lock_timeout=12)
    with engine.connect() as connection:
        asked = ("foreign_keys", "synchronous", "busy_timeout", "recursive_triggers")
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked] == [1, 2, 12000, 1]
    engine.dispose()


def test_a_reader_cannot_write(store):
    with pytest.raises(StorageError, match="may not be written to"), store.read() as tx:
        tx.posts.insert(stored(make_post()))
    with store.read() as tx:
        assert tx.posts.count() == 0


def test_a_reader_sees_one_moment(database):
    with database.open(lock_timeout=0.3) as opened:
        opened.run_write(lambda tx: tx.posts.insert(stored(make_post("one"))))

        def write_another():
            opened.run_write(lambda tx: tx.posts.insert(stored(make_post("two"))))

        with opened.read() as tx:
            assert tx.posts.count() == 1
            if database.journal_mode == "delete":  # there the writer has to wait for the reader
                with pytest.raises(StorageError, match="too long"):
                    write_another()
            else:
                write_another()
            assert tx.posts.count() == 1
        if database.journal_mode == "delete":
            write_another()
        with opened.read() as tx:
            assert tx.posts.count() == 2


def test_a_second_writer_waits_its_turn_and_then_gives_up(database):
    with database.open() as first, database.open(lock_timeout=0.3) as second:
        with first.write() as tx:
            tx.runs.start("r1", NOW)
            begun = time.monotonic()
            with pytest.raises(StorageError, match="another program has been writing") as caught:
                second.run_write(lambda tx: tx.runs.start("r2", NOW))
            assert 0.25 < time.monotonic() - begun < 5
        assert not isinstance(caught.value, TransientStorageError)
        assert caught.value.__cause__ is not None
        second.run_write(lambda tx: tx.runs.start("r2", NOW))
        with first.read() as tx:
            assert tx.runs.latest().run_id == "r2"


def test_a_second_writer_that_is_let_in_succeeds(database):
    with database.open() as first, database.open() as second:
        done = threading.Event()

        def write() -> None:
            second.run_write(lambda tx: tx.runs.start("second", NOW))
            done.set()

        with first.write() as tx:
            waiting = threading.Thread(target=write)
            waiting.start()
            tx.runs.start("first", NOW)
            assert not done.wait(0.3)
        waiting.join(10)
        assert done.is_set()
        with first.read() as tx:
            assert tx.runs.latest().run_id == "second"


def test_an_error_in_a_transaction_leaves_no_trace(store):
    def fails_half_way():
        with store.write() as tx:
            tx.posts.insert(stored(make_post()))
            raise KeyError("any error of the caller's")

    with pytest.raises(KeyError):
        fails_half_way()
    with store.read() as tx:
        assert tx.posts.count() == 0


def test_run_write_repeats_what_lost_its_connection_and_nothing_else(store):
    calls = []

    def lost_once(tx):
        calls.append("lost")
        tx.posts.insert(stored(make_post()))
        if len(calls) == 1:
            raise TransientStorageError("the server went away")
        return tx.posts.count()

    assert store.run_write(lost_once) == 1
    assert len(calls) == 2

    def wrong(tx):
        calls.append("wrong")
        raise StorageError("no")

    with pytest.raises(StorageError, match="no"):
        store.run_write(wrong)
    assert calls.count("wrong") == 1


def test_run_write_gives_up_after_the_last_pause(store):
    calls = []

    def always_lost(tx):
        calls.append(tx)
        raise TransientStorageError("the server went away")

    with pytest.raises(StorageError, match="went away"):
        store.run_write(always_lost, pauses=(0, 0, 0))
    assert len(calls) == 4


def test_without_pysqlite3_the_standard_driver_serves_in_its_own_safe_mode(tmp_path):
    script = f"""
import sys
sys.modules["pysqlite3"] = None
from storage import open_store
from storage.doctor import inspect
from tests.fakes import make_post, stored
url = "sqlite:///{tmp_path / "desk.db"}"
with open_store(url) as opened:
    opened.run_write(lambda tx: tx.posts.insert(stored(make_post())))
report = inspect(url)
print(report.driver, report.version, report.journal_mode, report.integrity, report.counts["posts"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    mode = journal_mode_for(sqlite3.sqlite_version_info)
    assert done.stdout.split() == ["sqlite3", sqlite3.sqlite_version, mode, "ok", "1"]


def test_an_ended_transaction_is_refused_in_our_own_words(store):
    with store.read() as tx:
        rows = tx.posts.all()
    with pytest.raises(StorageError):
        list(rows)


@pytest.mark.parametrize("bad", ["a\0b", "half \ud83d pair"])
def test_text_no_database_keeps_is_refused_by_row_and_column(store, bad):
    post = stored(make_post())
    with pytest.raises(StorageError, match=rf"row {post.post_id}: description holds a NUL or half"):
        store.run_write(lambda tx: tx.posts.insert(replace(post, post=replace(post.post, description=bad))))
    with pytest.raises(StorageError, match="title holds a NUL or half"):
        store.run_write(lambda tx: tx.posts.insert(replace(post, post=replace(post.post, title=bad))))
    with store.read() as tx:
        assert tx.posts.count() == 0


def test_half_a_pair_in_a_question_is_no_crash(store):
    with store.read() as tx, pytest.raises(StorageError, match="cannot be encoded"):
        tx.posts.search(["\ud83d"], 5)


def test_numbers_beyond_any_column_are_refused(store):
    with pytest.raises(StorageError):
        store.run_write(lambda tx: tx.posts.insert(stored(make_post(hires=2**70))))


def test_naive_times_are_refused(store):
    with pytest.raises(StorageError, match="naive datetime"):
        store.run_write(lambda tx: tx.runs.start("r1", NOW.replace(tzinfo=None)))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("database is locked", "too long"),
        ("attempt to write a readonly database", "may not be written"),
        ("database or disk is full", "disk is full or failing"),
        ("disk I/O error", "disk is full or failing"),
        ("database disk image is malformed", "Restore the newest backup"),
        ("unable to open database file", "folder exists"),
        ("something new", "the database refused: something new"),
    ],
)
def test_what_the_driver_says_becomes_what_to_do(message, words):
    from sqlalchemy.exc import OperationalError

    with pytest.raises(BidwrightError, match=words) as caught, foreign_errors_end_here("desk.db"):
        raise OperationalError("SELECT secret", {"secret": "text"}, sqlite3.OperationalError(message))
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_doctor_creates_nothing_and_says_what_it_sees(tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    before = inspect(url)
    assert (before.exists, before.revision, before.integrity, before.writable) == (False, None, None, True)
    assert list(tmp_path.iterdir()) == []
    with open_store(url) as opened:
        opened.run_write(lambda tx: tx.posts.insert(stored(make_post())))
    files = sorted(path.name for path in tmp_path.iterdir())
    report = inspect(url)
    assert sorted(path.name for path in tmp_path.iterdir()) == files
    assert (report.exists, report.revision, report.integrity) == (True, report.head, "ok")
    assert (report.counts["posts"], report.counts["events"]) == (1, 0)
    assert report.version == sqlite_driver().sqlite_version
    assert report.journal_mode == report.wanted_journal_mode


def test_doctor_reports_damage_and_orphans(tmp_path):
    path = tmp_path / "desk.db"
    url = f"sqlite:///{path}"
    open_store(url, journal_mode="delete").close()
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO drafts VALUES (1, 'pgone', 'x.md', 't', 'h', '2026-01-01T00:00:00.000000Z')")
    raw.close()
    assert inspect(url).integrity == "a row of drafts refers to a missing row of posts"
    path.write_bytes(b"not SQLite at all" * 100)
    assert "damaged or is not a database" in inspect(url).integrity


@pytest.mark.postgresql
def test_doctor_on_postgresql(postgres):
    postgres.sql("CREATE DATABASE doctor")
    before = inspect(postgres.url("doctor"))
    assert (before.exists, before.revision, before.counts, before.writable) == (True, None, {}, True)
    open_store(postgres.url("doctor")).close()
    after = inspect(postgres.url("doctor"))
    assert (after.driver, after.revision, after.journal_mode) == ("psycopg", after.head, None)
    assert after.version.split(".")[0].isdigit()
    assert after.counts["posts"] == 0
