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
from domain.issues import IssueLevel, count_issues
from domain.sources import Source, SourceRun, SourceState
from spiders.crawl import crawl
from spiders.fetching import FetchRequest, FetchResult
from spiders.politeness import due_at, resting, retry_moment, with_failures
from spiders.read import SourceRead, read_source
from spiders.shape import REMEMBERED, coverage_of, what_is_missing

if TYPE_CHECKING:
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
    started = desk.clock()
    due = next_fetches(desk, sources, started)
    with desk.store.read() as tx:
        last_good = tx.runs.last_good_by_source()
        failing = {name: run.failures for name, run in tx.runs.last_asked_by_source().items()}
    outcomes: dict[str, SourceRun] = {}
    requests = []
    for source in sources:
        table = of_name[source.name]
        previous = _of_this_address(source, last_good.get(source.name)) if keep is None else None
        wait = due[source.name] - started
        off = why_off(source, table)
        if off:
            outcomes[source.name] = _not_asked(run_id, source, SourceState.OFF, off, started)
        elif wait > timedelta(0) and not desk.force_fetch:
            detail = f"next in {describe_duration(_whole_minutes(wait))}"
            outcomes[source.name] = _not_asked(run_id, source, SourceState.NOT_DUE, detail, started)
        else:
            requests.append(request_for(source, table, previous, address=desk.address(source.url)))
    _record(desk, list(outcomes.values()))
    requests.sort(
        key=lambda request: failing.get(request.name, 0)
    )  # those that work need not wait for the rest
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
    now = desk.clock()
    due = next_fetches(desk, on, now)
    return desk.force_fetch or any(moment <= now for moment in due.values())


def next_fetches(desk: Desk, sources: Sequence[Source], now: datetime) -> dict[str, datetime]:
    """Return the moment from which each source may be asked."""
    with desk.store.read() as tx:
        latest, answered = tx.runs.last_asked_by_source(), tx.runs.last_answered_by_source()
    rests = resting(latest.values(), now)
    return {
        source.name: due_at(
            source,
            latest=_not_of_another_address(source, latest.get(source.name)),
            answered=_not_of_another_address(source, answered.get(source.name)),
            rests=rests,
            now=now,
        )
        for source in sources
    }


def _not_of_another_address(source: Source, previous: SourceRun | None) -> SourceRun | None:
    """Return ``previous`` unless the source has moved since; an address that was not recorded counts."""
    return previous if previous is not None and previous.url in (None, source.url) else None


def _of_this_address(source: Source, previous: SourceRun | None) -> SourceRun | None:
    """Return ``previous`` if it was of the address ``source`` has now."""
    return previous if previous is not None and previous.url == source.url else None


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
        # Where nobody at all answered, be it with a refusal, it is this machine that is offline.
        offline = not any(result.reached for result in results)
        outcomes = {
            result.name: _take_in(desk, run_id, sources[result.name], result, offline=offline)
            for result in results
        }
        if keep is not None:
            for result in results:
                keep(sources[result.name], result)
        return outcomes
    finally:
        shutil.rmtree(workdir, ignore_errors=True)


def _take_in(desk: Desk, run_id: str, source: Source, result: FetchResult, *, offline: bool) -> SourceRun:
    """Parse and store one fetched source; posts and outcome are written in one transaction."""
    started = desk.clock()
    read = read_source(result, source, desk.parser)
    with desk.store.read() as tx:
        past = tx.runs.reads_since(source.name, started - REMEMBERED)
        previous = tx.runs.last_asked_by_source().get(source.name)
    read = _compared(read, [run for run in past if run.url == source.url])
    outcome = with_failures(
        SourceRun(
            run_id=run_id,
            source=source.name,
            state=read.state,
            detail=read.detail,
            started_at=started,
            finished_at=started,
            posts_read=len(read.posts),
            etag=result.etag,
            last_modified=result.last_modified,
            url=source.url,
            retry_at=retry_moment(result.retry_after, started),
            coverage=coverage_of(read.posts) if read.posts else {},
        ),
        previous,
        source,
        offline=offline,
    )
    cleaned, found = clean(read.posts, started)

    def write(tx: Transaction) -> SourceRun:
        plan = store_posts(tx, cleaned, started)
        findings = count_issues((*read.issues, *found, *plan.issues))
        shown = sum(finding.count for finding in findings if finding.level is not IssueLevel.INFO)
        complete = replace(
            outcome,
            finished_at=max(started, desk.clock()),  # a clock set back meanwhile makes no time negative
            posts_new=len(plan.inserts),
            posts_updated=len(plan.updates),
            issues=shown,
            findings=findings,
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


def _compared(read: SourceRead, past: Sequence[SourceRun]) -> SourceRead:
    """Return ``read`` as CHANGED_SHAPE, its posts kept, if it lacks what ``past`` reads had."""
    if read.state not in (SourceState.OK, SourceState.EMPTY):
        return read
    missing = what_is_missing(coverage_of(read.posts), past)
    return replace(read, state=SourceState.CHANGED_SHAPE, detail=missing) if missing else read


def expire_texts(desk: Desk, sources: Sequence[Source]) -> None:
    """Delete the text of posts that a source's terms allow to be kept no longer."""
    now = desk.clock()
    spans = {source.name: source.terms.keep_text for source in sources if source.terms.keep_text is not None}

    def write(tx: Transaction) -> int:
        return sum(tx.posts.expire_text(name, now - span) for name, span in spans.items())

    if not spans:
        return
    expired = desk.store.run_write(write)
    if expired:
        desk.appraiser.forget()  # what is kept of posts quotes them


def _record(desk: Desk, outcomes: Sequence[SourceRun]) -> None:
    def write(tx: Transaction) -> None:
        for outcome in outcomes:
            tx.runs.record_source(outcome)

    if outcomes:
        desk.store.run_write(write)
