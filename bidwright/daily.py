"""The daily job: its steps in order. One that fails says so and the others go on."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.steps.digest import make_digest
from bidwright.steps.drafts import write_drafts
from bidwright.steps.duplicates import mark_duplicates
from bidwright.steps.fetch import fetch_sources
from bidwright.steps.ranking import embed_posts
from domain.errors import BidwrightError
from domain.sources import HEALTHY, SourceRun

if TYPE_CHECKING:
    from bidwright.steps.digest import TodaysDigest
    from bidwright.steps.drafts import DraftReport
    from storage import Transaction


@dataclass
class Daily:
    """What a run has done so far; each step fills in its part."""

    run_id: str
    outcomes: list[SourceRun] = field(default_factory=list)
    embedded: int = 0
    duplicates_marked: int = 0
    digest: TodaysDigest | None = None
    drafts: list[DraftReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

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
    daily.duplicates_marked = mark_duplicates(desk)


def _embed(desk: Desk, daily: Daily) -> None:
    daily.embedded = embed_posts(desk)


def _digest(desk: Desk, daily: Daily) -> None:
    daily.digest = make_digest(desk)


def _drafts(desk: Desk, daily: Daily) -> None:
    if daily.digest is not None:
        daily.drafts = write_drafts(desk, daily.digest.picks)


STEPS = (
    Step("fetch", _fetch),
    Step("duplicates", _duplicates),
    Step("embed", _embed),
    Step("digest", _digest),
    Step("drafts", _drafts),
)

Runner = Callable[[Step, Desk, Daily], None]


def call(step: Step, desk: Desk, daily: Daily) -> None:
    """Run ``step`` here and now."""
    step.work(desk, daily)


def new_run_id(desk: Desk) -> str:
    """Return a run id that is unique whatever the clock does; its first part only helps people read it."""
    return f"{desk.clock().astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def run_daily(desk: Desk, *, runner: Runner = call) -> Daily:
    """Run every step through ``runner`` and return what was done; a failed step is recorded and named."""
    daily = Daily(new_run_id(desk))
    begun = desk.clock()
    desk.store.run_write(lambda tx: tx.runs.start(daily.run_id, begun))
    for step in STEPS:
        try:
            runner(step, desk, daily)
        except BidwrightError as error:
            daily.problems.append(f"{step.name}: {error}")
    _finish(desk, daily)
    return daily


def _finish(desk: Desk, daily: Daily) -> None:
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
        tx.runs.finish(daily.run_id, desk.clock(), "done" if daily.status == 0 else "problems", summary)

    desk.store.run_write(write)
