"""What a post pays, out of its own sentences, where no field says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from domain.issues import Issue
from domain.pay import Pay, PayUnit
from pipelines.data import table
from pipelines.pay import parse_pay
from pipelines.pay_text import find_offer

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_MONEY = re.compile(
    r"[$€£¥₹]|\b[A-Z]{3}\b|\b(?:usd|eur|gbp|inr|aud|cad|euros?|dollars|rupees|pounds)\b|(?:/|\bper\s|\ban?\s|/\s)h(?:ou)?r"
)


def pay_in_text(title: str, description: str, *, where: str) -> tuple[Pay | None, list[Issue]]:
    """Return the pay stated in the words of a post (clean text), and what was doubtful about it.

    A figure with a currency and a period outranks one that is only called the budget; among equals the first
    counts. ``None`` when no sentence states one.
    """
    labelled: tuple[Pay, list[Issue]] | None = None
    for segment in islice(_segments(title, description), table("pay_in_text")["read"]["segments"]):
        found = _stated(segment, where)
        if found is None:
            continue
        if found[0].unit is not PayUnit.FIXED:
            return found
        labelled = labelled or found
    return labelled or (None, [])


def _stated(segment: str, where: str) -> tuple[Pay, list[Issue]] | None:
    offer, _ = find_offer(segment, bare_number_is_pay=False, where=where)
    if offer is None or not offer.marks:
        return None
    label = _any_of("labels", "words").search(segment)
    sure = offer.unit is PayUnit.HOUR or (label is not None and offer.unit is not None)
    if not sure and _any_of("elsewhere", "words").search(segment):
        return None
    if offer.unit is None and label is None:
        return None
    hint = PayUnit.HOUR if offer.unit is None and _any_of("labels", "hourly").search(segment) else None
    pay, issues = parse_pay(segment, unit_hint=hint, where=where)
    if pay is None or (pay.unit is PayUnit.FIXED and _any_of("labels", "salaried").search(segment)):
        return None  # a salary without a period that is understood is no sum for a whole job
    return pay, issues


def _segments(title: str, description: str) -> Iterator[str]:
    """Yield the title and the sentences that may hold money, each cut to the words around it."""
    limits = table("pay_in_text")["read"]
    for line in (title, *_SENTENCE.split(description)):
        if not _MONEY.search(line) or _any_of("elsewhere", "orders").search(line):
            continue
        if len(line) <= limits["width"]:
            yield line.strip()
            continue
        for match in _MONEY.finditer(line):
            yield _window(line, match.start(), limits["width"])


def _window(line: str, place: int, width: int) -> str:
    """Return at most ``width`` characters of ``line`` about ``place``, no word cut in two."""
    start = max(0, place - width // 2)
    piece = line[start : start + width]
    if start:
        piece = piece.partition(" ")[2]
    return piece.rpartition(" ")[0] if start + width < len(line) else piece


@cache
def _any_of(section: str, key: str) -> re.Pattern[str]:
    words = sorted(table("pay_in_text")[section][key], key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
