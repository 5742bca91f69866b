"""``contract``, ``milestone`` and ``feedback``: what happens once hired."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from bidwright.cli.context import App, echo_json, json_option, pass_app
from bidwright.cli.daily import desk_for
from bidwright.cli.recording import at_option, currency_option, keep, money, need

if TYPE_CHECKING:
    from bidwright.desk import Desk
    from domain.events import Event


@click.group()
def contract() -> None:
    """Record contracts. ID is a name you choose."""


@contract.command("open")
@click.argument("contract_id", metavar="ID")
@click.option("--client", required=True, metavar="NAME")
@click.option("--channel", required=True, metavar="NAME", help="upwork, freelancer, direct, …")
@click.option("--rate", metavar="AMOUNT", help="Per hour: makes it an hourly contract.")
@click.option("--amount", metavar="AMOUNT", help="For the whole job: makes it a fixed-price contract.")
@currency_option
@click.option("--fee-rate", metavar="SHARE", help="What the offer states, e.g. 0.10.")
@click.option("--post", metavar="POST", help="The post it came from.")
@at_option
@pass_app
def open_(
    app: App,
    contract_id: str,
    client: str,
    channel: str,
    rate: str | None,
    amount: str | None,
    currency: str | None,
    fee_rate: str | None,
    post: str | None,
    at: str | None,
) -> None:
    """Open a contract with fixed or hourly terms."""
    from bidwright.steps.lookup import find_one
    from domain.errors import UsageError
    from domain.money import parse_amount
    from ledger.events import open_contract

    if (rate is None) == (amount is None):
        raise UsageError(
            "give either --rate or --amount", remedy="Hourly contracts have a rate, fixed ones an amount"
        )

    def make(desk: Desk, moment: datetime, now: datetime) -> Event:
        return open_contract(
            contract_id,
            terms="hourly" if rate is not None else "fixed",
            client=client,
            channel=channel,
            at=moment,
            recorded_at=now,
            rate=money(desk, rate, currency),
            amount=money(desk, amount, currency),
            fee_rate=parse_amount(fee_rate) if fee_rate is not None else None,
            post_id=find_one(desk, post).post_id if post else None,
        )

    keep(app, at, make)


@contract.command("end")
@click.argument("contract_id", metavar="ID")
@click.option("--by", type=click.Choice(["client", "freelancer"]), help="Who ended it.")
@at_option
@pass_app
def end(app: App, contract_id: str, by: str | None, at: str | None) -> None:
    """End a contract."""
    from ledger.events import end_contract

    keep(app, at, lambda _desk, moment, now: end_contract(contract_id, at=moment, recorded_at=now, by=by))


@contract.command("list")
@json_option
@pass_app
def list_contracts(app: App, as_json: bool) -> None:
    """List every contract."""
    from bidwright.steps.books import read_book

    with desk_for(app) as desk:
        contracts = sorted(read_book(desk).contracts.values(), key=lambda each: each.opened_at)
    rows = [
        {
            "contract_id": each.contract_id,
            "client": each.client,
            "channel": each.channel,
            "terms": each.terms,
            "rate": str(each.rate) if each.rate else None,
            "amount": str(each.amount) if each.amount else None,
            "fee_rate": str(each.fee_rate) if each.fee_rate is not None else None,
            "opened_at": each.opened_at.isoformat(),
            "ended_at": each.ended_at.isoformat() if each.ended_at else None,
            "stars": str(each.stars) if each.stars is not None else None,
            "milestones": len(each.milestones),
        }
        for each in contracts
    ]
    if as_json:
        echo_json({"contracts": rows})
        return
    for row in rows:
        terms = f"{row['rate']}/h" if row["rate"] else row["amount"]
        state = "ended" if row["ended_at"] else "open"
        click.echo(
            f"{row['contract_id']:<16}  {state:<5}  {terms:<16}  {row['channel']:<10}  {row['client']}"
        )
    if not rows:
        click.echo("No contracts yet. See: bidwright contract open --help")


@click.group()
def milestone() -> None:
    """Record milestones and the money held for them. CONTRACT and NAME are as you named them."""


@milestone.command()
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name")
@click.argument("amount")
@currency_option
@click.option("--title", metavar="TEXT")
@at_option
@pass_app
def fund(
    app: App,
    contract_id: str,
    name: str,
    amount: str,
    currency: str | None,
    title: str | None,
    at: str | None,
) -> None:
    """Record that the client deposited AMOUNT."""
    from ledger.events import fund_milestone

    def make(desk: Desk, moment: datetime, now: datetime) -> Event:
        gross = need(money(desk, amount, currency))
        return fund_milestone(contract_id, name, gross, at=moment, recorded_at=now, title=title)

    keep(app, at, make)


def _step(name: str, function: str, about: str) -> None:
    @milestone.command(name, help=about)
    @click.argument("contract_id", metavar="CONTRACT")
    @click.argument("name")
    @at_option
    @pass_app
    def step(app: App, contract_id: str, name: str, at: str | None) -> None:
        import ledger.events

        make: Callable[..., Event] = getattr(ledger.events, function)
        keep(app, at, lambda _desk, moment, now: make(contract_id, name, at=moment, recorded_at=now))


_step("submit", "submit_milestone", "You submitted the work: the review clock starts.")
_step("changes", "request_changes", "The client asked for changes: the review clock stops.")


@milestone.command()
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name")
@click.argument("amount")
@currency_option
@click.option("--fee", metavar="AMOUNT", help="What the marketplace says it kept.")
@at_option
@pass_app
def release(
    app: App, contract_id: str, name: str, amount: str, currency: str | None, fee: str | None, at: str | None
) -> None:
    """Record that the client released AMOUNT (before fees)."""
    from ledger.events import release_milestone

    def make(desk: Desk, moment: datetime, now: datetime) -> Event:
        gross = need(money(desk, amount, currency))
        kept = money(desk, fee, currency)
        return release_milestone(contract_id, name, gross, at=moment, recorded_at=now, fee=kept)

    keep(app, at, make)


@milestone.command()
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name")
@click.argument("amount")
@currency_option
@at_option
@pass_app
def refund(app: App, contract_id: str, name: str, amount: str, currency: str | None, at: str | None) -> None:
    """Record that AMOUNT went back to the client."""
    from ledger.events import refund_milestone

    def make(desk: Desk, moment: datetime, now: datetime) -> Event:
        gross = need(money(desk, amount, currency))
        return refund_milestone(contract_id, name, gross, at=moment, recorded_at=now)

    keep(app, at, make)


@click.group()
def feedback() -> None:
    """Record feedback."""


@feedback.command("received")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--stars", metavar="N", help="1 to 5, e.g. 4.9.")
@click.option("--note", metavar="TEXT", help="What the client wrote.")
@at_option
@pass_app
def received(app: App, contract_id: str, stars: str | None, note: str | None, at: str | None) -> None:
    """Record what the client left for you."""
    from domain.money import parse_amount
    from ledger.events import receive_feedback

    given: Decimal | None = parse_amount(stars) if stars is not None else None
    keep(
        app,
        at,
        lambda _desk, moment, now: receive_feedback(
            contract_id, stars=given, at=moment, recorded_at=now, note=note
        ),
    )
