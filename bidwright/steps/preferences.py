"""Likes and dislikes: recorded, taken back, and told with what each shifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.steps.lookup import find_one
from domain.errors import UsageError
from domain.posts import StoredPost
from domain.preferences import Opinion, Preference
from ranking.preference import Taste

if TYPE_CHECKING:
    from storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A preference in force, and what it shifts in words."""

    preference: Preference
    shifts: tuple[str, ...]


def preferences(desk: Desk) -> list[Preference]:
    """Return every like and dislike in force, the oldest first."""
    with desk.store.read() as tx:
        records = tx.preferences.all()
        posts = tx.posts.get_many(record.post_id for record in records)
    return [
        Preference(stored=posts[record.post_id], opinion=record.opinion, because=record.because, at=record.at)
        for record in records
    ]


def told(desk: Desk) -> list[Told]:
    """Return every preference in force with what it shifts, the oldest first."""
    known = preferences(desk)
    effects = Taste(known, desk.profile, desk.workspace.settings.exchange).described()
    return [Told(preference=each, shifts=effects[each.stored.post_id]) for each in known]


def give_opinion(desk: Desk, given: str, opinion: Opinion, because: Sequence[str]) -> tuple[Told, bool]:
    """Record an opinion on the post ``given`` names; return it as it stands, and whether it is new.

    It replaces what was said of the post before. Raise :class:`UsageError` unless exactly one post is named.
    """
    stored, now = find_one(desk, given), desk.clock()
    reasons = tuple(dict.fromkeys(" ".join(text.split()) for text in because if text.strip()))

    def write(tx: Transaction) -> bool:
        return tx.preferences.record(stored.post_id, opinion, reasons, now)

    fresh = desk.store.run_write(write)
    return next(each for each in told(desk) if each.preference.stored.post_id == stored.post_id), fresh


def take_back(desk: Desk, given: str) -> tuple[StoredPost, Opinion]:
    """Take back what was said of a post; raise :class:`UsageError` when nothing was."""
    stored, now = find_one(desk, given), desk.clock()
    gone = desk.store.run_write(lambda tx: tx.preferences.take_back(stored.post_id, now))
    if gone is None:
        raise UsageError("neither liked nor disliked", where=given, remedy="See: bidwright likes")
    return stored, gone.opinion
