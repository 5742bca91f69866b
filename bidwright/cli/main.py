"""The command tree and the one place where errors become a line on screen and an exit status.

Exit status: 0 done, 1 done with problems shown, 2 wrong usage or configuration.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from difflib import get_close_matches

import click

from bidwright.cli.context import App
from domain.errors import BidwrightError, ConfigError, UsageError

# Commands are imported when they are called: `--help` must not pay for torch, prefect or scrapy.
_COMMANDS = {
    "init": ("bidwright.cli.setup:init", "Make a commented workspace."),
    "sample": ("bidwright.cli.setup:sample", "Run the whole daily job on a sample workspace."),
    "doctor": ("bidwright.cli.setup:doctor", "Say what is wrong with this installation, and what to do."),
    "run": ("bidwright.cli.daily:run", "The whole daily job: fetch, rank, digest, drafts."),
    "fetch": ("bidwright.cli.daily:fetch", "Read every source that is due."),
    "rank": ("bidwright.cli.daily:rank", "Rank every stored post, best first."),
    "digest": ("bidwright.cli.daily:digest", "Today's digest."),
    "draft": ("bidwright.cli.drafts:draft", "Write a proposal draft; edit, check, compare and copy it."),
    "templates": ("bidwright.cli.templates:templates", "See, copy, check and try proposal templates."),
    "sources": ("bidwright.cli.posts:sources", "Every source: state, last run, new posts."),
    "import": ("bidwright.cli.posts:import_group", "Read posts from files."),
    "posts": ("bidwright.cli.posts:posts", "Search what is stored."),
    "duplicates": ("bidwright.cli.duplicates:duplicates", "Which posts repeat which; undo a wrong mark."),
    "show": ("bidwright.cli.posts:show", "One post with every number opened into its parts."),
    "like": ("bidwright.cli.preferences:like", "Move a post, and posts like it, up a little."),
    "dislike": ("bidwright.cli.preferences:dislike", "Leave a post out, and move posts like it down."),
    "likes": ("bidwright.cli.preferences:likes", "What you like and dislike; take it back with undo."),
    "weights": ("bidwright.cli.preferences:weights", "What each part of a score counts."),
    "bid": ("bidwright.cli.bids:bid", "Record what became of a bid."),
    "contract": ("bidwright.cli.contracts:contract", "Record contracts."),
    "milestone": ("bidwright.cli.contracts:milestone", "Record milestones and their escrow."),
    "feedback": ("bidwright.cli.contracts:feedback", "Record feedback."),
    "undo": ("bidwright.cli.books:undo", "Take back the last thing recorded about a post or contract."),
    "report": ("bidwright.cli.books:report", "Win rate, calibration and escrow."),
}


class _LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            near = get_close_matches(cmd_name, _COMMANDS, n=1)
            ctx.fail(f"No such command {cmd_name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-w", "--workspace", metavar="DIR", help="The workspace (else the nearest one above).")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="bidwright", message="bidwright %(version)s")
@click.pass_context
def cli(ctx: click.Context, workspace: str | None, debug: bool) -> None:
    """Find the gigs that pay, draft the proposals, keep the books."""
    ctx.obj = App(workspace_given=workspace, debug=debug)


def run(arguments: Sequence[str]) -> int:
    """Run the command line with ``arguments`` and return the exit status; raises only with ``--debug``."""
    try:
        status = cli.main(args=list(arguments), prog_name="bidwright", standalone_mode=False)
    except (click.ClickException, click.Abort, BidwrightError, OSError) as error:
        if "--debug" in arguments and isinstance(error, (BidwrightError, OSError)):
            raise
        line, failed = _explained(error)
        click.echo(line, err=True)
        return failed
    return status if isinstance(status, int) else 0


def _explained(error: Exception) -> tuple[str, int]:
    """Return what to say about ``error`` and the exit status it means."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message(), 2
    if isinstance(error, click.ClickException):
        usage = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "bidwright"
        return f"{usage}: {error.format_message()} See: {usage} --help", 2
    if isinstance(error, BidwrightError):
        return f"bidwright: {error}", 2 if isinstance(error, (ConfigError, UsageError)) else 1
    if isinstance(error, OSError):
        # A full disk, a folder that may not be written: the system's own words, and where.
        place = f"{error.filename}: " if error.filename else ""
        return f"bidwright: {place}{error.strerror or error}. Mend that and run it again", 1
    return "Stopped.", 1
