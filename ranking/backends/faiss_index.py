"""FAISS as the index, exact while it is small and in lists with measured recall above that."""

from __future__ import annotations

from collections.abc import Iterable, KeysView, Sequence
from typing import Literal

import numpy as np

from domain.errors import ModelError
from ranking.backends.faiss_rows import (
    Block,
    Candidates,
    FlatRows,
    ListRows,
    Numbers,
    Rows,
    gathered,
    trained_centres,
)
from ranking.backends.plan import IndexPlan, shipped_plan
from ranking.backends.recall import Recall, measured
from ranking.exact import best, checked, exact_scores
from ranking.seams import Matrix, Neighbour

_SPARE = 8  # candidates beyond k, enough unless many scores tie at the edge
_NOISE = 2e-6  # float32 inner product of unit rows plus rounding: what a score may be off by


class FaissIndex:
    """A :class:`~ranking.seams.VectorIndex` of the kind that ``plan`` has for the number of vectors.

    FAISS breaks ties as it likes and sums in float32. So it proposes candidates, which are scored again as
    the reference does; when the last of them could still tie with what FAISS held back, more are asked for.
    So scores are exact, and the flat kind agrees with :mod:`ranking.exact`. The other kind may miss a
    neighbour: :attr:`recall` says how seldom.
    """

    def __init__(self, dimensions: int, *, plan: IndexPlan | None = None) -> None:
        self.dimensions = dimensions
        self.plan = plan or shipped_plan()
        self._expected = 0
        self._rows: Rows = FlatRows(dimensions)
        self._number: dict[str, int] = {}
        self._name: list[str] = []  # by number; a number is given once
        self._recall: Recall | None = None
        self._changed = 0  # vectors that came or went since the recall was measured

    def restore(self, rows: Rows, ids: Sequence[str], recall: Recall | None, changed: int) -> None:
        """Take over ``rows``, whose number n is ``ids[n]``, instead of what is stored.

        ``recall`` was measured before ``changed`` vectors came or went; one that the plan does not accept is
        measured again.
        """
        self._rows, self._name = rows, list(ids)
        self._number = {name: number for number, name in enumerate(ids)}
        held = recall is not None and recall.k == self.plan.recall_k and recall.low >= self.plan.recall_least
        self._recall, self._changed = (recall, changed) if held else (None, 0)

    def expect(self, total: int) -> None:
        """Prepare for ``total`` vectors: lists are made once, for so many, from the first that are added.

        Those must then be a fair sample. It holds until the first search.
        """
        self._expected = total

    @property
    def kind(self) -> Literal["flat", "ivf"]:
        """``flat``: every vector is compared. ``ivf``: those in the lists nearest to the query."""
        self._settle()
        return "ivf" if isinstance(self._rows, ListRows) else "flat"

    @property
    def recall(self) -> Recall | None:
        """What share of neighbours a search finds, measured on this index; ``None`` where it finds all."""
        self._settle()
        return self._recall

    @property
    def changed(self) -> int:
        """How many vectors came or went since the recall was measured."""
        return self._changed

    @property
    def rows(self) -> Rows:
        """The stored vectors; their numbers are told apart by :meth:`names`."""
        self._settle()
        return self._rows

    @property
    def ids(self) -> KeysView[str]:
        """The ids that have a vector."""
        return self._number.keys()

    def names(self, numbers: Numbers) -> list[str]:
        """Return the ids of ``numbers`` (n,), which must be stored."""
        return [self._name[number] for number in numbers.tolist()]

    def add(self, ids: Sequence[str], vectors: Matrix) -> None:
        """Store ``vectors`` under ``ids``."""
        rows = checked(vectors, self.dimensions, "faiss index")
        if len(rows) != len(ids):
            raise ModelError(f"{len(ids)} ids for {len(rows)} vectors", where="faiss index")
        last = {name: place for place, name in enumerate(ids)}  # of an id given twice the later vector holds
        self.remove(list(last))
        if not last:
            return
        numbers = np.arange(len(self._name), len(self._name) + len(last), dtype=np.int64)
        self._number.update(zip(last, numbers.tolist(), strict=True))
        self._name.extend(last)
        self._changed += len(last)
        self._put(Block(numbers, rows if len(last) == len(ids) else rows[list(last.values())]))

    def _put(self, new: Block) -> None:
        """Keep ``new``, whose ids are known, in rows of the kind there should be."""
        total = max(len(self), self._expected)
        lists = self.plan.lists_for(total)
        enough = len(self) >= min(total, lists * self.plan.training)
        made_for = self._rows.trained_for if isinstance(self._rows, ListRows) else 0
        if lists and enough and total > made_for * self.plan.retrain:
            self._group([*self._rows.blocks(), new], total)
        else:
            self._rows.add(new.numbers, new.rows)

    def _group(self, blocks: Sequence[Block], total: int) -> None:
        """Put ``blocks``, all there is, into new lists made for ``total`` vectors."""
        lists = self.plan.lists_for(total)
        sample = gathered(blocks, self._drawn(lists * self.plan.training), self.dimensions)
        centres = trained_centres(sample, lists, self.plan.iterations, self.plan.seed)
        self._move(blocks, ListRows(centres, total))

    def _move(self, blocks: Iterable[Block], rows: Rows) -> None:
        for block in blocks:
            rows.add(block.numbers, block.rows)
        self._rows, self._recall = rows, None

    def _drawn(self, most: int) -> Numbers:
        """Return the numbers of ``most`` ids, drawn alike in whatever order they came."""
        ids = sorted(self._number)
        if most < len(ids):
            places = np.random.default_rng(self.plan.seed).choice(len(ids), most, replace=False)
            ids = [ids[place] for place in np.sort(places).tolist()]
        return np.array([self._number[name] for name in ids], dtype=np.int64)

    def _settle(self) -> None:
        """Take the kind that suits the number of vectors, and measure its recall where that is not known."""
        self._expected = 0
        if not isinstance(self._rows, ListRows):
            return
        if self.plan.lists_for(len(self)) == 0:
            self._move(self._rows.blocks(), FlatRows(self.dimensions))
            return
        if self._rows.trained_for > len(self) * self.plan.retrain:
            self._group(list(self._rows.blocks()), len(self))
        if self._recall is None or self._changed > self.plan.recall_drift * self._recall.count:
            queries = gathered(self._rows.blocks(), self._drawn(self.plan.recall_sample), self.dimensions)
            self._recall, self._changed = measured(self._rows, queries, self.plan), 0

    def search(self, queries: Matrix, k: int, min_score: float | None = None) -> list[list[Neighbour]]:
        """Return the nearest of each query, best first."""
        asked = checked(queries, self.dimensions, "query")
        self._settle()
        found: list[list[Neighbour]] = [[] for _ in asked]
        k = min(k, len(self))
        open_places, wide = list(range(len(asked))) if k > 0 else [], k + _SPARE
        probes = self._probes(k)
        while open_places:
            still = []
            near = self._rows.candidates(asked[open_places], wide, probes)
            for place, candidates in zip(open_places, near, strict=True):
                hits = self._rescored(asked[place], candidates, k)
                if len(hits) < k or (candidates.more and hits[-1].score <= candidates.last + _NOISE):
                    still.append(place)
                found[place] = [hit for hit in hits if min_score is None or hit.score >= min_score]
            open_places, wide, probes = still, wide * 4, probes * 2
        return found

    def _probes(self, k: int) -> int:
        """Return how many lists to compare for ``k`` neighbours: more where recall was measured for fewer."""
        if self._recall is None:
            return 1
        return self._recall.probes * max(1, -(-k // self.plan.recall_k))

    def _rescored(self, query: Matrix, near: Candidates, k: int) -> list[Neighbour]:
        return best(self.names(near.numbers), exact_scores(query[None, :], near.rows)[0], k, None)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ``ids``."""
        numbers = [self._number.pop(name) for name in dict.fromkeys(ids) if name in self._number]
        if numbers:
            self._rows.remove(np.array(numbers, dtype=np.int64))
            self._changed += len(numbers)

    def __len__(self) -> int:
        return len(self._number)
