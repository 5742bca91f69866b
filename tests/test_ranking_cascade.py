"""The model reads only the best by words and skills, and which those are depends on nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ranking.appraisal import appraise, count_worth_embedding, fits_by_words, worth_embedding
from ranking.exchange import reference_rates
from ranking.rank import RankContext, post_text, profile_queries, rank
from ranking.readings import read
from ranking.tables import table
from tests.fakes import NOW, FakeEmbedder, make_profile
from tests.test_ranking_rank import BAND, many

pytestmark = pytest.mark.slow

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


def chosen_of(posts):
    return worth_embedding(fits_by_words(posts, read(posts, (), reference_rates()), PROFILE))


def test_all_of_few_posts_are_worth_it_and_a_share_of_many():
    assert [count_worth_embedding(count) for count in (0, 7, 500, 501, 9_999, 10_000, 20_000)] == [
        0, 7, 500, 500, 500, 500, 1000,
    ]  # fmt: skip


def test_the_best_by_words_are_chosen_whatever_is_embedded(few):
    posts = list(many(300))
    chosen = chosen_of(posts)
    assert len(chosen) == 20
    assert chosen_of(posts[::-1]) == chosen
    blind = {item.stored.post_id: item.fit.score for item in rank(posts, PROFILE, context=context(posts, []))}
    least = min(blind[name] for name in chosen)
    assert sum(score > least for score in blind.values()) < len(chosen)


def test_a_ranking_with_all_vectors_is_that_with_those_of_the_chosen(few):
    posts = list(many(300))
    chosen = set(chosen_of(posts))
    enough = rank(posts, PROFILE, context=context(posts, [each for each in posts if each.post_id in chosen]))
    assert enough == rank(posts, PROFILE, context=context(posts, posts))
    assert enough != rank(posts, PROFILE, context=context(posts, []))


def test_appraisals_made_before_change_nothing_at_any_later_moment():
    posts = list(many(120))
    plain = context(posts, posts)
    readings = read(posts, (), plain.exchange)
    appraisals = appraise(
        posts,
        readings,
        PROFILE,
        fits=fits_by_words(posts, readings, PROFILE),
        post_vectors=plain.post_vectors,
        profile_vectors=plain.profile_vectors,
        fee_for=plain.fee_for,
        exchange=plain.exchange,
    )
    for later in (timedelta(0), timedelta(hours=1), timedelta(days=9)):
        known = RankContext(now=NOW + later, fee_for=plain.fee_for, appraisals=appraisals)
        assert rank(posts, PROFILE, context=known) == rank(
            posts, PROFILE, context=replace(plain, now=NOW + later)
        )
