"""Which tags the topics of a text make one expect: a ridge regression over all tagged posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.posts import JobPosting
from ranking.similarity import Places, Similarities
from ranking.tables import table

_BLOCK = 1024  # rows expected at once: 1,024 x 2,000 float64 is 16 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Tags expected of posts, sparse (posts, tags), from 0 to 1: of the ``tagged`` and of the ``asked``."""

    tagged: Any
    asked: Any


def chosen_tags(posts: Sequence[JobPosting]) -> tuple[list[str], Any]:
    """Return the tags of ``posts`` in lower case, sorted, and which has which: sparse (posts, tags)."""
    from scipy.sparse import csr_matrix

    own = [sorted({tag.casefold() for tag in post.skills}) for post in posts]
    tags = sorted({tag for names in own for tag in names})
    column = {tag: place for place, tag in enumerate(tags)}
    columns = [column[tag] for names in own for tag in names]
    starts = np.cumsum([0, *map(len, own)])
    return tags, csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(own), len(tags)))


def expected_tags(topics: Similarities | None, tagged: Places, asked: Places, chosen: Any) -> Expected | None:
    """Return the tags that ``topics`` (posts, topics) make one expect; ``None`` without topics.

    One ridge regression for each tag (Hoerl and Kennard, Technometrics 12, 1970), around how often it is
    chosen at all, learned from ``chosen`` on the ``tagged``. Rare tags are left out, and what is hardly
    expected counts as 0. The numbers stand in ``fit.toml``, ``[inference]``.
    """
    rules = table("fit")["inference"]
    if topics is None:
        return None
    kept = np.asarray(chosen.sum(axis=0)).ravel() >= rules["expected_count"]
    usual = np.where(kept, np.asarray(chosen.mean(axis=0)).ravel(), 0.0)
    rows = topics[tagged].astype(np.float64)
    moved = np.where(kept, (chosen.T @ rows).T - np.outer(rows.sum(axis=0), usual), 0.0)
    weights = np.linalg.solve(rows.T @ rows + float(rules["ridge"]) * np.eye(rows.shape[1]), moved)
    return Expected(tagged=_said(topics[tagged], weights, usual), asked=_said(topics[asked], weights, usual))


def _said(topics: Similarities, weights: NDArray[np.floating], usual: NDArray[np.floating]) -> Any:
    from scipy.sparse import csr_matrix, vstack

    least = table("fit")["inference"]["expected_least"]

    def parts() -> Iterator[Any]:
        for start in range(0, len(topics), _BLOCK):
            said = topics[start : start + _BLOCK] @ weights + usual
            yield csr_matrix(np.where(said >= least, np.minimum(said, 1.0), 0.0))

    return vstack(list(parts()), format="csr")


def likeness(some: Any, others: Any) -> Similarities:
    """Return the cosine of every two rows of two sparse matrices, (some, others), from 0 to 1."""
    from sklearn.preprocessing import normalize

    found: Similarities = (normalize(some) @ normalize(others).T).toarray().astype(np.float32, copy=False)
    return found
