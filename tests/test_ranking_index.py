"""The index of any size: exact while small, lists with a recall that is really there above, the same through a file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from domain.errors import InputError
from ranking.backends.faiss_index import FaissIndex
from ranking.backends.faiss_rows import ListRows
from ranking.backends.index_file import from_file, to_blocks
from ranking.backends.plan import shipped_plan
from ranking.exact import ExactIndex, exact_scores
from tests.indexing import SMALL, clustered, named, share_found, small

D = 16


def filled(count, plan=SMALL, seed=1, cls=FaissIndex):
    index = cls(D, plan=plan) if cls is FaissIndex else cls(D)
    index.add(named(count), clustered(count, seed=seed))
    return index


def saved(index, path: Path, model="model@1") -> Path:
    path.write_bytes(b"".join(to_blocks(index, model)))
    return path


def loaded(path: Path, model="model@1", dimensions=D, plan=SMALL) -> FaissIndex:
    with path.open("rb") as file:
        return from_file(file, model_id=model, dimensions=dimensions, plan=plan)


def test_the_shipped_plan_compares_every_vector_up_to_200_000_and_wants_98_of_100_above():
    plan = shipped_plan()
    assert [plan.lists_for(count) for count in (0, 1, 200_000)] == [0, 0, 0]
    assert [plan.lists_for(count) for count in (200_001, 1_000_000)] == [447, 1000]
    assert (plan.recall_k, plan.recall_least) == (10, 0.98)


@pytest.mark.parametrize(("count", "kind"), [(40, "flat"), (41, "ivf"), (400, "ivf")])
def test_the_number_of_vectors_decides_the_kind(count, kind):
    index = filled(count)
    assert index.kind == kind
    assert (index.recall is None) == (kind == "flat")


def test_growth_and_shrinking_change_the_kind_and_up_to_the_limit_nothing_is_missed():
    index, reference = filled(40), filled(40, cls=ExactIndex)
    more, ids = clustered(200, seed=2), [f"q{number}" for number in range(200)]
    for made in (index, reference):
        made.add(ids, more)
    assert index.kind == "ivf"
    for made in (index, reference):
        made.remove(ids)
    assert index.kind == "flat"
    assert index.recall is None
    assert index.search(more, 12) == reference.search(more, 12)


@pytest.mark.slow
def test_as_shipped_lists_begin_above_200_000_and_find_what_is_promised():
    rows, ids = clustered(200_300, clusters=400), named(200_300)
    index, reference = (FaissIndex(D, plan=plan) for plan in (shipped_plan(), small(flat_most=10**9)))
    for made in (index, reference):
        made.expect(200_300)
        made.add(ids, rows)
    assert (index.kind, reference.kind) == ("ivf", "flat")
    assert index.recall.low >= 0.98
    assert share_found(index, reference, clustered(300, clusters=400, seed=9), 10) >= 0.95
    for made in (index, reference):
        made.remove(ids[:300])
    assert index.kind == "flat"
    assert index.search(rows[500:520], 10) == reference.search(rows[500:520], 10)


def test_the_recall_is_what_it_says():
    """Up to 256 vectors all are in its sample, so that anyone can count: each vector's own neighbours, itself apart."""
    plan = small(recall_k=5, recall_least=0.8)
    index, rows = filled(250, plan), clustered(250)
    recall = index.recall
    assert (recall.k, recall.sample, recall.count) == (5, 250, 250)
    assert recall.low <= recall.share <= 1
    assert recall.low >= 0.8
    lists = index.rows
    assert isinstance(lists, ListRows)
    shares = []
    for query, true in zip(rows, filled(250, cls=ExactIndex).search(rows, 6), strict=True):
        (near,) = lists.candidates(query[None, :], 6, recall.probes)
        scores = exact_scores(query[None, :], near.rows)[0]
        shares.append((np.sum(scores >= true[-1].score - 1e-6) - 1) / 5)
    assert np.mean(shares) == pytest.approx(recall.share, abs=1e-3)


def test_more_lists_are_compared_until_the_recall_is_reached():
    probes = [filled(3000, small(recall_least=least)).recall.probes for least in (0.2, 0.9, 1.0)]
    assert probes == sorted(probes)
    assert probes[0] < probes[-1]
    assert filled(3000, small(recall_least=1.0)).recall.share == 1.0


@pytest.mark.parametrize("k", [1, 10, 40])
def test_neighbours_of_vectors_that_were_never_seen_are_found_as_often(k):
    index, reference = filled(4000), filled(4000, cls=ExactIndex)
    assert index.kind == "ivf"
    assert index.recall.probes < index.rows.lists
    assert share_found(index, reference, clustered(200, seed=77), k) >= 0.95


def test_all_there_are_can_be_asked_for():
    index, reference = filled(100), filled(100, cls=ExactIndex)
    query = clustered(3, seed=9)
    assert index.kind == "ivf"
    assert index.search(query, 1000) == reference.search(query, 1000)
    assert index.search(query, 1000, 0.5) == reference.search(query, 1000, 0.5)


def test_equal_scores_in_lists_come_in_the_order_of_their_ids_even_at_the_edge():
    row = clustered(1, seed=3)
    index = filled(50)
    index.add([f"c{number:03}" for number in reversed(range(200))], np.repeat(row, 200, axis=0))
    assert index.kind == "ivf"
    found = index.search(row, 5)[0]
    assert [(near.id, near.score) for near in found] == [(f"c{number:03}", 1.0) for number in range(5)]


def test_the_order_in_which_vectors_come_changes_nothing():
    rows, ids = clustered(1000), named(1000)
    other = np.random.default_rng(5).permutation(1000)
    one, two = FaissIndex(D, plan=SMALL), FaissIndex(D, plan=SMALL)
    one.add(ids, rows)
    two.add([ids[place] for place in other], rows[other])
    query = clustered(50, seed=8)
    assert one.search(query, 10) == two.search(query, 10)
    assert one.recall == two.recall


def test_lists_for_many_are_made_once_when_it_is_known_how_many_will_come():
    rows, ids = clustered(2000), named(2000)
    index = FaissIndex(D, plan=SMALL)
    index.expect(2000)
    made_for = set()
    for start in range(0, 2000, 100):
        index.add(ids[start : start + 100], rows[start : start + 100])
        made_for.add(getattr(index._rows, "trained_for", 0))
    assert made_for == {0, 2000}
    assert index.recall.low >= 0.98
    assert share_found(index, filled(2000, cls=ExactIndex), clustered(100, seed=4), 10) >= 0.95


def test_what_was_expected_and_did_not_come_leaves_an_exact_index():
    index, reference = FaissIndex(D, plan=SMALL), filled(30, cls=ExactIndex)
    index.expect(60)
    index.add(named(30), clustered(30))
    query = clustered(5, seed=2)
    assert index.search(query, 4) == reference.search(query, 4)
    assert index.kind == "flat"


def test_lists_are_made_again_when_there_are_many_more_or_fewer_vectors_than_they_were_made_for():
    index = filled(100)
    index.add([f"q{number}" for number in range(90)], clustered(90, seed=2))
    assert index.rows.trained_for == 100
    index.add([f"r{number}" for number in range(100)], clustered(100, seed=3))
    assert index.rows.trained_for == 290
    index.remove([f"r{number}" for number in range(100)] + [f"q{number}" for number in range(90)])
    assert index.rows.trained_for == 100


def test_the_recall_is_measured_again_when_much_has_changed():
    index = filled(200, small(recall_drift=0.1))
    before = index.recall
    index.remove(named(15))
    assert index.recall is before
    index.remove(named(30))
    assert index.recall.count == 170


@pytest.mark.parametrize("count", [0, 5, 41, 300])
def test_a_file_gives_the_same_index_back(tmp_path, count):
    index, query = filled(count), clustered(20, seed=6)
    back = loaded(saved(index, tmp_path / "index"))
    assert back.ids == index.ids
    assert (back.kind, back.recall, len(back)) == (index.kind, index.recall, count)
    assert back.search(query, 12) == index.search(query, 12)
    back.remove(named(3))
    back.add(["new"], query[:1])
    assert back.search(query[:1], 1)[0][0].score == 1.0


def test_a_recall_below_what_is_wanted_now_is_measured_again_after_loading(tmp_path):
    low = saved(filled(3000, small(recall_least=0.2)), tmp_path / "index")
    assert loaded(low, plan=small(recall_least=0.2)).recall.probes < loaded(low).recall.probes
    assert loaded(low).recall.low >= 0.98


def test_its_first_line_says_what_it_is(tmp_path):
    line = saved(filled(60), tmp_path / "index").read_bytes().partition(b"\n")[0].decode()
    for said in (
        '"model": "model@1"',
        '"dimensions": 16',
        '"kind": "ivf"',
        '"count": 60',
        '"sha256": "',
        '"recall": {',
    ):
        assert said in line


@pytest.mark.parametrize(
    ("model", "dimensions", "says"),
    [("model@2", D, "vectors of model@1"), ("model@1", 8, r"16 dimensions")],
)
def test_a_file_of_another_model_is_refused(tmp_path, model, dimensions, says):
    path = saved(filled(60), tmp_path / "index")
    with pytest.raises(InputError, match=says):
        loaded(path, model, dimensions)


FILES = {kind: b"".join(to_blocks(filled(count), "model@1")) for kind, count in (("flat", 20), ("ivf", 50))}


def refused(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        path.write_bytes(content)
        with pytest.raises(InputError):
            loaded(path)


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=150)
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_damaged_byte_is_noticed_wherever_it_is(kind, where, flip):
    content = bytearray(FILES[kind])
    content[int(where * len(content))] ^= flip
    refused(bytes(content))


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=150)
@given(place=st.integers(0, 700), flip=st.integers(1, 255))
def test_one_damaged_byte_of_the_first_line_is_noticed(kind, place, flip):
    content = bytearray(FILES[kind])
    content[place % content.index(b"\n")] ^= flip
    refused(bytes(content))


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("meant", [b'": ', b", "])
def test_a_first_line_in_another_spelling_is_noticed(kind, meant):
    refused(FILES[kind].replace(meant, meant[:-1] + b"\t", 1))


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=100)
@given(length=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_is_noticed(kind, length):
    refused(FILES[kind][: int(length * len(FILES[kind]))])


@settings(max_examples=100)
@given(noise=st.binary(max_size=300), whole=st.booleans())
def test_a_file_of_something_else_is_noticed(noise, whole):
    refused(FILES["ivf"] + noise + b"x" if whole else noise)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"null\n",
        b"[" * 70_000,
        b'{"format": 1}\n',
        b'{"format": 2}\n',
        b'{"format": 1, "count": -1}\n',
    ],
)
def test_what_is_no_index_is_refused(content):
    refused(content)


class Life(RuleBasedStateMachine):
    """Any sequence of adding, removing, searching, saving and loading, beside the exact reference."""

    @initialize(least=st.sampled_from([0.5, 0.98, 1.0]), k=st.integers(1, 10))
    def begin(self, least, k):
        self.plan = small(recall_least=least, recall_k=k)
        self.index, self.reference = FaissIndex(D, plan=self.plan), ExactIndex(D)
        self.held: set[str] = set()

    @rule(first=st.integers(0, 150), count=st.integers(0, 70), seed=st.integers(0, 5))
    def add(self, first, count, seed):
        ids = [f"p{number:05}" for number in range(first, first + count)]
        rows = clustered(count, seed=seed)
        for index in (self.index, self.reference):
            index.add(ids, rows)
        self.held |= set(ids)

    @rule(first=st.integers(0, 220), count=st.integers(0, 120))
    def remove(self, first, count):
        ids = [f"p{number:05}" for number in range(first, first + count)]
        for index in (self.index, self.reference):
            index.remove(ids)
        self.held -= set(ids)

    @rule()
    def through_a_file(self):
        with TemporaryDirectory() as folder:
            self.index = loaded(saved(self.index, Path(folder) / "index"), plan=self.plan)

    @rule(k=st.integers(1, 30), seed=st.integers(0, 9), least=st.none() | st.sampled_from([0.0, 0.5, 1.0]))
    def search(self, k, seed, least):
        queries = clustered(4, seed=seed)
        found, true = (index.search(queries, k, least) for index in (self.index, self.reference))
        if self.index.kind == "flat":
            assert found == true
            return
        everything = self.reference.search(queries, len(self.held))
        for near, every in zip(found, everything, strict=True):
            scores = {hit.id: hit.score for hit in every}
            assert [hit.score for hit in near] == [scores[hit.id] for hit in near]
            assert near == sorted(near, key=lambda hit: (-hit.score, hit.id))
            assert len(near) == min(k, len(self.held)) or least is not None
            assert all(least is None or hit.score >= least for hit in near)

    @precondition(lambda self: len(self.held) > SMALL.flat_most)
    @rule()
    def recall(self):
        recall = self.index.recall
        assert recall.low >= self.plan.recall_least
        assert recall.count == len(self.held)
        rows = np.concatenate([block.rows for block in self.index.rows.blocks()])
        assert share_found(self.index, self.reference, rows, recall.k + 1) >= recall.share - 1e-3

    @rule()
    def size(self):
        assert self.index.ids == self.held
        assert self.index.kind == ("ivf" if len(self.held) > SMALL.flat_most else "flat")


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=80, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
