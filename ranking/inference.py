"""Which skills a post without tags asks for: those that clients chose on the posts most like it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.posts import JobPosting, StoredPost
from ranking.expectation import chosen_tags, expected_tags, likeness
from ranking.mentions import is_broad
from ranking.similarity import Places, Similarities, TextSpace
from ranking.tables import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """Skills inferred for posts without tags of their own.

    ``shares`` gives by post id the tags of similar posts with their weight, from 0 (none has it) to 1 (all
    have it), the weightiest first. ``tagged`` is the number of posts (of several repeats one) whose tags all
    of it rests on.
    """

    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tagged: int = 0


NOTHING = Inference()
DECIMALS = 4
"""What shares are rounded to: beyond the noise of float32, so that equal ones tie on every machine."""


def is_tagged(post: JobPosting) -> bool:
    """Return whether the client chose skills for ``post``: a tag that says more than "development"."""
    return any(not is_broad(tag) for tag in post.skills)


def infer_skills(space: TextSpace, posts: Iterable[StoredPost]) -> Inference:
    """Return the skills that ``posts`` (all in ``space``) without tags ask for, by those of similar posts.

    Two things are added up. The neighbours, the nearest tagged posts of the space, lend their tags, each
    weighted by its similarity to a power; posts of the same marketplace are nearer, for each has its own list
    of tags, and so are those whose topics make one expect the same tags. And what the topics of the text make
    one expect counts by itself (:mod:`ranking.expectation`). A post's own repeats are no neighbours of it,
    and of the tagged posts of a cluster one counts. The numbers stand in ``fit.toml``, ``[inference]``.
    Pure: the order of the posts changes nothing.
    """
    from scipy.sparse import csr_matrix

    rules = table("fit")["inference"]
    tagged = _tagged(space, int(rules["most"]))
    names = sorted({stored.post_id for stored in posts if not is_tagged(stored.post)})
    asked = np.array([space.place[name] for name in names], dtype=np.intp)
    if not len(asked) or not len(tagged):
        return Inference(tagged=len(tagged))
    tags, chosen = chosen_tags([space.posts[place].post for place in tagged])
    expected = expected_tags(space.topics, tagged, asked, chosen)
    channels = _numbered(stored.post.channel for stored in space.posts)
    clusters = _numbered(stored.cluster for stored in space.posts)
    shares: dict[str, Mapping[str, float]] = {}
    for rows, alike in space.blocks(asked, tagged):
        near, more = alike, csr_matrix((len(rows), len(tags)))
        if expected is not None:
            own = expected.asked[np.searchsorted(asked, rows)]
            near = (1 - rules["expected"]) * alike + rules["expected"] * likeness(own, expected.tagged)
            more = rules["added"] * own
        near[channels[rows][:, None] != channels[tagged][None, :]] *= rules["elsewhere"]
        near[clusters[rows][:, None] == clusters[tagged][None, :]] = 0.0
        found = _neighbours(near, rules["neighbours"]) @ chosen + more
        for row, line in zip(rows, found.tocsr(), strict=True):
            shares[space.posts[row].post_id] = _shares(line, tags, rules["least"])
    return Inference(shares=shares, tagged=len(tagged))


def _tagged(space: TextSpace, most: int) -> Places:
    """Return the places of one tagged post of each cluster, the first by id; at most ``most``, the newest."""
    chosen: dict[str, int] = {}
    for place, stored in enumerate(space.posts):
        if is_tagged(stored.post):
            chosen.setdefault(stored.cluster, place)
    newest = sorted(chosen.values(), key=lambda place: (space.posts[place].first_seen, place))[-most:]
    return np.array(sorted(newest), dtype=np.intp)


def _numbered(names: Iterable[str]) -> Places:
    """Return a number for each of ``names``, the same for the same one."""
    return np.unique(list(names), return_inverse=True)[1]


def _neighbours(alike: Similarities, circles: Sequence[Mapping[str, float]]) -> Any:
    """Return the weights of the nearest of each row, sparse, of the shape of ``alike``.

    Every circle has a ``count`` of nearest, weighted by similarity to its ``power``, and a ``share`` of the
    whole; the weights of a row sum to the shares, or are all 0.
    """
    from scipy.sparse import csr_matrix

    most = min(max(int(circle["count"]) for circle in circles), alike.shape[1])
    places = np.argpartition(-alike, most - 1, axis=1)[:, :most]
    near = np.take_along_axis(alike, places, axis=1)
    order = np.argsort(-near, axis=1, kind="stable")
    places = np.take_along_axis(places, order, axis=1)
    near = np.take_along_axis(near, order, axis=1)
    weights = np.zeros(near.shape)
    for circle in circles:
        count = min(int(circle["count"]), most)
        inner: NDArray[np.float64] = near[:, :count].astype(np.float64) ** circle["power"]
        total = inner.sum(axis=1, keepdims=True)
        weights[:, :count] += circle["share"] * np.divide(
            inner, total, out=np.zeros_like(inner), where=total > 0
        )
    starts = np.arange(0, places.size + 1, most)
    return csr_matrix((weights.ravel(), places.ravel(), starts), shape=alike.shape)


def _shares(line: Any, tags: Sequence[str], least: float) -> Mapping[str, float]:
    """Return the entries of a sparse row by tag, the weightiest first, none above 1 or below ``least``."""
    found = zip(line.indices.tolist(), np.minimum(line.data, 1.0).round(DECIMALS).tolist(), strict=True)
    kept = [(tags[place], share) for place, share in found if share >= least]
    return dict(sorted(kept, key=lambda each: (-each[1], each[0])))
