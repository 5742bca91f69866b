"""What ranking says about a post: every number with the parts it was made from. Plain frozen values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.posts import StoredPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One step of a number's working: a label, its value as shown, and where it comes from."""

    label: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well a post suits the person.

    ``score`` (0..1) is the weighted sum, stretched over 0..1, of ``asked`` (how much of a full match the
    skills asked for are; above 1 where there are more) and the closeness that ``semantic`` (similarity of
    skills and post in meaning, 0..1), ``lexical`` (words shared, 0..1) and mentions give.
    ``matched`` are the person's skills found in the post, ``missing`` skills it names that the person lacks.
    Where the post has no tags, ``inferred`` are further skills of the person that similar posts ask for, with
    their weight from 0 to 1, and ``inferred_missing`` such skills the person lacks.
    """

    score: float
    asked: float
    lexical: float
    semantic: float
    matched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    inferred: tuple[tuple[str, float], ...] = ()
    inferred_missing: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetHourly:
    """Net effective pay per hour in ``currency`` after fees, connects and writing time, as an interval.

    ``basis`` says what it rests on ("hourly pay stated", "budget over stated hours", "12 comparable posts").
    ``informed`` is false where nothing like the post is known and the market as a whole stands in: then it
    says what work pays, not what this work does.
    ``guessed_hours`` is true where a fixed budget is spread over hours that the post does not state.
    ``total`` is what the whole job is expected to pay after the fee, before connects and writing time.
    """

    low: Decimal
    expected: Decimal
    high: Decimal
    currency: str
    basis: str
    stated: bool  # false when no pay is stated and comparable posts stand in
    informed: bool = True
    hours: Decimal | None = None  # expected size of the job in hours, when there is one
    total: Decimal | None = None
    guessed_hours: bool = False
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientScore:
    """How good a client is to work for, 0..1 with 0.5 neutral; facts not stated leave it neutral."""

    score: float
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFlag:
    """A warning with the words it rests on. ``severe`` flags take the post off the list."""

    code: str
    message: str
    words: str
    severe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WinChance:
    """Chance that a bid wins, with its interval; ``n`` is how many of the person's own bids it rests on."""

    p: float
    low: float
    high: float
    n: int
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPost:
    """One post with its place in the order.

    ``score`` lies in 0..1 and orders the eligible ones; ``left_out_because`` is a short reason code with
    words ("pays below floor", "avoided word: casino") when ``eligible`` is false. ``expected_value`` is in
    the profile's currency per bid. ``picked`` posts fill the day's minutes; what is eligible but not picked
    says why in ``not_picked_because``, in the same form as ``left_out_because``. ``minutes`` is what a bid
    takes, and ``urgent`` why it cannot wait; both are set where the day's pick looked at them.
    """

    stored: StoredPost
    eligible: bool
    left_out_because: str | None
    fit: Fit
    net_hourly: NetHourly | None
    client: ClientScore
    risk: tuple[RiskFlag, ...]
    win_chance: WinChance
    expected_value: Decimal | None
    value_parts: Sequence[Part]
    score: float
    score_parts: Sequence[Part]
    reasons: Sequence[str]
    picked: bool = False
    not_picked_because: str | None = None
    minutes: int | None = None
    urgent: Part | None = None
