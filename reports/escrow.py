"""Escrow as text, JSON and CSV: what is held, in review, pending, released and refunded, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from ledger.escrow import EscrowLine, Stand, escrow_totals
from ledger.fees import PaymentFee
from reports import words
from reports.csv_cells import csv_text
from reports.layout import NARROWEST, table, wrap
from reports.render_json import Json, decimal_text, when
from reports.words import clip

_NEXT = {
    Stand.HELD: "submit the work to start a review",
    Stand.REFUNDED: "back with the client",
}


def _net(line: EscrowLine) -> str:
    if line.fee is None:
        return ""
    low, high = line.fee.net_low, line.fee.net_high
    return words.spread(words.money(low), words.money(high)) + ("" if line.fee.known else " (fee not stated)")


def _until(line: EscrowLine, time_zone: str) -> str:
    """Return what happens next and when; projections say so."""
    if line.stand in _NEXT:
        return _NEXT[line.stand]
    if line.until is None:
        return "no hold or review stated for this channel"
    shown = words.moment(line.until, time_zone) if isinstance(line.until, datetime) else words.day(line.until)
    if line.stand is Stand.IN_REVIEW:
        return (
            f"was due {shown}: check the marketplace" if line.overdue else f"released {shown} at the latest"
        )
    return f"available {shown} (projected)" if line.stand is Stand.PENDING else f"available since {shown}"


def _milestone(line: EscrowLine) -> str:
    name = clip(line.title or line.milestone, 30)
    return f"{clip(line.client, 24)} · {clip(line.contract_id, 24)} / {name}"


def _group(stand: Stand, lines: Sequence[EscrowLine], time_zone: str, width: int) -> Iterator[str]:
    total = words.sums(escrow_totals(tuple(lines))[stand])
    yield f"{stand.value.capitalize()}: {total}"
    rows = [
        (
            words.money(line.gross),
            _net(line) or "not yet",
            _milestone(line),
            _until(line, time_zone),
        )
        for line in lines
    ]
    yield from table(("gross", "net", "milestone", "next"), rows, width=width, right=frozenset({0, 1}))
    yield ""


def escrow_text(lines: Sequence[EscrowLine], *, time_zone: str, width: int = 110) -> str:
    """Return the amounts by where they stand, with totals per currency and dates in the person's zone."""
    wide = max(width, NARROWEST)
    out: list[str] = []
    for stand in Stand:
        members = [line for line in lines if line.stand is stand]
        if members:
            out += _group(stand, members, time_zone, wide)
    if not out:
        return "No milestone money recorded yet.\n"
    note = "Dates are projected from the marketplace's rules; its own word counts. Holds end on UTC days."
    return "\n".join([*out, *wrap(note, wide)]) + "\n"


def _when(value: datetime | date | None) -> str | None:
    if isinstance(value, datetime):
        return when(value)
    return None if value is None else value.isoformat()


def _fee(fee: PaymentFee | None) -> Json | None:
    if fee is None:
        return None
    return {
        "low": decimal_text(fee.low.amount),
        "high": decimal_text(fee.high.amount),
        "known": fee.known,
        "flag": fee.flag,
        "basis": fee.basis,
    }


def escrow_json(lines: Sequence[EscrowLine]) -> Json:
    """Return totals by stand and currency, and every line; amounts as decimal text."""
    by_stand = escrow_totals(tuple(lines))
    return {
        "totals": {
            stand.value: {code: decimal_text(money.amount) for code, money in sorted(by_stand[stand].items())}
            for stand in Stand
        },
        "lines": [
            {
                "stand": line.stand.value,
                "contract": line.contract_id,
                "client": line.client,
                "channel": line.channel,
                "milestone": line.milestone,
                "title": line.title,
                "gross": decimal_text(line.gross.amount),
                "currency": line.gross.currency,
                "fee": _fee(line.fee),
                "since": when(line.since),
                "until": _when(line.until),
                "overdue": line.overdue,
            }
            for line in lines
        ],
    }


def escrow_csv(lines: Sequence[EscrowLine]) -> str:
    """Return the lines as CSV; amounts are numbers beside their currency."""
    header = (
        "stand", "contract", "client", "channel", "milestone", "title", "gross", "net_low", "net_high",
        "currency", "since", "until", "overdue",
    )  # fmt: skip
    return csv_text(
        header,
        [
            (
                line.stand.value,
                line.contract_id,
                line.client,
                line.channel,
                line.milestone,
                line.title,
                line.gross.amount,
                line.fee.net_low.amount if line.fee else None,
                line.fee.net_high.amount if line.fee else None,
                line.gross.currency,
                when(line.since),
                _when(line.until),
                "yes" if line.overdue else "no",
            )
            for line in lines
        ],
    )
