"""Bad data as a value: collected, counted and shown, never raised and never swallowed."""

from __future__ import annotations

from dataclasses import dataclass
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


def info(where: str, message: str) -> Issue:
    """Return an issue of level ``info``."""
    return Issue(level=IssueLevel.INFO, where=where, message=message)


def warning(where: str, message: str) -> Issue:
    """Return an issue of level ``warning``."""
    return Issue(level=IssueLevel.WARNING, where=where, message=message)


def error(where: str, message: str) -> Issue:
    """Return an issue of level ``error``."""
    return Issue(level=IssueLevel.ERROR, where=where, message=message)
