"""A month of misbehaving servers: every fault is named, pleas are heard, nobody is given up, nothing is late."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bidwright.daily import READING, run_daily
from bidwright.desk import open_desk
from bidwright.steps.fetch import fetch_sources
from bidwright.workspace import Workspace
from domain.sources import HEALTHY, SourceRun, SourceState
from spiders.crawl import crawl
from spiders.limits import crawl_limits
from tests.fakes import FakeClock, FakeEmbedder
from tests.test_bidwright_daily import ITEM, SETTINGS

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEP, EVERY, DAYS = 3 * HOUR, 12 * HOUR, 30
QUICK = replace(crawl_limits(), timeout_seconds=2.0, deadline_seconds=60.0, body_bytes=1_000_000)

Answer = Callable[["Board"], tuple[int, bytes, dict[str, str]]]


def feed(posts: int, item: str = ITEM) -> bytes:
    items = "".join(
        item.format(
            name=f"n{number}",
            title=f"Job number {number}",
            text="Work.",
            date="Mon, 02 Mar 2026 06:00:00 GMT",
        )
        for number in range(max(0, posts - 12), posts)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def whole(board: Board) -> tuple[int, bytes, dict[str, str]]:
    """Two new posts a day, the last twelve in the feed."""
    return 200, feed(12 + 2 * ((board.clock() - START) // DAY)), {}


def without_dates(board: Board) -> tuple[int, bytes, dict[str, str]]:
    status, body, headers = whole(board)
    return status, body.replace(b"pubDate", b"released"), headers


def cut(board: Board) -> tuple[int, bytes, dict[str, str]]:
    status, body, _ = whole(board)
    return status, body[: len(body) // 2], {"Content-Length": str(len(body))}


def asking(status: int, wait: timedelta, *, as_date: bool) -> Answer:
    """Return an answer that asks to be left alone for ``wait``; more than a day need not be heard."""

    def answer(board: Board) -> tuple[int, bytes, dict[str, str]]:
        until = board.clock() + wait
        board.rests_until = min(until, board.clock() + DAY)
        header = format_datetime(until, usegmt=True) if as_date else str(int(wait.total_seconds()))
        return status, b"", {"Retry-After": header}

    return answer


def say(status: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda _board: (status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class Fault:
    """What a board answers between two days, and how that must be named."""

    begins: float
    ends: float
    answer: Answer | None  # None: nobody listens
    state: SourceState
    words: str = ""


@dataclass
class Board:
    """A server of its own that keeps to a timetable of faults."""

    clock: FakeClock
    faults: list[Fault] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    too_early: list[datetime] = field(default_factory=list)
    rests_until: datetime = START
    port: int = 0
    server: ThreadingHTTPServer | None = None

    def fault(self) -> Fault | None:
        days = (self.clock() - START) / DAY
        return next((fault for fault in self.faults if fault.begins <= days < fault.ends), None)

    def arrange(self, *, online: bool) -> None:
        """Listen, or do not, as the timetable says."""
        fault = self.fault()
        listens = online and not (fault is not None and fault.answer is None)
        if listens and self.server is None:
            self._listen()
        elif not listens:
            self.close()

    def close(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def _listen(self) -> None:
        board = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/robots.txt":
                    self.send_error(404)
                    return
                board.asked.append(board.clock())
                if board.clock() < board.rests_until:
                    board.too_early.append(board.clock())
                fault = board.fault()
                status, body, headers = (fault.answer or whole)(board) if fault else whole(board)
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


LOGIN = b"<!doctype html><html><body><form><input type='password'></form></body></html>"
BOMB = gzip.compress(bytes(3_000_000))
BLOCKED, ERROR, CHANGED = SourceState.BLOCKED, SourceState.ERROR, SourceState.CHANGED_SHAPE
TIMETABLE: dict[str, list[Fault]] = {
    "well-1": [],
    "well-2": [],
    "busy": [
        Fault(3, 4, asking(429, 7 * HOUR, as_date=False), BLOCKED, "left alone"),
        Fault(9, 10, asking(503, 20 * HOUR, as_date=True), ERROR, "overloaded"),
        Fault(15, 16, asking(429, 900 * HOUR, as_date=False), BLOCKED, "left alone"),
    ],
    "flapping": [Fault(day, day + 0.5, say(500), ERROR, "HTTP 500") for day in range(2, 20)],
    "dead": [Fault(5, 19, None, SourceState.UNREACHABLE, "refused the connection")],
    "locked": [
        Fault(4, 6, say(200, LOGIN), SourceState.LOGIN_PAGE, "asks for a login"),
        Fault(12, 13, say(403), BLOCKED, "HTTP 403"),
    ],
    "torn": [
        Fault(4, 5, cut, ERROR, "cut short"),
        Fault(8, 9, say(200, BOMB, Content_Encoding="gzip"), ERROR, "too large"),
        Fault(12, 13, say(200, b"{}"), CHANGED, "no RSS, Atom or RDF feed"),
    ],
    "shifty": [
        Fault(6, 8, say(200, feed(0)), CHANGED, "no posts, where there used to be about 12"),
        Fault(14, 16, without_dates, CHANGED, "date_posted no longer given"),
    ],
}
OFFLINE = (22.0, 23.5)  # days on which this machine has no network


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def boards(clock) -> Iterator[dict[str, Board]]:
    made = {name: Board(clock, faults) for name, faults in TIMETABLE.items()}
    for board in made.values():
        board.arrange(online=True)
    yield made
    for board in made.values():
        board.close()


def workspace(root: Path, boards: dict[str, Board]) -> Workspace:
    tables = "".join(
        f'[[sources]]\nname = "{name}"\ntype = "rss"\nevery = "12h"\nallow_private = true\n'
        f'url = "http://127.0.0.1:{board.port}/feed"\n'
        for name, board in boards.items()
    )
    (root / "bidwright.toml").write_text(SETTINGS + tables, encoding="utf-8")
    return Workspace(root)


def live_through(space: Workspace, boards: dict[str, Board], clock: FakeClock) -> list[SourceRun]:
    """Run the reading steps every three hours for a month; return every real outcome."""
    step = replace(READING[0], work=_read)
    seen: list[SourceRun] = []
    with open_desk(space, clock=clock, load_embedder=lambda _: FakeEmbedder()) as desk:
        while clock() < START + DAYS * DAY:
            days = (clock() - START) / DAY
            for board in boards.values():
                board.arrange(online=not OFFLINE[0] <= days < OFFLINE[1])
            daily = run_daily(desk, steps=[step])
            assert [outcome.source for outcome in daily.outcomes] == list(boards), "one outcome each"
            assert daily.problems == []
            seen += [outcome for outcome in daily.outcomes if outcome.state is not SourceState.NOT_DUE]
            clock.advance(seconds=STEP.total_seconds())
        with desk.store.read() as tx:
            stored = [(post.post.source, post.post.source_id) for post in tx.posts.all()]
    assert len(set(stored)) == len(stored)
    assert {f"n{number}" for number in range(12 + 2 * (DAYS - 2))} <= {
        source_id for source, source_id in stored if source == "well-1"
    }, "a post of a healthy source was lost"
    return seen


def _read(desk, daily) -> None:
    daily.outcomes = fetch_sources(desk, daily.run_id, crawl=partial(crawl, limits=QUICK))


@pytest.mark.slow
def test_a_month_of_misbehaving_servers(tmp_path, boards, clock):
    outcomes = live_through(workspace(tmp_path, boards), boards, clock)
    by_source = {name: [run for run in outcomes if run.source == name] for name in boards}
    for name, board in boards.items():
        runs = by_source[name]
        for fault in board.faults:
            _assert_named(name, fault, runs)
        _assert_asked_again(name, board)
        assert runs[-1].state in HEALTHY, (name, runs[-1])
        assert (runs[-1].failures, runs[-1].failing_since) == (0, None)
    assert [board.too_early for board in boards.values()] == [[] for _ in boards]
    for name in ("well-1", "well-2"):
        _assert_on_time(boards[name])
    offline = [run for run in outcomes if OFFLINE[0] <= (run.started_at - START) / DAY < OFFLINE[1]]
    assert {run.state for run in offline} == {SourceState.UNREACHABLE}
    assert max(run.failures for run in offline) == 0, "an offline machine counts no failure"
    dead = [run for run in by_source["dead"] if run.state is SourceState.UNREACHABLE]
    assert len(dead) < 14 * 2 + 12, "patience grows"
    assert {run.failing_since for run in dead if run.failures} == {
        min(r.started_at for r in dead if r.failures)
    }


def _assert_named(name: str, fault: Fault, runs: list[SourceRun]) -> None:
    """Assert that the fault is named in every reading it spoilt, and that there was one."""
    during = [run for run in runs if fault.begins <= (run.started_at - START) / DAY < fault.ends]
    told = {run.state for run in during}
    if fault.ends - fault.begins >= 1:  # longer than any wait that an earlier fault can have left
        assert during, (name, fault)
    assert told <= {fault.state}, (name, fault, during)
    assert all(fault.words in run.detail for run in during), (name, fault, [run.detail for run in during])


def _assert_asked_again(name: str, board: Board) -> None:
    """Assert that the source was asked within 26 hours of the end of each fault."""
    for fault in board.faults:
        end = START + fault.ends * DAY
        assert any(end <= moment <= end + 26 * HOUR for moment in board.asked), (name, fault)


def _assert_on_time(board: Board) -> None:
    """Assert that a healthy source never waited longer than its interval and one step, while there was a network."""
    dark = DAY * (OFFLINE[1] - OFFLINE[0])
    gaps = [later - earlier for earlier, later in zip(board.asked, board.asked[1:], strict=False)]
    late = [gap for gap in gaps if gap > EVERY + STEP]
    assert len(late) <= 1, late
    assert all(gap <= EVERY + dark + STEP for gap in late)
    assert min(gaps) >= EVERY
