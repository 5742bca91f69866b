"""Likes, weights, follow-ups and limits through the command line and the daily ranking, on a real workspace."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bidwright.cli.main import run
from bidwright.desk import open_desk
from bidwright.settings import load_settings
from bidwright.steps.books import record
from bidwright.steps.digest import RENDERERS, make_digest
from bidwright.steps.preferences import give_opinion, preferences, take_back
from bidwright.steps.ranking import rank_posts, todays_ranking
from bidwright.workspace import Workspace, init_workspace
from domain.errors import ConfigError
from domain.preferences import Opinion
from ledger.events import follow_up_bid, interview, open_contract, submit_bid
from tests.fakes import NOW, FakeClock, FakeEmbedder, hourly, make_post, stored

SETTINGS = """
[profile]
name = "Ana Prado"
headline = "Django back ends"
hours_per_week = 30
[rates]
currency = "USD"
floor = "45"
[[skills]]
name = "Django"
[connects]
per_week = 20
"""
WORDS = {
    name: " ".join(f"{name}{number}" for number in range(30))
    for name in ("bakery", "ferry", "museum", "mill")
}
POSTS = [
    stored(make_post(f"Django API for a {name}", description=f"Django. {text} About 40 hours.", connects=8))
    for name, text in WORDS.items()
]
TITLES = {item.post_id: item.post.title for item in POSTS}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def space(tmp_path) -> Workspace:
    init_workspace(tmp_path)
    write(tmp_path, SETTINGS)
    return Workspace(tmp_path)


def write(root: Path, text: str) -> None:
    (root / "bidwright.toml").write_text(text, encoding="utf-8")


@contextmanager
def desk_on(space, clock):
    with open_desk(Workspace(space.root), clock=clock, load_embedder=lambda _: FakeEmbedder()) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert_many(POSTS))
        yield desk


def digest_of(desk):
    return make_digest(desk, todays_ranking(desk), {})


def titles(posts):
    return [item.stored.post.title for item in posts]


# ---- likes ----


def test_a_like_gives_a_new_digest_and_taking_it_back_the_very_same_ranking(space, clock):
    with desk_on(space, clock) as desk:
        before = todays_ranking(desk)
        last = before.ranked[-1].stored.post_id
        give_opinion(desk, last, Opinion.LIKE, ("  my kind\n of work ", "", "my kind of work"))
        liked = todays_ranking(desk)
        assert liked.inputs_hash != before.inputs_hash
        scores = [
            {each.stored.post_id: each.score for each in ranking.ranked}[last] for ranking in (before, liked)
        ]
        assert scores[1] == pytest.approx(scores[0] + 0.06)
        assert preferences(desk)[0].because == ("my kind of work",)
        take_back(desk, last)
        after = todays_ranking(desk)
    assert (after.inputs_hash, after.ranked) == (before.inputs_hash, before.ranked)


def test_a_disliked_post_vanishes_from_the_digest_and_is_counted(space, clock):
    with desk_on(space, clock) as desk:
        first = digest_of(desk).picks[0].ranked.stored.post_id
        give_opinion(desk, first, Opinion.DISLIKE, ("too far",))
        made = digest_of(desk)
        assert first not in {pick.ranked.stored.post_id for pick in made.picks}
        assert [(row.reason, row.examples) for row in made.left_out] == [
            ("disliked", ((TITLES[first], "too far"),))
        ]


def test_the_same_word_twice_changes_nothing(space, clock):
    with desk_on(space, clock) as desk:
        post_id = POSTS[0].post_id
        assert give_opinion(desk, post_id, Opinion.LIKE, ())[1] is True
        once = todays_ranking(desk)
        clock.advance(minutes=1)
        assert give_opinion(desk, post_id, Opinion.LIKE, ())[1] is False
        again = todays_ranking(desk)
        assert again.inputs_hash == once.inputs_hash
        for item, other in zip(once.ranked, again.ranked, strict=True):
            shifts = [[p for p in each.score_parts if p.label == "preference"] for each in (item, other)]
            assert shifts[0] == shifts[1]


def test_likes_on_the_command_line(space, clock, monkeypatch, capsys):
    with desk_on(space, clock):
        pass
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(space.root))
    post_id = POSTS[0].post_id
    assert run(["likes"]) == 0
    assert "Nothing yet" in capsys.readouterr().out
    assert run(["like", post_id, "--because", "pay", "--because", "clear brief"]) == 0
    assert f"Take it back with: bidwright likes undo {post_id}" in capsys.readouterr().out
    assert run(["dislike", POSTS[1].post_id[:8]]) == 0
    capsys.readouterr()
    assert run(["likes", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["most"] == 0.06
    assert [(row["post_id"], row["opinion"], row["because"]) for row in told["likes"]] == [
        (post_id, "like", ["pay", "clear brief"]),
        (POSTS[1].post_id, "dislike", []),
    ]
    assert told["likes"][0]["shifts"][0] == "this post +0.06"
    assert run(["likes", "undo", post_id]) == 0
    assert run(["likes", "undo", post_id]) == 2
    assert "neither liked nor disliked" in capsys.readouterr().err
    assert run(["like", "nothing"]) == 2
    assert "no such post" in capsys.readouterr().err
    assert run(["likes"]) == 0
    shown = capsys.readouterr().out
    assert post_id not in shown
    assert "this post is left out" in shown


# ---- weights ----


def test_weights_are_read_shown_and_part_of_what_decides_the_digest(space, clock, monkeypatch, capsys):
    with desk_on(space, clock) as desk:
        before = todays_ranking(desk)
    write(space.root, SETTINGS + "[ranking.weights]\nfreshness = 2.5\nfit = 0\n")
    with desk_on(space, clock) as desk:
        after = todays_ranking(desk)
    assert after.inputs_hash != before.inputs_hash
    parts = {part.label: part.value.split(" x ")[-1] for part in after.ranked[0].score_parts}
    assert (parts["fit"], float(parts["freshness"])) == ("0", pytest.approx(2.5 / 3.03, abs=1e-4))
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(space.root))
    assert run(["weights", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert sum(shown["weights"].values()) == pytest.approx(1)
    assert shown["shipped"]["fit"] == 0.4
    assert run(["weights"]) == 0
    assert "freshness   0.8251  shipped 0.07  yours" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fitt = 1", "ranking.weights.fitt: unknown key; did you mean 'fit'?"),
        ("zzz = 1", "known keys: fit, pay, value, client, chance, freshness"),
        ("fit = -1", "ranking.weights.fit: input should be greater than or equal to 0 (found -1)"),
        ("fit = nan", "ranking.weights.fit"),
        ("fit = 'much'", "ranking.weights.fit"),
        (
            "fit = 0\npay = 0\nvalue = 0\nclient = 0\nchance = 0\nfreshness = 0",
            "ranking.weights: no weight may be below zero, and one must be above it",
        ),
    ],
)
def test_weights_that_are_none_are_named(tmp_path, text, expected):
    write(tmp_path, SETTINGS + f"[ranking.weights]\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "bidwright.toml")
    assert expected in str(caught.value)


# ---- the day ----


def sent(desk, item, days_ago, make=submit_bid):
    record(desk, make(item.post_id, at=NOW - timedelta(days=days_ago), recorded_at=NOW))


def test_follow_ups_come_first_and_take_their_minutes(space, clock):
    with desk_on(space, clock) as desk:
        assert len(digest_of(desk).picks) == 2
        sent(desk, POSTS[0], 9)
        sent(desk, POSTS[1], 8)
        sent(desk, POSTS[1], 6, interview)
        made = digest_of(desk)
        assert [each.post_id for each, _ in made.plan.follow_ups] == [POSTS[1].post_id, POSTS[0].post_id]
        assert (len(made.picks), made.plan.minutes) == (1, 10)
        for form, render in RENDERERS.items():
            shown = render(made)
            assert POSTS[1].post.title in shown, form
            assert "decision after the interview" in shown, form
        text = RENDERERS["text"](made)
        assert text.index("Follow up first") < text.index("Picks")
        assert "Time: 22 min of 30" in text
        assert "2 bids in play." in text
        told = json.loads(RENDERERS["json"](made))["plan"]["follow_ups"]
        assert [(row["days"], row["minutes"]) for row in told] == [(6, 5), (9, 5)]
        record(desk, follow_up_bid(POSTS[0].post_id, at=NOW, recorded_at=NOW))
        assert len(digest_of(desk).plan.follow_ups) == 1


def test_many_follow_ups_leave_half_of_the_day_for_new_bids(space, clock):
    more = [stored(make_post(f"Old {number}", valid_through=NOW - timedelta(days=20))) for number in range(7)]
    with desk_on(space, clock) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert_many(more))
        for item in more:
            sent(desk, item, 9)
        made = digest_of(desk)
        assert (len(made.plan.follow_ups), made.plan.follow_ups_later, len(made.picks)) == (3, 4, 1)
        assert "4 more follow-ups can wait until tomorrow." in RENDERERS["text"](made)
        assert all(post is not None for _, post in made.plan.follow_ups)


def test_a_limit_of_bids_in_play_stops_the_picks(space, clock):
    write(space.root, SETTINGS + "[time]\nbids_in_play = 1\n")
    with desk_on(space, clock) as desk:
        assert len(digest_of(desk).picks) == 1
        sent(desk, POSTS[0], 1)
        made = digest_of(desk)
        assert made.picks == ()
        assert [(row.reason, row.count) for row in made.not_picked] == [("bids in play limit", 3)]
        text = RENDERERS["text"](made)
        assert "1 bid in play, your limit is 1." in text
        assert "Not picked: bids in play limit (3)." in text


def test_connects_left_of_the_week_are_a_reason(space, clock):
    with desk_on(space, clock) as desk:
        record(desk, submit_bid(POSTS[0].post_id, at=NOW, recorded_at=NOW, connects=16))
        ranked = rank_posts(desk, desk.profile, NOW)
    assert not any(item.picked for item in ranked)
    assert {item.not_picked_because for item in ranked if item.eligible} == {
        "not enough connects: 4 left, needs 8"
    }


def test_running_contracts_take_hours_from_what_more_work_is_worth(space, clock):
    source = stored(make_post("Won job", workload="30+ hrs/week", valid_through=NOW - timedelta(days=30)))

    def opened(contract_id, post_id):
        return open_contract(
            contract_id, at=NOW, recorded_at=NOW, terms="hourly", client="Acme", channel="direct", post_id=post_id
        )  # fmt: skip

    with desk_on(space, clock) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert(source))
        assert todays_ranking(desk).today.hours_taken is None
        record(desk, opened("c1", source.post_id))
        record(desk, opened("c2", None))
        made = digest_of(desk)
        assert "36 of 30 hours a week taken." in RENDERERS["text"](made)
    write(space.root, SETTINGS + "[time]\nhours_taken = 12\n")
    with desk_on(space, clock) as desk:
        assert todays_ranking(desk).today.hours_taken == 12


def test_questions_of_a_post_take_minutes(space, clock):
    asking = stored(
        make_post(
            "Django API with questions",
            description="Django. Which APIs have you built?\nWhat is your rate?\nPlease attach your CV.",
            pay=hourly("200", "250"),
            connects=0,
        )
    )
    with desk_on(space, clock) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert(asking))
        pick = next(each for each in digest_of(desk).picks if each.ranked.stored == asking)
    assert pick.minutes == 18
