"""The client's score and the jobs seen posted again: neutral where nothing is told, shrunk where little is."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.posts import Client, ContractType
from ranking.client import score_client
from ranking.reposts import Reposts, is_of, jobs_of, name_key, reposts_of
from ranking.tables import on_curve, table
from tests.fakes import NOW, make_post, stored

D = Decimal
ACME = Client(name="Acme")


def score(client=None, reposts=None, **facts):
    return score_client(client or Client(**facts), NOW, reposts).score


clients = st.builds(
    Client,
    payment_verified=st.none() | st.booleans(),
    total_spent=st.none() | st.decimals(0, 10**7, places=2),
    hires=st.none() | st.integers(0, 5000),
    hire_rate=st.none() | st.decimals(0, 1, places=2),
    rating=st.none() | st.decimals(0, 5, places=2),
    reviews=st.none() | st.integers(0, 5000),
    member_since=st.none() | st.integers(-10, 9000).map(lambda days: NOW - timedelta(days=days)),
)
seen = st.none() | st.builds(
    Reposts,
    times=st.integers(2, 40),
    since=st.just(NOW.date()),
    hired=st.none() | st.booleans(),
)


# ---- the score ----


@given(clients, seen)
def test_a_score_lies_between_0_and_1_and_is_made_again_from_its_parts(client, reposts):
    result = score_client(client, NOW, reposts)
    pairs = [tuple(map(float, part.value.split(" x "))) for part in result.parts]
    mean = sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs)
    assert result.score == round(mean, 4)
    assert 0 <= result.score <= 1


@given(clients, st.sampled_from(["payment_verified", "total_spent", "rating", "member_since"]))
def test_one_fact_moves_a_score_by_no_more_than_its_weight(client, name):
    """Adding a fact of weight w to facts of weight W moves the mean by at most w / (W + w)."""
    without = score_client(replace(client, **{name: None}), NOW)
    told = score_client(client, NOW)
    weights = [float(part.value.split(" x ")[1]) for part in told.parts]
    added = sum(weights) - sum(float(part.value.split(" x ")[1]) for part in without.parts)
    assert abs(told.score - without.score) <= added / sum(weights) + 1e-4


@given(clients)
def test_a_neutral_fact_never_moves_a_score_away_from_neutral(client):
    without = score(replace(client, total_spent=None))
    told = score(replace(client, total_spent=D(0)))
    assert abs(told - 0.5) <= abs(without - 0.5) + 1e-4
    assert (told - 0.5) * (without - 0.5) >= -1e-8


@given(clients, st.decimals(0, 10**7, places=2), st.decimals(0, 10**6, places=2))
def test_more_spend_never_lowers_a_score(client, spent, more):
    less = replace(client, total_spent=spent)
    assert score(replace(client, total_spent=spent + more)) >= score(less)


def test_one_perfect_review_says_less_than_two_hundred_good_ones():
    assert 0.5 < score(rating=D(5), reviews=1) < score(rating=D("4.9"), reviews=200)
    assert score(rating=D(1), reviews=1) > score(rating=D("4.3"), reviews=200)


def test_the_priors_are_neutral():
    for name in ("rating", "hire_rate"):
        row = table("client")[name]
        assert on_curve(row["curve"], row["prior"]) == 0.5
    assert on_curve(table("client")["reposts"]["curve"], 1) == 0.5


def test_more_posts_without_a_hire_lower_the_score():
    def reposts(times, *, hired):
        return Reposts(times=times, since=NOW.date(), hired=hired)

    scores = [score(reposts=reposts(times, hired=None)) for times in (2, 4, 8)]
    assert 0.5 > scores[0] > scores[1] > scores[2]
    assert score(reposts=reposts(4, hired=True)) == 0.5
    told = score_client(Client(), NOW, reposts(4, hired=False)).parts[-1].source
    assert told == "posted 4 times since 2 Mar 2026, never hired"


# ---- jobs posted again ----


def again(day, *, source="test", title="Fix our shop", client=ACME, **fields):
    post = make_post(
        title,
        source=source,
        source_id=f"{source}{day}{title}",
        client=client,
        date_posted=NOW - timedelta(days=day),
        **fields,
    )
    return stored(post)


def seen_by(posts, now=NOW):
    return {
        each.post_id: reposts_of(job, now)
        for each in posts
        for job in (jobs_of(posts).get(each.post_id, ()),)
    }


def test_a_job_of_one_client_and_title_is_counted_once_a_day():
    posts = [again(day) for day in (0, 7, 14, 14.5)]
    found = seen_by(posts)
    assert set(found.values()) == {Reposts(times=3, since=(NOW - timedelta(days=14.5)).date(), hired=None)}
    assert found == seen_by(random.Random(3).sample(posts, 4))


def test_what_was_posted_later_had_not_been_seen():
    posts = [again(day) for day in (0, 7, 14)]
    assert seen_by(posts, NOW - timedelta(days=6))[posts[0].post_id].times == 2
    assert seen_by(posts, NOW - timedelta(days=8))[posts[0].post_id] is None


def test_a_cluster_is_one_job_whatever_its_titles_and_clients():
    first = again(10, client=Client())
    second = replace(again(3, title="Repair our shop", client=Client()), cluster=first.post_id)
    assert seen_by([first, second])[second.post_id].times == 2


def test_clusters_of_one_client_and_title_are_one_job():
    first, other = again(20, title="Shop help, urgent"), again(5)
    repeat = replace(again(12), cluster=first.post_id)
    assert {each.times for each in seen_by([other, repeat, first]).values()} == {3}


@pytest.mark.parametrize(
    "other",
    [
        again(7, source="second board"),
        again(7, client=Client(name="Another")),
        again(7, title="Another job"),
        again(7, client=Client()),
        again(0.5),
    ],
    ids=["second board", "other client", "other title", "no client named", "same day"],
)
def test_what_is_no_second_try(other):
    assert set(seen_by([again(0), other]).values()) == {None}


def test_a_company_may_advertise_a_salaried_position_again():
    posts = [again(day, contract_type=ContractType.EMPLOYMENT) for day in (0, 7)]
    assert set(seen_by(posts).values()) == {None}


@pytest.mark.parametrize(
    ("facts", "hired"),
    [
        ({"hires": 1}, True),
        ({"hires": 0}, False),
        ({"client": replace(ACME, hires=0)}, False),
        ({"client": replace(ACME, hire_rate=D(0))}, False),
        ({"client": replace(ACME, hires=9)}, None),
        ({}, None),
    ],
)
def test_never_hired_is_said_only_where_it_is_stated(facts, hired):
    posts = [again(day, **facts) for day in (0, 7)]
    assert {each.hired for each in seen_by(posts).values()} == {hired}


def test_a_client_is_known_by_id_or_by_name_in_its_channel():
    post = stored(make_post(client=Client(id="42", name="Acme  Ltd"), channel="upwork"))
    assert is_of(post, {"upwork|42"})
    assert is_of(post, {name_key("Upwork", "ACME Ltd ")})
    assert not is_of(post, {name_key("board", "Acme Ltd")})
    assert not is_of(stored(make_post()), {"board|"})
    assert name_key("board", " ") is None
