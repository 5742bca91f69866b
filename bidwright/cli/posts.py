"""``sources``, ``import``, ``posts`` and ``show``: what came in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bidwright.cli.context import App, echo_json, json_option, pass_app, width
from bidwright.cli.daily import desk_for, running

if TYPE_CHECKING:
    from bidwright.daily import Daily
    from bidwright.desk import Desk
    from bidwright.steps.importing import FileReport
    from domain.sources import SourceRun

_ISSUES_SHOWN = 5
_POSTS_SHOWN = 50


@click.group(invoke_without_command=True)
@json_option
@pass_app
@click.pass_context
def sources(ctx: click.Context, app: App, as_json: bool) -> None:
    """Show every source: its state, its last run, its new posts."""
    if ctx.invoked_subcommand is not None:
        return
    from bidwright.steps.sources import source_lines

    with desk_for(app) as desk:
        lines = source_lines(desk)
    if as_json:
        echo_json({"sources": lines})
        return
    for line in lines:
        when = line["last_run"][:16].replace("T", " ") if line["last_run"] else "never"
        click.echo(
            f"{line['name']:<14}  {line['state'] or 'not read yet':<13}  {when:<16}  "
            f"{line['posts_new']:>4} new  {line['posts']:>6} posts  {line['detail']}".rstrip()
        )
        if line["failures"]:
            click.echo(
                f"{'':<14}  failing since {line['failing_since'][:10]}, {line['failures']} times in a row; "
                f"asked again from {line['next_fetch'][:16].replace('T', ' ')} UTC"
            )
        for finding in line["findings"]:
            times = f" ({finding['count']} times)" if finding["count"] > 1 else ""
            click.echo(f"{'':<14}  {finding['level']}: {finding['message']}{times}")
        if line["attribution"]:
            click.echo(f"{'':<14}  {line['attribution']}")
    if not lines:
        click.echo("No sources yet: add [[sources]] to bidwright.toml, or import files.")


@sources.command("record")
@click.argument("name")
@click.option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the fixture goes (default: fixtures/NAME).",
)
@pass_app
def record_source(app: App, name: str, folder: Path | None) -> int:
    """Fetch the source NAME once and keep its answer as a test fixture."""
    from bidwright.daily import Step, run_daily
    from bidwright.steps.fixtures import record_fixture, source_named

    place = folder or Path("fixtures") / name
    written: list[Path] = []

    def work(desk: Desk, daily: Daily) -> None:
        outcome, files = record_fixture(desk, daily.run_id, name, place)
        daily.outcomes = [outcome]
        written.extend(files)

    with running(app, app.workspace) as desk:
        source_named(desk, name)
        daily = run_daily(desk, steps=(Step("record", work),))
    show_outcomes(daily.outcomes, as_json=False)
    for path in written:
        click.echo(f"wrote {path}")
    for problem in daily.problems:
        click.echo(f"bidwright: {problem}", err=True)
    return daily.status if written else 1


def show_outcomes(outcomes: Sequence[SourceRun], *, as_json: bool) -> None:
    """Print the outcome of each source of a fetch."""
    rows: list[dict[str, Any]] = [
        {
            "name": run.source,
            "state": run.state.value,
            "detail": run.detail,
            "posts_read": run.posts_read,
            "posts_new": run.posts_new,
            "posts_updated": run.posts_updated,
            "issues": run.issues,
        }
        for run in outcomes
    ]
    if as_json:
        echo_json({"sources": rows})
        return
    for row in rows:
        counts = f"{row['posts_read']:>4} read {row['posts_new']:>4} new {row['posts_updated']:>4} updated"
        click.echo(f"{row['name']:<14}  {row['state']:<13}  {counts}  {row['detail']}".rstrip())


@click.group("import")
def import_group() -> None:
    """Read posts from files."""


@import_group.command("posts")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--columns",
    metavar="FIELD=HEADING,...",
    multiple=True,
    help="Which column of a table, or key of JSON objects, fills which field: title=Job name,url=Link.",
)
@json_option
@pass_app
def import_posts(app: App, files: tuple[str, ...], columns: tuple[str, ...], as_json: bool) -> int:
    """Read posts from FILEs, gzipped or not; - is standard input.

    What a file is, its content says: JSON Lines, CSV, feeds (RSS, Atom, RDF, JSON Feed), pages saved from
    Upwork and Freelancer.com, JSON from APIs and scrapers, job alerts as mail (.eml, .mbox). Columns of a
    table are known by their headings, or by --columns.
    """
    from bidwright.steps.importing import import_files
    from spiders.columns import read_columns

    chosen = read_columns(columns)
    contents: list[tuple[str, Path | bytes]] = [
        ("standard input", sys.stdin.buffer.read()) if name == "-" else (name, Path(name)) for name in files
    ]
    with desk_for(app) as desk:
        reports = import_files(desk, contents, columns=chosen)
    if as_json:
        echo_json({"files": [_file_json(report) for report in reports]})
    else:
        for report in reports:
            _show_file(report)
    return 0 if all(report.outcome != "error" for report in reports) else 1


def _file_json(report: FileReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "kind": report.kind,
        "outcome": report.outcome,
        "posts_read": report.posts_read,
        "posts_new": report.posts_new,
        "posts_updated": report.posts_updated,
        "duplicates_marked": report.duplicates_marked,
        "issues": [
            {"level": issue.level.value, "where": issue.where, "message": issue.message}
            for issue in report.issues
        ],
    }


def _show_file(report: FileReport) -> None:
    from domain.issues import IssueLevel

    counts = f"{report.posts_read} read, {report.posts_new} new, {report.posts_updated} updated"
    marked = f", {report.duplicates_marked} marked as repeats" if report.duplicates_marked else ""
    kind = f" ({report.kind})" if report.kind else ""
    click.echo(f"{report.file}{kind}: {report.outcome}; {counts}{marked}")
    shown = [issue for issue in report.issues if issue.level is not IssueLevel.INFO]
    for issue in shown[:_ISSUES_SHOWN]:
        click.echo(f"  {issue.level.value}: {issue.where}: {issue.message}")
    if len(shown) > _ISSUES_SHOWN:
        click.echo(f"  and {len(shown) - _ISSUES_SHOWN} more; all of them with --json")


@click.command()
@click.argument("words", metavar="[QUERY]", nargs=-1)
@click.option(
    "--limit", type=click.IntRange(1), help=f"At most so many (default: {_POSTS_SHOWN}; with --json all)."
)
@json_option
@pass_app
def posts(app: App, words: tuple[str, ...], limit: int | None, as_json: bool) -> None:
    """Search what is stored: every word of QUERY must be in the title, text or skills."""
    from bidwright.posts_json import post_json
    from reports.post import posts_table

    asked = " ".join(words).split()
    with desk_for(app) as desk, desk.store.read() as tx:
        total = tx.posts.count()
        found = tx.posts.search(asked, limit or (max(total, 1) if as_json else _POSTS_SHOWN))
    if as_json:
        echo_json({"posts": [post_json(stored) for stored in found]})
        return
    if not found:
        click.echo(f"Nothing found among {total} stored posts.")
        return
    click.echo(posts_table(found, width=width()), nl=False)
    click.echo(f"{len(found)} of {total} stored posts")


@click.command()
@click.argument("post")
@json_option
@pass_app
def show(app: App, post: str, as_json: bool) -> None:
    """Show one POST with every number opened into its parts."""
    from bidwright.posts_json import post_json
    from bidwright.steps.lookup import find_one
    from bidwright.steps.ranking import embed_posts, rank_posts
    from bidwright.steps.similar import similar_posts
    from reports.post import post_text
    from reports.ranking import explain, similar_text
    from reports.render_json import post_parts_json

    with desk_for(app) as desk:
        stored = find_one(desk, post)
        embed_posts(desk, desk.profile)
        ranked = rank_posts(desk, desk.profile, app.clock())
        found = similar_posts(desk, stored, app.clock())
    similar = [(near.stored, near.cosine) for near in found.posts]
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    mine = next((each for each in ranked if each.stored.post_id == stored.post_id), None)
    if as_json:
        near = [{"post_id": other.post_id, "cosine": cosine} for other, cosine in similar]
        parts = post_parts_json(mine) if mine else None
        echo_json({**post_json(stored), "ranking": parts, "similar": near})
        return
    if mine is not None:
        click.echo(explain(mine, currency=desk.profile.rates.currency, now=app.clock(), width=width()))
    if similar:
        click.echo(similar_text(similar, width=width()))
    click.echo(post_text(stored, width=width()))
