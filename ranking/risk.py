"""Warnings about a post, by what it asks of the reader; each shows the words it rests on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from domain.pay import PayUnit
from domain.posts import JobPosting
from domain.spinning import spun_choices
from ranking.exchange import Exchange, reference_rates
from ranking.mentions import word_pattern
from ranking.results import RiskFlag
from ranking.sentences import Lines, fold
from ranking.tables import amount, table

EQUITY_ONLY = "equity_only"
"""Code of the flag on posts that offer shares instead of money."""
LOW_PAY = "low_pay"
SPUN_TEXT = "spun_text"
TOO_GOOD = "too_good"
_LONGEST = 200
_CLASS, _GAP = re.compile(r"(?<!\?P)<([a-z]+)>"), re.compile(r"<(\d+)>")
_DEPTH = 3
"""Classes may name classes, so deep at most."""
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relation:
    code: str
    message: str
    severe: bool
    everywhere: bool
    alone: bool
    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    before: re.Pattern[str]
    unless: re.Pattern[str]


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the table with its classes and gaps filled in, and spaces as any space."""
    if not pattern:
        return _NEVER
    for _ in range(_DEPTH):
        pattern = _CLASS.sub(lambda name: table("risk")["classes"][name[1]], pattern)
    pattern = _GAP.sub(r".{0,\1}?", pattern)
    return re.compile(pattern, re.IGNORECASE)


def _whole(pattern: str) -> re.Pattern[str]:
    return _compiled(rf"(?<!\w)(?:{pattern})(?!\w)")


@cache
def _relations() -> tuple[_Relation, ...]:
    return tuple(
        _Relation(
            code=row["code"],
            message=row["message"],
            severe=row["severe"],
            everywhere=row["everywhere"],
            alone=row.get("alone", False),
            words=frozenset(row["words"]),
            patterns=tuple(map(_whole, row["any"])),
            before=_compiled(row["before"]),
            unless=_compiled(row["unless"]),
        )
        for row in table("risk")["patterns"]
    )


def find_risks(post: JobPosting, exchange: Exchange | None = None) -> tuple[RiskFlag, ...]:
    """Return the warnings about ``post``, at most one per code, each with words that stand in the post.

    A relation joins an act, its object and the reader in one sentence; a word alone is never enough, so that
    a post which builds something for Telegram is not taken for one that wants to talk there. ``words`` are
    the post's own, in its own letters, with runs of white space as one space and at most 200 characters;
    disguised spellings are read through. Takes time in proportion to the length of the post.
    """
    text = f"{post.title}\n{post.description}"
    lines = Lines(fold(text))
    named = _words_in(lines.dense)
    flags: dict[str, RiskFlag] = {}
    on_marketplace = post.channel in table("risk")["marketplaces"]["channels"]
    for relation in _relations():
        if relation.code in flags or not (on_marketplace or relation.everywhere):
            continue
        words = relation.words & named
        span = _span_of(relation, lines, words) if words else None
        if span is not None:
            flags[relation.code] = RiskFlag(
                code=relation.code,
                message=relation.message,
                words=_words(text, *span),
                severe=relation.severe,
            )
    for flag in (*_low_rates(text, lines, named), *_spun(post), *_too_good(post, exchange)):
        flags.setdefault(flag.code, flag)
    return tuple(flags.values())


@cache
def _all_words() -> frozenset[str]:
    """Return every word of the table, looked for in a post all at once."""
    return _rate_words().union(*(relation.words for relation in _relations()))


@cache
def _finder() -> re.Pattern[str]:
    """Return a pattern that finds the longest of the words at each place, also within another."""
    return re.compile(f"(?=({_tree(_all_words())}))")


def _tree(words: Collection[str]) -> str:
    """Return a pattern of ``words`` that shares their beginnings: faster than one after another."""
    ends: dict[str, list[str]] = defaultdict(list)
    for word in sorted(filter(None, words)):
        ends[word[0]].append(word[1:])
    branches = "|".join(re.escape(first) + _tree(rest) for first, rest in ends.items())
    return f"(?:{branches}){'?' if '' in words else ''}" if branches else ""


@cache
def _beginnings(word: str) -> frozenset[str]:
    return frozenset(word[:end] for end in range(1, len(word) + 1)) & _all_words()


def _words_in(dense: str) -> frozenset[str]:
    return frozenset().union(*map(_beginnings, set(_finder().findall(dense))))


def _words(text: str, start: int, end: int) -> str:
    return " ".join(text[start:end].split())[:_LONGEST].rstrip()


def _span_of(relation: _Relation, lines: Lines, words: frozenset[str]) -> tuple[int, int] | None:
    """Return where the first sentence has the relation, from the post's first character."""
    about = list(lines.with_any(words))
    if relation.alone and len(about) > 1:
        return None
    for part in about:
        for pattern in relation.patterns:
            for match in pattern.finditer(part.text):
                if relation.unless.search(part.text):
                    break
                if not relation.before.search(part.text[: match.start()]):
                    return part.start + match.start(), part.start + match.end()
    return None


@cache
def _rates() -> tuple[tuple[re.Pattern[str], Decimal], ...]:
    data = table("risk")["low_rates"]
    return tuple(
        (_whole(data[name]) if name == "per_hour" else _compiled(data[name]), amount(data[f"{name}_limit"]))
        for name in ("per_word", "per_hour")
    )


@cache
def _no_rate() -> re.Pattern[str]:
    return _compiled(table("risk")["low_rates"]["unless"])


@cache
def _rate_words() -> frozenset[str]:
    return frozenset(table("risk")["low_rates"]["words"])


def _low_rates(text: str, lines: Lines, named: frozenset[str]) -> Iterator[RiskFlag]:
    """Yield a flag for the first rate per word or hour in the text that lies below the table's limit."""
    words = _rate_words() & named
    for part in lines.with_any(words) if words else ():
        for pattern, limit in _rates():
            for match in pattern.finditer(part.text):
                rate = _rate(match.groupdict())
                if rate is not None and 0 < rate <= limit and not _no_rate().search(part.text):
                    shown = _words(text, part.start + match.start(), part.start + match.end())
                    message = table("risk")["low_rates"]["message"]
                    yield RiskFlag(code=LOW_PAY, message=message, words=shown, severe=False)
                    return


def _rate(found: dict[str, Any]) -> Decimal | None:
    """Return the dollars per single word or hour that the groups of a match state."""
    figure = found["dollars"] or found.get("plain") or found.get("cents")
    try:
        value = Decimal(figure or "")
    except InvalidOperation:
        return None
    return value / (100 if found.get("cents") else 1) / Decimal(found.get("count") or 1)


def _spun(post: JobPosting) -> Iterator[RiskFlag]:
    choices = spun_choices(post.title) or spun_choices(post.description)
    if choices:
        message = table("risk")["spun_text"]["message"]
        yield RiskFlag(code=SPUN_TEXT, message=message, words=_words(choices[0], 0, _LONGEST), severe=False)


@cache
def _task(word: str) -> re.Pattern[str]:
    return word_pattern(word)


def _too_good(post: JobPosting, exchange: Exchange | None) -> Iterator[RiskFlag]:
    """Yield a flag for simple work, named in the title, at a skilled rate by a client nobody knows."""
    data, pay, client = table("risk")["too_good"], post.pay, post.client
    if pay is None or pay.unit not in (PayUnit.HOUR, PayUnit.FIXED):
        return
    if client.payment_verified or (client.total_spent or 0) > 0 or (client.hires or 0) > 0:
        return
    low = pay.low if pay.low is not None else pay.high
    dollars = (exchange or reference_rates()).convert(low or Decimal(0), pay.currency, "USD")
    limit = data["hourly"] if pay.unit is PayUnit.HOUR else data["fixed"]
    if dollars is None or dollars < limit:
        return
    title = fold(post.title)
    named = (found for word in data["tasks"] if (found := _task(word).search(title)))
    first = next(named, None)
    if first is not None:
        message = data["message"].format(pay=pay.raw)
        words = _words(post.title, first.start(), first.end())
        yield RiskFlag(code=TOO_GOOD, message=message, words=words, severe=False)
