"""Processes to be killed, forked from one that has imported what they need: hundreds of kills in a minute.

A module that ends with ``if __name__ == "__main__": nurse(globals())`` can have its functions run by a :class:`Nursery`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def say(words: str) -> None:
    """Write at once, so that what was said before a kill is known."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Victim:
    """A forked process that runs one function; what it says is read a line at a time."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.status: int | None = None

    def line(self) -> str | None:
        """Return what it says next, or ``None`` when it has ended, which sets :attr:`status`."""
        line = self._nursery.line()
        assert not line.startswith("failed: "), line
        if line.startswith("ended "):
            self.status = os.waitstatus_to_exitcode(int(line.split()[1]))
            return None
        return line

    def rest(self) -> list[str]:
        """Return all that it still says until it has ended."""
        return list(iter(self.line, None))

    def kill(self) -> list[str]:
        """Kill it, unless it has ended by itself, and return all that it had said."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return self.rest()

    def killed_after(self, seconds: float) -> list[str]:
        """Kill it so long after it said "ready", and return all else that it had said."""
        said = list(iter(self.line, "ready"))
        time.sleep(seconds)
        return said + self.kill()


class Nursery:
    """A process that forks a :class:`Victim` at a time; use :func:`nursery`."""

    def __init__(self, module: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def line(self) -> str:
        line = self.process.stdout.readline()
        assert line.endswith("\n"), "the nursery has ended"
        return line[:-1]

    def victim(self, work: str, *arguments: Any) -> Victim:
        self.process.stdin.write(json.dumps([work, *arguments]) + "\n")
        self.process.stdin.flush()
        said = self.line()
        assert said.startswith("born "), said
        return Victim(self, int(said.split()[1]))


@contextmanager
def nursery(module: str) -> Iterator[Nursery]:
    made = Nursery(module)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


def nurse(functions: Mapping[str, Any]) -> None:
    """Fork a process for every line of standard input, one after another, and say how each ended."""
    for line in sys.stdin:
        work, *arguments = json.loads(line)
        pid = os.fork()
        if pid == 0:
            say(f"born {os.getpid()}")
            try:
                functions[work](*arguments)
            except BaseException as error:  # noqa: BLE001 - said, so that the test fails with it
                say(f"failed: {type(error).__name__}: {error}".replace("\n", " "))
                os._exit(1)
            os._exit(0)
        say(f"ended {os.waitpid(pid, 0)[1]}")
