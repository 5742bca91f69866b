"""One feed fetched again and again, as boards serve it: shuffled, edited, with new tracking in its links."""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

import random
from datetime import timedelta
from xml.sax.saxutils import escape

import pytest

from bidwright.steps.posts import clean, store_posts
from spiders.parsers import parse
from storage.posts import HISTORY_ROWS
from tests.fakes import NOW
from tests.postgres import database, postgres, store  # noqa: F401 - fixtures

POSTS, FETCHES = 100, 50


def feed(chance: random.Random, fetch: int) -> bytes:
    """Return the feed as fetch number ``fetch`` finds it; every other item has no guid."""
    items = []
    for number in range(POSTS):
        edited = " (urgent)" if chance.random() < 0.05 else ""
        if number == 0:
            edited = f", revision {fetch}"
        link = (
            f"https://board.example/jobs/{number}?utm_source=feed{fetch}&utm_id={chance.random()}&ref={fetch}"
        )
        guid = f"<guid isPermaLink='false'>g{number}</guid>" if number % 2 == 0 else ""
        title = escape(f"Job number {number} & more{edited}")
        items.append(
            f"<item><title>{title}</title><link>{escape(link)}</link>{guid}<description>Words of {number}.</description></item>"
        )
    chance.shuffle(items)
    return f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode()


def take(store, body: bytes, now):
    posts, _ = clean(parse("feed", body, source="board", where="board").posts, now)
    return store.run_write(lambda tx: store_posts(tx, posts, now))


@pytest.mark.slow
def test_fifty_fetches_make_no_duplicates_and_history_is_bounded(store):
    chance = random.Random(11)
    for fetch in range(FETCHES):
        plan = take(store, feed(chance, fetch), NOW + timedelta(hours=fetch))
        assert len(plan.inserts) == (POSTS if fetch == 0 else 0), f"fetch {fetch}"
    with store.read() as tx:
        kept = list(tx.posts.all())
        assert len(kept) == POSTS
        assert {post.first_seen for post in kept} == {NOW}
        assert {post.last_seen for post in kept} == {NOW + timedelta(hours=FETCHES - 1)}
        (rewritten,) = (post for post in kept if post.post.source_id == "g0")
        assert rewritten.post.title.endswith(f"revision {FETCHES - 1}")
        history = tx.posts.history(rewritten.post_id)
    assert len(history) == HISTORY_ROWS < FETCHES - 1


def test_ten_items_under_one_guid_are_ten_posts_however_often_they_come(store):
    items = [f"<item><title>Job {n}</title><guid isPermaLink='false'>same</guid></item>" for n in range(10)]
    chance = random.Random(12)
    for fetch in range(5):
        chance.shuffle(items)
        body = f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode()
        plan = take(store, body, NOW + timedelta(hours=fetch))
        assert (len(plan.inserts), len(plan.updates)) == (10 if fetch == 0 else 0, 0)
    with store.read() as tx:
        assert sorted(post.post.title for post in tx.posts.all()) == [f"Job {n}" for n in range(10)]
