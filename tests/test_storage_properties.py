"""What goes into the store comes out of it: money of every number of decimals, any text, any time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.money import MAX_MINOR, from_minor
from domain.pay import Pay, PayUnit
from domain.posts import Client
from storage import open_store
from tests.fakes import NOW, make_post, stored
from tests.postgres import postgres  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
MINOR = st.integers(-MAX_MINOR, MAX_MINOR)
CURRENCIES = ["JPY", "VND", "USD", "IDR", "BHD", "KWD", None]
TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def kept(request, tmp_path_factory):
    """Return a function that stores a post in place of the one before and reads it back."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'desk.db'}"
    else:
        server = request.getfixturevalue("postgres")
        server.sql("CREATE DATABASE properties")
        url = server.url("properties")
    with open_store(url) as opened:
        first = stored(make_post())
        opened.run_write(lambda tx: tx.posts.insert(first))

        def keep(post):
            with opened.write() as tx:
                tx.posts.update(replace(first, post=post))
                return tx.posts.get(first.post_id).post

        yield keep


many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(
    minors=st.lists(MINOR, min_size=2, max_size=2),
    currency=st.sampled_from(CURRENCIES),
    unit=st.sampled_from(PayUnit),
)
def test_money_comes_back_to_the_last_minor_unit(kept, minors, currency, unit):
    low, high = (from_minor(minor, currency or "USD") for minor in sorted(minors))
    pay = Pay(unit=unit, currency=currency, low=low, high=high, raw="")
    spent = from_minor(minors[0], "USD")
    post = make_post(pay=pay, client=Client(total_spent=spent))
    back = kept(post)
    assert back == post
    assert (str(back.pay.low), str(back.pay.high), str(back.client.total_spent)) == (
        str(low),
        str(high),
        str(spent),
    )


@many
@given(
    amount=st.decimals(Decimal("-1e9"), Decimal("1e9"), allow_nan=False, allow_infinity=False, places=6),
    currency=st.sampled_from(CURRENCIES),
)
def test_finer_amounts_are_rounded_half_up_once(kept, amount, currency):
    pay = Pay(unit=PayUnit.FIXED, currency=currency, low=amount, high=None, raw=str(amount))
    once = kept(make_post(pay=pay)).pay
    decimals = {"JPY": 0, "VND": 0, "BHD": 3, "KWD": 3}.get(currency, 2)
    assert abs(once.low - amount) <= Decimal(5) / 10 ** (decimals + 1)
    assert once.low.as_tuple().exponent == -decimals
    assert (once.high, once.raw) == (None, str(amount))
    assert kept(make_post(pay=once)).pay == once


@many
@given(
    title=TEXT,
    description=TEXT,
    words=st.lists(TEXT, max_size=3),
    pairs=st.dictionaries(TEXT, TEXT, max_size=3),
)
def test_any_text_comes_back_character_by_character(kept, title, description, words, pairs):
    post = make_post(
        title,
        description=description,
        skills=tuple(words),
        raw=pairs,
        extra=pairs,
        url=description,
        category=title,
    )
    assert kept(post) == post


@many
@given(posted=TIMES, since=TIMES)
def test_any_time_comes_back_aware_to_the_microsecond(kept, posted, since):
    post = make_post(date_posted=posted, client=Client(member_since=since))
    back = kept(post)
    assert back == post
    assert back.date_posted.tzinfo is UTC


@settings(max_examples=100, deadline=None)
@given(ratio=st.decimals(0, 1, allow_nan=False, places=9), hires=st.integers(0, 2**62))
def test_shares_and_counts_come_back_exactly(kept, ratio, hires):
    post = make_post(hires=hires, client=Client(hire_rate=ratio, rating=ratio * 5, reviews=hires))
    back = kept(post)
    assert back == post
    assert str(back.client.hire_rate) == str(ratio)


def test_the_past_and_future_sort_as_text():
    from sqlalchemy.dialects import sqlite

    from storage.columns import UtcTime

    bind = UtcTime().process_bind_param
    moments = [
        datetime(1, 1, 1, tzinfo=UTC),
        NOW,
        NOW.replace(microsecond=1),
        datetime(9999, 1, 1, tzinfo=UTC),
    ]
    texts = [bind(moment, sqlite.dialect()) for moment in moments]
    assert texts == sorted(texts)
    assert {len(text) for text in texts} == {27}
