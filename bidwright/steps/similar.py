"""The stored posts most like one in meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bidwright.desk import Desk
from bidwright.steps.neighbours import current_index
from bidwright.steps.ranking import StoredVectors
from domain.posts import StoredPost
from ranking.rank import post_text
from ranking.seams import Matrix, VectorIndex
from ranking.vectors import embed_missing

SIMILAR_SHOWN = 5
"""Similar posts shown beside one."""
LEAST_SIMILAR = 0.35
"""Cosine below which a post is about something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A post and how near it is to another: the cosine of their vectors."""

    stored: StoredPost
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPosts:
    """The posts nearest to one, nearest first, and a line for each thing amiss with their index."""

    posts: tuple[Likeness, ...]
    notes: tuple[str, ...]


def similar_posts(desk: Desk, stored: StoredPost, now: datetime, most: int = SIMILAR_SHOWN) -> SimilarPosts:
    """Return the open posts nearest to ``stored`` in meaning, those equally near by id; not its own repeats.

    Only posts that have a vector take part. Above 200,000 of them a near one may be missed, as rarely as the
    index says.
    """
    model = desk.embedder
    vectors = embed_missing({stored.text_hash: post_text(stored.post)}, StoredVectors(desk), model)
    with desk.store.read() as tx:
        open_posts = tx.vectors.of_open_posts(model.model_id, now)
        clusters = tx.duplicates.clusters()
    index, notes = current_index(desk, {text for _, text in open_posts})
    others: dict[str, list[str]] = {}
    own = set()
    for post_id, text in open_posts:
        if clusters.get(post_id, post_id) == stored.cluster:
            own.add(text)
        else:
            others.setdefault(text, []).append(post_id)
    near = _nearest(index, vectors[stored.text_hash], others, most, most + len(own))
    with desk.store.read() as tx:
        posts = tx.posts.get_many(post_id for post_id, _ in near)
    found = [Likeness(stored=posts[post_id], cosine=cosine) for post_id, cosine in near if post_id in posts]
    return SimilarPosts(posts=tuple(found), notes=tuple(notes))


def _nearest(
    index: VectorIndex, query: Matrix, posts: Mapping[str, Sequence[str]], most: int, wide: int
) -> list[tuple[str, float]]:
    """Return the ``most`` posts nearest to ``query``, (id, cosine), from the ``wide`` nearest texts or more.

    More texts are asked for until none that was left out can be as near as the last post.
    """
    while True:
        near = index.search(query[None, :], wide, LEAST_SIMILAR)[0]
        scored = sorted((-hit.score, post_id) for hit in near for post_id in posts.get(hit.id, ()))[:most]
        if len(near) < wide or (len(scored) == most and -scored[-1][0] > near[-1].score):
            return [(post_id, -negative) for negative, post_id in scored]
        wide *= 2
