"""Which state an answer or a failure is: decided here, purely, so that the spider only writes it down."""

from __future__ import annotations

from dataclasses import dataclass

from scrapy import exceptions
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web._newclient import ParseError

from domain.sources import SourceState
from spiders import gate
from spiders.deadline import OverdueError
from spiders.handler import HeadTooLongError, NoSecureConnectionError
from spiders.limits import Limits
from spiders.rest import RestingError

_OK = 200
_NOT_MODIFIED = 304
_REFUSALS = {
    401: "asks for a login",
    403: "refuses access",
    429: "asks to be left alone for a while",
}
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Outcome:
    """A state and the few words that explain it; ``reached`` is whether anything at all answered."""

    state: SourceState
    detail: str = ""
    reached: bool = True


def of_status(status: int) -> Outcome:
    """Return what an answer with the HTTP status ``status`` means; only 200 brings a body worth reading."""
    if status == _OK:
        return Outcome(SourceState.OK)
    if status == _NOT_MODIFIED:
        return Outcome(SourceState.NOT_MODIFIED)
    if status in _REFUSALS:
        return Outcome(SourceState.BLOCKED, f"the server {_REFUSALS[status]} (HTTP {status})")
    if status == _UNAVAILABLE:
        return Outcome(SourceState.ERROR, "the server is overloaded or closed for maintenance (HTTP 503)")
    return Outcome(SourceState.ERROR, f"the server answered HTTP {status}")


def of_failure(error: BaseException, *, limits: Limits) -> Outcome:
    """Return what a failed download means; ``limits`` are for the words."""
    if isinstance(error, HttpError):
        return of_status(error.response.status)
    text = _reason(error) or _line(error)
    for kinds, state, words in _FAILURES:
        if isinstance(error, kinds):
            return Outcome(state, words.format(text=text, limits=limits), not isinstance(error, _SILENCE))
    if isinstance(error, RestingError):
        return Outcome(SourceState.BLOCKED, text)
    if isinstance(error, exceptions.IgnoreRequest):
        return _ignored(text)
    return Outcome(SourceState.ERROR, f"{type(error).__name__}: {text}")


_Failure = tuple[type[BaseException] | tuple[type[BaseException], ...], SourceState, str]

_FAILURES: tuple[_Failure, ...] = (
    (gate.UnresolvedError, SourceState.UNREACHABLE, "{text}"),
    (gate.RefusedAddressError, SourceState.ERROR, "{text}; set allow_private = true if it is your own"),
    (gate.BadEncodingError, SourceState.ERROR, "{text}"),
    (
        (gate.BodyTooLargeError, exceptions.DownloadCancelledError),
        SourceState.ERROR,
        "too large: more than {limits.body_bytes} bytes",
    ),
    (exceptions.ResponseDataLossError, SourceState.ERROR, "the answer was cut short"),
    (
        exceptions.DownloadTimeoutError,
        SourceState.UNREACHABLE,
        "no complete answer within {limits.timeout_seconds:g} s",
    ),
    (
        OverdueError,
        SourceState.UNREACHABLE,
        "no complete answer within {limits.fetch_seconds:g} s, redirects and second tries included",
    ),
    (exceptions.DownloadConnectionRefusedError, SourceState.UNREACHABLE, "the server refused the connection"),
    (exceptions.CannotResolveHostError, SourceState.UNREACHABLE, "its name has no address that can be used"),
    (NoSecureConnectionError, SourceState.UNREACHABLE, "{text}"),
    (
        (exceptions.DownloadFailedError, ConnectError, OSError),
        SourceState.UNREACHABLE,
        "the connection failed ({text})",
    ),
)

_SILENCE = (
    gate.UnresolvedError,
    OverdueError,
    exceptions.DownloadTimeoutError,
    exceptions.CannotResolveHostError,
    ConnectError,  # what no address was there for, or no way to it; a refusal is another class of Scrapy's
)
"""Failures in which nobody was met: where all sources end in one, this machine may be the one offline."""


def _ignored(text: str) -> Outcome:
    """Return what a request that Scrapy itself gave up means; it says so in words only."""
    if "robots.txt" in text:
        return Outcome(SourceState.BLOCKED, "its robots.txt asks programs not to read this address")
    if "redirect" in text:
        return Outcome(SourceState.ERROR, "it redirects in a circle or too often")
    return Outcome(SourceState.ERROR, text)


def _reason(error: BaseException) -> str | None:
    """Return in words what Twisted tells of a connection that brought no whole answer."""
    for failure in getattr(error.__cause__, "reasons", None) or ():
        if isinstance(failure.value, HeadTooLongError):
            return "the headers of its answer have no end"
        if isinstance(failure.value, (ParseError, ValueError)):
            return "what it answered is not HTTP"
        if isinstance(failure.value, ConnectionClosed):
            return "it was closed before an answer came"
    return None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
