"""Renders templates in a process of its own, under limits; started by :mod:`proposals.render`.

Reads one JSON object a line from standard input, writes one a line to standard output. Imports only the
standard library and Jinja2, reads no file and holds no secret: a template that breaks the sandbox finds
nothing here. When a limit strikes, the faulthandler's stack on standard error says which line was at work.
"""

from __future__ import annotations

import faulthandler
import json
import math
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

_MARK: Final = "template:"
_MOST_POWER: Final = 64  # base and exponent: beyond any price
_MOST_REPEATED: Final = 100_000  # characters or items


def _loader(templates: dict[str, str]) -> FunctionLoader:
    """Return a loader that names compiled code so that a stack trace tells templates apart."""

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        return (templates[name], _MARK + name, lambda: True) if name in templates else None

    return FunctionLoader(load)


def _size(item: Any) -> int:
    """Return how large a number is, or how long a text or list."""
    if isinstance(item, str | list | tuple | dict):
        return len(item)
    return int(abs(item))


class _Limited(ImmutableSandboxedEnvironment):
    """The sandbox, with arithmetic that can explode refused before it starts."""

    intercepted_binops = frozenset({"**", "*"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse powers and repetitions beyond what a proposal can need."""
        if operator == "**" and max(_size(left), _size(right)) > _MOST_POWER:
            raise OverflowError("a power this large is not allowed")
        repeats = isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple)
        if operator == "*" and repeats and _size(left) * _size(right) > _MOST_REPEATED:
            raise OverflowError("a repetition this long is not allowed")
        return super().call_binop(context, operator, left, right)


@lru_cache(maxsize=32)  # more templates than most have; compiling one costs as much as ten renders
def _environment(templates: tuple[tuple[str, str], ...]) -> Environment:
    """Return the sandbox for one set of templates, compiled once for all renders of it."""
    environment = _Limited(
        loader=_loader(dict(templates)),
        undefined=StrictUndefined,
        autoescape=False,  # proposals are plain text; a page escapes what it shows
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    for name in ("attr", "pprint", "xmlattr", "urlize"):
        environment.filters.pop(name)
    return environment


def _value(item: Any) -> Any:
    """Return JSON data as the plain values they were: tuples, decimals and dates."""
    if isinstance(item, list):
        return tuple(_value(part) for part in item)
    if not isinstance(item, dict):
        return item
    if set(item) == {"$decimal"}:
        return Decimal(item["$decimal"])
    if set(item) == {"$date"}:
        return date.fromisoformat(item["$date"])
    return {key: _value(part) for key, part in item.items()}


def _line_in_template(error: BaseException) -> tuple[str, int]:
    """Return the innermost template and line that ``error`` passed through, or ``("", 0)``.

    Jinja2 has already rewritten the stack: its frames carry the template's name and line.
    """
    name, line = "", 0
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(_MARK):
            name, line = file.removeprefix(_MARK), trace.tb_lineno
        trace = trace.tb_next
    return name, line


def _compiled_lines(environment: Environment, names: list[str]) -> dict[str, list[tuple[int, int]]]:
    """Return, for each template that compiles, pairs of template line and line of the code made from it."""
    lines = {}
    for name in names:
        with suppress(TemplateSyntaxError):
            lines[name] = environment.get_template(name).debug_info
    return lines


class _TooLongError(Exception):
    """The output passed its limit."""


def _render(template: Template, context: dict[str, Any], most: int) -> str:
    parts, size = [], 0
    for part in template.generate(context):
        size += len(part.encode("utf-8", "replace"))
        if size > most:
            raise _TooLongError(f"the output is larger than {most // 1024} KB")
        parts.append(part)
    return "".join(parts)


def _answer(environment: Environment, request: dict[str, Any]) -> dict[str, Any]:
    try:
        template = environment.get_template(request["name"])
        return {"text": _render(template, _value(request["context"]), request["output_bytes"])}
    except TemplateSyntaxError as error:
        return {
            "error": error.message or "syntax error",
            "template": error.name or request["name"],
            "line": error.lineno,
        }
    except Exception as error:  # noqa: BLE001 - whatever a template raises is reported with its line
        name, line = _line_in_template(error)
        return {"error": _words(error), "template": name or request["name"], "line": line}


def _words(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "it needs more memory than a template may use"
    if isinstance(error, RecursionError):
        return "it calls itself without end"
    return str(error) or type(error).__name__


def _limit(limits: dict[str, int]) -> None:
    """Set the limits that hold for life; where the system has none, the parent's clock does."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"], limits["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.register(signal.SIGXCPU, all_threads=False, chain=True)


def _allow(seconds: int) -> None:
    """Let the process use ``seconds`` more of the processor from here on."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.RLIM_INFINITY))


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Say "ready", then per request the compiled lines and the answer, until standard input ends."""
    limits = json.loads(sys.stdin.readline())
    _limit(limits)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        request = json.loads(line)
        _allow(limits["cpu_seconds"])
        faulthandler.dump_traceback_later(limits["wall_seconds"], exit=True)
        environment = _environment(tuple(sorted(request["templates"].items())))
        _say({"lines": _compiled_lines(environment, list(request["templates"]))})
        _say(_answer(environment, request))
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main()
