"""Projected times: milestone review, security hold, hourly week, feedback window. All in UTC.

A projection never overwrites what the marketplace reports; both are kept. The waiting times are rows of
``ledger/rules``; ``None`` means that no rule states one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.clock import as_utc
from domain.errors import LedgerError
from ledger.rulebook import MARKETPLACE, clock_days

_NOON = time(12, tzinfo=UTC)
_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)
_MIDNIGHT = time(0, tzinfo=UTC)


def review_ends(submitted_at: datetime, *, channel: str, variant: str = MARKETPLACE) -> datetime | None:
    """Return when silence releases work submitted at ``submitted_at`` (aware)."""
    start = as_utc(submitted_at)
    days = clock_days(channel, "review", start.date(), variant=variant)
    return None if days is None else start + timedelta(days=days)


def available_on(released_on: date, *, channel: str, variant: str = MARKETPLACE) -> date | None:
    """Return the UTC day on which money released on ``released_on`` can be withdrawn."""
    days = clock_days(channel, "hold", released_on, variant=variant)
    return None if days is None else released_on + timedelta(days=days)


def refund_at(ended_at: datetime, *, channel: str) -> datetime | None:
    """Return when money held at a contract's end goes back to a client if nobody answers."""
    start = as_utc(ended_at)
    days = clock_days(channel, "refund", start.date())
    return None if days is None else start + timedelta(days=days)


def feedback_before(ended_on: date, *, channel: str) -> datetime | None:
    """Return the moment before which feedback on a contract ended on ``ended_on`` should be left.

    Sources do not say which midnight of the last day counts; the earlier one is returned.
    """
    days = clock_days(channel, "feedback", ended_on)
    return None if days is None else datetime.combine(ended_on + timedelta(days=days), _MIDNIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneClock:
    """Where a milestone's review stands: ``auto_release_at`` is ``None`` while the clock is stopped."""

    auto_release_at: datetime | None
    available_on: date | None


def milestone_clock(
    submitted_at: datetime,
    *,
    changes_requested_at: datetime | None = None,
    resubmitted_at: datetime | None = None,
    channel: str = "upwork",
    variant: str = MARKETPLACE,
) -> MilestoneClock:
    """Return the projected release and availability of work submitted at ``submitted_at``.

    A change request stops the clock; a resubmission starts a new one. Raise :class:`LedgerError` for times
    out of order, or a change request after the release it would have had to precede.
    """
    ends = review_ends(submitted_at, channel=channel, variant=variant)
    if changes_requested_at is None and resubmitted_at is None:
        day = None if ends is None else available_on(ends.date(), channel=channel, variant=variant)
        return MilestoneClock(auto_release_at=ends, available_on=day)
    changed = submitted_at if changes_requested_at is None else changes_requested_at
    if changed < submitted_at or (resubmitted_at is not None and resubmitted_at < changed):
        raise LedgerError(
            "a submission, a change request and a resubmission are out of order",
            remedy="Give the times in the order they happened",
        )
    if ends is not None and changed >= ends:
        raise LedgerError(
            f"changes were requested after the review ended on {ends:%Y-%m-%d %H:%M} UTC",
            remedy="Check the times; the milestone would have been released by then",
        )
    if resubmitted_at is None:
        return MilestoneClock(auto_release_at=None, available_on=None)
    return milestone_clock(resubmitted_at, channel=channel, variant=variant)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyWeek:
    """An Upwork work week and what follows it; days are UTC days, Monday to Sunday."""

    first: date
    last: date
    edit_until: datetime  # exclusive: the diary closes as the invoice is made
    invoice_at: datetime
    review_ends: datetime
    available_on: date
    available_on_top_rated: date


def hourly_week(worked_on: date) -> HourlyWeek:
    """Return the Upwork week that holds the UTC day ``worked_on``.

    Rules: invoice Monday 12:00, review until Friday 23:59:59, available on Sunday + 10 days, for Top Rated on
    that Friday. Source: support.upwork.com articles 211063698, 211062158 and 360047676133.
    """
    first = worked_on - timedelta(days=worked_on.weekday())
    last = first + timedelta(days=6)
    monday, friday = last + timedelta(days=1), last + timedelta(days=5)
    return HourlyWeek(
        first=first,
        last=last,
        edit_until=datetime.combine(monday, _NOON),
        invoice_at=datetime.combine(monday, _NOON),
        review_ends=datetime.combine(friday, _LAST_SECOND),
        available_on=last + timedelta(days=10),
        available_on_top_rated=friday,
    )
