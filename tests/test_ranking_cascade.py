"""The model reads only the best by words and skills, and which those are depends on nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ranking.rank import RankContext, best_for_model, post_text, profile_queries, rank, worth_embedding
from ranking.tables import table
from tests.fakes import NOW, FakeEmbedder, make_profile
from tests.test_ranking_rank import BAND, many

PROFILE = make_profile()


@pytest.fixture
def few(monkeypatch):
    """Let "few" be 20 posts, so that 300 are many."""
    monkeypatch.setitem(table("fit")["model"], "least", 20)


def context(posts, embedded):
    embedder, queries = FakeEmbedder(), profile_queries(PROFILE)
    texts = {stored.text_hash: post_text(stored.post) for stored in embedded}
    return RankContext(
        now=NOW,
        fee_for=lambda _: BAND,
        post_vectors=dict(zip(texts, embedder.encode(list(texts.values())), strict=True)),
        profile_vectors=dict(zip(queries, embedder.encode(queries), strict=True)),
    )


def test_all_of_few_posts_are_worth_it_and_a_share_of_many():
    assert [worth_embedding(count) for count in (0, 7, 500, 501, 9_999, 10_000, 20_000)] == [
        0, 7, 500, 500, 500, 500, 1000,
    ]  # fmt: skip


def test_the_best_by_words_are_chosen_whatever_is_embedded(few):
    posts = list(many(300))
    chosen = best_for_model(posts, PROFILE, context=context(posts, []))
    assert len(chosen) == 20
    assert best_for_model(posts[::-1], PROFILE, context=context(posts, posts)) == chosen
    blind = {item.stored.post_id: item.fit.score for item in rank(posts, PROFILE, context=context(posts, []))}
    least = min(blind[stored.post_id] for stored in chosen)
    assert sum(score > least for score in blind.values()) < len(chosen)


def test_a_ranking_with_all_vectors_is_that_with_those_of_the_chosen(few):
    posts = list(many(300))
    chosen = best_for_model(posts, PROFILE, context=context(posts, []))
    enough = rank(posts, PROFILE, context=context(posts, chosen))
    assert enough == rank(posts, PROFILE, context=context(posts, posts))
    assert enough != rank(posts, PROFILE, context=context(posts, []))


def test_readings_made_before_change_nothing():
    from ranking.readings import read

    posts = list(many(120))
    plain = context(posts, posts)
    given = replace(plain, readings=read(posts, (), plain.exchange))
    assert rank(posts, PROFILE, context=given) == rank(posts, PROFILE, context=plain)
