"""As many outcomes as sources, whatever 200 servers do: in the list returned, in the store, in their order."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bidwright.daily import Daily, Step, run_daily
from bidwright.desk import Desk, open_desk
from bidwright.steps.fetch import fetch_sources
from bidwright.workspace import Workspace
from domain.sources import SourceState
from spiders.crawl import crawl
from spiders.limits import crawl_limits
from tests.fakes import FakeClock, FakeEmbedder
from tests.marks import LINUX
from tests.staging import Stage, warm_crawls
from tests.test_bidwright_daily import SETTINGS
from tests.test_spiders_crawl import FEED, Server, answer
from tests.test_spiders_misbehaviour import HALF, HEAD, WHOLE, then_reset

pytestmark = [LINUX, pytest.mark.slow]
SOURCES = 200
RUNS = int(os.environ.get("BIDWRIGHT_TESTS_RUNS", "2"))
LIMITS = replace(crawl_limits(), timeout_seconds=2.0, fetch_seconds=10.0, deadline_seconds=120.0)

FAULTS = {
    "well": answer("200 OK", WHOLE),
    "empty": answer("200 OK", b"<rss version='2.0'><channel><title>x</title></channel></rss>"),
    "unchanged": answer("304 Not Modified"),
    "closed": lambda _connection: None,
    "reset": then_reset(HEAD + b"Content-Length: 9999\r\n\r\n" + HALF),
    "torn": HEAD + b"\r\n" + HALF,
    "short": answer("200 OK", HALF, length=len(WHOLE)),
    "to itself": answer("302 Found", b"", "Location: ?"),
    "nowhere": answer("302 Found", b"", "Location: http://[/"),
    "no place": answer("302 Found", b""),
    "private": answer("302 Found", b"", "Location: http://192.168.1.1/"),
    "broken": answer("500 Internal Server Error"),
    "busy": answer("429 Too Many Requests", b"", "Retry-After: 60"),
    "closed for now": answer("503 Service Unavailable", b"", "Retry-After: Mon, 02 Mar 2026 09:00:00 GMT"),
    "gone": answer("410 Gone", b"gone"),
    "forbidden": answer("403 Forbidden"),
    "page": answer("200 OK", b"<!doctype html><html><body>We moved!</body></html>"),
    "login": answer("200 OK", b"<html><form><input type='password'></form></html>"),
    "bomb": answer("200 OK", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", "Content-Encoding: gzip"),
    "other encoding": answer("200 OK", WHOLE, "Content-Encoding: zstd"),
    "nothing": answer("200 OK", b""),
    "not HTTP": b"hello\r\n",
}


def workspace(root: Path, port: int) -> Workspace:
    """200 sources; every fifth is a second one of its neighbour's host, and waits for it."""
    tables = "".join(
        f'[[sources]]\nname = "s{number}"\ntype = "rss"\nallow_private = true\nevery = "1h"\n'
        f'url = "http://127.1.0.{number - (number % 5 == 4) + 1}:{port}/s{number}"\n'
        for number in range(SOURCES)
    )
    (root / "bidwright.toml").write_text(SETTINGS + tables, encoding="utf-8")
    return Workspace(root)


@contextmanager
def desk_of_many(root: Path, port: int) -> Iterator[tuple[Desk, FakeClock]]:
    clock = FakeClock()
    with open_desk(workspace(root, port), clock=clock, load_embedder=lambda _: FakeEmbedder()) as desk:
        yield desk, clock


def step(command: list[str]) -> Step:
    def fetch(desk: Desk, daily: Daily) -> None:
        daily.outcomes = fetch_sources(
            desk, daily.run_id, crawl=partial(crawl, limits=LIMITS, command=command)
        )

    return Step("fetch", fetch)


@pytest.mark.slow
def test_two_hundred_sources_with_random_faults_have_two_hundred_outcomes(tmp_path):
    names = [f"s{number}" for number in range(SOURCES)]
    seen: set[SourceState] = set()
    with Server({}, host="0.0.0.0") as server, warm_crawls(tmp_path) as warm:
        command = warm.command(Stage(), tmp_path / "stage.json")
        with desk_of_many(tmp_path, server.port) as (desk, clock):
            for seed in range(RUNS):
                chance = random.Random(seed)
                server.routes = {f"/{name}": FAULTS[chance.choice([*FAULTS])] for name in names}
                server.routes |= {f"/{name}?": server.routes[f"/{name}"] for name in names}
                clock.advance(days=2)  # longer than any patience
                daily = run_daily(desk, steps=[step(command)])
                assert [outcome.source for outcome in daily.outcomes] == names, seed
                assert daily.problems == []
                assert not any("no answer was recorded" in outcome.detail for outcome in daily.outcomes)
                with desk.store.read() as tx:
                    assert {run.source for run in tx.runs.outcomes(daily.run_id)} == set(names)
                seen |= {outcome.state for outcome in daily.outcomes}
    assert seen == set(SourceState) - {SourceState.NOT_DUE, SourceState.OFF}


def test_an_answer_that_the_crawl_forgets_is_named_and_spoils_the_run(tmp_path):
    stage = Stage(lost=["s7", "s13"])  # s14 has the host of s13, and was to be asked after it
    with Server({"/s7": answer("200 OK", FEED)}, host="0.0.0.0") as server:
        server.routes = {f"/s{number}": answer("200 OK", FEED) for number in range(SOURCES)}
        with desk_of_many(tmp_path, server.port) as (desk, _clock):
            daily = run_daily(desk, steps=[step(stage.command(tmp_path / "stage.json"))])
            with desk.store.read() as tx:
                assert tx.runs.latest().status == "problems"
    assert len(daily.outcomes) == SOURCES
    lost = {
        outcome.source: outcome.detail for outcome in daily.outcomes if outcome.state is not SourceState.OK
    }
    assert lost == dict.fromkeys(("s7", "s13", "s14"), "no answer was recorded")
    assert daily.status == 1
