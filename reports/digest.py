"""The morning's digest as a value: picks, next best, what was left out and why, and every source's state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.profile import Profile
from domain.sources import HEALTHY, SourceRun
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
    left_out: tuple[LeftOut, ...]
    sources: tuple[SourceLine, ...]
    win: WinRow | None

    @property
    def minutes(self) -> int:
        """Minutes the picks take."""
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
    """Return the reason a post was left out, and its detail (the words after the colon)."""
    reason, _, detail = (post.left_out_because or "no reason given").partition(":")
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
) -> Digest:
    """Return the digest of ``ranked`` posts, best first as given.

    ``attribution`` is by source name, ``drafts`` (paths) and ``asks`` by post id; ``duplicates`` is how many
    repeated posts were marked; ``win`` is the row for all bids.
    """
    credits_due, paths, questions = attribution or {}, drafts or {}, asks or {}
    eligible = [post for post in ranked if post.eligible]
    picked = [post for post in eligible if post.picked]
    picks = tuple(
        Pick(
            place=place,
            ranked=post,
            minutes=profile.time.minutes_per_proposal,
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
        left_out=_left_out(post for post in ranked if not post.eligible),
        sources=tuple(
            SourceLine(run=run, healthy=run.state in HEALTHY, attribution=credits_due.get(run.source, ""))
            for run in sources
        ),
        win=win,
    )
