"""The index in a workspace: kept in a file, updated with what is new, never wrong whatever becomes of the file."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from bidwright.cli.main import run
from bidwright.desk import open_desk
from bidwright.steps.neighbours import current_index, index_path
from bidwright.steps.similar import LEAST_SIMILAR, similar_posts
from bidwright.workspace import Workspace, init_workspace
from domain.errors import ModelError
from ranking.backends.faiss_index import FaissIndex
from ranking.backends.index_file import from_file
from ranking.exact import ExactIndex
from ranking.rank import post_text
from ranking.vectors import embed_missing
from storage.types import Verdict
from tests.fakes import NOW, FakeClock, FakeEmbedder, make_post, stored
from tests.indexing import SMALL, clustered, small

ROOT = Path(__file__).parents[1]
WORDS = ("django", "celery", "redis", "react", "vue", "swift", "logo", "video", "essay", "legal")


class OtherEmbedder(FakeEmbedder):
    model_id = "another-model"


def posts(count: int, first: int = 0) -> list:
    """Posts of a few words each, so that many are somewhat alike."""
    made = []
    for number in range(first, first + count):
        draw = random.Random(number)
        text = " ".join(draw.choices(WORDS, k=6)) + f" job{number}"
        made.append(stored(make_post(f"Post {number}", description=text, skills=())))
    return made


@contextmanager
def desk_at(root: Path, embedder=None):
    with open_desk(
        Workspace(root), clock=FakeClock(), load_embedder=lambda _: embedder or FakeEmbedder()
    ) as desk:
        yield desk


@pytest.fixture
def space(tmp_path) -> Path:
    init_workspace(tmp_path)
    return tmp_path


def keep(desk, new) -> list:
    """Store posts with their vectors."""
    desk.store.run_write(lambda tx: tx.posts.insert_many(new))
    vectors_of(desk, new)
    return new


def vectors_of(desk, chosen) -> dict:
    from bidwright.steps.ranking import StoredVectors

    texts = {each.text_hash: post_text(each.post) for each in chosen}
    return embed_missing(texts, StoredVectors(desk), desk.embedder)


def expected(desk, one, others, most=5):
    """The definition: the exact reference over the vectors of every other post."""
    vectors = vectors_of(desk, [one, *others])
    index = ExactIndex(desk.embedder.dimensions)
    index.add([each.post_id for each in others], np.stack([vectors[each.text_hash] for each in others]))
    return [
        (near.id, near.score)
        for near in index.search(vectors[one.text_hash][None, :], most, LEAST_SIMILAR)[0]
    ]


def told(found) -> list:
    return [(near.stored.post_id, near.cosine) for near in found.posts]


def texts_of(chosen) -> set[str]:
    return {each.text_hash for each in chosen}


def spoil_stored_vectors(root: Path, value: float = 0.125) -> None:
    """Replace every stored vector by another one: whoever reads them again gets something else."""
    with sqlite3.connect(root / "bidwright.db") as raw:
        raw.execute("update vectors set vector = ?", [np.full(64, value, "<f4").tobytes()])
    raw.close()


def test_similar_posts_are_those_of_the_reference_the_first_time_and_from_the_file(space):
    with desk_at(space) as desk:
        made = keep(desk, posts(60))
        for one in made[:5]:
            others = [each for each in made if each is not one]
            assert told(similar_posts(desk, one, NOW)) == expected(desk, one, others)
        assert index_path(desk) == space / ".bidwright" / "vectors.index"
        assert index_path(desk).is_file()


def test_a_second_look_reads_no_vector_from_the_database(space):
    with desk_at(space) as desk:
        made = keep(desk, posts(30))
        index, _ = current_index(desk, texts_of(made))
        spoil_stored_vectors(space)
        again, notes = current_index(desk, texts_of(made))
        query = clustered(3, 64)
        assert again.search(query, 10) == index.search(query, 10)
        assert notes == []


def test_what_is_new_is_added_and_what_is_gone_is_removed_and_nothing_else_is_read(space):
    with desk_at(space) as desk:
        old = keep(desk, posts(30))
        before, _ = current_index(desk, texts_of(old))
        spoil_stored_vectors(space)
        new = keep(desk, posts(5, first=100))
        vectors = vectors_of(desk, new)
        left = old[3:]
        index, _ = current_index(desk, texts_of(left + new))
        assert index.ids == texts_of(left + new)
        for each in new:
            assert index.search(vectors[each.text_hash][None, :], 1)[0][0].id == each.text_hash
        before.remove([each.text_hash for each in old[:3]])
        index.remove([each.text_hash for each in new])
        query = clustered(3, 64)
        assert index.search(query, 10) == before.search(query, 10)


def test_the_file_is_written_again_only_where_enough_has_changed(space):
    with desk_at(space) as desk:
        made = keep(desk, posts(60))
        plan = small(file_changed=0.1)
        current_index(desk, texts_of(made[:50]), plan)
        first = index_path(desk).read_bytes()
        index, _ = current_index(desk, texts_of(made[:54]), plan)
        assert len(index) == 54
        assert index_path(desk).read_bytes() == first
        current_index(desk, texts_of(made), plan)
        assert index_path(desk).read_bytes() != first


def test_growth_past_the_limit_makes_lists_and_they_come_back_from_the_file(space):
    with desk_at(space) as desk:
        made = keep(desk, posts(300))
        kinds = [current_index(desk, texts_of(made[:count]), SMALL)[0].kind for count in (40, 300, 300, 20)]
        assert kinds == ["flat", "ivf", "ivf", "flat"]
        index, _ = current_index(desk, texts_of(made), SMALL)
        assert index.recall.low >= SMALL.recall_least
        again, _ = current_index(desk, texts_of(made), SMALL)
        assert again.recall == index.recall


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    return content[:-9] + bytes([content[-9] ^ 64]) + content[-8:]


@pytest.mark.parametrize("plan", [SMALL, small(flat_most=5)], ids=["flat", "ivf"])
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut, "bytes stand where"),
        (flipped, "checksum"),
        (lambda _: b"", "does not begin"),
        (lambda content: content.replace(b'"format": 1', b'"format": 9', 1), "this version"),
    ],
)
def test_a_damaged_file_is_said_and_built_again(space, plan, spoil, says):
    with desk_at(space) as desk:
        made = keep(desk, posts(30))
        index, notes = current_index(desk, texts_of(made), plan)
        assert notes == []
        whole = index_path(desk).read_bytes()
        index_path(desk).write_bytes(spoil(whole))
        again, (note,) = current_index(desk, texts_of(made), plan)
        assert says in note
        assert str(index_path(desk)) in note
        assert "\n" not in note
        query = clustered(3, 64)
        assert again.search(query, 10) == index.search(query, 10)
        assert index_path(desk).read_bytes() == whole, "and it is whole again"


def test_a_file_of_another_model_is_said_and_built_again(space):
    with desk_at(space) as desk:
        made = keep(desk, posts(20))
        current_index(desk, texts_of(made))
    with desk_at(space, OtherEmbedder()) as desk:
        keep(desk, made)
        index, (note,) = current_index(desk, texts_of(made))
        assert "fake-bag-of-words" in note
        assert len(index) == 20
        assert current_index(desk, texts_of(made))[1] == []


def test_a_place_that_cannot_be_read_or_written_costs_only_time(space):
    with desk_at(space) as desk:
        made = keep(desk, posts(20))
        index_path(desk).mkdir(parents=True)
        index, notes = current_index(desk, texts_of(made))
        assert len(index) == 20
        assert [("cannot be used" in note, "cannot be written" in note) for note in notes] == [
            (True, False),
            (False, True),
        ]


def test_a_damaged_stored_vector_is_an_error_and_leaves_no_file(space):
    with desk_at(space) as desk:
        made = keep(desk, posts(20))
        spoil_stored_vectors(space, float("nan"))
        with pytest.raises(ModelError, match="not finite"):
            current_index(desk, texts_of(made))
        assert not index_path(desk).exists()


def test_a_vector_deleted_from_the_database_is_in_no_index(space):
    with desk_at(space) as desk:
        made = keep(desk, posts(10))
        one = made[0]
        similar_posts(desk, one, NOW)
        with sqlite3.connect(space / "bidwright.db") as raw:
            raw.execute("delete from vectors where text_hash <> ?", [one.text_hash])
        raw.close()
        assert similar_posts(desk, one, NOW).posts == ()
        assert current_index(desk, texts_of(made))[0].ids == {one.text_hash}


def test_repeats_closed_posts_and_posts_without_a_vector_are_left_out_and_equal_texts_come_by_id(space):
    with desk_at(space) as desk:
        one, repeat, same, closed, unread = (
            stored(make_post("A booking API", source_id=f"s{number}", url=f"https://x.example/{number}"))
            for number in range(5)
        )
        over = NOW - timedelta(days=1)
        closed = stored(
            make_post("A booking API now", source_id="c", url="https://x.example/c", valid_through=over)
        )
        unread = stored(make_post("A booking API then", source_id="u", url="https://x.example/u"))
        twin = stored(make_post("A booking API", source_id="t", url="https://x.example/t"))
        keep(desk, [one, repeat, same, twin, closed])
        desk.store.run_write(lambda tx: tx.posts.insert(unread))
        desk.store.run_write(lambda tx: tx.duplicates.judge(repeat.post_id, one.post_id, Verdict.YES, NOW))
        with desk.store.read() as tx:
            asked = tx.posts.get(one.post_id)
        assert told(similar_posts(desk, asked, NOW)) == sorted([(same.post_id, 1.0), (twin.post_id, 1.0)])
        assert told(similar_posts(desk, asked, NOW, most=1)) == [(min(same.post_id, twin.post_id), 1.0)]


@pytest.mark.model
def test_show_says_that_the_index_was_damaged_and_shows_the_same(space, monkeypatch, capsys):
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(space))
    made = [stored(make_post(f"Django API for a {place}")) for place in ("bakery", "ferry", "museum")]
    with desk_at(space) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert_many(made))

    def shown() -> tuple[list[dict], str]:
        assert run(["show", made[0].post_id, "--json"]) == 0
        out, err = capsys.readouterr()
        return json.loads(out)["similar"], err

    similar, quiet = shown()
    assert {near["post_id"] for near in similar} == {each.post_id for each in made[1:]}
    assert quiet == ""
    path = space / ".bidwright" / "vectors.index"
    path.write_bytes(flipped(path.read_bytes()))
    again, told_off = shown()
    assert again == similar
    assert told_off.startswith(f"note: {path} cannot be used (its checksum does not fit)")
    assert shown() == (similar, "")


def begun(root: Path, seed: int) -> subprocess.Popen:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.indexing", str(root), str(seed)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout.readline() == "ready\n"
    return child


def read_back(root: Path) -> FaissIndex:
    with (root / "vectors.index").open("rb") as file:
        return from_file(file, model_id="model@1", dimensions=16, plan=SMALL)


def test_writers_beside_each_other_killed_at_any_moment_leave_a_whole_index(tmp_path):
    moments = random.Random(4)
    for turn in range(3):
        children = [begun(tmp_path, seed) for seed in (10 * turn, 10 * turn + 5)]
        try:
            until = time.monotonic() + moments.uniform(0.05, 0.3)
            while time.monotonic() < until or not (tmp_path / "vectors.index").exists():
                if (tmp_path / "vectors.index").exists():
                    assert len(read_back(tmp_path)) in {400, 700}
        finally:
            for child in children:
                child.send_signal(signal.SIGKILL)
                child.communicate()
        index = read_back(tmp_path)
        assert len(index) in {400, 700}
        assert index.recall.low >= SMALL.recall_least
    assert len(list(tmp_path.glob(".bidwright-*.tmp"))) <= 6


def test_two_desks_at_once_each_have_their_own_answer(space):
    with desk_at(space) as one, desk_at(space) as two:
        made = keep(one, posts(40))
        for turn in range(3):
            for desk, chosen in ((one, made[: 20 + turn]), (two, made[10:])):
                index, notes = current_index(desk, texts_of(chosen))
                assert (index.ids, notes) == (texts_of(chosen), [])
