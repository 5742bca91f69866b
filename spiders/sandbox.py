"""Parse foreign bytes in a child process under limits, and replace it whenever it dies or hangs."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from domain.errors import SourceError
from spiders.errors import ChangedShapeError, TooLargeError
from spiders.limits import ParsingLimits, parsing_limits
from spiders.parsers.fieldmap import Options
from spiders.parsers.result import ParseResult
from spiders.processes import keyless_environment, module_command
from spiders.wire import read_frame, unpack_result, write_frame


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseOutcome:
    """What became of one body: a result or an error, never both, never neither.

    ``kind`` is what the body was found to be, where the parser was ``auto``.
    """

    kind: str | None = None
    result: ParseResult | None = None
    error: SourceError | None = None

    def unwrap(self) -> ParseResult:
        """Return the result or raise the error."""
        if self.error is not None:
            raise self.error
        assert self.result is not None
        return self.result


class ParserPool:
    """One child that parses body after body; use it as a context manager. Threads take turns.

    The child is started when first needed and again after it was killed, ran out of memory or died.
    """

    def __init__(self, limits: ParsingLimits | None = None) -> None:
        self._limits = limits or parsing_limits()
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; the next parse starts another."""
        with self._turn:
            self._discard()

    def parse(
        self,
        parser: str,
        body: bytes,
        *,
        source: str,
        where: str,
        first_line: int = 1,
        options: Options | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> ParseOutcome:
        """Return what the parser named ``parser`` makes of ``body``, within the limits of ``limits.toml``.

        ``auto`` chooses the parser by the content. ``source`` names the source of the posts and ``where`` the
        place, for issues; ``options`` is the field map of a parser that needs one, ``columns`` are a table's
        headings by the field they fill. Never raises for what
        ``body`` holds: an exception, a hang or a crash of the parser is the outcome's error.
        """
        if len(body) > self._limits.body_bytes:
            return ParseOutcome(error=TooLargeError(_too_large(len(body), self._limits), where=where))
        request = {
            "parser": parser,
            "source": source,
            "where": where,
            "first_line": first_line,
            "options": dict(options or {}),
            "columns": dict(columns or {}),
        }
        with self._turn:
            try:
                answer = self._ask(request, body)
            except SourceError as error:
                self._discard()
                return ParseOutcome(error=SourceError(error.what, where=where))
        return _outcome(answer, where)

    def _ask(self, request: dict[str, Any], body: bytes) -> dict[str, Any]:
        child = self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        seconds = self._limits.seconds_for(body)
        with _killed_after(child, seconds) as expired:
            try:
                write_frame(child.stdin, request, body)
                frame = read_frame(child.stdout, limit=self._limits.answer_bytes)
            except OSError:
                frame = None  # the pipe broke because the child is gone
        if frame is None:
            raise SourceError(_cause(child, seconds if expired.is_set() else None))
        if frame[0].get("exhausted") or expired.is_set():
            self._discard()
        return frame[0]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._discard()
            self._child = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                module_command("spiders.child"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=keyless_environment(),
            )
        return self._child

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                continue  # unsent bytes for a child that is gone


def _cause(child: subprocess.Popen[bytes], timed_out: float | None) -> str:
    if timed_out is not None:
        return f"parsing took longer than {timed_out:g} s and was stopped"
    return f"the parser died (status {child.wait()})"


@contextmanager
def _killed_after(child: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kill ``child`` after ``seconds`` unless the block ends first; the event says whether it was."""
    expired = threading.Event()

    def end() -> None:
        expired.set()
        child.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _outcome(answer: dict[str, Any], where: str) -> ParseOutcome:
    if "result" in answer:
        try:
            return ParseOutcome(kind=answer.get("kind"), result=unpack_result(answer["result"]))
        except SourceError as error:
            return ParseOutcome(error=SourceError(error.what, where=where))
    kind = ChangedShapeError if answer.get("changed_shape") else SourceError
    return ParseOutcome(error=kind(str(answer.get("error", "the parser gave no answer")), where=where))


def _too_large(size: int, limits: ParsingLimits) -> str:
    return f"too large: {size} bytes, {limits.body_bytes} are read at most"
