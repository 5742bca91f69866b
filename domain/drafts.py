"""The texts a proposal draft has had, and where each came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Origin(StrEnum):
    """Who wrote a version of a draft."""

    GENERATED = "generated"  # the program, from a template and facts
    EDITED = "edited"  # the person
    POLISHED = "polished"  # a language model the person named, checked against the facts
    SENT = "sent"  # the text that went out with a bid


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftVersion:
    """One text of the draft of a post; ``number`` counts from 1 and is never used again.

    ``path`` is the file, relative to the workspace. ``template`` and ``opener`` (the kind of opening) are
    ``None`` where they are not known; ``words`` counts the body. ``body_hash`` tells bodies apart as a reader
    would. ``at`` is aware UTC.
    """

    post_id: str
    number: int
    path: str
    origin: Origin
    template: str | None
    opener: str | None
    words: int
    body_hash: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftNote:
    """What the person noted on a draft; ``at`` is aware UTC."""

    text: str
    at: datetime
