"""``templates``: the shipped proposal templates and the person's own."""

from __future__ import annotations

from typing import Any

import click

from bidwright.cli.context import App, echo_json, pass_app
from bidwright.cli.daily import desk_for

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def templates() -> None:
    """See, copy, check and try proposal templates."""


@templates.command("list")
@_json
@pass_app
def list_templates(app: App, as_json: bool) -> int:
    """List every template: whose it is, when it applies, how long it aims to be."""
    from proposals.templates import load_templates

    library = load_templates(app.workspace.root)
    rows: list[dict[str, Any]] = [
        {
            "name": template.name,
            "origin": template.origin,
            "summary": template.summary,
            "length": list(template.length),
            "tone": template.tone,
            "automatic": template.automatic,
        }
        for template in library.templates.values()
    ]
    problems = [{"name": name, "problem": str(error)} for name, error in library.problems.items()]
    if as_json:
        echo_json({"templates": rows, "problems": problems})
        return 1 if problems else 0
    for row in rows:
        least, most = row["length"]
        owner = "" if row["origin"] == "shipped" else f" ({row['origin']})"
        click.echo(f"{row['name']:<18}{row['summary']}{owner}")
        click.echo(f"{'':<18}{least} to {most} words, {row['tone'] or 'no tone given'}")
    for problem in problems:
        click.echo(f"bidwright: {problem['problem']}", err=True)
    return 1 if problems else 0


@templates.command()
@click.argument("name")
@pass_app
def show(app: App, name: str) -> None:
    """Print the file of template NAME, or of a partial (partials/close)."""
    from proposals.templates import template_file

    click.echo(template_file(name, app.workspace.root), nl=False)


@templates.command()
@click.argument("name")
@click.option(
    "--as", "new_name", metavar="NEW", help="The copy's name (default: the same, used in its stead)."
)
@pass_app
def copy(app: App, name: str, new_name: str | None) -> None:
    """Copy the shipped template or partial NAME into your workspace, to be changed there."""
    from bidwright.steps.templates import copy_template

    with desk_for(app) as desk:
        path = copy_template(desk, name, new_name)
    click.echo(f"wrote {path}")


@templates.command()
@click.argument("names", metavar="[NAME...]", nargs=-1)
@pass_app
def check(app: App, names: tuple[str, ...]) -> int:
    """Check templates: their heads, and renders of posts that ask much, say nothing, or mean harm."""
    from bidwright.steps.templates import check_templates

    with desk_for(app) as desk:
        verdicts = check_templates(desk, names)
    for verdict in verdicts:
        click.echo(f"{verdict.name:<18}{'sound' if not verdict.problems else 'wrong'}  {verdict.origin}")
        for problem in verdict.problems:
            click.echo(f"  {problem}")
    return 1 if any(verdict.problems for verdict in verdicts) else 0


@templates.command()
@click.argument("name")
@click.option("--post", metavar="POST", help="On this post (default: an invented one).")
@pass_app
def render(app: App, name: str, post: str | None) -> None:
    """Print what template NAME makes of a post; nothing is written."""
    from bidwright.steps.lookup import find_one
    from bidwright.steps.templates import try_template

    with desk_for(app) as desk:
        draft = try_template(desk, name, find_one(desk, post) if post else None)
    click.echo(draft.body, nl=False)
    for finding in draft.findings:
        click.echo(f"line {finding.line}: {finding.message}", err=True)
