"""Vectors like those of real posts, a plan that puts few of them into lists, and what neighbours really are."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from bidwright.files import put_blocks
from ranking.backends.faiss_index import FaissIndex
from ranking.backends.index_file import to_blocks
from ranking.backends.plan import IndexPlan, shipped_plan

SMALL = replace(shipped_plan(), flat_most=40, training=8, recall_drift=0.0)
"""Lists from 41 vectors on; the recall is measured again after every change."""


def small(**fields: object) -> IndexPlan:
    return replace(SMALL, **fields)  # type: ignore[arg-type]


def clustered(count: int, dimensions: int = 16, seed: int = 1, *, clusters: int = 12) -> np.ndarray:
    """Unit rows (count, dimensions) round a few centres, some alike to the last bit."""
    draw = np.random.default_rng(seed)
    centres = np.random.default_rng(clusters).normal(size=(clusters, dimensions))
    rows = centres[draw.integers(0, clusters, count)] + draw.normal(size=(count, dimensions)) * 0.5
    if count > 10:
        rows[draw.integers(0, count, count // 10)] = rows[0]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def named(count: int) -> list[str]:
    return [f"p{number:05}" for number in range(count)]


def share_found(index, reference, queries: np.ndarray, k: int) -> float:
    """The mean share of the ``k`` nearest that ``index`` finds, told by their scores, by asking both."""
    shares = []
    for found, true in zip(index.search(queries, k), reference.search(queries, k), strict=True):
        edge = true[-1].score
        shares.append(sum(near.score >= edge for near in found) / len(true))
    return float(np.mean(shares))


def writes(root: str, seed: str) -> None:
    """Write one index or the other, again and again, until killed."""
    path = Path(root) / "vectors.index"
    indexes = [FaissIndex(16, plan=SMALL) for _ in range(2)]
    for number, index in enumerate(indexes):
        count = 400 + 300 * number
        index.add(named(count), clustered(count, seed=int(seed) + number))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in range(1_000_000):
        put_blocks(path, to_blocks(indexes[number % 2], "model@1"))


if __name__ == "__main__":
    writes(*sys.argv[1:])
