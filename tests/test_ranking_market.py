"""What comparable work pays: learned from posts that state pay, never without an interval."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from domain.posts import ContractType
from ranking.exchange import reference_rates
from ranking.market import learn_market
from ranking.similarity import TextSpace
from ranking.tables import table
from tests.fakes import fixed, hourly, make_post, stored

RATES = reference_rates()
D = Decimal
LEVELS = {"Entry": 15, "Intermediate": 30, "Expert": 70}


def worker(number, level, *, spread=0.25, draw, pay=True):
    rate = LEVELS[level] * math.exp(draw.gauss(0, spread))
    post = make_post(
        f"Job {level} {number}",
        description=f"Work number {number} of some length.",
        experience_level=level,
        source_id=f"{level}{number}",
        pay=hourly(f"{rate:.2f}", f"{rate:.2f}") if pay else None,
    )
    return stored(post), rate


def market_of(count, *, seed=0, spread=0.25):
    """Posts of which no two share their number, those of another seed included."""
    draw, first = Random(seed), seed * 10_000
    numbers = range(first, first + count)
    return [worker(number, draw.choice(list(LEVELS)), spread=spread, draw=draw) for number in numbers]


def estimate(known, asked):
    return learn_market(TextSpace([*known, *asked]), asked, RATES)


def test_the_pay_of_a_post_follows_what_it_states_and_the_interval_covers_as_it_says():
    known = [post for post, _ in market_of(600)]
    asked = market_of(300, seed=1)
    hidden = [
        (replace(post, post=replace(post.post, pay=None, title=f"q {post.post.title}")), rate)
        for post, rate in asked
    ]
    hidden = [
        (replace(post, post_id=f"q{post.post_id}", cluster=f"q{post.post_id}"), rate) for post, rate in hidden
    ]
    market = estimate(known, [post for post, _ in hidden])
    inside, errors = 0, []
    for post, rate in hidden:
        found = market.of(post)
        assert found.known == 600
        assert found.span.low < found.span.expected < found.span.high
        inside += found.span.low <= D(str(rate)) <= found.span.high
        errors.append(abs(math.log(float(found.span.expected) / rate)))
    assert 0.72 <= inside / len(hidden) <= 0.88
    # A gaussian of 0.25 has a median absolute deviation of 0.17; guessing one figure for all would give 0.69.
    assert sorted(errors)[len(errors) // 2] < 0.25


def test_fixed_and_hourly_pay_are_told_apart():
    draw = Random(3)
    known = [post for post, _ in market_of(120, seed=3)]
    known += [
        stored(
            make_post(
                f"Fixed {number}",
                source_id=f"f{number}",
                contract_type=ContractType.FIXED,
                pay=fixed(f"{500 * math.exp(draw.gauss(0, 0.3)):.0f}"),
            )
        )
        for number in range(120)
    ]
    by_hour = stored(make_post("Silent", pay=None))
    in_all = stored(make_post("Silent in all", pay=None, contract_type=ContractType.FIXED))
    market = estimate(known, [by_hour, in_all])
    assert (market.of(by_hour).fixed, market.of(in_all).fixed) == (False, True)
    assert D(10) < market.of(by_hour).span.expected < D(100)
    assert D(300) < market.of(in_all).span.expected < D(800)
    assert market.of(in_all).basis == "120 posts that state a budget"


@pytest.mark.parametrize(("count", "basis"), [(0, "the market as a whole"), (5, "the market as a whole")])
def test_where_next_to_nothing_is_known_the_market_as_a_whole_stands_in(count, basis):
    silent = stored(make_post("Silent", pay=None))
    found = estimate([post for post, _ in market_of(count)], [silent]).of(silent)
    assert (found.known, found.basis) == (0, basis)
    row = table("market")["hourly"]
    assert [found.span.low, found.span.expected, found.span.high] == [
        D(row[name]) for name in ("low", "middle", "high")
    ]


def test_where_little_is_known_the_most_similar_posts_speak():
    nurses = [
        stored(
            make_post(f"Night nurse {n}", description="Care for patients on a ward.", pay=hourly("12", "12"))
        )
        for n in range(20)
    ]
    makers = [
        stored(make_post(f"Rust kernel {n}", description="Write a driver in Rust.", pay=hourly("90", "90")))
        for n in range(20)
    ]
    silent = stored(make_post("Rust kernel help", description="A driver in Rust.", pay=None))
    found = estimate([*nurses, *makers], [silent]).of(silent)
    assert (found.known, found.basis) == (15, "15 comparable posts")
    assert found.span.expected == D(90)


def test_placeholders_and_absurd_pay_teach_nothing():
    known = [post for post, _ in market_of(150, seed=5)]
    silent = stored(make_post("Silent", pay=None))
    odd = [
        stored(make_post(f"Odd {n}", source_id=f"o{n}", pay=hourly("5000", "5000") if n % 2 else fixed("5")))
        for n in range(60)
    ]
    assert estimate([*known, *odd], [silent]).of(silent).known == 150


def test_the_order_of_the_posts_changes_nothing():
    known = [post for post, _ in market_of(150, seed=6)]
    asked = [stored(make_post(f"Silent {n}", pay=None, experience_level="Expert")) for n in range(3)]
    first = estimate(known, asked)
    second = estimate(known[::-1], asked[::-1])
    assert [first.of(post) for post in asked] == [second.of(post) for post in asked]
