"""CSV that a spreadsheet reads as data: what looks like a formula is marked as text, numbers stay numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

Cell = str | int | Decimal | None

# = + - @ and their full-width and small twins, behind what a spreadsheet skips; or a leading TAB, CR or LF.
# Source: OWASP, "CSV Injection".
_FORMULA = re.compile(
    r"[\s\ufeff\u200b\u00a0\"']*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
    r"|[ \ufeff\u200b\u00a0\"']*[\t\r\n]"
)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def cell(value: Cell) -> str:
    """Return ``value`` as a cell: numbers in full, nothing for ``None``, text that cannot be a formula."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    text = _UNSTORABLE.sub("", value)
    return f"'{text}" if _FORMULA.match(text) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return ``rows`` under ``header`` as CSV with CRLF line ends (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()
