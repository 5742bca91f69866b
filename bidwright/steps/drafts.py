"""Proposal drafts as files in the workspace. A draft the person has edited is never written over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.pricing import price_for
from bidwright.steps.ranking import evidence_likeness, fee_for
from domain.errors import BidwrightError
from domain.posts import StoredPost
from proposals.drafts import (
    UNCHANGED,
    Keep,
    body_hash,
    draft_file,
    draft_path,
    draft_proposal,
    plan_draft,
    read_draft,
    write_draft,
)

if TYPE_CHECKING:
    from storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReport:
    """What became of one draft: ``path`` relative to the workspace, what was done, what is left to do."""

    post_id: str
    path: str
    says: str
    findings: tuple[str, ...] = ()
    failed: bool = False


def write_drafts(
    desk: Desk, posts: Sequence[StoredPost], *, template: str | None = None
) -> list[DraftReport]:
    """Write a draft for each post; one that fails says so and the others are written."""
    reports = []
    for number, stored in enumerate(posts):
        desk.progress("Writing drafts", number, len(posts))
        try:
            reports.append(_write_one(desk, stored, template))
        except (BidwrightError, OSError) as error:
            path = draft_path(desk.workspace.drafts, stored, desk.profile)
            shown = path.relative_to(desk.workspace.root).as_posix()
            reports.append(DraftReport(post_id=stored.post_id, path=shown, says=str(error), failed=True))
    desk.progress("Writing drafts", len(posts), len(posts))
    return reports


def known_drafts(desk: Desk) -> dict[str, str]:
    """Return the paths of the drafts that lie in the workspace, by post id."""
    if not desk.workspace.drafts.is_dir():
        return {}
    return {
        path.stem.rpartition("-")[2]: path.relative_to(desk.workspace.root).as_posix()
        for path in sorted(desk.workspace.drafts.glob("*.md"))
    }


def _write_one(desk: Desk, stored: StoredPost, template: str | None) -> DraftReport:
    profile = desk.profile
    fee, exchange = fee_for(stored.post, desk.clock()), desk.workspace.settings.exchange
    price = price_for(stored.post, profile.rates, fee, exchange)
    draft = draft_proposal(
        stored,
        profile,
        price=price,
        library=desk.templates,
        renderer=desk.renderer,
        template=template,
        likeness=evidence_likeness(desk, stored),
    )
    path = draft_path(desk.workspace.drafts, stored, profile)
    existing = read_draft(path)
    intent = plan_draft(existing, draft_file(draft, stored, price))
    if not isinstance(intent, Keep):
        intent = write_draft(path, intent.text, planned_on=existing)
    shown = path.relative_to(desk.workspace.root).as_posix()
    if isinstance(intent, Keep) and intent != UNCHANGED:
        return DraftReport(post_id=stored.post_id, path=shown, says=f"kept: {intent.reason}")
    if intent != UNCHANGED or not _is_remembered(desk, draft.post_id, shown):
        _remember(desk, draft.post_id, shown, draft.template, body_hash(draft.body))
    if intent == UNCHANGED:
        return DraftReport(post_id=stored.post_id, path=shown, says=f"template {draft.template}")
    left = tuple(f"line {finding.line}: {finding.message}" for finding in draft.findings)
    return DraftReport(
        post_id=stored.post_id,
        path=shown,
        says=f"template {draft.template}, {len(left)} left for you" if left else f"template {draft.template}",
        findings=left,
    )


def _is_remembered(desk: Desk, post_id: str, path: str) -> bool:
    """Return whether the draft at ``path`` is recorded: a kill may have come between file and record."""
    with desk.store.read() as tx:
        return any(record.path == path for record in tx.drafts.for_post(post_id))


def _remember(desk: Desk, post_id: str, path: str, template: str, generated_hash: str) -> None:
    at = desk.clock()

    def write(tx: Transaction) -> None:
        tx.drafts.record(post_id, path, template, generated_hash, at)

    desk.store.run_write(write)
