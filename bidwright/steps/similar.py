"""The stored posts most like one in meaning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bidwright.desk import Desk
from bidwright.steps.neighbours import current_index
from bidwright.steps.ranking import StoredVectors
from domain.posts import StoredPost
from ranking.rank import post_text
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
    query = vectors[stored.text_hash][None, :]
    near = index.search(query, most + len(own), LEAST_SIMILAR)[0]
    found = sorted((-hit.score, post_id) for hit in near for post_id in others.get(hit.id, ()))[:most]
    with desk.store.read() as tx:
        posts = tx.posts.get_many(post_id for _, post_id in found)
    return SimilarPosts(
        posts=tuple(
            Likeness(stored=posts[post_id], cosine=-negative)
            for negative, post_id in found
            if post_id in posts
        ),
        notes=tuple(notes),
    )
