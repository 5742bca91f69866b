"""``like``, ``dislike``, ``likes`` and ``weights``: what the person prefers, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bidwright.cli.context import App, echo_json, json_option, pass_app
from bidwright.cli.daily import desk_for

if TYPE_CHECKING:
    from bidwright.steps.preferences import Told

_because = click.option(
    "--because",
    metavar="TEXT",
    multiple=True,
    help="Why: pay, client, skills, a skill, a word. May be given again; other text is kept and shown.",
)


@click.command()
@click.argument("post")
@_because
@pass_app
def like(app: App, post: str, because: tuple[str, ...]) -> None:
    """Move POST, and posts like it, up a little."""
    _give(app, post, "like", because)


@click.command()
@click.argument("post")
@_because
@pass_app
def dislike(app: App, post: str, because: tuple[str, ...]) -> None:
    """Leave POST out, and move posts like it down a little."""
    _give(app, post, "dislike", because)


def _give(app: App, post: str, opinion: str, because: tuple[str, ...]) -> None:
    from bidwright.steps.preferences import give_opinion
    from domain.preferences import Opinion

    with desk_for(app) as desk:
        known, fresh = give_opinion(desk, post, Opinion(opinion), because)
    _show(known)
    if not fresh:
        click.echo("It was recorded before, in the same words.")
    click.echo(f"Take it back with: bidwright likes undo {known.preference.stored.post_id}")


def _show(known: Told) -> None:
    from reports.words import clean, clip

    each = known.preference
    click.echo(f"{each.stored.post_id}  {each.opinion.value:<7}  {clip(each.stored.post.title, 80)}")
    for reason in each.because:
        click.echo(f"  because {clean(reason)}")
    for shift in known.shifts:
        click.echo(f"  {clean(shift)}")


@click.group(invoke_without_command=True)
@json_option
@pass_app
@click.pass_context
def likes(ctx: click.Context, app: App, as_json: bool) -> None:
    """List what you like and dislike, why, and what each shifts."""
    if ctx.invoked_subcommand is not None:
        return
    from bidwright.steps.preferences import told
    from ranking.shifts import bounds

    with desk_for(app) as desk:
        known = told(desk)
    if as_json:
        echo_json({"most": bounds(), "likes": [_row(each) for each in known]})
        return
    for each in known:
        _show(each)
    if known:
        click.echo(f"All of it together shifts no score by more than {bounds():g}.")
    else:
        click.echo("Nothing yet: bidwright like POST --because skills")


def _row(known: Told) -> dict[str, Any]:
    each = known.preference
    return {
        "post_id": each.stored.post_id,
        "title": each.stored.post.title,
        "opinion": each.opinion.value,
        "because": list(each.because),
        "at": each.at.isoformat(),
        "shifts": list(known.shifts),
    }


@likes.command()
@click.argument("post")
@pass_app
def undo(app: App, post: str) -> None:
    """Take back what you said of POST: the ranking is as if you never had."""
    from bidwright.steps.preferences import take_back

    with desk_for(app) as desk:
        stored, opinion = take_back(desk, post)
    click.echo(f"{stored.post_id}  no longer a {opinion.value}")


@click.command()
@json_option
@pass_app
def weights(app: App, as_json: bool) -> None:
    """Show what each part of a score counts: your weights, beside the shipped ones."""
    from ranking.weights import score_weights, shipped_weights

    own, shipped = app.workspace.settings.profile.weights, shipped_weights()
    used = score_weights(own)
    if as_json:
        echo_json({"weights": dict(used), "shipped": dict(shipped)})
        return
    for name, weight in used.items():
        mine = "" if getattr(own, name) is None else "  yours"
        click.echo(f"{name:<10}  {weight:.4f}  shipped {shipped[name]:.2f}{mine}")
    click.echo("They sum to 1. Change them in bidwright.toml, [ranking.weights].")
