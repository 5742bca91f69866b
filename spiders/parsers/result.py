"""What a parser returns."""

from __future__ import annotations

from dataclasses import dataclass

from domain.issues import Issue
from domain.posts import RawPosting


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseResult:
    """Every post of a body in its order, what was wrong with it, and the title it gives itself."""

    posts: tuple[RawPosting, ...] = ()
    issues: tuple[Issue, ...] = ()
    feed_title: str | None = None
