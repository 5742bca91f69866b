"""``draft show``, ``copy``, ``versions``, ``diff``, ``note``, ``restore``, ``lock``: the texts of a draft."""

from __future__ import annotations

import click

from bidwright.cli.context import App, echo_json, json_option, pass_app
from bidwright.cli.daily import desk_for
from bidwright.cli.draft_group import draft, follow_up_option


@draft.command()
@click.argument("post")
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option("--version", type=click.IntRange(1), help="An earlier text (see: draft versions).")
@follow_up_option
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
@follow_up_option
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
@json_option
@pass_app
def versions(app: App, post: str, as_json: bool) -> None:
    """List every text the draft of POST has had, and your notes on it."""
    from bidwright.steps.draft_versions import keep_present
    from bidwright.steps.draft_work import versions_of
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
@follow_up_option
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
@follow_up_option
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
    @follow_up_option
    @pass_app
    def command(app: App, post: str, follow_up: bool) -> None:
        from bidwright.steps.draft_work import find_draft, set_lock

        with desk_for(app) as desk:
            found = find_draft(desk, post, follow_up=follow_up)
            set_lock(found, locked=locked)
        click.echo(f"{found.shown}: {'locked' if locked else 'no longer locked'}")


_lock("lock", "Keep the draft of POST as it is, whatever is written anew.", locked=True)
_lock("unlock", "Take the lock off the draft of POST; one you have edited stays all the same.", locked=False)
