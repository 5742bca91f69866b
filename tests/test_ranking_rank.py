"""The whole ranking: one order whatever the input order, every number from its parts, sensible on made-up posts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.fees import FeeEstimate
from domain.posts import Client, ContractType
from domain.profile import Rates, TimeBudget
from ranking.rank import History, RankContext, post_text, profile_queries, rank
from ranking.score import freshness, pay_component, value_component
from ranking.tables import table
from tests.fakes import NOW, FakeEmbedder, fixed, hourly, make_post, make_profile, stored
from tests.growth import assert_linear

D = Decimal
BAND = FeeEstimate(low=D(0), expected=D("0.10"), high=D("0.15"), known=False, basis="0 to 15 %")


def context(posts, profile, **fields):
    embedder = FakeEmbedder()
    queries = profile_queries(profile)
    vectors = {item.text_hash: embedder.encode([post_text(item.post)])[0] for item in posts}
    base = RankContext(
        now=NOW,
        fee_for=lambda _: BAND,
        post_vectors=vectors,
        profile_vectors=dict(zip(queries, embedder.encode(queries), strict=True)),
    )
    return replace(base, **fields)


def rank_all(*posts, profile=None, **fields):
    who = profile or make_profile()
    items = [item if hasattr(item, "post_id") else stored(item) for item in posts]
    return rank(items, who, context=context(items, who, **fields))


def many(count, seed=1):
    draw = random.Random(seed)
    words = [
        "django",
        "python",
        "postgresql",
        "react",
        "nurse",
        "excel",
        "report",
        "api",
        "data",
        "logo",
        "video",
    ]
    for number in range(count):
        title = " ".join(draw.choices(words, k=4)) + f" {number}"
        pay = draw.choice(
            [None, hourly("40", "80"), hourly("10", "20"), fixed("900"), fixed("5"), hourly("60", "70")]
        )
        yield stored(
            make_post(
                title,
                description=" ".join(draw.choices(words, k=40)),
                skills=tuple(draw.sample(words, 2)),
                pay=pay,
                date_posted=NOW - timedelta(hours=draw.randrange(200)),
                proposals_min=draw.choice([None, 3, 30]),
                client=Client(total_spent=draw.choice([None, D(0), D(5000)])),
            )
        )


def test_the_good_post_leads_and_others_say_why_not():
    good = make_post(connects=8, client=Client(payment_verified=True, total_spent=D(20_000)))
    nurse = make_post(
        "Night nurse", description="Care for patients.", skills=("Nursing",), pay=hourly("60", "90")
    )
    cheap = make_post("Django bugs", pay=hourly("5", "9"))
    repeat = replace(stored(make_post("Django API, again")), cluster=stored(good).post_id)
    ranked = rank_all(cheap, nurse, repeat, good)
    assert [item.stored.post.title for item in ranked[:2]] == [good.title, "Night nurse"]
    assert ranked[0].picked
    left = {item.stored.post.title: item.left_out_because for item in ranked if not item.eligible}
    assert left == {
        "Django bugs": "pays below floor: nets $8.96/h at most, your floor is $45",
        "Django API, again": f"duplicate: repeats {stored(good).post_id}",
    }
    assert ranked[0].reasons == (
        "Nets $42–80/h after the 0–15 % fee; floor is $45",
        "Matches Django, PostgreSQL",
        "Client: $20,000 spent so far",
    )


def test_the_order_does_not_depend_on_the_order_of_the_posts():
    posts, profile = list(many(120)), make_profile()
    given = context(posts, profile)
    first = rank(posts, profile, context=given)
    for seed in range(5):
        shuffled = posts[:]
        random.Random(seed).shuffle(shuffled)
        assert rank(shuffled, profile, context=given) == first
    assert rank([*posts, *posts], profile, context=given) == first


def test_a_score_is_made_again_from_the_parts_it_shows():
    for item in rank_all(*many(60, seed=3)):
        *components, suits = item.score_parts
        pairs = [part.value.split(" x ") for part in components]
        total = sum(float(value) * float(weight) for value, weight in pairs)
        assert item.score == pytest.approx(total * float(suits.value.removeprefix("x ")), abs=1e-6)
        assert [part.label for part in components] == list(table("weights")["weights"])
        assert 0 <= item.score <= 1


def test_a_value_is_made_again_from_the_parts_it_shows():
    for item in rank_all(*many(60, seed=4)):
        if item.expected_value is None:
            assert item.net_hourly is None
            continue
        first, connects, writing, *_ = (part.value.removesuffix(" USD") for part in item.value_parts)
        p, total = first.split(" x ")
        assert (D(p) * D(total) + D(connects) + D(writing)).quantize(D("0.01")) == item.expected_value


def test_eligible_posts_stand_first_best_first_ties_by_id():
    ranked = rank_all(*many(80, seed=5))
    assert ranked == sorted(ranked, key=lambda item: (not item.eligible, -item.score, item.stored.post_id))
    twins = rank_all(make_post(source_id="1"), make_post(source_id="2"))
    assert twins[0].score == twins[1].score
    assert twins[0].stored.post_id < twins[1].stored.post_id


def test_picks_fill_the_minutes_and_what_is_left_overrules_the_profile():
    posts = [make_post(f"Django API number {number}", connects=10) for number in range(6)]
    assert sum(item.picked for item in rank_all(*posts)) == 2
    assert sum(item.picked for item in rank_all(*posts, minutes_left=60)) == 5
    assert sum(item.picked for item in rank_all(*posts, minutes_left=60, connects_left=25)) == 2
    assert sum(item.picked for item in rank_all(*posts, minutes_left=0)) == 0
    patient = make_profile(time=TimeBudget(minutes_per_day=12, minutes_per_proposal=12))
    assert sum(item.picked for item in rank_all(*posts, profile=patient)) == 1


def test_posts_with_a_bid_are_left_out_with_their_repeats():
    original = stored(make_post())
    repeat = stored(make_post("Again"), cluster=original.post_id)
    ranked = rank_all(original, repeat, already_bid=frozenset({original.post_id}))
    assert Counter(item.left_out_because for item in ranked) == {"already bid: it is in your books": 2}


def test_a_severe_warning_takes_a_post_off_and_a_mild_one_is_told():
    scam = make_post("Django help", channel="upwork", description="Contact me on Telegram @fast_money_desk")
    test = make_post("Django test", description="The trial is unpaid. About 40 hours.")
    by_title = {item.stored.post.title: item for item in rank_all(scam, test)}
    assert by_title["Django help"].left_out_because.startswith("risk: wants contact outside the platform")
    assert by_title["Django test"].eligible
    assert (
        by_title["Django test"].reasons[-1]
        == 'Careful: wants unpaid work before a contract ("trial is unpaid")'
    )


def test_without_vectors_the_ranking_still_stands():
    posts = [stored(make_post()), stored(make_post("Night nurse", description="Care.", skills=("Nursing",)))]
    ranked = rank(posts, make_profile(), context=RankContext(now=NOW, fee_for=lambda _: BAND))
    assert [item.stored.post.title for item in ranked] == [posts[0].post.title, "Night nurse"]
    assert rank([], make_profile(), context=RankContext(now=NOW, fee_for=lambda _: BAND)) == []


def test_posts_without_pay_take_that_of_similar_posts_but_never_of_their_own_repeats():
    paid = [
        stored(make_post(f"Django API {number}", pay=hourly("50", "50"), source_id=f"a{number}"))
        for number in range(6)
    ]
    silent = stored(make_post("Django API quiet", pay=None))
    repeat = stored(make_post("Django API quiet again", pay=hourly("500", "500")), cluster=silent.post_id)
    again = stored(make_post("Django API 0 again", pay=hourly("50", "50")), cluster=paid[0].post_id)
    ranked = rank_all(*paid, silent, repeat, again)
    net = next(item.net_hourly for item in ranked if item.stored == silent)
    assert net.basis == "6 comparable posts"
    assert D(42) < net.low < net.high < D(50)
    assert not net.stated


def test_pay_and_skills_of_closed_posts_tell_of_open_ones():
    closed = [stored(make_post(f"Django API {number}", pay=hourly("50", "50"))) for number in range(30)]
    silent = stored(
        make_post("Django API quiet", pay=None, skills=(), description=closed[0].post.description)
    )
    alone = rank_all(silent)[0]
    knowing = rank_all(silent, closed=closed)
    assert [item.stored for item in knowing] == [silent]
    assert knowing[0].net_hourly.basis == "15 comparable posts"
    assert not alone.net_hourly.informed
    assert knowing[0].fit.asked > alone.fit.asked
    assert knowing[0].fit.inferred == ()  # Django and PostgreSQL stand in the text


def test_shares_instead_of_money_are_not_valued_like_the_money_of_others():
    paid = [make_post(f"Django API {number}", pay=hourly("50", "50")) for number in range(6)]
    shares = make_post("Django API for shares", pay=None, description="Django API. Equity only.")
    by_title = {item.stored.post.title: item for item in rank_all(*paid, shares)}
    assert by_title[shares.title].net_hourly is None
    assert by_title[shares.title].expected_value is None


def test_a_history_moves_the_chance_of_every_post():
    fresh, proven = rank_all(make_post()), rank_all(make_post(), history=History(bids=40, won=12))
    assert proven[0].win_chance.p > 2 * fresh[0].win_chance.p
    assert proven[0].win_chance.n == 40
    assert proven[0].expected_value > fresh[0].expected_value


def test_reasons_tell_what_is_known_and_what_is_not():
    silent = make_post(
        "Kubernetes admin",
        description="Run it.",
        skills=("Kubernetes",),
        pay=None,
        proposals_min=0,
        proposals_max=3,
        client=Client(payment_verified=False, rating=D("4.1"), reviews=7),
    )
    crowded = make_post("Anything", description="Words.", skills=(), pay=fixed("2000"), proposals_min=20)
    told = {item.stored.post.title: item.reasons for item in rank_all(silent, crowded)}
    assert told["Kubernetes admin"][:3] == (
        "Pay not stated, nothing like it seen; work at large nets $10–56/h; floor is $45",
        "Names none of your skills; asks for Kubernetes",
        "Client: payment not verified, 4.1 stars from 7 reviews, below usual",
    )
    assert told["Kubernetes admin"][3].startswith("Only 0 to 3 proposals so far; win chance ")
    assert told["Anything"][1] == "Names none of your skills"
    assert told["Anything"][2].startswith("20 proposals already; win chance ")
    assert "if it takes about" in told["Anything"][0]


# ---- components ----

RATES = Rates(currency="USD", floor=D(50), target=D(100))


def pay_at(expected, **fields):
    ranked = rank_all(make_post(pay=hourly("50", "50")))[0].net_hourly
    return pay_component(replace(ranked, expected=D(expected), **fields), RATES)


def test_pay_is_measured_against_floor_and_target():
    assert [pay_at(value) for value in ("-5", "0", "25", "50", "75", "100", "200", "900")] == pytest.approx(
        [0.0, 0.0, 0.1, 0.4, 0.6, 0.8, 1.0, 1.0]
    )


def test_estimated_pay_counts_in_part_and_unknown_pay_is_neutral():
    assert pay_at("100", stated=False) == pytest.approx((0.8 + 0.35) / 2)
    assert pay_at("100", guessed_hours=True) == pytest.approx(0.7 * 0.8 + 0.3 * 0.35)
    assert pay_component(None, RATES) == 0.35
    assert pay_at("100", currency="EUR") == 0.35
    assert pay_at("100", stated=False, informed=False) == 0.35
    assert pay_component(None, replace(RATES, target=None)) == 0.35


def test_value_is_measured_per_minute_against_the_floor():
    profile = make_profile()  # 12 minutes at $45 an hour cost $9
    assert value_component(D(9), profile) == pytest.approx(0.1)
    assert value_component(D(180), profile) == pytest.approx(0.5)
    assert value_component(D(-5), profile) == 0
    assert value_component(None, profile) == 0.3


def test_freshness_halves_in_two_days_and_falls_back_on_when_it_was_seen():
    def at(hours, **fields):
        item = stored(make_post(date_posted=NOW - timedelta(hours=hours)), **fields)
        return freshness(item, NOW)

    assert [at(hours) for hours in (0, 48, 96, -5)] == [1, 0.5, 0.25, 1]
    undated = stored(make_post(date_posted=None), seen=NOW - timedelta(hours=48))
    assert freshness(undated, NOW) == 0.5


# ---- awkward input ----


def test_awkward_posts_rank_without_an_error():
    awkward = [
        make_post("", description="", skills=(), pay=None, date_posted=None, contract_type=None),
        make_post("\u202e\x00", description="a" * 200_000, pay=fixed("99999999999")),
        make_post("(((((", description="[" * 5000 + "\\" * 5000, skills=("(", "[", "*")),
        make_post("x", contract_type=ContractType.FIXED, pay=fixed("100", None)),
        make_post("y", pay=hourly("0", "0"), connects=10**9, proposals_min=10**9, hires=10**9),
        make_post("contact " * 20_000, channel="upwork", description="pay " * 20_000 + "deposit it " * 5000),
    ]
    ranked = rank_all(*awkward)
    assert len(ranked) == len(awkward)
    assert all(0 <= item.score <= 1 for item in ranked)


@pytest.mark.slow
def test_ranking_takes_time_in_proportion_to_the_posts():
    posts, profile = list(many(4_000, seed=9)), make_profile()
    rows = np.random.default_rng(0).normal(size=(len(posts), 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    given = RankContext(
        now=NOW,
        fee_for=lambda _: BAND,
        post_vectors={item.text_hash: row for item, row in zip(posts, rows, strict=True)},
        profile_vectors=dict(zip(profile_queries(profile), rows, strict=False)),
    )
    assert_linear(lambda size: rank(posts[:size], profile, context=given), 500)
