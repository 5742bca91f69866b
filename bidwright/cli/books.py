"""The books at the command line: what happened is recorded, and what the books say is shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from bidwright.cli.context import App, echo_json, pass_app, width
from bidwright.cli.daily import desk_for

if TYPE_CHECKING:
    from bidwright.desk import Desk
    from domain.events import Event
    from domain.money import Money

_at = click.option(
    "--at", metavar="TIME", help="When it happened: 2026-03-02 or 2026-03-02T14:10Z (default: now)."
)
_currency = click.option("--currency", metavar="CODE", help="ISO code (default: your rates' currency).")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
MakeEvent = Callable[["Desk", datetime, datetime], "Event"]


def _keep(app: App, at: str | None, make: MakeEvent) -> None:
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


def _money(desk: Desk, amount: str | None, currency: str | None) -> Money | None:
    from domain.money import Money

    if amount is None:
        return None
    return Money.of(amount, (currency or desk.profile.rates.currency).upper())


def _need(money: Money | None) -> Money:
    assert money is not None  # the argument is required
    return money


@click.group()
def bid() -> None:
    """Record what became of a bid. POST is a post's id or the beginning of it."""


@bid.command()
@click.argument("post")
@click.option("--amount", metavar="AMOUNT", help="Per hour, or for the whole job, as you offered it.")
@_currency
@click.option(
    "--connects", type=click.IntRange(0), help="Connects the bid cost (default: what the post says)."
)
@click.option("--boost", type=click.IntRange(0), help="Connects on top, to be listed higher.")
@click.option(
    "--template", metavar="NAME", help="The template the proposal came from (default: its draft's)."
)
@_at
@pass_app
def submitted(
    app: App,
    post: str,
    amount: str | None,
    currency: str | None,
    connects: int | None,
    boost: int | None,
    template: str | None,
    at: str | None,
) -> None:
    """You sent a proposal."""
    from bidwright.steps.lookup import find_one
    from ledger.events import submit_bid

    def make(desk: Desk, moment: datetime, now: datetime) -> Event:
        stored = find_one(desk, post)
        with desk.store.read() as tx:
            drafts = tx.drafts.for_post(stored.post_id)
        return submit_bid(
            stored.post_id,
            at=moment,
            recorded_at=now,
            amount=_money(desk, amount, currency),
            connects=connects if connects is not None else stored.post.connects,
            boost=boost,
            template=template or (drafts[-1].template if drafts else None),
            channel=stored.post.channel,
            source=stored.post.source,
            category=stored.post.category,
        )

    _keep(app, at, make)


def _bid_step(name: str, function: str, about: str) -> None:
    @bid.command(name, help=about)
    @click.argument("post")
    @_at
    @pass_app
    def step(app: App, post: str, at: str | None) -> None:
        import ledger.events
        from bidwright.steps.lookup import find_one

        make: Callable[..., Event] = getattr(ledger.events, function)
        _keep(
            app,
            at,
            lambda desk, moment, now: make(find_one(desk, post).post_id, at=moment, recorded_at=now),
        )


_bid_step("viewed", "view_bid", "The client opened it.")
_bid_step("replied", "reply_to_bid", "The client answered.")
_bid_step("interview", "interview", "There was an interview.")
_bid_step("won", "win_bid", "You were hired.")
_bid_step("lost", "lose_bid", "It went elsewhere, or to nobody.")
_bid_step("withdrawn", "withdraw_bid", "You took it back.")


@bid.command("list")
@_json
@pass_app
def list_bids(app: App, as_json: bool) -> None:
    """List every bid with how it stands."""
    from bidwright.steps.books import read_book

    with desk_for(app) as desk:
        bids = sorted(read_book(desk).bids.values(), key=lambda each: (each.submitted_at, each.post_id))
        with desk.store.read() as tx:
            posts = {each.post_id: tx.posts.get(each.post_id) for each in bids}
    rows: list[dict[str, Any]] = []
    for each in bids:
        stored = posts[each.post_id]
        rows.append(
            {
                "post_id": each.post_id,
                "title": stored.post.title if stored else None,
                "state": each.state.value,
                "submitted_at": each.submitted_at.isoformat(),
                "amount": str(each.amount) if each.amount else None,
                "connects": each.connects,
                "boost": each.boost,
                "template": each.template,
            }
        )
    if as_json:
        echo_json({"bids": rows})
        return
    for row in rows:
        amount = row["amount"] or "amount not stated"
        click.echo(
            f"{row['post_id']}  {row['submitted_at'][:10]}  {row['state']:<9}  {amount:<18}  {row['title']}"
        )
    if not rows:
        click.echo("No bids yet. After sending a proposal: bidwright bid submitted POST --amount 60")


@click.group()
def contract() -> None:
    """Record contracts. ID is a name you choose."""


@contract.command("open")
@click.argument("contract_id", metavar="ID")
@click.option("--client", required=True, metavar="NAME")
@click.option("--channel", required=True, metavar="NAME", help="upwork, freelancer, direct, …")
@click.option("--rate", metavar="AMOUNT", help="Per hour: makes it an hourly contract.")
@click.option("--amount", metavar="AMOUNT", help="For the whole job: makes it a fixed-price contract.")
@_currency
@click.option("--fee-rate", metavar="SHARE", help="What the offer states, e.g. 0.10.")
@click.option("--post", metavar="POST", help="The post it came from.")
@_at
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
            rate=_money(desk, rate, currency),
            amount=_money(desk, amount, currency),
            fee_rate=parse_amount(fee_rate) if fee_rate is not None else None,
            post_id=find_one(desk, post).post_id if post else None,
        )

    _keep(app, at, make)


@contract.command("end")
@click.argument("contract_id", metavar="ID")
@click.option("--by", type=click.Choice(["client", "freelancer"]), help="Who ended it.")
@_at
@pass_app
def end(app: App, contract_id: str, by: str | None, at: str | None) -> None:
    """End a contract."""
    from ledger.events import end_contract

    _keep(app, at, lambda _desk, moment, now: end_contract(contract_id, at=moment, recorded_at=now, by=by))


@contract.command("list")
@_json
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
@_currency
@click.option("--title", metavar="TEXT")
@_at
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
        money = _need(_money(desk, amount, currency))
        return fund_milestone(contract_id, name, money, at=moment, recorded_at=now, title=title)

    _keep(app, at, make)


@milestone.command()
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name")
@_at
@pass_app
def submit(app: App, contract_id: str, name: str, at: str | None) -> None:
    """You submitted the work: the review clock starts."""
    from ledger.events import submit_milestone

    _keep(app, at, lambda _desk, moment, now: submit_milestone(contract_id, name, at=moment, recorded_at=now))


@milestone.command()
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name")
@_at
@pass_app
def changes(app: App, contract_id: str, name: str, at: str | None) -> None:
    """The client asked for changes: the review clock stops."""
    from ledger.events import request_changes

    _keep(app, at, lambda _desk, moment, now: request_changes(contract_id, name, at=moment, recorded_at=now))


@milestone.command()
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name")
@click.argument("amount")
@_currency
@click.option("--fee", metavar="AMOUNT", help="What the marketplace says it kept.")
@_at
@pass_app
def release(
    app: App, contract_id: str, name: str, amount: str, currency: str | None, fee: str | None, at: str | None
) -> None:
    """Record that the client released AMOUNT (before fees)."""
    from ledger.events import release_milestone

    def make(desk: Desk, moment: datetime, now: datetime) -> Event:
        money = _need(_money(desk, amount, currency))
        kept = _money(desk, fee, currency)
        return release_milestone(contract_id, name, money, at=moment, recorded_at=now, fee=kept)

    _keep(app, at, make)


@milestone.command()
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name")
@click.argument("amount")
@_currency
@_at
@pass_app
def refund(app: App, contract_id: str, name: str, amount: str, currency: str | None, at: str | None) -> None:
    """Record that AMOUNT went back to the client."""
    from ledger.events import refund_milestone

    def make(desk: Desk, moment: datetime, now: datetime) -> Event:
        money = _need(_money(desk, amount, currency))
        return refund_milestone(contract_id, name, money, at=moment, recorded_at=now)

    _keep(app, at, make)


@click.group()
def feedback() -> None:
    """Record feedback."""


@feedback.command("received")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--stars", metavar="N", help="1 to 5, e.g. 4.9.")
@click.option("--note", metavar="TEXT", help="What the client wrote.")
@_at
@pass_app
def received(app: App, contract_id: str, stars: str | None, note: str | None, at: str | None) -> None:
    """Record what the client left for you."""
    from domain.money import parse_amount
    from ledger.events import receive_feedback

    given: Decimal | None = parse_amount(stars) if stars is not None else None
    _keep(
        app,
        at,
        lambda _desk, moment, now: receive_feedback(
            contract_id, stars=given, at=moment, recorded_at=now, note=note
        ),
    )


@click.command()
@click.argument("subject", metavar="ID")
@pass_app
def undo(app: App, subject: str) -> None:
    """Take back the last thing recorded about a post or contract. Nothing is erased: the book keeps both."""
    from bidwright.steps.books import take_back_last
    from bidwright.steps.lookup import find_one
    from domain.errors import UsageError

    with desk_for(app) as desk:
        with suppress(UsageError):  # then it is the id of a contract
            subject = find_one(desk, subject).post_id
        event = take_back_last(desk, subject)
    click.echo(
        f"Taken back: {event.kind.value.replace('.', ' ')}, {subject}, of {event.at:%Y-%m-%d %H:%M} UTC"
    )


_form = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")


@click.group()
def report() -> None:
    """Show what the books say."""


@report.command("winrate")
@click.option(
    "--by", type=click.Choice(["source", "channel", "category", "template"]), help="One row per group."
)
@_json
@_form
@pass_app
def winrate(app: App, by: str | None, as_json: bool, as_csv: bool) -> None:
    """How many of your bids win, with honest intervals."""
    from bidwright.steps.books import read_book
    from ledger.winrate import GROUPINGS, win_rate_of
    from reports.winrate import winrate_csv, winrate_json, winrate_text

    with desk_for(app) as desk:
        rows = win_rate_of(read_book(desk).bids.values(), by=GROUPINGS[by] if by else None)
    if as_json:
        echo_json(winrate_json(rows))
    else:
        click.echo(winrate_csv(rows) if as_csv else winrate_text(rows, width=width()), nl=False)


@report.command("escrow")
@_json
@_form
@pass_app
def escrow(app: App, as_json: bool, as_csv: bool) -> None:
    """Milestone money: held, in review, pending, released, and when it falls due."""
    from bidwright.steps.books import read_book
    from ledger.escrow import escrow_lines
    from reports.escrow import escrow_csv, escrow_json, escrow_text

    with desk_for(app) as desk:
        lines = escrow_lines(read_book(desk), now=app.clock())
        time_zone = desk.profile.time_zone
    if as_json:
        echo_json(escrow_json(lines))
    elif as_csv:
        click.echo(escrow_csv(lines), nl=False)
    else:
        click.echo(escrow_text(lines, time_zone=time_zone, width=width()), nl=False)
