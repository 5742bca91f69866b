"""When a source may be asked again: its interval, what its server asked for, and patience with failures.

A server's Retry-After (RFC 9110, 10.2.3: seconds or an HTTP date) holds for its whole registrable domain.
Failures double the interval, up to a day; nothing is ever given up for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache

from tldextract import TLDExtract

from domain.sources import HEALTHY, Source, SourceRun, SourceState
from spiders.addresses import endpoint

LONGEST_REST = timedelta(days=1)
"""No server and no series of failures keeps a source waiting longer than this."""

_JITTER = 0.1
_WANDER = 0.25
_SECONDS_DIGITS = 12


def retry_moment(header: str | None, now: datetime) -> datetime | None:
    """Return the moment a Retry-After ``header`` names, within a day of ``now``, or ``None``."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=int(text)) if len(text) <= _SECONDS_DIGITS else LONGEST_REST
        return now + min(wait, LONGEST_REST)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return min(max(moment, now), now + LONGEST_REST)


def backoff(source: Source, failures: int) -> timedelta:
    """Return how long to leave ``source`` alone after so many failures in a row.

    The first costs the usual interval, each further one doubles it, with up to a tenth more that differs from
    source to source, so that those which failed together do not come back together. What would be a day or
    more is a day less up to a quarter: a server that is down at the same hours every day must not be asked in
    just these every time.
    """
    seed = hashlib.sha256(f"{source.name} {failures}".encode()).digest()[0] / 255
    wait = source.every * (1 << min(failures - 1, 16)) * (1 + _JITTER * seed)
    return wait if wait < LONGEST_REST else LONGEST_REST * (1 - _WANDER * seed)


def due_at(
    source: Source,
    *,
    latest: SourceRun | None,
    answered: SourceRun | None,
    rests: Mapping[str, datetime],
    now: datetime,
) -> datetime:
    """Return the moment from which ``source`` may be asked; it is due if that is not after ``now``.

    ``latest`` is its newest outcome, ``answered`` the newest in which a server answered, ``rests`` what
    :func:`resting` returns. A run that began in the future means that the clock was set back, and counts
    for nothing: waiting for it could take years.
    """
    moments = [now]
    if answered is not None and answered.started_at <= now:
        moments.append(answered.started_at + source.every)
    if latest is not None and latest.started_at <= now and latest.wait_until is not None:
        moments.append(latest.wait_until)
    rest = rests.get(domain_of(source.url))
    if rest is not None:
        moments.append(rest)
    return max(moments)


def resting(runs: Iterable[SourceRun], now: datetime) -> dict[str, datetime]:
    """Return until when each registrable domain asked to be left alone, from its sources' newest outcomes."""
    rests: dict[str, datetime] = {}
    for run in runs:
        if run.url is None or run.retry_at is None or run.started_at > now or run.retry_at <= now:
            continue
        domain = domain_of(run.url)
        rests[domain] = max(run.retry_at, rests.get(domain, run.retry_at))
    return rests


def with_failures(run: SourceRun, previous: SourceRun | None, source: Source, *, offline: bool) -> SourceRun:
    """Return ``run`` with its place in a series of failures, which ``previous`` may have begun.

    An ``offline`` machine learns nothing about its sources: all that was known of the series stays.
    """
    before = previous if previous is not None and previous.url in (None, run.url) else None
    if run.state in HEALTHY:
        return replace(run, failures=0, failing_since=None, wait_until=None)
    if offline and run.state is SourceState.UNREACHABLE:
        if before is None:
            return run
        return replace(
            run,
            failures=before.failures,
            failing_since=before.failing_since,
            wait_until=before.wait_until,
            retry_at=before.retry_at,
        )
    failures = 1 + (before.failures if before is not None else 0)
    since = before.failing_since if before is not None else None
    return replace(
        run,
        failures=failures,
        failing_since=since or run.started_at,
        wait_until=run.started_at + backoff(source, failures),
    )


def domain_of(url: str) -> str:
    """Return the registrable domain of ``url``, e.g. ``example.co.uk``; else its host and port."""
    place = endpoint(url)
    if place is None:
        return url
    host, port = place
    return _extract()(host).top_domain_under_public_suffix or f"{host}:{port}"


@cache
def _extract() -> TLDExtract:
    # The suffix list in the package; never one from the network or from a cache on disk.
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
