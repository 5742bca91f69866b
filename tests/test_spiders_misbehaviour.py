"""Servers that misbehave at the level of the socket: each is named within its time, and not half a post is stored."""

from __future__ import annotations

import gzip
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bidwright.daily import run_daily
from bidwright.desk import open_desk
from bidwright.steps.fetch import fetch_sources
from bidwright.workspace import Workspace
from domain.sources import SourceState
from spiders.crawl import FetchRequest, crawl
from spiders.limits import crawl_limits
from tests.fakes import FakeClock, FakeEmbedder
from tests.marks import LINUX
from tests.staging import Stage, told
from tests.test_bidwright_daily import ITEM, SETTINGS
from tests.test_spiders_crawl import Server, answer

pytestmark = LINUX
REPEATS = int(os.environ.get("BIDWRIGHT_TESTS_REPEATS", "2"))
LIMITS = replace(crawl_limits(), timeout_seconds=1.0, fetch_seconds=3.0, body_bytes=1_000_000)
TICK = 0.2
ERROR, UNREACHABLE = SourceState.ERROR, SourceState.UNREACHABLE


def feed(posts: int = 2) -> bytes:
    items = "".join(
        ITEM.format(name=f"n{n}", title=f"Job number {n}", text="Work.", date="Mon, 02 Mar 2026 06:00:00 GMT")
        for n in range(posts)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


WHOLE = feed()
HALF = WHOLE[: WHOLE.index(b"Job number 1") + 7]
HEAD = b"HTTP/1.1 200 OK\r\n"
Misbehaviour = bytes | Callable[[socket.socket], None]


def endless(piece: bytes, pause: float = 0.0, first: bytes = b"") -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        connection.sendall(first)
        until = time.monotonic() + 20
        while time.monotonic() < until:  # the other end leaves long before
            connection.sendall(piece)
            time.sleep(pause)

    return send


def then_reset(sent: bytes) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        connection.sendall(sent)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return send


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


CLOSED = "the connection failed (it was closed before an answer came)"
NO_HTTP = "the connection failed (what it answered is not HTTP)"
NO_END = "the connection failed (the headers of its answer have no end)"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MISBEHAVIOURS: dict[str, tuple[Misbehaviour, SourceState, str]] = {
    "drop": (lambda _connection: None, UNREACHABLE, CLOSED),
    "reset": (then_reset(b""), UNREACHABLE, CLOSED),
    "silence": (lambda _connection: time.sleep(20), UNREACHABLE, "no complete answer within 1 s"),
    "slow head": (endless(b"X", TICK, HEAD + b"X-A: "), UNREACHABLE, "no complete answer within 1 s"),
    "slow body": (
        endless(b"x", TICK, HEAD + b"Content-Length: 9999\r\n\r\n" + HALF), UNREACHABLE, "no complete answer within 1 s",
    ),
    "slow chunks": (endless(chunk(b"x"), TICK, CHUNKED + chunk(HALF)), UNREACHABLE, "no complete answer within 1 s"),
    "endless body": (endless(chunk(bytes(60_000)), 0.001, CHUNKED), ERROR, "too large: more than 1000000 bytes"),
    "endless headers": (endless(b"X-A: 1\r\n" * 500, 0.001, HEAD), UNREACHABLE, NO_END),
    "endless header": (endless(b"x" * 60_000, 0.001, HEAD + b"X-A: "), UNREACHABLE, CLOSED),
    "endless 100": (endless(b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), UNREACHABLE, "no complete answer within 1 s"),
    "short": (answer("200 OK", HALF, length=len(WHOLE)), ERROR, "the answer was cut short"),
    "reset in the body": (
        then_reset(HEAD + b"Content-Length: 9999\r\n\r\n" + HALF), ERROR, "the answer was cut short",
    ),
    "longer than it says": (answer("200 OK", WHOLE, length=len(HALF)), ERROR, "the answer was cut short"),
    "ends without a length": (HEAD + b"\r\n" + HALF, ERROR, "the answer was cut short"),
    "two lengths": (HEAD + b"Content-Length: 10\r\nContent-Length: 9999\r\n\r\n" + HALF, UNREACHABLE, NO_HTTP),
    "no number for a length": (HEAD + b"Content-Length: -5\r\n\r\n" + HALF, UNREACHABLE, NO_HTTP),
    "bad chunk": (CHUNKED + b"ZZ\r\n" + WHOLE, ERROR, ""),
    "cut chunks": (CHUNKED + chunk(HALF), ERROR, "the answer was cut short"),
    "torn gzip": (answer("200 OK", gzip.compress(WHOLE)[:-9], "Content-Encoding: gzip"), ERROR, "ends early"),
    "no gzip": (answer("200 OK", WHOLE, "Content-Encoding: gzip"), ERROR, "the compressed data is no gzip"),
    "not HTTP": (b"220 mail.example ESMTP\r\n" + WHOLE, UNREACHABLE, NO_HTTP),
    "no status": (b"HTTP/1.1 OK\r\n\r\n" + WHOLE, UNREACHABLE, NO_HTTP),
    "a slow chain of redirects": (b"", UNREACHABLE, "no complete answer within 3 s, redirects and second tries included"),
    "a slow chain of second tries": (b"", UNREACHABLE, CLOSED),
}  # fmt: skip


def slowly(number: int, what: bytes) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        time.sleep(0.6)
        connection.sendall(what.replace(b"NEXT", str(number + 1).encode()))

    return send


@contextmanager
def staged() -> Iterator[Server]:
    """A server at every address of this machine; what it does goes by the path."""
    routes: dict[str, Misbehaviour] = {"/robots.txt": answer("404 Not Found")}
    for number, (kind, (does, _, _)) in enumerate(MISBEHAVIOURS.items()):
        routes[f"/{number}"] = does
        if kind == "a slow chain of redirects":
            routes |= {
                f"/{number}{'r' * hop}": slowly(
                    hop, answer("302 Found", b"", f"Location: /{number}{'r' * (hop + 1)}")
                )
                for hop in range(7)
            }
        elif kind == "a slow chain of second tries":
            routes[f"/{number}"] = slowly(0, b"")
    with Server(routes, host="0.0.0.0") as server:
        yield server


def workspace(root: Path, port: int) -> tuple[Workspace, dict[str, str]]:
    """Return a workspace with each misbehaviour so many times, every one of them another host; and its kind by source."""
    tables, kinds = [], {}
    for repeat in range(REPEATS):
        for number, kind in enumerate(MISBEHAVIOURS):
            name = f"s{repeat}-{number}"
            kinds[name] = kind
            tables.append(
                f'[[sources]]\nname = "{name}"\ntype = "rss"\nallow_private = true\n'
                f'url = "http://127.0.{repeat + 1}.{number + 1}:{port}/{number}"\n'
            )
    root.joinpath("bidwright.toml").write_text(SETTINGS + "".join(tables), encoding="utf-8")
    return Workspace(root), kinds


@pytest.mark.slow
def test_every_misbehaviour_is_named_in_time_and_leaves_no_post(tmp_path):
    stage = Stage(told=str(tmp_path / "told"))
    with staged() as server:
        space, kinds = workspace(tmp_path, server.port)
        command = stage.command(tmp_path / "stage.json")
        with open_desk(space, clock=FakeClock(), load_embedder=lambda _: FakeEmbedder()) as desk:
            daily = run_daily(desk, steps=())
            outcomes = fetch_sources(desk, daily.run_id, crawl=partial(crawl, limits=LIMITS, command=command))
            with desk.store.read() as tx:
                assert list(tx.posts.all()) == []
                assert {run.source for run in tx.runs.outcomes(daily.run_id)} == set(kinds)
        begun = dict(server.begun)
    assert [run.source for run in outcomes] == list(kinds)
    for run in outcomes:
        _, state, words = MISBEHAVIOURS[kinds[run.source]]
        assert (run.state, words in run.detail) == (state, True), (kinds[run.source], run.state, run.detail)
        assert "\n" not in run.detail
    noted = told(stage)
    took = {
        name: noted.at[name] - begun[f"127.0.{int(name[1:].split('-')[0]) + 1}.{int(name.split('-')[1]) + 1}"]
        for name in kinds
    }
    late = {kinds[name]: seconds for name, seconds in took.items() if seconds > LIMITS.fetch_seconds + 1}
    assert late == {}


def test_names_and_robots_that_hang_cost_their_own_source_its_time_only(tmp_path):
    drip = endless(b"x", TICK, HEAD + b"Content-Length: 9999\r\n\r\n")
    routes = {"/ok": answer("200 OK", WHOLE)}
    stage = Stage(slow=["slow.example"], told=str(tmp_path / "told"))
    with Server({**routes, "/robots.txt": drip}) as slow, Server(routes, host="127.0.0.2") as well:
        requests = [
            FetchRequest(name="slow name", url="http://slow.example/feed"),
            FetchRequest(name="slow robots", url=slow.url("/ok"), allow_private=True),
            FetchRequest(name="well", url=well.url("/ok"), allow_private=True),
        ]
        begun = time.monotonic()
        limits = replace(LIMITS, grace_seconds=0.5)
        results = crawl(
            requests, workdir=tmp_path, limits=limits, command=stage.command(tmp_path / "stage.json")
        )
        took = time.monotonic() - begun
        at = {name: moment - begun for name, moment in told(stage).at.items()}
        waited = at["slow robots"] - (slow.begun["127.0.0.1"] - begun)
    assert [(result.state.value, result.detail) for result in results] == [
        ("unreachable", "the name slow.example was not resolved in time"),
        ("ok", ""),  # what cannot be had of a robots.txt forbids nothing
        ("ok", ""),
    ]
    assert at["well"] < min(at["slow name"], at["slow robots"])
    assert waited < LIMITS.fetch_seconds + 1
    assert took < at["slow name"] + 3, "nobody waits for a thread that still resolves a name"
