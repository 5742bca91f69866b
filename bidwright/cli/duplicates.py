"""``duplicates``: what was marked as a repeat, and the person's own word on it."""

from __future__ import annotations

import click

from bidwright.cli.context import App, echo_json, json_option, pass_app, width
from bidwright.cli.daily import desk_for


@click.group(invoke_without_command=True)
@json_option
@pass_app
@click.pass_context
def duplicates(ctx: click.Context, app: App, as_json: bool) -> None:
    """Show which posts repeat which, and why. Wrong? Undo it for good: duplicates unmark POST."""
    if ctx.invoked_subcommand is not None:
        return
    from bidwright.steps.duplicates import clusters
    from reports import words
    from reports.duplicates import duplicates_json, duplicates_text

    with desk_for(app) as desk:
        found = clusters(desk)
    if as_json:
        echo_json(duplicates_json(found))
        return
    if not found:
        click.echo("No stored post repeats another.")
        return
    click.echo(duplicates_text(found, width=width()))
    count = sum(len(cluster.repeats) for cluster in found)
    click.echo(f"{words.count(count, 'repeat')} of {words.count(len(found), 'post')}.")
    click.echo("Not the same job? bidwright duplicates unmark POST")


@duplicates.command()
@click.argument("post")
@click.argument("other", required=False)
@pass_app
def unmark(app: App, post: str, other: str | None) -> None:
    """Say that POST is another job than OTHER, or than all it was grouped with, for good."""
    from bidwright.steps.duplicates import tell_apart

    with desk_for(app) as desk:
        pairs = tell_apart(desk, post, other)
    for one, against in pairs:
        click.echo(f"{one} is another job than {against}; kept apart from now on")


@duplicates.command()
@click.argument("post")
@click.argument("other")
@pass_app
def mark(app: App, post: str, other: str) -> None:
    """Say that POST and OTHER are one job: shown once from now on."""
    from bidwright.steps.duplicates import join_posts

    with desk_for(app) as desk:
        pairs = join_posts(desk, post, other)
    for one, against in pairs:
        click.echo(f"{one} and {against} are one job; shown once from now on")
