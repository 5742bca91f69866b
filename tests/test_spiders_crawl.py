"""One crawl over a server that misbehaves in every way it can: each source ends in exactly one state."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from scrapy import exceptions

from domain.errors import SourceError
from domain.sources import SourceState
from spiders import outcome
from spiders.crawl import FetchRequest, FetchResult, _answers, crawl
from spiders.fetching import pack
from spiders.limits import crawl_limits
from spiders.memory import present_bytes

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
TLS_HANDSHAKE = 0x16

FEED = b'<rss version="2.0"><channel><title>T</title><item><title>A</title></item></channel></rss>'
QUICK = replace(crawl_limits(), timeout_seconds=2.0, deadline_seconds=60.0, body_bytes=1_000_000)


def answer(status: str = "200 OK", body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(1_000_000)) for _ in range(60)), packer.flush()])


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        time.sleep(0.2)
        connection.sendall(b"x")


class Server:
    """Raw sockets, because frameworks repair the faults that are wanted here. Counts what it was asked."""

    def __init__(
        self, routes: dict[str, bytes | Callable[[socket.socket], None]], context=None, host="127.0.0.1"
    ) -> None:
        self.routes = routes
        self.host = host
        self.context = context
        self.asked: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self.accepted = 0
        self.begun: dict[str, float] = {}  # when each address of this machine was first connected to
        self._listener = None
        self.port = 0
        self.listen(True)

    def listen(self, wanted: bool) -> None:
        """Listen, always at the same port, or do not."""
        if wanted and self._listener is None:
            self._listener = socket.create_server((self.host, self.port), backlog=300)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()
        elif not wanted and self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # a thread in accept() would keep it open
            self._listener.close()
            self._listener = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listen(False)

    def url(self, path: str) -> str:
        return f"http://{self.host}:{self.port}{path}"

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            self.begun.setdefault(connection.getsockname()[0], time.monotonic())
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                head = b""
                while b"\r\n\r\n" not in head and (more := connection.recv(65_536)):
                    head += more
                    if head[0] == TLS_HANDSHAKE:  # where plain HTTP is spoken
                        connection.sendall(answer("400 Bad Request"))
                        return
                path = head.split(b" ")[1].decode() if head else ""
                self.asked[path] += 1
                self.headers[path] = head.decode("latin-1")
                route = self.routes.get(path, answer("404 Not Found"))
                connection.sendall(route) if isinstance(route, bytes) else route(connection)
        except OSError:
            return


def robots(*rules: str) -> bytes:
    return answer("200 OK", "\n".join(["User-agent: *", *rules]).encode(), "Content-Type: text/plain")


ROUTES: dict[str, bytes | Callable[[socket.socket], None]] = {
    "/robots.txt": robots("Disallow: /private"),
    "/ok": answer("200 OK", FEED, 'ETag: "v2"', "Last-Modified: Mon, 02 Mar 2026 07:00:00 GMT"),
    "/gzip": answer("200 OK", gzip.compress(FEED), "Content-Encoding: gzip"),
    "/deflate": answer("200 OK", zlib.compress(FEED), "Content-Encoding: deflate"),
    "/unchanged": answer("304 Not Modified"),
    "/moved": answer("301 Moved Permanently", b"", "Location: /ok"),
    "/drop": lambda connection: None,
    "/short": answer("200 OK", FEED, length=5_000),
    "/chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n" + FEED,
    "/cut-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss \r\n",
    "/self": answer("302 Found", b"", "Location: /self"),
    "/nowhere": answer("302 Found", b""),
    "/out": answer("302 Found", b"", "Location: file:///etc/passwd"),
    "/teapot": answer("404 Not Found", b"gone"),
    "/forbidden": answer("403 Forbidden"),
    "/login": answer("401 Unauthorized"),
    "/broken": answer("500 Internal Server Error"),
    "/nothing": answer("204 No Content"),
    "/odd": answer("999 Request denied"),
    "/huge": answer("200 OK", bytes(1_500_000)),
    "/huge-unsaid": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + bytes(1_500_000),
    "/bomb": answer("200 OK", bomb(), "Content-Encoding: gzip"),
    "/brotli": answer("200 OK", b"\x0b\x02\x80<rss>\x03", "Content-Encoding: br"),
    "/torn-gzip": answer("200 OK", gzip.compress(FEED)[:-12], "Content-Encoding: gzip"),
    "/junk": b"\x16\x03\x01 not http at all\r\n\r\n",
    "/drip": drip,
    "/private/feed": answer("200 OK", FEED),
}

EXPECTED = {
    "/ok": (SourceState.OK, ""),
    "/gzip": (SourceState.OK, ""),
    "/deflate": (SourceState.OK, ""),
    "/moved": (SourceState.OK, ""),
    "/unchanged": (SourceState.NOT_MODIFIED, ""),
    "/drop": (SourceState.UNREACHABLE, "the connection failed"),
    "/short": (SourceState.ERROR, "cut short"),
    "/chunk": (SourceState.ERROR, ""),
    "/cut-chunk": (SourceState.ERROR, "cut short"),
    "/self": (SourceState.ERROR, "redirects in a circle"),
    "/nowhere": (SourceState.ERROR, "HTTP 302"),
    "/out": (SourceState.ERROR, ""),
    "/teapot": (SourceState.ERROR, "HTTP 404"),
    "/forbidden": (SourceState.BLOCKED, "HTTP 403"),
    "/login": (SourceState.BLOCKED, "HTTP 401"),
    "/broken": (SourceState.ERROR, "HTTP 500"),
    "/nothing": (SourceState.ERROR, "HTTP 204"),
    "/odd": (SourceState.ERROR, "HTTP 999"),
    "/huge": (SourceState.ERROR, "too large: more than 1000000 bytes"),
    "/huge-unsaid": (SourceState.ERROR, "too large: more than 1000000 bytes"),
    "/bomb": (SourceState.ERROR, "too large: more than 1000000 bytes"),
    "/brotli": (SourceState.ERROR, "'br' was not asked for"),
    "/torn-gzip": (SourceState.ERROR, "ends early"),
    "/junk": (SourceState.UNREACHABLE, ""),
    "/drip": (SourceState.UNREACHABLE, "no complete answer within 2 s"),
    "/private/feed": (SourceState.BLOCKED, "robots.txt"),
}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Every route fetched in one crawl, beside sources that never reach the server."""
    folder = tmp_path_factory.mktemp("crawl")
    progress: list[int] = []
    with Server(ROUTES) as server, Server({"/feed": answer("200 OK", FEED)}) as canary:
        server.routes["/to-canary"] = answer("302 Found", b"", f"Location: {canary.url('/feed')}")
        requests = [
            FetchRequest(
                name=path,
                url=server.url(path),
                etag='"v1"' if path in ("/ok", "/unchanged") else None,
                last_modified="Sun, 01 Mar 2026 07:00:00 GMT" if path == "/unchanged" else None,
                allow_private=True,
            )
            for path in [*EXPECTED, "/to-canary"]
        ]
        requests += [
            FetchRequest(name="again", url=server.url("/ok"), allow_private=True),
            FetchRequest(name="not allowed", url=canary.url("/feed")),
            FetchRequest(name="not allowed by name", url=f"http://localhost:{canary.port}/feed"),
            FetchRequest(name="no such host", url="http://nowhere.invalid/feed"),
            FetchRequest(name="no scheme", url="www.example.org/feed"),
            FetchRequest(name="a file", url="file:///etc/passwd", allow_private=True),
        ]
        started = time.monotonic()
        results = crawl(requests, workdir=folder, limits=QUICK, on_progress=progress.append)
        yield Crawled(requests, results, server, canary, progress, folder, time.monotonic() - started)


@dataclass
class Crawled:
    requests: list[FetchRequest]
    results: list[FetchResult]
    server: Server
    canary: Server
    progress: list[int]
    folder: Path
    seconds: float

    @property
    def by_name(self) -> dict[str, FetchResult]:
        return {result.name: result for result in self.results}


@pytest.mark.parametrize("path", EXPECTED)
def test_state(crawled, path):
    state, words = EXPECTED[path]
    result = crawled.by_name[path]
    assert (result.state, words in result.detail) == (state, True), result.detail
    assert "\n" not in result.detail


def test_every_request_has_one_result_in_its_place(crawled):
    assert [result.name for result in crawled.results] == [request.name for request in crawled.requests]
    assert crawled.progress == list(range(1, len(crawled.requests) + 1))
    assert crawled.seconds < 40


def test_only_a_whole_answer_leaves_a_body(crawled):
    for result in crawled.results:
        assert (result.body_path is not None) == (result.state is SourceState.OK), result
    assert len(list(crawled.folder.glob("*.body"))) == sum(
        result.state is SourceState.OK for result in crawled.results
    )


@pytest.mark.parametrize("path", ["/ok", "/gzip", "/deflate", "/moved", "again"])
def test_bodies_are_decoded(crawled, path):
    assert crawled.by_name[path].body_path.read_bytes() == FEED


def test_what_the_server_says_for_next_time_is_kept(crawled):
    result = crawled.by_name["/ok"]
    assert (result.etag, result.last_modified) == ('"v2"', "Mon, 02 Mar 2026 07:00:00 GMT")
    unchanged = crawled.by_name["/unchanged"]
    assert (unchanged.etag, unchanged.last_modified) == ('"v1"', "Sun, 01 Mar 2026 07:00:00 GMT")


def test_a_request_says_who_asks_and_what_it_has(crawled):
    head = crawled.server.headers["/unchanged"]
    assert 'If-None-Match: "v1"' in head
    assert "If-Modified-Since: Sun, 01 Mar 2026 07:00:00 GMT" in head
    assert "User-Agent: bidwright" in head
    assert "Accept-Encoding: gzip, deflate\r\n" in head
    assert "Cookie" not in head
    assert "Referer" not in head


def test_redirects_are_followed_and_counted(crawled):
    assert crawled.by_name["/moved"].final_url == crawled.server.url("/ok")
    assert crawled.server.asked["/self"] == QUICK.redirects + 1


def test_retries_are_few(crawled):
    assert crawled.server.asked["/broken"] == QUICK.retries + 1
    assert crawled.server.asked["/drop"] == QUICK.retries + 1
    assert crawled.server.asked["/drip"] == 1


@pytest.mark.parametrize(
    ("status", "wish", "state"),
    [
        ("429 Too Many Requests", "120", SourceState.BLOCKED),
        ("429 Too Many Requests", None, SourceState.BLOCKED),
        ("503 Service Unavailable", "Mon, 02 Mar 2026 09:00:00 GMT", SourceState.ERROR),
    ],
)
def test_a_plea_to_wait_is_heard_for_the_whole_host(tmp_path, status, wish, state):
    busy = answer(status, b"", *([f"Retry-After: {wish}"] if wish else []))
    routes = {"/robots.txt": robots(), "/busy": busy, "/other": answer("200 OK", FEED)}
    with Server(routes) as server, Server({"/ok": answer("200 OK", FEED)}) as elsewhere:
        addresses = {"busy": server.url("/busy"), "other": server.url("/other"), "ok": elsewhere.url("/ok")}
        requests = [FetchRequest(name=name, url=url, allow_private=True) for name, url in addresses.items()]
        results = {r.name: r for r in crawl(requests, workdir=tmp_path, limits=QUICK)}
    assert server.asked["/busy"] == 1, "not asked again at once"
    assert server.asked["/other"] == 0
    assert (results["busy"].state, results["busy"].retry_after) == (state, wish)
    assert (results["other"].state, results["other"].retry_after) == (SourceState.BLOCKED, wish)
    assert "asked to be left alone" in results["other"].detail
    assert results["ok"].state is SourceState.OK


def test_robots_are_asked_once_and_obeyed(crawled):
    assert crawled.server.asked["/robots.txt"] == 1
    assert crawled.server.asked["/private/feed"] == 0


@pytest.mark.parametrize("name", ["/to-canary", "not allowed", "not allowed by name"])
def test_an_address_that_is_not_public_is_refused(crawled, name):
    result = crawled.by_name[name]
    assert result.state is SourceState.ERROR
    assert "is not a public address; set allow_private = true if it is your own" in result.detail


def test_a_refused_address_is_never_connected_to(crawled):
    assert crawled.canary.accepted == 0


def test_addresses_that_cannot_be_fetched(crawled):
    assert crawled.by_name["no such host"].state is SourceState.UNREACHABLE
    assert crawled.by_name["no such host"].detail == "the name nowhere.invalid has no address"
    for name in ("no scheme", "a file"):
        assert crawled.by_name[name].state is SourceState.ERROR
        assert "not an address that can be fetched" in crawled.by_name[name].detail


# ---- the process -----------------------------------------------------------------------------------------


def test_no_requests_start_no_process(tmp_path):
    assert crawl([], workdir=tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_crawl_from_a_large_process_has_its_own_memory_to_spend(tmp_path):
    """The largest size of a process is inherited by those it starts: it must not count against the crawl."""
    script = (
        "import sys; from pathlib import Path; from spiders.crawl import crawl;"
        "from spiders.fetching import FetchRequest; large = bytearray(700_000_000);"
        "request = FetchRequest(name='a', url='http://127.0.0.1:9/', allow_private=True);"
        "print(crawl([request], workdir=Path(sys.argv[1]))[0].state)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["unreachable"]


def test_memory_is_read_where_the_system_tells_it(tmp_path):
    status = tmp_path / "status"
    status.write_text("Name:\tx\nVmHWM:\t 900000 kB\nVmRSS:\t 2048 kB\n", encoding="ascii")
    assert present_bytes(status) == 2048 * 1024
    status.write_text("Name:\tx\n", encoding="ascii")
    assert present_bytes(status) is None
    assert present_bytes(tmp_path / "none") is None


def test_two_sources_of_one_name_are_refused(tmp_path):
    twins = [FetchRequest(name="a", url="http://x.example/"), FetchRequest(name="a", url="http://y.example/")]
    with pytest.raises(SourceError, match="two sources have the same name"):
        crawl(twins, workdir=tmp_path)


def test_a_crawl_that_dies_leaves_a_result_for_every_request(tmp_path):
    one_is_done = threading.Event()

    def kill(connection: socket.socket) -> None:
        """Kill the process at the other end of ``connection``, in the middle of its crawl."""
        one_is_done.wait(10)
        wanted = f"{connection.getpeername()[1]:04X}"
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and _owns(process, wanted):
                os.kill(int(process.name), signal.SIGKILL)

    if not Path("/proc/net/tcp").exists():
        pytest.skip("finds the crawl's process in /proc")
    with Server({"/one": answer("200 OK", FEED), "/kill": kill}) as server:
        requests = [
            FetchRequest(name=name, url=server.url(f"/{name}"), allow_private=True)
            for name in ("one", "kill", "two")
        ]
        answered = crawl(
            requests, workdir=tmp_path, limits=QUICK, on_progress=lambda _done: one_is_done.set()
        )
        results = {result.name: result for result in answered}
    assert set(results) == {"one", "kill", "two"}
    assert results["kill"].state is SourceState.ERROR
    assert results["kill"].detail == "no answer was recorded: the crawl ended with status -9"
    assert results["one"].state is SourceState.OK


def _owns(process: Path, port: str) -> bool:
    """Return whether ``process`` is a child of ours with a socket bound to ``port``."""
    try:
        if int((process / "stat").read_text().rsplit(")", 1)[1].split()[1]) != os.getpid():
            return False
        rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
        inodes = {row.split()[9] for row in rows if row.split()[1].endswith(":" + port)}
        links = [str(entry.readlink()) for entry in (process / "fd").iterdir()]
    except OSError:
        return False
    return any(link == f"socket:[{inode}]" for link in links for inode in inodes)


def test_a_crawl_that_overruns_is_stopped(tmp_path):
    limits = replace(QUICK, deadline_seconds=1.5, grace_seconds=0.5, timeout_seconds=30.0)
    with Server({"/drip": drip}) as server:
        started = time.monotonic()
        (result,) = crawl(
            [FetchRequest(name="slow", url=server.url("/drip"), allow_private=True)],
            workdir=tmp_path,
            limits=limits,
        )
    assert result.state is SourceState.ERROR
    assert result.detail == "no answer was recorded: the crawl was stopped after 1.5 s"
    assert time.monotonic() - started < 6


class Said:
    """Stands for a process that printed ``lines``."""

    def __init__(self, *lines: str) -> None:
        self.stdout = iter(lines)


def test_a_torn_line_of_results_is_not_a_result():
    whole = FetchResult(name="a", state=SourceState.OK, body_path=Path("x"))
    lines = [
        json.dumps(pack(whole)),
        "",
        "{",
        "[]",
        '{"name": "b"}',
        '{"name": "c", "state": "?", "body_path": null}',
    ]
    assert list(_answers(Said(*lines))) == [whole]


# ---- the words for failures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "state", "words", "reached"),
    [
        (
            exceptions.CannotResolveHostError("x"),
            SourceState.UNREACHABLE,
            "its name has no address that can be used",
            False,
        ),
        (exceptions.IgnoreRequest("something new"), SourceState.ERROR, "something new", True),
        (RuntimeError("a\nb"), SourceState.ERROR, "RuntimeError: a b", True),
        (OSError("gone"), SourceState.UNREACHABLE, "the connection failed (gone)", True),
    ],
)
def test_failures_that_a_server_cannot_stage(error, state, words, reached):
    assert outcome.of_failure(error, limits=QUICK) == outcome.Outcome(state, words, reached)
