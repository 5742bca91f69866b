"""``init``, ``sample`` and ``doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bidwright.cli.context import App, echo_json, json_option, pass_app, program_name

if TYPE_CHECKING:
    from bidwright.desk import Desk


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=None)
@pass_app
def init(app: App, folder: Path | None) -> None:
    """Make a commented workspace in DIR (default: the folder named by -w, else here)."""
    from bidwright.workspace import init_workspace

    folder = folder or Path(app.workspace_given or "")
    for path in init_workspace(folder.resolve()):
        click.echo(f"wrote {path}")
    click.echo(f"Next: describe yourself in {folder / 'bidwright.toml'}, then run: bidwright doctor")


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path("sample"))
@pass_app
def sample(app: App, folder: Path) -> int:
    """Run the whole daily job on a sample workspace in DIR; nothing leaves this computer."""
    from bidwright.cli.daily import run_and_show
    from bidwright.sample_feeds import IMPORT_FILE, make_sample
    from bidwright.steps.importing import import_files

    workspace = make_sample(folder.resolve(), app.clock())
    saved = workspace.root / "import" / IMPORT_FILE

    def import_saved(desk: Desk) -> None:
        import_files(desk, [(saved.name, saved)])

    status = run_and_show(app, workspace, before=import_saved)
    program = program_name()
    click.echo(f"\nThis was a sample, in {folder}. To look around:")
    click.echo(f"  {program} -w {folder} rank         every post, best first")
    click.echo(f"  {program} -w {folder} show POST    one post, every number opened into its parts")
    click.echo(f"To start with your own skills and feeds: {program} init my-desk")
    return status


@click.command()
@json_option
@pass_app
def doctor(app: App, as_json: bool) -> int:
    """Check this installation and workspace; say what is wrong and what to do."""
    from bidwright.doctor import examine

    findings = examine(app.workspace_given, app.clock())
    if as_json:
        echo_json({"checks": [finding.as_json() for finding in findings]})
    else:
        wide = max(len(finding.check) for finding in findings)
        for finding in findings:
            click.echo(f"{finding.mark}  {finding.check:<{wide}}  {finding.text}")
            if finding.remedy:
                click.echo(f"   {'':<{wide}}  → {finding.remedy}")
    return 1 if any(finding.level == "wrong" for finding in findings) else 0
