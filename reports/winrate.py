"""Win rates as text, JSON and CSV. Too few decided bids say so instead of a rate."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ledger.winrate import Interval, WinRow
from reports import words
from reports.csv_cells import csv_text
from reports.layout import NARROWEST, table, wrap
from reports.render_json import Json, win_json
from reports.words import clean, clip

_RIGHT = frozenset(range(1, 8))


def _interval(interval: Interval) -> str:
    low, high = words.percent(interval.low), words.percent(interval.high)
    return f"{words.percent(interval.p)} ({words.spread(low, high)})"


def _rate(row: WinRow) -> str:
    if row.enough and row.observed is not None:
        return _interval(row.observed)
    return f"not enough yet ({row.decided} of {row.decided + row.needed} decided)"


def winrate_text(rows: Sequence[WinRow], *, width: int = 100) -> str:
    """Return the funnel and the win rate of each group, with 95 % intervals."""
    header = ("bids", "sent", "viewed", "replied", "talked", "won", "lost", "open", "win rate")
    cells = [
        (
            clip(row.group, 30),
            str(row.submitted),
            str(row.viewed),
            str(row.replied),
            str(row.interviewed),
            str(row.won),
            str(row.lost),
            str(row.open),
            _rate(row),
        )
        for row in rows
    ]
    wide = max(width, NARROWEST)
    lines = table(header, cells, width=wide, right=_RIGHT) if cells else ["No bids recorded yet."]
    for row in rows:
        if row.posterior is not None and row.submitted:
            text = f"{clean(row.group)}, with the typical rate as a start: {_interval(row.posterior)}."
            lines += wrap(text, wide)
    note = "Open and withdrawn bids are not losses: the rate is won over decided, with its 95% interval."
    return "\n".join([*lines, *wrap(note, wide)]) + "\n"


def winrate_json(rows: Sequence[WinRow]) -> Json:
    """Return the rows as plain data."""
    return {"rows": [win_json(row) for row in rows]}


def winrate_csv(rows: Sequence[WinRow]) -> str:
    """Return the rows as CSV; shares with six decimals, empty where there is too little to say."""
    header = (
        "group", "submitted", "viewed", "replied", "interviewed", "won", "lost", "withdrawn", "open",
        "win_rate", "win_rate_low", "win_rate_high", "enough", "connects",
    )  # fmt: skip

    def share(value: Decimal | None) -> Decimal | None:
        return None if value is None else value.quantize(Decimal("0.000001"))

    def line(row: WinRow) -> tuple[str | int | Decimal | None, ...]:
        observed = row.observed
        rates = (observed.p, observed.low, observed.high) if observed else (None, None, None)
        return (
            row.group, row.submitted, row.viewed, row.replied, row.interviewed, row.won, row.lost,
            row.withdrawn, row.open, *map(share, rates), "yes" if row.enough else "no", row.connects,
        )  # fmt: skip

    return csv_text(header, [line(row) for row in rows])
