"""FAISS as the index: an exact inner-product scan, in agreement with :mod:`ranking.exact`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np

from domain.errors import ModelError
from ranking.exact import best, checked, exact_scores
from ranking.seams import Matrix, Neighbour

_SPARE = 8  # candidates beyond k, enough unless many scores tie at the edge
_NOISE = 2e-6  # float32 inner product of unit rows plus rounding: what a score may be off by


class FaissIndex:
    """A :class:`~ranking.seams.VectorIndex` over ``IndexFlatIP``.

    FAISS breaks ties as it likes and sums in float32. So it proposes candidates, which are scored again as
    the reference does; when the last of them could still tie with what FAISS held back, more are asked for.
    """

    def __init__(self, dimensions: int) -> None:
        import faiss

        self._dimensions = dimensions
        self._faiss: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))
        self._serial = count()
        self._number: dict[str, int] = {}
        self._name: dict[int, str] = {}

    def add(self, ids: Sequence[str], vectors: Matrix) -> None:
        """Store ``vectors`` under ``ids``."""
        rows = checked(vectors, self._dimensions, "faiss index")
        if len(rows) != len(ids):
            raise ModelError(f"{len(ids)} ids for {len(rows)} vectors", where="faiss index")
        last = {name: place for place, name in enumerate(ids)}  # of an id given twice the later vector holds
        self.remove(list(last))
        numbers = [next(self._serial) for _ in last]
        if last:
            self._faiss.add_with_ids(rows[list(last.values())], np.array(numbers, dtype=np.int64))
        self._number.update(zip(last, numbers, strict=True))
        self._name.update(zip(numbers, last, strict=True))

    def search(self, queries: Matrix, k: int, min_score: float | None = None) -> list[list[Neighbour]]:
        """Return the nearest of each query, best first."""
        asked = checked(queries, self._dimensions, "query")
        found: list[list[Neighbour]] = [[] for _ in asked]
        k = min(k, len(self))
        open_places, wide = list(range(len(asked))) if k > 0 else [], k + _SPARE
        while open_places:
            wide = min(wide, len(self))
            raw, numbers = self._faiss.search(asked[open_places], wide)
            still = []
            for place, scores, row in zip(open_places, raw, numbers, strict=True):
                hits = self._rescored(asked[place], row, k)
                if wide < len(self) and hits[-1].score <= float(scores[-1]) + _NOISE:
                    still.append(place)
                found[place] = [hit for hit in hits if min_score is None or hit.score >= min_score]
            open_places, wide = still, wide * 4
        return found

    def _rescored(self, query: Matrix, numbers: Any, k: int) -> list[Neighbour]:
        rows = self._faiss.reconstruct_batch(numbers)
        names = [self._name[int(number)] for number in numbers]
        return best(names, exact_scores(query[None, :], rows)[0], k, None)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ``ids``."""
        numbers = [self._number.pop(name) for name in dict.fromkeys(ids) if name in self._number]
        for number in numbers:
            del self._name[number]
        if numbers:
            self._faiss.remove_ids(np.array(numbers, dtype=np.int64))

    def __len__(self) -> int:
        return len(self._number)
