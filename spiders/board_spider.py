"""The spider: fetches each source once, writes its body to a file and records one result."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from domain.errors import SourceError
from domain.sources import SourceState
from spiders import outcome
from spiders.addresses import endpoint
from spiders.deadline import DEADLINE
from spiders.errors import ChangedShapeError
from spiders.fetching import FetchRequest, FetchResult
from spiders.gate import PRIVATE_ENDPOINT
from spiders.keys import KEYS, Keyring
from spiders.limits import Limits
from spiders.politeness import domain_of
from spiders.rest import retry_after

Record = Callable[[FetchResult], None]
Clean = Callable[[bytes], bytes]


class BoardSpider(scrapy.Spider):
    """Fetches ``requests`` and gives ``record`` a result for each that ends."""

    name = "board"

    def __init__(
        self,
        requests: Sequence[FetchRequest],
        folder: Path,
        limits: Limits,
        record: Record,
        clean: Clean = bytes,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._requests = requests
        self._folder = folder
        self._limits = limits
        self._record = record
        self._clean = clean
        self._queues: dict[str, deque[scrapy.Request]] = {}

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Yield the first request to every domain; an address that cannot be used is recorded at once.

        Each further request to a domain follows when the one before has ended: what it was told (to wait, for
        instance) then holds for the next.
        """
        for number, wanted in enumerate(self._requests):
            try:
                request = self._request(number, wanted)
            except ValueError as error:
                detail = f"not an address that can be fetched ({error})"
                self._record(FetchResult(name=wanted.name, state=SourceState.ERROR, detail=detail))
            else:
                self._queues.setdefault(domain_of(wanted.url), deque()).append(request)
        for queue in self._queues.values():
            yield queue.popleft()

    def _next(self, number: int) -> Iterator[scrapy.Request]:
        """Yield the next request to the domain of the request ``number``, if there is one."""
        queue = self._queues[domain_of(self._requests[number].url)]
        if queue:
            yield queue.popleft()

    def _request(
        self, number: int, wanted: FetchRequest, next_url: str | None = None, deadline: float | None = None
    ) -> scrapy.Request:
        place = endpoint(wanted.url)
        if place is None:
            raise ValueError("http or https, a host, no spaces, no user name")
        headers = {"If-None-Match": wanted.etag, "If-Modified-Since": wanted.last_modified}
        if wanted.follow is not None:
            headers = {}  # that the first answer is unchanged says nothing of the second
        return scrapy.Request(
            next_url or wanted.url,
            callback=self.answered,
            errback=self.failed,
            headers={name: value for name, value in headers.items() if value},
            # Scrapy drops a redirect to itself without a word unless it is told not to filter.
            dont_filter=True,
            meta={
                PRIVATE_ENDPOINT: place if wanted.allow_private else None,
                KEYS: Keyring(wanted.url, wanted.keys) if wanted.keys else None,
                **({} if deadline is None else {DEADLINE: deadline}),
                "handle_httpstatus_list": [status for status in range(300, 600) if status not in _FOLLOWED],
            },
            cb_kwargs={"number": number, "last": wanted.follow is None or next_url is not None},
        )

    def answered(self, response: Response, number: int, *, last: bool) -> Iterator[scrapy.Request]:
        """Record an answer, with its body in a file if it is worth reading; yield what comes next."""
        following = None
        try:
            following = self._taken(response, number, last=last)
        finally:
            yield from self._next(number) if following is None else [following]

    def _taken(self, response: Response, number: int, *, last: bool) -> scrapy.Request | None:
        """Record an answer, or return the request that it leads to."""
        wanted = self._requests[number]
        decided = outcome.of_status(response.status)
        if decided.state is SourceState.OK and not last:
            return self._following(response, number)
        path = None
        if decided.state is SourceState.OK:
            path = self._folder / f"{number:04}.body"
            path.write_bytes(self._clean(response.body))
        self._record(
            FetchResult(
                name=wanted.name,
                state=decided.state,
                detail=decided.detail,
                status=response.status,
                body_path=path,
                etag=_header(response, "ETag") or _unchanged(decided.state, wanted.etag),
                last_modified=_header(response, "Last-Modified")
                or _unchanged(decided.state, wanted.last_modified),
                final_url=response.url,
                retry_after=retry_after(response),
            )
        )
        return None

    def _following(self, response: Response, number: int) -> scrapy.Request | None:
        """Return the request that the first answer leads to, or record that it leads nowhere."""
        from spiders.follow import follow  # it brings the parsers, which most crawls do not need

        wanted = self._requests[number]
        assert wanted.follow is not None
        try:
            leads_to = follow(wanted.follow, response.body, "")
            return self._request(number, wanted, urljoin(wanted.url, leads_to), response.meta[DEADLINE])
        except (SourceError, ValueError) as error:
            changed = isinstance(error, ChangedShapeError)
            state = SourceState.CHANGED_SHAPE if changed else SourceState.ERROR
            self._record(
                FetchResult(name=wanted.name, state=state, detail=str(error), final_url=response.url)
            )
            return None

    def failed(self, failure: Failure) -> Iterator[scrapy.Request]:
        """Record a download that brought no answer; yield what comes next."""
        request = failure.request  # type: ignore[attr-defined]
        number = request.cb_kwargs["number"]
        wanted = self._requests[number]
        assert failure.value is not None
        decided = outcome.of_failure(failure.value, limits=self._limits)
        self._record(
            FetchResult(
                name=wanted.name,
                state=decided.state,
                detail=decided.detail,
                final_url=request.url,
                retry_after=getattr(failure.value, "retry_after", None),
                reached=decided.reached,
            )
        )
        yield from self._next(number)


_FOLLOWED = frozenset({301, 302, 303, 307, 308})
"""What the redirect middleware follows; naming these as handled would switch it off."""


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1").strip()[:512] or None


def _unchanged(state: SourceState, known: str | None) -> str | None:
    """Return what was known before if the server says that nothing changed: it may not repeat itself."""
    return known if state is SourceState.NOT_MODIFIED else None
