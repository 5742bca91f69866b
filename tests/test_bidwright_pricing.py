"""What to offer: the target after the fee, inside what the post states, in the post's currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bidwright.pricing import price_for
from domain.fees import FeeEstimate
from domain.posts import ContractType
from domain.profile import Rates
from ranking.exchange import Exchange
from tests.fakes import fixed, hourly, make_post

RATES = Rates(currency="USD", floor=Decimal(45), target=Decimal(70))
TEN = FeeEstimate(
    low=Decimal("0.1"), expected=Decimal("0.1"), high=Decimal("0.1"), known=True, basis="flat 10 %"
)
BAND = FeeEstimate(
    low=Decimal(0), expected=Decimal("0.075"), high=Decimal("0.15"), known=False, basis="0 to 15 %"
)
EXCHANGE = Exchange(day=date(2026, 3, 2), per_base={"EUR": Decimal(1), "USD": Decimal("1.25")})


@pytest.mark.parametrize(
    ("pay", "amount", "net"),
    [
        (hourly("60", "90"), "78", ("70.2", "70.2")),  # 70 / 0.9 = 77.78, rounded up
        (hourly("40", "60"), "60", ("54.0", "54.0")),  # never above what the post states
        (hourly("85", "95"), "85", ("76.5", "76.5")),  # nor below it
        (hourly("50", "80", "EUR"), "63", ("56.7", "56.7")),  # 70 USD = 56 EUR, / 0.9 = 62.2
        (fixed("1000"), "1000", ("900.0", "900.0")),
    ],
)
def test_what_to_offer(pay, amount, net):
    price = price_for(make_post(pay=pay), RATES, TEN, EXCHANGE)
    assert (price.amount, price.currency) == (Decimal(amount), pay.currency)
    assert (price.net_low, price.net_high) == tuple(map(Decimal, net))


def test_an_unknown_fee_gives_a_range():
    price = price_for(make_post(pay=hourly("60", "90")), RATES, BAND, EXCHANGE)
    assert (price.amount, price.net_low, price.net_high) == (Decimal(76), Decimal("64.60"), Decimal(76))


def test_hourly_work_without_a_figure_gets_the_target():
    assert price_for(make_post(pay=None), RATES, TEN).amount == Decimal(78)


@pytest.mark.parametrize(
    "post",
    [
        make_post(pay=None, contract_type=ContractType.FIXED),
        make_post(pay=hourly("50", "80", "JPY")),
    ],
)
def test_where_there_is_nothing_to_go_by_the_person_decides(post):
    assert price_for(post, RATES, TEN, EXCHANGE) is None
