"""Record what happened: checked against the book, then appended. What the book holds is never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.steps.lookup import find_one
from domain.errors import UsageError
from domain.events import Event, EventKind
from ledger.book import Book, admit
from ledger.events import correct

if TYPE_CHECKING:
    from storage import Transaction


def read_book(desk: Desk) -> Book:
    """Return the book as it stands."""
    with desk.store.read() as tx:
        return Book.replay(tx.events.all())


def record(desk: Desk, event: Event) -> bool:
    """Append ``event`` if the book allows it; return ``False`` if the book already holds it.

    Check and append share one write transaction, so that two windows cannot both record the impossible.
    Raise :class:`domain.errors.LedgerError` with what contradicts it.
    """

    def write(tx: Transaction) -> bool:
        fresh = admit(Book.replay(tx.events.all()), event)
        return fresh is not None and tx.events.append(fresh)

    return desk.store.run_write(write)


def find_subject(desk: Desk, given: str) -> str:
    """Return what ``given`` names in the book: a contract by its whole id, else a post by any of its names.

    Raise :class:`UsageError` if it names nothing, several posts, or a contract and a post that both have
    something recorded.
    """
    book = read_book(desk)
    recorded = {event.subject for event in book.events}
    with desk.store.read() as tx:
        posts = tx.posts.find(given)
    if given not in recorded and not posts:
        raise UsageError(
            "no contract and no post of that name",
            where=given,
            remedy="See: bidwright contract list, bidwright posts WORDS",
        )
    if given not in recorded:
        return find_one(desk, given).post_id
    exact = [stored.post_id for stored in posts if given in (stored.post.source_id, stored.post.url)]
    also = [post_id for post_id in exact if post_id != given and post_id in recorded]
    if also:
        raise UsageError(
            f"is a contract and a name of post {also[0]}",
            where=given,
            remedy=f"Write {also[0]} for the post, or add --contract",
        )
    return given


def take_back_last(desk: Desk, subject: str) -> Event:
    """Take back the latest event about ``subject`` (a post or contract id) and return it.

    Raise :class:`UsageError` when nothing about it is recorded.
    """
    book = read_book(desk)
    standing = [
        event
        for event in book.events
        if event.subject == subject
        and event.kind is not EventKind.CORRECTED
        and not book.is_taken_back(event)
    ]
    if not standing:
        raise UsageError("nothing about it is recorded", where=subject, remedy="Check the id")
    last = max(standing, key=lambda event: (event.recorded_at, event.at, event.event_id))
    record(desk, correct(last, recorded_at=desk.clock()))
    return last
