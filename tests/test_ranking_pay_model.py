"""The model of pay: the likeliest figure where pay heaps, and what is held out is really held out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ranking.pay_model import PayModel, _Line

DRAW = np.random.default_rng(0)


def rows_of(kinds):
    """One feature that tells the kind, and three that tell nothing."""
    return np.column_stack([kinds, DRAW.normal(size=(len(kinds), 3))]).astype(np.float32)


def test_the_likeliest_pay_lies_in_the_larger_heap_and_not_between_two():
    pay = np.log(np.where(np.arange(300) % 5 < 3, 20.0, 500.0))
    rows = rows_of(np.zeros(300))
    found = PayModel(rows, None, pay, fixed=False).most_likely(rows[:20], None)
    assert found == pytest.approx(math.log(20), abs=0.1)


def test_pay_follows_what_the_features_say():
    kinds = np.arange(300) % 2
    pay = np.log(np.where(kinds == 1, 60.0, 15.0)) + DRAW.normal(0, 0.1, 300)
    model = PayModel(rows_of(kinds), None, pay, fixed=False)
    low, high = model.most_likely(rows_of(np.array([0, 1])), None)
    assert low == pytest.approx(math.log(15), abs=0.2)
    assert high == pytest.approx(math.log(60), abs=0.2)


def test_topics_tell_pay_where_nothing_else_does():
    topics = DRAW.normal(size=(400, 25)).astype(np.float32)
    pay = 3 + topics[:, 7].astype(np.float64)
    rows = rows_of(np.zeros(400))
    model = PayModel(rows[:300], topics[:300], pay[:300], fixed=False)
    errors = model.most_likely(rows[300:], topics[300:]) - pay[300:]
    assert np.median(np.abs(errors)) < 0.3
    blind = PayModel(rows[:300], None, pay[:300], fixed=False).most_likely(rows[300:], None) - pay[300:]
    assert np.median(np.abs(blind)) > 0.4


def test_the_line_predicts_each_post_as_if_its_pay_had_not_been_seen():
    topics = DRAW.normal(size=(60, 8)).astype(np.float32)
    pay = topics[:, 0] + DRAW.normal(0, 0.5, 60)
    whole = _Line(topics, pay, 2.0).without_own
    for place in (0, 17, 59):
        others = np.arange(60) != place
        alone = _Line(topics[others], pay[others], 2.0).predict(topics[[place]])[0]
        assert whole[place] == pytest.approx(alone, abs=0.02)


def test_the_same_rows_give_the_same_pay():
    rows, pay = rows_of(np.arange(120) % 3), DRAW.normal(3, 1, 120)
    first, second = (PayModel(rows, None, pay, fixed=True).most_likely(rows, None) for _ in range(2))
    assert (first == second).all()
