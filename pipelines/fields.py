"""Strict readings of single fields: counts, shares, ratings, yes or no. The rest is an issue."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from domain.issues import Issue, warning
from pipelines.data import table
from pipelines.text import FIELD_LIMIT, clean_text, clip

Value = TypeVar("Value")
Span = tuple[int | None, int | None]

MOST = 10**9
"""No count of proposals, hires or reviews comes near; what lies beyond could not be stored either."""

_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.0+)?", re.ASCII)
_SPAN = re.compile(r"(\d{1,9})\s*(?:to|-|–)\s*(\d{1,9})", re.ASCII)  # noqa: RUF001 - as pages write
_BELOW = re.compile(r"(?:less than|under|fewer than|<)\s*(\d{1,9})", re.ASCII)
_FROM = re.compile(r"(?:more than|over|at least|>)?\s*(\d{1,9})\s*\+?", re.ASCII)
_MONEY = re.compile(
    r"(?:us)?\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,12})(\.\d{1,17})?\s*([km])?\s*\+?(?:\s*(?:total\s+)?spent)?",
    re.ASCII,
)
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*(%)?", re.ASCII)
_RATING = re.compile(r"(\d{1,2}(?:\.\d{1,17})?)(?:\s*(?:/|of|out of)\s*5(?:\.0+)?)?", re.ASCII)
_THOUSANDS = {"": 1, "k": 1_000, "m": 1_000_000}
_BEST = 5
_WHOLE = 100


def one_line(text: str | None, limit: int = FIELD_LIMIT) -> str | None:
    """Return ``text`` cleaned to one line of at most ``limit`` characters, ``None`` if nothing is left."""
    return clean_text(clip(text, limit), single_line=True) or None if text else None


def read_field(
    text: str | None, reader: Callable[[str], Value | None], where: str, issues: list[Issue]
) -> Value | None:
    """Return what ``reader`` makes of ``text``; where it makes nothing of it, say so in ``issues``."""
    words = (one_line(text) or "").lower()
    if words in table("fields")["unstated"]["words"]:
        return None
    value = reader(words)
    if value is None:
        issues.append(warning(where, f"{words[:40]!r} is not understood; left out"))
    return value


def count(words: str) -> int | None:
    """Return a whole number such as ``1,234``, ``7`` or ``12 bids``."""
    match = _COUNT.fullmatch(_without_unit(words))
    value = int(match[1].replace(",", "")) if match else None
    return value if value is not None and value <= MOST else None


def count_span(words: str) -> Span | None:
    """Return the least and the most of a count written as ``5 to 10``, ``less than 5``, ``50+`` or ``7``."""
    words = _without_unit(words)
    exact = count(words)
    if exact is not None:
        return exact, exact
    between, below, least = _SPAN.fullmatch(words), _BELOW.fullmatch(words), _FROM.fullmatch(words)
    if between:
        low, high = sorted((int(between[1]), int(between[2])))
        return low, high
    if below:
        return 0, max(0, int(below[1]) - 1)
    return (int(least[1]), None) if least else None


def _without_unit(words: str) -> str:
    head, _, tail = words.partition(" ")
    if tail in table("fields")["counts"]["units"]:
        return head
    for unit in table("fields")["counts"]["units"]:
        words = words.removesuffix(f" {unit}")
    return words.removeprefix("proposals: ")


def dollars(words: str) -> Decimal | None:
    """Return an amount such as ``$10K+``, ``128400`` or ``$1,234.50 total spent``, in US dollars."""
    match = _MONEY.fullmatch(words)
    if not match:
        return None
    return Decimal(match[1].replace(",", "") + (match[2] or "")) * _THOUSANDS[match[3] or ""]


def share(words: str) -> Decimal | None:
    """Return a share from 0 to 1 written as ``95%``, ``0.95`` or ``95``; more than the whole is none."""
    match = _SHARE.fullmatch(words.removesuffix(" hire rate"))
    if not match:
        return None
    value = Decimal(match[1])
    value = value / _WHOLE if match[2] or value > 1 else value
    return value if value <= 1 else None


def rating(words: str) -> Decimal | None:
    """Return a rating from 0 to 5 written as ``4.9``, ``4.9/5`` or ``4.9 of 5``; anything above 5 is none."""
    match = _RATING.fullmatch(words)
    value = Decimal(match[1]) if match else None
    return value if value is not None and value <= _BEST else None


def truth(words: str) -> bool | None:
    """Return yes or no as sources write it."""
    known = table("fields")["truth"]
    if words in known["yes"]:
        return True
    return False if words in known["no"] else None


def experience(text: str | None) -> str | None:
    """Return the level asked for, in one spelling where marketplaces have several."""
    words = one_line(text)
    names = table("fields")["experience"]
    return next((name for name, written in names.items() if words and words.lower() in written), words)
