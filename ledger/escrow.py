"""Milestone money by where it stands: held, in review, pending, released, refunded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.money import Money
from ledger.book import Book
from ledger.contracts import Contract, Milestone, MilestoneState
from ledger.entries import totals
from ledger.fees import PaymentFee
from ledger.journal import release_fees


class Stand(StrEnum):
    """Where an amount stands."""

    HELD = "held"
    IN_REVIEW = "in review"
    PENDING = "pending"
    RELEASED = "released"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowLine:
    """One amount of one milestone.

    ``gross`` is what the client paid; ``fee`` what is kept of it (``None`` before release). ``until`` is the
    projected moment of the next step: the end of the review, or the day the money can be withdrawn.
    ``overdue`` says that the moment has passed without a report.
    """

    stand: Stand
    contract_id: str
    client: str
    channel: str
    milestone: str
    title: str | None
    gross: Money
    fee: PaymentFee | None
    since: datetime
    until: datetime | date | None
    overdue: bool = False


def _line(
    contract: Contract,
    milestone: Milestone,
    stand: Stand,
    gross: Money,
    since: datetime,
    *,
    until: datetime | date | None = None,
    fee: PaymentFee | None = None,
    overdue: bool = False,
) -> EscrowLine:
    return EscrowLine(
        stand=stand,
        contract_id=contract.contract_id,
        client=contract.client,
        channel=contract.channel,
        milestone=milestone.name,
        title=milestone.title,
        gross=gross,
        fee=fee,
        since=since,
        until=until,
        overdue=overdue,
    )


def _held_line(contract: Contract, milestone: Milestone, now: datetime) -> EscrowLine:
    review, until = milestone.state is MilestoneState.IN_REVIEW, milestone.auto_release_at
    since = milestone.submitted_at if review and milestone.submitted_at else milestone.funded_at
    stand, overdue = Stand.IN_REVIEW if review else Stand.HELD, until is not None and until < now
    return _line(contract, milestone, stand, milestone.held, since, until=until, overdue=overdue)


def _moved_lines(
    contract: Contract, milestone: Milestone, fees: dict[str, PaymentFee], now: datetime
) -> Iterator[EscrowLine]:
    for release in milestone.releases:
        day, fee = release.available_on, fees[release.event_id]
        stand = Stand.PENDING if day is not None and day > now.date() else Stand.RELEASED
        yield _line(contract, milestone, stand, release.gross, release.at, until=day, fee=fee)
    if milestone.refunded.minor:
        since = milestone.moves[-1].at
        yield _line(contract, milestone, Stand.REFUNDED, milestone.refunded, since)


def escrow_lines(book: Book, *, now: datetime) -> tuple[EscrowLine, ...]:
    """Return every milestone amount in ``book`` as it stands at ``now``, the next due first."""
    contracts = tuple(book.contracts.values())
    fees = release_fees(contracts)
    order = {stand: place for place, stand in enumerate(Stand)}
    lines = [
        line
        for contract in contracts
        for milestone in contract.milestones.values()
        for line in (
            *((_held_line(contract, milestone, now),) if milestone.held.minor else ()),
            *_moved_lines(contract, milestone, fees, now),
        )
    ]
    return tuple(sorted(lines, key=lambda line: (order[line.stand], _due(line), line.contract_id)))


def _due(line: EscrowLine) -> str:
    return "9999" if line.until is None else line.until.isoformat()


def escrow_totals(lines: tuple[EscrowLine, ...]) -> dict[Stand, dict[str, Money]]:
    """Return the gross amounts by stand and currency."""
    return {stand: totals(line.gross for line in lines if line.stand is stand) for stand in Stand}
