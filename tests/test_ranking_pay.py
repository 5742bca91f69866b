"""Net pay per hour: fees, connects and writing time come off, and every estimate is an interval."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fees import FeeEstimate
from domain.pay import Pay, PayUnit
from domain.posts import ContractType
from domain.profile import ConnectsBudget, Rates, TimeBudget
from ranking.effort import fixed_effort, hours_per_week, ongoing_effort, stated_effort
from ranking.exchange import Exchange, reference_rates
from ranking.market import MarketPay
from ranking.offers import Span, stated_hourly, why_no_offer
from ranking.pay import net_hourly
from tests.fakes import fixed, hourly, make_post, make_profile

D = Decimal
NO_FEE = FeeEstimate(low=D(0), expected=D(0), high=D(0), known=True, basis="none")
BAND = FeeEstimate(low=D(0), expected=D("0.10"), high=D("0.15"), known=False, basis="0 to 15 %")
RATES = Exchange(
    day=date(2026, 1, 5),
    per_base={"USD": D(1), "EUR": D("0.8"), "INR": D(80), "JPY": D(150)},
    source="made up",
)
FREE = make_profile(time=TimeBudget(minutes_per_proposal=0), connects=ConnectsBudget(price=D(0)))
QUIET = "Build the thing."


def net(post, profile=FREE, *, fee=NO_FEE, market=None, exchange=RATES):
    return net_hourly(post, profile, fee=fee, market=market, exchange=exchange)


def interval(result):
    return str(result.low), str(result.expected), str(result.high)


def test_an_hourly_range_nets_its_ends_after_the_fee():
    """$50 to $80 an hour: 85 % of 50, 90 % of the geometric middle 63.25, all of 80."""
    result = net(make_post(pay=hourly("50", "80"), description=QUIET), fee=BAND)
    assert interval(result) == ("42.50", "56.92", "80.00")
    assert (result.stated, result.basis, result.currency) == (True, "hourly pay stated", "USD")


def test_connects_and_writing_time_are_spread_over_the_hours():
    """40 hours at $50 less 10 connects of $0.15 over 40.2 hours (12 minutes of writing): 1998.50 / 40.2."""
    post = make_post(pay=hourly("50", "50"), description="About 40 hours of work.", connects=10)
    result = net(post, make_profile())
    assert interval(result) == ("49.71", "49.71", "49.71")
    assert result.hours == D("40.0")
    assert result.total == D("2000.00")


def test_a_fixed_budget_is_spread_over_the_hours_the_post_states():
    """$500 for "about 40 hours": 500 / 40; low over 60 hours, high over 34."""
    result = net(make_post(pay=fixed("500"), description="It is about 40 hours.", skills=()))
    assert interval(result) == ("8.33", "12.50", "14.71")
    assert (result.basis, result.guessed_hours) == ("budget over stated hours", False)
    assert result.total == D("500.00")


def test_a_fixed_budget_without_hours_gives_a_wide_interval_and_says_it_is_a_guess():
    result = net(make_post("Scrape a shop", pay=fixed("500"), description=QUIET, skills=()))
    assert result.basis == "budget over estimated hours"
    assert result.guessed_hours
    assert result.high > 3 * result.low > 0
    assert any(part.label == "hours" and "script or scraper" in part.source for part in result.parts)


@pytest.mark.parametrize(
    ("unit", "value", "per_hour"),
    [
        (PayUnit.DAY, "400", "50.00"),
        (PayUnit.WEEK, "2000", "50.00"),
        (PayUnit.MONTH, "8666.50", "50.00"),
        (PayUnit.YEAR, "104000", "50.00"),
    ],
)
def test_longer_units_are_divided_by_their_hours(unit, value, per_hour):
    pay = Pay(unit=unit, currency="USD", low=D(value), high=D(value), raw=value)
    result = net(make_post(pay=pay, description=QUIET))
    assert interval(result) == (per_hour,) * 3
    assert result.basis == f"pay per {unit.value} stated"


def test_other_currencies_are_converted_at_the_rate_shown():
    result = net(make_post(pay=hourly("40", "40", "EUR"), description=QUIET))
    assert interval(result) == ("50.00", "50.00", "50.00")
    assert any("1 EUR = 1.25 USD on 2026-01-05" in part.value for part in result.parts)


def test_pay_in_the_persons_own_currency_needs_no_rate():
    profile = replace(FREE, rates=Rates(currency="PKR", floor=D(1000)))
    post = make_post(pay=hourly("3000", "3000", "PKR"), description=QUIET)
    assert interval(net(post, profile)) == ("3000.00", "3000.00", "3000.00")


def test_one_bound_is_widened_as_the_table_says():
    def bound(low, high):
        pay = Pay(unit=PayUnit.HOUR, currency="USD", low=low and D(low), high=high and D(high), raw="x")
        return stated_hourly(make_post(pay=pay), RATES, "USD")

    assert (bound("20", None).low, bound("20", None).high) == (D(20), D(30))
    assert (bound(None, "50").low, bound(None, "50").high) == (D(25), D(50))
    assert (bound("0", "50").low, bound("0", "50").high) == (D(25), D(50))


@pytest.mark.parametrize(
    ("pay", "why"),
    [
        (fixed("1"), "$1 is a placeholder and no offer"),
        (fixed("5"), "$5 is a placeholder and no offer"),
        (fixed("10"), "$10 is a placeholder and no offer"),
        (fixed("10", "INR"), "₹10 is a placeholder and no offer"),
        (fixed("300", "INR"), "₹300 is a placeholder and no offer"),
        (fixed("0"), "$0 is a placeholder and no offer"),
        (hourly("0", "0.50"), "$0.50 is a placeholder and no offer"),
        (hourly("5000", "5000"), "$5,000 cannot be meant"),
        (fixed("2500000"), "$2,500,000 cannot be meant"),
        (hourly("20", "30", None), "currency not stated in '20-30 None/hour'"),
        (hourly("20", "30", "XOF"), "no rate from XOF to USD"),
    ],
)
def test_what_is_no_offer_is_recognised_and_comparable_posts_stand_in(pay, why):
    assert why_no_offer(pay, RATES, "USD") == why
    assert net(make_post(pay=pay)) is None
    result = net(make_post(pay=pay, description=QUIET), market=market("24", "40", "56"))
    assert not result.stated
    assert result.parts[0].value == why


@pytest.mark.parametrize("pay", [fixed("11"), fixed("15"), hourly("3", "5"), fixed("2500000", "INR")])
def test_poor_offers_are_offers(pay):
    assert why_no_offer(pay, RATES, "USD") is None


def market(low, expected, high, *, fixed=False, known=15):
    span = Span(low=D(low), expected=D(expected), high=D(high))
    return MarketPay(span=span, fixed=fixed, known=known, basis=f"{known} comparable posts")


def test_without_pay_what_comparable_work_pays_stands_in_and_the_fee_comes_off():
    """24 to 56, middle 40, less 15 %, 10 % and nothing."""
    result = net(make_post(pay=None, description=QUIET), fee=BAND, market=market("24", "40", "56"))
    assert interval(result) == ("20.40", "36.00", "56.00")
    assert (result.stated, result.informed, result.basis) == (False, True, "15 comparable posts")


def test_a_fixed_job_without_a_budget_is_spread_over_the_hours_of_its_kind():
    """The table's 6 hours for a fix and the 24 that $672 buy at $28 meet at 12, their geometric mean."""
    post = make_post("Fix a bug", pay=None, contract_type=ContractType.FIXED, description=QUIET, skills=())
    result = net(post, market=market("336", "672", "1344", fixed=True))
    assert result.hours == D("12.0")
    assert result.expected == D("56.00")
    assert result.total == D("672.00")
    assert result.low < D(56) < result.high


def test_the_market_as_a_whole_gives_an_interval_but_no_worth():
    result = net(make_post(pay=None, description=QUIET), market=market("12", "29", "57", known=0))
    assert interval(result) == ("12.00", "29.00", "57.00")
    assert not result.informed
    assert result.total is None


def test_the_market_is_in_dollars_and_is_converted_or_left_out():
    euros = replace(FREE, rates=replace(FREE.rates, currency="EUR"))
    result = net(make_post(pay=None, description=QUIET), euros, market=market("11", "22", "44"))
    assert result.currency == "EUR"
    assert result.expected == RATES.convert(D(22), "USD", "EUR").quantize(D("0.01"))
    lost = replace(FREE, rates=replace(FREE.rates, currency="XOF"))
    assert net(make_post(pay=None), lost, market=market("11", "22", "44")) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("This should take about 40 hours.", "40.0"),
        ("I'd expect 120-150 hours, could become ongoing.", "135.0"),
        ("I'd say thirty hours or so, tell me.", "30.0"),
        ("A 3 hour job or a big project", "3.0"),
        ("2 weeks of work", "60.0"),
        ("two days of work", "16.0"),
        ("roughly 1,200 hours in all", "1200.0"),
        ("We will hire for around 10 to 15 hours.", "12.5"),
    ],
)
def test_sizes_that_posts_state(text, hours):
    effort = stated_effort(text)
    assert str(effort.expected) == hours
    assert effort.low < effort.expected < effort.high
    assert effort.stated


@pytest.mark.parametrize(
    "text",
    [
        "around 20 hours per week",
        "up to 40 hours/week",
        "reply within 24 hours",
        "4-6 hours of daily overlap with US Eastern Time",
        "at least 10 hours a week",
        "upscale about 40 hours of audio",
        "candle (1015-1018 hrs)",
        "posted 8-12 hours from now",
        "5-10 hours/week",
        "deadline in 2 weeks",
        "a 0 hour job",
        "",
    ],
)
def test_what_is_no_size_of_a_job(text):
    assert stated_effort(text) is None


@pytest.mark.parametrize(
    ("duration", "workload", "hours"),
    [
        ("3 to 6 months", "Less than 30 hrs/week", "292.5"),
        ("Less than 1 month", None, "43.3"),
        ("More than 6 months", "30+ hrs/week", "1123.2"),
        ("2 weeks", "full-time", "80.0"),
        (None, "Part time", "80.0"),
        (None, None, "80.0"),
        ("ongoing", "to be agreed", "80.0"),
        ("0 days", "0 hours", "80.0"),
    ],
)
def test_work_by_the_hour_lasts_duration_times_workload(duration, workload, hours):
    effort = ongoing_effort(make_post(description=QUIET, duration=duration, workload=workload))
    assert str(effort.expected) == hours
    assert not effort.stated


@pytest.mark.parametrize(
    ("workload", "hours"),
    [
        ("30+ hrs/week", 36),
        ("10-20 hours a week", 15),
        ("Less than 30 hrs/week", 15),
        ("Full-time", 40),
        ("part time", 20),
        ("3 months", None),
        ("", None),
        (None, None),
    ],
)
def test_hours_a_week_are_read_from_a_workload(workload, hours):
    assert hours_per_week(workload) == hours


def test_only_the_first_month_of_open_ended_work_counts_towards_its_value():
    post = make_post(pay=hourly("50", "50"), description=QUIET, duration="6 months", workload="40 hrs/week")
    result = net(post)
    assert result.hours > 1000
    assert result.total == D("8000.00")


def test_a_larger_budget_means_more_hours_and_better_pay():
    post = make_post("Landing page", description=QUIET, skills=())
    efforts = [fixed_effort(post, budget) for budget in (None, D(100), D(1000), D(10000))]
    assert [str(effort.expected) for effort in efforts] == ["30.0", "10.4", "32.7", "103.5"]
    assert D(100) / efforts[1].expected < D(1000) / efforts[2].expected < D(10000) / efforts[3].expected


def test_size_words_shrink_and_stretch_the_table():
    def hours(title):
        return str(fixed_effort(make_post(title, description=QUIET, skills=()), None).expected)

    assert (hours("Simple chatbot"), hours("Chatbot"), hours("Chatbot from scratch")) == (
        "21.0",
        "35.0",
        "56.0",
    )


def test_work_of_no_known_kind_gets_the_widest_row():
    effort = fixed_effort(make_post("Qwerty", description="Zxcvb.", skills=()), None)
    assert (effort.low, effort.high) == (D("5.0"), D("200.0"))
    assert effort.basis == "typical for work of unknown kind"


def test_the_shipped_rates_cover_the_currencies_seen_and_carry_their_date():
    rates = reference_rates()
    assert rates.day >= date(2026, 1, 1)
    seen = {"USD", "EUR", "GBP", "INR", "AUD", "CAD", "SGD", "NZD", "HKD", "JPY", "PLN", "BRL", "AED"}
    assert seen <= set(rates.per_base)
    assert rates.convert(D("3.6725"), "AED", "USD").quantize(D("0.0001")) == D(1)
    assert rates.convert(D(1), "GBP", "EUR") > 1
    assert rates.convert(D(1), None, "USD") is None
    assert rates.rate_words("XXX", "USD") == "no rate for XXX"


amounts = st.decimals(min_value="0.01", max_value="100000", places=2)
shares = st.decimals(min_value="0", max_value="0.5", places=3)


@given(
    bounds=st.tuples(amounts, amounts).map(sorted),
    unit=st.sampled_from(PayUnit),
    fees=st.tuples(shares, shares, shares).map(sorted),
    connects=st.none() | st.integers(0, 60),
    currency=st.sampled_from(["USD", "EUR", "INR"]),
)
def test_the_interval_is_ordered_and_never_better_than_gross(bounds, unit, fees, connects, currency):
    low, high = bounds
    post = make_post(
        pay=Pay(unit=unit, currency=currency, low=low, high=high, raw="x"),
        connects=connects,
        description=QUIET,
    )
    fee = FeeEstimate(low=fees[0], expected=fees[1], high=fees[2], known=False, basis="x")
    result = net(post, make_profile(), fee=fee)
    if result is None:
        assert why_no_offer(post.pay, RATES, "USD") is not None
        return
    assert result.low <= result.expected <= result.high
    gross = stated_hourly(post, RATES, "USD")
    if gross is not None:
        assert result.high <= gross.high + D("0.01")
    else:
        assert result.total <= RATES.convert(high, currency, "USD") + D("0.01")
