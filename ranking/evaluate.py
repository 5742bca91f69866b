"""Measures of a ranking against known relevance, with bootstrap intervals. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean (or another statistic) with its bootstrap interval over ``n`` cases."""

    mean: float
    low: float
    high: float
    n: int


def dcg(gains: Sequence[float], k: int) -> float:
    """Return the discounted cumulative gain of the first ``k``: each gain over log2(place + 1).

    Source: Järvelin and Kekäläinen, ACM TOIS 20 (2002), in the form with linear gains.
    """
    return math.fsum(gain / math.log2(place + 2) for place, gain in enumerate(gains[:k]))


def ndcg(gains: Sequence[float], k: int) -> float:
    """Return nDCG@k of ``gains`` (relevance of every candidate, in ranked order); 0 when none is relevant."""
    ideal = dcg(sorted(gains, reverse=True), k)
    return dcg(gains, k) / ideal if ideal > 0 else 0.0


def precision(gains: Sequence[float], k: int) -> float:
    """Return the share of the first ``k`` places held by something relevant (gain above 0)."""
    return sum(gain > 0 for gain in gains[:k]) / k


def average_precision(relevant: Sequence[bool]) -> float:
    """Return the average precision of a ranking: the mean of the precision at each relevant place, 0 if none.

    Source: Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008), section 8.4.
    """
    places = [place for place, hit in enumerate(relevant, start=1) if hit]
    return fmean(found / place for found, place in enumerate(places, start=1)) if places else 0.0


def bootstrap(
    values: Sequence[float],
    *,
    of: Callable[[Sequence[float]], float] = fmean,
    rounds: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Return the mean of ``values`` (one per case, not empty) with its percentile bootstrap interval.

    ``of`` may be another statistic, such as the median.
    """
    draw, n = random.Random(seed), len(values)  # noqa: S311 - resampling, not a secret
    means = sorted(of(draw.choices(values, k=n)) for _ in range(rounds))
    tail = (1 - level) / 2
    return Estimate(
        mean=of(values),
        low=means[int(tail * rounds)],
        high=means[min(rounds - 1, int((1 - tail) * rounds))],
        n=n,
    )


def wilson(hits: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share of ``hits`` in ``n`` cases (at least one).

    Source: Wilson, JASA 22 (1927).
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, room = hits / n, z * z / n
    middle, reach = share + room / 2, z * math.sqrt(share * (1 - share) / n + room / (4 * n))
    return (middle - reach) / (1 + room), (middle + reach) / (1 + room)
