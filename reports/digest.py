"""The morning's digest as a value: picks, next best, what was left out and why, and every source's state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.posts import StoredPost
from domain.profile import Profile
from domain.sources import HEALTHY, SourceRun
from ledger.followups import FollowUp
from ledger.winrate import WinRow
from ranking.results import RankedPost

NEXT_BEST = 10
EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One post chosen for the day; ``draft`` is the path of its proposal draft, ``asks`` what it asks for."""

    place: int
    ranked: RankedPost
    minutes: int
    attribution: str
    draft: str | None
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Posts left out for one reason, with a few of them as examples (title and what exactly)."""

    reason: str
    count: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source's outcome; ``healthy`` is false when it needs the person."""

    run: SourceRun
    healthy: bool
    attribution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What of the day is spoken for before a new bid.

    ``follow_ups`` are due today, each with its post where that is still known, and take ``minutes_each``;
    ``follow_ups_later`` more have to wait. ``bids_limit``, ``hours_taken`` and ``hours_per_week`` are
    ``None`` where not stated.
    """

    follow_ups: tuple[tuple[FollowUp, StoredPost | None], ...] = ()
    follow_ups_later: int = 0
    minutes_each: int = 0
    bids_in_play: int = 0
    bids_limit: int | None = None
    hours_taken: Decimal | None = None
    hours_per_week: int | None = None

    @property
    def minutes(self) -> int:
        """Minutes the follow-ups take."""
        return len(self.follow_ups) * self.minutes_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Everything a digest shows, before any rendering."""

    local_date: date
    now: datetime
    name: str
    time_zone: str
    currency: str
    floor: Decimal
    minutes_per_day: int
    considered: int
    eligible: int
    duplicates: int
    picks: tuple[Pick, ...]
    next_best: tuple[RankedPost, ...]
    plan: Plan
    not_picked: tuple[LeftOut, ...]
    left_out: tuple[LeftOut, ...]
    sources: tuple[SourceLine, ...]
    win: WinRow | None

    @property
    def minutes(self) -> int:
        """Minutes the picks take, besides those of the follow-ups."""
        return sum(pick.minutes for pick in self.picks)

    @property
    def connects(self) -> int | None:
        """Connects the picks cost where stated, ``None`` when none states it."""
        stated = [p.ranked.stored.post.connects for p in self.picks]
        known = [number for number in stated if number is not None]
        return sum(known) if known else None

    @property
    def expected_value(self) -> Decimal | None:
        """Sum of the picks' expected values in ``currency``, ``None`` when none is known."""
        known = [p.ranked.expected_value for p in self.picks if p.ranked.expected_value is not None]
        return sum(known, Decimal(0)) if known else None


def _reason(post: RankedPost) -> tuple[str, str]:
    """Return why a post was left out or not picked, and the detail (the words after the colon)."""
    told = post.not_picked_because if post.eligible else post.left_out_because
    reason, _, detail = (told or "no reason given").partition(":")
    return reason.strip(), detail.strip()


def _left_out(posts: Iterable[RankedPost]) -> tuple[LeftOut, ...]:
    """Return the reasons, most frequent first."""
    by_reason: dict[str, list[tuple[str, str]]] = {}
    for post in posts:
        reason, detail = _reason(post)
        by_reason.setdefault(reason, []).append((post.stored.post.title, detail))
    rows = [
        LeftOut(reason=reason, count=len(titles), examples=tuple(titles[:EXAMPLES]))
        for reason, titles in by_reason.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.reason)))


def build_digest(
    ranked: Sequence[RankedPost],
    *,
    profile: Profile,
    local_date: date,
    now: datetime,
    sources: Sequence[SourceRun] = (),
    attribution: Mapping[str, str] | None = None,
    duplicates: int = 0,
    drafts: Mapping[str, str] | None = None,
    asks: Mapping[str, Sequence[str]] | None = None,
    win: WinRow | None = None,
    plan: Plan | None = None,
) -> Digest:
    """Return the digest of ``ranked`` posts, best first as given.

    ``attribution`` is by source name, ``drafts`` (paths) and ``asks`` by post id; ``duplicates`` is how many
    repeated posts were marked; ``win`` is the row for all bids; ``plan`` is what was spoken for.
    """
    credits_due, paths, questions = attribution or {}, drafts or {}, asks or {}
    eligible = [post for post in ranked if post.eligible]
    picked = [post for post in eligible if post.picked]
    picks = tuple(
        Pick(
            place=place,
            ranked=post,
            minutes=profile.time.minutes_per_proposal if post.minutes is None else post.minutes,
            attribution=credits_due.get(post.stored.post.source, ""),
            draft=paths.get(post.stored.post_id),
            asks=tuple(questions.get(post.stored.post_id, ())),
        )
        for place, post in enumerate(picked, start=1)
    )
    return Digest(
        local_date=local_date,
        now=now,
        name=profile.name,
        time_zone=profile.time_zone,
        currency=profile.rates.currency,
        floor=profile.rates.floor,
        minutes_per_day=profile.time.minutes_per_day,
        considered=len(ranked),
        eligible=len(eligible),
        duplicates=duplicates,
        picks=picks,
        next_best=tuple(post for post in eligible if not post.picked)[:NEXT_BEST],
        plan=plan or Plan(),
        not_picked=_left_out(post for post in eligible if post.not_picked_because),
        left_out=_left_out(post for post in ranked if not post.eligible),
        sources=tuple(
            SourceLine(run=run, healthy=run.state in HEALTHY, attribution=credits_due.get(run.source, ""))
            for run in sources
        ),
        win=win,
    )
