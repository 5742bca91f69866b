"""Warnings about a post, by what it asks of the reader; each shows the words it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from domain.pay import PayUnit
from domain.posts import JobPosting
from ranking.exchange import Exchange, reference_rates
from ranking.mentions import word_pattern
from ranking.results import RiskFlag
from ranking.tables import table

EQUITY_ONLY = "equity_only"
"""Code of the flag on posts that offer shares instead of money."""
_SENTENCE_START = re.compile(r"[.!?\n](?:\s|$)")
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relation:
    code: str
    message: str
    severe: bool
    everywhere: bool
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    unless: re.Pattern[str]


@cache
def _relations() -> tuple[_Relation, ...]:
    return tuple(
        _Relation(
            code=row["code"],
            message=row["message"],
            severe=row["severe"],
            everywhere=row["everywhere"],
            words=tuple(row["words"]),
            pattern=re.compile(row["pattern"], re.IGNORECASE),
            unless=re.compile(row["unless"], re.IGNORECASE),
        )
        for row in table("risk")["patterns"]
    )


def find_risks(post: JobPosting, exchange: Exchange | None = None) -> tuple[RiskFlag, ...]:
    """Return the warnings about ``post``, at most one per code, with the post's own words.

    A pattern joins an act, its object and the reader; a word alone is never enough, so that a post which
    builds something for Telegram is not taken for one that wants to talk there.
    """
    text = f"{post.title}\n{post.description}"
    lower = text.lower()
    on_marketplace = post.channel in table("risk")["marketplaces"]["channels"]
    flags: dict[str, RiskFlag] = {}
    for relation in _relations():
        if relation.code in flags or not (on_marketplace or relation.everywhere):
            continue
        if any(word in lower for word in relation.words):
            words = _words_of(relation, text)
            if words:
                flags[relation.code] = RiskFlag(
                    code=relation.code, message=relation.message, words=words, severe=relation.severe
                )
    flags |= {flag.code: flag for flag in _too_good(post, lower, exchange or reference_rates())}
    return tuple(flags.values())


def _words_of(relation: _Relation, text: str) -> str | None:
    """Return the words of the first match that no exception in its sentence takes back."""
    for match in relation.pattern.finditer(text):
        starts = [
            found.end()
            for found in _SENTENCE_START.finditer(text, max(0, match.start() - 300), match.start())
        ]
        start = starts[-1] if starts else max(0, match.start() - 300)
        if not relation.unless.search(text[start : match.end()]):
            return " ".join(match[0].split())[:_LONGEST]
    return None


@cache
def _task(word: str) -> re.Pattern[str]:
    return word_pattern(word)


def _too_good(post: JobPosting, lower: str, exchange: Exchange) -> Iterator[RiskFlag]:
    data, pay, client = table("risk")["too_good"], post.pay, post.client
    if pay is None or pay.unit not in (PayUnit.HOUR, PayUnit.FIXED):
        return
    if client.payment_verified or (client.total_spent or 0) > 0 or (client.hires or 0) > 0:
        return
    low = pay.low if pay.low is not None else pay.high
    dollars = exchange.convert(low or Decimal(0), pay.currency, "USD")
    limit = data["hourly"] if pay.unit is PayUnit.HOUR else data["fixed"]
    if dollars is None or dollars < limit:
        return
    task = next((word for word in data["tasks"] if word in lower and _task(word).search(post.title)), None)
    if task is not None:
        yield RiskFlag(code="too_good", message=data["message"], words=f"{task}: {pay.raw}", severe=False)
