"""Bad data as a value: collected, counted and shown, never raised and never swallowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class IssueLevel(StrEnum):
    """How much an issue matters to the person."""

    INFO = "info"  # something was cleaned; nothing is lost
    WARNING = "warning"  # a field was dropped or is doubtful
    ERROR = "error"  # a post or a file could not be used


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing found wrong with foreign data.

    ``where`` names the place (source, file, line, item, field) and ``message`` what was found there.
    """

    level: IssueLevel
    where: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Issues with the same words: how many there were, and where the first was."""

    level: IssueLevel
    message: str
    where: str
    count: int


def count_issues(issues: Iterable[Issue], *, at_most: int = 50) -> tuple[Finding, ...]:
    """Return ``issues`` by their words, gravest first, then most frequent; those past ``at_most`` as one."""
    groups: dict[tuple[IssueLevel, str], list[Issue]] = {}
    for issue in issues:
        groups.setdefault((issue.level, issue.message), []).append(issue)
    found = [
        Finding(level=level, message=message, where=group[0].where, count=len(group))
        for (level, message), group in groups.items()
    ]
    found.sort(key=lambda finding: (-_GRAVITY[finding.level], -finding.count))
    kept, rest = found[:at_most], found[at_most:]
    if rest:
        count = sum(finding.count for finding in rest)
        kept.append(replace(rest[0], message=f"{len(rest)} more kinds of issue", count=count))
    return tuple(kept)


_GRAVITY = {IssueLevel.INFO: 0, IssueLevel.WARNING: 1, IssueLevel.ERROR: 2}


def info(where: str, message: str) -> Issue:
    """Return an issue of level ``info``."""
    return Issue(level=IssueLevel.INFO, where=where, message=message)


def warning(where: str, message: str) -> Issue:
    """Return an issue of level ``warning``."""
    return Issue(level=IssueLevel.WARNING, where=where, message=message)


def error(where: str, message: str) -> Issue:
    """Return an issue of level ``error``."""
    return Issue(level=IssueLevel.ERROR, where=where, message=message)
