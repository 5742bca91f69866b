"""Bounds on the fields of a post, applied to every parser's result before anybody tries a pattern on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from domain.issues import Issue, warning
from domain.posts import RawPosting
from spiders.limits import FieldLimits, field_limits
from spiders.parsers.result import ParseResult

_PRICES = ("budget_min", "budget_max", "budget_raw", "currency", "period")
_DATES = ("date_posted", "valid_through")
_TEXTS = (
    "source", "category", "contract_type", "experience_level", "duration", "workload", "location",
    "proposals_min", "proposals_max", "interviewing", "hires", "connects",
)  # fmt: skip
_WHOLE = ("url", "source_id")
"""Half a link or half an id names something else, so these are dropped rather than cut."""


def clipped(result: ParseResult) -> ParseResult:
    """Return ``result`` with every field within ``limits.toml``; what was cut is an issue of its post."""
    issues: list[Issue] = []
    posts = tuple(_clip(post, issues) for post in result.posts)
    return replace(result, posts=posts, issues=(*result.issues, *issues))


def _clip(post: RawPosting, issues: list[Issue]) -> RawPosting:
    limits = field_limits()
    changes: dict[str, Any] = {}
    for name, longest in _bounds(limits):
        value = getattr(post, name)
        if value is not None and len(value) > longest:
            whole = name in _WHOLE
            changes[name] = None if whole else value[:longest]
            done = "dropped" if whole else f"cut to {longest}"
            issues.append(warning(post.where, f"{name} has {len(value)} characters; {done}"))
    if _list_too_long(post.skills, limits):
        changes["skills"] = tuple(skill[: limits.text] for skill in post.skills[: limits.list_items])
        issues.append(warning(post.where, f"skills cut to {limits.list_items} of {limits.text} characters"))
    for name, mapping in (("client", post.client), ("extra", post.extra)):
        short = _short(mapping, limits)
        if short != mapping:
            changes[name] = short
            issues.append(warning(post.where, f"{name} cut to {limits.extra_items} short values"))
    return replace(post, **changes) if changes else post


def _bounds(limits: FieldLimits) -> Iterable[tuple[str, int]]:
    yield "title", limits.title
    yield "description", limits.description
    yield "company", limits.company
    yield from ((name, limits.price) for name in _PRICES)
    yield from ((name, limits.date) for name in _DATES)
    yield from ((name, limits.text) for name in _TEXTS)
    yield from ((name, limits.url) for name in _WHOLE)


def _list_too_long(items: tuple[str, ...], limits: FieldLimits) -> bool:
    return len(items) > limits.list_items or any(len(item) > limits.text for item in items)


def _short(mapping: Mapping[str, str], limits: FieldLimits) -> dict[str, str]:
    pairs = list(mapping.items())[: limits.extra_items]
    return {key[: limits.text]: value[: limits.extra_value] for key, value in pairs}
