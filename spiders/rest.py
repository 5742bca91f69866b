"""Downloader middlewares that let a server rest when it asks for it, within one crawl."""

from __future__ import annotations

from typing import Any

from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from spiders.politeness import domain_of

_TOO_MANY, _UNAVAILABLE = 429, 503


class RestingError(IgnoreRequest):
    """A request not sent, because its server asked to be left alone; ``retry_after`` is its own header."""

    def __init__(self, domain: str, retry_after: str | None) -> None:
        super().__init__(f"{domain} asked to be left alone for a while")
        self.retry_after = retry_after


def retry_after(response: Response) -> str | None:
    """Return the Retry-After of an answer that means it: after too many requests, or in trouble."""
    header = response.headers.get("Retry-After")
    if header is None or response.status not in (_TOO_MANY, _UNAVAILABLE):
        return None
    return str(header.decode("latin-1").strip()[:64])


class HostRest:
    """Sends nothing more to a domain that has asked for rest in this crawl."""

    def __init__(self) -> None:
        self._resting: dict[str, str | None] = {}

    def process_request(self, request: Request) -> None:
        """Raise :class:`RestingError` for a request to a resting domain."""
        domain = domain_of(request.url)
        if domain in self._resting:
            raise RestingError(domain, self._resting[domain])

    def process_response(self, request: Request, response: Response) -> Response:
        """Note who asks for rest."""
        wish = retry_after(response)
        if wish is not None or response.status == _TOO_MANY:
            self._resting[domain_of(request.url)] = wish
        return response


class PatientRetry(RetryMiddleware):
    """Scrapy's retries, except where the server said when to come back."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Any:
        """Return ``response``, or a new request for a passing failure."""
        del spider
        return response if retry_after(response) else super().process_response(request, response)
