"""Large files of lines and of rows in pieces, so that none meets the limits of one parse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spiders.limits import FileLimits

IN_PIECES = frozenset({"jsonl", "objects", "csv"})
"""The parsers that take a file piece by piece."""

_HEAD = 1_000_000
_BLANK = b"\xef\xbb\xbf \r\n\t"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file and the number of its first line; a table's pieces each begin with its heading."""

    body: bytes
    first_line: int = 1


def pieces(body: bytes, limits: FileLimits) -> list[Piece]:
    """Return ``body`` whole, or cut between lines where it is large and looks like lines or rows.

    No piece of JSON Lines is longer than ``limits.chunk_bytes`` unless one line is; a table is cut where its
    quotes are even, so that no row is. What does not look like either stays whole.
    """
    if len(body) <= limits.chunk_bytes:
        return [Piece(body)]
    if are_lines(body):
        return list(_of_lines(body, limits.chunk_bytes))
    if _may_be_rows(body):
        return list(_of_rows(body, limits.chunk_bytes))
    return [Piece(body)]


def are_lines(body: bytes) -> bool:
    """Return whether one of the first lines looks like a whole object."""
    lines = (line.strip() for line in body[:_HEAD].split(b"\n")[:-1])
    return any(line.startswith(b"{") and line.endswith(b"}") for line in lines)


def _may_be_rows(body: bytes) -> bool:
    head = body[:_HEAD].lstrip(_BLANK)
    return not (head[:1] in {b"<", b"[", b"{"} or body.startswith(_UTF_16) or b"\n" not in head)


def _of_lines(body: bytes, size: int) -> Iterator[Piece]:
    start, line = 0, 1
    while start < len(body):
        end = body.rfind(b"\n", start, start + size) + 1
        if not end:  # one line longer than a piece
            end = body.find(b"\n", start) + 1 or len(body)
        if start + size >= len(body):
            end = len(body)
        yield Piece(body[start:end], line)
        line += body.count(b"\n", start, end)
        start = end


def _of_rows(body: bytes, size: int) -> Iterator[Piece]:
    heading = body[: _heading_end(body)]
    start, line = 0, 1
    while start < len(body):
        end = _row_end(body, start, size, 2 * size)
        first = start == 0
        yield Piece(body[start:end] if first else heading + body[start:end], line)
        line += body.count(b"\n", start, end) - (heading.count(b"\n") if first else 0)
        start = end


def _heading_end(body: bytes) -> int:
    """Return where the heading ends, with the empty lines and Excel's ``sep=;`` before it."""
    start = len(body) - len(body.lstrip(_BLANK))
    if body[start : start + 4].lower() == b"sep=":
        start = body.find(b"\n", start) + 1
    return _row_end(body, start, 1, _HEAD)


def _row_end(body: bytes, start: int, size: int, most: int) -> int:
    """Return the end of the first line, at or after ``size`` bytes, with an even number of quotes before it.

    Where there is none within ``most`` bytes, a quote is not closed: any line end will do.
    """
    place = nearest = body.find(b"\n", min(start + size, len(body)) - 1) + 1
    quotes = body.count(b'"', start, place or len(body))
    while place and quotes % 2 and place - start < most:
        after = body.find(b"\n", place) + 1
        quotes += body.count(b'"', place, after or len(body))
        place = after
    return (nearest if quotes % 2 else place) or len(body)
