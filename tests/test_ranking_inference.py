"""Skills inferred from similar posts, and how alike posts are without a model."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from ranking.expectation import chosen_tags, expected_tags
from ranking.inference import infer_skills, is_tagged
from ranking.similarity import TextSpace
from tests.fakes import make_post, make_profile, stored
from tests.test_ranking_fit import fits

WORK = {
    "shop": ("storefront checkout cart payment theme plugin", ("WordPress", "PHP")),
    "chart": ("dashboard measures report dataset refresh visuals", ("Power BI", "DAX")),
    "model": ("training accuracy dataset labels network inference", ("PyTorch", "Python")),
}


def posts_about(kind, count, *, tagged=True, seed=0):
    """Posts whose texts hold words of their kind and of none in particular."""
    words, tags = WORK[kind]
    draw = Random(f"{kind}{seed}")
    common = [
        "we",
        "need",
        "someone",
        "soon",
        "please",
        "tell",
        "about",
        "experience",
        "budget",
        "flexible",
        "long",
        "term",
        "start",
    ]
    made = []
    for number in range(count):
        text = " ".join(draw.choices(words.split(), k=8) + draw.choices(common, k=8))
        post = make_post(
            f"{kind} job {seed} {number}",
            description=text,
            skills=tags if tagged else (),
            source_id=f"{kind}{seed}{number}",
        )
        made.append(stored(post))
    return made


HISTORY = [post for kind in WORK for post in posts_about(kind, 40)]


def infer(asked, history=HISTORY):
    return infer_skills(TextSpace([*history, *asked]), asked)


@pytest.mark.parametrize("kind", list(WORK))
def test_a_post_without_tags_gets_those_of_similar_posts(kind):
    asked = posts_about(kind, 3, tagged=False, seed=1)
    found = infer(asked)
    assert found.tagged == len(HISTORY)
    for one in asked:
        shares = found.shares[one.post_id]
        assert set(list(shares)[:2]) == {tag.casefold() for tag in WORK[kind][1]}
        assert list(shares.values()) == sorted(shares.values(), reverse=True)
        assert all(0 < share <= 1 for share in shares.values())


def test_a_post_with_tags_keeps_to_them():
    tagged = posts_about("shop", 1, seed=2)
    assert infer(tagged).shares == {}


def test_a_broad_tag_alone_says_nothing():
    assert not is_tagged(make_post(skills=("Web Development",)))
    assert is_tagged(make_post(skills=("Web Development", "Django")))


def test_nothing_seen_means_nothing_inferred():
    asked = posts_about("shop", 2, tagged=False)
    assert infer(asked, history=[]).shares == {}
    assert infer(asked, history=[]).tagged == 0


def test_a_repeat_of_a_post_is_no_neighbour_of_it():
    asked = posts_about("shop", 1, tagged=False, seed=3)[0]
    copy = stored(replace(asked.post, title="the same again", skills=("COBOL",)), cluster=asked.post_id)
    assert "cobol" not in infer([asked], [*HISTORY, copy]).shares[asked.post_id]


def test_repeats_among_the_neighbours_count_once():
    first, *_ = posts_about("shop", 1, seed=4)
    copies = [
        stored(replace(first.post, source_id=f"copy{number}", url=f"https://jobs.example/copy{number}"))
        for number in range(30)
    ]
    apart = infer(posts_about("shop", 1, tagged=False, seed=5), [*HISTORY, *copies])
    joined = [replace(copy, cluster=first.post_id) for copy in copies]
    together = infer(posts_about("shop", 1, tagged=False, seed=5), [*HISTORY, first, *joined])
    assert apart.tagged == len(HISTORY) + 30
    assert together.tagged == len(HISTORY) + 1


def test_posts_of_the_same_marketplace_count_for_more():
    asked = posts_about("shop", 1, tagged=False, seed=8)[0]
    own, others = (
        [
            replace(one, post=replace(one.post, channel=channel, skills=(f"Shops on {channel}",)))
            for one in posts_about("shop", 30, seed=seed)
        ]
        for seed, channel in ((9, asked.post.channel), (10, "elsewhere"))
    )
    shares = infer([asked], [*HISTORY, *own, *others]).shares[asked.post_id]
    assert shares[f"shops on {asked.post.channel}"] > shares["shops on elsewhere"] > 0


def test_what_topics_make_one_expect_counts_beside_the_neighbours():
    history = [post for kind in WORK for post in posts_about(kind, 80)]
    asked = posts_about("model", 1, tagged=False, seed=11)[0]
    space = TextSpace([*history, asked])
    assert space.topics is not None
    tagged, place = np.array([space.place[post.post_id] for post in history]), space.place[asked.post_id]
    tags, chosen = chosen_tags([post.post for post in history])
    expected = expected_tags(space.topics, tagged, np.array([place]), chosen)
    line = dict(zip(tags, expected.asked.toarray()[0].tolist(), strict=True))
    assert line["pytorch"] > 0.5 > line["php"]
    assert expected.tagged.shape == chosen.shape
    assert infer_skills(space, [asked]).shares[asked.post_id]["pytorch"] == 1.0


def test_without_topics_nothing_is_expected():
    _, chosen = chosen_tags([post.post for post in HISTORY])
    assert expected_tags(None, np.arange(len(HISTORY)), np.arange(1), chosen) is None


def test_a_tag_of_few_posts_is_not_expected():
    rare = replace(HISTORY[0].post, skills=("PHP", "Fortran"))
    tags, chosen = chosen_tags([rare, *(post.post for post in HISTORY[1:])])
    places = np.arange(len(HISTORY))
    expected = expected_tags(TextSpace(HISTORY).topics, places, places, chosen)
    assert expected.asked[:, tags.index("fortran")].nnz == 0
    assert expected.asked[:, tags.index("php")].nnz > 0


def test_the_order_of_the_posts_changes_nothing():
    asked = posts_about("chart", 5, tagged=False, seed=6)
    everything = [*HISTORY, *asked]
    found = [infer(asked)]
    for seed in range(3):
        Random(seed).shuffle(everything)
        found.append(infer_skills(TextSpace(everything), asked[::-1]))
    assert all(one == found[0] for one in found)


def test_similarities_lie_between_0_and_1_and_a_text_is_most_like_itself():
    space = TextSpace(HISTORY)
    places = np.arange(len(space.posts))
    alike = np.concatenate([block for _, block in space.blocks(places, places)])
    assert alike.shape == (len(HISTORY), len(HISTORY))
    assert alike.min() >= 0
    assert alike.max() <= 1
    assert np.diag(alike) == pytest.approx(1, abs=1e-5)
    assert alike == pytest.approx(alike.T, abs=1e-5)


@pytest.mark.parametrize("texts", [("", ""), ("the and of", "!!"), ("one", "two")])
def test_texts_with_few_words_or_none_are_no_error(texts):
    posts = [stored(make_post(title, description=title, skills=(), source_id=title)) for title in texts]
    space = TextSpace(posts)
    assert space.topics is None
    places = np.arange(len(space.posts))
    assert all(np.isfinite(block).all() for _, block in space.blocks(places, places))


def test_inferred_skills_are_shown_apart_from_those_named():
    profile = make_profile(
        skills=tuple(replace(make_profile().skills[0], name=name, aliases=()) for name in ("PHP", "Rust"))
    )
    asked = posts_about("shop", 1, tagged=False, seed=7)[0]
    named = replace(asked.post, title="PHP needed", source_id="named")
    results = fits([*(item.post for item in HISTORY), asked.post, named], profile)
    silent, told = results[-2], results[-1]
    assert [name for name, share in silent.inferred if share >= 0.25] == ["PHP"]
    assert silent.matched == ()
    assert "wordpress" in silent.inferred_missing
    assert told.matched == ("PHP",)
    assert told.inferred == ()
    assert silent.score > 0.4
