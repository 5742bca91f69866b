"""The first line of a hiring ad on Hacker News: "Company | Role | Location | Terms | Pay"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BREAKS = (re.compile(r" ?\| ?"), re.compile(" [\u2014\u2013\u2022-] "))  # dashes and a bullet
_LONGEST = 400
_LONGEST_PART = 120  # a longer one is the ad itself: its writer put no paragraph after the line
_COMPANY_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class HiringLine:
    """What a first line says, as written; ``parts`` is how many it has (1: it is a sentence)."""

    parts: int
    company: str | None = None
    role: str | None = None
    place: str | None = None
    hours: str | None = None
    pay: str | None = None


def read_line(line: str, patterns: Mapping[str, Mapping[str, Any]]) -> HiringLine:
    """Return the parts of ``line`` by what they are; ``patterns`` are those of ``hn_hiring.toml``."""
    parts = _parts(line[:_LONGEST])
    side = patterns["sides"]["client"]
    parts = [
        rest for part in parts if (rest := side.sub("", part).strip(" :-|")) and len(rest) <= _LONGEST_PART
    ]
    if len(parts) < 2:  # noqa: PLR2004 - one part is a sentence
        return HiringLine(parts=len(parts))
    known = patterns["line"]
    words = {**known, "terms": patterns["contract"]["line"]}
    kinds = [{name for name, pattern in words.items() if pattern.search(part)} for part in parts]
    named = "role" not in kinds[0] and not kinds[0] & {"place", "pay", "link"}
    company = parts[0] if named and len(parts[0].split()) <= _COMPANY_WORDS else None
    rest = list(zip(parts, kinds, strict=True))[1 if company else 0 :]
    return HiringLine(
        parts=len(parts),
        company=company,
        role=_first(rest, {"role"}) or _plain(rest),
        place=_first(rest, {"place"}, without="role"),
        hours=_first(rest, {"hours"}, without="role"),
        pay=_first(rest, {"pay"}),
    )


def _parts(line: str) -> list[str]:
    for pattern in _BREAKS:
        parts = [part.strip() for part in pattern.split(line) if part.strip()]
        if len(parts) > 1:
            return parts
    return [line.strip()]


_Parts = list[tuple[str, set[str]]]


def _first(parts: _Parts, wanted: set[str], without: str = "") -> str | None:
    return next((part for part, kinds in parts if wanted <= kinds and without not in kinds), None)


def _plain(parts: _Parts) -> str | None:
    """Return the first part that nothing else is known of."""
    return next((part for part, kinds in parts if not kinds), None)
