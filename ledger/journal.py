"""From contracts to entries: every movement of milestone money, with fees and projected availability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from domain.events import Event, EventKind
from domain.money import Money
from ledger.contracts import Contract, Milestone, Release
from ledger.entries import Account, Entry, Leg, transfer
from ledger.fees import PaymentFee, charged_on_award, payment_fee
from ledger.fields import need_money
from ledger.order import timeline
from ledger.rulebook import large_client_day, rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What was billed before a release: on its contract, with its client, and by the day rules changed."""

    contract: Money
    client: Money
    client_at_change: Money


def award_fee(contract: Contract) -> PaymentFee | None:
    """Return the fee taken when ``contract`` was accepted, ``None`` where payments carry it."""
    opened, variant, terms = contract.opened_at.date(), contract.variant, contract.terms
    if contract.amount is None or not charged_on_award(
        contract.channel, opened=opened, variant=variant, terms=terms
    ):
        return None
    return payment_fee(contract.amount, channel=contract.channel, opened=opened, variant=variant, terms=terms)


def _overage_fee(contract: Contract, agreed: Money, gross: Money, paid_before: Money) -> PaymentFee:
    """Return the fee on what ``gross`` takes above the bid that already paid its fee on acceptance."""
    nothing = Money(0, gross.currency)
    over = max(nothing, gross - max(nothing, agreed - paid_before))
    # The hourly row is the plain percentage, without the minimum that the award was charged.
    opened, variant = contract.opened_at.date(), contract.variant
    plain = payment_fee(over, channel=contract.channel, opened=opened, variant=variant, terms="hourly")
    basis = "above the bid" if over.minor else "charged on acceptance"
    return PaymentFee(gross=gross, low=plain.low, high=plain.high, known=True, flag=None, basis=basis)


def release_fee(contract: Contract, release: Release, billed: Billed) -> PaymentFee:
    """Return the fee on ``release``: as the marketplace reports it, else by the rules."""
    gross, fee = release.gross, release.reported_fee
    if fee is not None:
        basis = "reported by the marketplace"
        return PaymentFee(gross=gross, low=fee, high=fee, known=True, flag=None, basis=basis)
    if contract.amount is not None and award_fee(contract) is not None:
        return _overage_fee(contract, contract.amount, gross, billed.contract)
    return payment_fee(
        gross,
        channel=contract.channel,
        opened=contract.opened_at.date(),
        paid=release.at.date(),
        recorded_rate=contract.fee_rate,
        lifetime=billed.client,
        lifetime_at_change=billed.client_at_change,
        variant=contract.variant,
        terms=contract.terms,
    )


def release_fees(contracts: Iterable[Contract]) -> dict[str, PaymentFee]:
    """Return the fee of every release by event id, counting lifetime billings per channel and client."""
    releases = [
        (release, contract)
        for contract in contracts
        for milestone in contract.milestones.values()
        for release in milestone.releases
    ]
    releases.sort(key=lambda pair: (pair[0].at, pair[0].event_id))
    sums: dict[tuple[str, ...], Money] = {}
    fees: dict[str, PaymentFee] = {}
    for release, contract in releases:
        nothing = Money(0, release.gross.currency)
        client = (contract.channel, contract.client, nothing.currency)
        keys = [(contract.contract_id,), client]
        change = large_client_day(rulebook(contract.channel))
        if change is not None and release.at.date() < change:
            keys.append((*client, "at change"))
        billed = Billed(
            contract=sums.get(keys[0], nothing),
            client=sums.get(client, nothing),
            client_at_change=sums.get((*client, "at change"), nothing),
        )
        fees[release.event_id] = release_fee(contract, release, billed)
        for key in keys:
            sums[key] = sums.get(key, nothing) + release.gross
    return fees


def _split(source: Account, target: Account, fee: PaymentFee) -> tuple[Leg, ...]:
    """Return the legs of a release: what is surely ours, what is surely kept, and what is not known."""
    return (
        *transfer(source, target, fee.net_low),
        *transfer(source, Account.FEES, fee.low),
        *transfer(source, Account.FEES_OPEN, fee.high - fee.low),
    )


def _legs(milestone: Milestone, fees: Mapping[str, PaymentFee]) -> Iterator[tuple[Event, tuple[Leg, ...]]]:
    """Yield every event that moved the milestone's money, with its legs."""
    holds = {release.event_id: release.available_on for release in milestone.releases}
    held, where = milestone.funded, Account.HELD
    for event in milestone.moves:
        if event.kind is EventKind.MILESTONE_FUNDED:
            yield event, transfer(Account.CLIENT, Account.HELD, held)
        elif event.kind is EventKind.MILESTONE_SUBMITTED:
            yield event, transfer(where, Account.IN_REVIEW, held)
            where = Account.IN_REVIEW
        elif event.kind is EventKind.MILESTONE_CHANGES_REQUESTED:
            yield event, transfer(where, Account.HELD, held)
            where = Account.HELD
        elif event.kind is EventKind.MILESTONE_REFUNDED:
            amount = need_money(event, "amount")
            held -= amount
            yield event, transfer(where, Account.CLIENT, amount)
        else:
            held -= need_money(event, "amount")
            target = Account.AVAILABLE if holds[event.event_id] is None else Account.PENDING
            back = transfer(where, Account.HELD, held) if where is Account.IN_REVIEW else ()
            yield event, (*_split(where, target, fees[event.event_id]), *back)
            where = Account.HELD


def _available(contract: Contract, release: Release, net: Money) -> Entry | None:
    """Return the projected end of the security hold, ``None`` where there is no hold or nothing is left."""
    legs = transfer(Account.PENDING, Account.AVAILABLE, net)
    if release.available_on is None or not legs:
        return None
    at = max(release.at, datetime.combine(release.available_on, time(0, tzinfo=UTC)))
    return _entry(contract, f"{release.event_id}:available", at, legs, projected=True)


def _entry(
    contract: Contract, event_id: str, at: datetime, legs: tuple[Leg, ...], *, projected: bool = False
) -> Entry:
    return Entry(
        event_id=event_id,
        at=at,
        contract_id=contract.contract_id,
        client=contract.client,
        channel=contract.channel,
        legs=legs,
        projected=projected,
    )


def _contract_entries(
    contract: Contract, fees: Mapping[str, PaymentFee]
) -> Iterator[tuple[Event | None, Entry]]:
    award = award_fee(contract)
    if award is not None:
        legs = transfer(Account.OWN, Account.FEES, award.low)
        yield None, _entry(contract, f"{contract.contract_id}:award", contract.opened_at, legs)
    for milestone in contract.milestones.values():
        for event, legs in _legs(milestone, fees):
            yield event, _entry(contract, event.event_id, event.at, legs)
        for release in milestone.releases:
            entry = _available(contract, release, fees[release.event_id].net_low)
            if entry is not None:
                yield None, entry


def journal(contracts: Iterable[Contract], *, now: datetime) -> tuple[Entry, ...]:
    """Return every entry up to ``now`` in order of time, projected availability included."""
    known = tuple(contracts)
    fees = release_fees(known)
    rows = [
        ((entry.at, timeline(event) if event else (), entry.event_id), entry)
        for contract in known
        for event, entry in _contract_entries(contract, fees)
        if entry.at <= now
    ]
    return tuple(entry for _, entry in sorted(rows, key=lambda row: row[0]))
