"""Weights are the person's: any numbers, made to sum to one, shown with every score."""

from __future__ import annotations

from dataclasses import asdict, fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.profile import ScoreWeights
from ranking.weights import PARTS, score_weights, shipped_weights
from tests.fakes import make_profile
from tests.test_ranking_preference import made_again
from tests.test_ranking_rank import many, rank_all

D = Decimal


def test_the_persons_keys_are_those_of_the_score():
    assert [field.name for field in fields(ScoreWeights)] == list(shipped_weights())
    assert dict(score_weights(ScoreWeights())) == dict(shipped_weights())


def test_what_the_person_names_counts_in_proportion_to_the_rest():
    """0.4 of the shipped 1 becomes 1.6: 2.2 in all."""
    weights = score_weights(ScoreWeights(fit=D("1.6")))
    assert weights["fit"] == pytest.approx(1.6 / 2.2, abs=1e-4)
    assert weights["pay"] == pytest.approx(0.2 / 2.2, abs=1e-4)
    alone = ScoreWeights(**dict.fromkeys(shipped_weights(), D(0)) | {"pay": D(3)})
    assert score_weights(alone)["pay"] == 1


@given(st.lists(st.decimals(0, 1000, places=3), min_size=6, max_size=6).filter(any))
def test_weights_sum_to_one_in_whole_ten_thousandths(values):
    weights = score_weights(ScoreWeights(**dict(zip(shipped_weights(), values, strict=True))))
    assert sum(round(weight * PARTS) for weight in weights.values()) == PARTS
    total = sum(values)
    for name, value in zip(shipped_weights(), values, strict=True):
        assert weights[name] == pytest.approx(float(value / total), abs=1.01 / PARTS)


@pytest.mark.parametrize("values", [dict.fromkeys(shipped_weights(), D(0)), {"fit": D(-1)}])
def test_weights_that_are_none_are_refused(values):
    with pytest.raises(ValueError, match="below zero"):
        score_weights(ScoreWeights(**values))


def test_weights_decide_the_order_and_a_score_is_made_again_from_them():
    nothing = asdict(ScoreWeights()) | dict.fromkeys(shipped_weights(), D(0))
    posts = list(many(50, seed=6))
    for name in shipped_weights():
        profile = make_profile(weights=ScoreWeights(**nothing | {name: D(7)}))
        ranked = [item for item in rank_all(*posts, profile=profile) if item.eligible]
        shown = {part.label: part.value for part in ranked[0].score_parts}
        assert shown[name].endswith(" x 1")
        assert all(value.endswith(" x 0") for label, value in shown.items() if label not in (name, "suits"))
        assert [item.score for item in ranked] == pytest.approx(
            [made_again(item) for item in ranked], abs=1e-6
        )
    assert rank_all(*posts) != rank_all(*posts, profile=make_profile(weights=ScoreWeights(freshness=D(3))))
