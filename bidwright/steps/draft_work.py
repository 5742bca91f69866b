"""Work on a draft that is there: its versions, notes, lock, and getting an old text back."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.steps.draft_versions import keep_version, shown_path
from bidwright.steps.lookup import find_one
from domain.drafts import DraftNote, DraftVersion
from domain.errors import InputError, UsageError
from domain.posts import StoredPost
from proposals.draft_files import FOLLOW_UP, draft_path, read_draft, write_draft
from proposals.draft_text import Keep, with_lock
from proposals.heads import split_head

if TYPE_CHECKING:
    from storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFile:
    """The draft of a post as it lies in the workspace; ``shown`` is its path relative to it."""

    stored: StoredPost
    path: Path
    shown: str
    text: str

    @property
    def body(self) -> str:
        """The text without its head."""
        return split_head(self.text).body.strip() + "\n"


def find_draft(desk: Desk, given: str, *, follow_up: bool = False) -> DraftFile:
    """Return the draft of the post that ``given`` names, its present text kept as a version.

    Raise :class:`UsageError` if there is none.
    """
    stored = find_one(desk, given)
    path = draft_path(desk.workspace.drafts, stored, desk.profile, FOLLOW_UP if follow_up else "")
    text = read_draft(path)
    if text is None:
        what = "follow-up" if follow_up else "draft"
        raise UsageError(
            f"there is no {what} yet", where=stored.post_id, remedy=f"Write one: bidwright draft {given}"
        )
    keep_version(desk, stored.post_id, path, text)
    return DraftFile(stored=stored, path=path, shown=shown_path(desk, path), text=text)


def versions_of(desk: Desk, post_id: str) -> tuple[list[DraftVersion], list[DraftNote]]:
    """Return every version of a post's drafts and the notes on them, the oldest first."""
    with desk.store.read() as tx:
        return tx.drafts.versions(post_id), tx.drafts.notes(post_id)


def version_of(desk: Desk, post_id: str, number: int) -> DraftVersion:
    """Return one version of a post's draft; raise :class:`UsageError` if there is no such number."""
    versions, _ = versions_of(desk, post_id)
    found = next((each for each in versions if each.number == number), None)
    if found is None:
        known = f"1 to {versions[-1].number}" if versions else "none"
        raise UsageError(f"there is no version {number}", where=post_id, remedy=f"There are: {known}")
    return found


def difference(desk: Desk, draft: DraftFile, old: int | None, new: int | None) -> str:
    """Return what changed from one version to another as a unified diff, empty where nothing did.

    By default from the program's last text of that file to the file as it stands.
    """
    post_id = draft.stored.post_id
    if old is None:
        versions, _ = versions_of(desk, post_id)
        made = [each for each in versions if each.path == draft.shown and each.origin.value == "generated"]
        before = made[-1] if made else None
    else:
        before = version_of(desk, post_id, old)
    after = version_of(desk, post_id, new) if new is not None else None
    left = before.body.strip() if before else ""
    right = (after.body if after else draft.body).strip()
    lines = difflib.unified_diff(
        left.splitlines(),
        right.splitlines(),
        f"version {before.number} ({before.origin})" if before else "nothing",
        f"version {after.number} ({after.origin})" if after else draft.shown,
        lineterm="",
    )
    return "\n".join(lines)


def add_note(desk: Desk, post_id: str, text: str) -> None:
    """Keep a note on a post's draft; raise :class:`UsageError` for an empty one."""
    words = text.strip()
    if not words:
        raise UsageError("the note is empty", where=post_id, remedy="Write what you want to remember")
    at = desk.clock()

    def write(tx: Transaction) -> None:
        tx.drafts.note(post_id, words, at)

    desk.store.run_write(write)


def restore(desk: Desk, draft: DraftFile, number: int) -> None:
    """Put version ``number`` back into the file; the present text stays a version. Raise if it changed."""
    version = version_of(desk, draft.stored.post_id, number)
    parts = split_head(draft.text)
    head = draft.text[: len(draft.text) - len(parts.body)] if parts.head is not None else ""
    _replace(draft, f"{head}\n{version.body.strip()}\n" if head else f"{version.body.strip()}\n")


def set_lock(draft: DraftFile, *, locked: bool) -> None:
    """Set or take off the lock of a draft file; raise :class:`InputError` if its head cannot be read."""
    text = with_lock(draft.text, locked=locked)
    if text is None:
        raise InputError(
            "its head cannot be read, so it counts as edited and is never written over",
            where=draft.shown,
            remedy="Nothing need be done",
        )
    if text != draft.text:
        _replace(draft, text)


def _replace(draft: DraftFile, text: str) -> None:
    done = write_draft(draft.path, text, planned_on=draft.text)
    if isinstance(done, Keep):
        raise InputError(done.reason, where=draft.shown, remedy="Run it again")
