"""A contract and its milestones as their events leave them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.errors import LedgerError
from domain.events import Event, EventKind
from domain.money import Money
from ledger import clocks
from ledger.fields import decimal, money, need, need_money, text
from ledger.rulebook import MARKETPLACE


class MilestoneState(StrEnum):
    """Where the money still held for a milestone stands; ``CLOSED`` when none is."""

    FUNDED = "funded"
    IN_REVIEW = "in review"
    CHANGES_REQUESTED = "changes requested"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Gross money a client let go; ``available_on`` is projected, ``None`` where no rule states a hold.

    ``reported_fee`` is the marketplace's own figure, ``None`` where only the rules can say.
    """

    event_id: str
    at: datetime
    gross: Money
    reported_fee: Money | None
    available_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A funded part of a contract. ``funded == held + released + refunded`` at every moment.

    ``auto_release_at`` is the projected end of the review, ``None`` while no review runs.
    """

    name: str
    title: str | None
    state: MilestoneState
    funded_at: datetime
    funded: Money
    held: Money
    refunded: Money
    submitted_at: datetime | None = None
    auto_release_at: datetime | None = None
    releases: tuple[Release, ...] = ()
    moves: tuple[Event, ...] = ()

    @property
    def released(self) -> Money:
        """The gross money released so far."""
        return self.funded - self.held - self.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One contract: ``rate`` per hour for hourly terms, ``amount`` for fixed ones, both as agreed."""

    contract_id: str
    terms: str
    client: str
    channel: str
    variant: str
    opened_at: datetime
    rate: Money | None = None
    amount: Money | None = None
    fee_rate: Decimal | None = None
    post_id: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    stars: Decimal | None = None
    feedback_note: str | None = None
    feedback_at: datetime | None = None
    milestones: Mapping[str, Milestone] = field(default_factory=dict)


def _opened(contract: Contract | None, event: Event) -> Contract:
    if contract is not None:
        raise LedgerError(
            f"the contract was already opened on {contract.opened_at:%Y-%m-%d}",
            where=event.subject,
            remedy="Correct that first, or choose another contract id",
        )
    terms = need(event, "terms")
    if terms not in ("fixed", "hourly"):
        raise LedgerError(f"terms {terms!r} are unknown", where=event.subject, remedy="Use fixed or hourly")
    return Contract(
        contract_id=event.subject,
        terms=terms,
        client=need(event, "client"),
        channel=need(event, "channel"),
        variant=text(event, "variant") or MARKETPLACE,
        opened_at=event.at,
        rate=money(event, "rate"),
        amount=money(event, "amount"),
        fee_rate=decimal(event, "fee_rate"),
        post_id=text(event, "post_id"),
    )


def _ended(contract: Contract, event: Event) -> Contract:
    if contract.ended_at is not None:
        raise LedgerError(
            f"the contract already ended on {contract.ended_at:%Y-%m-%d}",
            where=event.subject,
            remedy="Correct that first",
        )
    return replace(contract, ended_at=event.at, ended_by=text(event, "by"))


def _feedback(contract: Contract, event: Event) -> Contract:
    if contract.feedback_at is not None:
        raise LedgerError(
            f"feedback was already received on {contract.feedback_at:%Y-%m-%d}",
            where=event.subject,
            remedy="Correct that first",
        )
    stars, note = decimal(event, "stars"), text(event, "note")
    return replace(contract, stars=stars, feedback_note=note, feedback_at=event.at)


def _funded(contract: Contract, event: Event) -> Contract:
    name, amount = need(event, "milestone"), need_money(event, "amount")
    where = f"{event.subject}/{name}"
    if contract.ended_at is not None:
        raise LedgerError(
            f"funded on {event.at:%Y-%m-%d}, but the contract ended on {contract.ended_at:%Y-%m-%d}",
            where=where,
            remedy="Open a new contract",
        )
    if name in contract.milestones:
        raise LedgerError("the milestone was already funded", where=where, remedy="Use another name")
    agreed = contract.amount or contract.rate
    if agreed is not None and agreed.currency != amount.currency:
        raise LedgerError(
            f"funded in {amount.currency}, but the contract is in {agreed.currency}",
            where=where,
            remedy="Check the currency",
        )
    milestone = Milestone(
        name=name,
        title=text(event, "title"),
        state=MilestoneState.FUNDED,
        funded_at=event.at,
        funded=amount,
        held=amount,
        refunded=Money(0, amount.currency),
        moves=(event,),
    )
    return replace(contract, milestones={**contract.milestones, name: milestone})


def _submitted(contract: Contract, milestone: Milestone, event: Event) -> Milestone:
    if milestone.state is MilestoneState.IN_REVIEW:
        raise LedgerError(
            f"already in review since {milestone.submitted_at:%Y-%m-%d %H:%M} UTC",
            remedy="A new review starts only after a change request",
        )
    ends = clocks.review_ends(event.at, channel=contract.channel, variant=contract.variant)
    state = MilestoneState.IN_REVIEW
    return replace(milestone, state=state, submitted_at=event.at, auto_release_at=ends)


def _changes(_contract: Contract, milestone: Milestone, _event: Event) -> Milestone:
    if milestone.state is not MilestoneState.IN_REVIEW:
        raise LedgerError(
            f"changes were requested, but the work is {milestone.state}, not in review",
            remedy="Record the submission first",
        )
    return replace(milestone, state=MilestoneState.CHANGES_REQUESTED, auto_release_at=None)


def _take(milestone: Milestone, event: Event) -> tuple[Milestone, Money]:
    """Return ``milestone`` with the event's amount taken from what is held, and that amount."""
    amount, done = need_money(event, "amount"), event.kind.value.removeprefix("milestone.")
    if amount.currency != milestone.held.currency or milestone.held < amount:
        raise LedgerError(
            f"{amount} cannot be {done}: {milestone.held} is held",
            remedy="Check the amount, or record the funding first",
        )
    left = milestone.held - amount
    if left.minor:
        return replace(milestone, held=left), amount
    return replace(milestone, held=left, state=MilestoneState.CLOSED, auto_release_at=None), amount


def _released(contract: Contract, milestone: Milestone, event: Event) -> Milestone:
    taken, amount = _take(milestone, event)
    if taken.held.minor:
        # What a partial release leaves rolls on to further work: no review runs for it.
        taken = replace(taken, state=MilestoneState.FUNDED, auto_release_at=None)
    fee = money(event, "fee")
    if fee is not None and amount < fee:
        raise LedgerError(f"a fee of {fee} on {amount} is not possible", remedy="Check the fee")
    release = Release(
        event_id=event.event_id,
        at=event.at,
        gross=amount,
        reported_fee=fee,
        available_on=clocks.available_on(event.at.date(), channel=contract.channel, variant=contract.variant),
    )
    return replace(taken, releases=(*taken.releases, release))


def _refunded(_contract: Contract, milestone: Milestone, event: Event) -> Milestone:
    taken, amount = _take(milestone, event)
    return replace(taken, refunded=taken.refunded + amount)


_MILESTONE_STEPS: dict[EventKind, Callable[[Contract, Milestone, Event], Milestone]] = {
    EventKind.MILESTONE_SUBMITTED: _submitted,
    EventKind.MILESTONE_CHANGES_REQUESTED: _changes,
    EventKind.MILESTONE_RELEASED: _released,
    EventKind.MILESTONE_REFUNDED: _refunded,
}
_CONTRACT_STEPS: dict[EventKind, Callable[[Contract, Event], Contract]] = {
    EventKind.CONTRACT_ENDED: _ended,
    EventKind.FEEDBACK_RECEIVED: _feedback,
    EventKind.MILESTONE_FUNDED: _funded,
}


def _step_milestone(contract: Contract, event: Event) -> Contract:
    name = need(event, "milestone")
    where, done = f"{event.subject}/{name}", event.kind.value.removeprefix("milestone.")
    milestone = contract.milestones.get(name)
    if milestone is None:
        raise LedgerError(
            f"{done.replace('_', ' ')} on {event.at:%Y-%m-%d}, but the milestone was not funded by then",
            where=where,
            remedy="Record the funding first",
        )
    if milestone.state is MilestoneState.CLOSED:
        raise LedgerError(
            f"{done.replace('_', ' ')} on {event.at:%Y-%m-%d}, but nothing is held any more",
            where=where,
            remedy="Check the milestone's name",
        )
    try:
        after = _MILESTONE_STEPS[event.kind](contract, milestone, event)
    except LedgerError as error:
        raise LedgerError(error.what, where=where, remedy=error.remedy) from error
    after = replace(after, moves=(*milestone.moves, event))
    return replace(contract, milestones={**contract.milestones, name: after})


def step_contract(contract: Contract | None, event: Event) -> Contract:
    """Return the contract after ``event``; raise :class:`LedgerError` when the event cannot follow."""
    if event.kind is EventKind.CONTRACT_OPENED:
        return _opened(contract, event)
    if contract is None:
        raise LedgerError(
            f"no contract {event.subject!r} was open on {event.at:%Y-%m-%d}",
            where=event.subject,
            remedy="Record the contract first",
        )
    if event.kind in _CONTRACT_STEPS:
        return _CONTRACT_STEPS[event.kind](contract, event)
    return _step_milestone(contract, event)
