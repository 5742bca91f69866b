"""Laying out text by columns of the terminal, where a character may take two of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from rich.cells import cell_len, set_cell_size

NARROWEST = 40
_LEAST_LAST = 8


class Ink(StrEnum):
    """ANSI codes; the text reads the same without them."""

    BOLD = "\x1b[1m"
    DIM = "\x1b[2m"
    GOOD = "\x1b[32m"
    WARN = "\x1b[33m"
    PLAIN = ""


def ink(text: str, code: Ink, *, colour: bool) -> str:
    """Return ``text`` in ``code`` when ``colour`` is on."""
    return f"{code.value}{text}\x1b[0m" if colour and code is not Ink.PLAIN and text else text


def wrap(text: str, width: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns; a longer word stands alone, unbroken."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and cell_len(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def labelled(label: str, text: str, *, width: int, gap: int) -> list[str]:
    """Return ``label`` and ``text`` beside it, wrapped under itself; ``gap`` columns hold the label."""
    first, *rest = wrap(text, max(width - gap, 10)) or [""]
    return [set_cell_size(label, gap) + first, *(" " * gap + line for line in rest)]


def fit(text: str, width: int) -> str:
    """Return ``text`` in exactly ``width`` columns: padded, or cut with an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"[:width]


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, width: int, right: frozenset[int] = frozenset()
) -> list[str]:
    """Return an aligned table; the last column is cut to what is left of ``width``.

    Columns in ``right`` are aligned to the right. Where the columns do not fit, each row becomes a few lines:
    its last cell, and below it the others with their headings, without empty ones.
    """
    body = [list(row) for row in rows]
    columns = [max(cell_len(cell) for cell in column) for column in zip(header, *body, strict=True)]
    spent = sum(columns[:-1]) + 2 * (len(columns) - 1)
    if width - spent < _LEAST_LAST:
        return [line for row in body for line in _stacked(header, row, width)]
    columns[-1] = min(columns[-1], width - spent)

    def line(cells: Sequence[str]) -> str:
        shown = []
        for place, (cell, room) in enumerate(zip(cells, columns, strict=True)):
            pad = " " * max(0, room - cell_len(cell))
            shown.append(pad + cell if place in right else fit(cell, room))
        return "  ".join(shown).rstrip()

    return [line(header), "  ".join("─" * room for room in columns), *map(line, body)]


def _stacked(header: Sequence[str], row: Sequence[str], width: int) -> list[str]:
    cells = zip(header[:-1], row[:-1], strict=True)
    others = " · ".join(f"{name} {cell}" for name, cell in cells if cell)
    return [*wrap(row[-1], width), *(f"  {line}" for line in wrap(others, width - 2))]
