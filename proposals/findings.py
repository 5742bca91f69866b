"""What a check finds: one thing to mend, with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend: a stable ``code``, the 1-based ``line`` of the checked text, and what to do."""

    code: str
    line: int
    message: str


def first_line(body: str) -> int:
    """Return the number of the first line with text, 1 where there is none."""
    return next((number for number, line in enumerate(body.split("\n"), 1) if line.strip()), 1)


def each_line(lines: Iterable[str], code: str, judge: Callable[[str], str]) -> Iterator[Finding]:
    """Yield a finding for each line that ``judge`` has something to say about."""
    for number, line in enumerate(lines, 1):
        message = judge(line)
        if message:
            yield Finding(code=code, line=number, message=message)
