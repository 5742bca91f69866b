"""Thirty days of boards that misbehave by a timetable: what each answers when, and how that must be named."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from domain.sources import SourceState
from tests.certificates import DAY, authority, server_context
from tests.fakes import FakeClock
from tests.test_bidwright_daily import ITEM
from tests.test_spiders_crawl import Server, answer, robots

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEP, EVERY, DAYS = 4 * HOUR, 12 * HOUR, 30
OFFLINE = (22.0, 23.5)  # days on which this machine has no network
IN_FEED, A_DAY = 12, 2  # posts

Answer = Callable[["Board"], bytes | Callable[[socket.socket], None]]
BLOCKED, ERROR, CHANGED = SourceState.BLOCKED, SourceState.ERROR, SourceState.CHANGED_SHAPE
UNREACHABLE, LOGIN = SourceState.UNREACHABLE, SourceState.LOGIN_PAGE


@dataclass
class Fault:
    """What a board answers between two days, the state that must be named, and all or the beginning of the words."""

    begins: float
    ends: float
    answer: Answer | str  # or what is wrong beneath HTTP: the name, the certificate, that nobody listens
    state: SourceState
    words: str


@dataclass
class Board:
    """A server of its own that keeps to a timetable of faults; notes when it was asked, and when too early."""

    name: str
    number: int
    clock: FakeClock
    faults: list[Fault]
    contexts: Mapping[str, ssl.SSLContext] = field(default_factory=dict)
    asked: list[datetime] = field(default_factory=list)
    too_early: list[datetime] = field(default_factory=list)
    rests_until: datetime = START
    server: Server | None = None

    @property
    def secure(self) -> bool:
        return bool(self.contexts)

    @property
    def host(self) -> str:
        return f"127.2.0.{self.number}"

    @property
    def url(self) -> str:
        """Where the source has the board: by a name where names or certificates are at stake."""
        place = f"{self.name}.example" if self.secure or self.name == "nameless" else self.host
        return f"{'https' if self.secure else 'http'}://{place}:{self.server.port}/feed"

    def fault(self) -> Fault | None:
        days = (self.clock() - START) / DAY
        return next((fault for fault in self.faults if fault.begins <= days < fault.ends), None)

    @property
    def beneath(self) -> str:
        fault = self.fault()
        return fault.answer if fault is not None and isinstance(fault.answer, str) else ""

    def arrange(self) -> None:
        """Listen, or do not, and with the certificate that the timetable says."""
        if self.server is None:
            self.server = Server({}, self.contexts.get("good"), self.host)
            self.server.routes = Pages(self)
        self.server.listen(self.beneath != "nobody listens")
        if self.secure:
            self.server.context = self.contexts[self.beneath or "good"]


class Pages(Mapping):
    """The routes of a board: what it answers depends on the day."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def get(self, path: str, default=None):
        fault = self.board.fault()
        if path == "/robots.txt":
            return robots("Disallow: /") if fault and fault.answer is forbidding else default
        if path.startswith(("/feed", "/second")):
            now = self.board.clock()
            self.board.asked.append(now)
            if now < self.board.rests_until:
                self.board.too_early.append(now)
            if fault and path.startswith("/feed"):
                return fault.answer(self.board)
            return whole(self.board)
        return default

    def __getitem__(self, path: str):
        return self.get(path)

    def __iter__(self):
        return iter(())

    def __len__(self) -> int:
        return 0


# ---- what is answered --------------------------------------------------------------------------------------


def feed(first: int, last: int) -> bytes:
    items = "".join(
        ITEM.format(name=f"n{n}", title=f"Job number {n}", text="Work.", date="Mon, 02 Mar 2026 06:00:00 GMT")
        for n in range(first, last)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def published(now: datetime) -> int:
    """Return how many posts a board has published by ``now``: two every day."""
    return IN_FEED + A_DAY * ((now - START) // DAY)


def posts(board: Board) -> bytes:
    count = published(board.clock())
    return feed(count - IN_FEED, count)


def whole(board: Board) -> bytes:
    return answer("200 OK", posts(board))


def half(board: Board) -> bytes:
    body = posts(board)
    return body[: body.rindex(b"Job number") + 7]


def say(status: str, body: bytes = b"", *headers: str) -> Answer:
    return lambda _board: answer(status, body, *headers)


def raw(*parts: bytes | Callable[[Board], bytes]) -> Answer:
    return lambda board: b"".join(part if isinstance(part, bytes) else part(board) for part in parts)


def asking(status: str, wait: timedelta, *, as_date: bool) -> Answer:
    """Return an answer that asks to be left alone for ``wait``; more than a day need not be heard."""

    def made(board: Board) -> bytes:
        until = board.clock() + wait
        board.rests_until = min(until, board.clock() + DAY)
        header = format_datetime(until, usegmt=True) if as_date else str(int(wait.total_seconds()))
        return answer(status, b"", f"Retry-After: {header}")

    return made


def dripping(first: bytes, piece: bytes, pause: float = 0.1) -> Answer:
    def drip(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(round(10 / pause)):
            time.sleep(pause)
            connection.sendall(piece)

    return lambda _board: drip


def changed(old: bytes, new: bytes) -> Answer:
    return lambda board: answer("200 OK", posts(board).replace(old, new))


def forbidding(board: Board) -> bytes:
    raise AssertionError("a page that robots.txt forbids was asked for")


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(30_000_000))
LATE = "no complete answer within 1 s"
TOO_LARGE = "too large: more than 1000000 bytes"
CUT = "the answer was cut short"
CIRCLE = "it redirects in a circle or too often"
ALONE = "the server asks to be left alone for a while (HTTP 429)"
UNTRUSTED = "its certificate is "

TIMETABLE: dict[str, list[Fault]] = {
    "well-1": [],
    "well-2": [],
    "busy": [
        Fault(3, 4, asking("429 Too Many", 20 * HOUR, as_date=False), BLOCKED, ALONE),
        Fault(7, 8, asking("503 Closed", 15 * HOUR, as_date=True), ERROR, "the server is overloaded or closed for"),
        Fault(11, 12, asking("429 Too Many", 900 * HOUR, as_date=False), BLOCKED, ALONE),
        Fault(15, 16, say("429 Too Many"), BLOCKED, ALONE),
        Fault(19, 20, say("429 Too Many", b"", "Retry-After: soon"), BLOCKED, ALONE),
        Fault(26, 27, asking("503 Closed", 900 * HOUR, as_date=True), ERROR, "the server is overloaded or closed for"),
    ],
    "flapping": [Fault(day, day + 0.5, say("500 Oh"), ERROR, "the server answered HTTP 500") for day in range(2, 20)],
    "dead": [Fault(5, 19, "nobody listens", UNREACHABLE, "the server refused the connection")],
    "nameless": [Fault(4, 14, "no such name", UNREACHABLE, "the name nameless.example has no address")],
    "secure": [
        Fault(3, 5, "expired", UNREACHABLE, "its certificate has expired"),
        Fault(8, 9, "another host", UNREACHABLE, "its certificate is not for secure.example"),
        Fault(12, 13, "signed by itself", UNREACHABLE, "its certificate is signed by itself, not by an authority"),
        Fault(16, 17, "a stranger's", UNREACHABLE, "its certificate is signed by an authority that this machine does"),
        Fault(20, 21, "no host", UNREACHABLE, "its certificate is not for secure.example"),
    ],
    "locked": [
        Fault(3, 4, say("200 OK", b"<!doctype html><form><input type='password'></form>"), LOGIN, "it answered with a"),
        Fault(7, 8, say("403 No"), BLOCKED, "the server refuses access (HTTP 403)"),
        Fault(11, 12, say("401 Who"), BLOCKED, "the server asks for a login (HTTP 401)"),
        Fault(15, 17, forbidding, BLOCKED, "its robots.txt asks programs not to read this address"),
        Fault(25, 26, say("200 OK", b"<!doctype html><p>We moved!"), CHANGED, "it answered with a web page instead"),
    ],
    "torn": [
        Fault(3, 4, raw(HEAD, b"Content-Length: 9999\r\n\r\n", half), ERROR, CUT),
        Fault(7, 8, raw(HEAD, b"\r\n", half), ERROR, CUT),
        Fault(11, 12, raw(CHUNKED, b"fff\r\n", half), ERROR, CUT),
        Fault(15, 16, lambda b: answer("200 OK", gzip.compress(posts(b))[:-9], "Content-Encoding: gzip"), ERROR, "the c"),
        Fault(19, 20, raw(CHUNKED, b"ZZ\r\n", half), ERROR, CUT),
        Fault(25, 26, raw(b""), UNREACHABLE, "the connection failed (it was closed before an answer came)"),
    ],
    "bombs": [
        Fault(3, 4, say("200 OK", BOMB, "Content-Encoding: gzip"), ERROR, TOO_LARGE),
        Fault(7, 8, say("200 OK", gzip.compress(BOMB), "Content-Encoding: gzip, gzip"), ERROR, TOO_LARGE),
        Fault(11, 12, say("200 OK", zlib.compress(bytes(30_000_000)), "Content-Encoding: deflate"), ERROR, TOO_LARGE),
        Fault(15, 16, say("200 OK", b"\x0b\x02\x80<rss>\x03", "Content-Encoding: br"), ERROR, "the encoding 'br' was"),
        Fault(19, 20, raw(HEAD, b"\r\n", bytes(1_500_000)), ERROR, TOO_LARGE),
        Fault(25, 26, say("200 OK", bytes(1_500_000)), ERROR, TOO_LARGE),
    ],
    "slow": [
        Fault(3, 4, dripping(b"", b""), UNREACHABLE, LATE),
        Fault(8, 9, dripping(HEAD + b"X-A: ", b"x"), UNREACHABLE, LATE),
        Fault(13, 14, dripping(HEAD + b"Content-Length: 9999\r\n\r\n", b"x"), UNREACHABLE, LATE),
        Fault(18, 19, dripping(HEAD, b"X-A: 1\r\n" * 9000, 0.01), UNREACHABLE, "the connection failed (the headers of"),
    ],
    "lost": [
        Fault(3, 4, say("302 Found", b"", "Location: /feed"), ERROR, CIRCLE),
        Fault(7, 8, say("302 Found", b"", "Location: /feed?again"), ERROR, CIRCLE),
        Fault(11, 12, say("302 Found", b"", "Location: http://10.0.0.1/"), ERROR, "10.0.0.1 leads to 10.0.0.1, which is"),
        Fault(15, 16, say("302 Found", b"", "Location: file:///etc/passwd"), ERROR, "the server answered HTTP 302"),
        Fault(19, 20, raw(b"220 mail.example ESMTP\r\n"), UNREACHABLE, "the connection failed (what it answered is not"),
        Fault(25, 26, say("404 Not Found"), ERROR, "the server answered HTTP 404"),
    ],
    "shifty": [
        Fault(4, 6, say("200 OK", feed(0, 0)), CHANGED, "no posts, where there used to be about 12"),
        Fault(10, 12, changed(b"pubDate", b"released"), CHANGED, "date_posted no longer given with any post"),
        Fault(16, 17, say("200 OK", b"{}"), CHANGED, "no RSS, Atom or RDF feed in the answer"),
        Fault(25, 26, say("200 OK"), CHANGED, "no posts, where there used to be about 12"),
    ],
}  # fmt: skip

NOT_WORDS = re.compile(r"[A-Z][a-z]+Error|Failure|Traceback|[<>\[\]{}]|\n")
"""What no person should have to read in the words for a fault."""


def certificates(folder: Path) -> dict[str, ssl.SSLContext]:
    """Return the certificates of the board that has some; the file ``known.pem`` says whom to trust."""
    known, stranger = authority("one that this machine knows"), authority("a stranger")
    (folder / "known.pem").write_bytes(known.pem())
    host = "secure.example"
    return {
        "good": server_context(folder, known, host),
        "expired": server_context(folder, known, host, begins=-30 * DAY, ends=-DAY),
        "another host": server_context(folder, known, "other.example"),
        "signed by itself": server_context(folder, None, host),
        "a stranger's": server_context(folder, stranger, host),
        "no host": server_context(folder, known),
    }
