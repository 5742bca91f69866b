"""Numbers in the words of a reason or a part: short, the same everywhere."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache

DASH = "\N{EN DASH}"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "INR": "₹"}
_WHOLE_FROM = 10  # amounts from here on are told without cents


def plain(value: Decimal, places: int = 2) -> str:
    """Return ``value`` rounded half-up to ``places`` decimals, trailing zeros cut."""
    text = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cost(value: Decimal) -> Decimal:
    """Return a cost to the millionth: as shown, so that what it is taken from can be made again."""
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def money(value: Decimal, currency: str) -> str:
    """Return an amount as people write it: "$52", "$4.50", "1,200 JPY"."""
    size = abs(value)
    figure = f"{Decimal(plain(size, 0)):,}" if size >= _WHOLE_FROM else f"{size:.2f}".removesuffix(".00")
    sign = "-" if value < 0 and figure != "0" else ""
    mark = _SIGNS.get(currency)
    return f"{sign}{mark}{figure}" if mark else f"{sign}{figure} {currency}"


def money_at_most(value: Decimal, currency: str) -> str:
    """Return an amount rounded down, for sentences that say it stays below something."""
    whole = value.to_integral_value(ROUND_FLOOR) if value >= _WHOLE_FROM else value
    return money(whole, currency)


def money_range(low: Decimal, high: Decimal, currency: str) -> str:
    """Return "$52-71", or one amount when both read the same."""
    first, last = money(low, currency), money(high, currency)
    if first == last:
        return first
    if low < 0:
        return f"{first} to {last}"
    mark = _SIGNS.get(currency)
    return f"{first}{DASH}{last.removeprefix(mark)}" if mark else f"{first.split()[0]}{DASH}{last}"


def percent(low: Decimal, high: Decimal) -> str:
    """Return a share or band of shares: "10 %", "0-15 %"."""
    first, last = plain(low * 100, 4), plain(high * 100, 4)
    return f"{first} %" if first == last else f"{first}{DASH}{last} %"


def share(value: float) -> str:
    """Return a value from 0 to 1 with the four decimals that scores are computed with."""
    return f"{value:.4f}"


def listed(names: tuple[str, ...], most: int = 4) -> str:
    """Return "A, B, C", with "and 3 more" where there are many; a single further one is named."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


@lru_cache(maxsize=4096)
def plain_float(value: float) -> str:
    """Return a factor with up to four decimals, trailing zeros cut: "1.35", "2"."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
