"""Mark posts that repeat others; a mark is a judgement that can be undone, never a deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bidwright.desk import Desk
from pipelines.duplicates import find_duplicates

if TYPE_CHECKING:
    from storage import Transaction


def mark_duplicates(desk: Desk) -> list[str]:
    """Compare all stored posts, mark what repeats, and return the ids of the posts newly marked."""
    with desk.store.read() as tx:
        posts = list(tx.posts.all())
        known = {(mark.post_id, mark.of_post_id) for mark in tx.duplicates.all()}
    found = [mark for mark in find_duplicates(posts) if (mark.post_id, mark.of_post_id) not in known]
    if not found:
        return []
    now = desk.clock()

    def write(tx: Transaction) -> None:
        for mark in found:
            tx.duplicates.mark(mark.post_id, mark.of_post_id, str(mark.score), mark.reason, now)

    desk.store.run_write(write)
    return [mark.post_id for mark in found]
