"""``draft``: written, edited, checked; its other commands stand in :mod:`bidwright.cli.draft_texts`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bidwright.cli import draft_texts
from bidwright.cli.context import App, echo_json, json_option, pass_app
from bidwright.cli.daily import desk_for, near
from bidwright.cli.draft_group import draft, follow_up_option

if TYPE_CHECKING:
    from bidwright.steps.drafts import DraftReport
    from proposals.findings import Finding

__all__ = ["draft", "draft_texts"]  # importing the latter adds its commands

_SITUATIONS = ["open", "submitted", "invited", "enquiry"]


@draft.command()
@click.argument("posts", metavar="POST...", nargs=-1, required=True)
@click.option("--template", metavar="NAME", help="Use this template instead of the one that fits best.")
@click.option(
    "--situation",
    type=click.Choice(_SITUATIONS),
    help="How you stand to the post (default: what your books say).",
)
@click.option(
    "--start-over", is_flag=True, help="A new draft in place of the edited one, which is kept as a version."
)
@click.option(
    "--polish/--no-polish",
    "polished",
    default=None,
    help="Have the endpoint in your settings rephrase it, or not (default: as the settings say).",
)
@pass_app
def write(
    app: App,
    posts: tuple[str, ...],
    template: str | None,
    situation: str | None,
    start_over: bool,
    polished: bool | None,
) -> int:
    """Write a draft for each POST; an edited draft stays."""
    from bidwright.steps.drafts import write_drafts
    from bidwright.steps.lookup import find_one
    from proposals.template_heads import Situation

    with desk_for(app) as desk:
        chosen = [find_one(desk, given) for given in posts]
        stance = Situation(situation) if situation else None
        reports = write_drafts(
            desk, chosen, template=template, situation=stance, start_over=start_over, polished=polished
        )
    for report in reports:
        _show_report(app, report)
    return 1 if any(report.failed for report in reports) else 0


def _show_report(app: App, report: DraftReport) -> None:
    click.echo(f"{near(app.workspace.root / report.path)}  {report.says}")
    if report.reason:
        click.echo(f"  why this template: {report.reason}")
    for line in report.findings:
        click.echo(f"  {line}")
    for note in report.notes:
        click.echo(f"  note: {note}", err=True)


@draft.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--post", metavar="POST", help="The post it answers (default: the one its head names).")
@json_option
@pass_app
def check(app: App, files: tuple[str, ...], post: str | None, as_json: bool) -> int:
    """Check any text before you send it; - is standard input, and a POST is its draft."""
    from bidwright.steps.draft_checks import check_file
    from bidwright.steps.draft_work import find_draft

    checked = []
    with desk_for(app) as desk:
        for name in files:
            if name == "-":
                checked.append(check_file(desk, "standard input", sys.stdin.buffer.read(), post))
            elif Path(name).is_file():
                checked.append(check_file(desk, name, Path(name).read_bytes(), post))
            else:
                found = find_draft(desk, name)
                checked.append(check_file(desk, found.shown, found.path.read_bytes(), post))
    if as_json:
        rows = [
            {
                "file": each.name,
                "post_id": each.stored.post_id if each.stored else None,
                "findings": [_row(finding) for finding in each.findings],
            }
            for each in checked
        ]
        echo_json({"files": rows})
    else:
        for each in checked:
            for finding in each.findings:
                click.echo(f"{each.name}:{finding.line}: {finding.message}")
            against = f"for {each.stored.post_id}" if each.stored else "without a post; name it with --post"
            click.echo(f"{each.name}: {len(each.findings) or 'nothing'} to mend, checked {against}")
    return 1 if any(each.findings for each in checked) else 0


def _row(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "line": finding.line, "message": finding.message}


@draft.command()
@click.argument("post")
@follow_up_option
@pass_app
def edit(app: App, post: str, follow_up: bool) -> int:
    """Open the draft of POST in your editor ($VISUAL, $EDITOR), then check it."""
    from bidwright.steps.draft_checks import check_file
    from bidwright.steps.draft_work import find_draft

    with desk_for(app) as desk:
        found = find_draft(desk, post, follow_up=follow_up)
        click.edit(filename=str(found.path))
        found = find_draft(desk, post, follow_up=follow_up)
        checked = check_file(desk, found.shown, found.path.read_bytes(), found.stored.post_id)
    for finding in checked.findings:
        click.echo(f"{found.shown}:{finding.line}: {finding.message}")
    click.echo(f"{found.shown}: {len(checked.findings) or 'nothing'} to mend")
    return 0
