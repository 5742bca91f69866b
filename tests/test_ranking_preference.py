"""Likes and dislikes: visible, bounded, undone without a trace; the score is made again from its parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.posts import Client
from domain.preferences import Opinion, Preference
from ranking.exchange import reference_rates
from ranking.preference import Taste
from ranking.preference_reasons import Aspect, read_reasons
from ranking.shifts import bounds
from tests.fakes import NOW, fixed, hourly, make_post, make_profile, stored
from tests.test_ranking_rank import many, rank_all

ACME = Client(id="acme", name="Acme")


def like(post, *because, opinion=Opinion.LIKE, after=0):
    item = post if hasattr(post, "post_id") else stored(post)
    return Preference(stored=item, opinion=opinion, because=because, at=NOW + timedelta(minutes=after))


def dislike(post, *because, after=0):
    return like(post, *because, opinion=Opinion.DISLIKE, after=after)


def post(title, *skills, **fields):
    return make_post(title, **{"description": "", "skills": skills, "client": Client()} | fields)


def shift(item, *preferences, score=0.5):
    found = item if hasattr(item, "post_id") else stored(item)
    return Taste(preferences, make_profile(), reference_rates()).shift(found, (), score)


def told(result):
    return [(part.label, part.value, part.source) for part in result.parts]


LIKED = post("Booking API", "Django", "Celery", client=ACME, category="Web", pay=hourly("60", "60"))
ID = stored(LIKED).post_id


# ---- what shifts what ----


def test_without_a_word_of_the_person_nothing_shifts():
    assert shift(LIKED).total == 0
    assert told(shift(LIKED)) == []
    assert shift(post("Logo", "Figma"), like(LIKED)).total == 0


def test_the_post_itself_moves_up_by_what_the_table_says():
    result = shift(LIKED, like(LIKED))
    assert result.total == 0.06
    assert told(result) == [("preference", "+0.0600", f"like of {ID}")]


def test_posts_of_the_same_client_and_similar_posts_move_less():
    assert told(shift(post("Logo", "Figma", client=ACME), like(LIKED))) == [
        ("preference", "+0.0300", f"like of {ID} (same client)")
    ]
    similar = post("Shop", "Celery", "django", category="web")
    assert told(shift(similar, dislike(LIKED))) == [
        ("preference", "-0.0300", f"dislike of {ID} (skills: celery, django)")
    ]
    half = post(
        "Shop", "Django", "Celery", "Redis", category="Data"
    )  # 2 of 5 skills and categories in common
    assert shift(half, like(LIKED)).total == 0.012
    assert shift(post("Shop", "Django", "a", "b", "c", "d"), like(LIKED)).total == 0


def test_a_reason_says_what_the_opinion_is_about():
    same_client = post("Logo", "Figma", client=ACME, pay=None)
    same_skills = post("Shop", "Celery", "Django", category="Web", pay=hourly("20", "20"))
    for because, client, skills in [
        ("the client is great", 0.03, 0),
        ("my kind of work", 0, 0.03),
        ("Celery", 0, 0.02),
        ("pay", 0, 0),
        ("because I say so, with many words", 0.03, 0.03),
    ]:
        assert shift(same_client, like(LIKED, because)).total == client, because
        assert shift(same_skills, like(LIKED, because)).total == skills, because


def test_pay_as_a_reason_moves_what_pays_as_well_or_as_badly():
    better, worse = post("A", pay=hourly("56", "56")), post("B", pay=hourly("20", "20"))
    assert shift(better, like(LIKED, "good rate")).total == 0.02
    assert shift(worse, like(LIKED, "good rate")).total == 0
    cheap = post("Cheap", pay=hourly("15", "15"))
    assert shift(post("C", pay=hourly("16", "16")), dislike(cheap, "pays too little")).total == -0.02
    assert shift(better, dislike(cheap, "pays too little")).total == 0
    assert shift(post("D", pay=fixed("9000")), like(LIKED, "good rate")).total == 0
    assert shift(post("E", pay=None), like(LIKED, "good rate")).total == 0


def test_a_word_as_a_reason_moves_what_is_about_it():
    for about in (post("WordPress theme"), post("Theme", "wordpress"), post("Theme", category="WordPress")):
        result = shift(about, dislike(LIKED, "WordPress"))
        assert told(result) == [("preference", "-0.0200", f"dislike of {ID} (about WordPress)")]
    assert shift(post("Theme", description="not WordPress"), dislike(LIKED, "WordPress")).total == 0


@pytest.mark.parametrize(
    ("because", "aspects", "terms"),
    [
        ((), {Aspect.CLIENT, Aspect.SKILLS}, ()),
        (("pay",), {Aspect.PAY}, ()),
        (("great client, fair budget",), {Aspect.CLIENT, Aspect.PAY}, ()),
        (("too much django and celery here",), set(), ("Celery", "Django")),
        (("cold calling",), set(), ("cold calling",)),
        (("something about it that I cannot name",), {Aspect.CLIENT, Aspect.SKILLS}, ()),
        (("", " "), {Aspect.CLIENT, Aspect.SKILLS}, ()),
        (("Django", "django"), set(), ("Django",)),
    ],
)
def test_reasons_are_read_by_known_words(because, aspects, terms):
    focus = read_reasons(because, ("Celery", "Django", ""))
    assert (focus.aspects, focus.terms) == (aspects, terms)


def test_a_disliked_post_and_its_repeats_are_left_out_in_the_persons_words():
    disliked = stored(make_post())
    repeat = stored(make_post("Again"), cluster=disliked.post_id)
    ranked = rank_all(disliked, repeat, preferences=[dislike(disliked, "too far", "no team")])
    assert {item.left_out_because for item in ranked} == {"disliked: too far; no team"}
    assert (
        rank_all(disliked, preferences=[dislike(disliked)])[0].left_out_because
        == "disliked: you gave no reason"
    )


def test_of_opinions_on_repeats_of_one_post_the_last_stands():
    first = stored(make_post())
    repeat = stored(make_post("Again"), cluster=first.post_id)
    opinions = [dislike(first), like(repeat, after=1)]
    assert rank_all(first, repeat, preferences=opinions)[0].eligible
    assert not rank_all(first, repeat, preferences=[like(first), dislike(repeat, after=1)])[0].eligible


# ---- bounds ----


def test_many_likes_reach_the_bound_and_say_so():
    likes = [like(post(f"Shop {number}", "Django", "Celery")) for number in range(9)]
    result = shift(post("Shop", "Django", "Celery"), *likes)
    assert result.total == bounds() == 0.06
    labels = [part.label for part in result.parts]
    assert labels == ["preference"] * 6 + ["preference held"]
    assert result.parts[5].source == "4 more"
    assert result.parts[6] == replace(result.parts[6], value="-0.210000", source="at most 0.06 either way")


POSTS = [*many(12, seed=7), *(stored(post(f"Django {n}", "Django", "python", client=ACME)) for n in range(6))]
BECAUSE = ["pay", "client", "skills", "python", "Django", "no reason that anybody would understand"]


@st.composite
def opinions(draw):
    chosen = draw(st.lists(st.integers(0, len(POSTS) - 1), max_size=18, unique=True))
    return [
        Preference(
            stored=POSTS[place],
            opinion=draw(st.sampled_from(Opinion)),
            because=tuple(draw(st.lists(st.sampled_from(BECAUSE), max_size=2, unique=True))),
            at=NOW,
        )
        for place in chosen
    ]


@settings(max_examples=120, deadline=None)
@given(opinions(), st.floats(0, 1).map(lambda value: round(value, 6)), st.randoms())
def test_no_set_of_opinions_goes_beyond_the_bound_and_parts_sum_to_it(preferences, score, draw):
    shuffled = preferences[:]
    draw.shuffle(shuffled)
    taste, again = (Taste(each, make_profile(), reference_rates()) for each in (preferences, shuffled))
    for item in POSTS:
        result = taste.shift(item, ("Django",), score)
        assert again.shift(item, ("Django",), score) == result
        assert abs(result.total) <= bounds() + 1e-9
        assert -1e-9 <= score + result.total <= 1 + 1e-9
        assert sum(float(part.value) for part in result.parts) == pytest.approx(result.total, abs=1.1e-6)


# ---- in the ranking ----


def made_again(item) -> float:
    """The score from the parts it shows: weighted sum, times what suits, plus what preferences add."""
    shifts = [part for part in item.score_parts if part.label.startswith("preference")]
    *components, suits = [part for part in item.score_parts if part not in shifts]
    total = sum(float(value) * float(weight) for value, weight in (p.value.split(" x ") for p in components))
    return total * float(suits.value.removeprefix("x ")) + sum(float(part.value) for part in shifts)


def test_a_score_with_preferences_is_made_again_from_the_parts_it_shows():
    items = list(many(60, seed=3))
    preferences = [like(items[0]), like(items[1], "python"), dislike(items[2], "pay"), dislike(items[3])]
    ranked = rank_all(*items, preferences=preferences)
    assert any(part.label == "preference" for item in ranked for part in item.score_parts)
    for item in ranked:
        assert item.score == pytest.approx(made_again(item), abs=2e-6)
        assert 0 <= item.score <= 1


def test_liking_then_taking_it_back_gives_the_very_same_ranking():
    items = list(many(40, seed=8))
    before = rank_all(*items)
    liked = rank_all(*items, preferences=[like(items[5], "django"), dislike(items[6])])
    assert liked != before
    assert rank_all(*items, preferences=[]) == before


def test_a_like_decides_between_equals_but_does_not_put_a_bad_post_before_a_good_one():
    one, other = (make_post(f"Django API {name}", source_id=name, client=Client(id=name)) for name in "ab")
    for liked in (one, other):
        first = rank_all(one, other, preferences=[like(liked, "client")])[0]
        assert first.stored.post == liked
        assert first.reasons[-1].startswith(f"Your preferences: +0.0600 like of {first.stored.post_id}")
    nurse = make_post("Night nurse", description="Care.", skills=("Nursing",), pay=hourly("46", "50"))
    ranked = rank_all(one, nurse, preferences=[like(nurse)])
    assert [item.stored.post.title for item in ranked] == [one.title, "Night nurse"]


def test_each_preference_tells_what_it_shifts():
    preferences = [
        like(LIKED),
        like(post("B", client=ACME, pay=hourly("60", "60")), "good pay", "client"),
        dislike(post("C", "Celery", pay=hourly("20", "20")), "badly paid"),
        dislike(post("D"), "WordPress", after=2),
    ]
    effects = Taste(preferences, make_profile(), reference_rates()).described()
    assert [effects[each.stored.post_id] for each in preferences] == [
        (
            "this post +0.06",
            "other posts of Acme +0.03",
            "similar posts up to +0.03 (skills: celery, django)",
        ),
        ("this post +0.06", "other posts of Acme +0.03", "posts that pay $60/h or more +0.02"),
        ("this post is left out", "posts that pay $20/h or less -0.02"),
        ("this post is left out", "posts about WordPress -0.02"),
    ]
