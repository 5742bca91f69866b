"""The daily job: its steps in order. One that fails says so and the others go on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.steps.digest import make_digest
from bidwright.steps.draft_versions import keep_all
from bidwright.steps.drafts import DraftReport, known_drafts, write_drafts
from bidwright.steps.duplicates import mark_duplicates
from bidwright.steps.fetch import fetch_sources
from bidwright.steps.ranking import Ranking, embed_posts, todays_ranking
from domain.errors import BidwrightError
from domain.sources import HEALTHY, SourceRun

if TYPE_CHECKING:
    from reports.digest import Digest
    from storage import Transaction


@dataclass
class Daily:
    """What a run has done so far; each step fills in its part."""

    run_id: str
    begun: datetime
    outcomes: list[SourceRun] = field(default_factory=list)
    embedded: int = 0
    duplicates_marked: int = 0
    ranking: Ranking | None = None
    drafts: list[DraftReport] = field(default_factory=list)
    digest: Digest | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """Exit status: 0 when all went well, 1 when something is to be looked at."""
        sick = any(outcome.state not in HEALTHY for outcome in self.outcomes)
        return 1 if self.problems or sick else 0


@dataclass(frozen=True, slots=True)
class Step:
    """One named step; ``work`` fills in its part of the run."""

    name: str
    work: Callable[[Desk, Daily], None]


def _fetch(desk: Desk, daily: Daily) -> None:
    daily.outcomes = fetch_sources(desk, daily.run_id)


def _duplicates(desk: Desk, daily: Daily) -> None:
    daily.duplicates_marked = len(mark_duplicates(desk))


def _embed(desk: Desk, daily: Daily) -> None:
    daily.embedded = embed_posts(desk, desk.profile)


def _rank(desk: Desk, daily: Daily) -> None:
    daily.ranking = todays_ranking(desk)


def _drafts(desk: Desk, daily: Daily) -> None:
    keep_all(desk)
    if daily.ranking is None:
        return
    daily.drafts = write_drafts(desk, [post.stored for post in daily.ranking.ranked if post.picked])
    daily.problems += [f"draft {report.path}: {report.says}" for report in daily.drafts if report.failed]


def _digest(desk: Desk, daily: Daily) -> None:
    if daily.ranking is not None:
        daily.digest = make_digest(desk, daily.ranking, known_drafts(desk))


READING = (Step("fetch", _fetch), Step("duplicates", _duplicates))
STEPS = (
    *READING,
    Step("embed", _embed),
    Step("rank", _rank),
    Step("drafts", _drafts),
    Step("digest", _digest),
)

Runner = Callable[[Step, Desk, Daily], None]


def call(step: Step, desk: Desk, daily: Daily) -> None:
    """Run ``step`` here and now."""
    step.work(desk, daily)


def begin_run(desk: Desk) -> Daily:
    """Record that a run begins, under an id that is unique whatever the clock does, and return it."""
    begun = desk.clock()
    run_id = f"{begun.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    desk.store.run_write(lambda tx: tx.runs.start(run_id, begun))
    return Daily(run_id, begun)


def run_daily(desk: Desk, *, steps: Sequence[Step] = STEPS, runner: Runner = call) -> Daily:
    """Run ``steps`` through ``runner`` and return what was done; a failed step is recorded and named.

    However it ends, the run is recorded as "done", "problems" or "stopped".
    """
    daily = begin_run(desk)
    ended = "stopped"
    try:
        for step in steps:
            try:
                runner(step, desk, daily)
            except (BidwrightError, OSError) as error:
                daily.problems.append(f"{step.name}: {error}")
        ended = "done" if daily.status == 0 else "problems"
    finally:
        _finish(desk, daily, ended)
    return daily


def _finish(desk: Desk, daily: Daily, ended: str) -> None:
    summary: dict[str, str | int] = {
        "sources": len(daily.outcomes),
        "posts_new": sum(outcome.posts_new for outcome in daily.outcomes),
        "posts_updated": sum(outcome.posts_updated for outcome in daily.outcomes),
        "embedded": daily.embedded,
        "duplicates_marked": daily.duplicates_marked,
        "drafts": len(daily.drafts),
        "problems": "; ".join(daily.problems),
    }

    def write(tx: Transaction) -> None:
        # A clock set back meanwhile must not make the run end before it began.
        tx.runs.finish(daily.run_id, max(daily.begun, desk.clock()), ended, summary)

    desk.store.run_write(write)
