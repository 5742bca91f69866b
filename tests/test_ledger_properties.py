"""Random histories: entries balance, batching does not matter, escrow is never negative."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import LedgerError
from domain.events import Event
from domain.money import Money
from ledger import events as ev
from ledger.book import Book, admit
from ledger.entries import Account, balances, totals
from ledger.escrow import Stand, escrow_lines, escrow_totals
from ledger.winrate import win_rate

START = datetime(2022, 12, 28, 23, 30, tzinfo=UTC)
NEVER_NEGATIVE = (Account.HELD, Account.IN_REVIEW, Account.PENDING, Account.AVAILABLE, Account.FEES)
AMOUNTS = st.integers(1, 250_000)
PLACES = st.sampled_from([("c1", "m1"), ("c1", "m2"), ("c2", "m1"), ("c3", "m1")])
STEPS = ("open", "fund", "submit", "change", "release", "refund", "end", "bid", "win", "lose", "undo")
CHANNELS = {"c1": ("upwork", "USD"), "c2": ("peopleperhour", "GBP"), "c3": ("freelancer", "JPY")}


def _event(  # noqa: PLR0911 - one return per kind of step
    step: str, place: tuple[str, str], minor: int, now: dict[str, datetime], past: list[Event]
) -> Event:
    contract, milestone = place
    channel, currency = CHANNELS[contract]
    money = Money(minor, currency)
    match step:
        case "open":
            rate = Decimal(minor % 16) / 100 if minor % 2 else None
            return ev.open_contract(
                contract, terms="fixed", client="Acme", channel=channel, amount=money, fee_rate=rate, **now
            )
        case "fund":
            return ev.fund_milestone(contract, milestone, money, **now)
        case "submit":
            return ev.submit_milestone(contract, milestone, **now)
        case "change":
            return ev.request_changes(contract, milestone, **now)
        case "release":
            return ev.release_milestone(contract, milestone, money, **now)
        case "refund":
            return ev.refund_milestone(contract, milestone, money, **now)
        case "end":
            return ev.end_contract(contract, **now)
        case "bid":
            return ev.submit_bid(contract, amount=money, connects=minor % 20, **now)
        case "win":
            return ev.win_bid(contract, **now)
        case "lose":
            return ev.lose_bid(contract, **now)
        case _:
            return (
                ev.correct(past[minor % len(past)], recorded_at=now["recorded_at"])
                if past
                else _event("bid", place, minor, now, past)
            )


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Only what the book admits, drawn from many attempts; events may be dated before earlier ones."""
    moves = draw(
        st.lists(st.tuples(st.sampled_from(STEPS), PLACES, AMOUNTS, st.integers(0, 96)), max_size=50)
    )
    opening = [("open", (name, "m1"), 100_000 + place, 0) for place, name in enumerate(CHANNELS)]
    book, past, clock = Book(), [], START
    for step, place, minor, hours in [*opening, *moves]:
        clock += timedelta(hours=hours)
        back = timedelta(hours=minor % 40 if minor % 5 == 0 else 0)
        try:
            fresh = admit(book, _event(step, place, minor, {"at": clock - back, "recorded_at": clock}, past))
        except LedgerError as refused:
            assert "\n" not in str(refused)  # noqa: PT017 - most attempts are refused
            continue
        if fresh is not None:
            past.append(fresh)
            book = book.extend([fresh])
    return past


@given(histories())
@settings(max_examples=150, deadline=None)
def test_no_accepted_history_makes_a_negative_escrow_or_loses_a_cent(history: list[Event]) -> None:
    book = Book.replay(history)
    assert book.issues == ()
    last = max((event.recorded_at for event in history), default=START)
    for days in (0, 2, 30):
        now = last + timedelta(days=days)
        entries = book.entries(now=now)
        stands = balances(entries)
        everything = totals(money for sums in stands.values() for money in sums.values())
        assert all(total.minor == 0 for total in everything.values())
        assert all(money.minor >= 0 for account in NEVER_NEGATIVE for money in stands[account].values())
        sums = escrow_totals(escrow_lines(book, now=now))
        for stand, account in ((Stand.HELD, Account.HELD), (Stand.IN_REVIEW, Account.IN_REVIEW)):
            held = {currency: money for currency, money in stands[account].items() if money.minor}
            assert sums[stand] == held
    seen: dict[Account, dict[str, int]] = {}
    for entry in book.entries(now=last):
        for leg in entry.legs:
            sums_so_far = seen.setdefault(leg.account, {})
            currency = leg.money.currency
            sums_so_far[currency] = sums_so_far.get(currency, 0) + leg.money.minor
        if not entry.projected:
            assert all(
                value >= 0 for account in NEVER_NEGATIVE[:2] for value in seen.get(account, {}).values()
            )


@given(histories(), st.randoms(use_true_random=False), st.integers(1, 7))
@settings(max_examples=80, deadline=None)
def test_replay_in_any_batching_and_order_gives_the_same_book(
    history: list[Event], random, size: int
) -> None:
    whole = Book.replay(history)
    shuffled = list(history) + history[: len(history) // 2]
    random.shuffle(shuffled)
    batched = Book()
    for start in range(0, len(shuffled), size):
        batched = batched.extend(shuffled[start : start + size])
    assert batched.events == whole.events
    assert batched.bids == whole.bids
    assert batched.contracts == whole.contracts
    later = START + timedelta(days=4000)
    assert batched.entries(now=later) == whole.entries(now=later)


@given(histories(), st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_later_events_never_change_what_was_known(history: list[Event], cut: int) -> None:
    cut = min(cut, len(history))
    if not cut:
        return
    moment = history[cut - 1].recorded_at
    then = [event for event in history if event.recorded_at <= moment]
    assert Book.replay(history, known_at=moment).events == Book.replay(then).events
    assert Book.replay(history, known_at=moment).contracts == Book.replay(then).contracts


@given(histories())
@settings(max_examples=60, deadline=None)
def test_every_recorded_event_adds_nothing_the_second_time(history: list[Event]) -> None:
    book = Book.replay(history)
    for event in history:
        assert event == book.find(event)
        if not book.is_taken_back(event) and "~" not in event.event_id:
            assert admit(book, event) is None


@given(histories())
@settings(max_examples=60, deadline=None)
def test_the_funnel_narrows_and_counts_every_bid(history: list[Event]) -> None:
    (row,) = win_rate(history)
    assert row.submitted >= row.viewed >= row.replied >= row.interviewed >= row.won
    assert row.submitted == row.won + row.lost + row.withdrawn + row.open
