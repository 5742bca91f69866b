"""What a person's reason for liking or disliking a post is about: its pay, its client, its skills, a word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from domain.posts import JobPosting
from ranking.exchange import Exchange
from ranking.mentions import word_pattern
from ranking.offers import stated_budget, stated_hourly
from ranking.tables import table
from ranking.words import money


class Aspect(StrEnum):
    """What of a post an opinion is about."""

    PAY = "pay"
    CLIENT = "client"
    SKILLS = "skills"


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What reasons are about; without any that is understood, client and skills together."""

    aspects: frozenset[Aspect]
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PayLevel:
    """What a post states it pays, gross, in ``currency``: per hour, or for the whole job."""

    amount: Decimal
    hourly: bool
    currency: str

    def is_met_by(self, other: PayLevel, *, liked: bool) -> bool:
        """Return whether ``other`` pays at least as well (``liked``), or no better, within the margin."""
        if self.hourly is not other.hourly:
            return False
        margin = Decimal(str(table("preference")["similar"]["pay_margin"]))
        if liked:
            return other.amount >= self.amount * (1 - margin)
        return other.amount <= self.amount * (1 + margin)

    def words(self, *, liked: bool) -> str:
        """Return "$60/h or more"."""
        way = "or more" if liked else "or less"
        return f"{money(self.amount, self.currency)}{'/h' if self.hourly else ''} {way}"


def read_reasons(because: Sequence[str], skills: Sequence[str]) -> Focus:
    """Return what ``because`` is about; ``skills`` are names that count as skills in a reason."""
    data = table("preference")["reasons"]
    aspects: set[Aspect] = set()
    terms: dict[str, str] = {}
    for reason in because:
        words = set(re.findall(r"[^\W_]+", reason.casefold()))
        about = {aspect for aspect in Aspect if words & set(data[aspect.value])}
        named = [skill for skill in skills if skill.strip() and word_pattern(skill).search(reason)]
        if not about and not named and 0 < len(reason.split()) <= data["short"]:
            named = [reason]
        aspects |= about
        terms |= {term.casefold(): term for term in named if term.casefold() not in terms}
    if not aspects and not terms:
        aspects = {Aspect.CLIENT, Aspect.SKILLS}
    return Focus(aspects=frozenset(aspects), terms=tuple(terms.values()))


@lru_cache(maxsize=1000)
def _pattern(term: str) -> tuple[str, re.Pattern[str]]:
    return term.split(maxsplit=1)[0].casefold(), word_pattern(term)


def is_about(term: str, post: JobPosting, matched: Sequence[str]) -> bool:
    """Return whether title, tags or category of ``post`` name ``term``, or ``matched`` does."""
    if any(term.casefold() == name.casefold() for name in matched):
        return True
    text = "\n".join((post.title, *post.skills, post.category or ""))
    start, pattern = _pattern(term)
    return start in text.casefold() and pattern.search(text) is not None


def pay_level(post: JobPosting, exchange: Exchange, currency: str) -> PayLevel | None:
    """Return what ``post`` states it pays in ``currency``, ``None`` where nothing can be compared."""
    by_hour = stated_hourly(post, exchange, currency)
    if by_hour is not None:
        return PayLevel(amount=by_hour.expected, hourly=True, currency=currency)
    whole = stated_budget(post, exchange, currency)
    return None if whole is None else PayLevel(amount=whole.expected, hourly=False, currency=currency)
