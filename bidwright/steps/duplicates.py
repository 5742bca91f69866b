"""Mark posts that repeat others; a mark is a judgement that can be undone, never a deletion."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.steps.lookup import find_one
from domain.errors import UsageError
from pipelines.duplicates import find_duplicates
from reports.duplicates import Cluster, Repeat
from storage import Verdict

if TYPE_CHECKING:
    from domain.posts import StoredPost
    from storage import DuplicateMark, Transaction


def mark_duplicates(desk: Desk) -> list[str]:
    """Compare all stored posts, mark what repeats, and return the ids of the posts newly marked."""
    with desk.store.read() as tx:
        posts = list(tx.posts.texts())
        marks = tx.duplicates.all()
    different = [(mark.post_id, mark.of_post_id) for mark in marks if mark.verdict is Verdict.NO]
    known = {frozenset((mark.post_id, mark.of_post_id)) for mark in marks}
    found = [
        mark
        for mark in find_duplicates(posts, different=different)
        if frozenset((mark.post_id, mark.of_post_id)) not in known
    ]
    if not found:
        return []
    now = desk.clock()

    def write(tx: Transaction) -> None:
        for mark in found:
            tx.duplicates.mark(mark.post_id, mark.of_post_id, str(mark.score), mark.reason, now)

    desk.store.run_write(write)
    return [mark.post_id for mark in found]


def clusters(desk: Desk) -> list[Cluster]:
    """Return every group of posts that stand for one job, the one that grew last first."""
    with desk.store.read() as tx:
        cluster_of = tx.duplicates.clusters()
        marks = tx.duplicates.all()
        posts = tx.posts.get_many(cluster_of)
    kept = [mark for mark in marks if mark.verdict is not Verdict.NO]
    by_pair = {frozenset((mark.post_id, mark.of_post_id)): mark for mark in kept}
    by_post = {post_id: mark for mark in kept for post_id in (mark.of_post_id, mark.post_id)}
    members: dict[str, list[Repeat]] = defaultdict(list)
    for stored in sorted(posts.values(), key=lambda stored: (stored.first_seen, stored.post_id)):
        if stored.post_id != stored.cluster:
            pair = frozenset((stored.post_id, stored.cluster))
            mark = by_pair.get(pair) or by_post[stored.post_id]
            members[stored.cluster].append(_repeat(stored, mark))
    groups = [Cluster(original=posts[first], repeats=tuple(repeats)) for first, repeats in members.items()]
    return sorted(groups, key=lambda group: (group.repeats[-1].stored.first_seen, group.original.post_id))[
        ::-1
    ]


def _repeat(stored: StoredPost, mark: DuplicateMark) -> Repeat:
    return Repeat(stored=stored, score=mark.score, reason=mark.reason, judged=mark.verdict is not None)


def tell_apart(desk: Desk, given: str, other: str | None) -> list[tuple[str, str]]:
    """Record that a post is another job than ``other``, or than all it is grouped with; return the pairs.

    The word of the person stands: no pair of these is ever marked again. Raise :class:`UsageError` where a
    name fits no post, or the post is grouped with none.
    """
    post_id = find_one(desk, given).post_id
    against = [find_one(desk, other).post_id] if other is not None else _grouped_with(desk, post_id)
    if not against:
        raise UsageError("repeats no other post", where=given, remedy="See: bidwright duplicates")
    return _judge(desk, [(post_id, one) for one in against], Verdict.NO)


def join_posts(desk: Desk, given: str, other: str) -> list[tuple[str, str]]:
    """Record that two posts are one job, whatever was thought of it before; return the pairs judged.

    What their groups were told apart by is taken back with it. Raise :class:`UsageError` where a name fits no
    post, or both name the same one.
    """
    post_id, of_post_id = find_one(desk, given).post_id, find_one(desk, other).post_id
    ours, theirs = ({one, *_grouped_with(desk, one)} for one in (post_id, of_post_id))
    with desk.store.read() as tx:
        marks = tx.duplicates.all()
    refuted = [
        (mark.post_id, mark.of_post_id)
        for mark in marks
        if mark.verdict is Verdict.NO and {mark.post_id, mark.of_post_id} <= ours | theirs
    ]
    pair = (post_id, of_post_id)
    return _judge(desk, [pair, *(old for old in refuted if set(old) != set(pair))], Verdict.YES)


def _grouped_with(desk: Desk, post_id: str) -> list[str]:
    with desk.store.read() as tx:
        cluster_of = tx.duplicates.clusters()
    cluster = cluster_of.get(post_id)
    return [other for other, group in cluster_of.items() if group == cluster and other != post_id]


def _judge(desk: Desk, pairs: list[tuple[str, str]], verdict: Verdict) -> list[tuple[str, str]]:
    for post_id, other in pairs:
        if post_id == other:
            raise UsageError("is one and the same post", where=post_id, remedy="Name two posts")
    now = desk.clock()

    def write(tx: Transaction) -> None:
        for post_id, other in pairs:
            tx.duplicates.judge(post_id, other, verdict, now)

    desk.store.run_write(write)
    return pairs
