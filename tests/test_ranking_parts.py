"""Client, win chance, value, filters, selection, evaluation and the words they are told in."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fees import FeeEstimate
from domain.posts import Client, ContractType
from domain.profile import Avoid, ConnectsBudget, Rates, TimeBudget
from ranking.chance import History, base_rate, win_chance
from ranking.client import score_client
from ranking.evaluate import average_precision, bootstrap, ndcg, precision, wilson
from ranking.exchange import reference_rates
from ranking.filters import Limits, representatives, why_closed
from ranking.results import ClientScore, Fit, NetHourly, Part, RankedPost, RiskFlag, WinChance
from ranking.select import Day, pick
from ranking.tables import on_curve, table
from ranking.value import bid_value, expected_value
from ranking.words import money, money_range, percent, plain
from tests.fakes import NOW, fixed, hourly, make_post, make_profile, stored

D, CENT = Decimal, Decimal("0.01")
EXAMPLES = Path(__file__).parents[1] / ".." / "shared" / "rules" / "worked-examples.json"
RATES = Rates(currency="USD", floor=D(45))
FEE = FeeEstimate(low=D("0.1"), expected=D("0.1"), high=D("0.1"), known=True, basis="10 %")


def net(low="50", expected="60", high="70", *, stated=True, total="2000", currency="USD"):
    return NetHourly(
        low=D(low),
        expected=D(expected),
        high=D(high),
        currency=currency,
        basis="hourly pay stated",
        stated=stated,
        total=None if total is None else D(total),
    )


# ---- client ----


def client_score(**facts):
    return score_client(Client(**facts), NOW).score


def test_a_client_of_whom_nothing_is_stated_is_neutral():
    assert client_score() == 0.5
    assert score_client(Client(), NOW).parts[0].label == "neutral"


def test_nothing_spent_is_no_warning():
    assert client_score(total_spent=D(0)) == 0.5
    assert client_score(hires=0) == 0.5


def test_money_spent_verified_payment_hires_and_tenure_speak_for_a_client():
    facts = {
        "total_spent": D(50_000),
        "payment_verified": True,
        "hires": 40,
        "member_since": NOW - timedelta(days=3000),
    }
    for name, value in facts.items():
        assert client_score(**{name: value}) > 0.5
    assert client_score(**facts) > 0.65
    assert client_score(payment_verified=False) < 0.5


def test_one_bad_review_weighs_less_than_many():
    assert client_score(rating=D(3), reviews=40) < client_score(rating=D(3), reviews=1) < 0.5
    assert client_score(rating=D(3)) == client_score(rating=D(3), reviews=1)
    assert client_score(rating=D(0), reviews=0) == 0.5  # marketplaces print 0 where there is no rating


def test_a_hire_rate_of_few_posts_is_shrunk():
    assert client_score(hire_rate=D(1), hires=30) > client_score(hire_rate=D(1)) > 0.5
    assert client_score(hire_rate=D("0.05"), hires=2) < client_score(hire_rate=D("0.05"))


def test_the_score_is_the_weighted_mean_of_the_parts_shown():
    client = Client(total_spent=D(1000), payment_verified=True, rating=D("4.9"), reviews=20)
    result = score_client(client, NOW)
    pairs = [tuple(float(item) for item in part.value.split(" x ")) for part in result.parts]
    mean = sum(score * weight for score, weight in pairs) / sum(weight for _, weight in pairs)
    assert result.score == round(mean, 4)
    assert len(pairs) == 4


# ---- win chance ----


NO_BIDS = History()


def chance(post=None, *, fit=0.5, pay=None, history=NO_BIDS, now=NOW):
    bare = make_post(date_posted=None) if post is None else post
    return win_chance(bare, fit=fit, net=pay, rates=RATES, history=history, now=now)


def test_without_bids_the_base_rate_is_one_in_twelve_with_the_interval_of_beta_1_11():
    """Beta(1, 11): 2.5 % quantile 1 - 0.975 ** (1 / 11), 97.5 % quantile 1 - 0.025 ** (1 / 11)."""
    result = chance()
    assert result.p == pytest.approx(1 / 12, abs=1e-6)
    assert result.low == pytest.approx(1 - 0.975 ** (1 / 11), abs=1e-6)
    assert result.high == pytest.approx(1 - 0.025 ** (1 / 11), abs=1e-6)
    assert result.n == 0


def test_the_persons_own_bids_move_the_base_rate_and_narrow_the_interval():
    rate = base_rate(History(bids=88, won=21))
    assert rate.p == pytest.approx(22 / 100)
    assert rate.high - rate.low < 0.17
    assert rate.n == 88


def test_a_history_with_more_wins_than_bids_is_refused():
    with pytest.raises(ValueError, match="3 won of 2"):
        History(bids=2, won=3)


def test_proposals_interviews_hires_and_age_lower_the_chance_and_fit_lifts_it():
    plain_chance = chance().p
    assert chance(make_post(proposals_min=50, date_posted=None)).p < plain_chance
    assert chance(make_post(proposals_min=0, proposals_max=5, date_posted=None)).p > plain_chance
    assert chance(make_post(interviewing=10, date_posted=None)).p < plain_chance
    assert chance(make_post(hires=1, date_posted=None)).p < plain_chance
    assert chance(make_post(date_posted=NOW - timedelta(days=14))).p < plain_chance
    assert chance(fit=1.0).p > plain_chance > chance(fit=0.0).p
    assert chance(pay=net(high="20")).p < chance(pay=net(high="90")).p


@given(
    proposals=st.none() | st.integers(0, 500),
    interviewing=st.none() | st.integers(0, 50),
    hires=st.none() | st.integers(0, 5),
    hours=st.none() | st.integers(-100, 10_000),
    fit=st.floats(0, 1),
    bids=st.integers(0, 400),
    share=st.floats(0, 1),
)
def test_no_lift_is_claimed_beyond_the_bounds(*, proposals, interviewing, hires, hours, fit, bids, share):
    post = make_post(
        proposals_min=proposals,
        interviewing=interviewing,
        hires=hires,
        date_posted=None if hours is None else NOW - timedelta(hours=hours),
    )
    history = History(bids=bids, won=int(bids * share))
    result, base = chance(post, fit=fit, history=history), base_rate(history)
    assert base.p / 3 - 1e-6 <= result.p or result.p == 0.95
    assert result.p <= base.p * 2.5 + 1e-6
    assert 0 <= result.low <= result.p <= result.high <= 1


# ---- value ----


def test_the_value_of_the_only_published_award_rate():
    """p 0.0845, $1,000 gross, 10 % fee, 16 connects at $0.15: 76.05 - 2.40."""
    assert expected_value(p=D("0.0845"), gross=D(1000), fee=D("0.10"), connects=16) == D("73.65")


def test_writing_time_costs_the_persons_own_rate():
    """12 minutes at $45 an hour are $9."""
    value = expected_value(p=D("0.1"), gross=D(500), fee=D(0), minutes=12, own_hourly=D(45))
    assert value == D("41.00")


def test_a_bids_value_adds_up_from_its_parts():
    win = WinChance(p=0.0845, low=0.01, high=0.2, n=0)
    post, profile = make_post(connects=16), make_profile()
    value = bid_value(post, profile, chance=win, net=net(total="900"), exchange=reference_rates())
    assert value.amount == D("64.65")  # 76.05 - 2.40 - 9.00
    first, connects, writing, *_ = (part.value for part in value.parts)
    p, total = first.removesuffix(" USD").split(" x ")
    rest = sum(D(text.removesuffix(" USD")) for text in (connects, writing))
    assert D(p) * D(total) + rest == value.amount


@given(
    p=st.integers(0, 950_000),
    total=st.decimals(0, 10**6, places=2),
    connects=st.none() | st.integers(0, 200),
    price=st.decimals(0, 5, places=3),
    minutes=st.integers(0, 600),
    floor=st.decimals(0, 1000, places=2),
    currency=st.sampled_from(["USD", "EUR", "INR"]),
)
def test_any_value_is_exact_and_made_again_from_its_parts(
    *, p, total, connects, price, minutes, floor, currency
):
    profile = make_profile(
        rates=Rates(currency=currency, floor=floor),
        connects=ConnectsBudget(price=price),
        time=TimeBudget(minutes_per_proposal=minutes),
    )
    win = WinChance(p=p / 1_000_000, low=0, high=1, n=0)
    pay = net(total=str(total), currency=currency)
    value = bid_value(make_post(connects=connects), profile, chance=win, net=pay, exchange=reference_rates())
    shown = {part.label: part.value.removesuffix(f" {currency}") for part in value.parts}
    chance_shown, pay_shown = map(D, shown["chance x pay"].split(" x "))
    rest = D(shown["connects"]) + D(shown["writing"])
    assert (
        value.amount == D(shown["worth"]) == (chance_shown * pay_shown + rest).quantize(CENT, ROUND_HALF_UP)
    )
    if minutes == 0:
        assert value.per_minute is None
        assert "per minute" not in shown
    else:
        expected = (value.amount / minutes).quantize(D("0.0001"), ROUND_HALF_UP)
        assert value.per_minute == D(shown["per minute"]) == expected


@given(st.integers(0, 900_000), st.integers(1, 40), st.decimals(0, 10**5, places=2))
def test_a_better_chance_never_lowers_a_value_and_a_cost_never_raises_it(p, more, gross):
    def worth(chance, **costs):
        return expected_value(p=D(chance) / 1_000_000, gross=gross, fee=D("0.1"), **costs)

    assert worth(p + more * 1000) >= worth(p)
    assert worth(p, connects=more) == worth(p) - D("0.15") * more
    assert worth(p, minutes=more, own_hourly=D(60)) == worth(p) - more


def test_a_value_per_minute_is_told_per_hour_of_bidding_too():
    """12 minutes of writing: 64.65 / 12 = 5.3875 a minute, 323.25 an hour."""
    win, profile = WinChance(p=0.0845, low=0.01, high=0.2, n=0), make_profile()
    value = bid_value(
        make_post(connects=16), profile, chance=win, net=net(total="900"), exchange=reference_rates()
    )
    assert value.per_minute == D("5.3875")
    assert value.parts[-1] == Part(
        label="per minute", value="5.3875 USD", source="323.25 USD per hour of bidding"
    )


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the shared worked examples are not beside this checkout")
def test_shared_worked_examples_of_expected_value_hold():
    rows = [row for row in json.loads(EXAMPLES.read_text(encoding="utf-8")) if row["input"]["kind"] == "ev"]
    assert rows
    for row in rows:
        given_ = row["input"]
        value = expected_value(
            p=D(given_["p"]), gross=D(given_["gross"]), fee=D(given_["fee"]), connects=given_["connects"]
        )
        assert value == D(row["expected"]["ev"]), row["id"]


def test_the_value_of_unknown_pay_is_unknown():
    win = WinChance(p=0.08, low=0.01, high=0.2, n=0)
    for pay in (None, net(total=None)):
        assert bid_value(make_post(), make_profile(), chance=win, net=pay, exchange=reference_rates()) is None


# ---- filters ----


def reason(post=None, *, profile=None, pay=None, risk=(), already=frozenset(), standing=None):
    item = stored(post or make_post())
    closed = why_closed(item, now=NOW, already_bid=already, standing_for=standing or {})
    limits = Limits(profile or make_profile(), reference_rates())
    return closed or limits.reason(item.post, fee=FEE, net=pay, risk=risk)


def avoiding(**fields):
    return make_profile(avoid=Avoid(**fields))


SEVERE = RiskFlag(code="x", message="wants money", words="send me $50", severe=True)


@pytest.mark.parametrize(
    ("post", "profile", "pay", "expected"),
    [
        (make_post(), None, None, None),
        (make_post(), None, net("40", "42", "44"), "pays below floor: nets $44/h at most, your floor is $45"),
        (
            make_post(),
            None,
            net("20", "30", "44.99"),
            "pays below floor: nets $44/h at most, your floor is $45",
        ),
        (make_post(), None, net(high="45"), None),
        (make_post(), None, net("1", "2", "3", stated=False), None),
        (make_post(), None, net("1", "2", "3", currency="EUR"), None),
        (
            make_post(pay=fixed("333")),
            None,
            None,
            "fixed pay below minimum: nets $299 at most, your minimum is $300",
        ),
        (make_post(pay=fixed("334")), None, None, None),
        (make_post(pay=fixed("5")), None, None, None),  # a placeholder is no offer
        (make_post("Casino API"), avoiding(words=("casino",)), None, "avoided word: casino"),
        (make_post("An occasional API"), avoiding(words=("casino", "on")), None, None),
        (
            make_post(skills=("Online\nCasino",)),
            avoiding(words=("online casino", " ")),
            None,
            "avoided word: online casino",
        ),
        (make_post(client=Client(country="RU")), avoiding(clients_from=("ru",)), None, "client country: RU"),
        (make_post(client=Client(country="US")), avoiding(clients_from=("RU",)), None, None),
        (make_post(), avoiding(contract_types=("Hourly",)), None, "contract type: hourly"),
        (
            make_post(contract_type=ContractType.EMPLOYMENT),
            avoiding(contract_types=("employment",)),
            None,
            "contract type: employment",
        ),
        (
            make_post(proposals_min=51, proposals_max=60),
            avoiding(proposals_over=50),
            None,
            "too many proposals: 60, your limit is 50",
        ),
        (make_post(proposals_min=50), avoiding(proposals_over=50), None, None),
        (make_post(valid_through=NOW - timedelta(days=1)), None, None, "expired: closed on 2026-03-01"),
        (make_post(language="de"), None, None, "language: written in de"),
        (make_post(language="pt-BR"), None, None, None),
    ],
)
def test_one_reason_with_its_words(post, profile, pay, expected):
    assert reason(post, profile=profile, pay=pay) == expected


def test_bids_risks_and_repeats_take_a_post_off_the_list():
    item = stored(make_post())
    assert reason(already=frozenset({item.post_id})) == "already bid: it is in your books"
    assert reason(risk=(SEVERE,)) == 'risk: wants money ("send me $50")'
    assert reason(risk=(replace(SEVERE, severe=False),)) is None
    assert reason(standing={item.cluster: "p0"}) == "duplicate: repeats p0"


def test_the_original_stands_for_its_cluster_while_it_is_live():
    original = stored(make_post("one"))
    repeat = stored(make_post("two", date_posted=NOW), cluster=original.post_id)
    newer = stored(make_post("three", date_posted=NOW + timedelta(hours=1)), cluster=original.post_id)
    gone = replace(original, post=replace(original.post, valid_through=NOW - timedelta(days=1)))
    assert representatives([repeat, original, newer], NOW) == {original.post_id: original.post_id}
    assert representatives([repeat, gone, newer], NOW) == {original.post_id: newer.post_id}
    assert representatives([gone], NOW) == {original.post_id: original.post_id}


# ---- selection ----


def ranked(title, *, value="10", eligible=True, cluster=None, connects=None, client=None):
    own_words = " ".join(f"{title}{number}words" for number in range(30))
    post = make_post(title, connects=connects, client=Client(id=client), description=own_words)
    return RankedPost(
        stored=stored(post, cluster=cluster),
        eligible=eligible,
        left_out_because=None if eligible else "x",
        fit=Fit(score=1, lexical=1, semantic=1, asked=1),
        net_hourly=None,
        client=ClientScore(score=0.5),
        risk=(),
        win_chance=WinChance(p=0.1, low=0, high=1, n=0),
        expected_value=None if value is None else D(value),
        value_parts=(),
        score=0.5,
        score_parts=(),
        reasons=(),
    )


def titles(posts, *, minutes=30, each=12, connects=None):
    chosen = pick(posts, Day(minutes=minutes, minutes_each=each, connects=connects, now=NOW)).picked
    return [item.stored.post.title for item in posts if item.stored.post_id in chosen]


def test_the_best_fill_the_minutes():
    posts = [ranked(name) for name in "abcd"]
    assert titles(posts) == ["a", "b"]
    assert titles(posts, minutes=11) == []
    assert titles(posts, minutes=10, each=0) == ["a", "b", "c", "d"]


def test_what_the_connects_do_not_reach_gives_way_to_what_they_do():
    posts = [ranked("a", connects=10), ranked("b", connects=16), ranked("c", connects=4), ranked("d")]
    assert titles(posts, minutes=60, connects=15) == ["a", "c", "d"]


def test_bids_that_lose_money_and_posts_left_out_are_not_picked():
    posts = [ranked("a", value="0"), ranked("b", eligible=False), ranked("c", value=None)]
    assert titles(posts) == ["c"]


def test_a_cluster_is_picked_once_and_a_client_again_only_when_places_are_left():
    posts = [
        ranked("a", cluster="x", client="k"),
        ranked("b", cluster="x"),
        ranked("c", client="k"),
        ranked("d"),
    ]
    assert titles(posts) == ["a", "d"]
    assert titles(posts, minutes=36) == ["a", "c", "d"]


# ---- evaluation and words ----


def test_average_precision_by_hand():
    """Right at places 1 and 3 of three: (1/1 + 2/3) / 2."""
    assert average_precision([True, False, True]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([True, True]) == 1
    assert average_precision([False]) == average_precision([]) == 0


def test_wilson_by_hand():
    """8 of 10 at 95 %: 0.490 to 0.943 (Brown, Cai and DasGupta, Statistical Science 16, 2001)."""
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-3)
    low, high = wilson(0, 100)
    assert low == pytest.approx(0, abs=1e-9)
    assert high == pytest.approx(0.037, abs=1e-3)


def test_the_bootstrap_takes_other_statistics():
    values = [1.0] * 50 + [9.0] * 49
    assert bootstrap(values, of=median).mean == 1.0
    assert bootstrap(values, of=median).high == 9.0


def test_ndcg_and_precision_by_hand():
    """Gains 3, 0, 1 against the ideal 3, 1, 0."""
    ideal = 3 + 1 / math.log2(3)
    assert ndcg([3, 0, 1], 3) == pytest.approx((3 + 1 / 2) / ideal)
    assert ndcg([3, 1, 0], 3) == 1
    assert ndcg([0, 0], 2) == 0
    assert ndcg([0, 0, 1], 2) == 0
    assert precision([3, 0, 1], 2) == 0.5
    assert precision([1], 10) == 0.1


def test_the_bootstrap_is_repeatable_and_holds_its_mean():
    values = [0.0, 1.0] * 50
    first = bootstrap(values)
    assert first == bootstrap(values)
    assert first.mean == 0.5
    assert 0.38 < first.low < 0.45
    assert 0.55 < first.high < 0.62
    assert bootstrap([0.3]).low == bootstrap([0.3]).high == pytest.approx(0.3)


def test_amounts_in_words():
    assert [money(D(value), "USD") for value in ("52.4", "9.5", "2", "-0.2", "-30")] == [
        "$52",
        "$9.50",
        "$2",
        "-$0.20",
        "-$30",
    ]
    assert money(D(1200), "JPY") == "1,200 JPY"
    assert money_range(D(52), D("70.6"), "USD") == "$52–71"
    assert money_range(D(52), D("52.3"), "USD") == "$52"
    assert money_range(D(-5), D(60), "EUR") == "-€5 to €60"
    assert money_range(D(1200), D(1500), "JPY") == "1,200–1,500 JPY"
    assert (percent(D("0.1"), D("0.1")), percent(D(0), D("0.15"))) == ("10 %", "0–15 %")
    assert (plain(D("2.50")), plain(D(100)), plain(D("0.125"), 2)) == ("2.5", "100", "0.13")


def test_curves_are_flat_beyond_their_ends():
    points = [[0, 0.0], [10, 1.0], [20, 0.5]]
    assert [on_curve(points, x) for x in (-5, 0, 5, 10, 15, 99)] == [0, 0, 0.5, 1, 0.75, 0.5]


def test_every_curve_in_the_tables_rises_in_x_and_stays_between_0_and_1_or_is_a_factor():
    def curves(value):
        if isinstance(value, dict):
            for item in value.values():
                yield from curves(item)
        elif isinstance(value, list) and value and isinstance(value[0], list):
            yield value

    for name, top in (("client", 1), ("fit", 1), ("weights", 1), ("chance", 2.5)):
        for curve in curves(table(name)):
            xs = [x for x, _ in curve]
            assert xs == sorted(set(xs))
            assert all(0 <= y <= top for _, y in curve)
    assert sum(table("weights")["weights"].values()) == pytest.approx(1)
    views = table("fit")["similarity"]
    assert views["words"] + views["titles"] == pytest.approx(1)


def test_hourly_posts_have_no_fixed_minimum():
    assert reason(make_post(pay=hourly("50", "60"))) is None
