"""Dates as feeds write them, clocks that jump, zones of the machine, and the time in Upwork's ids."""

from __future__ import annotations

import gzip
import json
import os
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from domain.identity import upwork_time
from domain.posts import RawPosting
from pipelines.dates import AHEAD, EARLIEST, parse_date
from pipelines.normalise import normalise
from pipelines.upwork import time_in
from spiders.parsers import parse
from tests.fakes import NOW
from tests.hostile import SHARED, own_cases

GRAPHQL = SHARED / "data" / "upwork_graphql_aschubbz_2025"
RSS = SHARED / "data" / "upwork_rss_lougse_2024" / "raw_xml"

ODD = [
    "0", "1", "-1", "0000-00-00", "0000-00-00T00:00:00Z", "1970-01-01", "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT",
    "1969-12-31T23:59:59+01:00", "1999-12-31T23:59:59Z", "2026-03-04T08:00:01Z", "2026-03-04T07:59:59Z", "2126-03-02", "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59", "99999-01-01", "1e400", "inf", "nan", "253402300800", "9999999999999", "2026-02-30", "2026-13-01",
    "2026-03-01T24:00:00Z", "2026-03-01T23:59:60Z", "2026-03-01 10:00 +9999", "Sun, 01 Mar 2026 10:00:00 EST", "Sun, 01 Mar 2026 10:00:00 XYZ",
    "Sun, 01 Mar 2026 10:00:00 -0000", "Sun, 01 Mar 2026 10:00:00 +2500", "03/01/2026", "01.03.2026", "2026W09", "2026-W09-7", "2026-060",
    "yesterday", "3 hours ago", "今天", "٢٠٢٦-٠١-٠١", "２０２６-０３-０１", "2026-03-01\x00", "\u202e2026-03-01", "2026-03-01" * 9, "",
]  # fmt: skip


def feed_dates() -> list[str]:
    cases = own_cases("time-cases.json")
    return [text.partition(" (")[0] for text in (*cases["feed_dates"], *cases["instants_local"])] + [
        *cases["feed_dates"],
        *cases["instants_local"],
    ]


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    """Let the machine stand in ``zone``."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


def assert_plausible(moment: datetime | None, now: datetime) -> None:
    assert moment is None or moment.utcoffset() == timedelta(0)
    assert moment is None or moment >= EARLIEST
    assert moment is None or now < EARLIEST or moment <= now + AHEAD


@pytest.mark.parametrize("text", ODD)
def test_odd_dates_are_moments_in_bounds_or_issues(text):
    moment, issues = parse_date(text, now=NOW)
    assert_plausible(moment, NOW)
    assert moment is not None or issues or not text


@pytest.mark.parametrize("text", [text for text in ODD if re.search("19[67]|^0|2126|99", text)])
def test_no_post_is_of_1970_or_of_the_future(text):
    assert parse_date(text, now=NOW)[0] is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of the process cannot be set here")
def test_the_zone_of_the_machine_changes_nothing():
    found = {}
    texts = [*feed_dates(), *ODD]
    for zone in own_cases("time-cases.json")["zones"]:
        with machine_in(zone):
            found[zone] = [parse_date(text, now=NOW) for text in texts]
            for moment, _ in found[zone]:
                assert_plausible(moment, NOW)
    assert len(found) == 10
    first, *others = found.values()
    assert all(other == first for other in others)
    moments = [moment for moment, _ in first if moment is not None]
    assert len(moments) >= 6


@pytest.mark.parametrize(
    "now",
    [
        NOW - timedelta(hours=1),
        NOW + timedelta(hours=1),
        NOW - timedelta(days=1),
        NOW + timedelta(days=400),
        datetime(1970, 1, 1, tzinfo=UTC),
    ],
    ids=["an hour back", "an hour on", "a day back", "400 days on", "1970: no battery"],
)
def test_a_clock_that_jumped_loses_no_date_of_a_post(now):
    stated = NOW - timedelta(hours=6)
    texts = [stated.isoformat(), stated.strftime("%a, %d %b %Y %H:%M:%S GMT"), str(int(stated.timestamp()))]
    for text in texts:
        post, issues = normalise(
            RawPosting(source="s", where="w", title="t", date_posted=text, source_id="1"), now=now
        )
        assert (post.date_posted, issues) == (stated, ())
    for text in [*ODD, *feed_dates()]:
        assert_plausible(parse_date(text, now=now)[0], now)


def test_a_clock_that_went_back_further_makes_an_issue_and_keeps_the_words():
    raw = RawPosting(source="s", where="w", title="t", date_posted=NOW.isoformat())
    post, issues = normalise(raw, now=NOW - timedelta(days=30))
    assert (post.date_posted, post.raw["date_posted"]) == (None, NOW.isoformat())
    assert [issue.where for issue in issues] == ["w: date_posted"]


# ---- the time in Upwork's ids ----------------------------------------------------------------------------


def dated_nodes() -> dict[str, tuple[datetime, datetime]]:
    """Return when each post of the captured answers was created and published, by its id."""
    found = {}

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if "createTime" in value and str(value.get("id")).isdigit():
                times = (value["createTime"], value["publishTime"])
                found[value["id"]] = tuple(map(datetime.fromisoformat, times))
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                walk(inner)

    for path in GRAPHQL.glob("*.json.gz"):
        walk(json.loads(gzip.decompress(path.read_bytes())))
    return found


@pytest.mark.skipif(not GRAPHQL.exists(), reason="the captured answers of Upwork are not here")
def test_a_numeric_id_tells_when_its_post_was_written():
    nodes = dated_nodes()
    assert len(nodes) > 250
    late, early = [], []
    for identity, (created, published) in nodes.items():
        for form in (identity, f"~02{identity}"):
            raw = RawPosting(
                source="upwork",
                where="w",
                title="t",
                source_id=form,
                url=f"https://www.upwork.com/jobs/{form}",
            )
            post, _ = normalise(raw, now=NOW)
            assert post.date_posted == upwork_time(int(identity))
        late.append(abs(post.date_posted - created).total_seconds())
        early.append((published - post.date_posted).total_seconds())
    assert statistics.median(late) < 0.5
    assert max(late) < 1
    # Upwork holds some posts back for three hours, so that many are from three hours before they could be read.
    within_a_minute = sum(abs(seconds) <= 60 for seconds in early)
    held_back = sum(abs(seconds - 3 * 3600) <= 60 for seconds in early)
    assert within_a_minute / len(early) > 0.85
    assert (within_a_minute + held_back) / len(early) > 0.94


@pytest.mark.skipif(not RSS.exists(), reason="the saved Upwork polls are not here")
def test_the_other_kind_of_id_carries_no_time_and_gives_none():
    times = {}
    for path in RSS.glob("*.gz"):
        for raw in parse("feed", gzip.decompress(path.read_bytes()), source="s", where="w").posts:
            assert re.fullmatch("~01[0-9a-f]{16}", raw.source_id)
            assert time_in(raw.source_id, now=NOW) is None
            times[int(raw.source_id[3:], 16)] = normalise(raw, now=NOW)[0].date_posted.timestamp()
    # No bit of them goes with the date: by chance alone the largest of 64 correlations is about 2.7 / sqrt(n).
    strongest = max(
        abs(statistics.correlation([identity >> bit & 1 for identity in times], list(times.values())))
        for bit in range(64)
    )
    assert len(times) > 30
    assert strongest < 4.5 / len(times) ** 0.5


@pytest.mark.parametrize("digits", ["0" * 19, "9" * 19, "9" * 20, "1" * 18, "4" * 18])
def test_ids_that_name_no_plausible_time_raise_nothing(digits):
    assert time_in(digits, now=NOW) is None
