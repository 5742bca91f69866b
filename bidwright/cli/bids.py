"""``bid``: what became of bids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bidwright.cli.context import App, echo_json, json_option, pass_app
from bidwright.cli.daily import desk_for
from bidwright.cli.recording import at_option, currency_option, keep, money

if TYPE_CHECKING:
    from domain.events import Event


@click.group()
def bid() -> None:
    """Record what became of a bid. POST is a post's id or the beginning of it."""


@bid.command()
@click.argument("post")
@click.option("--amount", metavar="AMOUNT", help="Per hour, or for the whole job, as you offered it.")
@currency_option
@click.option(
    "--connects", type=click.IntRange(0), help="Connects the bid cost (default: what the post says)."
)
@click.option("--boost", type=click.IntRange(0), help="Connects on top, to be listed higher.")
@click.option(
    "--template", metavar="NAME", help="The template the proposal came from (default: its draft's)."
)
@at_option
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
    from bidwright.steps.submissions import Terms, submit
    from ledger.events import parse_when

    with desk_for(app) as desk:
        now = app.clock()
        moment = parse_when(at, time_zone=desk.profile.time_zone, now=now) if at else now
        terms = Terms(amount=money(desk, amount, currency), connects=connects, boost=boost, template=template)
        done = submit(desk, find_one(desk, post), terms, moment, now)
    said = "Recorded" if done.fresh else "Already recorded"
    click.echo(f"{said}: bid submitted, {done.event.subject}, {moment:%Y-%m-%d %H:%M} UTC")
    if done.fresh and done.version is not None:
        click.echo(f"The draft as it stands is kept as what went out: version {done.version}.")
    for finding in done.findings if done.fresh else ():
        click.echo(f"  line {finding.line}: {finding.message}")


def _bid_step(name: str, function: str, about: str) -> None:
    @bid.command(name, help=about)
    @click.argument("post")
    @at_option
    @pass_app
    def step(app: App, post: str, at: str | None) -> None:
        import ledger.events
        from bidwright.steps.lookup import find_one

        make: Callable[..., Event] = getattr(ledger.events, function)
        keep(
            app,
            at,
            lambda desk, moment, now: make(find_one(desk, post).post_id, at=moment, recorded_at=now),
        )


_bid_step("viewed", "view_bid", "The client opened it.")
_bid_step("replied", "reply_to_bid", "The client answered.")
_bid_step("interview", "interview", "There was an interview.")
_bid_step("followed-up", "follow_up_bid", "You asked again.")
_bid_step("won", "win_bid", "You were hired.")
_bid_step("lost", "lose_bid", "It went elsewhere, or to nobody.")
_bid_step("withdrawn", "withdraw_bid", "You took it back.")


@bid.command("list")
@json_option
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
                "shown": None if each.shown is None else asdict(each.shown),
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
