"""What a post pays, out of its own sentences, where no field says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from domain.issues import Issue
from domain.pay import Pay, PayUnit
from pipelines.data import table
from pipelines.pay import parse_pay
from pipelines.pay_text import Offer, find_offer, unit_named

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_MONEY = re.compile(
    r"[$€£¥₹₱₦₫₽₺₴₩฿₪]|\b[Rr]s\.?\s?\d|\bbudget\b[^.\d]{0,20}\d|(?<![A-Za-z])[A-Z]{3}\b|\d[kKL]\b|\b[Ss]alary\b|(?<![A-Za-z])(?:usd|eur|gbp|inr|aud|cad|euros?|dollars|rupees|pounds|bucks)\b|(?:/|\bper\s|\ban?\s|/\s)h(?:ou)?r"
)

_BULLETS = " \t*•–-"  # noqa: RUF001 - as people write
_SUM_IN_HEADING = re.compile(
    r"^\[[^\w\]]*[\d.,]+k?\]|^[$€£₹]\s?[\d.,]+k?\s*(?://|[-–—:|]\s)|\s[-–—]\s*[$€£₹]\s?[\d.,]+k?(?:\s?(?:/|per\s|an?\s)\s?\w+)?$"  # noqa: RUF001 - as people write
    r"|\(\s*[$€£₹]\s?[\d.,]+k?(?:\s*[-–—]\s*[$€£₹]?\s?[\d.,]+k?)?\s*\)$"  # noqa: RUF001 - as people write
)

# "Can you do it for $80?": the last words of a sentence that speaks of no goods.
_FOR_A_SUM = re.compile(
    r"\bfor\s(?:only\s|just\s|about\s|around\s)?[$€£₹]\s?[\d.,]*\d\s?k?\s*[.!?]*$", re.IGNORECASE
)
# "For this month I pay you $300": the time stands before the pay, not behind it.
_PAY_OF_A_TIME = re.compile(
    r"\b(?:this|each|every|(?:the\s)?(?:first|second|third|next|coming))\s(month|week|day)\b.{0,40}\bpay",
    re.IGNORECASE,
)


def pay_in_text(title: str, description: str, *, where: str) -> tuple[Pay | None, list[Issue]]:
    """Return the pay stated in the words of a post (clean text), and what was doubtful about it.

    A figure with a currency and a period outranks one that is only called the budget; among equals the first
    counts. ``None`` when no sentence states one.
    """
    labelled: tuple[Pay, list[Issue]] | None = None
    lines = (title, *_SENTENCE.split(description)) if title else tuple(_SENTENCE.split(description))
    for segment, heading in islice(_segments(lines), table("pay_in_text")["read"]["segments"]):
        found = _stated(segment, where, heading=heading)
        if found is None:
            continue
        if found[0].unit is not PayUnit.FIXED:
            return found
        labelled = labelled or found
    return labelled or (None, [])


def _stated(segment: str, where: str, *, heading: bool) -> tuple[Pay, list[Issue]] | None:
    offer, passed = find_offer(segment, bare_number_is_pay=False, where=where)
    if offer is None or (passed and offer.unit is None) or not (offer.marks or _needs_no_currency(offer)):
        return None
    label = _any_of("labels", "words").search(segment)
    unit = offer.unit or _named_unit(segment)
    salary = _is_salary(offer, unit, segment)
    is_heading = heading and _SUM_IN_HEADING.search(segment) is not None
    if not (is_heading or _is_sure(segment, unit, labelled=label is not None, salary=salary)):
        return None
    stands_for_itself = salary or is_heading or _FOR_A_SUM.search(segment) is not None
    if unit is None and label is None and not stands_for_itself:
        return None
    if offer.unit is None and unit is None and _any_of("labels", "hourly").search(segment) and not salary:
        unit = PayUnit.HOUR if _may_be_hourly(offer) else None
    if unit is None and salary:
        unit = PayUnit.YEAR
    pay, issues = parse_pay(segment, unit_hint=None if offer.unit else unit, where=where)
    if pay is None or (pay.unit is PayUnit.FIXED and _any_of("labels", "salaried").search(segment)):
        return None  # a salary without a period that is understood is no sum for a whole job
    return pay, issues


def _is_sure(segment: str, unit: PayUnit | None, *, labelled: bool, salary: bool) -> bool:
    """Return whether nothing in ``segment`` says that its money is something else than the pay."""
    if unit is PayUnit.HOUR or (labelled and unit is not None):
        return not _any_of("elsewhere", "never").search(segment)
    if salary or _any_of("labels", "strong").search(segment):
        return not (
            _any_of("elsewhere", "words").search(segment) or _any_of("elsewhere", "never").search(segment)
        )
    return not any(_any_of("elsewhere", key).search(segment) for key in ("words", "things", "never"))


def _is_salary(offer: Offer, unit: PayUnit | None, segment: str) -> bool:
    """Return whether the offer is a year's pay by its size and the words around it."""
    if unit not in {None, PayUnit.YEAR}:
        return False
    if _any_of("labels", "salaried").search(segment):
        least = table("pay")["limits"]["salary_is_yearly_from"]
        return all(value is None or value >= least for value in (offer.low, offer.high))
    return (offer.salary or offer.large) and (_is_range(offer) or _tells_salary(segment))


def _needs_no_currency(offer: Offer) -> bool:
    """Return whether figures are pay though no currency is written: "(12-25/hour)", "my budget is 600"."""
    hourly = offer.unit is PayUnit.HOUR and _is_range(offer)
    return hourly or offer.salary or offer.large or offer.budget


def _is_range(offer: Offer) -> bool:
    return None not in (offer.low, offer.high) and offer.low != offer.high


def _tells_salary(segment: str) -> bool:
    """Return whether a lone figure is a salary: by a word, or as one of the parts of an advert's heading."""
    return segment.count("|") > 1 or _any_of("labels", "advert").search(segment) is not None


def _may_be_hourly(offer: Offer) -> bool:
    most = table("pay_in_text")["read"]["hourly_to"]
    return all(value is None or value <= most for value in (offer.low, offer.high))


def _named_unit(segment: str) -> PayUnit | None:
    """Return the period of "monthly salary", "hourly rate" and the like, ``None`` where none is named."""
    found = _adverb_pattern().search(segment) or _PAY_OF_A_TIME.search(segment)
    return unit_named(found[1]) if found else None


@cache
def _adverb_pattern() -> re.Pattern[str]:
    kinds = table("pay_in_text")["labels"]["after_period"]
    return re.compile(
        rf"\b(hourly|daily|weekly|monthly|yearly|annual)\s+(?:{'|'.join(kinds)})\b", re.IGNORECASE
    )


def _segments(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield what may hold money, cut to the words around it, and whether it is a heading: the first line."""
    width = table("pay_in_text")["read"]["width"]
    for number, line in enumerate(lines):
        if not _MONEY.search(line) or _any_of("elsewhere", "orders").search(line):
            continue
        if len(line) <= width:
            yield line.strip(_BULLETS), number == 0
            continue
        for match in _MONEY.finditer(line):
            whole_start = match.start() <= width // 2
            yield _window(line, match.start(), width).strip(_BULLETS), number == 0 and whole_start


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
