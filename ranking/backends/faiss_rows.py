"""Vectors by number in FAISS, of one of two kinds: all compared, or grouped into lists of which some are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ranking.seams import Matrix

Numbers = NDArray[np.int64]
"""Numbers of vectors, shape ``(n,)``, none negative."""


class Block(NamedTuple):
    """Some of the stored vectors: their numbers (n,) and rows (n, d), views until the next change."""

    numbers: Numbers
    rows: Matrix


class Candidates(NamedTuple):
    """What FAISS proposes for a query, best first: numbers (n,) and rows (n, d)."""

    numbers: Numbers
    rows: Matrix
    last: float
    """FAISS's own score of the last one."""
    more: bool
    """Whether FAISS held others back."""


class Rows(Protocol):
    """Vectors by number, searched by inner product."""

    def add(self, numbers: Numbers, rows: Matrix) -> None:
        """Keep ``rows`` (n, d) under ``numbers`` (n,), none of which is kept already."""
        ...

    def remove(self, numbers: Numbers) -> None:
        """Forget ``numbers``."""
        ...

    def candidates(self, queries: Matrix, wide: int, probes: int) -> list[Candidates]:
        """Return at most ``wide`` (1 or more) candidates of ``probes`` lists for each of ``queries``."""
        ...

    def blocks(self) -> Iterator[Block]:
        """Yield everything kept, without copying it."""
        ...

    def __len__(self) -> int: ...


class FlatRows:
    """``IndexFlatIP``: a query is compared with every row."""

    def __init__(self, dimensions: int) -> None:
        import faiss

        self._faiss: Any = faiss  # its types lack what is used here
        self._dimensions = dimensions
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))

    def add(self, numbers: Numbers, rows: Matrix) -> None:
        """Keep ``rows`` under ``numbers``."""
        self._index.add_with_ids(rows, numbers)

    def remove(self, numbers: Numbers) -> None:
        """Forget ``numbers``."""
        self._index.remove_ids(numbers)

    def candidates(self, queries: Matrix, wide: int, probes: int) -> list[Candidates]:  # noqa: ARG002 - no lists here
        """Return the best ``wide`` rows of all."""
        wide = min(wide, len(self))
        scores, found = self._index.search(queries, wide)
        more = wide < len(self)
        return [
            Candidates(numbers, self._index.reconstruct_batch(numbers), float(line[-1]), more)
            for line, numbers in zip(scores, found, strict=True)
        ]

    def blocks(self) -> Iterator[Block]:
        """Yield all rows at once."""
        if len(self):
            flat = self._faiss.downcast_index(self._index.index)
            values = self._faiss.rev_swig_ptr(flat.get_xb(), len(self) * self._dimensions)
            numbers = self._faiss.vector_to_array(self._index.id_map)
            yield Block(numbers, values.reshape(-1, self._dimensions))

    def __len__(self) -> int:
        return int(self._index.ntotal)


class ListRows:
    """``IndexIVFFlat``: rows lie in lists round ``centres`` (lists, d); a query is compared with the nearest.

    ``trained_for`` is the number of vectors that the lists were made for.
    """

    def __init__(self, centres: Matrix, trained_for: int) -> None:
        import faiss

        self._faiss: Any = faiss  # its types lack what is used here
        self.trained_for = trained_for
        count, self._dimensions = centres.shape
        self._coarse = faiss.IndexFlatIP(self._dimensions)  # kept here: FAISS does not own it
        self._coarse.add(centres)
        self._index: Any = faiss.IndexIVFFlat(
            self._coarse, self._dimensions, count, faiss.METRIC_INNER_PRODUCT
        )
        self._index.is_trained = True

    @property
    def lists(self) -> int:
        """The number of lists."""
        return int(self._index.nlist)

    @property
    def centres(self) -> Matrix:
        """The centres (lists, d)."""
        found: Matrix = self._coarse.reconstruct_n(0, self.lists)
        return found

    def add(self, numbers: Numbers, rows: Matrix) -> None:
        """Put ``rows`` into their lists."""
        self._index.add_with_ids(rows, numbers)

    def fill(self, place: int, numbers: Numbers, rows: Matrix) -> None:
        """Put ``rows`` into list ``place``, where they are known to belong."""
        if len(numbers):
            codes = np.ascontiguousarray(rows).view(np.uint8)
            pointers = self._faiss.swig_ptr(numbers), self._faiss.swig_ptr(codes.reshape(-1))
            self._index.invlists.add_entries(place, len(numbers), *pointers)
            self._index.ntotal += len(numbers)

    def remove(self, numbers: Numbers) -> None:
        """Forget ``numbers``."""
        self._index.remove_ids(numbers)

    def candidates(self, queries: Matrix, wide: int, probes: int) -> list[Candidates]:
        """Return the best ``wide`` rows of the ``probes`` nearest lists."""
        wide = min(wide, len(self))
        asked = self._faiss.SearchParametersIVF(nprobe=min(probes, self.lists))
        scores, found, codes = self._index.search_and_return_codes(queries, wide, params=asked)
        rows = codes.view(np.float32)
        lengths = (found >= 0).sum(axis=1).tolist()  # FAISS fills up with -1
        return [
            Candidates(
                numbers[:length],
                near[:length],
                float(line[length - 1]) if length else 0.0,
                length == wide < len(self),
            )
            for line, numbers, near, length in zip(scores, found, rows, lengths, strict=True)
        ]

    def best_scores(self, queries: Matrix, k: int, probes: int) -> Matrix:
        """Return FAISS's own ``k`` best scores (n, k) in ``probes`` lists; what is missing scores lowest."""
        asked = self._faiss.SearchParametersIVF(nprobe=min(probes, self.lists))
        scores: Matrix = self._index.search(queries, k, params=asked)[0]
        return scores

    def blocks(self) -> Iterator[Block]:
        """Yield the rows of one list after another."""
        yield from (block for block in self.by_list() if len(block.numbers))

    def by_list(self) -> Iterator[Block]:
        """Yield the rows of every list, also of an empty one."""
        kept = self._index.invlists
        for place in range(self.lists):
            size = kept.list_size(place)
            if size == 0:
                yield Block(np.zeros(0, np.int64), np.zeros((0, self._dimensions), np.float32))
                continue
            numbers = self._faiss.rev_swig_ptr(kept.get_ids(place), size)
            codes = self._faiss.rev_swig_ptr(kept.get_codes(place), size * kept.code_size)
            yield Block(numbers, codes.view(np.float32).reshape(size, self._dimensions))

    def __len__(self) -> int:
        return int(self._index.ntotal)


def trained_centres(sample: Matrix, lists: int, iterations: int, seed: int) -> Matrix:
    """Return ``lists`` centres (lists, d) of ``sample`` (n, d), by k-means on the unit sphere.

    The same sample in the same order gives the same centres.
    """
    import faiss

    means: Any = faiss.Kmeans(
        sample.shape[1],
        min(lists, len(sample)),
        niter=iterations,
        seed=seed,
        spherical=True,
        min_points_per_centroid=1,  # the plan says how many there are; FAISS would print a warning
        max_points_per_centroid=len(sample),
    )
    means.train(sample)
    centres: Matrix = means.centroids
    return centres


def gathered(blocks: Iterable[Block], wanted: Numbers, dimensions: int) -> Matrix:
    """Return the rows (n, d) of ``wanted`` from ``blocks``, in the order of ``wanted``."""
    order = np.argsort(wanted)
    ordered = wanted[order]
    rows = np.empty((len(wanted), dimensions), np.float32)
    for block in blocks:
        inside = np.isin(block.numbers, ordered)
        rows[order[np.searchsorted(ordered, block.numbers[inside])]] = block.rows[inside]
    return rows
