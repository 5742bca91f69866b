"""Tables in text: encoding, delimiter and rows of CSV and its kin, with one bad row costing only itself.

Python's own reader lets one unclosed quote swallow the rest of the file; here a quoted cell must end in a
quote before a delimiter or the end of its row, or its row is read as it stands, line by line.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 2_000_000
"""Characters; a quoted cell that does not end by then is taken to lack its closing quote."""

_LINES_JOINED = 50
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The cells of one row and the number of its first line; ``problem`` says what was wrong with it."""

    line: int
    cells: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A decoded table: ``note`` says what was assumed or replaced to read its bytes."""

    text: str
    delimiter: str
    start: int
    note: str | None = None


def decode_table(body: bytes) -> tuple[str, str | None]:
    """Return ``body`` as text, and what had to be assumed: UTF-8 and UTF-16 are known, else Windows-1252."""
    if body.startswith(_BOMS) or b"\0" in body[1:4:2]:
        text = body.decode(json.detect_encoding(body), errors="replace").removeprefix("\ufeff")
        return _lines(
            text
        ), "bytes that are no text in its encoding were replaced" if "\ufffd" in text else None
    try:
        return _lines(body.decode("utf-8")), None
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    lost = "; bytes it does not know were replaced" if "\ufffd" in text else ""
    return _lines(text), f"not UTF-8; read as Windows-1252{lost}"


def _lines(text: str) -> str:
    return text.replace("\r", "\n") if "\n" not in text else text


def open_table(body: bytes) -> Table:
    """Return the table in ``body``: the delimiter is the one that gives its first row the most cells."""
    text, note = decode_table(body)
    hint = _EXCEL_HINT.match(text)
    if hint:
        return Table(text=text, delimiter=hint[1], start=hint.end(), note=note)
    start = len(text) - len(text.lstrip("\n\r \0"))
    counts = {mark: len(_first(text, start, mark)) for mark in DELIMITERS}
    return Table(text=text, delimiter=max(counts, key=lambda mark: counts[mark]), start=start, note=note)


def _first(text: str, start: int, delimiter: str) -> tuple[str, ...]:
    return next((row.cells for row in _rows(text, start, delimiter, 1)), ())


def rows_of(table: Table) -> Iterator[Row]:
    """Yield every row of ``table`` that is not an empty line, its heading first."""
    first_line = table.text.count("\n", 0, table.start) + 1
    yield from _rows(table.text, table.start, table.delimiter, first_line)


def _rows(text: str, place: int, delimiter: str, line: int) -> Iterator[Row]:
    length, width = len(text), 0
    while place < length:
        end = text.find("\n", place)
        end = length if end < 0 else end
        problem = None
        if text.find('"', place, end) < 0:
            cells, after = text[place:end].rstrip("\r").split(delimiter), end + 1
        else:
            found = _quoted(text, place, delimiter)
            if found is None:
                cells, after = _broken(text, place, end, delimiter, width)
                problem = "a quote is not closed, or stands inside a cell; read as it stands"
            else:
                cells, after = found
        if cells != [""]:
            width = width or len(cells)
            yield Row(line=line, cells=tuple(cells), problem=problem)
        line += text.count("\n", place, min(after, length))
        place = after


def _quoted(text: str, place: int, delimiter: str) -> tuple[list[str], int] | None:
    """Return the cells of the row at ``place`` and where the next begins, ``None`` if a quote is broken."""
    quoted, plain = _cells(delimiter)
    cells = []
    while True:
        found = quoted.match(text, place, place + LONGEST_CELL)
        if found:
            cells.append(found[1].replace('""', '"'))
        elif text.startswith('"', place):
            return None
        else:
            found = plain.match(text, place)
            assert found is not None  # it matches nothing at all, too
            cells.append(found[0].rstrip("\r"))
        place = found.end()
        if not text.startswith(delimiter, place):
            ending = 2 if text.startswith("\r\n", place) else 1
            return cells, place + ending
        place += 1


@cache
def _cells(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    mark = re.escape(delimiter)
    return (
        # Possessive, so that a cell without an end is given up at once and not in every possible way.
        re.compile(rf'"((?:[^"]++|"")*+)"[ ]*+(?={mark}|\r?\n|\Z)'),
        re.compile(rf"[^{mark}\n]*+"),
    )


def _broken(text: str, place: int, end: int, delimiter: str, width: int) -> tuple[list[str], int]:
    """Return the cells of a row whose quotes are broken and where the next begins.

    Lines after it are taken along where that makes it exactly as wide as the heading: a text of several lines
    that lacks a quote. Else it is its first line.
    """
    first = _loose(text[place:end].rstrip("\r"), delimiter)
    last, cells = end, first
    for _ in range(_LINES_JOINED):
        if len(cells) >= width or last >= len(text):
            break
        last = text.find("\n", last + 1)
        last = len(text) if last < 0 else last
        cells = _loose(text[place:last].rstrip("\r"), delimiter)
        if len(cells) == width:
            return cells, last + 1
    return first, end + 1


def _loose(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line whose quotes are broken: each as it stands, whole quotes taken off."""
    cells = line.split(delimiter)
    return [
        cell[1:-1].replace('""', '"') if cell[:1] == cell[-1:] == '"' and len(cell) > 1 else cell
        for cell in cells
    ]
