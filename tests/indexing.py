"""Vectors like those of real posts, a plan that puts few of them into lists, and what neighbours really are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

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
