"""The download handler, the last of ours before the network: keys go in, heads are bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from spiders import certificates
from spiders.addresses import endpoint
from spiders.deadline import OverdueError, shortened
from spiders.keys import KEYS


class NoSecureConnectionError(OSError):
    """A server could not prove who it is, or speaks no TLS that is safe."""


class HeadTooLongError(Exception):
    """Headers without an end: Twisted would keep them all, at twenty times their size."""


HEAD_BYTES = "BIDWRIGHT_HEAD_BYTES"
"""The setting that says how long the head of an answer may be."""


class SourceHandler(HTTP11DownloadHandler):
    """Scrapy's own handler, with the keys of a source put in behind everything that logs and stores."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._certificates = certificates.CertificatePolicy(self._contextFactory)
        self._contextFactory: Any = self._certificates
        pool: Any = self._pool
        pool._factory = _bounded(pool._factory, crawler.settings.getint(HEAD_BYTES))  # noqa: SLF001

    async def download_request(self, request: Request) -> Response:
        """Return the answer to ``request`` as if it had been asked without keys."""
        last = shortened(request)
        keyring = request.meta.get(KEYS)
        sent = request if keyring is None else keyring.put(request)
        try:
            response = await super().download_request(sent)
        except DownloadTimeoutError as error:
            if last:
                raise OverdueError(str(error)) from error
            raise
        except DownloadFailedError as error:
            insecure = self._insecure(request.url, error)
            if insecure is not None:
                raise NoSecureConnectionError(insecure) from error
            raise
        return response if sent is request else response.replace(url=request.url)

    def _insecure(self, url: str, error: DownloadFailedError) -> str | None:
        place = endpoint(url)
        refusal = self._certificates.refusal(*place) if place is not None else None
        return refusal or certificates.told(error.__cause__)


def _bounded(make: Callable[..., Any], limit: int) -> Callable[..., Any]:
    """Return ``make``, which makes the factories of connections, with a bound on the head of each answer."""

    def factory(*arguments: Any) -> Any:
        made = make(*arguments)
        build = made.buildProtocol
        made.buildProtocol = lambda address: _with_bounded_head(build(address), limit)
        return made

    return factory


def _with_bounded_head(protocol: Any, limit: int) -> Any:
    receive, received = protocol.dataReceived, 0

    def data_received(data: bytes) -> None:
        nonlocal received
        parser = protocol._parser  # noqa: SLF001 - it alone knows where the head ends
        in_head = parser is not None and parser.state in (STATUS, HEADER)
        received = received + len(data) if in_head else 0
        if received > limit + len(data):
            failure = Failure(HeadTooLongError())  # type: ignore[no-untyped-call]
            protocol._giveUp(failure)  # noqa: SLF001 - as it does where parsing fails
        else:
            receive(data)

    protocol.dataReceived = data_received
    return protocol
