"""Whether predicted win chances came true: predicted against won in bins, Brier scores, or why not yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from ledger.winrate import Interval, judgement, wilson
from ranking.learning import Learning, Predicted, Verdict, strength_words
from ranking.tables import table as judged
from reports import words
from reports.layout import NARROWEST, table, wrap
from reports.render_json import Json, interval_json

_RIGHT = frozenset({1, 2, 3})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The bids with a predicted chance from ``low`` to below ``high``: its mean, and how many were won.

    ``observed`` is the Wilson interval of won over bids.
    """

    low: float
    high: float
    bids: int
    won: int
    predicted: float
    observed: Interval

    @property
    def holds(self) -> bool:
        """Whether the interval of what was won holds what was predicted; few bids are not judged.

        Few are what the win rates take for too few (``winrate.toml``): a bid is predicted without itself, so
        that wins are predicted a little lower than losses, which shows in small bins.
        """
        return (
            self.bids < judgement().enough
            or self.observed.low <= Decimal(str(self.predicted)) <= self.observed.high
        )


def bins_of(predicted: Sequence[Predicted]) -> tuple[Bin, ...]:
    """Return the bins of ``chance.toml`` that hold any bids, lowest first."""
    edges = [0.0, *judged("chance")["learning"]["bins"], 1.0]
    found = []
    for low, high in pairwise(edges):
        members = [each for each in predicted if low <= each.p < high]
        won = sum(each.won for each in members)
        observed = wilson(won, len(members), judgement().z)
        if observed is not None:
            mean = round(sum(each.p for each in members) / len(members), 6)
            found.append(
                Bin(low=low, high=high, bids=len(members), won=won, predicted=mean, observed=observed)
            )
    return tuple(found)


_SAID = {
    Verdict.TOO_FEW: "The win chances use the curves as shipped.",
    Verdict.NO_GAIN: "The win chances keep the curves as shipped.",
    Verdict.LEARNED: "The win chances use what was learned.",
}


def calibration_text(learning: Learning, *, width: int = 100) -> str:
    """Return what own outcomes taught and how well chances were predicted, or why nothing can be said yet."""
    wide = max(width, NARROWEST)
    told = f"{learning.words[:1].upper()}{learning.words[1:]}. {_SAID[learning.verdict]}"
    lines = wrap(told, wide)
    if learning.known < learning.decided:
        others = words.count(learning.decided - learning.known, "decided bid")
        lines += wrap(f"Only the base rate counts {others} that are too old or whose post is gone.", wide)
    if learning.exponent is None:
        return "\n".join(lines) + "\n"
    told = f"Strength of the curves, 1 as shipped and 0 without use: {strength_words(learning)}."
    lines += wrap(told, wide)
    lines += ["", *_bin_table(learning, wide), ""]
    scores = " · ".join(_scores(learning))
    lines += wrap(f"Each bid is predicted from all the others. {scores}", wide)
    return "\n".join(lines) + "\n"


def _bin_table(learning: Learning, width: int) -> list[str]:
    cells = [
        (
            words.spread(words.percent(each.low), words.percent(each.high)),
            str(each.bids),
            words.percent(each.predicted),
            str(each.won),
            f"{words.percent(each.observed.p)} "
            f"({words.spread(words.percent(each.observed.low), words.percent(each.observed.high))})"
            + ("" if each.holds else " - not as predicted"),
        )
        for each in bins_of(learning.predicted)
    ]
    return table(("chance", "bids", "predicted", "won", "share won"), cells, width=width, right=_RIGHT)


def _scores(learning: Learning) -> Iterator[str]:
    yield "Brier score (less is better)"
    yield f"base rate alone {learning.brier_base:.4f}"
    yield f"curves as shipped {learning.brier_shipped:.4f}"
    yield f"as learned {learning.brier_learned:.4f}"


def calibration_json(learning: Learning) -> Json:
    """Return the same as plain data; ``null`` and no bins where there are too few outcomes."""
    strength = learning.strength
    return {
        "verdict": learning.verdict.value,
        "words": learning.words,
        "decided": learning.decided,
        "known": learning.known,
        "won": learning.won,
        "in_use": {"exponent": strength.exponent, "scale": strength.scale},
        "found": {
            "exponent": learning.exponent,
            "low": learning.exponent_low,
            "high": learning.exponent_high,
        },
        "brier": {
            "base_rate": learning.brier_base,
            "as_shipped": learning.brier_shipped,
            "as_learned": learning.brier_learned,
            "in_use": learning.brier,
        },
        "bins": [
            {
                "low": each.low,
                "high": each.high,
                "bids": each.bids,
                "won": each.won,
                "predicted": each.predicted,
                "observed": interval_json(each.observed),
                "holds": each.holds,
            }
            for each in bins_of(learning.predicted)
        ],
    }
