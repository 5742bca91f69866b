"""Sources and what became of them in a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.issues import Finding


class SourceState(StrEnum):
    """The one state every source ends a run in."""

    OK = "ok"
    EMPTY = "empty"
    NOT_MODIFIED = "not modified"
    NOT_DUE = "not due"  # its minimum interval has not passed
    OFF = "off"  # not asked: it needs a permission or a key that is not there
    BLOCKED = "blocked"  # refused by robots.txt, 401, 403 or 429
    LOGIN_PAGE = "login page"
    CHANGED_SHAPE = "changed shape"  # another kind of answer, or posts or fields that used to come do not
    UNREACHABLE = "unreachable"
    ERROR = "error"


HEALTHY = frozenset({SourceState.OK, SourceState.EMPTY, SourceState.NOT_MODIFIED, SourceState.NOT_DUE})
"""States that call for nothing from the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a source asks of those who read it.

    ``min_interval`` is the least time between two fetches, ``keep_text`` how long its text may be stored
    (``None``: no limit stated), ``attribution`` what must be shown beside its posts.
    """

    min_interval: timedelta
    keep_text: timedelta | None = None
    attribution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One configured source: its name in the workspace, its type, where it is and how often it is read.

    ``options`` is the person's field map, plain data, for a type that needs one.
    """

    name: str
    type: str
    url: str
    every: timedelta
    terms: Terms
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRun:
    """The outcome of one source in one run; times are aware UTC, counts are posts.

    ``url`` is where the settings had the source then (``None``: not recorded). What a server said of one
    address, its ``etag`` for instance, says nothing of another. ``retry_at`` is the moment it asked not to be
    disturbed before. ``failures`` counts those in a row up to this one, the first at ``failing_since``; the
    next attempt is not before ``wait_until``.
    ``coverage`` is how many of the posts read had each field, ``findings`` what was wrong with them.
    """

    run_id: str
    source: str
    state: SourceState
    detail: str = ""
    started_at: datetime
    finished_at: datetime
    posts_read: int = 0
    posts_new: int = 0
    posts_updated: int = 0
    issues: int = 0
    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None
    retry_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    wait_until: datetime | None = None
    coverage: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def together(runs: Sequence[SourceRun]) -> SourceRun:
    """Return what several runs of one source, oldest first and at least one, come to.

    State and detail are the latest; where that is "not modified" an earlier reading's stay. Posts read and
    issues are of the last reading, new and updated posts of all runs.
    """
    read = [run for run in runs if run.state in (SourceState.OK, SourceState.EMPTY) or run.posts_read]
    latest = runs[-1]
    if latest.state is SourceState.NOT_MODIFIED and read:
        latest = read[-1]
    counted = read[-1] if read else latest
    return replace(
        latest,
        posts_read=counted.posts_read,
        issues=counted.issues,
        findings=counted.findings,
        posts_new=sum(run.posts_new for run in runs),
        posts_updated=sum(run.posts_updated for run in runs),
    )
