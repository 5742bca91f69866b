"""The freelancer: skills, rates, evidence, answers, and the limits they set."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from enum import StrEnum


class SkillLevel(StrEnum):
    """How well a skill is held, in the person's own judgement."""

    BASIC = "basic"
    GOOD = "good"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """One skill; ``years`` may be ``None`` (not stated), ``want`` is whether work with it is wanted."""

    name: str
    level: SkillLevel = SkillLevel.GOOD
    years: int | None = None
    aliases: tuple[str, ...] = ()
    want: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Past work a proposal may point to."""

    title: str
    summary: str = ""
    result: str = ""
    url: str | None = None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reusable answer to something posts ask."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What the person works for, net of fees, in ``currency``: per hour, and the least for a fixed job."""

    currency: str
    floor: Decimal
    target: Decimal | None = None
    fixed_minimum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Avoid:
    """What the person does not want to see; ``clients_from`` are ISO 3166 alpha-2 codes."""

    words: tuple[str, ...] = ()
    clients_from: tuple[str, ...] = ()
    contract_types: tuple[str, ...] = ()
    proposals_over: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBudget:
    """Minutes for bidding per day, and what a proposal, a question in it and a follow-up take of them.

    A bid is followed up after ``follow_up_after_days`` of silence. ``bids_in_play`` is how many undecided
    bids the person wants at most, ``hours_taken`` how much of the week is promised already; ``None``: not
    stated.
    """

    minutes_per_day: int = 30
    minutes_per_proposal: int = 12
    minutes_per_question: int = 2
    minutes_per_follow_up: int = 5
    follow_up_after_days: int = 5
    bids_in_play: int | None = None
    hours_taken: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectsBudget:
    """Price of one connect in US dollars, and how many may go in a week (``None``: no limit)."""

    price: Decimal = Decimal("0.15")
    per_week: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreWeights:
    """What each component of the score counts, in any unit; ``None`` leaves the shipped weight."""

    fit: Decimal | None = None
    pay: Decimal | None = None
    value: Decimal | None = None
    client: Decimal | None = None
    chance: Decimal | None = None
    freshness: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything the ranking and the drafts know about the person.

    ``working_hours`` are the begin and end of a working day in ``time_zone``.
    """

    name: str
    headline: str
    rates: Rates
    summary: str = ""
    country: str | None = None
    time_zone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    hours_per_week: int | None = None
    working_hours: tuple[time, time] | None = None
    skills: tuple[Skill, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    answers: tuple[Answer, ...] = ()
    avoid: Avoid = field(default_factory=Avoid)
    time: TimeBudget = field(default_factory=TimeBudget)
    connects: ConnectsBudget = field(default_factory=ConnectsBudget)
    weights: ScoreWeights = field(default_factory=ScoreWeights)
