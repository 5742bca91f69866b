"""Small values: pay that contradicts itself, errors that stay one line, clocks that refuse naive times."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.clock import as_utc, local_date, start_of_day, utc_now
from domain.errors import BidwrightError, ConfigError
from domain.issues import IssueLevel, error, info, warning
from domain.pay import Pay, PayUnit
from domain.sources import SourceRun, SourceState, together


def test_pay_states_at_least_one_bound_in_order():
    with pytest.raises(ValueError, match="at least one bound"):
        Pay(unit=PayUnit.HOUR, currency="USD", low=None, high=None, raw="")
    with pytest.raises(ValueError, match="above"):
        Pay(unit=PayUnit.HOUR, currency="USD", low=Decimal(9), high=Decimal(8), raw="9-8")
    assert Pay(unit=PayUnit.FIXED, currency=None, low=None, high=Decimal(500), raw="up to 500").low is None


def test_an_error_is_one_line_that_says_what_where_and_what_to_do():
    problem = ConfigError("unknown key\n'flor'", where="bidwright.toml", remedy="Did you mean 'floor'?")
    assert str(problem) == "bidwright.toml: unknown key 'flor'. Did you mean 'floor'?"
    assert str(BidwrightError("it broke")) == "it broke"


def test_an_error_survives_a_process_boundary():
    problem = pickle.loads(pickle.dumps(ConfigError("w", where="f", remedy="r")))
    assert (type(problem), str(problem)) == (ConfigError, "f: w. r")


def test_issues_have_levels():
    assert [make("feed", "odd").level for make in (info, warning, error)] == list(IssueLevel)


def test_times_are_aware_and_dates_are_local():
    assert utc_now().tzinfo is UTC
    with pytest.raises(ValueError, match="naive"):
        as_utc(datetime(2026, 3, 2))
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert local_date(late, "Europe/Lisbon") == date(2026, 3, 2)
    assert local_date(late, "Asia/Tokyo") == date(2026, 3, 3)


def test_a_day_begins_at_its_own_midnight_whatever_the_clocks_do():
    noon = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)  # summer time begins at 01:00 UTC
    assert start_of_day(noon, "Europe/Lisbon") == datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    assert start_of_day(noon + timedelta(days=1), "Europe/Lisbon") == datetime(2026, 3, 29, 23, 0, tzinfo=UTC)
    assert start_of_day(noon, "Asia/Tokyo") == datetime(2026, 3, 28, 15, 0, tzinfo=UTC)


def source_run(state: str, read: int = 0, new: int = 0, **fields: object) -> SourceRun:
    at = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    return SourceRun(
        run_id="r", source="s", state=SourceState(state), started_at=at, finished_at=at, posts_read=read,
        posts_new=new, **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "state", "read", "new"),
    [
        ([source_run("ok", 12, 11)], "ok", 12, 11),
        ([source_run("ok", 12, 11), source_run("not modified")], "ok", 12, 11),
        ([source_run("ok", 12, 11), source_run("ok", 13, 1)], "ok", 13, 12),
        ([source_run("not modified")], "not modified", 0, 0),
        ([source_run("ok", 12, 11), source_run("error", detail="status 500")], "error", 12, 11),
        ([source_run("error"), source_run("ok", 12, 11)], "ok", 12, 11),
        ([source_run("ok", 12, 11), source_run("error"), source_run("not modified")], "ok", 12, 11),
    ],
)
def test_the_runs_of_a_day_come_to_one_outcome(runs, state, read, new):
    day = together(runs)
    assert (day.state.value, day.posts_read, day.posts_new) == (state, read, new)
    assert day.detail == (runs[-1].detail if state == "error" else "")
