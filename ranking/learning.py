"""What own outcomes teach: how strongly the curves of the win chance count, or that nobody can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import NormalDist

import numpy as np

from ranking.chance import AS_SHIPPED, History, Strength, at_odds, base_rate, strengthened
from ranking.lift import DECIMALS
from ranking.maximum import Column, Maximum, maximum
from ranking.tables import table
from ranking.words import plain_float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One decided bid: the lift its post had when the bid was sent, as shipped, and whether it was won."""

    lift: float
    won: bool


class Verdict(StrEnum):
    """What became of learning."""

    TOO_FEW = "too few"
    NO_GAIN = "no gain"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """A decided bid with the chance it would have been given by all the others, and whether it was won."""

    p: float
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """What ``known`` outcomes of ``decided`` bids taught, and how each was predicted by all the others.

    ``strength`` is what chances are computed with; ``exponent`` with its interval is what was found, whatever
    the verdict. The Brier scores (mean square error, less is better) are of the base rate alone, of the
    curves as shipped and of what was found. ``predicted`` are the chances in use, in the order of the
    outcomes. All of these are ``None`` or empty where there are too few outcomes.
    """

    decided: int
    known: int
    won: int
    verdict: Verdict
    strength: Strength
    words: str
    exponent: float | None = None
    exponent_low: float | None = None
    exponent_high: float | None = None
    brier_base: float | None = None
    brier_shipped: float | None = None
    brier_learned: float | None = None
    predicted: tuple[Predicted, ...] = ()

    @property
    def brier(self) -> float | None:
        """The Brier score of the chances in use."""
        return self.brier_learned if self.verdict is Verdict.LEARNED else self.brier_shipped


def learn(outcomes: Sequence[Outcome], history: History) -> Learning:
    """Return what ``outcomes`` (oldest first) teach a person with this ``history`` of decided bids.

    The model: odds = odds of the base rate x scale x lift ^ exponent, where the logarithm of ``scale`` has
    the prior N(0, base_spread) and ``exponent`` N(1, exponent_spread), never below 0; the maximum of
    likelihood and priors, by Newton's method. It is kept only if, leaving out each bid in turn, it predicts
    better than the curves as shipped. The figures stand in ``chance.toml``, ``[learning]``. Deterministic.
    Raise ValueError for more outcomes than bids.
    """
    found = abstain([outcome.won for outcome in outcomes], history)
    if found.verdict is Verdict.TOO_FEW:
        return found
    return _learned(outcomes[-found.known :], history, found)


def abstain(wins: Sequence[bool], history: History) -> Learning:
    """Return what is learned without looking at lifts: the counts and, where too few, the verdict.

    ``wins`` are of the outcomes, oldest first. The verdict is "no gain" where there are enough to look
    closer.
    """
    if len(wins) > history.bids:
        raise ValueError(f"{len(wins)} outcomes of {history.bids} decided bids")
    rules = table("chance")["learning"]
    recent = wins[-rules["most"] :]
    known, won = len(recent), sum(recent)
    enough = known >= rules["decided"] and won >= rules["won"] and known - won >= rules["lost"]
    words = AS_SHIPPED.words if enough else _too_few(known, won)
    return Learning(
        decided=history.bids,
        known=known,
        won=won,
        verdict=Verdict.NO_GAIN if enough else Verdict.TOO_FEW,
        strength=replace(AS_SHIPPED, words=words),
        words=words,
    )


def _too_few(known: int, won: int) -> str:
    rules = table("chance")["learning"]
    told = f"not enough outcomes to learn from: {known} of {rules['decided']}"
    if known < rules["decided"]:
        return told
    lost = known - won
    one, wanted = ("won", rules["won"]) if won < rules["won"] else ("lost", rules["lost"])
    return f"{told}, but only {won if one == 'won' else lost} of {wanted} {one}"


def _learned(outcomes: Sequence[Outcome], history: History, found: Learning) -> Learning:
    x = np.log(np.array([outcome.lift for outcome in outcomes]))
    y = np.array([float(outcome.won) for outcome in outcomes])
    whole = maximum(x, y, _logit(base_rate(history).p))
    base, shipped, learned = _left_out(x, y, history, whole)
    strength = _strength(whole)
    reach = NormalDist().inv_cdf((1 + table("chance")["learning"]["interval"]) / 2) * whole.exponent_error
    scores = [round(float(np.mean((p - y) ** 2)), 6) for p in (base, shipped, learned)]
    better = scores[2] < scores[1]
    n = len(outcomes)
    words = (
        f"learned from {n} decided bids of yours"
        if better
        else f"{n} decided bids of yours predict no better with another strength"
    )
    in_use = learned if better else shipped
    return replace(
        found,
        verdict=Verdict.LEARNED if better else Verdict.NO_GAIN,
        strength=replace(strength if better else AS_SHIPPED, words=words),
        words=words,
        exponent=strength.exponent,
        exponent_low=round(max(0.0, whole.exponent - reach), DECIMALS),
        exponent_high=round(whole.exponent + reach, DECIMALS),
        brier_base=scores[0],
        brier_shipped=scores[1],
        brier_learned=scores[2],
        predicted=tuple(
            Predicted(p=round(float(p), 6), won=outcome.won)
            for p, outcome in zip(in_use, outcomes, strict=True)
        ),
    )


def _strength(fit: Maximum) -> Strength:
    return Strength(
        exponent=round(fit.exponent, DECIMALS),
        scale=round(math.exp(fit.shift), DECIMALS),
        covariance=fit.covariance,
    )


def _left_out(x: Column, y: Column, history: History, whole: Maximum) -> tuple[Column, Column, Column]:
    """Return each outcome as all the others predict it: by base rate alone, as shipped, and as learned."""
    rows = np.empty((len(x), 3))
    for place, lift in enumerate(np.exp(x)):
        others = History(bids=history.bids - 1, won=history.won - int(y[place]))
        base = base_rate(others).p
        keep = np.arange(len(x)) != place
        fit = maximum(x[keep], y[keep], _logit(base), (whole.shift, whole.exponent))
        rows[place] = (
            base,
            at_odds(base, strengthened(lift, AS_SHIPPED)),
            at_odds(base, strengthened(lift, _strength(fit))),
        )
    return rows[:, 0], rows[:, 1], rows[:, 2]


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def strength_words(learning: Learning) -> str:
    """Return the exponent found: "0.62 (90% interval 0.18 to 1.06)"; "" where none was."""
    if learning.exponent is None or learning.exponent_low is None or learning.exponent_high is None:
        return ""
    level = table("chance")["learning"]["interval"]
    spread = f"{plain_float(learning.exponent_low)} to {plain_float(learning.exponent_high)}"
    return f"{plain_float(learning.exponent)} ({level:.0%} interval {spread})"
