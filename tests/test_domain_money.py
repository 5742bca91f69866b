"""Money: exact in every currency, half-up, never mixed, never lost in a split."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MoneyError
from domain.money import MAX_MINOR, Money, decimals, from_minor, is_currency, parse_amount, to_minor

CURRENCIES = st.sampled_from(["USD", "EUR", "INR", "JPY", "VND", "IDR", "BHD", "KWD"])
MINORS = st.integers(-MAX_MINOR, MAX_MINOR)


def test_currencies_have_their_iso_decimals():
    assert {code: decimals(code) for code in ("JPY", "VND", "IDR", "USD", "BHD", "KWD")} == {
        "JPY": 0, "VND": 0, "IDR": 2, "USD": 2, "BHD": 3, "KWD": 3,
    }  # fmt: skip
    assert is_currency("PLN")
    assert not is_currency("XYZ")


def test_unknown_currency_is_refused_with_a_remedy():
    with pytest.raises(MoneyError, match="unknown currency 'usd'.*ISO 4217"):
        Money(1, "usd")


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("26.664", 2666), ("33.336", 3334), ("0.005", 1), ("-0.005", -1), ("0", 0), ("1e2", 10_000)],
)
def test_rounding_is_half_up_per_transaction(amount, minor):
    assert Money.of(amount, "USD") == Money(minor, "USD")


@pytest.mark.parametrize("text", ["", "12,50", "nan", "Infinity", "$5", "1e999999999"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(MoneyError):
        Money.of(text, "USD")


@given(MINORS, CURRENCIES)
def test_minor_units_survive_text(minor, currency):
    money = Money(minor, currency)
    amount, code = str(money).split()
    assert Money.of(amount, code) == money
    assert to_minor(from_minor(minor, currency), currency) == minor


@given(MINORS, CURRENCIES, st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any))
def test_parts_of_a_split_sum_to_the_whole(minor, currency, weights):
    parts = Money(minor, currency).allocate(weights)
    assert sum(part.minor for part in parts) == minor
    exact = [Decimal(minor) * weight / sum(weights) for weight in weights]
    assert all(abs(part.minor - share) < 1 for part, share in zip(parts, exact, strict=True))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_a_split_needs_weights(weights):
    with pytest.raises(MoneyError):
        Money(100, "USD").allocate(weights)


@given(MINORS, st.decimals("-3", "3", places=4))
def test_a_product_rounds_once(minor, factor):
    money = Money(minor // 4, "USD")
    expected = (Decimal(money.minor) * factor).to_integral_value(ROUND_HALF_UP)
    assert money.times(factor).minor == expected


def test_currencies_never_mix():
    dollars, euros = Money(100, "USD"), Money(100, "EUR")
    for mix in (
        lambda: dollars + euros,
        lambda: dollars - euros,
        lambda: dollars < euros,
        lambda: dollars <= euros,
    ):
        with pytest.raises(MoneyError, match="cannot mix USD and EUR"):
            mix()


def test_arithmetic_and_order():
    assert Money(100, "USD") + Money(50, "USD") - Money(25, "USD") == Money(125, "USD")
    assert -Money(5, "USD") == Money(-5, "USD")
    assert Money(1, "USD") < Money(2, "USD") <= Money(2, "USD")
    assert Money.of(Decimal("12.5"), "USD").amount == Decimal("12.50")


def test_beyond_the_largest_amount_is_refused():
    with pytest.raises(MoneyError):
        Money(MAX_MINOR + 1, "USD")
    with pytest.raises(MoneyError):
        Money.of("22517998136852.48", "USD")
    assert parse_amount("22517998136852.47") * 100 == MAX_MINOR
