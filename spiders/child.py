"""The child process that parses: reads frames from standard input, answers each on standard output.

It imports what parsing needs and nothing else, bounds its own memory and CPU time, and answers every
exception as data. Whatever it cannot answer, its death says.
"""

from __future__ import annotations

import os
import sys
from math import ceil
from typing import Any, BinaryIO

from domain.errors import BidwrightError
from spiders import parsers
from spiders.errors import ChangedShapeError
from spiders.limits import ParsingLimits, parsing_limits
from spiders.parsers.clip import clipped
from spiders.parsers.result import ParseResult
from spiders.plugins import load_plugin
from spiders.sniff import AUTO, PARSER_OF, kind_of
from spiders.wire import pack_result, read_frame, write_frame


def main() -> int:
    """Answer frames until standard input ends; return the exit status."""
    requests, answers = sys.stdin.buffer, _private_stdout()
    limits = parsing_limits()
    _limit_memory(limits)
    while (frame := read_frame(requests, limit=limits.body_bytes)) is not None:
        _allow_cpu(limits.seconds_for(frame[1]))
        answer = _answer(*frame)
        write_frame(answers, answer)
        if answer.get("exhausted"):
            return 1  # after a MemoryError nothing here can be relied on
    return 0


def _private_stdout() -> BinaryIO:
    """Return the pipe to the parent and point standard output elsewhere, so that a print cannot break it."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _limit_memory(limits: ParsingLimits) -> None:
    if sys.platform == "win32":
        return  # the parent's clock is the only bound there
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ValueError, OSError):
        # macOS refuses RLIMIT_AS; the body and wall limits still hold there.
        return


def _allow_cpu(seconds: float) -> None:
    """Grant the next body its CPU time; the limit counts from the start of the process, so it is moved on.

    The parent's clock is quicker; this one is for a child whose parent is gone.
    """
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + ceil(seconds), hard))


def _answer(request: dict[str, Any], body: bytes) -> dict[str, Any]:
    try:
        kind, parser = _parser(request, body)
        result = _parsed(parser, request, body)
    except MemoryError:
        return {"error": "it needs too much memory to parse", "exhausted": True}
    except BidwrightError as error:
        return {"error": error.what, "changed_shape": isinstance(error, ChangedShapeError)}
    except Exception as error:  # noqa: BLE001 - recorded as the outcome: parsers raise anything on hostile input
        return {"error": f"the parser failed with {type(error).__name__}: {error}"[:300]}
    return {"kind": kind, "result": pack_result(result)}


def _parsed(parser: str, request: dict[str, Any], body: bytes) -> ParseResult:
    source, where = request["source"], request["where"]
    if ":" in parser:  # a plug-in, "module:attribute"
        return clipped(load_plugin(parser).parse(body, source=source, where=where))
    return parsers.parse(
        parser,
        body,
        source=source,
        where=where,
        first_line=request["first_line"],
        options=request["options"],
        columns=request["columns"],
    )


def _parser(request: dict[str, Any], body: bytes) -> tuple[str | None, str]:
    """Return the kind of ``body`` where it was asked for, and the parser to use."""
    if request["parser"] != AUTO:
        return None, request["parser"]
    kind = kind_of(body, columns=request["columns"])
    if kind not in PARSER_OF:
        raise ChangedShapeError("neither a feed nor posts that can be read")
    return kind, PARSER_OF[kind]


if __name__ == "__main__":
    sys.exit(main())
