"""Which kind of index is used for how many vectors, and how good it must be: ``ranking/data/index.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import isqrt

from ranking.tables import table


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPlan:
    """When vectors are put into lists, how these are made, and what share of neighbours must be found.

    ``flat_most`` is the number of vectors up to which every one is compared. ``recall_least`` is the share of
    the ``recall_k`` nearest that must be found, from 0 to 1; ``recall_drift`` and ``file_changed`` are shares
    of the number of vectors. The other fields are those of the table.
    """

    flat_most: int
    lists_per_root: float
    training: int
    iterations: int
    seed: int
    retrain: float
    recall_k: int
    recall_least: float
    recall_sample: int
    recall_drift: float
    file_changed: float

    def lists_for(self, count: int) -> int:
        """Return how many lists ``count`` vectors are put into; 0 where every vector is compared."""
        if count <= self.flat_most:
            return 0
        return max(1, round(isqrt(count) * self.lists_per_root))


@cache
def shipped_plan() -> IndexPlan:
    """Return the plan of ``ranking/data/index.toml``."""
    given = table("index")
    flat, ivf, recall = given["flat"], given["ivf"], given["recall"]
    return IndexPlan(
        flat_most=flat["most"],
        lists_per_root=ivf["lists_per_root"],
        training=ivf["training"],
        iterations=ivf["iterations"],
        seed=ivf["seed"],
        retrain=ivf["retrain"],
        recall_k=recall["k"],
        recall_least=recall["least"],
        recall_sample=recall["sample"],
        recall_drift=recall["drift"],
        file_changed=given["file"]["changed"],
    )
