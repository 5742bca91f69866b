"""``run`` and its parts: ``fetch``, ``rank``, ``digest``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bidwright.cli.context import App, colourful, echo_json, json_option, pass_app, width

if TYPE_CHECKING:
    from bidwright.daily import Daily
    from bidwright.desk import Desk
    from bidwright.workspace import Workspace


@contextmanager
def desk_for(app: App) -> Iterator[Desk]:
    """Yield an open desk over the workspace, with progress on a terminal."""
    from bidwright.cli.screen import progress_bar
    from bidwright.desk import open_desk

    with (
        progress_bar() as progress,
        open_desk(app.workspace, clock=app.clock, progress=progress) as desk,
    ):
        yield desk


@contextmanager
def running(app: App, workspace: Workspace) -> Iterator[Desk]:
    """Yield a desk that may fetch: the only run in the workspace, with what killed ones left swept away."""
    from bidwright.cli.screen import progress_bar
    from bidwright.desk import open_desk
    from bidwright.files import sweep
    from bidwright.runlock import only_run
    from bidwright.sample_feeds import sample_feeds

    with only_run(workspace), sample_feeds(workspace) as address, progress_bar() as progress:
        for folder in (workspace.root, workspace.drafts, workspace.digests):
            sweep(folder)
        with open_desk(workspace, clock=app.clock, progress=progress, address=address) as desk:
            yield desk


@click.command()
@click.option("--no-prefect", is_flag=True, help="Run the steps directly, without the orchestrator.")
@pass_app
def run(app: App, no_prefect: bool) -> int:
    """Run the whole daily job: fetch, rank, digest, drafts. Running it twice changes nothing."""
    return run_and_show(app, app.workspace, prefect=not no_prefect)


def run_and_show(
    app: App,
    workspace: Workspace,
    *,
    before: Callable[[Desk], None] | None = None,
    prefect: bool = True,
) -> int:
    """Run the daily job on ``workspace`` (``before`` it, if given, on the same desk) and print the digest."""
    with running(app, workspace) as desk:
        daily = _orchestrated(desk, before) if prefect else _direct(desk, before)
    show_daily(daily, workspace)
    return daily.status


def _direct(desk: Desk, before: Callable[[Desk], None] | None) -> Daily:
    from bidwright.daily import run_daily

    if before is not None:
        before(desk)
    return run_daily(desk)


def _orchestrated(desk: Desk, before: Callable[[Desk], None] | None) -> Daily:
    from bidwright.steps.fetch import anything_due
    from flows.server import prefect_server

    with prefect_server(desk.workspace.state / "prefect") as server:
        if anything_due(desk):
            # The server takes seconds to come up; so does the model. They come up together.
            desk.preload_embedder()
        if before is not None:
            before(desk)
        desk.progress("Starting", 0, 0)
        if not server.ready():
            daily = _direct(desk, None)
            daily.notes.append(f"ran without Prefect, which did not start; see {server.log}")
            return daily
        from flows.daily import daily_flow

        return daily_flow(desk)


def show_daily(daily: Daily, workspace: Workspace) -> None:
    """Print what a run did: the digest, the drafts, and anything that went wrong."""
    from reports.render_text import render_text

    if daily.digest is not None:
        click.echo(render_text(daily.digest, width=width(), colour=colourful()), nl=False)
    _show_drafts(daily, workspace)
    _show_problems(daily)


def _show_problems(daily: Daily) -> None:
    for note in daily.notes:
        click.echo(f"note: {note}", err=True)
    for problem in daily.problems:
        click.echo(f"bidwright: {problem}", err=True)


def _show_drafts(daily: Daily, workspace: Workspace) -> None:
    if not daily.drafts:
        return
    click.echo("Drafts to edit:")
    for draft in daily.drafts:
        click.echo(f"  {near(workspace.root / draft.path)}  {draft.says}")


def near(path: Path) -> Path:
    """Return ``path`` relative to the current folder where it lies below it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


@click.command()
@json_option
@pass_app
def fetch(app: App, as_json: bool) -> int:
    """Read every source that is due and store its posts."""
    from bidwright.cli.posts import show_outcomes
    from bidwright.daily import READING, run_daily

    with running(app, app.workspace) as desk:
        daily = run_daily(desk, steps=READING)
    show_outcomes(daily.outcomes, as_json=as_json)
    _show_problems(daily)
    return daily.status


@click.command()
@json_option
@click.option("--profile", metavar="FILE.toml", type=click.Path(path_type=Path), help="Rank for this person.")
@click.option("--limit", type=click.IntRange(1), default=25, show_default=True, help="Lines in the table.")
@pass_app
def rank(app: App, as_json: bool, profile: Path | None, limit: int) -> None:
    """Rank every stored post that has not expired, best first."""
    from bidwright.settings import load_profile
    from bidwright.steps.ranking import embed_posts, rank_posts
    from ranking.weights import score_weights
    from reports.ranking import rank_table
    from reports.render_json import ranked_json

    with desk_for(app) as desk:
        person = load_profile(profile) if profile else desk.profile
        embed_posts(desk, person)
        ranked = rank_posts(desk, person, app.clock())
    if as_json:
        echo_json({"weights": dict(score_weights(person.weights)), **ranked_json(ranked)})
    else:
        table = rank_table(ranked, currency=person.rates.currency, limit=limit, width=width())
        click.echo(table, nl=False)


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "markdown", "json"]),
    default="text",
    show_default=True,
)
@pass_app
def digest(app: App, form: str) -> None:
    """Print today's digest, made now if there is none yet."""
    from bidwright.steps.digest import RENDERERS, make_digest
    from bidwright.steps.drafts import known_drafts
    from bidwright.steps.ranking import embed_posts, todays_ranking
    from reports.render_text import render_text

    with desk_for(app) as desk:
        embed_posts(desk, desk.profile)
        made = make_digest(desk, todays_ranking(desk), known_drafts(desk))
    if form == "text":
        click.echo(render_text(made, width=width(), colour=colourful()), nl=False)
    else:
        click.echo(RENDERERS[form](made), nl=False)
