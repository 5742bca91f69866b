"""How parent and child speak: length-prefixed frames of JSON, and posts as plain data.

JSON, not pickle: a child that parses hostile bytes must not be able to make its parent run anything.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import IO, Any

from domain.errors import SourceError
from domain.issues import Issue, IssueLevel
from domain.posts import RawPosting
from spiders.parsers.result import ParseResult

_LENGTH = struct.Struct(">Q")
_MAPPINGS = frozenset({"client", "extra"})


def write_frame(stream: IO[bytes], header: Mapping[str, Any], body: bytes = b"") -> None:
    """Write ``header`` and ``body``, each with its length before it."""
    head = json.dumps(header).encode("ascii")
    stream.write(_LENGTH.pack(len(head)) + head + _LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def read_frame(stream: IO[bytes], *, limit: int) -> tuple[dict[str, Any], bytes] | None:
    """Return the next header and body, or ``None`` at the end of the stream.

    Raise :class:`SourceError` for a frame longer than ``limit`` bytes or one that is not ours.
    """
    head = _read_part(stream, limit)
    body = _read_part(stream, limit) if head is not None else None
    if head is None or body is None:
        return None
    try:
        header = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise SourceError("the parser answered something that is not JSON") from error
    if not isinstance(header, dict):
        raise SourceError("the parser answered something that is not an object")
    return header, body


def _read_part(stream: IO[bytes], limit: int) -> bytes | None:
    prefix = stream.read(_LENGTH.size)
    if len(prefix) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(prefix)
    if length > limit:
        raise SourceError(f"the parser answered with {length} bytes; {limit} are allowed")
    part = stream.read(length)
    return part if len(part) == length else None


def pack_result(result: ParseResult) -> dict[str, Any]:
    """Return ``result`` as JSON-ready data."""
    return asdict(result)


def unpack_result(data: Mapping[str, Any]) -> ParseResult:
    """Return the :class:`ParseResult` in ``data``; raise :class:`SourceError` if it holds anything else."""
    try:
        title = data["feed_title"]
        return ParseResult(
            posts=tuple(_post(item) for item in data["posts"]),
            issues=tuple(_issue(item) for item in data["issues"]),
            feed_title=None if title is None else str(title),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(f"the parser answered with something that is no post ({error})") from error


def _issue(item: Mapping[str, Any]) -> Issue:
    return Issue(level=IssueLevel(item["level"]), where=str(item["where"]), message=str(item["message"]))


def _post(item: Mapping[str, Any]) -> RawPosting:
    values: dict[str, Any] = {}
    for field in fields(RawPosting):
        value = item[field.name]
        if field.name in _MAPPINGS:
            values[field.name] = {str(key): str(text) for key, text in value.items()}
        elif field.name == "skills":
            values[field.name] = tuple(str(skill) for skill in value)
        else:
            values[field.name] = None if value is None else str(value)
    return RawPosting(**values)
