"""Whether a source still gives what it used to: posts at all, and each field with them.

A board that renames a field or empties its feed answers with HTTP 200 all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import log
from statistics import median

from domain.posts import RawPosting
from domain.sources import SourceRun

REMEMBERED = timedelta(days=30)
"""How far back reads are compared with; what has been otherwise for longer is the new normal."""

POSTS = "posts"
"""The key under which a coverage counts the posts themselves."""

_MANY = 5
_ENOUGH = 20
_CHANCE = 1e-6  # how likely the absence may be by chance before it counts as a change

_FIELDS: Mapping[str, Callable[[RawPosting], object]] = {
    "title": lambda post: post.title.strip(),
    "url": lambda post: post.url,
    "source_id": lambda post: post.source_id,
    "description": lambda post: post.description,
    "skills": lambda post: post.skills,
    "category": lambda post: post.category,
    "pay": lambda post: post.budget_raw or post.budget_min or post.budget_max,
    "date_posted": lambda post: post.date_posted,
    "company": lambda post: post.company,
    "location": lambda post: post.location,
    "client": lambda post: post.client,
}


def coverage_of(posts: Sequence[RawPosting]) -> dict[str, int]:
    """Return how many of ``posts`` there are, and how many have each field."""
    return {POSTS: len(posts)} | {
        name: sum(bool(given(post)) for post in posts) for name, given in _FIELDS.items()
    }


def what_is_missing(now: Mapping[str, int], past: Sequence[SourceRun]) -> str:
    """Return what came in ``past`` reads and does not come ``now``, in words; nothing if all still comes.

    A field counts as gone when not one post has it, though by its share among the posts of the past that had
    a chance below one in a million. It takes twenty past posts to know a share.
    """
    if not past:
        return ""
    usual = median(run.posts_read for run in past)
    if now[POSTS] == 0:
        return f"no posts, where there used to be about {usual:g}" if usual >= _MANY else ""
    known = [run.coverage for run in past if run.coverage]
    posts = sum(coverage[POSTS] for coverage in known)
    if posts < _ENOUGH:
        return ""
    gone = [name for name in _FIELDS if _is_gone(name, now, known, posts)]
    return f"{' and '.join(gone)} no longer given with any post" if gone else ""


def _is_gone(name: str, now: Mapping[str, int], known: Sequence[Mapping[str, int]], posts: int) -> bool:
    had = sum(coverage.get(name, 0) for coverage in known)
    if now.get(name, 0) or not had:
        return False
    absent = max(posts - had, 1) / posts  # at least one in so many: a share of 1 is never certain
    return now[POSTS] * log(absent) < log(_CHANCE)
