"""The day's pick: the best set of all sets, follow what cannot wait, and a reason for everything not picked."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.posts import Client
from ranking.likeness import leaders
from ranking.results import ClientScore, Fit, NetHourly, RankedPost, WinChance
from ranking.room import room_left
from ranking.select import POINTS, Day, pick
from ranking.tables import table
from ranking.urgency import urgency
from tests.fakes import NOW, make_post, stored
from tests.test_ranking_rank import rank_all

D = Decimal
HOUR = timedelta(hours=1)


def words(seed: str, count: int = 30) -> str:
    return " ".join(f"{seed}{number}word" for number in range(count))


def entry(title, *, score=0.5, value="10", total=None, **fields) -> RankedPost:
    """A ranked post whose words are its own, unless told otherwise."""
    cluster = fields.pop("cluster", None)
    base = {"description": words(title), "skills": (), "date_posted": None, "connects": None}
    net = None if total is None else NetHourly(
        low=D(50), expected=D(60), high=D(70), currency="USD", basis="stated", stated=True, total=D(total)
    )  # fmt: skip
    return RankedPost(
        stored=stored(make_post(title, **base | fields), cluster=cluster),
        eligible=True,
        left_out_because=None,
        fit=Fit(score=1, lexical=1, semantic=1, asked=1),
        net_hourly=net,
        client=ClientScore(score=0.5),
        risk=(),
        win_chance=WinChance(p=0.1, low=0, high=1, n=0),
        expected_value=None if value is None else D(value),
        value_parts=(),
        score=score,
        score_parts=(),
        reasons=(),
    )


def day(**fields) -> Day:
    return Day(**{"minutes": 30, "minutes_each": 12, "now": NOW} | fields)


def chosen(posts, on=None):
    """Titles picked, and the reasons for the others by title."""
    result = pick(posts, on or day())
    by_id = {item.stored.post_id: item.stored.post.title for item in posts}
    return (
        [title for post_id, title in by_id.items() if post_id in result.picked],
        {by_id[post_id]: reason for post_id, reason in result.because.items()},
    )


# ---- the best set ----


def by_trying_all(posts, on: Day, extra) -> int:
    """The points of the best of all sets, each post with the minutes it really takes."""
    groups = leaders([item.stored for item in posts], alike=table("weights")["pick"]["alike"])
    again = table("weights")["pick"]["again"]
    best = 0
    for size in range(len(posts) + 1):
        for taken in combinations(range(len(posts)), size):
            minutes = sum(on.minutes_each + extra(posts[place].stored) for place in taken)
            connects = sum(posts[place].stored.post.connects or 0 for place in taken)
            if minutes > on.minutes or (on.connects is not None and connects > on.connects):
                continue
            if on.bids is not None and size > on.bids:
                continue
            best = max(best, points(posts, taken, groups, again))
    return best


def points(posts, taken, groups, again) -> int:
    counts, total = {}, 0
    for place in taken:
        count = counts[groups[place]] = counts.get(groups[place], -1) + 1
        total += round(round(posts[place].score * POINTS) * again[min(count, len(again) - 1)])
    return total


@st.composite
def days(draw):
    count = draw(st.integers(0, 8))
    posts = [
        entry(
            f"t{number}",
            score=draw(st.integers(0, 20)) / 20,
            connects=draw(st.sampled_from([None, 0, 2, 4, 6, 16])),
            client=Client(id=draw(st.sampled_from([None, None, "k", "m"]))),
        )
        for number in range(count)
    ]
    posts.sort(key=lambda item: (-item.score, item.stored.post_id))
    extra = {item.stored.post_id: draw(st.sampled_from([0, 0, 2, 10])) for item in posts}
    on = day(
        minutes=draw(st.integers(0, 80)),
        connects=draw(st.none() | st.integers(0, 30)),
        bids=draw(st.none() | st.integers(0, 4)),
        extra_minutes=lambda item: extra[item.post_id],
    )
    return posts, on


@settings(max_examples=300, deadline=None)
@given(days())
def test_the_pick_is_worth_as_much_as_the_best_of_all_sets_and_explains_the_rest(problem):
    posts, on = problem
    result = pick(posts, on)
    taken = [place for place, item in enumerate(posts) if item.stored.post_id in result.picked]
    groups = leaders([item.stored for item in posts], alike=table("weights")["pick"]["alike"])
    again = table("weights")["pick"]["again"]
    assert points(posts, taken, groups, again) == by_trying_all(posts, on, on.extra_minutes)
    minutes = sum(result.minutes[posts[place].stored.post_id] for place in taken)
    assert minutes == sum(on.minutes_each + on.extra_minutes(posts[place].stored) for place in taken)
    assert minutes <= max(0, on.minutes)
    assert {item.stored.post_id for item in posts} == result.picked | set(result.because)
    assert not result.picked & set(result.because)


def test_the_pick_does_not_depend_on_chance_or_on_the_order_of_equals():
    posts = [entry(f"p{number}", score=0.5, connects=number % 5) for number in range(40)]
    posts.sort(key=lambda item: item.stored.post_id)
    first = pick(posts, day(minutes=60, connects=9))
    assert first == pick(list(posts), day(minutes=60, connects=9))
    assert len(first.picked) == 5


def test_of_a_cluster_and_of_one_text_only_the_best_is_a_candidate():
    original = entry("a", cluster="x")
    posts = [original, entry("b", cluster="x"), entry("c")]
    twin = replace(entry("d"), stored=replace(entry("d").stored, text_hash=posts[2].stored.text_hash))
    titles, because = chosen([*posts, twin], day(minutes=480))
    assert titles == ["a", "c"]
    assert because["b"] == f"repeats another: {original.stored.post_id}"
    assert because["d"] == f"repeats another: {posts[2].stored.post_id}"


def test_a_second_post_of_a_client_or_very_alike_counts_half():
    first = entry("a", score=0.8, client=Client(id="k"))
    again = entry("b", score=0.7, client=Client(id="K"))
    alike = entry("c", score=0.7, description=words("a"))
    other = entry("d", score=0.4)
    titles, because = chosen([first, again, other])
    assert titles == ["a", "d"]
    assert because == {"b": f"very like one picked: the client of {first.stored.post_id}"}
    titles, because = chosen([first, alike, other])
    assert titles == ["a", "d"]
    assert because == {"c": f"very like one picked: {first.stored.post_id}"}
    assert chosen([first, again, replace(other, score=0.3)])[0] == ["a", "b"]


def test_likeness_does_not_run_along_a_chain():
    a, b, c = (" ".join(f"w{number}word" for number in range(low, low + 30)) for low in (0, 10, 20))
    posts = [
        stored(make_post(name, description=text, skills=()))
        for name, text in zip("abc", (a, b, c), strict=True)
    ]
    assert leaders(posts, alike=0.6) == [0, 0, 2]
    assert leaders([], alike=0.6) == []


# ---- what cannot wait ----


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"valid_through": NOW + 5 * HOUR}, "closes in 5 h"),
        ({"proposals_min": 40, "proposals_max": 50}, "40 to 50 proposals already, 50 are the limit"),
        ({"date_posted": NOW - HOUR}, "posted 1 h ago"),
        ({"date_posted": NOW - HOUR, "valid_through": NOW + HOUR}, "closes in 1 h"),
    ],
)
def test_of_two_equal_posts_the_one_that_cannot_wait_is_picked(fields, because):
    waits = [entry(f"a{number}") for number in range(3)]
    hurried = entry("z", **fields)
    titles, _ = chosen([*waits, hurried], day(minutes=12))
    assert titles == ["z"]
    found = urgency(hurried.stored.post, now=NOW, proposals_over=None)
    assert found.because == because
    assert 0 < found.share <= 0.15


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"valid_through": NOW + 40 * HOUR},
        {"valid_through": NOW - HOUR},
        {"proposals_min": 10},
        {"proposals_min": 70},
        {"date_posted": NOW - 7 * HOUR},
    ],
)
def test_what_can_wait_is_not_urgent(fields):
    assert urgency(make_post(**{"date_posted": None} | fields), now=NOW, proposals_over=None) is None


def test_the_persons_own_limit_of_proposals_says_when_a_post_is_nearly_full():
    post = make_post(date_posted=None, proposals_min=18)
    assert urgency(post, now=NOW, proposals_over=None) is None
    assert urgency(post, now=NOW, proposals_over=20).because == "18 proposals already, 20 are the limit"


def test_urgency_does_not_lift_a_poor_post():
    assert chosen([entry("good", score=0.6), entry("poor", score=0.5, valid_through=NOW)], day(minutes=12))[
        0
    ] == ["good"]


# ---- why not ----


def test_every_post_that_is_not_picked_says_why():
    posts = [
        entry("best", score=0.9, connects=6),
        entry("dear", score=0.8, connects=16),
        entry("second", score=0.7),
        entry("third", score=0.6),
        entry("loses", score=0.5, value="-1"),
    ]
    titles, because = chosen(posts, day(connects=10))
    assert titles == ["best", "second"]
    assert because == {
        "dear": "not enough connects: 10 left, needs 16",
        "third": "no minutes left today: takes 12, 6 left",
        "loses": "expected to cost more than it brings",
    }
    assert chosen(posts, day(minutes=60, connects=20))[1]["dear"] == "not enough connects: 14 left, needs 16"
    assert set(chosen(posts[:1], day(minutes=0))[1].values()) == {"no minutes left today: takes 12, 0 left"}


def test_the_limit_of_bids_in_play_is_a_limit_and_a_reason():
    posts = [entry("a", score=0.9), entry("b", score=0.8)]
    full = "bids in play limit: as many as you want wait for an answer"
    assert chosen(posts, day(bids=0)) == ([], {"a": full, "b": full})
    assert chosen(posts, day(bids=1)) == (["a"], {"b": full})
    assert chosen(posts, day(bids=2))[0] == ["a", "b"]


def test_what_a_post_asks_takes_minutes_of_its_own():
    posts = [entry("asks", score=0.9), entry("b", score=0.8), entry("c", score=0.7)]
    asked = []

    def extra(item):
        asked.append(item.post.title)
        return 8 if item.post.title == "asks" else 0

    result = pick(posts, day(extra_minutes=extra))
    assert {posts[0].stored.post_id: 20}.items() <= result.minutes.items()
    assert chosen(posts, day(extra_minutes=extra))[0] == ["b", "c"]
    assert chosen(posts, day(minutes=32, extra_minutes=extra))[0] == ["asks", "b"]
    many = [entry(f"p{number}", score=0.9 - number / 1000) for number in range(200)]
    asked.clear()
    pick(many, day(extra_minutes=extra))
    assert len(asked) == 2, "only posts that come into question are read"


def test_a_full_week_leaves_little_of_what_more_work_is_worth():
    posts = [entry("a", value="5", total="200")]  # 0.1 x 200 = 20 of income, 15 of cost
    assert chosen(posts)[0] == ["a"]
    full = room_left(30, D(30))
    assert full.share == D("0.4")
    titles, because = chosen(posts, day(room=full))
    assert titles == []
    assert because["a"] == "expected to cost more than it brings: 30 of your 30 hours a week are taken"
    assert chosen([entry("a", value="50", total="650")], day(room=full))[0] == ["a"]
    assert chosen([entry("a", value=None)], day(room=full))[0] == ["a"]


@pytest.mark.parametrize(
    ("week", "taken", "share"),
    [(None, D(30), 1), (30, None, 1), (30, D(0), 1), (30, D(15), 1), (40, D(60), D("0.1"))],
)
def test_room_is_whole_where_nothing_is_known_or_half_the_week_is_free(week, taken, share):
    assert room_left(week, taken).share == share


# ---- in the ranking ----


def test_the_ranking_says_of_every_eligible_post_whether_and_why_not():
    posts = [make_post(f"Django API {number}", connects=number) for number in range(7)]
    ranked = rank_all(*posts, minutes_left=24, connects_left=5)
    assert sum(item.picked for item in ranked) == 2
    for item in ranked:
        assert (item.not_picked_because is None) is (item.picked or not item.eligible)
        assert item.minutes == 12
    assert rank_all(make_post(), bids_left=0)[0].not_picked_because.startswith("bids in play limit")


def test_posts_in_any_order_give_the_same_pick():
    posts = [
        stored(make_post(f"Django {words(str(number), 5)}", connects=number % 7, proposals_min=number))
        for number in range(60)
    ]
    first = rank_all(*posts, minutes_left=90, connects_left=20)
    for seed in range(3):
        shuffled = posts[:]
        random.Random(seed).shuffle(shuffled)
        assert rank_all(*shuffled, minutes_left=90, connects_left=20) == first


def test_a_post_that_cannot_wait_shows_it():
    closing = make_post("Django API", valid_through=NOW + 3 * HOUR)
    (ranked,) = rank_all(closing)
    assert ranked.urgent.source == "closes in 3 h"
    assert float(ranked.urgent.value.removeprefix("x ")) == pytest.approx(1.1437, abs=0.001)
