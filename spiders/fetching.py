"""What is asked of a crawl and what comes back, one result for every request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from domain.sources import SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A secret that is sent along: after ``prefix`` in a ``header``, or as a ``query`` parameter.

    It goes to the origin of the request's ``url`` only, and stands nowhere but in what is sent.
    """

    secret: str = field(repr=False)
    header: str = ""
    prefix: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One source to fetch: ``etag`` and ``last_modified`` are what it said last time.

    ``allow_private`` lets it be on this machine or network: at the host and port of ``url``, nowhere else.
    ``follow`` names the step of :mod:`spiders.follow` that makes a second address of the first answer.
    """

    name: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    allow_private: bool = False
    follow: str | None = None
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """What became of one request.

    ``body_path`` is the file that holds the decoded body, only where ``state`` is OK. ``detail`` says in a
    few words what went wrong, ``status`` is the HTTP status if there was one, ``final_url`` where redirects
    led, ``retry_after`` the server's own word (seconds or a date) on when to come back, ``reached`` whether
    anything answered at all.
    """

    name: str
    state: SourceState
    detail: str = ""
    status: int | None = None
    body_path: Path | None = None
    etag: str | None = None
    last_modified: str | None = None
    final_url: str | None = None
    retry_after: str | None = None
    reached: bool = True


def pack(value: FetchRequest | FetchResult) -> dict[str, Any]:
    """Return ``value`` as JSON-ready data."""
    plain = asdict(value)
    return {key: str(item) if isinstance(item, Path) else item for key, item in plain.items()}


def unpack_request(data: Mapping[str, Any]) -> FetchRequest:
    """Return the request in ``data``, as :func:`pack` made it."""
    return FetchRequest(**{**data, "keys": tuple(Key(**key) for key in data["keys"])})


def unpack_result(data: Mapping[str, Any]) -> FetchResult:
    """Return the result in ``data``; raise ``KeyError``, ``TypeError`` or ``ValueError`` if it holds none."""
    path = data["body_path"]
    values = {**data, "state": SourceState(data["state"]), "body_path": None if path is None else Path(path)}
    return FetchResult(**values)
