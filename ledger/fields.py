"""Reading the plain values of an event back into typed ones."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from domain.errors import LedgerError, MoneyError
from domain.events import Event
from domain.money import Money
from domain.posts import Competition

COUNTS_SHOWN = {
    "proposals_min": "shown_proposals_min",
    "proposals_max": "shown_proposals_max",
    "interviewing": "shown_interviewing",
    "hires": "shown_hires",
    "invites": "shown_invites",
}
"""Under which names an event keeps what a post showed of other bids."""


def text(event: Event, name: str) -> str | None:
    """Return the text under ``name``, ``None`` when not stated."""
    value = event.data.get(name)
    return None if value is None else str(value)


def need(event: Event, name: str) -> str:
    """Return the text under ``name``; raise :class:`LedgerError` when it is not there."""
    value = text(event, name)
    if not value:
        raise LedgerError(f"{event.kind} does not say its {name}", where=event.event_id)
    return value


def integer(event: Event, name: str) -> int | None:
    """Return the whole number (zero or more) under ``name``, ``None`` when not stated."""
    value = event.data.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise LedgerError(f"{name} is {value!r}, not a count", where=event.event_id)
    return value


def competition(event: Event) -> Competition | None:
    """Return what the post showed of other bids, ``None`` when the event does not say."""
    counts = {name: integer(event, key) for name, key in COUNTS_SHOWN.items()}
    return Competition(**counts) if any(count is not None for count in counts.values()) else None


def money(event: Event, name: str) -> Money | None:
    """Return ``{name}_minor`` in the event's currency, ``None`` when not stated."""
    minor = integer(event, f"{name}_minor")
    if minor is None:
        return None
    try:
        return Money(minor, need(event, "currency"))
    except MoneyError as error:
        raise LedgerError(error.what, where=event.event_id, remedy=error.remedy) from error


def need_money(event: Event, name: str) -> Money:
    """Return the positive money under ``name``; raise :class:`LedgerError` when it is not there."""
    value = money(event, name)
    if value is None or value.minor == 0:
        raise LedgerError(f"{event.kind} does not say its {name}", where=event.event_id)
    return value


def decimal(event: Event, name: str) -> Decimal | None:
    """Return the decimal written under ``name``, ``None`` when not stated."""
    value = text(event, name)
    if value is None:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise LedgerError(f"{name} is {value!r}, not a number", where=event.event_id) from None
    if not number.is_finite() or number < 0:
        raise LedgerError(f"{name} is {value!r}, not a number of zero or more", where=event.event_id)
    return number
