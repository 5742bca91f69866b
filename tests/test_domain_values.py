"""Small values: pay that contradicts itself, errors that stay one line, clocks that refuse naive times."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.clock import as_utc, local_date, utc_now
from domain.errors import BidwrightError, ConfigError
from domain.issues import IssueLevel, error, info, warning
from domain.pay import Pay, PayUnit


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
