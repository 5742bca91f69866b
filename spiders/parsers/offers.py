"""Pay that stands in several columns: which of them counts, and what period their names imply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.posts import ContractType
from pipelines.contracts import contract_type, is_open
from spiders.parsers.values import money, stated

PAY_FIELDS = (
    "contract_type", "budget_raw", "budget_min", "budget_max", "currency", "period",
    "fixed_amount", "hourly_min", "hourly_max", "hourly_rate", "yearly_min", "yearly_max",
)  # fmt: skip
_FIGURES = {
    "hour": ("hourly_min", "hourly_max", "hourly_rate"),
    "fixed": (None, None, "fixed_amount"),
    "year": ("yearly_min", "yearly_max", None),
}
_TYPES = {ContractType.HOURLY: "hour", ContractType.FIXED: "fixed", ContractType.EMPLOYMENT: "year"}
_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")
_WITH_PAY = re.compile(r"\s*([A-Za-z -]{3,20}?)\s*:\s*\S*[0-9].{0,80}")
_AVERAGE = re.compile(r"(?:avg|average)\.? *bid", re.IGNORECASE)
_LONGEST = 400


@dataclass(slots=True)
class Offer:
    """The pay fields of a post, by contract key, and what was stated besides."""

    fields: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    contradiction: str | None = None


def read_offer(values: Mapping[str, Any], *, board_currency: str | None) -> Offer:
    """Return the pay that ``values`` (by the names in :data:`PAY_FIELDS`) state.

    A fixed price and an hourly rate in one row: the kind of contract decides, and without one both are kept
    aside. ``board_currency`` is the currency in which the board quotes every job, where there is one.
    """
    offer = Offer()
    texts = {name: stated(values.get(name)) for name in ("contract_type", "budget_raw", "currency", "period")}
    kind = _kind(texts, offer)
    figures = {name: money(values.get(name)) for name in PAY_FIELDS if name not in texts}
    currency = texts["currency"] or next((code for _, code in figures.values() if code), None)
    amounts = {name: amount for name, (amount, _) in figures.items() if amount is not None}
    _average(texts, offer)
    unit = _unit(kind, amounts)
    if unit is not None:
        _figures(unit, amounts, texts, offer)
    else:
        _put_aside(amounts, texts, offer)
    for name in ("budget_min", "budget_max"):
        if name in amounts:
            offer.fields.setdefault(name, amounts[name])
    for name in ("budget_raw", "period"):
        text = texts[name]
        if text is not None:
            offer.fields.setdefault(name, text.strip())
    if {"budget_raw", "budget_min", "budget_max"} & offer.fields.keys() and (currency or board_currency):
        offer.fields["currency"] = currency or board_currency or ""
    return offer


def _put_aside(amounts: Mapping[str, str], texts: dict[str, str | None], offer: Offer) -> None:
    """Keep figures that the kind of contract rules out, and say so where no other pay is stated.

    A price that repeats the least amount, without a largest one, says that it is the only one.
    """
    named = [name for names in _FIGURES.values() for name in names if name]
    figures = {name: amounts[name] for name in named if name in amounts}
    least, most = amounts.get("budget_min"), amounts.get("budget_max")
    if least is not None and most is None and figures.get("fixed_amount") == least:
        texts["budget_raw"] = texts["budget_raw"] or figures.pop("fixed_amount")
    offer.extra |= figures
    if figures and least is None and most is None and texts["budget_raw"] is None:
        offer.contradiction = "amounts that do not fit the kind of contract, or each other; kept in extra"


def _kind(texts: dict[str, str | None], offer: Offer) -> ContractType | None:
    """Take the kind of contract out of ``texts``: "Hourly: $10 - $15" also states the pay."""
    words = (texts["contract_type"] or "")[:_LONGEST]
    with_pay = _WITH_PAY.fullmatch(words)
    if with_pay and contract_type(with_pay[1]):
        texts["budget_raw"] = words.strip()
        words = with_pay[1]
    kind = contract_type(words)
    if kind is not None or is_open(words):
        offer.fields["contract_type"] = words.strip()
    elif words:
        offer.extra["contract_type"] = words.strip()
    return kind


def _average(texts: dict[str, str | None], offer: Offer) -> None:
    """Put aside what bidders ask on average: it is not what the client pays."""
    text = texts["budget_raw"]
    if text is not None and _AVERAGE.search(text[:_LONGEST]):
        offer.extra["average_bid"] = text.strip()
        texts["budget_raw"] = None


def _unit(kind: ContractType | None, amounts: Mapping[str, str]) -> str | None:
    """Return the period of the figures that count, ``None`` if none do or nobody says which."""
    units = [unit for unit, names in _FIGURES.items() if any(name in amounts for name in names)]
    if kind is not None and _TYPES[kind] in units:
        return _TYPES[kind]
    if kind in {ContractType.HOURLY, ContractType.FIXED}:
        return None
    return units[0] if len(units) == 1 else None


def _figures(unit: str, amounts: dict[str, str], texts: dict[str, str | None], offer: Offer) -> None:
    """Put the figures for ``unit`` into their fields and those for another one aside."""
    least, most, single = _FIGURES[unit]
    low, high = amounts.get(least or ""), amounts.get(most or "")
    one = amounts.get(single or "")
    if low is None and high is None and one is not None:
        if _PLAIN.fullmatch(one):
            low = high = one
        else:
            texts["budget_raw"] = one
    fields = {"budget_min": low, "budget_max": high, "period": unit}
    offer.fields |= {name: text for name, text in fields.items() if text is not None}
    implied = {"hour": "hourly", "fixed": "fixed"}.get(unit)
    if implied:
        offer.fields.setdefault("contract_type", implied)
    for other, names in _FIGURES.items():
        if other != unit:
            offer.extra |= {name: amounts[name] for name in names if name in amounts}
