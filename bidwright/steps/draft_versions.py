"""The texts a draft has had, kept whenever they are seen and before anything replaces them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from domain.drafts import Origin
from domain.posts import StoredPost
from proposals.draft_files import FOLLOW_UP, draft_path, post_of, read_draft
from proposals.draft_text import body_hash, is_as_generated
from proposals.drafts import Draft
from proposals.heads import split_head

if TYPE_CHECKING:
    from storage import Transaction
    from storage.types import DraftRecord


def shown_path(desk: Desk, path: Path) -> str:
    """Return ``path`` relative to the workspace, as it is shown and stored."""
    return path.relative_to(desk.workspace.root).as_posix()


def keep_present(desk: Desk, stored: StoredPost) -> None:
    """Keep the drafts of a post as they lie there as versions, unless they are the newest already."""
    for kind in ("", FOLLOW_UP):
        path = draft_path(desk.workspace.drafts, stored, desk.profile, kind)
        text = read_draft(path)
        if text is not None:
            keep_version(desk, stored.post_id, path, text)


def keep_all(desk: Desk) -> None:
    """Keep every draft of a stored post that has changed since it was last seen as a version."""
    if not desk.workspace.drafts.is_dir():
        return
    paths = {path: post_of(path) for path in sorted(desk.workspace.drafts.glob("*.md"))}
    with desk.store.read() as tx:
        known = tx.posts.get_many(post_id for post_id in paths.values() if post_id)
    for path, post_id in paths.items():
        text = read_draft(path) if post_id in known else None
        if post_id is not None and text is not None:
            keep_version(desk, post_id, path, text)


def keep_version(desk: Desk, post_id: str, path: Path, text: str) -> None:
    """Keep the body of a draft file as a version, unless it is the newest one already."""
    origin = Origin.GENERATED if is_as_generated(text) else Origin.EDITED
    body, shown, at = split_head(text).body, shown_path(desk, path), desk.clock()

    def write(tx: Transaction) -> None:
        tx.drafts.keep(post_id, path=shown, origin=origin, body=body, body_hash=body_hash(body), at=at)

    with desk.store.read() as tx:
        known = [each for each in tx.drafts.versions(post_id) if each.path == shown]
    if not known or known[-1].body != body:
        desk.store.run_write(write)


def remember(desk: Desk, draft: Draft, path: str) -> None:
    """Record the draft and its text, unless both are: a kill may have come between file and record."""
    generated_hash, at = body_hash(draft.body), desk.clock()
    body = "\n" + draft.body

    def write(tx: Transaction) -> None:
        if all(record.generated_hash != generated_hash for record in _records(tx, draft, path)):
            tx.drafts.record(draft.post_id, path, draft.template, generated_hash, at)
        tx.drafts.keep(
            draft.post_id,
            path=path,
            origin=Origin.GENERATED,
            body=body,
            body_hash=generated_hash,
            at=at,
            template=draft.template,
            opener=draft.opener,
        )

    with desk.store.read() as tx:
        recorded = any(record.generated_hash == generated_hash for record in _records(tx, draft, path))
        versions = [each for each in tx.drafts.versions(draft.post_id) if each.path == path]
    if not recorded or not versions or versions[-1].body_hash != generated_hash:
        desk.store.run_write(write)


def _records(tx: Transaction, draft: Draft, path: str) -> list[DraftRecord]:
    return [record for record in tx.drafts.for_post(draft.post_id) if record.path == path]


def polished_before(desk: Desk, draft: Draft, path: str) -> str | None:
    """Return the polished text that was made of ``draft`` as it is, ``None`` if there is none."""
    made = body_hash(draft.body)
    with desk.store.read() as tx:
        versions = [each for each in tx.drafts.versions(draft.post_id) if each.path == path]
    for before, after in pairwise(versions):
        if (before.body_hash, after.origin) == (made, Origin.POLISHED):
            return after.body.strip() + "\n"
    return None


def keep_polished(desk: Desk, draft: Draft, path: str, body: str) -> None:
    """Keep the polished ``body`` of ``draft`` as a version."""
    at, kept = desk.clock(), "\n" + body

    def write(tx: Transaction) -> None:
        tx.drafts.keep(
            draft.post_id,
            path=path,
            origin=Origin.POLISHED,
            body=kept,
            body_hash=body_hash(kept),
            at=at,
            template=draft.template,
            opener=draft.opener,
        )

    desk.store.run_write(write)
