"""Which post is which, whatever the tracking parameters and the counts around it do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import canonical_url, content_hash, identity_key, post_id, text_hash, upwork_time
from domain.posts import Client
from tests.fakes import hourly, make_post


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://Jobs.Example:80/a/?utm_source=x&b=2&a=1#top", "https://jobs.example/a?a=1&b=2"),
        ("https://www.upwork.com/jobs/X_%7E01ab?source=rss", "https://www.upwork.com/jobs/X_~01ab"),
        ("https://jobs.example:8443/a%20b", "https://jobs.example:8443/a%20b"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("  https://jobs.example.  ", "https://jobs.example"),
    ],
)
def test_canonical_urls(url, canonical):
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "mailto:a@b.example", "jobs.example/a", "https://", "http://[x", "https://a:b/"],
)
def test_what_is_no_post_url_has_none(url):
    assert canonical_url(url) is None


@given(st.text(max_size=80))
def test_canonical_urls_are_stable(text):
    once = canonical_url("https://jobs.example/" + text)
    assert once is None or canonical_url(once) == once


def test_identity_prefers_id_then_url_then_words():
    post = make_post()
    assert identity_key(post) == f"id|test|{post.source_id}"
    by_url = replace(post, source_id=None)
    assert identity_key(by_url).startswith("url|https://jobs.example/")
    assert identity_key(replace(by_url, url="not a url")) == f"text|test|{text_hash(post)}"


def test_the_same_id_in_two_sources_is_two_posts():
    post = make_post()
    assert post_id(post) != post_id(replace(post, source="other"))
    assert post_id(post) == post_id(replace(post, title="edited"))


def test_counts_do_not_make_a_new_content_hash_but_pay_does():
    post = make_post()
    assert content_hash(replace(post, proposals_min=5, hires=1, raw={"x": "y"})) == content_hash(post)
    assert content_hash(replace(post, pay=hourly("51", "80"))) != content_hash(post)
    assert content_hash(replace(post, client=Client(rating=Decimal("4.9")))) != content_hash(post)


def test_content_hash_is_versioned_and_ignores_how_a_number_is_written():
    post = make_post(pay=hourly("50", "80"))
    assert content_hash(post).startswith("1:")
    assert content_hash(replace(post, pay=hourly("50.00", "80.0").__class__(
        unit=post.pay.unit, currency="USD", low=Decimal("50.00"), high=Decimal("80.0"), raw=post.pay.raw
    ))) == content_hash(post)  # fmt: skip


def test_content_hash_of_an_instant_does_not_depend_on_its_zone():
    zone = datetime(2026, 3, 2, 9, tzinfo=UTC).astimezone()
    assert content_hash(make_post(date_posted=zone)) == content_hash(
        make_post(date_posted=zone.astimezone(UTC))
    )


def test_an_upwork_id_carries_its_time():
    moment = datetime(2024, 5, 13, 9, 46, 45, tzinfo=UTC)
    numeric = (int(moment.timestamp() * 1000) - 1_288_834_974_657) << 22
    assert upwork_time(numeric + 12345) - moment < timedelta(milliseconds=1)
