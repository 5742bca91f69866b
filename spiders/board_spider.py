"""The spider: fetches each source once, writes its body to a file and records one result."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from domain.sources import SourceState
from spiders import outcome
from spiders.addresses import endpoint
from spiders.fetching import FetchRequest, FetchResult
from spiders.gate import PRIVATE_ENDPOINT
from spiders.limits import Limits
from spiders.politeness import domain_of
from spiders.rest import retry_after

Record = Callable[[FetchResult], None]


class BoardSpider(scrapy.Spider):
    """Fetches ``requests`` and gives ``record`` a result for each that ends."""

    name = "board"

    def __init__(
        self,
        requests: Sequence[FetchRequest],
        folder: Path,
        limits: Limits,
        record: Record,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._requests = requests
        self._folder = folder
        self._limits = limits
        self._record = record
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

    def _request(self, number: int, wanted: FetchRequest) -> scrapy.Request:
        place = endpoint(wanted.url)
        if place is None:
            raise ValueError("http or https, a host, no spaces, no user name")
        headers = {"If-None-Match": wanted.etag, "If-Modified-Since": wanted.last_modified}
        return scrapy.Request(
            wanted.url,
            callback=self.answered,
            errback=self.failed,
            headers={name: value for name, value in headers.items() if value},
            # Scrapy drops a redirect to itself without a word unless it is told not to filter.
            dont_filter=True,
            meta={
                PRIVATE_ENDPOINT: place if wanted.allow_private else None,
                "handle_httpstatus_list": [status for status in range(300, 600) if status not in _FOLLOWED],
            },
            cb_kwargs={"number": number},
        )

    def answered(self, response: Response, number: int) -> Iterator[scrapy.Request]:
        """Record an answer, with its body in a file if it is worth reading; yield what comes next."""
        try:
            self._record(self._result(response, number))
        finally:
            yield from self._next(number)

    def _result(self, response: Response, number: int) -> FetchResult:
        wanted = self._requests[number]
        decided = outcome.of_status(response.status)
        path = None
        if decided.state is SourceState.OK:
            path = self._folder / f"{number:04}.body"
            path.write_bytes(response.body)
        return FetchResult(
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

    def failed(self, failure: Failure) -> Iterator[scrapy.Request]:
        """Record a download that brought no answer; yield what comes next."""
        request = failure.request  # type: ignore[attr-defined]
        number = request.cb_kwargs["number"]
        wanted = self._requests[number]
        assert failure.value is not None
        decided = outcome.of_failure(
            failure.value, limit=self._limits.body_bytes, timeout=self._limits.timeout_seconds
        )
        self._record(
            FetchResult(
                name=wanted.name,
                state=decided.state,
                detail=decided.detail,
                final_url=request.url,
                retry_after=getattr(failure.value, "retry_after", None),
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
