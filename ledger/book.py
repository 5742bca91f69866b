"""The book: what all events together say, and whether a new one fits.

A view of the past has two axes: ``until`` (what had happened by then) and ``known_at`` (what had been
recorded by then). Corrections are about knowledge, so only ``known_at`` leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from domain.errors import LedgerError
from domain.events import Event, EventKind
from domain.issues import Issue, error
from ledger.bids import BID_KINDS, Bid, step_bid
from ledger.contracts import Contract, step_contract
from ledger.entries import Entry
from ledger.events import again, check_moment
from ledger.fields import COUNTS_SHOWN
from ledger.journal import journal
from ledger.order import timeline

State = TypeVar("State", Bid, Contract)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """All events about one post or contract, and what they come to."""

    events: tuple[Event, ...] = ()
    bid: Bid | None = None
    contract: Contract | None = None
    wrong: Mapping[str, LedgerError] = field(default_factory=dict)


def _taken_back(events: Iterable[Event]) -> frozenset[str]:
    """Return the ids that corrections take back; a correction may itself be taken back."""
    corrections = sorted(
        (event for event in events if event.corrects), key=lambda event: event.recorded_at, reverse=True
    )
    gone: set[str] = set()
    for event in corrections:  # a correction is always recorded after what it corrects
        if event.event_id not in gone and event.corrects:
            gone.add(event.corrects)
    return frozenset(gone)


def _fold(
    events: Iterable[Event], step: Callable[[State | None, Event], State]
) -> tuple[State | None, dict[str, LedgerError]]:
    """Return the state after ``events`` and the events that could not follow, which change nothing."""
    state: State | None = None
    wrong: dict[str, LedgerError] = {}
    for event in events:
        try:
            state = step(state, event)
        except LedgerError as problem:
            wrong[event.event_id] = problem
    return state, wrong


def _subject(events: Iterable[Event]) -> _Subject:
    ordered = tuple(sorted(events, key=timeline))
    gone = _taken_back(ordered)
    facts = [e for e in ordered if e.kind is not EventKind.CORRECTED and e.event_id not in gone]
    bid, wrong_bids = _fold((e for e in facts if e.kind in BID_KINDS), step_bid)
    contract, wrong_contracts = _fold((e for e in facts if e.kind not in BID_KINDS), step_contract)
    wrong = {**wrong_bids, **wrong_contracts}
    return _Subject(events=ordered, bid=bid, contract=contract, wrong=wrong)


def _says(event: Event) -> tuple[object, ...]:
    """Return what ``event`` states, apart from its times: two with the same words are the same fact.

    What a post showed of other bids is not what the person states, and may have changed since.
    """
    stated = sorted((key, value) for key, value in event.data.items() if key not in COUNTS_SHOWN.values())
    return (event.kind, event.subject, stated, event.corrects)


@dataclass(frozen=True, slots=True)
class Book:
    """What the events say. Built by :meth:`replay`; never changed, only extended into a new one."""

    _subjects: Mapping[str, _Subject] = field(default_factory=dict)

    @classmethod
    def replay(
        cls, events: Iterable[Event], *, until: datetime | None = None, known_at: datetime | None = None
    ) -> Book:
        """Return the book of ``events``, in any order and with repetitions.

        ``until`` leaves out what happened later, ``known_at`` what was recorded later (aware, inclusive).
        """
        return cls().extend(
            event
            for event in events
            if (known_at is None or event.recorded_at <= known_at)
            and (until is None or event.at <= until or event.kind is EventKind.CORRECTED)
        )

    def extend(self, events: Iterable[Event]) -> Book:
        """Return the book with ``events`` added; those it already holds add nothing."""
        fresh: dict[str, dict[str, Event]] = {}
        for event in events:
            known = fresh.setdefault(event.subject, {e.event_id: e for e in self._of(event.subject).events})
            first = known.get(event.event_id)
            if first is None or _first_recorded(event) < _first_recorded(first):
                known[event.event_id] = event
        subjects = {name: _subject(known.values()) for name, known in fresh.items()}
        return Book({**self._subjects, **subjects})

    def _of(self, subject: str) -> _Subject:
        return self._subjects.get(subject, _Subject())

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event, those taken back and corrections included, in order of time."""
        return tuple(sorted((e for s in self._subjects.values() for e in s.events), key=timeline))

    @property
    def bids(self) -> dict[str, Bid]:
        """Every bid by post id, in order of submission."""
        known = [subject.bid for subject in self._subjects.values() if subject.bid is not None]
        return {bid.post_id: bid for bid in sorted(known, key=lambda bid: (bid.submitted_at, bid.post_id))}

    @property
    def contracts(self) -> dict[str, Contract]:
        """Every contract by id, in order of opening."""
        known = [subject.contract for subject in self._subjects.values() if subject.contract is not None]
        return {item.contract_id: item for item in sorted(known, key=lambda c: (c.opened_at, c.contract_id))}

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Events that contradict the ones before them, and were left out of the figures."""
        wrong = {key: problem for s in self._subjects.values() for key, problem in s.wrong.items()}
        return tuple(error(f"event {key}", str(problem)) for key, problem in sorted(wrong.items()))

    def bid(self, post_id: str) -> Bid | None:
        """Return the bid on ``post_id``."""
        return self._of(post_id).bid

    def contract(self, contract_id: str) -> Contract | None:
        """Return the contract ``contract_id``."""
        return self._of(contract_id).contract

    def entries(self, *, now: datetime) -> tuple[Entry, ...]:
        """Return the double entries of all milestone money up to ``now``."""
        return journal(self.contracts.values(), now=now)

    def find(self, event: Event) -> Event | None:
        """Return the recorded event with the id of ``event``."""
        return next((e for e in self._of(event.subject).events if e.event_id == event.event_id), None)

    def is_taken_back(self, event: Event) -> bool:
        """Return whether a correction took ``event`` back."""
        return event.event_id in _taken_back(self._of(event.subject).events)

    def _wrong_with(self, event: Event) -> dict[str, LedgerError]:
        """Return the contradictions that ``event`` would bring in."""
        before = self._of(event.subject)
        after = _subject((*before.events, event))
        return {key: problem for key, problem in after.wrong.items() if key not in before.wrong}


def _first_recorded(event: Event) -> tuple[datetime, datetime, str]:
    return (event.recorded_at, event.at, repr(_says(event)))


def _check_correction(book: Book, event: Event) -> None:
    target = next((e for e in book._of(event.subject).events if e.event_id == event.corrects), None)  # noqa: SLF001 - the book's own module
    if target is None:
        raise LedgerError(f"there is no event {event.corrects!r} to correct", where=event.subject)
    if book.is_taken_back(target):
        raise LedgerError(f"{target.kind} was already taken back", where=event.subject)
    if event.recorded_at < target.recorded_at:
        raise LedgerError("a correction cannot be recorded before what it corrects", where=event.subject)


def check(book: Book, event: Event) -> None:
    """Raise :class:`LedgerError` with one clear line when ``event`` cannot be added to ``book``.

    An event the book already holds, saying the same, is fine: it adds nothing.
    """
    check_moment(event.at, known_at=event.recorded_at)
    known = book.find(event)
    if known is not None:
        if _says(known) == _says(event) and not book.is_taken_back(known):
            return
        raise LedgerError(
            f"{event.kind} is already recorded for {known.at:%Y-%m-%d}, with other values",
            where=event.subject,
            remedy="Correct that one first",
        )
    if event.kind is EventKind.CORRECTED:
        _check_correction(book, event)
    wrong = book._wrong_with(event)  # noqa: SLF001 - the book's own module
    if event.event_id in wrong:
        raise wrong[event.event_id]
    for key, problem in wrong.items():
        raise LedgerError(
            f"{event.kind} would contradict what is recorded later ({problem.what})",
            where=event.subject,
            remedy=f"Correct event {key} first",
        )


def admit(book: Book, event: Event) -> Event | None:
    """Return ``event`` ready to be appended, or ``None`` when the book already holds it.

    A fact recorded anew after a correction took it back gets an id of its own. Raise :class:`LedgerError` as
    :func:`check` does.
    """
    fresh, corrections = event, 0
    while (known := book.find(fresh)) is not None and book.is_taken_back(known):
        corrections += 1
        fresh = again(event, corrections)
    check(book, fresh)
    return None if book.find(fresh) is not None else fresh


def record_all(book: Book, events: Iterable[Event]) -> tuple[Book, tuple[Event, ...]]:
    """Return the book with ``events`` admitted one after the other, and those that were new."""
    added: list[Event] = []
    for event in events:
        fresh = admit(book, event)
        if fresh is not None:
            added.append(fresh)
            book = book.extend([fresh])
    return book, tuple(added)
