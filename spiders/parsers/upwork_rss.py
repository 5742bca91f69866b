"""The dialect of Upwork's job feeds: facts stand as bold labels at the end of the description.

Upwork closed these feeds in 2024; people still have saved ones.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from domain.posts import RawPosting
from spiders.parsers.audit import Audit
from spiders.parsers.breaks import without_ending_breaks

_LABEL = re.compile(r"<b>([^<>]{1,60})</b>\s*:")
_APPLY = re.compile(r"<a\b[^<>]*>\s*click to apply\s*</a>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_CIPHER_ID = re.compile(r"(?:~|%7[Ee])([0-9a-f]{18})")
_AMOUNT = re.compile(r"\$\s*([0-9][0-9,]*(?:\.[0-9]+)?)")
_SKILL_BREAK = re.compile(r",\s{2,}")  # the feed pads its separators; a comma and one space is part of a name
_TITLE_SUFFIX = " - Upwork"
_PAY = frozenset({"Hourly Range", "Budget"})
_FACTS = _PAY | {"Posted On", "Category", "Skills", "Country", "Location Requirement"}


@dataclass(frozen=True, slots=True)
class _Tail:
    """A description without its tail, and the labels of the tail in order."""

    description: str
    facts: tuple[tuple[str, str], ...]

    def first(self, label: str) -> str | None:
        """Return what the tail says first under ``label``, as one line of text."""
        return next((text for text in self.all(label) if text), None)

    def all(self, label: str) -> list[str]:
        """Return everything the tail says under ``label``: Skills comes twice."""
        return [_line(value) for name, value in self.facts if name == label]


def is_upwork(url: str | None) -> bool:
    """Return whether ``url`` leads to Upwork."""
    try:
        host = (urlsplit(url or "").hostname or "").lower().rstrip(".")
    except ValueError:
        return False
    return host == "upwork.com" or host.endswith(".upwork.com")


def read(post: RawPosting, audit: Audit) -> RawPosting:
    """Return ``post`` with the facts of its description's tail in their fields, and the description without.

    A label that is not known is kept in ``extra`` and reported. Amounts are in US dollars: Upwork quotes
    every job in them.
    """
    tail = _split(post.description or "")
    changes: dict[str, Any] = _pay(tail) | _identity(post)
    skills = [name for value in _raw(tail, "Skills") for name in _skills(value)]
    country = tail.first("Country")
    return replace(
        post,
        description=tail.description or None,
        skills=tuple(dict.fromkeys(skills)) or post.skills,
        category=tail.first("Category") or post.category,
        # pubDate has seconds and a zone, "Posted On" minutes: the same moment.
        date_posted=post.date_posted or tail.first("Posted On"),
        location=tail.first("Location Requirement") or post.location,
        client={**post.client, **({"country": country} if country else {})},
        extra={**post.extra, **_unknown(tail, post.where, audit)},
        **changes,
    )


def _split(description: str) -> _Tail:
    labels = list(_LABEL.finditer(description))
    start = _tail_start(labels)
    if start is None:
        return _Tail(description, ())
    ends = [*(label.start() for label in labels[start + 1 :]), len(description)]
    facts = tuple(
        (label[1].strip(), description[label.end() : end])
        for label, end in zip(labels[start:], ends, strict=True)
    )
    return _Tail(without_ending_breaks(description[: labels[start].start()]), facts)


def _tail_start(labels: list[re.Match[str]]) -> int | None:
    """Return which label opens the tail: "Posted On", or the pay right before it.

    A client may write bold labels too; whatever stands before the last "Posted On" is theirs, except pay.
    """
    names = [label[1].strip() for label in labels]
    if "Posted On" not in names:
        return next((place for place, name in enumerate(names) if name in _FACTS), None)
    place = len(names) - 1 - names[::-1].index("Posted On")
    return place - 1 if place and names[place - 1] in _PAY else place


def _raw(tail: _Tail, label: str) -> list[str]:
    return [value for name, value in tail.facts if name == label]


def _line(value: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", _APPLY.sub(" ", value))).split())


def _skills(value: str) -> list[str]:
    return [name for part in _SKILL_BREAK.split(value) if (name := _line(part))]


def _pay(tail: _Tail) -> dict[str, str]:
    hourly, budget = tail.first("Hourly Range"), tail.first("Budget")
    text = hourly or budget
    if not text:
        return {}
    amounts = [amount.replace(",", "") for amount in _AMOUNT.findall(text)]
    pay = {"budget_raw": text, "currency": "USD", "period": "hour" if hourly else "fixed"}
    pay["contract_type"] = "hourly" if hourly else "fixed"
    if amounts:
        pay |= {"budget_min": amounts[0], "budget_max": amounts[-1]}
    return pay


def _identity(post: RawPosting) -> dict[str, str]:
    """Return the id and title without what changes: the link carries the title, which clients edit."""
    found = _CIPHER_ID.search(post.url or "")
    changes = {"title": post.title.removesuffix(_TITLE_SUFFIX)}
    return changes | ({"source_id": "~" + found[1]} if found else {})


def _unknown(tail: _Tail, where: str, audit: Audit) -> Mapping[str, str]:
    unknown = {name: _line(value) for name, value in tail.facts if name not in _FACTS}
    for name in unknown:
        audit.warn(where, f"unknown label {name!r} in the description; kept in extra")
    return unknown
