"""What the recording commands share: options, and the road from what was typed to the book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from bidwright.cli.context import App
from bidwright.cli.daily import desk_for

if TYPE_CHECKING:
    from bidwright.desk import Desk
    from domain.events import Event
    from domain.money import Money

at_option = click.option(
    "--at", metavar="TIME", help="When it happened: 2026-03-02 or 2026-03-02T14:10Z (default: now)."
)
currency_option = click.option("--currency", metavar="CODE", help="ISO code (default: your rates' currency).")
MakeEvent = Callable[["Desk", datetime, datetime], "Event"]
"""Makes the event from the desk, the time it happened and the time it is recorded."""


def keep(app: App, at: str | None, make: MakeEvent) -> None:
    """Build an event with its times, record it and say what was done."""
    from bidwright.steps.books import record
    from ledger.events import parse_when

    with desk_for(app) as desk:
        now = app.clock()
        moment = parse_when(at, time_zone=desk.profile.time_zone, now=now) if at else now
        event = make(desk, moment, now)
        fresh = record(desk, event)
    done = event.kind.value.replace(".", " ").replace("_", " ")
    click.echo(
        f"{'Recorded' if fresh else 'Already recorded'}: {done}, {event.subject}, {moment:%Y-%m-%d %H:%M} UTC"
    )


def money(desk: Desk, amount: str | None, currency: str | None) -> Money | None:
    """Return ``amount`` of ``currency`` (default: the person's), ``None`` where none was given."""
    from domain.money import Money

    if amount is None:
        return None
    return Money.of(amount, (currency or desk.profile.rates.currency).upper())


def need(amount: Money | None) -> Money:
    """Return ``amount`` where the command requires one."""
    assert amount is not None
    return amount
