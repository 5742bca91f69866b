"""Money: an integer number of minor units and an ISO 4217 currency.

Amounts are :class:`~decimal.Decimal` at the edges and integers inside; no float ever holds money.
Rounding is half-up to the minor unit, as marketplaces round each transaction.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

from domain.errors import MoneyError

MAX_MINOR = 2**51 - 1
"""Largest magnitude accepted, in minor units: what a double still counts exactly, with room to sum."""


@cache
def _decimals_by_currency() -> dict[str, int]:
    table = tomllib.loads(files("domain").joinpath("currencies.toml").read_text(encoding="utf-8"))
    return {code: int(decimals) for decimals, codes in table["decimals"].items() for code in codes}


def is_currency(code: str) -> bool:
    """Return whether ``code`` is a known ISO 4217 code (upper case)."""
    return code in _decimals_by_currency()


def decimals(currency: str) -> int:
    """Return the number of decimals of ``currency``; raise :class:`MoneyError` if it is unknown."""
    try:
        return _decimals_by_currency()[currency]
    except KeyError:
        raise MoneyError(
            f"unknown currency {currency!r}", remedy="Use an ISO 4217 code such as USD, EUR or INR"
        ) from None


def parse_amount(text: str) -> Decimal:
    """Return ``text`` (plain digits with an optional point) as a finite Decimal, or raise MoneyError."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise MoneyError(f"{text!r} is not an amount", remedy="Write it like 45 or 45.50") from None
    if not amount.is_finite():
        raise MoneyError(f"{text!r} is not an amount", remedy="Write it like 45 or 45.50")
    return amount


def to_minor(amount: Decimal, currency: str) -> int:
    """Return ``amount`` in minor units of ``currency``, half-up; raise MoneyError beyond MAX_MINOR."""
    if amount.is_zero():
        return 0
    if amount.adjusted() > 15:  # noqa: PLR2004 - 10**16 of any currency is beyond MAX_MINOR
        raise MoneyError(f"{amount} {currency} is too large to be an amount of money")
    minor = int(amount.scaleb(decimals(currency)).to_integral_value(ROUND_HALF_UP))
    if abs(minor) > MAX_MINOR:
        raise MoneyError(f"{amount} {currency} is too large to be an amount of money")
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """Return ``minor`` units of ``currency`` as a Decimal with the currency's decimals."""
    return Decimal(minor).scaleb(-decimals(currency))


@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` minor units of ``currency``, e.g. ``Money(1250, "USD")`` is $12.50."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        decimals(self.currency)
        if abs(self.minor) > MAX_MINOR:
            raise MoneyError(f"{self.minor} minor units of {self.currency} is too large")

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> Money:
        """Return ``amount`` of ``currency`` rounded half-up to its minor unit."""
        value = parse_amount(amount) if isinstance(amount, str) else Decimal(amount)
        return cls(to_minor(value, currency), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's decimals."""
        return from_minor(self.minor, self.currency)

    def _same(self, other: Money) -> None:
        if other.currency != self.currency:
            raise MoneyError(f"cannot mix {self.currency} and {other.currency} without a rate")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def times(self, factor: Decimal | int) -> Money:
        """Return the product with ``factor``, rounded half-up to the minor unit."""
        return Money.of(self.amount * Decimal(factor), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split by ``weights`` so that the parts sum to the whole (largest remainder, ties to the first).

        Raise :class:`MoneyError` unless there is a positive weight and none is negative.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise MoneyError("weights must not be negative and one must be positive")
        sign = -1 if self.minor < 0 else 1
        whole = abs(self.minor)
        shares = [divmod(whole * weight, total) for weight in weights]
        left = whole - sum(quotient for quotient, _ in shares)
        order = sorted(range(len(shares)), key=lambda place: (-shares[place][1], place))
        winners = set(order[:left])
        return [
            Money(sign * (quotient + (place in winners)), self.currency)
            for place, (quotient, _) in enumerate(shares)
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
