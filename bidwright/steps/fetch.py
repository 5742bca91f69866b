"""Read every configured source that is due. Every source ends in exactly one state."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.durations import describe_duration
from bidwright.source_tables import SourceTable
from bidwright.steps.asking import configured_source, request_for, why_off
from bidwright.steps.posts import clean, store_posts
from domain.errors import BidwrightError, SourceError
from domain.issues import IssueLevel
from domain.sources import Source, SourceRun, SourceState
from spiders.crawl import crawl
from spiders.fetching import FetchRequest, FetchResult
from spiders.read import read_source

if TYPE_CHECKING:
    from domain.issues import Issue
    from domain.posts import RawPosting
    from storage import Transaction


Crawl = Callable[..., list[FetchResult]]
"""Fetches requests as :func:`spiders.crawl.crawl` does; tests pass one that misbehaves."""

Keep = Callable[[Source, FetchResult], None]
"""Told of every answer while its body is there."""


def configured_sources(tables: Sequence[SourceTable], where: str) -> list[Source]:
    """Return the configured sources with the terms of their type; raise ConfigError if one is wrong."""
    return [configured_source(table, where) for table in tables]


def fetch_sources(
    desk: Desk, run_id: str, *, crawl: Crawl = crawl, only: str | None = None, keep: Keep | None = None
) -> list[SourceRun]:
    """Fetch, parse and store every due source; return one outcome per configured source, in their order.

    ``only`` names the one source to fetch. With ``keep`` the whole answer is asked for, whatever it was last
    time. Raise :class:`SourceError` if the outcomes do not match the sources: a lost one is never silent.
    """
    tables = [table for table in desk.workspace.settings.sources if only in (None, table.name)]
    sources = configured_sources(tables, str(desk.workspace.settings_path))
    of_name = {table.name: table for table in tables}
    with desk.store.read() as tx:
        last_good, answered = tx.runs.last_good_by_source(), tx.runs.last_answered_by_source()
    started = desk.clock()
    outcomes: dict[str, SourceRun] = {}
    requests = []
    for source in sources:
        table = of_name[source.name]
        previous = _of_this_address(source, last_good.get(source.name)) if keep is None else None
        wait = _wait(source, answered.get(source.name), started)
        off = why_off(source, table)
        if off:
            outcomes[source.name] = _not_asked(run_id, source, SourceState.OFF, off, started)
        elif wait and not desk.force_fetch:
            due = f"next in {describe_duration(_whole_minutes(wait))}"
            outcomes[source.name] = _not_asked(run_id, source, SourceState.NOT_DUE, due, started)
        else:
            requests.append(request_for(source, table, previous, address=desk.address(source.url)))
    _record(desk, list(outcomes.values()))
    if requests:
        outcomes |= _read_all(
            desk, run_id, {source.name: source for source in sources}, requests, crawl, keep=keep
        )
    expire_texts(desk, sources)
    missing = [source.name for source in sources if source.name not in outcomes]
    if missing or len(outcomes) != len(sources):
        raise SourceError(f"no outcome was recorded for {', '.join(missing)}", where=f"run {run_id}")
    return [outcomes[source.name] for source in sources]


def _not_asked(run_id: str, source: Source, state: SourceState, detail: str, at: datetime) -> SourceRun:
    return SourceRun(
        run_id=run_id,
        source=source.name,
        state=state,
        detail=detail,
        started_at=at,
        finished_at=at,
        url=source.url,
    )


def anything_due(desk: Desk) -> bool:
    """Return whether a fetch now would ask any source."""
    tables = desk.workspace.settings.sources
    sources = configured_sources(tables, str(desk.workspace.settings_path))
    on = [source for source, table in zip(sources, tables, strict=True) if not why_off(source, table)]
    with desk.store.read() as tx:
        answered = tx.runs.last_answered_by_source()
    now = desk.clock()
    return desk.force_fetch or any(not _wait(source, answered.get(source.name), now) for source in on)


def _of_this_address(source: Source, previous: SourceRun | None) -> SourceRun | None:
    """Return ``previous`` if it was of the address ``source`` has now."""
    return previous if previous is not None and previous.url == source.url else None


def _wait(source: Source, previous: SourceRun | None, now: datetime) -> timedelta | None:
    """Return how long ``source`` must still be left alone, or ``None`` if it is due."""
    if previous is None or previous.url not in (None, source.url) or previous.started_at > now:
        # Another address was never asked. A start in the future means that the clock was set back: waiting
        # for it could take years.
        return None
    left = previous.started_at + source.every - now
    return left if left > timedelta(0) else None


def _whole_minutes(span: timedelta) -> timedelta:
    return timedelta(minutes=max(1, -(-int(span.total_seconds()) // 60)))


def _read_all(
    desk: Desk,
    run_id: str,
    sources: dict[str, Source],
    requests: list[FetchRequest],
    crawl: Crawl,
    *,
    keep: Keep | None,
) -> dict[str, SourceRun]:
    bodies = desk.workspace.state / "fetch"
    shutil.rmtree(bodies, ignore_errors=True)  # what a killed run left; only one run goes on at a time
    workdir = bodies / run_id
    workdir.mkdir(parents=True, exist_ok=True)
    total = len(requests)
    try:
        results = crawl(
            requests,
            workdir=workdir,
            on_progress=lambda done: desk.progress("Reading sources", done, total),
        )
        outcomes = {result.name: _take_in(desk, run_id, sources[result.name], result) for result in results}
        if keep is not None:
            for result in results:
                keep(sources[result.name], result)
        return outcomes
    finally:
        shutil.rmtree(workdir, ignore_errors=True)


def _take_in(desk: Desk, run_id: str, source: Source, result: FetchResult) -> SourceRun:
    """Parse and store one fetched source; posts and outcome are written in one transaction."""
    started = desk.clock()
    posts: Sequence[RawPosting] = ()
    issues: Sequence[Issue] = ()
    state, detail = result.state, result.detail
    if state is SourceState.OK:
        read = read_source(result, source, desk.parser)
        state, detail, posts, issues = read.state, read.detail, read.posts, read.issues
    outcome = SourceRun(
        run_id=run_id,
        source=source.name,
        state=state,
        detail=detail,
        started_at=started,
        finished_at=started,
        posts_read=len(posts),
        etag=result.etag,
        last_modified=result.last_modified,
        url=source.url,
    )
    cleaned, found = clean(posts, started)
    shown = sum(issue.level is not IssueLevel.INFO for issue in (*issues, *found))

    def write(tx: Transaction) -> SourceRun:
        plan = store_posts(tx, cleaned, started)
        complete = replace(
            outcome,
            finished_at=desk.clock(),
            posts_new=len(plan.inserts),
            posts_updated=len(plan.updates),
            issues=shown + len(plan.issues),
        )
        tx.runs.record_source(complete)
        return complete

    try:
        return desk.store.run_write(write)
    except BidwrightError as error:
        # One source that cannot be stored must not stop the others; its outcome says why.
        failed = replace(outcome, state=SourceState.ERROR, detail=str(error), etag=None, last_modified=None)
        _record(desk, [failed])
        return failed


def expire_texts(desk: Desk, sources: Sequence[Source]) -> None:
    """Delete the text of posts that a source's terms allow to be kept no longer."""
    now = desk.clock()
    spans = {source.name: source.terms.keep_text for source in sources if source.terms.keep_text is not None}

    def write(tx: Transaction) -> None:
        for name, span in spans.items():
            tx.posts.expire_text(name, now - span)

    if spans:
        desk.store.run_write(write)


def _record(desk: Desk, outcomes: Sequence[SourceRun]) -> None:
    def write(tx: Transaction) -> None:
        for outcome in outcomes:
            tx.runs.record_source(outcome)

    if outcomes:
        desk.store.run_write(write)
