"""The day's pick: the best set that minutes, connects and bids in play allow, and why not the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from domain.posts import StoredPost
from ranking.knapsack import Item, Limits, best_set, cells
from ranking.likeness import client_key, leaders
from ranking.results import RankedPost
from ranking.room import Room
from ranking.tables import table
from ranking.urgency import Urgency, urgency

POINTS = 1_000_000
"""Points of a score of 1: scores are shown, and counted here, with six decimals."""
_CELLS = 2**25  # decisions in one solution: 32 MB; a day of eight hours and 300 connects tries fewer posts


def nothing_more(_stored: StoredPost) -> int:
    """Return 0: a proposal takes the usual minutes."""
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the day has room for.

    ``minutes`` and ``connects`` are what is left of them (``None``: no limit), ``bids`` how many more may be
    in play. A proposal takes ``minutes_each`` and what ``extra_minutes`` says of its post (never below zero;
    asked only about posts that come into question). ``room`` is what running contracts leave.
    """

    minutes: int
    minutes_each: int
    now: datetime
    connects: int | None = None
    bids: int | None = None
    proposals_over: int | None = None
    extra_minutes: Callable[[StoredPost], int] = nothing_more
    room: Room = field(default_factory=Room)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPick:
    """The ids picked, why each other eligible post is not, and minutes and urgency as found, by id."""

    picked: frozenset[str]
    because: Mapping[str, str]
    minutes: Mapping[str, int]
    urgent: Mapping[str, Urgency]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A post that may be picked; ``points`` are its score times its urgency."""

    ranked: RankedPost
    points: int
    connects: int

    @property
    def post_id(self) -> str:
        return self.ranked.stored.post_id


def pick(ranked: Sequence[RankedPost], day: Day) -> DayPick:
    """Return the posts of ``ranked`` (best first) to bid on today.

    It is the set with the most points of all that fit into the day's minutes, connects and bids. Points are
    score times urgency, in millionths. The second pick of one client, or of posts very alike, counts half,
    further ones a quarter; of a cluster, and of posts with the very same text, only the best is a candidate.
    A bid that costs more than it brings, with the room that contracts leave, is none. Exact over the best 300
    candidates; of equal sets the one with the higher places.
    """
    because: dict[str, str] = {}
    urgent: dict[str, Urgency] = {}
    candidates = _candidates(ranked, day, because, urgent)
    hopeful = [each for each in candidates if not _beyond(each, day, day.minutes_each, because)]
    tried = hopeful[: table("weights")["pick"]["most"]]
    groups = leaders([each.ranked.stored for each in tried], alike=table("weights")["pick"]["alike"])
    chosen, minutes = _choose(tried, groups, day)
    told = _Reasons(tried, groups, chosen, minutes, day)
    for each in hopeful:
        if each.post_id not in told.picked:
            because[each.post_id] = told.of(each)
    return DayPick(picked=frozenset(told.picked), because=because, minutes=minutes, urgent=urgent)


def _candidates(
    ranked: Sequence[RankedPost], day: Day, because: dict[str, str], urgent: dict[str, Urgency]
) -> list[_Candidate]:
    """Return the posts worth a bid, most points first; tell in ``because`` and ``urgent`` what was found."""
    worth: list[_Candidate] = []
    for item in ranked:
        if not item.eligible:
            continue
        if not _pays(item, day.room):
            because[item.stored.post_id] = "expected to cost more than it brings" + (
                f": {day.room.because}" if day.room.because else ""
            )
            continue
        hurry = urgency(item.stored.post, now=day.now, proposals_over=day.proposals_over)
        if hurry is not None:
            urgent[item.stored.post_id] = hurry
        points = round(item.score * (1 + (hurry.share if hurry else 0.0)) * POINTS)
        worth.append(_Candidate(item, points, item.stored.post.connects or 0))
    worth.sort(key=lambda each: -each.points)  # stable: ties stay in the order of the ranking
    return _once(worth, because)


def _pays(item: RankedPost, room: Room) -> bool:
    """Return whether a bid brings more than it costs, or nobody can tell."""
    if item.expected_value is None:
        return True
    if room.share == 1 or item.net_hourly is None or item.net_hourly.total is None:
        return item.expected_value > 0
    income = Decimal(str(item.win_chance.p)) * item.net_hourly.total
    return item.expected_value - (1 - room.share) * income > 0


def _once(candidates: Sequence[_Candidate], because: dict[str, str]) -> list[_Candidate]:
    """Return the best of each cluster and of each text."""
    first: dict[str, str] = {}
    kept = []
    for each in candidates:
        stored = each.ranked.stored
        keys = (f"cluster {stored.cluster}", f"text {stored.text_hash}")
        other = next((first[key] for key in keys if key in first), None)
        if other is None:
            first |= dict.fromkeys(keys, stored.post_id)
            kept.append(each)
        else:
            because[stored.post_id] = f"repeats another: {other}"
    return kept


def _beyond(candidate: _Candidate, day: Day, minutes: int, because: dict[str, str]) -> bool:
    """Return whether the day has no room for ``candidate`` even alone, and say so in ``because``."""
    reason = _lacks(candidate, minutes, day.minutes, day.connects, day.bids)
    if reason is not None:
        because[candidate.post_id] = reason
    return reason is not None


def _lacks(
    candidate: _Candidate, needs: int, minutes: int, connects: int | None, bids: int | None
) -> str | None:
    """Return what of minutes, connects and bids does not suffice for ``candidate``, ``None`` if all do."""
    if bids is not None and bids <= 0:
        return "bids in play limit: as many as you want wait for an answer"
    if needs > minutes:
        return f"no minutes left today: takes {needs}, {max(0, minutes)} left"
    if connects is not None and candidate.connects > connects:
        return f"not enough connects: {connects} left, needs {candidate.connects}"
    return None


def _choose(
    tried: Sequence[_Candidate], groups: Sequence[int], day: Day
) -> tuple[tuple[int, ...], dict[str, int]]:
    """Return the places of the best set, and the minutes that were asked for by id.

    What a post takes beyond the usual minutes is asked only of posts in the best set so far: a set that is
    best while the others are counted too cheap is best.
    """
    limits = Limits(minutes=day.minutes, connects=day.connects, count=day.bids)
    known: dict[str, int] = {}
    while True:
        items = [
            _item(each, group, known.get(each.post_id, day.minutes_each))
            for each, group in zip(tried, groups, strict=True)
        ]
        while cells(items, limits) > _CELLS:
            del items[len(items) * 3 // 4 :]
        chosen = best_set(items, limits)
        unread = [tried[place] for place in chosen if tried[place].post_id not in known]
        if not unread:
            return chosen, known
        for each in unread:
            known[each.post_id] = day.minutes_each + max(0, day.extra_minutes(each.ranked.stored))


def _item(candidate: _Candidate, group: int, minutes: int) -> Item:
    again = table("weights")["pick"]["again"]
    return Item(
        gains=tuple(round(candidate.points * share) for share in again),
        minutes=minutes,
        connects=candidate.connects,
        group=group,
    )


class _Reasons:
    """Why candidates for whom there would have been room are not in the best set."""

    def __init__(
        self,
        tried: Sequence[_Candidate],
        groups: Sequence[int],
        chosen: Collection[int],
        minutes: Mapping[str, int],
        day: Day,
    ) -> None:
        taken = [tried[place] for place in chosen]
        self.picked = {each.post_id for each in taken}
        self._group = {each.post_id: group for each, group in zip(tried, groups, strict=True)}
        self._like = {groups[place]: tried[place] for place in sorted(chosen, reverse=True)}
        self._least = min((each.points for each in taken), default=0)
        self._minutes, self._day = minutes, day
        self._left = day.minutes - sum(minutes[each.post_id] for each in taken)
        self._connects = None if day.connects is None else day.connects - sum(c.connects for c in taken)
        self._bids = None if day.bids is None else day.bids - len(taken)

    def of(self, candidate: _Candidate) -> str:
        """Return the reason, as "what: the figures for it"."""
        alike = self._like.get(self._group.get(candidate.post_id, -1))
        if alike is not None and candidate.points > self._least:
            return f"very like one picked: {self._likeness(candidate, alike)}"
        needs = self._minutes.get(candidate.post_id, self._day.minutes_each)
        lacking = _lacks(candidate, needs, self._left, self._connects, self._bids)
        return lacking or "others are worth more: it is not among the best that were tried"

    @staticmethod
    def _likeness(candidate: _Candidate, other: _Candidate) -> str:
        key = client_key(candidate.ranked.stored)
        same = key is not None and key == client_key(other.ranked.stored)
        return f"{'the client of ' if same else ''}{other.post_id}"
