"""Finding the amounts in a line of text: figures with their currency marks, multipliers and periods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from domain.issues import Issue, info, warning
from domain.money import is_currency
from domain.pay import PayUnit
from pipelines.data import table
from pipelines.text import PRICE_LIMIT, clip

_NUMBER = r"\d{1,3}(?:[ '’]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d[\d.,]*\d|\d"  # noqa: RUF001 - Swiss grouping
_MINUS = ("-", "−")  # noqa: RUF001 - the sign itself
_RANGE = re.compile(r"\s*(?:[-–—−~]|to|up to|bis|and|à|['\"],\s*['\"])\s*", re.IGNORECASE)  # noqa: RUF001 - as people write
_RUPEES_BEFORE = re.compile(r"(?:₹|INR|Rs\.?)\s?\d[\d.,]*\s*(?:[-–—]|to)\s*$", re.IGNORECASE)  # noqa: RUF001 - as people write
_HOURS_OF_WORK = re.compile(r"\+?\s*(?:hours?|hrs?)\b", re.IGNORECASE)
_RATES = frozenset({PayUnit.HOUR, PayUnit.DAY})
_RETIREMENT = re.compile(r"401\s?\(?k", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:[.,;!)]|$|(?:only|max|fixed|negotiable|please|pls|each)\b)", re.IGNORECASE)
_ALONE_BETWEEN_BARS = re.compile(r"\|\s*$"), re.compile(r"\s*(?:\||$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One figure where it stands in a text: ``value`` in major units, currency ``marks`` as written."""

    value: Decimal
    start: int
    end: int
    marks: tuple[str, ...] = ()
    multiplier: str = ""
    unit: PayUnit | None = None
    by_slash: bool = False  # the period was written with "/" or "per", which only pay is
    open_ended: bool = False  # "500+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One offer: its bounds in major units, the currency marks as written, the period if stated.

    ``salary`` is whether the text calls it a salary, ``large`` whether it is too much for less than a year,
    ``budget`` whether it calls it the budget and says no more of it.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    marks: tuple[str, ...] = ()
    unit: PayUnit | None = None
    salary: bool = False
    large: bool = False
    budget: bool = False


def currency_of(mark: str) -> tuple[str, ...]:
    """Return the ISO codes ``mark`` (a symbol, word or code) may stand for, the likeliest first; or none."""
    code = mark.upper()
    if len(mark) == 3 and is_currency(code):  # noqa: PLR2004 - ISO 4217 codes have three letters
        return (code,)
    return _marks().get(mark.lower(), ())


@cache
def _marks() -> dict[str, tuple[str, ...]]:
    pay = table("pay")
    single = {mark.lower(): (code,) for mark, code in pay["symbols"].items()}
    return single | {mark.lower(): tuple(codes) for mark, codes in pay["shared_symbols"].items()}


def unit_named(text: str) -> PayUnit | None:
    """Return the period that the value of a ``period`` field names, ``None`` if unknown."""
    word = " ".join(text.lower().replace("_", " ").split())
    names = table("pay")["period_names"]
    return next((PayUnit(unit) for unit, words in names.items() if word in words), None)


def find_offer(text: str, *, bare_number_is_pay: bool, where: str) -> tuple[Offer | None, list[Issue]]:
    """Return the leftmost offer in ``text`` (one clean line) and what was seen but is no pay for a period.

    At most 128 characters are read. A rate for an hour or a day outranks a sum that stands before it.
    ``bare_number_is_pay`` says that a text of nothing but a figure is pay even if it looks like a year.
    """
    issues: list[Issue] = []
    text = clip(text, PRICE_LIMIT)  # figures in rows of digits take quadratic time
    first: Offer | None = None
    for group in _groups(text):
        problem = _not_pay(text, group[-1])
        if first is None and problem:
            issues.append(info(where, problem))
        if problem or len(group) > 2 or not _is_money(text, group, bare_number_is_pay=bare_number_is_pay):  # noqa: PLR2004 - more in a row is a date or a phone number
            continue
        offer = _offer(text, group)
        if first is None and offer.unit not in {None, PayUnit.FIXED}:
            return offer, issues
        if first is not None and any(amount.unit in _RATES and amount.by_slash for amount in group):
            return offer, issues
        first = first or offer
    if first is None and not issues and any(character.isdigit() for character in text):
        issues.append(warning(where, f"{text[:40]!r} states no pay that is understood"))
    return first, issues


def _groups(text: str) -> list[list[Amount]]:
    """Return the amounts of ``text`` in order, those joined by a range sign together."""
    groups: list[list[Amount]] = []
    for amount in _amounts(text):
        if groups and _RANGE.fullmatch(text, groups[-1][-1].end, amount.start):
            groups[-1].append(amount)
        else:
            groups.append([amount])
    return groups


def _amounts(text: str) -> Iterable[Amount]:
    for match in _amount_pattern().finditer(text):
        value = _figure(match["number"])
        if value is None or match["percent"] or _RETIREMENT.match(text, match.start("number")):
            continue
        start, marks = _marks_of(match, value)
        if start == match.start("number") and _glued(text, start):
            continue
        multiplier = (match["touching"] or match["apart"] or "").lower()
        rupees = "INR" in _codes(marks) or _RUPEES_BEFORE.search(text, 0, start)
        if multiplier in table("pay")["rupees_only"]["suffixes"] and not rupees:
            continue
        if not (
            multiplier in table("pay")["slips"]["multipliers"] and value >= table("pay")["slips"]["from"]
        ):
            value *= 10 ** table("pay")["multipliers"].get(multiplier, 0)
        yearly = multiplier in table("pay")["rupees_only"]["per_year"]
        yield Amount(
            value=value,
            start=start,
            end=match.end(),
            marks=(*marks, "INR") if yearly else marks,
            multiplier=multiplier,
            unit=PayUnit.YEAR if yearly else _unit(match["period"]),
            by_slash=bool(match["by"]),
            open_ended=bool(match["plus"] or match["more"]),
        )


def _codes(marks: Iterable[str]) -> set[str]:
    return {code for mark in marks for code in currency_of(mark)}


def _marks_of(match: re.Match[str], value: Decimal) -> tuple[int, tuple[str, ...]]:
    """Return where one amount begins, its currency mark included, and its marks that stand for a currency."""
    codes = table("pay")["codes"]
    before = [
        name
        for name in ("first", "second")
        if (mark := match[name])
        and currency_of(mark)
        and mark.upper() not in codes["words"]
        and value >= codes["least"].get(mark.upper(), 0)
    ]
    behind = (mark for mark in (match["behind"], match["last"]) if mark and currency_of(mark))
    return match.start(before[0] if before else "number"), (*(match[name] for name in before), *behind)


def _glued(text: str, start: int) -> bool:
    """Return whether a number at ``start`` is the tail of a word: ``ISO27001``, ``v2``, ``#3``."""
    return start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_#.")


def _figure(digits: str) -> Decimal | None:
    """Return the number ``digits`` writes, ``None`` if it is none (a version, a date).

    The last of two kinds of separator is the decimal one. A single kind groups thousands when it is followed
    by exactly three digits or stands more than once, and is decimal otherwise ("31,2").
    """
    digits = re.sub(r"[ '’]", "", digits)  # noqa: RUF001 - Swiss grouping
    kinds = [mark for mark in ",." if mark in digits]
    if len(kinds) == 2:  # noqa: PLR2004 - both kinds
        kinds.sort(key=digits.rfind)
        whole, _, fraction = digits.rpartition(kinds[1])
        return _number(whole, kinds[0], fraction)
    if not kinds:
        return _number(digits, ",", "")
    whole, _, tail = digits.rpartition(kinds[0])
    if kinds[0] in whole or (len(tail) == 3 and len(whole) <= 3 and whole != "0"):  # noqa: PLR2004 - thousands
        return _number(digits, kinds[0], "")
    return _number(whole, kinds[0], tail)


_GROUPED = re.compile(r"\d{1,3}(?:_\d{3})*|\d{1,2}(?:_\d{2})*_\d{3}")  # the second is Indian: 1,50,000


def _number(whole: str, separator: str, fraction: str) -> Decimal | None:
    grouped = whole.replace(separator, "_")
    if "_" in grouped and not _GROUPED.fullmatch(grouped):
        return None
    plain = grouped.replace("_", "")
    return (
        Decimal(f"{plain}.{fraction}" if fraction else plain)
        if plain.isdecimal() and plain.isascii()
        else None
    )


def _not_pay(text: str, last: Amount) -> str:
    """Return why the amount that ends with ``last`` is no pay for a period, "" if nothing says so."""
    after = text[last.end :]
    hours = not last.marks and last.unit is None and _HOURS_OF_WORK.match(after)
    if _after_pattern().match(after) or _before_pattern().search(text, 0, last.start) or hours:
        return f"{text[last.start : last.end + 20]!r} is not what the post pays"
    if last.unit is not None:
        return ""
    if _piece_pattern().match(after):
        return f"{text[last.start : last.end + 20]!r} is a price per piece, not pay for a period"
    return ""


def _is_money(text: str, group: Sequence[Amount], *, bare_number_is_pay: bool) -> bool:
    before, after = _before(text, group[0]), text[group[-1].end :]
    if before.strip() in _MINUS:
        return False
    if any(amount.marks or (amount.unit and amount.by_slash) for amount in group):
        return True
    if _label_pattern().search(before) or _is_salary_without_currency(text, group):
        return True
    before, after = before.strip(" [("), after.strip(" .])")
    if before or (after and not (_unit_word_pattern().fullmatch(after) or _salary_behind(after))):
        return False
    return bare_number_is_pay or not all(_is_year(amount, text) for amount in group)


def _is_salary_without_currency(text: str, group: Sequence[Amount]) -> bool:
    if any(amount.multiplier for amount in group) and _salary_behind(text[group[-1].end :]):
        return True
    bounds = _with_shared_multiplier(group[0], group[-1])
    return len(group) > 1 and _stands_between_bars(text, group) and _is_large(group, *bounds)


def _stands_between_bars(text: str, group: Sequence[Amount]) -> bool:
    """Return whether the amounts are one part of an advert's heading: "Engineer | Berlin | 90k - 150k"."""
    before, behind = _ALONE_BETWEEN_BARS
    return bool(before.search(text[: group[0].start]) and behind.match(text[group[-1].end :]))


def _is_year(amount: Amount, text: str) -> bool:
    limits = table("pay")["limits"]
    written = text[amount.start : amount.end]
    return written.isdecimal() and limits["year_from"] <= amount.value <= limits["year_to"]


def _before(text: str, first: Amount) -> str:
    """Return the text before ``first`` without a bound word such as "from"."""
    return _bound_pattern().sub("", text[: first.start])


def _offer(text: str, group: Sequence[Amount]) -> Offer:
    first, last = group[0], group[-1]
    before, after = _before(text, first), text[last.end :]
    low, high = _with_shared_multiplier(first, last)
    bound = _bound_pattern().search(text[: first.start])
    behind = _bound_behind_pattern().match(after)
    if first is last and ((bound and bound["high"]) or (behind and behind["high"])):
        return _described(before, after, group, None, high)
    if first is last and (last.open_ended or bound or behind):
        return _described(before, after, group, low, None)
    return _described(before, after, group, low, high)


def _described(
    before: str, after: str, group: Sequence[Amount], low: Decimal | None, high: Decimal | None
) -> Offer:
    label = _label_pattern().search(before)
    word = None if _salary_behind(after) else _unit_word_pattern().match(after)
    stated = next((amount.unit for amount in reversed(group) if amount.unit), None)
    beside = (label and (label["unit"] or label["alone"])) or (word and word["unit"])
    marks = tuple(mark for amount in group for mark in amount.marks)
    return Offer(
        low=low,
        high=high,
        marks=marks,
        unit=stated or (_unit_word(beside) if beside else None),
        salary=bool((label and label["salary"]) or _salary_behind(after)),
        large=not (label and label["sum"]) and _is_large(group, low, high),
        budget=bool(label and label["sum"] and _ENDS.match(after)),
    )


def _is_large(group: Sequence[Amount], low: Decimal | None, high: Decimal | None) -> bool:
    """Return whether a range, or a figure in thousands, is what a year pays where that is known."""
    rules = table("pay")["years"]
    multipliers = {amount.multiplier for amount in group if amount.multiplier}
    if len(group) == 1 and not multipliers:
        return False
    if len(group) > 1 and multipliers & set(rules["lakhs"]):
        return True
    codes = {codes[0] for amount in group for mark in amount.marks if (codes := currency_of(mark))}
    values = [value for value in (low, high) if value is not None]
    least = rules["from"] if codes else rules["from_without_currency"]
    return codes <= set(rules["currencies"]) and all(least <= value <= rules["to"] for value in values)


def _salary_behind(after: str) -> bool:
    return _salary_pattern().match(after) is not None


def _with_shared_multiplier(first: Amount, last: Amount) -> tuple[Decimal, Decimal]:
    """Return both figures, a multiplier written once applied to both where it fits ("$80-100k")."""
    if first is last or first.multiplier or not last.multiplier:
        return first.value, last.value
    power = table("pay")["multipliers"][last.multiplier]
    shared = first.value * 10**power
    return (shared if shared <= last.value else first.value), last.value


def _unit(word: str | None) -> PayUnit | None:
    names = table("pay")["units"]
    return next((PayUnit(unit) for unit, words in names.items() if word and word.lower() in words), None)


def _unit_word(word: str) -> PayUnit:
    names = table("pay")["unit_words"]
    return next(PayUnit(unit) for unit, words in names.items() if word.lower() in words)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def _amount_pattern() -> re.Pattern[str]:
    pay = table("pay")
    symbols = [*pay["symbols"], *pay["shared_symbols"]]
    lettered = _any_of(mark for mark in symbols if mark[0].isalpha() and mark[-1].isalpha())
    signs = _any_of(mark for mark in symbols if not (mark[0].isalpha() and mark[-1].isalpha()))
    codes = f"[A-Z]{{3}}|{_any_of(pay['codes']['small'])}"
    mark = rf"(?i:{signs})|(?<![^\W\d_])(?:(?i:{lettered})|{codes})(?![^\W\d_])"
    touching = _any_of(word for word in pay["multipliers"] if len(word) <= 3)  # noqa: PLR2004 - k, cr, mio
    apart = _any_of(word for word in pay["multipliers"] if len(word) >= 3)  # noqa: PLR2004 - lac, million
    periods = _any_of(word for words in pay["units"].values() for word in words)
    extras = _any_of(pay["extras"]["words"])
    return re.compile(
        rf"(?:(?P<first>{mark})\s*:?\s*)?(?:(?P<second>{mark})\s*:?\s*)?[~≈]?"
        rf"(?(first)|(?<![\w#.]))(?<!\d[.,] )(?P<number>{_NUMBER})(?P<percent>\s?%)?"
        rf"(?:(?P<touching>(?i:{touching}))(?![^\W\d_])|\s?(?P<apart>(?i:{apart})|(?(first)k))(?![^\W\d_]))?"
        rf"(?![^\W\d_]*\d)(?P<plus>\+(?!\s*(?:{extras}))|\s\+(?=\s*$))?(?:\s?(?P<behind>{mark})(?P<more>\+(?!\s*(?:{extras})))?)?"
        rf"(?:(?:\s(?:and\smore|or\smore|gross|net|brutto|netto))?\s*(?:(?P<by>/\s?per\s|/|(?i:\b(?:per|pro|por|par)\s))\s*|(?i:\ban?\s+|\bp\.\s?))(?P<period>(?i:{periods}))(?:(?![^\W\d_])|(?=[A-Z][a-z])))?"
        rf"(?:\s?(?P<last>{mark}))?"
    )


@cache
def _bound_pattern() -> re.Pattern[str]:
    bounds = table("pay")["bounds"]
    return re.compile(
        rf"(?:^|(?<=[\s:(]))(?:(?P<low>{_any_of(bounds['low'])})|(?P<high>{_any_of(bounds['high'])}))\s*:?\s*$",
        re.IGNORECASE,
    )


@cache
def _bound_behind_pattern() -> re.Pattern[str]:
    bounds = table("pay")["bounds_behind"]
    return re.compile(
        rf"\s*[(,]?\s*(?:(?P<low>{_any_of(bounds['low'])})|(?P<high>{_any_of(bounds['high'])}))(?!\w)",
        re.IGNORECASE,
    )


@cache
def _salary_pattern() -> re.Pattern[str]:
    words = _any_of(table("pay")["years"]["behind"])
    return re.compile(
        rf"\s*[+(,&-]?\s*(?:(?:USD|EUR|GBP)\s+)?(?:[\d.,%\s-]+)?(?:{words})(?!\w)", re.IGNORECASE
    )


@cache
def _label_pattern() -> re.Pattern[str]:
    labels = table("pay")["labels"]
    units = _any_of(word for words in table("pay")["unit_words"].values() for word in words)
    pay, salary, whole = (_any_of(labels[kind]) for kind in ("pay", "salary", "sum"))
    # A period word alone is a label only with a colon or dash behind it: not "fixed 2 bugs".
    return re.compile(
        rf"(?<!\w)(?:(?P<unit>{units})\s*)?(?:(?:(?P<salary>{salary})|(?P<sum>{whole})|{pay})\s*){{1,3}}(?:(?:is|of|around|about|approx\.?|only)\s*){{0,2}}[:=(\-–]?\s*$"  # noqa: RUF001
        rf"|(?<!\w)(?P<alone>{units})\s*[:(\-–]\s*[\[\'\"]*$",  # noqa: RUF001 - as people write
        re.IGNORECASE,
    )


@cache
def _unit_word_pattern() -> re.Pattern[str]:
    units = _any_of(word for words in table("pay")["unit_words"].values() for word in words)
    tax = r"(?:(?:gross|net|brutto|netto)(?:\s\d)?[\s,]*)?"
    return re.compile(rf"\s*[,(/-]?\s*{tax}(?P<unit>{units})(?!\w)", re.IGNORECASE)


@cache
def _after_pattern() -> re.Pattern[str]:
    words = _any_of(table("pay")["not_pay"]["after"])
    return re.compile(rf"\+?\s*\(?(?:{words})(?!\w)", re.IGNORECASE)


@cache
def _before_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{_any_of(table('pay')['not_pay']['before'])})(?:\s(?:is|of))?\s*[:=(]?\s*$",
        re.IGNORECASE,
    )


@cache
def _piece_pattern() -> re.Pattern[str]:
    pieces = _any_of(table("pay")["pieces"]["words"])
    return re.compile(
        rf"\s*(?:(?:/|an?\b|each\b)\s*(?:\d[\d,]*k?\s*)?(?:{pieces})s?(?!\w)|each\b|per\s+\w)", re.IGNORECASE
    )
