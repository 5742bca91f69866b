"""What is asked of a crawl and what comes back, one result for every request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from domain.sources import SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One source to fetch: ``etag`` and ``last_modified`` are what it said last time.

    ``allow_private`` lets it be on this machine or network: at the host and port of ``url``, nowhere else.
    """

    name: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """What became of one request.

    ``body_path`` is the file that holds the decoded body, only where ``state`` is OK. ``detail`` says in a
    few words what went wrong, ``status`` is the HTTP status if there was one, ``final_url`` where redirects
    led, ``retry_after`` the server's own word (seconds or a date) on when to come back.
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


def pack(value: FetchRequest | FetchResult) -> dict[str, Any]:
    """Return ``value`` as JSON-ready data."""
    plain = asdict(value)
    return {key: str(item) if isinstance(item, Path) else item for key, item in plain.items()}


def unpack_result(data: Mapping[str, Any]) -> FetchResult:
    """Return the result in ``data``; raise ``KeyError``, ``TypeError`` or ``ValueError`` if it holds none."""
    path = data["body_path"]
    values = {**data, "state": SourceState(data["state"]), "body_path": None if path is None else Path(path)}
    return FetchResult(**values)
