"""The ``draft`` group: a first word that is no command is a post to write for."""

from __future__ import annotations

import click

follow_up_option = click.option(
    "--follow-up", is_flag=True, help="The second message in place of the proposal."
)


class WritingGroup(click.Group):
    """A group whose first word may be a post: ``draft POST`` is ``draft write POST``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``write`` before arguments that begin with no command."""
        helped = bool(args) and args[0] in ctx.help_option_names
        if args and not helped and args[0] not in self.commands:
            args = ["write", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; any other word is a post to write for."""
        return super().get_command(ctx, cmd_name) or self.commands["write"]


@click.group(cls=WritingGroup, subcommand_metavar="POST... | COMMAND [ARGS]...")
def draft() -> None:
    """Write a proposal draft for each POST, or work on one that is there.

    POST is a post's id or the beginning of it. A draft you have edited is never written over.
    """
