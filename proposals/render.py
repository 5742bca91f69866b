"""Renders a proposal template in a child process, where a bad template can only hurt itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from domain.errors import TemplateError
from proposals.context import Value
from proposals.template_heads import Template

# One heap for all threads: glibc reserves 128 MB of addresses for another, half of what the child may have,
# and the clock's thread then fails to start at times.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}
_STACK = re.compile(r'File "template:(?P<name>[^"]+)", line (?P<line>\d+)')
_START = 20.0  # seconds a child may take to start
_GRACE = 0.3  # seconds the parent waits beyond the child's own clock before it kills
_Place = tuple[str, int] | None
_LONGEST_ANSWER = 8  # bytes of JSON per byte of text, at the worst (\\uXXXX escapes), with room


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one render may use: address space, processor and wall seconds, and bytes of output."""

    memory_bytes: int = 256 * 1024 * 1024
    cpu_seconds: int = 2
    wall_seconds: float = 3.0
    output_bytes: int = 256 * 1024


class Renderer:
    """Renders templates, one at a time, in a child process that is reused and replaced when it dies.

    Use it as a context manager, or call :meth:`close`. Threads may share one.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child process, if there is one."""
        with self._lock:
            self._discard()

    def render(self, template: Template, context: Mapping[str, Value]) -> str:
        """Return ``template`` filled from ``context``; raise :class:`TemplateError` with name and line."""
        request = {
            "name": template.name,
            "templates": {template.name: template.body, **template.partials},
            "context": _jsonable(dict(context)),
            "output_bytes": self.limits.output_bytes,
        }
        with self._lock:
            place, answer = self._ask(json.dumps(request))
        if answer is None:
            raise self._struck(template, place)
        if "error" in answer:
            raise _wrong(template, answer["template"], answer["line"], answer["error"])
        return str(answer["text"])

    def _ask(self, request: str) -> tuple[_Place, dict[str, Any] | None]:
        """Return the answer; when a limit struck, the template line it struck at (if known) and ``None``."""
        child = self._running()
        with _killing(child, self.limits.wall_seconds + _GRACE):
            first, second = _exchange(child, request, self.limits.output_bytes * _LONGEST_ANSWER)
        if first and second:
            return None, json.loads(second)
        stack = self._last_words()
        return _placed(stack, json.loads(first)["lines"] if first else {}), None

    def _running(self) -> subprocess.Popen[str]:
        """Return a living child, started if need be."""
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._discard()
        program = Path(__file__).with_name("child.py")
        # -I keeps the workspace off the import path; the empty environment keeps secrets out.
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
            [sys.executable, "-I", "-X", "utf8", str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=_ENVIRONMENT | {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
        )
        limits = {
            "memory_bytes": self.limits.memory_bytes,
            "cpu_seconds": self.limits.cpu_seconds,
            "wall_seconds": self.limits.wall_seconds,
        }
        # What a render may take counts from here on, not from the start of a process on a busy machine.
        with _killing(self._child, _START):
            _exchange_limits(self._child, limits)
        return self._child

    def _last_words(self) -> str:
        """Return what the dead child wrote on standard error."""
        child = self._child
        if child is None:
            return ""
        child.kill()
        words = _pipe(child.stderr).read(64_000)
        self._discard()
        return words

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            try:
                _pipe(pipe).close()
            except BrokenPipeError:
                continue  # unsent input of a child that is gone

    def _struck(self, template: Template, place: _Place) -> TemplateError:
        """Return the error for a render that a limit ended."""
        limits = self.limits
        what = (
            f"it was stopped: more than {limits.cpu_seconds} s of processor, {limits.wall_seconds:g} s in all"
            f" or {limits.memory_bytes // 1024**2} MB of memory"
        )
        name, line = place or (template.name, 0)
        return _wrong(template, name, line, what)


@contextmanager
def _killing(child: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """Kill ``child`` unless the block ends within ``seconds``."""
    clock = threading.Timer(seconds, child.kill)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _exchange_limits(child: subprocess.Popen[str], limits: Mapping[str, float]) -> None:
    """Tell a new child its limits and wait until it is ready; one that dies meanwhile is found out later."""
    try:
        _pipe(child.stdin).write(json.dumps(limits) + "\n")
        _pipe(child.stdin).flush()
    except BrokenPipeError:
        return
    _pipe(child.stdout).readline(16)


def _exchange(child: subprocess.Popen[str], request: str, longest: int) -> tuple[str, str]:
    """Send one request and return both lines of the reply, empty where the child died."""
    try:
        _pipe(child.stdin).write(request + "\n")
        _pipe(child.stdin).flush()
    except BrokenPipeError:
        return "", ""
    first = _pipe(child.stdout).readline(longest)
    second = _pipe(child.stdout).readline(longest) if first.endswith("\n") else ""
    return (first if first.endswith("\n") else ""), (second if second.endswith("\n") else "")


def _placed(stack: str, lines: Mapping[str, list[list[int]]]) -> _Place:
    """Return template and line at work when a limit struck, from the child's stack (innermost first)."""
    found = _STACK.search(stack)
    if not found:
        return None
    code_line = int(found["line"])
    before = [pair[0] for pair in lines.get(found["name"], []) if pair[1] <= code_line]
    return found["name"], before[-1] if before else 1


def _wrong(template: Template, name: str, line: int, what: str) -> TemplateError:
    """Return the error that names the file a person would open and the line in it."""
    offset = template.head_lines if name == template.name else 0
    where = f"template {name}" + (f", line {line + offset}" if line else "")
    return TemplateError(what, where=where, remedy="Correct the template or choose another with --template")


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _jsonable(value: Any) -> Any:
    """Return plain data as JSON carries it; decimals and dates are marked so that the child restores them."""
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, dict):
        return {key: _jsonable(part) for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [_jsonable(part) for part in value]
    return value


def render(template: Template, context: Mapping[str, Value], *, limits: Limits | None = None) -> str:
    """Render once in a child of its own; for many, share a :class:`Renderer`."""
    with Renderer(limits) as renderer:
        return renderer.render(template, context)
