"""The book: what events add up to, what it refuses, and what it says of the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.errors import BidwrightError, LedgerError
from domain.events import Event, EventKind
from domain.money import Money
from domain.posts import Competition
from ledger import events as ev
from ledger.bids import BidState
from ledger.book import Book, admit, check, record_all
from ledger.contracts import MilestoneState
from ledger.entries import Account, Entry, Leg, balances
from ledger.escrow import Stand, escrow_lines, escrow_totals

START = datetime(2026, 3, 2, 14, 10, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def when(day: int, *, recorded: int | None = None) -> dict[str, datetime]:
    """``day`` days after the start, recorded an hour later or ``recorded`` days after the start."""
    at = START + timedelta(days=day)
    known = at + timedelta(hours=1) if recorded is None else START + timedelta(days=recorded)
    return {"at": at, "recorded_at": known}


def contract(contract_id: str = "c1", day: int = 0, **more: object) -> Event:
    settings: dict[str, object] = {
        "terms": "fixed",
        "client": "Acme",
        "channel": "upwork",
        "amount": usd("1000"),
        "fee_rate": Decimal("0.10"),
        **when(day),
        **more,
    }
    return ev.open_contract(contract_id, **settings)  # type: ignore[arg-type]


def funded(amount: str = "1000", day: int = 1, milestone: str = "m1") -> Event:
    return ev.fund_milestone("c1", milestone, usd(amount), **when(day))


def released(amount: str = "1000", day: int = 10, milestone: str = "m1", **more: object) -> Event:
    return ev.release_milestone("c1", milestone, usd(amount), **when(day), **more)  # type: ignore[arg-type]


def refuse(history: list[Event], event: Event, words: str) -> None:
    """``event`` is refused after ``history`` with one line that contains ``words``."""
    book = Book.replay(history)
    with pytest.raises(LedgerError, match=words) as caught:
        check(book, event)
    assert "\n" not in str(caught.value)


# -- bids


def test_a_bid_goes_from_submitted_to_won() -> None:
    book = Book.replay(
        [
            ev.submit_bid(
                "p1", amount=usd("60"), connects=16, boost=4, template="short", channel="upwork", **when(0)
            ),
            ev.view_bid("p1", **when(1)),
            ev.reply_to_bid("p1", **when(2)),
            ev.interview("p1", **when(3)),
            ev.win_bid("p1", **when(4)),
        ]
    )
    bid = book.bids["p1"]
    assert bid.state is BidState.WON
    assert (bid.amount, bid.connects, bid.boost, bid.template) == (usd("60"), 16, 4, "short")
    assert bid.viewed_at == START + timedelta(days=1)
    assert bid.decided_at == START + timedelta(days=4)
    assert book.issues == ()


def test_what_was_not_stated_is_none() -> None:
    bid = Book.replay([ev.submit_bid("p1", **when(0))]).bids["p1"]
    assert (bid.amount, bid.connects, bid.boost, bid.template) == (None, None, None, None)


def test_recording_twice_adds_nothing() -> None:
    first = ev.submit_bid("p1", connects=8, **when(0))
    second = ev.submit_bid("p1", connects=8, **when(1))
    assert first.event_id == second.event_id
    book = Book.replay([first])
    assert admit(book, second) is None
    assert book.extend([second, first]) == book


def test_a_bid_keeps_what_its_post_showed_and_a_bid_of_before_is_read_without() -> None:
    shown = Competition(proposals_min=5, proposals_max=10, interviewing=0, invites=3)
    event = ev.submit_bid("p1", shown=shown, **when(0))
    assert event.data == {
        "shown_proposals_min": 5,
        "shown_proposals_max": 10,
        "shown_interviewing": 0,
        "shown_invites": 3,
    }
    assert Book.replay([event]).bids["p1"].shown == shown
    assert Book.replay([ev.submit_bid("p2", connects=8, **when(0))]).bids["p2"].shown is None
    assert ev.submit_bid("p3", shown=Competition(), **when(0)).data == {}


def test_the_same_bid_recorded_again_when_its_post_shows_more_adds_nothing() -> None:
    first = ev.submit_bid("p1", connects=8, shown=Competition(proposals_min=5), **when(0))
    second = ev.submit_bid("p1", connects=8, shown=Competition(proposals_min=9), **when(1))
    assert admit(Book.replay([first]), second) is None
    assert admit(Book.replay([first]), ev.submit_bid("p1", connects=8, **when(1))) is None


def test_a_bid_with_other_values_is_not_the_same_bid() -> None:
    first = ev.submit_bid("p1", connects=8, **when(0))
    refuse(
        [first],
        ev.submit_bid("p1", connects=9, **when(1)),
        "already recorded for 2026-03-02, with other values",
    )


def test_impossible_bids_are_refused() -> None:
    bid = ev.submit_bid("p1", **when(0))
    won, lost = ev.win_bid("p1", **when(2)), ev.lose_bid("p1", **when(3))
    refuse([], won, "no bid was submitted by then")
    refuse([bid, won], lost, "the bid was won on 2026-03-04")
    refuse([bid, won], replace(won, event_id="another"), "won on 2026-03-04, but the bid was won")
    refuse([bid, won], ev.view_bid("p1", **when(3)), "the bid was won")
    refuse([ev.submit_bid("p1", **when(5))], ev.view_bid("p1", **when(1)), "no bid was submitted by then")


def test_an_event_in_the_past_may_not_contradict_a_later_one() -> None:
    history = [ev.submit_bid("p1", **when(0)), ev.view_bid("p1", **when(5))]
    refuse(history, ev.lose_bid("p1", **when(2, recorded=6)), "would contradict what is recorded later")


# -- what no event can say


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ev.submit_bid("p1", amount=usd("-5"), **when(0)), "-5.00 USD is not possible"),
        (lambda: ev.submit_bid("p1", connects=-1, **when(0)), "-1 connects"),
        (lambda: ev.submit_bid("  ", **when(0)), "the post is empty"),
        (lambda: contract(terms="daily"), "terms 'daily' are unknown"),
        (lambda: contract(rate=usd("50")), "fixed terms was given 50.00 USD"),
        (lambda: contract(terms="hourly"), "hourly terms was given 1000.00 USD"),
        (lambda: contract(terms="hourly", amount=None, rate=usd("-5")), "-5.00 USD is not possible"),
        (lambda: contract(fee_rate=Decimal("-0.1")), "fee rate of -0.1"),
        (lambda: contract(fee_rate=Decimal(10)), "fee rate of 10"),
        (lambda: contract(fee_rate=Decimal("NaN")), "fee rate of NaN"),
        (lambda: funded("0"), "0.00 USD is not possible"),
        (lambda: released(fee=usd("1001")), "a fee of 1001.00 USD on 1000.00 USD"),
        (lambda: released(fee=Money.of("1", "EUR")), "a fee of 1.00 EUR"),
        (lambda: ev.end_contract("c1", by="nobody", **when(1)), "ended by 'nobody'"),
        (lambda: ev.receive_feedback("c1", stars=Decimal(6), **when(1)), "6 stars"),
        (lambda: ev.receive_feedback("c1", stars=None, **when(1)), "feedback says nothing"),
        (lambda: ev.submit_bid("p1", at=START, recorded_at=START - timedelta(days=1)), "in the future"),
        (lambda: ev.submit_bid("p1", at=START.replace(year=1926), recorded_at=START), "before there were"),
        (lambda: ev.submit_bid("p1", at=START.replace(tzinfo=None), recorded_at=START), "no zone"),
        (lambda: ev.submit_bid("p1", amount=Money.of("5", "XYZ"), **when(0)), "unknown currency 'XYZ'"),
    ],
)
def test_constructors_refuse_impossible_values_in_one_line(make, words: str) -> None:
    with pytest.raises(BidwrightError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"amount_minor": 100, "currency": "XYZ"}, "unknown currency 'XYZ'"),
        ({"amount_minor": 100}, "does not say its currency"),
        ({"amount_minor": -100, "currency": "USD"}, "not a count"),
        ({"amount_minor": "1.5", "currency": "USD"}, "not a count"),
    ],
)
def test_events_from_elsewhere_are_read_as_strictly(data: dict[str, str | int], words: str) -> None:
    refuse([], replace(ev.submit_bid("p1", **when(0)), data=data), words)


@pytest.mark.parametrize("rate", ["ten", "-0.1", "Infinity"])
def test_a_fee_rate_from_elsewhere_is_a_number(rate: str) -> None:
    event = contract()
    refuse([], replace(event, data={**event.data, "fee_rate": rate}), "fee_rate is")


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-03-02T14:10Z", "Europe/Lisbon", "2026-03-02T14:10:00+00:00"),
        ("2026-03-02T14:10", "America/New_York", "2026-03-02T19:10:00+00:00"),
        ("2026-07-01", "Europe/Lisbon", "2026-07-01T11:00:00+00:00"),
        ("2026-12-01", "UTC", "2026-12-01T00:00:00+00:00"),  # today: not later than now
    ],
)
def test_dates_are_read_in_the_persons_zone(text: str, zone: str, expected: str) -> None:
    assert ev.parse_when(text, time_zone=zone, now=LATER).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("20206-03-02", "is in the year 20206"),
        ("2026-13-02", "is not a date"),
        ("yesterday", "is not a date"),
        ("2027-01-01", "lies in the future"),
        ("1026-03-02", "before there were marketplaces"),
        ("0001-01-01T00:00:00+14:00", "outside the calendar"),
    ],
)
def test_impossible_dates_get_one_clear_line(text: str, words: str) -> None:
    with pytest.raises(LedgerError, match=words):
        ev.parse_when(text, time_zone="UTC", now=LATER)


# -- contracts and milestones


def test_milestone_from_funding_to_available() -> None:
    """Acme funds 1000, work is submitted on the 5th, changed, submitted again, released in two parts."""
    history = [
        contract(),
        funded(),
        ev.submit_milestone("c1", "m1", **when(3)),
        ev.request_changes("c1", "m1", **when(5)),
        ev.submit_milestone("c1", "m1", **when(8)),
    ]
    milestone = Book.replay(history[:3]).contracts["c1"].milestones["m1"]
    assert milestone.state is MilestoneState.IN_REVIEW
    assert milestone.auto_release_at == START + timedelta(days=17)
    milestone = Book.replay(history[:4]).contracts["c1"].milestones["m1"]
    assert (milestone.state, milestone.auto_release_at) == (MilestoneState.CHANGES_REQUESTED, None)
    milestone = Book.replay(history).contracts["c1"].milestones["m1"]
    assert milestone.auto_release_at == START + timedelta(days=22)

    book = Book.replay([*history, released("600.05", day=9)])
    milestone = book.contracts["c1"].milestones["m1"]
    assert (milestone.state, milestone.held, milestone.released) == (
        MilestoneState.FUNDED,
        usd("399.95"),
        usd("600.05"),
    )
    assert milestone.releases[0].available_on == date(2026, 3, 16)
    stands = balances(book.entries(now=START + timedelta(days=10)))
    assert stands[Account.HELD] == {"USD": usd("399.95")}
    assert stands[Account.IN_REVIEW] == {"USD": usd("0")}
    assert stands[Account.PENDING] == {"USD": usd("540.04")}
    assert stands[Account.FEES] == {"USD": usd("60.01")}
    stands = balances(book.entries(now=START + timedelta(days=30)))
    assert stands[Account.PENDING] == {"USD": usd("0")}
    assert stands[Account.AVAILABLE] == {"USD": usd("540.04")}


def test_impossible_milestones_are_refused() -> None:
    start = [contract(), funded()]
    refuse([], funded(), "no contract 'c1' was open")
    refuse([contract()], released(), "c1/m1: released on 2026-03-12, but the milestone was not funded")
    refuse(start, released("1000.01"), "1000.01 USD cannot be released: 1000.00 USD is held")
    refuse(
        start,
        ev.release_milestone("c1", "m1", Money.of("5", "EUR"), **when(9)),
        "5.00 EUR cannot be released",
    )
    refuse([*start, released()], released("1", day=11), "nothing is held any more")
    refuse(start, ev.request_changes("c1", "m1", **when(3)), "funded, not in review")
    submitted = ev.submit_milestone("c1", "m1", **when(3))
    refuse([*start, submitted], ev.submit_milestone("c1", "m1", **when(4)), "already in review")
    refuse([contract()], ev.fund_milestone("c1", "m1", Money.of("5", "EUR"), **when(1)), "contract is in USD")
    ended = ev.end_contract("c1", **when(5))
    refuse([*start, ended], funded(day=6, milestone="m2"), "the contract ended on 2026-03-07")
    refuse([*start, ended], replace(ended, event_id="another"), "already ended")
    refuse(start, replace(funded(), event_id="another"), "already funded")
    refuse(start, replace(contract(day=3), event_id="another"), "already opened on 2026-03-02")
    refuse([], replace(contract(), data={**contract().data, "terms": "daily"}), "terms 'daily'")
    no_amount = {key: value for key, value in funded().data.items() if key != "amount_minor"}
    refuse([contract()], replace(funded(), data=no_amount), "does not say its amount")
    wide_fee = {**released().data, "fee_minor": 200_000}
    refuse(start, replace(released(), data=wide_fee), "a fee of 2000.00 USD on 1000.00 USD")
    stars = ev.receive_feedback("c1", stars=Decimal("4.5"), **when(6))
    refuse([*start, stars], replace(stars, event_id="another"), "feedback was already received")


def test_contract_ends_with_feedback_and_money_still_held() -> None:
    book = Book.replay(
        [
            contract(post_id="p1", variant="enterprise"),
            funded(),
            ev.end_contract("c1", by="client", **when(5)),
            ev.receive_feedback("c1", stars=Decimal("4.5"), note="Good", **when(6)),
            ev.refund_milestone("c1", "m1", usd("1000"), **when(12)),
        ]
    )
    done = book.contract("c1")
    assert done is not None
    assert (done.post_id, done.variant, done.ended_by, done.stars) == (
        "p1",
        "enterprise",
        "client",
        Decimal("4.5"),
    )
    assert done.milestones["m1"].state is MilestoneState.CLOSED
    assert done.milestones["m1"].refunded == usd("1000")
    assert balances(book.entries(now=LATER))[Account.CLIENT] == {"USD": usd("0")}


def test_the_marketplaces_own_fee_overrides_the_rules() -> None:
    book = Book.replay([contract(), funded(), released(fee=usd("99.99"))])
    assert balances(book.entries(now=LATER))[Account.FEES] == {"USD": usd("99.99")}


def test_an_unknown_fee_is_neither_ours_nor_theirs() -> None:
    book = Book.replay([contract(fee_rate=None), funded(), released()])
    stands = balances(book.entries(now=LATER))
    assert stands[Account.AVAILABLE] == {"USD": usd("850.00")}
    assert stands[Account.FEES_OPEN] == {"USD": usd("150.00")}
    assert stands[Account.FEES] == {}


def test_sliding_fees_count_every_contract_of_a_client() -> None:
    """Two contracts of 2022 with Acme: 400 then 200 gross; the bands run across them: 80 + 20 + 10."""
    day = {"at": datetime(2022, 5, 1, tzinfo=UTC), "recorded_at": LATER}
    steps: list[Event] = []
    for number, (amount, month) in enumerate([("400", 6), ("200", 7)]):
        name, moment = f"c{number}", {**day, "at": datetime(2022, month, 1, tzinfo=UTC)}
        steps += [
            ev.open_contract(name, terms="fixed", client="Acme", channel="upwork", **day),
            ev.fund_milestone(name, "m", usd(amount), **day),
            ev.release_milestone(name, "m", usd(amount), **moment),
        ]
    book, added = record_all(Book(), steps)
    assert len(added) == 6
    assert balances(book.entries(now=LATER))[Account.FEES] == {"USD": usd("110.00")}


def test_freelancer_takes_its_fee_on_acceptance_and_again_only_above_the_bid() -> None:
    book = Book.replay(
        [
            contract(channel="freelancer", fee_rate=None, amount=usd("300")),
            funded("300"),
            released("300"),
            funded("50", day=11, milestone="more"),
            released("50", day=12, milestone="more"),
        ]
    )
    stands = balances(book.entries(now=LATER))
    assert stands[Account.OWN] == {"USD": usd("-30.00")}
    assert stands[Account.FEES] == {"USD": usd("35.00")}
    assert stands[Account.AVAILABLE] == {"USD": usd("345.00")}


def test_an_entry_that_does_not_balance_cannot_exist() -> None:
    with pytest.raises(LedgerError, match=r"e1: the entry is off by 0\.01 USD"):
        Entry(
            event_id="e1",
            at=START,
            contract_id="c1",
            client="Acme",
            channel="upwork",
            legs=(
                Leg(account=Account.CLIENT, money=usd("-1.00")),
                Leg(account=Account.HELD, money=usd("1.01")),
            ),
        )


# -- corrections and the past


def test_a_correction_takes_an_event_back_and_it_can_be_recorded_anew() -> None:
    wrong = ev.submit_bid("p1", connects=8, **when(0))
    book = Book.replay([wrong])
    taken_back = ev.correct(wrong, recorded_at=START + timedelta(days=1), reason="typing error")
    book = book.extend([taken_back])
    assert book.bids == {}
    anew = admit(book, ev.submit_bid("p1", connects=16, **when(0, recorded=2)))
    assert anew is not None
    assert anew.event_id == f"{wrong.event_id}~1"
    book = book.extend([anew])
    assert book.bids["p1"].connects == 16
    assert admit(book, ev.submit_bid("p1", connects=16, **when(0, recorded=3))) is None
    assert [event.kind for event in book.events] == [
        EventKind.BID_SUBMITTED,
        EventKind.BID_SUBMITTED,
        EventKind.CORRECTED,
    ]


def test_a_correction_can_be_taken_back() -> None:
    bid = ev.submit_bid("p1", **when(0))
    first = ev.correct(bid, recorded_at=START + timedelta(days=1))
    second = ev.correct(first, recorded_at=START + timedelta(days=2))
    assert "p1" in Book.replay([bid, first, second]).bids


def test_corrections_that_cannot_be() -> None:
    bid, won = ev.submit_bid("p1", **when(0)), ev.win_bid("p1", **when(1))
    gone = ev.correct(won, recorded_at=START + timedelta(days=3))
    refuse([], gone, "there is no event")
    refuse([bid, won], ev.correct(bid, recorded_at=START + timedelta(days=3)), "would contradict")
    refuse([bid, won, gone], replace(gone, event_id="x"), "already taken back")
    early = replace(gone, recorded_at=START, at=START)
    refuse([bid, won], early, "before what it corrects")
    refuse([bid, won, gone], won, "with other values")


def test_what_had_happened_and_what_was_known() -> None:
    """Won on day 2, recorded on day 9; the bid itself was corrected on day 5 and recorded anew."""
    bid = ev.submit_bid("p1", connects=8, **when(0))
    fix = ev.correct(bid, recorded_at=START + timedelta(days=5))
    after = Book.replay([bid, fix])
    anew = admit(after, ev.submit_bid("p1", connects=6, **when(0, recorded=5)))
    assert anew is not None
    history = [bid, fix, anew, ev.win_bid("p1", **when(2, recorded=9))]

    def at(**view: datetime) -> tuple[str, int | None]:
        seen = Book.replay(history, **view).bids["p1"]
        return seen.state.value, seen.connects

    assert at() == ("won", 6)
    assert at(until=START + timedelta(days=1)) == ("open", 6)
    assert at(known_at=START + timedelta(days=4)) == ("open", 8)
    assert at(known_at=START + timedelta(days=8)) == ("open", 6)
    assert at(until=START + timedelta(days=2), known_at=START + timedelta(days=4)) == ("open", 8)


def test_history_that_contradicts_itself_is_reported_not_counted() -> None:
    book = Book.replay([ev.win_bid("p1", **when(2)), ev.submit_bid("p2", **when(0))])
    assert list(book.bids) == ["p2"]
    assert len(book.issues) == 1
    assert "no bid was submitted by then" in book.issues[0].message
    check(book, ev.submit_bid("p1", **when(1)))


# -- escrow


def test_escrow_says_where_every_amount_stands() -> None:
    book = Book.replay(
        [
            contract(),
            funded("100", milestone="held"),
            funded("200", milestone="review"),
            ev.submit_milestone("c1", "review", **when(2)),
            funded("300", milestone="pending"),
            released("300", day=12, milestone="pending"),
            funded("400", milestone="out"),
            released("300", day=3, milestone="out"),
            ev.refund_milestone("c1", "out", usd("100"), **when(4)),
        ]
    )
    lines = escrow_lines(book, now=START + timedelta(days=14))
    assert [(line.stand, line.milestone, str(line.gross)) for line in lines] == [
        (Stand.HELD, "held", "100.00 USD"),
        (Stand.IN_REVIEW, "review", "200.00 USD"),
        (Stand.PENDING, "pending", "300.00 USD"),
        (Stand.RELEASED, "out", "300.00 USD"),
        (Stand.REFUNDED, "out", "100.00 USD"),
    ]
    assert lines[1].until == START + timedelta(days=16)
    assert not lines[1].overdue
    assert lines[2].until == date(2026, 3, 19)
    assert lines[2].fee is not None
    assert lines[2].fee.net_low == usd("270.00")
    assert escrow_totals(lines)[Stand.HELD] == {"USD": usd("100")}
    late = escrow_lines(book, now=START + timedelta(days=17))
    assert [line.overdue for line in late if line.stand is Stand.IN_REVIEW] == [True]
