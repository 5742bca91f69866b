"""What must survive: kill -9, writers at once, a full disk, a server that restarts.

Run as a program this file is the victim: it writes to the database it is given and says what it has been promised.
"""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from domain.errors import StorageError
from domain.events import Event, EventKind
from storage import open_store
from storage.doctor import inspect
from storage.engine import sqlite_driver
from tests.fakes import NOW, make_post, stored
from tests.nursery import nurse, nursery, say
from tests.postgres import database, postgres, store, temporary_postgres  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[1]
KILLS = int(os.environ.get("BIDWRIGHT_TESTS_STORE_KILLS", "20"))
DISK_STEPS = int(os.environ.get("BIDWRIGHT_TESTS_DISK_STEPS", "8"))
RESTARTS = int(os.environ.get("BIDWRIGHT_TESTS_RESTARTS", "6"))
LOCK_SECONDS = float(os.environ.get("BIDWRIGHT_TESTS_LOCK_SECONDS", "2"))
DAY = date(2026, 3, 2)


def bid_on(number: str, post_id: str) -> Event:
    return Event(
        event_id=f"e-{number}", kind=EventKind.BID_SUBMITTED, at=NOW, recorded_at=NOW, subject=post_id,
        data={"amount_minor": 1, "currency": "USD"},
    )  # fmt: skip


def write_for_ever(url: str, mode: str, name: str, length: int = 3000) -> None:
    """Store post after post, each with a bid, an update and its history; acknowledge each after its commit."""
    with open_store(url, journal_mode=mode) as opened:
        for number in range(1_000_000):
            made = stored(make_post(f"{name} {number}", description="x" * length))

            def work(tx, made=made, number=number):
                tx.posts.insert(made)
                tx.events.append(bid_on(f"{name}-{number}", made.post_id))
                tx.posts.update(replace(made, post=replace(made.post, pay=None)))

            opened.run_write(work)
            say(made.post_id)
            if number == 0:
                say("ready")


def count_up(url: str, mode: str, times: str) -> None:
    """Read a number, add one, write it back."""
    with open_store(url, journal_mode=mode or None) as opened:

        def work(tx):
            number = int(tx.digests.get("counter", DAY).payload_json) + 1
            tx.digests.save("counter", DAY, str(number), str(number), NOW)

        for _ in range(int(times)):
            opened.run_write(work)


def fill_up(url: str, mode: str, kilobytes: int) -> None:
    """Write until no file may grow any more."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024,) * 2)
    try:
        write_for_ever(url, mode, "full", length=20_000)
    except StorageError as error:
        say(f"refused: {error}")


def victim(work: str, *arguments: str, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.test_storage_crash", work, *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def check_nothing_lost_or_doubled(url: str, acknowledged: list[str]) -> None:
    report = inspect(url)
    assert report.integrity in {"ok", None}
    with open_store(url, migrate=False, journal_mode=report.journal_mode) as opened, opened.read() as tx:
        posts = {post.post_id for post in tx.posts.all()}
        events = [event.subject for event in tx.events.all()]
        assert set(acknowledged) <= posts
        assert sorted(events) == sorted(posts), "every post has its one bid, every bid its post"
        assert report.counts["post_history"] == len(posts)
        assert all(post.post.pay is None for post in tx.posts.all())


@pytest.fixture(scope="module")
def births():
    with nursery("tests.test_storage_crash") as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path, births, mode):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    moments = random.Random(20260302)
    acknowledged: list[str] = []
    for kill in range(KILLS // 2):
        child = births.victim("write_for_ever", url, mode, str(kill))
        acknowledged += child.killed_after(moments.uniform(0.005, 0.15))
        assert child.status == -signal.SIGKILL
        check_nothing_lost_or_doubled(url, acknowledged)
    assert len(acknowledged) > KILLS


@pytest.mark.slow
def test_read_modify_write_from_four_processes_loses_nothing(database):
    with database.open() as opened:
        opened.run_write(lambda tx: tx.digests.save("counter", DAY, "0", "0", NOW))
        mode = database.journal_mode or ""
        children = [victim("count_up", database.url, mode, "200") for _ in range(4)]
        assert [child.communicate(timeout=120)[0] for child in children] == [""] * 4
        assert [child.returncode for child in children] == [0] * 4
        with opened.read() as tx:
            assert tx.digests.get("counter", DAY).payload_json == "800"


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_full_disk_is_said_and_leaves_the_file_whole(tmp_path, births, mode):
    """At every so many kilobytes up to 4 MB, from before the tables fit in."""
    empty = tmp_path / "empty.db"
    open_store(f"sqlite:///{empty}", journal_mode="delete").close()
    for step in range(1, DISK_STEPS + 1):
        kilobytes = step * 4096 // DISK_STEPS
        path = tmp_path / f"{kilobytes}.db"
        path.write_bytes(empty.read_bytes())
        url = f"sqlite:///{path}"
        child = births.victim("fill_up", url, mode, kilobytes)
        *acknowledged, last = [line for line in child.rest() if line != "ready"]
        assert child.status == 0
        assert "the disk is full or failing, nothing was written" in last
        assert "Make room on the disk" in last
        check_nothing_lost_or_doubled(url, acknowledged)
        with open_store(url, journal_mode=mode) as opened:  # room again: it goes on
            opened.run_write(lambda tx: tx.posts.insert(stored(make_post("after"))))


def wait_for_more(acknowledged: list[str], number: int) -> None:
    """Wait until so many more writes were acknowledged, however slow the machine is."""
    wanted, deadline = len(acknowledged) + number, time.monotonic() + 60
    while len(acknowledged) < wanted:
        assert time.monotonic() < deadline, "the writer has stopped"
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_postgresql_that_crashes_and_restarts_loses_and_doubles_nothing(postgres):
    """A server of its own, since the others' must not go down."""
    acknowledged: list[str] = []
    stop = threading.Event()
    with temporary_postgres() as server, open_store(server.url()) as opened:

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                made = stored(make_post(f"post {number}"))

                def work(tx, made=made, number=number):
                    tx.posts.insert(made)
                    tx.events.append(bid_on(str(number), made.post_id))
                    tx.posts.update(replace(made, post=replace(made.post, pay=None)))

                opened.run_write(work)
                acknowledged.append(made.post_id)

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(RESTARTS):
            wait_for_more(acknowledged, 20)
            server.stop()
            server.start()
        wait_for_more(acknowledged, 20)
        stop.set()
        writer.join(30)
        assert not writer.is_alive()
        assert len(acknowledged) >= (RESTARTS + 1) * 20
        check_nothing_lost_or_doubled(server.url(), acknowledged)


def hold(url: str, seconds: float) -> None:
    """Be another program that has begun to write, and takes its time."""
    with sqlite_driver().connect(url.removeprefix("sqlite:///"), isolation_level=None) as raw:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(
            "INSERT INTO runs (run_id, started_at, summary) VALUES ('x', '2026-01-01T00:00:00.000000Z', '{}')"
        )
        say("ready")
        time.sleep(seconds)
        raw.execute("ROLLBACK")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_page_is_read_and_a_writer_waits_while_another_program_writes_for_long(tmp_path, births, mode):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with open_store(url, journal_mode=mode) as opened, open_store(url, journal_mode=mode) as page:
        opened.run_write(lambda tx: tx.posts.insert(stored(make_post("there"))))
        child = births.victim("hold", url, LOCK_SECONDS)
        assert child.line() == "ready"
        begun = time.monotonic()
        written: list[float] = []

        def write() -> None:
            opened.run_write(lambda tx: tx.posts.insert(stored(make_post("late"))))
            written.append(time.monotonic() - begun)

        writer = threading.Thread(target=write)
        writer.start()
        taken = []
        while time.monotonic() < begun + LOCK_SECONDS * 0.9:
            looked = time.monotonic()
            with page.read() as reading:
                assert [post.post.title for post in reading.posts.all()] == ["there"]
            taken.append(time.monotonic() - looked)
            time.sleep(0.005)
        writer.join(LOCK_SECONDS + 30)
        assert child.rest() == []
        with page.read() as reading:
            assert reading.posts.count() == 2
    assert len(taken) > 20
    assert sorted(taken)[len(taken) * 99 // 100] < 0.3, "the 99th percentile of a look"
    assert written[0] > LOCK_SECONDS * 0.9, "the writer waited, and then it wrote"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        globals()[sys.argv[1]](*sys.argv[2:])
    else:
        nurse(globals())
