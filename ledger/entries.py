"""Double entry: an :class:`Entry` of :class:`Leg`s that sum to zero in every currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import LedgerError
from domain.money import Money


class Account(StrEnum):
    """Where money can be. What comes from the client and what we pay ourselves count negative."""

    CLIENT = "client"
    HELD = "escrow:held"
    IN_REVIEW = "escrow:in review"
    PENDING = "pending"
    AVAILABLE = "available"
    OWN = "own funds"  # pays fees that are charged when a contract is accepted
    FEES = "fees"
    FEES_OPEN = "fees:not known"  # fee or pay, until the contract's rate is recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One side of an entry: ``money`` arrives on ``account`` (leaves it when negative)."""

    account: Account
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement of money, from the event ``event_id``; ``projected`` when a rule says so, not a report."""

    event_id: str
    at: datetime
    contract_id: str
    client: str
    channel: str
    legs: tuple[Leg, ...]
    projected: bool = False

    def __post_init__(self) -> None:
        for currency, total in totals(leg.money for leg in self.legs).items():
            if total.minor:
                raise LedgerError(f"the entry is off by {total}", where=self.event_id or currency)


def totals(amounts: Iterable[Money]) -> dict[str, Money]:
    """Return the sum of ``amounts`` by currency."""
    sums: dict[str, Money] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Money(0, money.currency)) + money
    return sums


def transfer(source: Account, target: Account, money: Money) -> tuple[Leg, ...]:
    """Return the legs that move ``money`` from ``source`` to ``target``; none when it is zero."""
    if not money.minor:
        return ()
    return (Leg(account=source, money=-money), Leg(account=target, money=money))


def balances(entries: Iterable[Entry]) -> dict[Account, dict[str, Money]]:
    """Return what stands on every account, by currency."""
    by_account: dict[Account, list[Money]] = {account: [] for account in Account}
    for entry in entries:
        for leg in entry.legs:
            by_account[leg.account].append(leg.money)
    return {account: totals(amounts) for account, amounts in by_account.items()}
