"""``undo`` and ``report``: the book as a whole."""

from __future__ import annotations

import click

from bidwright.cli.context import App, echo_json, json_option, pass_app, width
from bidwright.cli.daily import desk_for


@click.command()
@click.argument("subject", metavar="ID")
@click.option("--contract", "is_contract", is_flag=True, help="ID is a contract's, whatever post it may fit.")
@pass_app
def undo(app: App, subject: str, is_contract: bool) -> None:
    """Take back the last thing recorded about a post or contract. Nothing is erased: the book keeps both."""
    from bidwright.steps.books import find_subject, take_back_last

    with desk_for(app) as desk:
        event = take_back_last(desk, subject if is_contract else find_subject(desk, subject))
    click.echo(
        f"Taken back: {event.kind.value.replace('.', ' ')}, {event.subject}, of {event.at:%Y-%m-%d %H:%M} UTC"
    )


_form = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")


@click.group()
def report() -> None:
    """Show what the books say."""


@report.command("winrate")
@click.option(
    "--by", type=click.Choice(["source", "channel", "category", "template"]), help="One row per group."
)
@json_option
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
@json_option
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


@report.command("calibration")
@json_option
@pass_app
def calibration(app: App, as_json: bool) -> None:
    """Whether the win chances came true for your bids, and what your outcomes taught."""
    from bidwright.steps.ranking import learn_from_bids
    from reports.calibration import calibration_json, calibration_text

    with desk_for(app) as desk:
        learning = learn_from_bids(desk, desk.profile, app.clock())
    if as_json:
        echo_json(calibration_json(learning))
    else:
        click.echo(calibration_text(learning, width=width()), nl=False)
