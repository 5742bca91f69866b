"""What every command shares: the workspace, the clock, and how to print."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain.clock import Clock, utc_now

if TYPE_CHECKING:
    from bidwright.workspace import Workspace


@dataclass
class App:
    """The context object of a command line call."""

    workspace_given: str | None = None
    debug: bool = False
    clock: Clock = utc_now

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace named on the command line, in the environment, or nearest above."""
        from bidwright.workspace import find_workspace

        return find_workspace(self.workspace_given)


pass_app = click.make_pass_decorator(App)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def echo_json(data: Any) -> None:
    """Print ``data`` as indented JSON, readable in any language."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def on_terminal() -> bool:
    """Return whether progress may be shown: only a person at a terminal sees it."""
    return sys.stderr.isatty()


def width() -> int:
    """Return the columns to print in: the terminal's, within what reads well."""
    import shutil

    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 110))


def colourful() -> bool:
    """Return whether standard output shows colours: a terminal, unless NO_COLOR says otherwise."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def program_name() -> str:
    """Return what to type to call this program: its name, or its path where the name alone would not do."""
    import shutil

    if shutil.which("bidwright"):
        return "bidwright"
    path = Path(sys.argv[0])
    if path.stem != "bidwright":
        return f"{Path(sys.executable).name} -m bidwright"
    with suppress(ValueError):
        path = path.resolve().relative_to(Path.cwd())
    return str(path)
