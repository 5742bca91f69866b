"""Which state an answer or a failure is: decided here, purely, so that the spider only writes it down."""

from __future__ import annotations

from dataclasses import dataclass

from scrapy import exceptions
from scrapy.spidermiddlewares.httperror import HttpError

from domain.sources import SourceState
from spiders import gate
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
    """A state and the few words that explain it."""

    state: SourceState
    detail: str = ""


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


def of_failure(error: BaseException, *, limit: int, timeout: float) -> Outcome:
    """Return what a failed download means; ``limit`` (bytes) and ``timeout`` (seconds) are for the words."""
    if isinstance(error, HttpError):
        return of_status(error.response.status)
    text = _line(error)
    for kinds, state, words in _FAILURES:
        if isinstance(error, kinds):
            return Outcome(state, words.format(text=text, limit=limit, timeout=timeout))
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
        "too large: more than {limit} bytes",
    ),
    (exceptions.ResponseDataLossError, SourceState.ERROR, "the answer was cut short"),
    (exceptions.DownloadTimeoutError, SourceState.UNREACHABLE, "no complete answer within {timeout:g} s"),
    (exceptions.DownloadConnectionRefusedError, SourceState.UNREACHABLE, "the server refused the connection"),
    (exceptions.CannotResolveHostError, SourceState.UNREACHABLE, "its name has no address that can be used"),
    ((exceptions.DownloadFailedError, OSError), SourceState.UNREACHABLE, "the connection failed ({text})"),
)


def _ignored(text: str) -> Outcome:
    """Return what a request that Scrapy itself gave up means; it says so in words only."""
    if "robots.txt" in text:
        return Outcome(SourceState.BLOCKED, "its robots.txt asks programs not to read this address")
    if "redirect" in text:
        return Outcome(SourceState.ERROR, "it redirects in a circle or too often")
    return Outcome(SourceState.ERROR, text)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
