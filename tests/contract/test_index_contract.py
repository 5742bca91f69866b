"""Every index agrees with plain arithmetic: ids, scores, ties, thresholds, removal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ModelError
from ranking.backends.faiss_index import FaissIndex
from ranking.exact import ExactIndex
from ranking.seams import Neighbour

INDEXES = [ExactIndex, FaissIndex]
anywhere = pytest.mark.parametrize("make", INDEXES, ids=lambda make: make.__name__)


def unit_rows(count, dimensions, seed):
    rows = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def by_hand(ids, rows, query, k, min_score=None):
    """The definition: every inner product in float64, six decimals, best first, ties by id."""
    scored = sorted(
        (-round(float(np.dot(row.astype(np.float64), query.astype(np.float64))), 6), name)
        for name, row in zip(ids, rows, strict=True)
    )
    found = [(name, -score) for score, name in scored if min_score is None or -score >= min_score]
    return found[:k]


def pairs(neighbours):
    return [(near.id, near.score) for near in neighbours]


@anywhere
@pytest.mark.parametrize("k", [1, 3, 40, 200])
def test_ids_and_scores_are_those_of_the_definition(make, k):
    rows, ids = unit_rows(120, 16, seed=1), [f"p{number:03}" for number in range(120)]
    queries = unit_rows(5, 16, seed=2)
    index = make(16)
    index.add(ids, rows)
    assert len(index) == 120
    for query, found in zip(queries, index.search(queries, k), strict=True):
        assert pairs(found) == by_hand(ids, rows, query, k)


@anywhere
def test_equal_scores_come_in_the_order_of_their_ids_even_at_the_edge(make):
    """Sixty copies of one vector, added backwards, and only the five smallest ids fit."""
    row = unit_rows(1, 8, seed=3)
    ids = [f"p{number:02}" for number in reversed(range(60))]
    index = make(8)
    index.add(ids, np.repeat(row, 60, axis=0))
    assert index.search(row, 5) == [[Neighbour(f"p{number:02}", 1.0) for number in range(5)]]


@anywhere
def test_a_threshold_includes_its_own_score_and_leaves_out_what_is_below(make):
    rows = np.array([[1, 0], [0.6, 0.8], [0, 1]], dtype=np.float32)
    index = make(2)
    index.add(["a", "b", "c"], rows)
    query = np.array([[1, 0]], dtype=np.float32)
    assert pairs(index.search(query, 3, min_score=0.6)[0]) == [("a", 1.0), ("b", 0.6)]
    assert pairs(index.search(query, 1, min_score=0.6)[0]) == [("a", 1.0)]
    assert index.search(query, 3, min_score=1.1) == [[]]


@anywhere
def test_an_empty_index_and_no_question_find_nothing(make):
    index = make(4)
    assert len(index) == 0
    assert index.search(unit_rows(2, 4, seed=4), 3) == [[], []]
    index.add(["a"], unit_rows(1, 4, seed=5))
    assert index.search(unit_rows(1, 4, seed=4), 0) == [[]]
    assert index.search(np.zeros((0, 4), dtype=np.float32), 3) == []
    index.add([], np.zeros((0, 4), dtype=np.float32))
    assert len(index) == 1


@anywhere
def test_what_is_removed_is_not_found_and_what_is_unknown_is_passed_over(make):
    rows, ids = unit_rows(10, 4, seed=6), list("abcdefghij")
    index = make(4)
    index.add(ids, rows)
    index.remove(["b", "b", "nobody", "j"])
    left = [place for place, name in enumerate(ids) if name not in {"b", "j"}]
    assert len(index) == 8
    assert pairs(index.search(rows[1:2], 10)[0]) == by_hand(
        [ids[place] for place in left], rows[left], rows[1], 10
    )


@anywhere
def test_an_id_stored_again_gets_the_new_vector(make):
    first, second = np.array([[1, 0]], dtype=np.float32), np.array([[0, 1]], dtype=np.float32)
    index = make(2)
    index.add(["a"], first)
    index.add(["a", "b", "b"], np.concatenate([second, first, second]))
    assert len(index) == 2
    assert pairs(index.search(second, 5)[0]) == [("a", 1.0), ("b", 1.0)]


@anywhere
@pytest.mark.parametrize(
    ("ids", "rows"),
    [
        (["a"], np.ones((1, 3), dtype=np.float32)),
        (["a", "b"], np.ones((1, 2), dtype=np.float32)),
        (["a"], np.ones(2, dtype=np.float32)),
        (["a"], np.array([[np.nan, 1]], dtype=np.float32)),
        (["a"], np.array([[np.inf, 1]], dtype=np.float32)),
    ],
)
def test_vectors_that_are_none_are_refused(make, ids, rows):
    index = make(2)
    with pytest.raises(ModelError):
        index.add(ids, rows)
    assert len(index) == 0


@anywhere
def test_a_question_of_another_length_is_refused(make):
    with pytest.raises(ModelError, match="3"):
        make(2).search(np.ones((1, 3), dtype=np.float32), 1)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 60),
    distinct=st.integers(1, 6),
    k=st.integers(1, 70),
    min_score=st.none() | st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0]),
    gone=st.sets(st.integers(0, 59)),
    seed=st.integers(0, 10_000),
)
def test_faiss_agrees_with_the_reference(*, count, distinct, k, min_score, gone, seed):
    """Few distinct vectors, so that most scores tie."""
    kinds, draw = unit_rows(distinct, 6, seed), np.random.default_rng(seed)
    rows = kinds[draw.integers(0, distinct, size=count)]
    ids = [f"p{number}" for number in draw.permutation(count)]
    indexes = [make(6) for make in INDEXES]
    for index in indexes:
        index.add(ids, rows)
        index.remove([f"p{number}" for number in gone])
    reference, faiss = (index.search(kinds, k, min_score) for index in indexes)
    assert faiss == reference
