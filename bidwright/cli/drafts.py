"""``draft``: written, edited, checked, compared, noted on, copied."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bidwright.cli.context import App, echo_json, pass_app
from bidwright.cli.daily import desk_for, near

if TYPE_CHECKING:
    from bidwright.steps.drafts import DraftReport
    from proposals.findings import Finding

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_follow_up = click.option("--follow-up", is_flag=True, help="The second message in place of the proposal.")
_SITUATIONS = ["open", "submitted", "invited", "enquiry"]


class _WritingGroup(click.Group):
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


@click.group(cls=_WritingGroup, subcommand_metavar="POST... | COMMAND [ARGS]...")
def draft() -> None:
    """Write a proposal draft for each POST, or work on one that is there.

    POST is a post's id or the beginning of it. A draft you have edited is never written over.
    """


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
    from proposals.templates import Situation

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
@_json
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
@_follow_up
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


@draft.command()
@click.argument("post")
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option("--version", type=click.IntRange(1), help="An earlier text (see: draft versions).")
@_follow_up
@pass_app
def show(app: App, post: str, form: str, version: int | None, follow_up: bool) -> None:
    """Print the draft of POST without its head, as plain text for a marketplace's field or as Markdown."""
    from bidwright.steps.draft_checks import plain_text
    from bidwright.steps.draft_work import find_draft, version_of
    from bidwright.steps.lookup import find_one

    with desk_for(app) as desk:
        if version is not None:
            body = version_of(desk, find_one(desk, post).post_id, version).body.strip() + "\n"
        else:
            body = find_draft(desk, post, follow_up=follow_up).body
    click.echo((plain_text(body) if form == "text" else body).encode("utf-8", "replace"), nl=False)


@draft.command()
@click.argument("post")
@_follow_up
@pass_app
def copy(app: App, post: str, follow_up: bool) -> int:
    """Copy the text of the draft of POST to the clipboard."""
    from bidwright.cli.clipboard import NO_TOOL, to_clipboard
    from bidwright.steps.draft_checks import plain_text
    from bidwright.steps.draft_work import find_draft
    from proposals.foreign import open_gaps

    with desk_for(app) as desk:
        found = find_draft(desk, post, follow_up=follow_up)
    tool = to_clipboard(plain_text(found.body))
    if tool is None:
        click.echo(
            f"bidwright: {NO_TOOL} Take it from: bidwright draft show {found.stored.post_id}", err=True
        )
        return 1
    click.echo(f"copied with {tool}: {len(found.body.split())} words of {found.shown}")
    for gap in open_gaps(found.body):
        click.echo(f"  still to fill in: {gap}")
    return 0


@draft.command()
@click.argument("post")
@_json
@pass_app
def versions(app: App, post: str, as_json: bool) -> None:
    """List every text the draft of POST has had, and your notes on it."""
    from bidwright.steps.draft_work import versions_of
    from bidwright.steps.drafts import keep_present
    from bidwright.steps.lookup import find_one

    with desk_for(app) as desk:
        stored = find_one(desk, post)
        keep_present(desk, stored)
        found, notes = versions_of(desk, stored.post_id)
    rows = [
        {
            "number": each.number,
            "origin": each.origin.value,
            "at": each.at.isoformat(),
            "template": each.template,
            "words": each.words,
            "path": each.path,
        }
        for each in found
    ]
    if as_json:
        echo_json(
            {"versions": rows, "notes": [{"text": note.text, "at": note.at.isoformat()} for note in notes]}
        )
        return
    for each in found:
        click.echo(
            f"{each.number:>3}  {each.at:%Y-%m-%d %H:%M} UTC  {each.origin:<9}  {each.words:>4} words  "
            f"{each.template or ''}".rstrip()
        )
    for note in notes:
        click.echo(f"note, {note.at:%Y-%m-%d %H:%M} UTC: {note.text}")
    if not found:
        click.echo(f"No draft yet: bidwright draft {post}")


@draft.command()
@click.argument("post")
@click.argument("old", type=click.IntRange(1), required=False)
@click.argument("new", type=click.IntRange(1), required=False)
@_follow_up
@pass_app
def diff(app: App, post: str, old: int | None, new: int | None, follow_up: bool) -> None:
    """Show what you changed in the draft of POST, or what did from version OLD to NEW (or the file)."""
    from bidwright.steps.draft_work import difference, find_draft

    with desk_for(app) as desk:
        text = difference(desk, find_draft(desk, post, follow_up=follow_up), old, new)
    click.echo((text or "nothing has changed").encode("utf-8", "replace"))


@draft.command()
@click.argument("post")
@click.argument("words", metavar="TEXT", nargs=-1, required=True)
@pass_app
def note(app: App, post: str, words: tuple[str, ...]) -> None:
    """Keep a note on the draft of POST; `draft versions` shows them."""
    from bidwright.steps.draft_work import add_note
    from bidwright.steps.lookup import find_one

    with desk_for(app) as desk:
        stored = find_one(desk, post)
        add_note(desk, stored.post_id, " ".join(words))
    click.echo(f"noted on {stored.post_id}")


@draft.command()
@click.argument("post")
@click.argument("version", type=click.IntRange(1))
@_follow_up
@pass_app
def restore(app: App, post: str, version: int, follow_up: bool) -> None:
    """Put an earlier VERSION back into the draft of POST; what is there now stays a version."""
    from bidwright.steps.draft_work import find_draft
    from bidwright.steps.draft_work import restore as put_back

    with desk_for(app) as desk:
        found = find_draft(desk, post, follow_up=follow_up)
        put_back(desk, found, version)
        find_draft(desk, post, follow_up=follow_up)
    click.echo(f"{found.shown}: version {version} again")


def _lock(name: str, about: str, *, locked: bool) -> None:
    @draft.command(name, help=about)
    @click.argument("post")
    @_follow_up
    @pass_app
    def command(app: App, post: str, follow_up: bool) -> None:
        from bidwright.steps.draft_work import find_draft, set_lock

        with desk_for(app) as desk:
            found = find_draft(desk, post, follow_up=follow_up)
            set_lock(found, locked=locked)
        click.echo(f"{found.shown}: {'locked' if locked else 'no longer locked'}")


_lock("lock", "Keep the draft of POST as it is, whatever is written anew.", locked=True)
_lock("unlock", "Take the lock off the draft of POST; one you have edited stays all the same.", locked=False)
