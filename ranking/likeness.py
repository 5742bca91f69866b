"""Which posts are so alike that a second bid is worth less: the same client, or nearly the same words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from domain.posts import StoredPost

_WORD = re.compile(r"[^\W_]{3,}")


def client_key(stored: StoredPost) -> str | None:
    """Return what tells one client from another, or ``None`` when the post does not say who it is."""
    client = stored.post.client
    name = client.id or client.name
    return f"{stored.post.source}|{name.lower()}" if name else None


def leaders(posts: Sequence[StoredPost], *, alike: float) -> list[int]:
    """Return for each post the place of the first one it is like, its own where it is like none before.

    Alike are posts of one client, and posts whose sets of words have a cosine of at least ``alike``. A post
    is compared only with those that lead a group, so that a chain of likenesses joins nothing unlike.
    """
    cosine = _cosine(posts)
    keys = [client_key(stored) for stored in posts]
    led: list[int] = []
    heads: list[int] = []
    for place, key in enumerate(keys):
        same = (head for head in heads if key is not None and keys[head] == key)
        near = (head for head in heads if cosine[place][head] >= alike)
        head = min((*same, *near), default=place)
        if head == place:
            heads.append(place)
        led.append(head)
    return led


def _cosine(posts: Sequence[StoredPost]) -> list[list[float]]:
    """Return the cosine of the sets of words of each pair, rounded so that all machines agree."""
    words = [set(_WORD.findall(_text(stored).lower())) for stored in posts]
    seen = Counter(word for own in words for word in own)
    columns = {word: place for place, word in enumerate(word for word, count in seen.items() if count > 1)}
    rows = np.zeros((len(posts), max(1, len(columns))), dtype=np.float32)
    for row, own in zip(rows, words, strict=True):
        row[[columns[word] for word in own if word in columns]] = 1.0
    common = rows @ rows.T  # whole numbers, exact
    size = np.sqrt([max(1, len(own)) for own in words])
    cosine: list[list[float]] = np.round(common / np.outer(size, size), 6).tolist()
    return cosine


def _text(stored: StoredPost) -> str:
    return "\n".join((stored.post.title, *stored.post.skills, stored.post.description))
