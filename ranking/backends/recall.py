"""What share of the true neighbours a search of some lists finds, measured against comparing every row."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from ranking.backends.faiss_rows import ListRows
from ranking.backends.plan import IndexPlan
from ranking.seams import Matrix

_Z = 1.959964  # two-sided 95 % of the normal distribution
_NOISE = 2e-6  # float32 inner products summed in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The mean share found of the ``k`` nearest over ``sample`` queries when ``probes`` lists are compared.

    ``low`` is the lower end of its 95 % interval; ``count`` the number of vectors when it was measured.
    """

    share: float
    low: float
    k: int
    sample: int
    probes: int
    count: int


def measured(rows: ListRows, queries: Matrix, plan: IndexPlan) -> Recall:
    """Return the recall with the fewest lists (doubled at each try) that reaches ``plan.recall_least``.

    ``queries`` (n, d) are vectors that ``rows`` holds, so that each finds itself, which is not counted. With
    all lists every neighbour is found, so there is an answer. Neighbours are told by their scores: which one
    of several equal ones is found does not matter.
    """
    k = min(plan.recall_k, len(rows) - 1)
    edges = _true_edges(rows, queries, k + 1)
    probes = 1
    while True:
        found = rows.best_scores(queries, k + 1, probes) >= edges[:, None] - _NOISE
        shares = (found.sum(axis=1) - 1) / k if k else np.ones(len(queries))
        recall = _recall(shares, k, min(probes, rows.lists), len(rows))
        if recall.low >= plan.recall_least or probes >= rows.lists:
            return recall
        probes *= 2


def _recall(shares: NDArray[np.float64], k: int, probes: int, count: int) -> Recall:
    share = float(shares.mean())
    spread = float(shares.std(ddof=1)) if len(shares) > 1 else 0.0
    return Recall(
        share=round(share, 4),
        low=round(share - _Z * spread / sqrt(len(shares)), 4),
        k=k,
        sample=len(shares),
        probes=probes,
        count=count,
    )


def _true_edges(rows: ListRows, queries: Matrix, k: int) -> Matrix:
    """Return the ``k``-th best score of each query over all rows, shape (n,)."""
    best = np.full((len(queries), k), -np.inf, np.float32)
    for block in rows.blocks():
        scores = np.concatenate([best, queries @ block.rows.T], axis=1)
        best = np.partition(scores, scores.shape[1] - k, axis=1)[:, -k:]
    edges: Matrix = best.min(axis=1)
    return edges
