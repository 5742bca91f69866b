"""Job posts: as a source gave them (:class:`RawPosting`) and as we read them (:class:`JobPosting`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.pay import Pay


class ContractType(StrEnum):
    """How the work is contracted."""

    HOURLY = "hourly"
    FIXED = "fixed"
    EMPLOYMENT = "employment"  # a salaried position found on a job board


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPosting:
    """One post exactly as a source states it, in the keys of the JSON Lines contract.

    Every value is the source's own text (numbers as the digits written, never a float), ``None`` where the
    source says nothing. ``where`` names the place it was read from, for issues. What a source gives beyond
    these keys is kept in ``extra``.
    """

    source: str
    where: str
    title: str = ""
    source_id: str | None = None
    url: str | None = None
    description: str | None = None  # text or HTML
    skills: tuple[str, ...] = ()
    category: str | None = None
    contract_type: str | None = None
    budget_min: str | None = None
    budget_max: str | None = None
    budget_raw: str | None = None
    currency: str | None = None
    period: str | None = None
    date_posted: str | None = None
    valid_through: str | None = None
    experience_level: str | None = None
    duration: str | None = None
    workload: str | None = None
    location: str | None = None
    company: str | None = None
    proposals_min: str | None = None
    proposals_max: str | None = None
    interviewing: str | None = None
    hires: str | None = None
    connects: str | None = None
    client: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What a post says about the client; every field ``None`` when not stated.

    ``total_spent`` is in US dollars as marketplaces show it, ``hire_rate`` a share from 0 to 1, ``rating``
    from 0 to 5, ``country`` an ISO 3166 alpha-2 code.
    """

    id: str | None = None
    name: str | None = None
    country: str | None = None
    payment_verified: bool | None = None
    total_spent: Decimal | None = None
    hires: int | None = None
    hire_rate: Decimal | None = None
    rating: Decimal | None = None
    reviews: int | None = None
    member_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPosting:
    """A job post as read: clean text, typed pay, known skills, aware UTC times.

    ``source`` is where it was read, ``channel`` the marketplace or kind of source whose fees and rules hold
    (``upwork``, ``freelancer``, ``board`` …). ``description`` is plain text; ``raw`` keeps the source's own
    values of everything that was interpreted, by contract key.
    """

    source: str
    channel: str
    title: str
    source_id: str | None = None
    url: str | None = None
    description: str = ""
    skills: tuple[str, ...] = ()
    category: str | None = None
    contract_type: ContractType | None = None
    pay: Pay | None = None
    date_posted: datetime | None = None
    valid_through: datetime | None = None
    experience_level: str | None = None
    duration: str | None = None
    workload: str | None = None
    location: str | None = None
    language: str | None = None
    proposals_min: int | None = None
    proposals_max: int | None = None
    interviewing: int | None = None
    hires: int | None = None
    connects: int | None = None
    client: Client = field(default_factory=Client)
    raw: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Competition:
    """What a post showed of other bids at one moment; every count ``None`` when not stated.

    ``invites`` are the invitations that the client sent.
    """

    proposals_min: int | None = None
    proposals_max: int | None = None
    interviewing: int | None = None
    hires: int | None = None
    invites: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostText:
    """What two posts are compared by. ``employer`` is the client's name where the post tells it."""

    post_id: str
    source: str
    title: str
    description: str
    employer: str | None = None
    first_seen: datetime
    date_posted: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPost:
    """A job post with what the store knows about it.

    ``first_seen`` and ``last_seen`` are aware UTC. ``cluster`` is the ``post_id`` of the oldest post this
    one repeats, its own id when it repeats none.
    """

    post_id: str
    post: JobPosting
    first_seen: datetime
    last_seen: datetime
    content_hash: str
    text_hash: str
    cluster: str
