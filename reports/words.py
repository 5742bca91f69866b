"""Values as a person reads them. Everything foreign passes through :func:`clean` first."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from domain.clock import as_utc
from domain.money import Money
from domain.pay import Pay, PayUnit
from domain.posts import Client, JobPosting

NOT_STATED = "not stated"
_HOUR, _DAY = 3600, 86_400
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PER = {
    PayUnit.HOUR: "/h",
    PayUnit.DAY: "/day",
    PayUnit.WEEK: "/week",
    PayUnit.MONTH: "/month",
    PayUnit.YEAR: "/year",
    PayUnit.FIXED: " fixed",
}


def _shown(char: str) -> str:
    if char in _BIDI:
        return ""
    kind = unicodedata.category(char)
    if kind in ("Cc", "Zl", "Zp"):
        return " "  # also the escape character that drives terminals
    return "" if kind == "Cs" else char


def clean(text: str) -> str:
    """Return ``text`` as one line without control characters, text-direction overrides or lone surrogates."""
    return " ".join("".join(map(_shown, text)).split())


def clip(text: str, length: int) -> str:
    """Return ``text`` cleaned and cut to ``length`` characters, with an ellipsis where it was cut."""
    whole = clean(text)
    return whole if len(whole) <= length else whole[: length - 1].rstrip() + "…"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return ``number`` with its noun, e.g. ``1 pick`` or ``2 picks``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def number(value: Decimal) -> str:
    """Return ``value`` in full, grouped by thousands, without an exponent."""
    return f"{value:,f}"


def estimate(value: Decimal) -> str:
    """Return an estimated amount without false precision: whole from ten up, else two decimals."""
    whole = abs(value) >= 10 or value == 0  # noqa: PLR2004 - a style, not a rule
    return number(value.quantize(Decimal(1) if whole else Decimal("0.01"), ROUND_HALF_UP))


def money(value: Money) -> str:
    """Return exact money with its currency."""
    return f"{number(value.amount)} {value.currency}"


def sums(by_currency: dict[str, Money]) -> str:
    """Return totals in several currencies, never added together; ``0`` when there are none."""
    return " + ".join(money(by_currency[code]) for code in sorted(by_currency)) or "0"


def percent(share: float | Decimal) -> str:
    """Return a share from 0 to 1 as a percentage, with one decimal below one percent."""
    hundred = Decimal(str(share)) * 100
    small = 0 < hundred < 1
    return f"{hundred.quantize(Decimal('0.1') if small else Decimal(1), ROUND_HALF_UP)}%"


def spread(low: str, high: str) -> str:
    """Return an interval in words."""
    return low if low == high else f"{low} to {high}"


def day(value: date) -> str:
    """Return a date such as ``2 Mar 2026``."""
    return f"{value.day} {value:%b %Y}"


def long_day(value: date) -> str:
    """Return a date such as ``Monday, 2 March 2026``."""
    return f"{value:%A}, {value.day} {value:%B %Y}"


def moment(value: datetime, time_zone: str) -> str:
    """Return an aware time in the person's zone, such as ``2 Mar 2026, 14:10 WET``."""
    local = as_utc(value).astimezone(ZoneInfo(time_zone))
    return f"{day(local.date())}, {local:%H:%M} {local.tzname()}"


def age(posted_at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, in the largest fitting unit."""
    if posted_at is None:
        return NOT_STATED
    seconds = int((now - posted_at).total_seconds())
    if seconds < 0:
        return "dated ahead"
    if seconds < _HOUR:
        return f"{seconds // 60} min ago"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h ago"
    return f"{seconds // _DAY} days ago"


def posted(posted_at: datetime | None, now: datetime) -> str:
    """Return when a post appeared, as a phrase that stands alone."""
    if posted_at is None:
        return f"date {NOT_STATED}"
    return "dated ahead" if posted_at > now else f"posted {age(posted_at, now)}"


def pay(value: Pay | None) -> str:
    """Return pay as stated, with unit and currency."""
    if value is None:
        return NOT_STATED
    unit, currency = _PER[value.unit], value.currency or "currency not stated"
    if value.low is None:
        return f"up to {number(value.high or Decimal(0))} {currency}{unit}"
    if value.high is None:
        return f"from {number(value.low)} {currency}{unit}"
    return f"{spread(number(value.low), number(value.high))} {currency}{unit}"


_LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


def language(code: str | None) -> str:
    """Return the English name of a language by its ISO 639-1 code, or the code where none is known."""
    if not code:
        return NOT_STATED
    return _LANGUAGES.get(code.lower()[:2], clean(code))


def contract(post: JobPosting) -> str:
    """Return the kind of contract."""
    return "contract type not stated" if post.contract_type is None else post.contract_type.value


def client(value: Client) -> str:
    """Return the client's stated facts, then the names of those that were not stated."""
    verified = {True: "payment verified", False: "payment not verified", None: None}
    facts = {
        "name": clip(value.name, 60) if value.name else None,
        "country": clean(value.country) if value.country else None,
        "payment": verified[value.payment_verified],
        "spending": None if value.total_spent is None else f"{estimate(value.total_spent)} USD spent",
        "hires": None if value.hires is None else count(value.hires, "hire"),
        "hire rate": None if value.hire_rate is None else f"hires for {percent(value.hire_rate)} of posts",
        "rating": None if value.rating is None else f"rated {value.rating} of 5{_reviews(value.reviews)}",
        "since": None if value.member_since is None else f"since {value.member_since.astimezone(UTC).year}",
    }
    stated = [fact for fact in facts.values() if fact]
    if not stated:
        return NOT_STATED
    missing = [name for name in ("country", "payment", "spending", "rating") if not facts[name]]
    return " · ".join(stated) + (f" ({NOT_STATED}: {', '.join(missing)})" if missing else "")


def _reviews(number_of: int | None) -> str:
    return "" if number_of is None else f" in {count(number_of, 'review')}"
