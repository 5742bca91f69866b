"""Follow-ups: due after days of silence, once, until a bid is silent for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.book import Book, record_all
from ledger.events import (
    correct,
    follow_up_bid,
    interview,
    lose_bid,
    reply_to_bid,
    submit_bid,
    view_bid,
    win_bid,
)
from ledger.followups import follow_ups_due, in_play
from tests.fakes import NOW

DAY = timedelta(days=1)


def book(*events) -> Book:
    return record_all(Book(), events)[0]


def step(make, days_ago, post="p1"):
    return make(post, at=NOW - days_ago * DAY, recorded_at=NOW)


def due(*events, after_days=5, now=NOW, zone="UTC"):
    found = follow_ups_due(book(*events).bids.values(), now=now, time_zone=zone, after_days=after_days)
    return [(each.post_id, each.waiting_for, each.days) for each in found]


ANSWER, NEWS, DECISION = (
    "an answer to your bid",
    "news after the client's answer",
    "a decision after the interview",
)


def test_a_bid_without_an_answer_is_due_after_the_days_the_person_set():
    assert due(step(submit_bid, 4)) == []
    assert due(step(submit_bid, 5)) == [("p1", ANSWER, 5)]
    assert due(step(submit_bid, 5), step(view_bid, 3)) == [("p1", ANSWER, 5)]  # seeing it is no answer
    assert due(step(submit_bid, 5), after_days=6) == []


def test_an_answer_and_an_interview_begin_the_wait_anew():
    answered = (step(submit_bid, 9), step(reply_to_bid, 4))
    assert due(*answered) == []
    assert due(*answered, after_days=4) == [("p1", NEWS, 4)]
    assert due(*answered, step(interview, 2), after_days=2) == [("p1", DECISION, 2)]


def test_what_is_decided_or_followed_up_is_not_due():
    sent = step(submit_bid, 9)
    assert due(sent, step(lose_bid, 1)) == due(sent, step(win_bid, 1)) == []
    assert due(sent, step(follow_up_bid, 1)) == []
    assert due(sent, step(follow_up_bid, 8), step(reply_to_bid, 6)) == [("p1", NEWS, 6)]


def test_a_follow_up_may_be_recorded_again_and_taken_back():
    first, second = step(follow_up_bid, 3), step(follow_up_bid, 1)
    held = book(step(submit_bid, 9), first, second, first)
    assert held.bid("p1").followed_up_at == second.at
    assert len(held.events) == 3
    back = record_all(held, [correct(second, recorded_at=NOW), correct(first, recorded_at=NOW)])[0]
    assert back.bid("p1").followed_up_at is None
    assert back.issues == ()


def test_a_bid_silent_for_a_month_is_no_longer_in_play_nor_due():
    bids = book(step(submit_bid, 30, "old"), step(submit_bid, 29, "late"), step(submit_bid, 1, "new")).bids
    assert [bid.post_id for bid in in_play(bids.values(), now=NOW)] == ["late", "new"]
    assert due(step(submit_bid, 30)) == []
    assert due(step(submit_bid, 40), step(interview, 20)) == [("p1", DECISION, 20)]


def test_interviews_come_first_then_who_waits_longest():
    events = [
        step(submit_bid, 9, "b"),
        step(submit_bid, 12, "c"),
        step(submit_bid, 12, "a"),
        step(submit_bid, 20, "i"),
        step(interview, 6, "i"),
        step(submit_bid, 20, "r"),
        step(reply_to_bid, 7, "r"),
    ]
    assert [post for post, *_ in due(*events)] == ["i", "r", "a", "c", "b"]


@pytest.mark.parametrize(("zone", "days"), [("UTC", 5), ("Pacific/Auckland", 5), ("America/Los_Angeles", 5)])
def test_days_are_the_persons_calendar_days(zone, days):
    """Sent late in the evening of one zone: what counts is the date on the person's wall."""
    assert due(step(submit_bid, days), zone=zone) == [("p1", ANSWER, days)]
    sent = submit_bid(
        "p1", at=NOW - timedelta(hours=8, minutes=30), recorded_at=NOW
    )  # 23:30 UTC the day before
    assert bool(due(sent, after_days=1, zone="UTC"))
    assert not due(sent, after_days=1, zone="Pacific/Auckland")


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abc")), max_size=6), st.integers(1, 30))
def test_a_follow_up_is_due_only_for_bids_in_play(sent, after_days):
    events = {post: step(submit_bid, days, post) for days, post in sent}
    found = due(*events.values(), after_days=after_days)
    playing = {bid.post_id for bid in in_play(book(*events.values()).bids.values(), now=NOW)}
    assert {post for post, *_ in found} <= playing
    assert all(after_days <= days <= 30 for *_, days in found)
