"""A crawl's process on a staged network: names answer by a script, every connection is noted, results can get lost.

``python -m tests.staging SCRIPT`` is the process of one crawl; SCRIPT is a :class:`Stage` as JSON. ``WarmCrawls`` starts
such processes by forking one that has imported everything: a second for each of hundreds of crawls is not worth it.
"""

from __future__ import annotations

import array
import contextlib
import errno
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_SILENT = "127.66.66.66"
WORLD = "127.77.77.77"
"""Where on this machine the servers of the staged world are."""
_OURS = frozenset({_SILENT, WORLD})
_KEPT: list[socket.socket] = []


@dataclass
class Stage:
    """What the network of one crawl is like.

    ``names`` gives for each name its answers, one list for each time it is asked and the last for ever after; an empty
    list is "no such name". Other names do not exist, unless "*" stands for them; ``offline`` none does. Resolving one of
    ``slow`` takes a minute. The world beyond this machine is silent, ``no_route`` leads to it, or ``world`` has the port
    on this machine that answers for a port there ("*": for all others).
    """

    names: dict[str, list[list[str]]] = field(default_factory=dict)
    slow: list[str] = field(default_factory=list)
    world: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)  # requests whose answer the spider forgets
    offline: bool = False
    no_route: bool = False
    told: str = ""  # the file in which each connection, each result and the memory used are a line

    def command(self, script: Path) -> list[str]:
        """Write the stage to ``script`` and return the command of a crawl's process on it."""
        script.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return [sys.executable, "-m", "tests.staging", str(script)]


@dataclass
class Told:
    """What was noted on a stage."""

    connected: list[str]  # addresses, in order
    at: dict[str, float]  # when each result was there, on the monotonic clock, which all processes share
    peak: int  # bytes of memory at most


def told(stage: Stage) -> Told:
    """Return what was noted on ``stage``."""
    lines = [line.split(" ", 1) for line in Path(stage.told).read_text(encoding="utf-8").splitlines()]
    return Told(
        connected=[rest for kind, rest in lines if kind == "connect"],
        at={
            name: float(moment)
            for kind, rest in lines
            if kind == "result"
            for moment, name in [rest.split(" ", 1)]
        },
        peak=max((int(rest) for kind, rest in lines if kind == "peak"), default=0),
    )


# ---- inside the process ------------------------------------------------------------------------------------


def set_up(stage: Stage) -> None:
    """Put ``stage`` in place of the network of this process."""
    from spiders import crawl_process

    socket.getaddrinfo = _resolver(stage)
    socket.socket.connect_ex = _connector(stage)
    sys.addaudithook(
        lambda event, about: _note_connect(stage, about[1]) if event == "socket.connect" else None
    )

    class Staged(crawl_process.BoardSpider):
        def __init__(self, *arguments, record, **more):
            def noted(result):
                record(result)
                _note(stage, f"result {time.monotonic()} {result.name}")

            super().__init__(*arguments, record=noted, **more)

        def answered(self, response, number, *, last):
            if self._requests[number].name in stage.lost:
                return iter(())
            return super().answered(response, number, last=last)

    crawl_process.BoardSpider = Staged


def _note(stage: Stage, line: str) -> None:
    if stage.told:
        with Path(stage.told).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _note_connect(stage: Stage, address) -> None:
    if address[0] not in _OURS:
        _note(stage, f"connect {address[0]}")


def _resolver(stage: Stage):
    asked: Counter[str] = Counter()
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *_family_and_so_on, **_more):
        if host in stage.slow:
            time.sleep(60)
        scripted = stage.names.get(host)
        if scripted is None and not _is_address(host):
            scripted = stage.names.get("*")
        if stage.offline or scripted == []:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        if scripted is None:
            # Also odd spellings of addresses, which the real one understands; no name server is asked.
            return real(
                host, port, type=socket.SOCK_STREAM, flags=0 if "localhost" in host else socket.AI_NUMERICHOST
            )
        answers = scripted[min(asked[host], len(scripted) - 1)]
        asked[host] += 1
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port or 0)) for answer in answers]

    return getaddrinfo


def _is_address(host: str) -> bool:
    """Return whether ``host`` is an address in any spelling that the C library understands, or this machine."""
    try:
        socket.inet_aton(host)
    except (OSError, UnicodeError):
        return ":" in host or "localhost" in host
    return True


def _connector(stage: Stage):
    def connect_ex(self: socket.socket, address) -> int:
        if ipaddress.ip_address(address[0].partition("%")[0]).is_loopback:
            return super(socket.socket, self).connect_ex(address)
        sys.audit("socket.connect", self, address)
        if stage.no_route or self.family != socket.AF_INET:
            return errno.ENETUNREACH
        port = stage.world.get(str(address[1]), stage.world.get("*"))
        return super(socket.socket, self).connect_ex(_silence() if port is None else (WORLD, port))

    return connect_ex


@cache
def _silence() -> tuple[str, int]:
    """Return an address on this machine that never answers: its queue is full."""
    listener = socket.create_server((_SILENT, 0), backlog=0)
    place = listener.getsockname()
    waiting = []
    for _ in range(3):
        waiting.append(socket.socket())
        waiting[-1].setblocking(False)
        super(socket.socket, waiting[-1]).connect_ex(place)
    _KEPT.extend([listener, *waiting])
    return place


def main(script: str) -> int:
    from spiders import crawl_process

    stage = Stage(**json.loads(Path(script).read_text(encoding="utf-8")))
    set_up(stage)
    try:
        return crawl_process.main()
    finally:
        _note_peak(stage)


def _note_peak(stage: Stage) -> None:
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii", errors="replace").splitlines() if status.exists() else []
    for line in lines:
        if line.startswith("VmHWM:"):
            _note(stage, f"peak {int(line.split()[1]) * 1024}")


# ---- many processes ----------------------------------------------------------------------------------------

_CLIENT = """
import array, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect(sys.argv[1])
    line.sendmsg([sys.argv[2].encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
    sys.exit((line.recv(1) or b"\\x89")[0])
"""


class WarmCrawls:
    """Processes like those of :meth:`Stage.command`, each forked from one that has imported what they need."""

    def __init__(self, folder: Path) -> None:
        self._place = str(folder / "warm")
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.staging", "serve", self._place], cwd=ROOT
        )
        deadline = time.monotonic() + 60
        while not Path(self._place).exists():
            assert time.monotonic() < deadline
            assert self._server.poll() is None
            time.sleep(0.02)

    def command(self, stage: Stage, script: Path) -> list[str]:
        """Return the command of a crawl's process on ``stage``."""
        stage.command(script)
        return [sys.executable, "-I", "-S", "-c", _CLIENT, self._place, str(script)]

    def close(self) -> None:
        self._server.kill()
        self._server.wait()


@contextlib.contextmanager
def warm_crawls(folder: Path) -> Iterator[WarmCrawls]:
    warm = WarmCrawls(folder)
    try:
        yield warm
    finally:
        warm.close()


def serve(place: str) -> None:
    """Fork a process for every connection to ``place``, with the streams and the script that come with it."""
    import spiders.crawl_process
    import spiders.handler
    import spiders.keys  # noqa: F401 - to have it imported is the point

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{place}.new")
        listener.listen(8)
        Path(f"{place}.new").rename(place)
        while True:
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _one(line)
            line.close()


def _one(line: socket.socket) -> None:
    status = 1
    try:
        script, ancillary, _, _ = line.recvmsg(4096, socket.CMSG_SPACE(3 * 4))
        streams = array.array("i", ancillary[0][2])
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        status = main(script.decode())
    finally:
        line.send(bytes([status]))
        os._exit(status)


if __name__ == "__main__":
    sys.exit(serve(sys.argv[2]) if sys.argv[1] == "serve" else main(sys.argv[1]))
