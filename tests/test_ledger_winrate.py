"""Win rates: intervals, small numbers, groups and the funnel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Event
from ledger import events as ev
from ledger.winrate import GROUPINGS, beta_posterior, by_template, judgement, wilson, win_rate

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def bids(won: int, lost: int, still_open: int = 0, **more: str) -> list[Event]:
    history: list[Event] = []
    for number in range(won + lost + still_open):
        post = f"{more}{number}"
        moment = {"at": START + timedelta(hours=number), "recorded_at": START + timedelta(days=90)}
        history.append(ev.submit_bid(post, connects=10, boost=2, at=START, recorded_at=START, **more))  # type: ignore[arg-type]
        if number < won:
            history.append(ev.win_bid(post, **moment))
        elif number < won + lost:
            history.append(ev.lose_bid(post, **moment))
    return history


@pytest.mark.parametrize(
    ("won", "decided", "low", "high"),
    [
        # Agresti and Coull 1998, and any table of score intervals
        (0, 10, "0.0000", "0.2775"),
        (1, 10, "0.0179", "0.4042"),
        (5, 10, "0.2366", "0.7634"),
        (10, 10, "0.7225", "1.0000"),
        (808, 9557, "0.0791", "0.0903"),
    ],
)
def test_wilson_interval(won: int, decided: int, low: str, high: str) -> None:
    interval = wilson(won, decided, judgement().z)
    assert interval is not None
    assert f"{interval.low:.4f}" == low
    assert f"{interval.high:.4f}" == high


@given(st.integers(0, 400), st.integers(0, 400))
def test_wilson_interval_holds_the_rate(won: int, lost: int) -> None:
    interval = wilson(won, won + lost, judgement().z)
    if not won + lost:
        assert interval is None
        return
    assert interval is not None
    assert 0 <= interval.low <= interval.p <= interval.high <= 1


def test_posterior_of_nothing_is_the_prior() -> None:
    """Beta(1, 11): mean 1/12, quantiles 1 - (1 - q) ** (1 / 11)."""
    interval = beta_posterior(0, 0, judgement())
    assert interval.p == Decimal(1) / 12
    assert f"{interval.low:.6f}" == "0.002299"
    assert f"{interval.high:.6f}" == "0.284914"


def test_open_bids_are_not_losses() -> None:
    (row,) = win_rate(bids(won=3, lost=9, still_open=40))
    assert (row.submitted, row.decided, row.open) == (52, 12, 40)
    assert row.observed is not None
    assert row.observed.p == Decimal("0.25")
    assert row.enough
    assert row.connects == 52 * 12


def test_too_few_decided_bids_say_not_enough_yet() -> None:
    (row,) = win_rate(bids(won=1, lost=3))
    assert not row.enough
    assert row.needed == 6
    assert row.posterior is not None
    assert row.posterior.p == Decimal(2) / 16


def test_many_bids_need_no_prior() -> None:
    (row,) = win_rate(bids(won=21, lost=80))
    assert row.posterior is None


def test_no_bids_at_all() -> None:
    (row,) = win_rate([])
    assert (row.submitted, row.observed, row.connects, row.needed) == (0, None, None, 10)
    assert win_rate([], by=by_template) == ()


def test_groups_come_largest_first_and_not_stated_last() -> None:
    history = bids(1, 1, template="short") + bids(2, 3, template="long") + bids(4, 4)
    rows = win_rate(history, by=by_template)
    assert [(row.group, row.won, row.lost) for row in rows] == [
        ("long", 2, 3),
        ("short", 1, 1),
        ("not stated", 4, 4),
    ]


@pytest.mark.parametrize("name", sorted(GROUPINGS))
def test_every_grouping_reads_its_own_field(name: str) -> None:
    (row,) = win_rate(bids(0, 1, **{name: "this one"}), by=GROUPINGS[name])
    assert row.group == "this one"


def test_a_withdrawn_bid_is_nobodys_decision() -> None:
    moment = {"at": START, "recorded_at": START}
    (row,) = win_rate([ev.submit_bid("p1", **moment), ev.withdraw_bid("p1", **moment)])
    assert (row.decided, row.withdrawn, row.observed, row.connects) == (0, 1, None, None)
