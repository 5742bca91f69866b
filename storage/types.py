"""What the repositories return besides the values of ``domain``: plain frozen records, times aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from domain.pay import Pay
from domain.preferences import Opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """What deciding between new, changed and unchanged needs to know of a stored post.

    ``content_hash`` is empty for a post whose text has expired, so that seeing it again brings the text back.
    """

    post_id: str
    content_hash: str
    text_hash: str
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PostState:
    """What a post said before it changed at ``changed_at``; only what may change a decision is kept."""

    post_id: str
    changed_at: datetime
    title: str
    pay: Pay | None
    proposals_min: int | None
    proposals_max: int | None
    text_hash: str
    content_hash: str


class Verdict(StrEnum):
    """What a person said of a pair of posts."""

    YES = "yes"  # they are the same job
    NO = "no"  # they are not; never to be marked again


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateMark:
    """``post_id`` repeats ``of_post_id``, with the program's score and reason and the person's verdict.

    ``score`` is a decimal from 0 to 1 as text; it is ``None`` where a person judged a pair never marked.
    """

    post_id: str
    of_post_id: str
    score: str | None
    reason: str
    marked_at: datetime
    verdict: Verdict | None = None
    judged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of the daily job; ``finished_at`` and ``status`` are ``None`` until it has ended."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    status: str | None
    summary: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRecord:
    """The digest of one profile for one local date, as JSON, with the hash of all that went into it."""

    profile_key: str
    local_date: date
    inputs_hash: str
    payload_json: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """A draft written to ``path``; ``generated_hash`` tells whether the person has edited it since."""

    post_id: str
    path: str
    template: str
    generated_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceRecord:
    """What a person thinks of a post, and why in their own words."""

    post_id: str
    opinion: Opinion
    because: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageReport:
    """The state of a database, found without changing it.

    ``url`` has no password. ``journal_mode`` and ``wanted_journal_mode`` are ``None`` on PostgreSQL;
    ``revision`` is ``None`` in an empty database and ``integrity`` is ``"ok"`` or the first thing wrong
    (``None`` where there is nothing to check). ``newer`` is whether the schema is one this program does not
    know, and will refuse. ``counts`` gives rows by table.
    """

    url: str
    driver: str
    version: str
    exists: bool
    head: str
    journal_mode: str | None = None
    wanted_journal_mode: str | None = None
    revision: str | None = None
    newer: bool = False
    integrity: str | None = None
    writable: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
