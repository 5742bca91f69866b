"""A bid that was sent: the event in the book and the text that went out, kept together or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.steps.draft_checks import check_text
from bidwright.steps.draft_versions import keep_version, shown_path
from domain.drafts import DraftVersion, Origin
from domain.events import Event
from domain.money import Money
from domain.posts import Competition, StoredPost
from ledger.bids import Bid
from ledger.book import Book, admit
from ledger.events import submit_bid
from proposals.draft_files import draft_path, read_draft
from proposals.draft_text import body_hash, read_head
from proposals.findings import Finding
from proposals.heads import split_head
from proposals.settings import draft_rules
from ranking.outcomes import shown_at

if TYPE_CHECKING:
    from storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a bid was sent with, as the person says; ``None``: not said, then what post and draft say."""

    amount: Money | None = None
    connects: int | None = None
    boost: int | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The recorded bid, whether it is new, the version that went out, and what the checks say of it."""

    event: Event
    fresh: bool
    version: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A text that went out: the file it stands in, its body and its head."""

    path: str
    body: str
    template: str | None
    opener: str | None


def submit(desk: Desk, stored: StoredPost, terms: Terms, at: datetime, now: datetime) -> Submission:
    """Record that a bid went out at ``at``, and freeze the draft as it stands as the text that went out.

    Event and text are written in one transaction. Where the bid is recorded already, nothing is. Raise
    :class:`domain.errors.LedgerError` if the book does not allow it.
    """
    path = draft_path(desk.workspace.drafts, stored, desk.profile)
    text = read_draft(path)
    sent = _sent(desk, stored, shown_path(desk, path), text) if text is not None else None
    if text is not None:
        keep_version(desk, stored.post_id, path, text)

    def write(tx: Transaction) -> tuple[Event, bool, int | None]:
        book = Book.replay(tx.events.all())
        known = book.bids.get(stored.post_id)
        if known is not None:  # the same words again change nothing; other words are refused
            again = _event(stored, terms, at, now, _of_bid(known))
            admit(book, again)
            return again, False, known.draft
        shown = shown_at(stored, at)
        fresh = admit(book, _event(stored, terms, at, now, _of_text(sent, None, shown)))
        number = _freeze(tx, stored.post_id, sent, now) if sent and fresh else None
        admitted = admit(book, _event(stored, terms, at, now, _of_text(sent, number, shown)))
        assert admitted is not None  # a book without the bid holds no such event
        return admitted, tx.events.append(admitted), number

    event, fresh, number = desk.store.run_write(write)
    findings = check_text(desk, text, stored) if text is not None else ()
    return Submission(event=event, fresh=fresh, version=number, findings=findings)


def _sent(desk: Desk, stored: StoredPost, path: str, text: str) -> _Sent:
    body, head = split_head(text).body, read_head(text)
    template = head.get("template")
    with desk.store.read() as tx:
        versions = [each for each in tx.drafts.versions(stored.post_id) if each.path == path]
    return _Sent(
        path=path,
        body=body,
        template=template if isinstance(template, str) else None,
        opener=_opener(body, versions),
    )


def _opener(body: str, versions: list[DraftVersion]) -> str:
    """Return the kind of opening that went out: the program's, if it stands as it was made, else "own"."""
    shown = draft_rules().shown
    begin = " ".join(body.split())[:shown]
    for version in reversed(versions):
        if version.opener and " ".join(version.body.split())[:shown] == begin:
            return version.opener
    return "own"


def _freeze(tx: Transaction, post_id: str, sent: _Sent, at: datetime) -> int:
    return tx.drafts.keep(
        post_id,
        path=sent.path,
        origin=Origin.SENT,
        body=sent.body,
        body_hash=body_hash(sent.body),
        at=at,
        template=sent.template,
        opener=sent.opener,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _WentOut:
    """What the event says of the text, all ``None`` where there was none, and of the post's other bids."""

    number: int | None = None
    template: str | None = None
    opener: str | None = None
    words: int | None = None
    shown: Competition | None = None


def _of_text(sent: _Sent | None, number: int | None, shown: Competition | None) -> _WentOut:
    if sent is None:
        return _WentOut(shown=shown)
    return _WentOut(
        number=number,
        template=sent.template,
        opener=sent.opener,
        words=len(sent.body.split()),
        shown=shown,
    )


def _of_bid(bid: Bid) -> _WentOut:
    return _WentOut(
        number=bid.draft, template=bid.template, opener=bid.opener, words=bid.words, shown=bid.shown
    )


def _event(stored: StoredPost, terms: Terms, at: datetime, now: datetime, went_out: _WentOut) -> Event:
    post = stored.post
    return submit_bid(
        stored.post_id,
        at=at,
        recorded_at=now,
        amount=terms.amount,
        connects=terms.connects if terms.connects is not None else post.connects,
        boost=terms.boost,
        template=terms.template or went_out.template,
        channel=post.channel,
        source=post.source,
        category=post.category,
        draft=went_out.number,
        opener=went_out.opener,
        words=went_out.words,
        shown=went_out.shown,
    )
