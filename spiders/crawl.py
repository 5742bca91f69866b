"""Fetch sources in a process of their own, under a deadline. Every request has exactly one result."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from domain.errors import SourceError
from domain.sources import SourceState
from spiders.fetching import FetchRequest, FetchResult, pack, unpack_result
from spiders.limits import Limits, crawl_limits
from spiders.processes import module_command, module_environment

__all__ = ["FetchRequest", "FetchResult", "Limits", "crawl"]

OnProgress = Callable[[int], None]
"""Told how many requests have their result."""


def crawl(
    requests: Sequence[FetchRequest],
    *,
    workdir: Path,
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
    command: Sequence[str] = (),
) -> list[FetchResult]:
    """Return one result per request, in their order; bodies are files in ``workdir``, which must exist.

    ``command`` starts another program than the crawl's own: one that stages a network, say. A crawl that dies
    or overruns costs the requests without a result an ERROR each, never an exception.
    Raise :class:`SourceError` if two requests share a name or the process cannot be started at all.
    """
    names = [request.name for request in requests]
    if len(set(names)) != len(names):
        raise SourceError("two sources have the same name", remedy="Rename one of them")
    if not requests:
        return []
    limits = limits or crawl_limits()
    results: dict[str, FetchResult] = {}
    with (
        (workdir / "crawl.stderr").open("wb") as noise,
        _started(command or module_command("spiders.crawl_process"), noise) as process,
        _killed_after(process, limits.deadline_seconds + limits.grace_seconds),
    ):
        started = time.monotonic()
        _ask(process, requests, workdir, limits)
        for result in _answers(process):
            results.setdefault(result.name, result)
            if on_progress is not None:
                on_progress(len(results))
            if len(results) == len(requests):
                break  # a thread that still resolves a name may hold the process back; nobody waits for it
        status = _ended(process, limits.grace_seconds)
    overrun = time.monotonic() - started >= limits.deadline_seconds
    cause = _cause(status, limits, overrun=overrun)
    return [results.get(request.name) or _unanswered(request, cause) for request in requests]


@contextmanager
def _started(command: Sequence[str], noise: IO[bytes]) -> Iterator[subprocess.Popen[str]]:
    try:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            env=module_environment(),
            encoding="utf-8",
        )
    except OSError as error:
        raise SourceError(f"the crawl could not be started ({error})") from error
    with process:
        try:
            yield process
        finally:
            process.kill()


def _ask(
    process: subprocess.Popen[str], requests: Sequence[FetchRequest], workdir: Path, limits: Limits
) -> None:
    job = {
        "requests": [pack(request) for request in requests],
        "folder": str(workdir),
        "limits": asdict(limits),
    }
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(job))
        process.stdin.close()
    except OSError:
        return  # it is gone; that it gives no results is what is recorded


def _answers(process: subprocess.Popen[str]) -> Iterator[FetchResult]:
    assert process.stdout is not None
    for line in process.stdout:
        try:
            yield unpack_result(json.loads(line))
        except (ValueError, KeyError, TypeError):
            continue  # a line torn by the end of the process; its request stays without a result


@contextmanager
def _killed_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _ended(process: subprocess.Popen[str], seconds: float) -> int:
    """Return the exit status of ``process``, which is killed if it has not ended within ``seconds``."""
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _cause(status: int, limits: Limits, *, overrun: bool) -> str:
    if overrun:
        return f"the crawl was stopped after {limits.deadline_seconds:g} s"
    return f"the crawl ended with status {status}" if status else ""


def _unanswered(request: FetchRequest, cause: str) -> FetchResult:
    detail = "no answer was recorded" + (f": {cause}" if cause else "")
    return FetchResult(name=request.name, state=SourceState.ERROR, detail=detail)
