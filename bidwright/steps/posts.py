"""Raw posts into the store: clean, decide, write; the same road for fetched and imported posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from domain.issues import Issue
from domain.posts import JobPosting, RawPosting
from pipelines.ingest import IngestPlan, candidate_ids, plan_ingest
from pipelines.normalise import normalise

if TYPE_CHECKING:
    from storage import Transaction


def clean(raws: Iterable[RawPosting], now: datetime) -> tuple[list[JobPosting], list[Issue]]:
    """Return the posts that could be read and every issue met while reading them."""
    posts: list[JobPosting] = []
    issues: list[Issue] = []
    for raw in raws:
        post, found = normalise(raw, now=now)
        issues.extend(found)
        if post is not None:
            posts.append(post)
    return posts, issues


def store_posts(tx: Transaction, posts: Sequence[JobPosting], now: datetime) -> IngestPlan:
    """Write ``posts`` inside the caller's transaction and return what was decided."""
    known = tx.posts.known(candidate_ids(posts))
    plan = plan_ingest(posts, known, now=now)
    tx.posts.insert_many(plan.inserts)
    tx.posts.update_many(plan.updates)
    counts = {seen.post_id: seen.post for seen in plan.unchanged}
    tx.posts.touch(counts, now, counts)
    return plan
