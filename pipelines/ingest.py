"""What to do with a batch of clean posts: store, update, or note that they were seen. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from domain.identity import canonical_url, content_hash, post_id, text_hash
from domain.issues import Issue, info, warning
from domain.posts import JobPosting, StoredPost


class Known(Protocol):
    """What the store already knows about a post."""

    @property
    def content_hash(self) -> str:
        """Hash of everything a person would call the post."""

    @property
    def text_hash(self) -> str:
        """Hash of the text that is embedded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestPlan:
    """What a batch comes to.

    ``inserts`` are new. ``updates`` replace the content of known posts, whose stored ``first_seen`` and
    ``cluster`` stay. ``unchanged`` were seen again with the same content; only ``last_seen`` and the counts
    that a feed moves daily (proposals, interviewing, hires, connects) are to be refreshed.
    """

    inserts: tuple[StoredPost, ...]
    updates: tuple[StoredPost, ...]
    unchanged: tuple[StoredPost, ...]
    issues: tuple[Issue, ...]


def candidate_ids(posts: Iterable[JobPosting]) -> set[str]:
    """Return every id under which one of ``posts`` may be stored: the ids to look up before planning."""
    return {post_id(form) for post in posts for form in (post, _told_apart(post))}


def plan_ingest(posts: Sequence[JobPosting], known: Mapping[str, Known], *, now: datetime) -> IngestPlan:
    """Decide about ``posts``, which one fetch or one file gave, in its order; ``now`` is aware UTC.

    ``known`` maps the ids of :func:`candidate_ids` that are stored to what is known of them. A post stated
    twice with the same words is one post, the later statement of it. Posts with different words under one id
    (a feed that gives all its items one guid) are all kept: each is then known by that id and its words.
    A later fetch is a later call: there the same id means the same post, edited.
    """
    chosen, issues = _settled(posts, known)
    plans: dict[str, list[StoredPost]] = {"insert": [], "update": [], "unchanged": []}
    for stored in (_stored(post, now) for post in chosen):
        before = known.get(stored.post_id)
        if before is None:
            plans["insert"].append(stored)
        elif before.content_hash == stored.content_hash:
            plans["unchanged"].append(stored)
        else:
            plans["update"].append(stored)
    return IngestPlan(
        inserts=tuple(plans["insert"]),
        updates=tuple(plans["update"]),
        unchanged=tuple(plans["unchanged"]),
        issues=tuple(issues),
    )


def _settled(posts: Sequence[JobPosting], known: Mapping[str, Known]) -> tuple[list[JobPosting], list[Issue]]:
    """Return one post per id, in the order of first mention, and what was odd about the ids."""
    groups: dict[str, list[JobPosting]] = {}
    for post in posts:
        groups.setdefault(post_id(post), []).append(post)
    chosen: dict[str, JobPosting] = {}
    issues: list[Issue] = []
    for stated in groups.values():
        if len(stated) == 1:
            form = _form(stated[0], known, alone=True)
            chosen[post_id(form)] = form
            continue
        distinct = list({(post.title, post.description): post for post in stated}.values())
        if len(distinct) > 1:
            issues.append(_shared_id(stated[0], len(distinct)))
        elif len({content_hash(post) for post in stated}) > 1:
            issues.append(info(_where(stated[0]), "stated twice with different details; the last is taken"))
        for post in distinct:
            form = _form(post, known, alone=len(distinct) == 1)
            chosen[post_id(form)] = form
    return list(chosen.values()), issues


def _form(post: JobPosting, known: Mapping[str, Known], *, alone: bool) -> JobPosting:
    """Return ``post`` under the id it is stored by, or else its own id if it has that to itself."""
    apart = _told_apart(post)
    if post_id(apart) in known:
        return apart
    plain = known.get(post_id(post))
    if alone or (plain is not None and plain.content_hash == content_hash(post)):
        return post
    return apart


def _told_apart(post: JobPosting) -> JobPosting:
    """Return ``post`` with its words made part of its id."""
    own = post.source_id or (canonical_url(post.url) if post.url else None) or ""
    return replace(post, source_id=f"{own}#{text_hash(post).partition(':')[2][:12]}")


def _stored(post: JobPosting, now: datetime) -> StoredPost:
    own_id = post_id(post)
    return StoredPost(
        post_id=own_id,
        post=post,
        first_seen=now,
        last_seen=now,
        content_hash=content_hash(post),
        text_hash=text_hash(post),
        cluster=own_id,
    )


def _shared_id(post: JobPosting, number: int) -> Issue:
    what = f"{number} different posts share one id; each is kept, known by the id and its words"
    return warning(_where(post), what)


def _where(post: JobPosting) -> str:
    return f"{post.source}: {post.source_id or post.url or post.title[:40]}"
