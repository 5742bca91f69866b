"""What becomes of a batch: new, changed, seen again; and ids that do not identify."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import content_hash, post_id, text_hash
from domain.issues import IssueLevel
from domain.posts import RawPosting
from pipelines.ingest import candidate_ids, plan_ingest
from pipelines.normalise import normalise
from tests.fakes import NOW, make_post


class Store:
    """The least a store must do: remember what the plans say."""

    def __init__(self):
        self.rows = {}

    def take(self, posts, now=NOW):
        known = {key: self.rows[key] for key in candidate_ids(posts) if key in self.rows}
        plan = plan_ingest(posts, known, now=now)
        for stored in plan.inserts:
            assert stored.post_id not in self.rows
        for stored in plan.updates:
            assert stored.post_id in self.rows
        self.rows |= {stored.post_id: stored for stored in (*plan.inserts, *plan.updates)}
        return plan


def counts(plan):
    return len(plan.inserts), len(plan.updates), len(plan.unchanged)


def test_new_changed_and_seen_again():
    store = Store()
    post = make_post()
    plan = store.take([post])
    assert counts(plan) == (1, 0, 0)
    assert plan.inserts[0].post_id == plan.inserts[0].cluster == post_id(post)
    assert (plan.inserts[0].content_hash, plan.inserts[0].text_hash) == (content_hash(post), text_hash(post))
    assert plan.inserts[0].first_seen == plan.inserts[0].last_seen == NOW

    plan = store.take([replace(post, proposals_min=30)], NOW + timedelta(days=1))
    assert counts(plan) == (0, 0, 1)
    assert plan.unchanged[0].post.proposals_min == 30  # the count travels though the content is the same

    plan = store.take([replace(post, description="Rewritten.")])
    assert counts(plan) == (0, 1, 0)
    assert plan.updates[0].post_id == post_id(post)
    assert plan.issues == ()


def test_the_same_post_twice_in_a_batch_is_one():
    post = make_post()
    assert counts(plan_ingest([post, post], {}, now=NOW)) == (1, 0, 0)


def test_the_later_statement_of_the_same_words_wins():
    post = make_post(category="old")
    plan = plan_ingest([post, replace(post, category="new")], {}, now=NOW)
    assert [stored.post.category for stored in plan.inserts] == ["new"]
    assert [issue.level for issue in plan.issues] == [IssueLevel.INFO]


@pytest.mark.parametrize(
    "key", [{"source_id": "feed-1"}, {"source_id": None, "url": "https://board.example/feed"}]
)
def test_ten_posts_under_one_id_are_all_kept_and_stay_the_same_when_read_again(key):
    posts = [make_post(f"Job number {number}", **key) for number in range(10)]
    store = Store()
    plan = store.take(posts)
    assert counts(plan) == (10, 0, 0)
    assert [(issue.level, "10 different posts share one id" in issue.message) for issue in plan.issues] == [
        (IssueLevel.WARNING, True)
    ]
    assert all(post_id(stored.post) == stored.post_id for stored in plan.inserts)
    random.Random(7).shuffle(posts)
    assert counts(store.take(posts)) == (0, 0, 10)
    assert counts(store.take(posts[:1])) == (0, 0, 1)  # alone in a later feed it is still known
    assert len(store.rows) == 10


def test_a_post_stored_under_the_plain_id_keeps_it_when_others_take_the_id_too():
    first, second = make_post("One", source_id="x"), make_post("Two", source_id="x")
    store = Store()
    store.take([first])
    assert counts(store.take([second, first])) == (1, 0, 1)
    assert counts(store.take([first, second])) == (0, 0, 2)


def test_a_later_fetch_with_other_words_under_the_id_is_an_edit():
    store = Store()
    store.take([make_post("One", source_id="x")])
    plan = store.take([make_post("One, edited", source_id="x")])
    assert counts(plan) == (0, 1, 0)
    assert len(store.rows) == 1


def test_posts_without_any_id_are_known_by_their_words():
    post = make_post(source_id=None, url=None)
    store = Store()
    assert counts(store.take([post])) == (1, 0, 0)
    assert counts(store.take([post])) == (0, 0, 1)
    assert counts(store.take([replace(post, title="Another")])) == (1, 0, 0)


@pytest.mark.slow
def test_a_thousand_posts_fetched_fifty_times_make_no_duplicates():
    """Shuffled order, edited titles and new tracking parameters, as feeds do it daily."""
    chance = random.Random(1)
    store = Store()
    for fetch in range(50):
        posts = []
        for number in range(1_000):
            edited = " (urgent)" if chance.random() < 0.02 else ""
            raw = RawPosting(
                source="board",
                where=f"board: {number}",
                source_id=f"g{number}" if number % 2 else None,
                title=f"Job number {number}{edited}",
                url=f"https://board.example/jobs/{number}?utm_source=s{fetch}&ref={chance.random()}",
            )
            posts.append(normalise(raw, now=NOW)[0])
        chance.shuffle(posts)
        store.take(posts)
    assert len(store.rows) == 1_000


posts_ = st.builds(
    lambda title, source_id, category: make_post(title, source_id=source_id, category=category),
    st.sampled_from("ABC"), st.sampled_from(["1", "2", None]), st.sampled_from([None, "x"]),
)  # fmt: skip


@given(st.lists(posts_, max_size=8), st.randoms())
def test_taking_a_batch_again_changes_nothing(posts, chance):
    store = Store()
    first = store.take(posts)
    assert len(store.rows) == len(first.inserts)
    assert {stored.post.title for stored in first.inserts} == {post.title for post in posts}
    again = store.take(list(posts))
    assert (again.inserts, again.updates) == ((), ())
    chance.shuffle(posts)
    assert store.take(posts).inserts == ()
