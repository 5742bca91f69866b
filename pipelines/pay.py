"""Pay as people write it, read into a typed range. Free text, so: strict about what counts as money.

A number is pay only beside a currency, a period or a label ("Budget: 500"), or when it is all the text says.
The functions here read one offer; the leftmost one counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.issues import Issue, info, warning
from domain.money import is_currency
from domain.pay import Pay, PayUnit
from domain.posts import ContractType, RawPosting
from pipelines.contracts import contract_type
from pipelines.data import table
from pipelines.pay_text import currency_of, find_offer, unit_named
from pipelines.text import PRICE_LIMIT, clean_text, clip

_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hints:
    """What is known from beside the text: the period, the currency, whether the post is a salaried job."""

    unit: PayUnit | None = None
    currency: str | None = None
    salary: bool = False


def parse_pay(
    text: str, *, unit_hint: PayUnit | None = None, currency_hint: str | None = None, where: str = "pay"
) -> tuple[Pay | None, list[Issue]]:
    """Return the pay ``text`` states and what was doubtful; ``None`` when it states none. Never raises.

    At most 128 characters are read. What the text states outranks the hints: ``unit_hint`` stands in for a
    missing period (otherwise the amount is for the whole job), ``currency_hint`` (a code or a symbol) for a
    missing or ambiguous currency. A lone ``$`` without a hint is read as USD with an issue; without any mark
    the currency stays ``None``. A range of zeros is a placeholder: not stated.
    """
    return _parse(text, _Hints(unit=unit_hint, currency=currency_hint), where)


def _parse(text: str, hints: _Hints, where: str) -> tuple[Pay | None, list[Issue]]:
    raw = clean_text(clip(text, PRICE_LIMIT), single_line=True)
    hinted = hints.unit is not None or hints.currency is not None
    offer, issues = find_offer(raw, bare_number_is_pay=hinted, where=where)
    if offer is None:
        return None, issues
    bounds = _ordered(offer.low, offer.high, where, issues)
    if bounds is None:
        return None, issues
    currency = _currency(offer.marks, hints.currency, where, issues)
    unit = offer.unit or hints.unit
    salary = hints.salary or offer.salary or offer.large
    unit = unit or _assumed_unit(bounds, salary=salary, where=where, issues=issues)
    if unit is None:
        return None, issues
    return Pay(unit=unit, currency=currency, low=bounds[0], high=bounds[1], raw=raw), issues


_Bounds = tuple[Decimal | None, Decimal | None]


def _ordered(low: Decimal | None, high: Decimal | None, where: str, issues: list[Issue]) -> _Bounds | None:
    absurd = Decimal(table("pay")["limits"]["absurd_from"])
    if any(value is not None and value >= absurd for value in (low, high)):
        issues.append(warning(where, "the amount is too large to be pay; left out"))
        return None
    low, high = low or None, high or None  # zero is a placeholder wherever posts are published
    if low is None and high is None:
        issues.append(info(where, "zero is a placeholder: pay is not stated"))
        return None
    if low is not None and high is not None and low > high:
        issues.append(info(where, f"range {low} to {high} was written in reverse"))
        low, high = high, low
    return low, high


def _currency(marks: tuple[str, ...], hint: str | None, where: str, issues: list[Issue]) -> str | None:
    """Return the currency that ``marks`` (as written, in order) and ``hint`` decide on."""
    hinted = _hinted_currency(hint, where, issues)
    readings = [reading for mark in marks if (reading := currency_of(mark))]
    certain = [reading[0] for reading in readings if len(reading) == 1]
    shared = [(mark, currency_of(mark)) for mark in marks if len(currency_of(mark)) > 1]
    if certain:
        return _certain_currency(marks, certain, hinted, where, issues)
    if not shared:
        return hinted
    mark, choices = shared[0]
    if hinted in choices:
        return hinted
    if hinted is not None:
        issues.append(warning(where, f"{mark!r} is written but the source says {hinted}; {hinted} is taken"))
        return hinted
    if mark not in table("pay")["silent"]["marks"]:
        issues.append(info(where, f"{mark!r} alone does not name a currency; read as {choices[0]}"))
    return choices[0]


def _certain_currency(
    marks: tuple[str, ...], certain: list[str], hinted: str | None, where: str, issues: list[Issue]
) -> str:
    # A code says more than a symbol, and the one that stands last is usually the code: "€250-750 EUR".
    codes = [mark.upper() for mark in marks if is_currency(mark.upper())]
    chosen = codes[0] if codes else certain[0]
    if len(set(certain)) > 1:
        issues.append(warning(where, f"several currencies are written; {chosen} is taken"))
    if hinted is not None and hinted != chosen:
        issues.append(warning(where, f"the text says {chosen}, the source {hinted}; {chosen} is taken"))
    return chosen


def _hinted_currency(hint: str | None, where: str, issues: list[Issue]) -> str | None:
    if hint is None or not hint.strip():
        return None
    readings = currency_of(clip(hint.strip(), 16))
    if not readings:
        issues.append(warning(where, f"currency {clip(hint, 16)!r} is unknown; left out"))
        return None
    if len(readings) > 1:
        issues.append(info(where, f"currency {clip(hint, 16)!r} names several; read as {readings[0]}"))
    return readings[0]


def _assumed_unit(bounds: _Bounds, *, salary: bool, where: str, issues: list[Issue]) -> PayUnit | None:
    if not salary:
        return PayUnit.FIXED
    yearly_from = Decimal(table("pay")["limits"]["salary_is_yearly_from"])
    if min(value for value in bounds if value is not None) >= yearly_from:
        issues.append(info(where, "a salary without a period; read as a year's"))
        return PayUnit.YEAR
    issues.append(warning(where, "a salary without a period, too small for a year's; left out"))
    return None


def pay_from_fields(raw: RawPosting) -> tuple[Pay | None, list[Issue]]:
    """Return what the fields of ``raw`` say it pays, and what was doubtful.

    ``budget_min`` and ``budget_max`` outrank ``budget_raw``, which fills in the period and the currency they
    lack. The period is the ``period`` field, else what the text says, else what the contract type implies.
    """
    where = f"{raw.where}: budget"
    issues: list[Issue] = []
    hints = _hints(raw, where, issues)
    if _period_is_strange(raw):
        issues.append(warning(where, f"period {clip(raw.period or '', 32)!r} is unknown; pay is left out"))
        return None, issues
    text = None
    if raw.budget_raw and raw.budget_raw.strip():
        text, found = _parse(raw.budget_raw, hints, where)
        issues.extend(found)
    low, low_pay = _figure(raw.budget_min, _beside(hints, text), f"{raw.where}: budget_min", issues)
    high, high_pay = _figure(
        raw.budget_max, _beside(hints, text or low_pay), f"{raw.where}: budget_max", issues
    )
    bounds = None if low is None and high is None else _ordered(*_filled(low, high, text), where, issues)
    if bounds is None:
        return text, issues
    unit = _period(raw) or _first_unit(text, low_pay, high_pay) or hints.unit
    unit = unit or _assumed_unit(bounds, salary=hints.salary, where=where, issues=issues)
    if unit is None:
        return None, issues
    written = next((pay.currency for pay in (text, low_pay, high_pay) if pay and pay.currency), None)
    currency = hints.currency or written
    return Pay(unit=unit, currency=currency, low=bounds[0], high=bounds[1], raw=_as_written(raw)), issues


def _first_unit(text: Pay | None, *figures: Pay | None) -> PayUnit | None:
    """Return the period of the text, else one written beside a figure (``FIXED`` there only stood in)."""
    if text is not None:
        return text.unit
    return next((pay.unit for pay in figures if pay and pay.unit is not PayUnit.FIXED), None)


def _beside(hints: _Hints, pay: Pay | None) -> _Hints:
    """Return ``hints`` with the currency already read from ``pay``, so that it is not in doubt again."""
    return hints if hints.currency or pay is None else replace(hints, currency=pay.currency)


def _filled(low: Decimal | None, high: Decimal | None, text: Pay | None) -> _Bounds:
    """Return the bounds, a missing one taken from ``text`` where that agrees on the other."""
    if text is not None and low is None and high == text.high:
        return text.low, high
    if text is not None and high is None and low == text.low:
        return low, text.high
    return low, high


def _figure(
    text: str | None, hints: _Hints, where: str, issues: list[Issue]
) -> tuple[Decimal | None, Pay | None]:
    """Return one figure of a field made for numbers, and the whole pay when it was written with more."""
    if text is None or not text.strip():
        return None, None
    plain = clip(text, PRICE_LIMIT).strip()
    if _PLAIN.fullmatch(plain):
        return Decimal(plain), None
    pay, found = _parse(plain, replace(hints, unit=hints.unit or PayUnit.FIXED), where)
    issues.extend(found)
    if pay is None:
        issues.append(warning(where, f"{clip(plain, 32)!r} is not an amount; left out"))
        return None, None
    return pay.low if pay.low is not None else pay.high, pay


def _as_written(raw: RawPosting) -> str:
    """Return the words the pay rests on: the text of the source, or else its fields in one line."""
    span = " - ".join(part for part in (raw.budget_min, raw.budget_max) if part)
    parts = [raw.budget_raw] if raw.budget_raw else [span, raw.currency, raw.period]
    return clean_text(clip(" ".join(part for part in parts if part), PRICE_LIMIT), single_line=True)


def _hints(raw: RawPosting, where: str, issues: list[Issue]) -> _Hints:
    kind = contract_type(raw.contract_type)
    implied = {ContractType.HOURLY: PayUnit.HOUR, ContractType.FIXED: PayUnit.FIXED}
    unit = _period(raw) or (implied.get(kind) if kind else None)
    currency = _hinted_currency(raw.currency, where, issues)
    return _Hints(unit=unit, currency=currency, salary=kind is ContractType.EMPLOYMENT)


def _period(raw: RawPosting) -> PayUnit | None:
    return unit_named(raw.period) if raw.period else None


def _period_is_strange(raw: RawPosting) -> bool:
    words = clip(raw.period or "", PRICE_LIMIT).strip().lower()
    return words not in table("fields")["unstated"]["words"] and _period(raw) is None
