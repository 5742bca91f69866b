"""Marketplace rules as dated data: fee rows and clocks from ``ledger/rules/<marketplace>.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from domain.errors import LedgerError

MARKETPLACE = "marketplace"
"""The ordinary way of working on a channel; others are ``direct``, ``enterprise``, ``preferred`` …"""
OTHER = "other"


class FeeKind(StrEnum):
    """How a fee row says what is kept."""

    FLAT = "flat"
    BANDS = "bands"  # marginal, on lifetime billings with one client
    RECORDED = "recorded"  # cannot be computed; a range until the person records it


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """``rate`` of the part of lifetime billings up to ``up_to`` (``None``: no end)."""

    up_to: Decimal | None
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRow:
    """One dated fee rule; every date is inclusive and ``None`` where it is open.

    ``low``, ``expected`` and ``high`` are shares of gross pay. ``lifetime_over`` restricts the row to clients
    whose lifetime billings had passed that amount on ``paid_from``. ``charged`` is ``payment`` or ``award``.
    """

    kind: FeeKind
    variant: str
    terms: str | None
    opened_from: date | None
    opened_to: date | None
    paid_from: date | None
    paid_to: date | None
    lifetime_over: Decimal | None
    low: Decimal
    expected: Decimal
    high: Decimal
    bands: tuple[Band, ...]
    minimum: Decimal | None
    charged: str
    may_record: bool
    words: str
    source: str
    evidence: str
    learned: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One dated waiting time in calendar days."""

    name: str
    variant: str
    days: int
    since: date | None
    to: date | None
    source: str
    evidence: str
    learned: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of one channel; bands and minimums are in ``currency``."""

    channel: str
    currency: str
    fees: tuple[FeeRow, ...]
    clocks: tuple[ClockRow, ...]


def _decimal(row: Mapping[str, Any], key: str) -> Decimal | None:
    return Decimal(row[key]) if key in row else None


def _bands(row: Mapping[str, Any]) -> tuple[Band, ...]:
    return tuple(
        Band(up_to=_decimal(band, "up_to"), rate=Decimal(band["rate"])) for band in row.get("bands", ())
    )


def _shares(row: Mapping[str, Any], bands: tuple[Band, ...]) -> tuple[Decimal, Decimal, Decimal]:
    """Return low, expected and high; of bands the first is expected, as a new client starts there."""
    if bands:
        rates = [band.rate for band in bands]
        return min(rates), rates[0], max(rates)
    if "rate" in row:
        rate = Decimal(row["rate"])
        return rate, rate, rate
    return Decimal(row["low"]), Decimal(row["expected"]), Decimal(row["high"])


def _fee_row(row: Mapping[str, Any]) -> FeeRow:
    bands = _bands(row)
    low, expected, high = _shares(row, bands)
    kind = FeeKind(row["kind"])
    return FeeRow(
        kind=kind,
        variant=row.get("variant", MARKETPLACE),
        terms=row.get("terms"),
        opened_from=row.get("opened_from"),
        opened_to=row.get("opened_to"),
        paid_from=row.get("paid_from"),
        paid_to=row.get("paid_to"),
        lifetime_over=_decimal(row, "lifetime_over"),
        low=low,
        expected=expected,
        high=high,
        bands=bands,
        minimum=_decimal(row, "minimum"),
        charged=row.get("charged", "payment"),
        may_record=row.get("may_record", kind is FeeKind.RECORDED),
        words=row["words"],
        source=row["source"],
        evidence=row["evidence"],
        learned=row["learned"],
    )


def _clock_row(row: Mapping[str, Any]) -> ClockRow:
    return ClockRow(
        name=row["name"],
        variant=row.get("variant", MARKETPLACE),
        days=int(row["days"]),
        since=row.get("from"),
        to=row.get("to"),
        source=row["source"],
        evidence=row["evidence"],
        learned=row["learned"],
    )


def parse_rulebook(channel: str, text: str) -> Rulebook:
    """Return the rulebook written as TOML in ``text``; raise :class:`LedgerError` where it cannot be read."""
    try:
        table = tomllib.loads(text)
        return Rulebook(
            channel=channel,
            currency=table["currency"],
            fees=tuple(_fee_row(row) for row in table["fee"]),
            clocks=tuple(_clock_row(row) for row in table.get("clock", ())),
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError, ArithmeticError) as error:
        raise LedgerError(
            f"the rules cannot be read ({error})",
            where=f"rules of {channel}",
            remedy="Compare the file with ledger/rules/upwork.toml",
        ) from error


@cache
def channels() -> tuple[str, ...]:
    """Return the channels that have rules on file, by name."""
    names = (entry.name for entry in files("ledger").joinpath("rules").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def _shipped(channel: str) -> Rulebook:
    text = files("ledger").joinpath("rules", f"{channel}.toml").read_text(encoding="utf-8")
    return parse_rulebook(channel, text)


def rulebook(channel: str) -> Rulebook:
    """Return the rules of ``channel``, or those of an unknown channel when it has none on file."""
    name = channel.strip().lower()
    return _shipped(name if name in channels() else OTHER)


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def find_fee(
    rules: Rulebook,
    *,
    opened: date,
    paid: date,
    variant: str = MARKETPLACE,
    terms: str | None = None,
    lifetime_at_change: Decimal | None = None,
) -> FeeRow:
    """Return the first fee row that holds for a contract opened on ``opened`` and a payment on ``paid``.

    ``lifetime_at_change`` is what the client had been billed when the rule with ``lifetime_over`` began, in
    the rulebook's currency. Raise :class:`LedgerError` when the variant is unknown.
    """
    for row in rules.fees:
        if (
            row.variant == variant
            and row.terms in (None, terms)
            and _within(opened, row.opened_from, row.opened_to)
            and _within(paid, row.paid_from, row.paid_to)
            and (row.lifetime_over is None or (lifetime_at_change or Decimal(0)) > row.lifetime_over)
        ):
            return row
    known = ", ".join(sorted({row.variant for row in rules.fees}))
    raise LedgerError(
        f"no fee rule for a {variant!r} contract opened {opened} and paid {paid}",
        where=rules.channel,
        remedy=f"Contracts known here: {known}",
    )


def large_client_day(rules: Rulebook) -> date | None:
    """Return the day on which a rule for clients with large lifetime billings began, ``None`` without one."""
    days = [
        row.paid_from for row in rules.fees if row.lifetime_over is not None and row.paid_from is not None
    ]
    return min(days, default=None)


def clock_days(channel: str, name: str, on: date, *, variant: str = MARKETPLACE) -> int | None:
    """Return the calendar days clock ``name`` runs when started on ``on``, ``None`` where no rule states it.

    A variant without a row of its own follows the ordinary one.
    """
    rows = [row for row in rulebook(channel).clocks if row.name == name and _within(on, row.since, row.to)]
    own = [row for row in rows if row.variant == variant] or [
        row for row in rows if row.variant == MARKETPLACE
    ]
    return own[0].days if own else None
