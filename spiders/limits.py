"""The bounds of ``limits.toml`` as values."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsingLimits:
    """What one parse may cost: seconds, bytes of memory, body and answer.

    ``wall_seconds`` hold for a body up to ``large_bytes``, ``large_wall_seconds`` for a larger one.
    """

    wall_seconds: float
    large_bytes: int
    large_wall_seconds: float
    memory_bytes: int
    body_bytes: int
    answer_bytes: int

    def seconds_for(self, body: bytes) -> float:
        """Return how many seconds the parse of ``body`` may take."""
        return self.wall_seconds if len(body) <= self.large_bytes else self.large_wall_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLimits:
    """Bytes of a file after decompression, and of the pieces that JSON Lines are parsed in."""

    decoded_bytes: int
    chunk_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLimits:
    """Longest field of a post, in characters, and longest list, in items."""

    title: int
    description: int
    company: int
    price: int
    date: int
    text: int
    url: int
    list_items: int
    extra_value: int
    extra_items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one crawl may cost: one answer, one fetch with all that belongs to it, the crawl.

    ``body_bytes`` counts after decompression.
    """

    timeout_seconds: float
    fetch_seconds: float
    deadline_seconds: float
    grace_seconds: float
    head_bytes: int
    body_bytes: int
    redirects: int
    retries: int
    memory_mb: int
    concurrent: int
    start_delay_seconds: float


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("spiders").joinpath("limits.toml").read_text(encoding="utf-8"))


@cache
def parsing_limits() -> ParsingLimits:
    """Return the bounds of one parse."""
    return ParsingLimits(**_table()["parsing"])


@cache
def file_limits() -> FileLimits:
    """Return the bounds of one imported file."""
    return FileLimits(**_table()["files"])


@cache
def field_limits() -> FieldLimits:
    """Return the bounds of the fields of one post."""
    return FieldLimits(**_table()["fields"])


@cache
def crawl_limits() -> Limits:
    """Return the bounds of one crawl."""
    return Limits(**_table()["crawl"])
