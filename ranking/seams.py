"""Where models, indexes and caches plug in; every index agrees with :mod:`ranking.exact`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
"""Rows of float32: shape ``(n, d)``, or ``(d,)`` for one vector."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One search result: the id it was added under and its inner product with the query, to six decimals."""

    id: str
    score: float


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def model_id(self) -> str:
        """Name and revision of the model; vectors of different ids are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    def encode(self, texts: list[str]) -> Matrix:
        """Return one unit row per text, shape ``(len(texts), dimensions)``, in the order given."""
        ...


class VectorIndex(Protocol):
    """Finds the stored vectors nearest to a query by inner product."""

    def add(self, ids: Sequence[str], vectors: Matrix) -> None:
        """Store ``vectors`` (n, d) under ``ids``; an id stored before gets the new vector.

        Raise ModelError when shapes disagree or a value is not finite.
        """
        ...

    def search(self, queries: Matrix, k: int, min_score: float | None = None) -> list[list[Neighbour]]:
        """Return for each row of ``queries`` (n, d) at most ``k`` neighbours, best first.

        Scores are rounded to six decimals; equal scores come in the order of their ids. ``min_score`` leaves
        out what scores less. ``k`` may exceed the number stored.
        """
        ...

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ``ids``; those not stored are passed over."""
        ...

    def __len__(self) -> int: ...


class IndexFactory(Protocol):
    """Makes an empty index for vectors of a length."""

    def __call__(self, dimensions: int) -> VectorIndex:
        """Return an empty index."""
        ...


class VectorCache(Protocol):
    """Keeps vectors by model and text hash as little-endian float32 bytes."""

    def load(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors there are among ``hashes``."""
        ...

    def save(self, model_id: str, dimensions: int, vectors: Mapping[str, bytes]) -> None:
        """Keep ``vectors``; those kept before stay as they are."""
        ...
