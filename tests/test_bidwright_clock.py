"""A clock that jumps, at any moment of a run: no digest twice, no time that runs backwards, no source forgotten."""

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bidwright.daily import STEPS, run_daily
from bidwright.desk import Desk, open_desk
from bidwright.steps.fetch import anything_due, fetch_sources
from bidwright.steps.sources import source_lines
from bidwright.workspace import Workspace
from domain.clock import local_date
from domain.sources import SourceState
from spiders.fetching import FetchResult
from tests.fakes import NOW, FakeClock, FakeEmbedder
from tests.test_bidwright_daily import SETTINGS
from tests.test_storage_kills import HereParser, feed

HOSTILE = Path(__file__).parents[1] / ".." / "shared" / "hostile" / "own-cases.tar.gz"
SOURCES = ("one", "two", "three")
HOUR = timedelta(hours=1)
STRIDE = int(os.environ.get("BIDWRIGHT_TESTS_CLOCK_STRIDE", "8"))  # 1: at every look
DEAD = datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)
JUMPS = {
    "-1 h mid-run": lambda now: now - HOUR,
    "+1 h mid-run": lambda now: now + HOUR,
    "-1 day between fetch and commit": lambda now: now - timedelta(days=1),
    "+400 days at start": lambda now: now + timedelta(days=400),
    "back to 1970 (dead RTC)": lambda _now: DEAD,
}


class JumpingClock(FakeClock):
    """A clock that goes on by a second each time it is looked at, and jumps once, at the given look."""

    def __init__(self, jump, at: int) -> None:
        super().__init__()
        self.jump, self.at, self.looks = jump, at, 0

    def __call__(self) -> datetime:
        self.looks += 1
        self.now += timedelta(seconds=1)
        if self.looks == self.at:
            self.now = self.jump(self.now)
        return self.now


def answering(requests, *, workdir: Path, on_progress=None) -> list[FetchResult]:
    """Stand for a crawl that every source answers with its posts."""
    results = []
    for request in requests:
        body = workdir / request.name
        body.write_bytes(feed(request.name))
        results.append(FetchResult(name=request.name, state=SourceState.OK, body_path=body))
    return results


def _fetch(desk: Desk, daily) -> None:
    daily.outcomes = fetch_sources(desk, daily.run_id, crawl=answering)


RUN = [
    replace(step, work=_fetch) if step.name == "fetch" else step for step in STEPS if step.name != "drafts"
]


@contextmanager
def desk_with(root: Path, clock: FakeClock) -> Iterator[Desk]:
    root.mkdir(exist_ok=True)
    tables = "".join(
        f'[[sources]]\nname = "{name}"\ntype = "rss"\nevery = "1h"\nurl = "https://{name}.example/feed"\n'
        for name in SOURCES
    )
    (root / "bidwright.toml").write_text(SETTINGS + tables, encoding="utf-8")
    with open_desk(Workspace(root), clock=clock, load_embedder=lambda _: FakeEmbedder()) as desk:
        desk.parser = HereParser()
        yield desk


def check(root: Path, days: set) -> None:
    """Assert that nothing took less than no time, and that there is one digest for each day a run had."""
    with sqlite3.connect(f"file:{root / 'bidwright.db'}?mode=ro", uri=True) as raw:
        for table in ("runs", "source_runs"):
            assert raw.execute(f"select count(*) from {table} where finished_at < started_at").fetchone() == (
                0,
            )
        assert raw.execute(
            "select count(*) from source_runs where failing_since > started_at"
        ).fetchone() == (0,)
        dates = [date for (date,) in raw.execute("select local_date from digests")]
        posts = raw.execute("select count(*), count(distinct source || source_id) from posts").fetchone()
    raw.close()
    assert sorted(dates) == sorted(map(str, days))
    assert posts == (21, 21)


def day_of(daily) -> object:
    return local_date(daily.digest.now, "Europe/Lisbon")


def looks_of_a_run(root: Path) -> int:
    clock = JumpingClock(None, 0)
    with desk_with(root, clock) as desk:
        run_daily(desk, steps=RUN)
    return clock.looks


@pytest.mark.skipif(not HOSTILE.exists(), reason="the collection of clock jumps is not here")
def test_every_collected_jump_is_tried():
    with tarfile.open(HOSTILE) as archive:
        member = next(name for name in archive.getnames() if name.endswith("time-cases.json"))
        assert set(json.load(archive.extractfile(member))["clock_jumps"]) == set(JUMPS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", JUMPS)
def test_a_clock_that_jumps_at_any_look_costs_nothing(tmp_path, kind):
    looks = looks_of_a_run(tmp_path / "still")
    assert looks > 10
    for at in range(1, looks + 1, STRIDE):
        root = tmp_path / str(at)
        clock = JumpingClock(JUMPS[kind], at)
        with desk_with(root, clock) as desk:
            first = run_daily(desk, steps=RUN)
            assert [outcome.source for outcome in first.outcomes] == list(SOURCES)
            assert {outcome.state for outcome in first.outcomes} == {SourceState.OK}
            days = {day_of(first)}

            read = set()
            for _tick in range(2):  # the clock goes on as it is; one that was set back an hour owes us one
                clock.now += HOUR + timedelta(minutes=1)
                later = run_daily(desk, steps=RUN)
                states = {outcome.source: outcome.state for outcome in later.outcomes}
                assert set(states.values()) <= {SourceState.OK, SourceState.NOT_DUE}, (at, later.outcomes)
                read |= {name for name, state in states.items() if state is SourceState.OK}
                days.add(day_of(later))
            assert read == set(SOURCES)

            clock.now = NOW + timedelta(days=1)  # somebody sets it right
            assert anything_due(desk)
            third = run_daily(desk, steps=RUN)
            assert {outcome.state for outcome in third.outcomes} == {SourceState.OK}, (at, third.outcomes)
            days.add(day_of(third))
            assert run_daily(desk, steps=RUN).digest == third.digest, "the same day has the same digest"
            assert all(
                line["next_fetch"] <= (clock.now + 2 * HOUR).isoformat() for line in source_lines(desk)
            )
        check(root, days)
