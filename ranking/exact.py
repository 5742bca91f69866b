"""The exact reference index in numpy, and the scoring every index shares so that results agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.errors import ModelError
from ranking.seams import Matrix, Neighbour

DECIMALS = 6
"""Scores are rounded to this, beyond the noise of float32, so that equal vectors tie in every index."""
_FEW = 64  # so few are sorted as fast as the best of them are found
_BLOCK = 256  # queries scored at once: 256 x 100,000 stored in float64 is 200 MB


def checked(vectors: Matrix, dimensions: int, where: str) -> Matrix:
    """Return ``vectors`` as contiguous float32 of shape (n, ``dimensions``), or raise ModelError."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dimensions:  # noqa: PLR2004 - a matrix
        raise ModelError(
            f"vectors of shape {rows.shape} do not have {dimensions} dimensions",
            where=where,
            remedy="Vectors of different models cannot be compared; embed again with one model",
        )
    if not np.isfinite(rows).all():
        raise ModelError("a vector has a value that is not finite", where=where, remedy="Embed again")
    return rows


def exact_scores(queries: Matrix, rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the inner products (n queries, n rows) in float64, rounded to six decimals."""
    products: NDArray[np.float64] = np.round(
        queries.astype(np.float64) @ rows.astype(np.float64, copy=False).T, DECIMALS
    )
    return products + 0.0  # no negative zero


def best(ids: Sequence[str], scores: NDArray[np.float64], k: int, min_score: float | None) -> list[Neighbour]:
    """Return the ``k`` best of ``ids`` by ``scores``, ties by id, none below ``min_score``."""
    k = min(k, len(ids))
    if k <= 0:
        return []
    if len(ids) > _FEW:
        kept = np.flatnonzero(scores >= np.partition(scores, -k)[-k]).tolist()
        scores, ids = scores[kept], [ids[place] for place in kept]
    found = sorted(zip((-scores).tolist(), ids, strict=True))[:k]
    return [Neighbour(name, -score) for score, name in found if min_score is None or -score >= min_score]


class ExactIndex:
    """A :class:`~ranking.seams.VectorIndex` that compares with everything stored."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._vectors: dict[str, Matrix] = {}

    def add(self, ids: Sequence[str], vectors: Matrix) -> None:
        """Store ``vectors`` under ``ids``."""
        rows = checked(vectors, self._dimensions, "exact index")
        if len(rows) != len(ids):
            raise ModelError(f"{len(ids)} ids for {len(rows)} vectors", where="exact index")
        self._vectors.update(zip(ids, rows, strict=True))

    def search(self, queries: Matrix, k: int, min_score: float | None = None) -> list[list[Neighbour]]:
        """Return the nearest of each query, best first."""
        asked = checked(queries, self._dimensions, "query")
        ids = list(self._vectors)
        if not ids:
            return [[] for _ in asked]
        rows = np.stack(list(self._vectors.values())).astype(np.float64)
        return [
            best(ids, line, k, min_score)
            for start in range(0, len(asked), _BLOCK)
            for line in exact_scores(asked[start : start + _BLOCK], rows)
        ]

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ``ids``."""
        for name in ids:
            self._vectors.pop(name, None)

    def __len__(self) -> int:
        return len(self._vectors)
