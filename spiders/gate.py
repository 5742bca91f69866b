"""The one gate every request of a crawl passes: each hop is resolved, judged, and pinned to what was judged.

Scrapy plug-ins; ``spiders.settings`` puts them in place. Resolution happens here and nowhere else: the
resolver that the connections use only hands out addresses that this middleware has judged, so that a name
which answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import TimeoutError as DeferredTimeoutError
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from twisted.internet.threads import deferToThread
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from domain.errors import BidwrightError
from spiders.addresses import endpoint, is_public
from spiders.deadline import seconds_left
from spiders.decode import gunzip, inflate
from spiders.errors import TooLargeError

PRIVATE_ENDPOINT = "private_endpoint"
"""Key in ``Request.meta``: the (host, port) a source may reach although it is private, or ``None``."""

_EACH_VERSION = 2
_LAYERS = 4  # servers compress once, some once more by mistake

_judged: dict[str, tuple[str, ...]] = {}
"""Addresses by host name: one table a process, as there is one reactor with one resolver."""


class RefusedAddressError(IgnoreRequest):
    """A request led to an address that is not public."""


class BadEncodingError(IgnoreRequest):
    """A body was compressed in a way that was not asked for, or is damaged."""


class BodyTooLargeError(IgnoreRequest):
    """A body is beyond the limit after decompression."""


class UnresolvedError(IgnoreRequest):
    """A host name has no address."""


class AddressGate:
    """Downloader middleware: refuses every hop to an address that is not public."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._granted: set[tuple[str, int]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the gate; a name that is not resolved in the time of an answer has no address."""
        return cls(crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))

    async def process_request(self, request: Request) -> None:
        """Resolve the host of ``request`` and judge every answer; raise :class:`RefusedAddressError`."""
        place = endpoint(request.url)
        if place is None:
            raise RefusedAddressError("not a plain http or https address")
        host, _port = place
        if host not in _judged:
            _judged[host] = await _resolved(host, min(self._timeout, seconds_left(request)))
        if self._permitted(request) == place:
            self._granted.add(place)
            return
        private = [address for address in _judged[host] if not is_public(address)]
        if private:
            raise RefusedAddressError(f"{host} leads to {private[0]}, which is not a public address")

    def _permitted(self, request: Request) -> tuple[str, int] | None:
        """Return the private endpoint that ``request`` may reach: its source's own, or none.

        A robots.txt is asked for by Scrapy, for a page that passed before; it may be where that page is.
        """
        if not request.meta.get("dont_obey_robotstxt"):
            permission = request.meta.get(PRIVATE_ENDPOINT)
            return None if permission is None else (permission[0], permission[1])
        first = endpoint([*request.meta.get("redirect_urls", ()), request.url][0])
        return first if first in self._granted else None


async def _resolved(host: str, seconds: float) -> tuple[str, ...]:
    """Return every address of ``host``; raise UnresolvedError if there is none within ``seconds``."""
    from twisted.internet import reactor  # importing it chooses it: only Scrapy may, when the crawl begins

    asked = deferToThread(_resolve, host).addTimeout(seconds, reactor)
    try:
        return await maybe_deferred_to_future(asked)
    except DeferredTimeoutError as error:
        raise UnresolvedError(f"the name {host} was not resolved in time") from error


def _resolve(host: str) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnresolvedError(f"the name {host} has no address") from error
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _few(addresses: Sequence[str]) -> Iterator[tuple[type[IPv4Address | IPv6Address], str]]:
    """Yield the first two of ``addresses`` of each version, with the class that stands for it.

    Twisted begins with the next address while the one before is still silent (RFC 8305), so that a name with
    hundreds of addresses would be hundreds of connections at once, to whomever it names.
    """
    given: Counter[type] = Counter()
    for address in addresses:
        v6 = ipaddress.ip_address(address.partition("%")[0]).version == 6  # noqa: PLR2004 - IPv6
        kind = IPv6Address if v6 else IPv4Address
        given[kind] += 1
        if given[kind] <= _EACH_VERSION:
            yield kind, address


@implementer(IHostResolution)
class _Resolution:
    """What a resolver hands to its receiver first."""

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """There is nothing under way."""


@implementer(IHostnameResolver)
class JudgedResolver:
    """Gives connections the addresses that the gate has judged, and no others."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    @classmethod
    def from_crawler(cls, _crawler: Crawler, reactor: Any) -> Self:
        """Build the resolver, as Scrapy asks."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Take the place of the reactor's own resolver, as Scrapy asks."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: Any,  # noqa: N803 - Twisted's name
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int = 0,  # noqa: N803 - Twisted's name
        addressTypes: Sequence[type] | None = None,  # noqa: N803 - Twisted's name
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's name
    ) -> Any:
        """Answer with the judged addresses of ``hostName``; with none if the gate has not seen it."""
        del transportSemantics
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        for kind, address in _few(_judged.get(hostName.lower().rstrip("."), ())):
            if addressTypes is None or kind in addressTypes:
                resolutionReceiver.addressResolved(kind("TCP", address, portNumber))
        resolutionReceiver.resolutionComplete()
        return resolution


class BoundedDecoder:
    """Downloader middleware: undoes gzip and deflate within the body limit, and refuses the rest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the decoder with the crawl's body limit."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        """Return ``response`` with its body decoded; raise for a bomb, a torn or an unasked encoding."""
        encodings = b",".join(response.headers.getlist("Content-Encoding")).lower().split(b",")
        layers = [name.strip() for name in encodings if name.strip() not in (b"", b"identity")]
        if len(layers) > _LAYERS:
            raise BadEncodingError(f"it is compressed {len(layers)} times over")
        body = response.body
        for encoding in reversed(layers):
            if body:
                body = self._decoded(body, encoding, request.url)
        if body is response.body:
            return response
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        return response.replace(body=body, headers=headers)

    def _decoded(self, body: bytes, encoding: bytes, url: str) -> bytes:
        decode = {b"gzip": gunzip, b"x-gzip": gunzip, b"deflate": inflate}.get(encoding)
        if decode is None:
            raise BadEncodingError(f"the encoding {encoding.decode('latin-1')[:40]!r} was not asked for")
        try:
            return decode(body, limit=self._limit, where=url)
        except TooLargeError as error:
            raise BodyTooLargeError(error.what) from error
        except BidwrightError as error:
            raise BadEncodingError(error.what) from error
