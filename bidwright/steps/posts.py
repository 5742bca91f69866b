"""Raw posts into the store: clean, decide, write; the same road for fetched and imported posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines.ingest import IngestPlan, plan_ingest
from pipelines.normalise import normalise

from domain.identity import post_id
from domain.issues import Issue, IssueLevel
from domain.posts import JobPosting, RawPosting

if TYPE_CHECKING:
    from storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """Counts of what became of a batch of raw posts, and the issues met on the way."""

    read: int
    new: int
    updated: int
    issues: tuple[Issue, ...]

    @property
    def worth_showing(self) -> int:
        """Number of issues above mere information."""
        return sum(issue.level is not IssueLevel.INFO for issue in self.issues)


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
    known = tx.posts.known({post_id(post) for post in posts})
    plan = plan_ingest(posts, known, now=now)
    tx.posts.insert_many(plan.inserts)
    tx.posts.update_many(plan.updates)
    tx.posts.touch(plan.unchanged, now)
    return plan
