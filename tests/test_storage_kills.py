"""kill -9 at any moment of ingest, import and digest: what was promised is there, once; nothing is half there."""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from bidwright.daily import STEPS, begin_run, run_daily
from bidwright.desk import open_desk
from bidwright.steps.books import record
from bidwright.steps.fetch import fetch_sources
from bidwright.steps.importing import import_files
from bidwright.workspace import Workspace
from domain.events import Event, EventKind
from domain.sources import SourceState
from ledger.book import Book
from spiders.fetching import FetchResult
from spiders.parsers import parse
from spiders.sandbox import ParseOutcome
from spiders.sniff import kind_of
from storage import open_store
from storage.doctor import inspect
from tests.fakes import NOW, FakeClock, FakeEmbedder
from tests.nursery import nurse, nursery, say
from tests.test_bidwright_daily import ITEM, SETTINGS

KILLS = int(os.environ.get("BIDWRIGHT_TESTS_STORE_KILLS", "10"))
SOURCE = '[[sources]]\nname = "board"\ntype = "rss"\nevery = "1h"\nurl = "https://board.example/feed"\n'
A_BATCH = 7


class HereParser:
    """Parses without a process of its own, which takes longer to start than what is killed here."""

    def parse(self, parser, body, *, source, where, **_more) -> ParseOutcome:
        return ParseOutcome(
            kind=kind_of(body, columns={}), result=parse("feed", body, source=source, where=where)
        )


@contextmanager
def desk_at(root: str, mode: str):
    """A desk over the workspace at ``root``, its database in ``mode``."""
    clock = FakeClock()
    space = Workspace(Path(root))
    open_store(space.storage_url, journal_mode=mode, clock=clock).close()
    with (
        open_desk(space, clock=clock, load_embedder=lambda _: FakeEmbedder()) as desk,
        open_store(space.storage_url, journal_mode=mode, clock=clock) as store,
    ):
        desk.store, desk.parser = store, HereParser()
        yield desk, clock


def ready(number: int) -> None:
    """Say after the first piece of work that kills may begin: what is needed has been loaded."""
    if number == 0:
        say("ready")


def feed(batch: str) -> bytes:
    items = "".join(
        ITEM.format(
            name=f"{batch}-{n}",
            title=f"{batch} {n}",
            text="Django. " * 300,
            date="Mon, 02 Mar 2026 06:00:00 GMT",
        )
        for n in range(A_BATCH)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def answering(batch: str, requests, *, workdir: Path, on_progress=None) -> list[FetchResult]:
    """Stand for a crawl that brings one batch of new posts."""
    body = workdir / "body"
    body.write_bytes(feed(batch))
    return [FetchResult(name=request.name, state=SourceState.OK, body_path=body) for request in requests]


def ingest(root: str, mode: str, name: str) -> None:
    """Read a source again and again; acknowledge each reading with what it stored."""
    with desk_at(root, mode) as (desk, clock):
        desk.force_fetch = True
        for number in range(1_000_000):
            clock.advance(seconds=1)
            run_id = begin_run(desk).run_id
            batch = f"{name}.{number}"
            (outcome,) = fetch_sources(desk, run_id, crawl=partial(answering, batch))
            say(f"{batch} {outcome.posts_new}")
            ready(number)


def imports(root: str, mode: str, name: str) -> None:
    """Import file after file; acknowledge each."""
    with desk_at(root, mode) as (desk, _clock):
        for number in range(1_000_000):
            batch = f"{name}.{number}"
            (report,) = import_files(desk, [(f"{batch}.xml", feed(batch))])
            say(f"{batch} {report.posts_new}")
            ready(number)


def digests(root: str, mode: str, name: str) -> None:
    """Store a post, bid on it, embed, rank and make the digest of another day; acknowledge each."""
    steps = [step for step in STEPS if step.name in ("duplicates", "embed", "rank", "digest")]
    with desk_at(root, mode) as (desk, clock):
        clock.advance(days=10 * int(name))
        for number in range(1_000_000):
            batch = f"{name}.{number}"
            import_files(desk, [(f"{batch}.xml", feed(batch))])
            with desk.store.read() as tx:
                (found,) = tx.posts.find(f"{batch}-0")
            data = {"amount_minor": 100, "currency": "USD"}
            bid = Event(
                event_id=f"e-{batch}", kind=EventKind.BID_SUBMITTED, at=clock(), recorded_at=clock(),
                subject=found.post_id, data=data,
            )  # fmt: skip
            assert record(desk, bid)
            daily = run_daily(desk, steps=steps)
            assert daily.digest is not None, daily.problems
            say(f"{batch} {A_BATCH} {daily.digest.local_date}")
            ready(number)
            clock.advance(hours=6)


def check(root: Path, mode: str, acknowledged: list[str]) -> None:
    """Assert that the database is whole, holds what was acknowledged, and nothing twice or in half."""
    begun = time.monotonic()
    url = Workspace(root).storage_url
    assert inspect(url).integrity == "ok"
    with open_store(url, journal_mode=mode) as store:
        store.run_write(lambda tx: tx.runs.start("after", NOW))
        assert time.monotonic() - begun < 5, "it is ready again within five seconds"
        with store.read() as tx:
            batches = Counter(post.post.source_id.rpartition("-")[0] for post in tx.posts.all())
            events = list(tx.events.all())
    assert set(batches.values()) <= {A_BATCH}, "a batch is there or it is not"
    assert {line.split()[0] for line in acknowledged} <= set(batches)
    assert {int(line.split()[1]) for line in acknowledged} <= {A_BATCH}
    Book.replay(events)  # every leg is balanced, or this refuses
    with sqlite3.connect(f"file:{root / 'bidwright.db'}?mode=ro", uri=True) as raw:
        ask = raw.execute
        outcomes = ask(
            "select coalesce(sum(posts_new), 0), count(distinct run_id), count(*) from source_runs"
        ).fetchone()
        if outcomes[2]:
            assert outcomes[0] == sum(batches.values()), "posts and the outcome of their source are one"
            assert outcomes[1] == outcomes[2]
        dates = [date for (date,) in ask("select local_date from digests")]
        assert {line.split()[2] for line in acknowledged if line.count(" ") > 1} <= set(dates)
        assert len(set(dates)) == len(dates)
        for (payload,) in ask("select payload_json from digests"):
            json.loads(payload)
    raw.close()


@pytest.fixture(scope="module")
def births():
    with nursery("tests.test_storage_kills") as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["wal", "delete"])
@pytest.mark.parametrize(("work", "longest"), [("ingest", 0.2), ("imports", 0.2), ("digests", 0.6)])
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(tmp_path, births, work, longest, mode):
    (tmp_path / "bidwright.toml").write_text(SETTINGS + SOURCE, encoding="utf-8")
    moments = random.Random(f"{work} {mode}")
    acknowledged: list[str] = []
    for kill in range(KILLS // 2):
        victim = births.victim(work, str(tmp_path), mode, str(kill))
        acknowledged += victim.killed_after(moments.uniform(0.005, longest))
        assert victim.status == -signal.SIGKILL, acknowledged[-1]
        check(tmp_path, mode, acknowledged)
    assert len(acknowledged) >= KILLS // 4, "some was done between the first piece and the kill"


# What the work imports when it gets there: not once for every kill.
NEEDED = (
    "alembic.command", "alembic.script", "feedparser", "jinja2", "pysqlite3.dbapi2", "ranking.backends.faiss_index",
    "sklearn.feature_extraction.text", "sqlalchemy.dialects.sqlite",
)  # fmt: skip

if __name__ == "__main__":
    for needed in NEEDED:
        importlib.import_module(needed)
    nurse(globals())
