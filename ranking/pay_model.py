"""The pay most likely where none is stated, by the posts with pay that fall into the same leaves of trees."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranking.tables import table

Column = NDArray[np.float64]
Rows = NDArray[np.float32]

_LEAST_LEVER = 0.05  # of what a post's own pay leaves to the others when its prediction is made without it


class PayModel:
    """Extremely randomised trees (Geurts et al., Machine Learning 63, 2006) over what posts state.

    As in quantile regression forests (Meinshausen, JMLR 7, 2006) the posts that share leaves with another
    give the distribution of its pay; :meth:`most_likely` is where, smoothed, it is densest. Stated pay heaps
    at a few figures, and the middle between two heaps is paid by nobody. A ridge regression over the topics
    of the text is one more feature; for the posts it was learned from it is the prediction without their own
    pay, in closed form. Numbers stand in ``market.toml``, ``[model]``. The same rows in the same order give
    the same figures.
    """

    def __init__(self, rows: Rows, topics: Rows | None, pay: Column, *, fixed: bool) -> None:
        from sklearn.ensemble import ExtraTreesRegressor

        self._rules = table("market")["model"]
        known = rows
        self._line = None if topics is None else _Line(topics, pay, float(self._rules["ridge"]))
        if self._line is not None:
            known = _beside(rows, self._line.without_own)
        self._trees: Any = ExtraTreesRegressor(
            n_estimators=self._rules["trees"],
            min_samples_leaf=self._rules["least_leaf"],
            max_features=self._rules["features"],
            random_state=0,
        ).fit(known, pay)
        self._leaves = self._trees.apply(known)
        width = self._rules["width_fixed" if fixed else "width_hourly"]
        self._grid = np.linspace(pay.min(), pay.max(), int(self._rules["grid"]))
        self._near = np.exp(-0.5 * ((pay[:, None] - self._grid) / width) ** 2)

    def most_likely(self, rows: Rows, topics: Rows | None) -> Column:
        """Return the most likely logarithm of the pay of each of ``rows``."""
        from scipy.sparse import csr_matrix

        asked = rows
        if self._line is not None and topics is not None:
            asked = _beside(rows, self._line.predict(topics))
        density = np.zeros((len(rows), len(self._grid)))
        count = len(self._near)
        for known, leaves in zip(self._leaves.T, self._trees.apply(asked).T, strict=True):
            shape = (int(max(known.max(), leaves.max())) + 1, count)
            inside = csr_matrix((np.ones(count), (known, np.arange(count))), shape=shape)
            sizes = np.bincount(known, minlength=shape[0])[:, None]
            density += ((inside @ self._near) / np.maximum(sizes, 1))[leaves]
        found: Column = self._grid[density.argmax(axis=1)]
        return found


class _Line:
    """A ridge regression of pay on topics."""

    def __init__(self, topics: Rows, pay: Column, penalty: float) -> None:
        rows = topics.astype(np.float64)
        self._middle, self._usual = rows.mean(axis=0), float(pay.mean())
        rows -= self._middle
        inverse = np.linalg.inv(rows.T @ rows + penalty * np.eye(rows.shape[1]))
        self._weights = inverse @ (rows.T @ (pay - self._usual))
        lever = ((rows @ inverse) * rows).sum(axis=1) + 1 / len(pay)
        missed = pay - self._usual - rows @ self._weights
        self.without_own: Column = pay - missed / np.maximum(1 - lever, _LEAST_LEVER)

    def predict(self, topics: Rows) -> Column:
        found: Column = (topics - self._middle) @ self._weights + self._usual
        return found


def _beside(rows: Rows, column: Column) -> Rows:
    return np.concatenate([rows, column[:, None].astype(np.float32)], axis=1)
