"""How alike posts are without a model: by words of text and title, and by topics (latent semantics)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.posts import StoredPost
from ranking.lexical import WordIndex
from ranking.tables import table

Places = NDArray[np.intp]
Similarities = NDArray[np.float32]

_BLOCK = 256  # rows compared at once: 256 x 20,000 float32 is 20 MB
_ITERATIONS = 2  # of the randomised decomposition: more made neighbours no better, at twice the time


class TextSpace:
    """The texts of posts (title and description, never their tags) as vectors that can be compared.

    Three views, weighted as ``fit.toml`` says: TF-IDF of the whole text, TF-IDF of the title, and TF-IDF
    reduced to a few hundred topics by a truncated singular value decomposition (Deerwester et al., "Indexing
    by latent semantic analysis", JASIS 41, 1990), by which texts that share no word can still be near. Each
    is made when it is first needed. Posts are held in the order of their ids, so that the order in which
    they are given changes nothing.
    """

    def __init__(self, posts: Iterable[StoredPost]) -> None:
        by_id = {stored.post_id: stored for stored in posts}
        self.posts = [by_id[name] for name in sorted(by_id)]
        self.place = {stored.post_id: place for place, stored in enumerate(self.posts)}

    @cached_property
    def words(self) -> WordIndex:
        """Titles and descriptions by their words."""
        return WordIndex([f"{stored.post.title}\n{stored.post.description}" for stored in self.posts])

    @cached_property
    def _titles(self) -> Any:
        return WordIndex([stored.post.title for stored in self.posts]).rows

    @cached_property
    def _shared(self) -> Any:
        """Unit rows of the words that more than one post has: the others bring no two posts together."""
        from sklearn.preprocessing import normalize

        rows = self.words.rows
        shared = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]) > 1)
        return normalize(rows[:, shared]) if len(shared) else rows

    @cached_property
    def topics(self) -> Similarities | None:
        """Unit rows (posts, topics), the weightiest topic first; ``None`` for too few posts to find any."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.preprocessing import normalize

        rules, words = table("fit")["similarity"], self._shared
        count = min(
            int(rules["topics"]), len(self.posts) // int(rules["posts_per_topic"]), words.shape[1] - 1
        )
        if count < rules["topics_least"]:
            return None
        reduced = TruncatedSVD(n_components=count, n_iter=_ITERATIONS, random_state=0).fit_transform(words)
        rows: Similarities = normalize(reduced).astype(np.float32)
        return rows

    def blocks(self, rows: Places, others: Places) -> Iterator[tuple[Places, Similarities]]:
        """Yield ``(part of rows, similarities)``, the latter of shape (part, others), from 0 to 1."""
        rules = table("fit")["similarity"]
        words, titles = self._shared[others].T.tocsc(), self._titles[others].T.tocsc()
        topics = self.topics
        for start in range(0, len(rows), _BLOCK):
            part = rows[start : start + _BLOCK]
            alike = rules["words"] * (self._shared[part] @ words).toarray()
            alike += rules["titles"] * (self._titles[part] @ titles).toarray()
            if topics is not None:
                share = rules["topics_weight"]
                alike = (1 - share) * alike + share * (topics[part] @ topics[others].T)
            yield part, np.clip(alike, 0.0, 1.0).astype(np.float32, copy=False)
