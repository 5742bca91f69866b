"""What each component of the score counts: the person's own weights, else the shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from domain.profile import ScoreWeights
from ranking.tables import table

PARTS = 10_000
"""Weights are whole ten-thousandths, so that a score can be made again from the weights it shows."""


@cache
def score_weights(own: ScoreWeights) -> Mapping[str, float]:
    """Return the weight of each component, summing to 1, in the order of ``weights.toml``.

    What ``own`` leaves out has the shipped weight. What rounding leaves over goes to the largest remainders,
    ties to the first. Raise ``ValueError`` where no weight is above zero, or one is below.
    """
    given = asdict(own)
    raw = {
        name: Decimal(str(shipped)) if given[name] is None else given[name]
        for name, shipped in shipped_weights().items()
    }
    total = sum(raw.values(), Decimal(0))
    if total <= 0 or min(raw.values()) < 0:
        raise ValueError("no weight may be below zero, and one must be above it")
    exact = {name: weight * PARTS / total for name, weight in raw.items()}
    whole = {name: int(share) for name, share in exact.items()}
    missing = PARTS - sum(whole.values())
    for name in sorted(exact, key=lambda name: whole[name] - exact[name])[:missing]:
        whole[name] += 1
    return MappingProxyType({name: share / PARTS for name, share in whole.items()})


def shipped_weights() -> Mapping[str, float]:
    """Return the weights of ``weights.toml``."""
    weights: dict[str, float] = table("weights")["weights"]
    return weights
