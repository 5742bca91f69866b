"""What was made of posts is kept while it holds, made again when it does not, and changes no ranking."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

import bidwright.appraiser
from bidwright.desk import open_desk
from bidwright.kept import Kept
from bidwright.steps.ranking import embed_posts, rank_posts
from bidwright.workspace import Workspace
from domain.identity import content_hash
from ranking.deferred import Deferred
from ranking.tables import table
from tests.fakes import NOW, FakeClock, FakeEmbedder, fixed, make_post, stored
from tests.test_bidwright_learning import SETTINGS
from tests.test_ranking_rank import many

POSTS = [*many(60), stored(make_post("No tags at all", skills=(), pay=None))]
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "bidwright.toml").write_text(SETTINGS, encoding="utf-8")
    with desk_on(tmp_path) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert_many(POSTS))
    return tmp_path


def desk_on(root):
    return open_desk(Workspace(root), clock=FakeClock(LATER), load_embedder=lambda _: FakeEmbedder())


def ranked(root, at=NOW):
    """Rank in a process of its own, as far as anything is remembered."""
    with desk_on(root) as desk:
        embed_posts(desk, desk.profile)
        return rank_posts(desk, desk.profile, at)


def ranked_from_nothing(root, at=NOW):
    shutil.rmtree(root / ".bidwright" / "kept", ignore_errors=True)
    return ranked(root, at)


@pytest.fixture
def nothing_new(monkeypatch):
    """Let every attempt to read or appraise a post fail."""

    def refuse(*_args, **_fields):
        raise AssertionError("a post was read again")

    def begin():
        for name in ("read_in", "fits_by_words", "appraise", "TextSpace"):
            monkeypatch.setattr(bidwright.appraiser, name, refuse)

    return begin


def test_a_second_ranking_reads_no_post_again(root, nothing_new):
    first = ranked(root)
    fresh = ranked_from_nothing(root, LATER)
    nothing_new()
    assert ranked(root) == first
    assert ranked(root, LATER) == fresh
    assert fresh != first


def test_neither_does_one_that_reads_only_the_best_with_the_model(root, nothing_new, monkeypatch):
    monkeypatch.setitem(table("fit")["model"], "least", 5)
    first = ranked(root)
    nothing_new()
    assert ranked(root) == first


def update(post, **fields):
    changed = replace(post.post, **fields)
    return replace(post, post=changed, content_hash=content_hash(changed))


CHANGES = {
    "a new post": lambda tx: tx.posts.insert(stored(make_post("Django API for a mill", pay=fixed("700")))),
    "a post of other pay": lambda tx: tx.posts.update(update(POSTS[0], pay=fixed("3000"))),
    "a post with more bids": lambda tx: tx.posts.update(update(POSTS[1], proposals_min=50)),
    "a post with invitations": lambda tx: tx.posts.update(update(POSTS[1], extra={"invitesSent": "12"})),
    "a post that has closed": lambda tx: tx.posts.update(
        update(POSTS[2], valid_through=NOW - timedelta(days=30))
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_made_again(root, change):
    before = ranked(root)
    with desk_on(root) as desk:
        desk.store.run_write(CHANGES[change])
    after = ranked(root)
    assert after != before
    assert after == ranked_from_nothing(root)


def test_so_it_is_for_a_person_who_has_changed(root):
    before = ranked(root)
    path = root / "bidwright.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('floor = "45"', 'floor = "65"'), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    after = ranked(root)
    assert after != before
    assert after == ranked_from_nothing(root)


def test_and_for_another_version_of_the_program(root, monkeypatch):
    first = ranked(root)
    monkeypatch.setattr(bidwright.appraiser, "_program", lambda: "another")
    made = []
    appraise = bidwright.appraiser.appraise

    def counted(*args, **fields):
        made.append(1)
        return appraise(*args, **fields)

    monkeypatch.setattr(bidwright.appraiser, "appraise", counted)
    assert ranked(root) == first
    assert made == [1]


@pytest.mark.parametrize("damage", ["", "{", "\x00", "cut", "other"])
def test_a_damaged_file_is_made_again(root, damage):
    first = ranked(root)
    for path in (root / ".bidwright" / "kept").glob("*.json"):
        key, _, rest = path.read_text(encoding="utf-8").partition("\n")
        bad = {"cut": rest[: len(rest) // 2], "other": json.dumps({"p": {"fit": 3}})}.get(damage, damage)
        path.write_text(f"{key}\n{bad}", encoding="utf-8")
    assert ranked(root) == first


def test_a_kept_value_is_made_once_for_a_key_and_lives_on_in_the_file(tmp_path):
    made = []

    def make():
        made.append(len(made))
        return {"worth": Decimal("1.10")}

    def kept():
        return Kept(tmp_path / "state" / "worth.json", TypeAdapter(dict[str, Decimal]))

    one = kept()
    assert one.get("a", make) is one.get("a", make)
    assert kept().get("a", make) == {"worth": Decimal("1.10")}
    assert made == [0]
    kept().get("b", make)
    assert kept().get("a", make) == {"worth": Decimal("1.10")}
    assert made == [0, 1, 2]


def test_where_nothing_can_be_kept_it_is_made_each_time(tmp_path):
    (tmp_path / "state").write_text("a file, not a folder", encoding="utf-8")
    made = []
    for _ in range(2):
        kept = Kept(tmp_path / "state" / "worth.json", TypeAdapter(int))
        assert kept.get("a", lambda: made.append(1) or len(made)) == len(made)
    assert len(made) == 2


def test_what_is_deferred_is_made_once_and_equals_what_it_holds():
    made = []

    def make(*items):
        made.append(items)
        yield from items

    parts = Deferred(make, 1, 2, 3)
    assert not made
    assert (list(parts), parts[0], parts[1:], len(parts), repr(parts)) == (
        [1, 2, 3],
        1,
        (2, 3),
        3,
        "(1, 2, 3)",
    )
    assert parts == (1, 2, 3) == parts
    assert parts == Deferred(iter, (1, 2, 3))
    assert parts != (1, 2)
    assert parts != [1, 2, 3]
    assert hash(parts) == hash((1, 2, 3))
    assert made == [(1, 2, 3)]
