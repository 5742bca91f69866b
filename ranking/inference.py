"""Which skills a post without tags asks for: those that clients chose on the posts most like it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.posts import JobPosting, StoredPost
from ranking.mentions import is_broad
from ranking.similarity import Places, Similarities, TextSpace
from ranking.tables import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """Skills inferred for posts without tags of their own.

    ``shares`` gives by post id the tags of its neighbours with their weight, from 0 (none has it) to 1 (all
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

    Their neighbours are the nearest tagged posts of the space, each weighted by its similarity to a power; a
    post's own repeats are no neighbours of it, and of the tagged posts of a cluster one counts. The numbers
    stand in ``fit.toml``, ``[inference]``. Pure: the order of the posts changes nothing.
    """
    rules = table("fit")["inference"]
    tagged = _tagged(space, int(rules["most"]))
    names = sorted({stored.post_id for stored in posts if not is_tagged(stored.post)})
    asked = np.array([space.place[name] for name in names], dtype=np.intp)
    if not len(asked) or not len(tagged):
        return Inference(tagged=len(tagged))
    clusters = np.array([stored.cluster for stored in space.posts])
    shares: dict[str, Mapping[str, float]] = {}
    for rows, alike in space.blocks(asked, tagged):
        alike[clusters[rows][:, None] == clusters[tagged][None, :]] = 0.0
        places, weights = nearest(alike, int(rules["neighbours"]), float(rules["power"]))
        for row, near, weight in zip(rows, tagged[places], weights, strict=True):
            chosen = _chosen([space.posts[place] for place in near], weight)
            shares[space.posts[row].post_id] = chosen
    return Inference(shares=shares, tagged=len(tagged))


def _tagged(space: TextSpace, most: int) -> Places:
    """Return the places of one tagged post of each cluster, the first by id; at most ``most``, the newest."""
    chosen: dict[str, int] = {}
    for place, stored in enumerate(space.posts):
        if is_tagged(stored.post):
            chosen.setdefault(stored.cluster, place)
    newest = sorted(chosen.values(), key=lambda place: (space.posts[place].first_seen, place))[-most:]
    return np.array(sorted(newest), dtype=np.intp)


def nearest(alike: Similarities, count: int, power: float) -> tuple[Places, NDArray[np.float64]]:
    """Return the places of the ``count`` nearest of each row, and weights that sum to 1 or are all 0."""
    count = min(count, alike.shape[1])
    places = np.argpartition(-alike, count - 1, axis=1)[:, :count]
    weights = np.take_along_axis(alike, places, axis=1).astype(np.float64) ** power
    total = weights.sum(axis=1, keepdims=True)
    return places, np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)


def _chosen(neighbours: Sequence[StoredPost], weights: NDArray[np.float64]) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    for stored, weight in zip(neighbours, weights, strict=True):
        for tag in {tag.casefold() for tag in stored.post.skills}:
            found[tag] += float(weight)
    kept = ((tag, round(share, DECIMALS)) for tag, share in found.items())
    least = table("fit")["inference"]["least"]
    return dict(sorted((each for each in kept if each[1] >= least), key=lambda each: (-each[1], each[0])))
