"""When a source may be asked again: Retry-After in both forms, patience with failures, never given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.posts import RawPosting
from domain.sources import Source, SourceRun, SourceState, Terms
from spiders.politeness import LONGEST_REST, backoff, domain_of, due_at, resting, retry_moment, with_failures
from spiders.shape import coverage_of, what_is_missing

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = Source(
    name="board",
    type="rss",
    url="https://jobs.example.com/feed",
    every=HOUR,
    terms=Terms(min_interval=HOUR),
)


def run(state: str, at: datetime = NOW, **fields: object) -> SourceRun:
    return SourceRun(
        run_id="r", source="board", state=SourceState(state), started_at=at, finished_at=at, url=SOURCE.url, **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("999999999999999999", 86_400),
        ("172800", 86_400),
        ("Mon, 02 Mar 2026 08:30:00 GMT", 1800),
        ("Mon, 02 Mar 2026 09:30:00 +0100", 1800),
        ("Mon, 02 Mar 2026 07:00:00 GMT", 0),
        ("Sat, 02 Mar 2030 07:00:00 GMT", 86_400),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_a_day(header, seconds):
    assert retry_moment(header, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "²", "١٢٠", "Mon, 99 Foo 2026", "\x00"])
def test_a_retry_after_that_says_nothing_asks_for_nothing(header):
    assert retry_moment(header, NOW) is None


@given(st.text(max_size=64))
def test_no_retry_after_breaks_or_asks_for_more_than_a_day(header):
    moment = retry_moment(header, NOW)
    assert moment is None or NOW <= moment <= NOW + LONGEST_REST


def test_failures_double_the_interval_up_to_a_day_and_spread_out():
    waits = [backoff(SOURCE, failures) for failures in range(1, 12)]
    assert HOUR <= waits[0] <= 1.1 * HOUR
    assert all(one <= other for one, other in pairwise(waits[:5]))
    assert waits[3] >= 8 * HOUR
    assert all(0.75 * LONGEST_REST <= wait <= LONGEST_REST for wait in [*waits[5:], backoff(SOURCE, 10**6)])
    others = {backoff(replace(SOURCE, name=f"board-{number}"), 3) for number in range(50)}
    assert len(others) > 30


def test_a_server_that_is_down_at_the_same_hours_every_day_is_met_at_others_before_long():
    for number in range(50):
        source = replace(SOURCE, name=f"board-{number}")
        hour, met = timedelta(), []
        for failures in range(6, 20):
            hour += backoff(source, failures)
            met.append(hour % timedelta(days=1) >= 12 * HOUR)
        assert True in met[:8], (
            "down for twelve hours of each day, it was not asked at another hour for a week"
        )


def test_a_series_of_failures_is_counted_until_all_is_well_again():
    first = with_failures(run("error"), None, SOURCE, offline=False)
    second = with_failures(run("blocked", NOW + 2 * HOUR), first, SOURCE, offline=False)
    assert (first.failures, second.failures) == (1, 2)
    assert (first.failing_since, second.failing_since) == (NOW, NOW)
    assert second.wait_until >= NOW + 4 * HOUR
    well = with_failures(run("not modified", NOW + 9 * HOUR), second, SOURCE, offline=False)
    assert (well.failures, well.failing_since, well.wait_until) == (0, None, None)


def test_an_offline_machine_counts_no_failure_and_forgets_no_plea():
    plea = replace(with_failures(run("blocked"), None, SOURCE, offline=False), retry_at=NOW + 5 * HOUR)
    offline = with_failures(run("unreachable", NOW + HOUR), plea, SOURCE, offline=True)
    assert (offline.failures, offline.wait_until, offline.retry_at) == (1, plea.wait_until, plea.retry_at)
    fresh = with_failures(run("unreachable"), None, SOURCE, offline=True)
    assert (fresh.failures, fresh.wait_until) == (0, None)


def test_a_series_ends_with_the_address():
    failed = replace(with_failures(run("error"), None, SOURCE, offline=False), failures=9)
    moved = replace(SOURCE, url="https://elsewhere.example/feed")
    again = with_failures(replace(run("error", NOW + HOUR), url=moved.url), failed, moved, offline=False)
    assert (again.failures, again.failing_since) == (1, NOW + HOUR)


def due(latest=None, answered=None, rests=None, now=NOW):
    return due_at(SOURCE, latest=latest, answered=answered, rests=rests or {}, now=now)


def test_a_source_is_due_when_its_interval_its_patience_and_its_domain_allow():
    assert due() == NOW
    assert due(answered=run("ok", NOW - 30 * timedelta(minutes=1))) == NOW + 30 * timedelta(minutes=1)
    assert due(latest=run("error", NOW - HOUR, wait_until=NOW + 3 * HOUR)) == NOW + 3 * HOUR
    assert due(rests={"example.com": NOW + 2 * HOUR}) == NOW + 2 * HOUR
    assert due(rests={"example.org": NOW + 2 * HOUR}) == NOW
    set_back = run("error", NOW + 400 * timedelta(days=1), wait_until=NOW + 401 * timedelta(days=1))
    assert due(latest=set_back, answered=set_back) == NOW


def test_a_plea_holds_for_the_whole_domain_until_it_is_over():
    runs = [
        replace(run("blocked", retry_at=NOW + 2 * HOUR), url="https://a.example.com/x"),
        replace(run("blocked", retry_at=NOW + HOUR), url="https://b.example.com/y"),
        replace(run("blocked", NOW - HOUR, retry_at=NOW), url="https://over.example/"),
        replace(run("blocked", NOW + HOUR, retry_at=NOW + 9 * HOUR), url="https://future.example/"),
    ]
    assert resting(runs, NOW) == {"example.com": NOW + 2 * HOUR}


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://jobs.example.co.uk/feed", "example.co.uk"),
        ("https://one.github.io/", "one.github.io"),
        ("http://127.0.0.1:8080/a", "127.0.0.1:8080"),
        ("http://localhost/a", "localhost:80"),
        ("https://[::1]/a", "::1:443"),
        ("no url", "no url"),
    ],
)
def test_domains(url, domain):
    assert domain_of(url) == domain


# ---- what used to come ------------------------------------------------------------------------------------


def posts(number: int, **fields: object) -> list[RawPosting]:
    whole = {
        "title": "Django",
        "url": "https://x.example/",
        "date_posted": "2026-03-02",
        "skills": ("Django",),
    }
    return [RawPosting(source="board", where=f"item {place}", **(whole | fields)) for place in range(number)]


def read(number: int, **fields: object) -> SourceRun:
    given = posts(number, **fields)
    return run("ok" if given else "empty", posts_read=number, coverage=coverage_of(given) if given else {})


@pytest.mark.parametrize(
    ("now", "past", "missing"),
    [
        (posts(0), [], ""),
        (posts(0), [read(12), read(11)], "no posts, where there used to be about 11.5"),
        (posts(0), [read(2), read(1)], ""),
        (posts(0), [read(0), read(0), read(12)], ""),
        (posts(9, url=None), [read(12), read(12)], "url no longer given with any post"),
        (
            posts(9, url=None, date_posted=None),
            [read(40)],
            "url and date_posted no longer given with any post",
        ),
        (posts(2, url=None), [read(12), read(12)], ""),  # two posts may well lack it
        (posts(9, url=None), [read(6)], ""),  # too few to know
        (posts(9, budget_raw="$5"), [read(40)], ""),  # more than before is no loss
        (posts(9, skills=()), [read(20), read(20, skills=())], ""),  # half had none
        (posts(60, skills=()), [read(20), read(20, skills=())], "skills no longer given with any post"),
    ],
)
def test_what_used_to_come_and_does_not_is_named(now, past, missing):
    assert what_is_missing(coverage_of(now), past) == missing
