"""Foreign values as text: lists inside cells, objects that are one value, and words for "nothing here"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pipelines.skills import canonical_skill, find_skills
from spiders.parsers.jsontext import as_text, loads

_UNSTATED = frozenset(
    {"", "n/a", "na", "none", "null", "nan", "-", "--", "undefined", "not specified", "nil"}
)
_NAMES = ("prefLabel", "prettyName", "displayValue", "label", "name", "code")
_AMOUNTS = ("amount", "rawValue", "value")
_CURRENCIES = ("currencyCode", "isoCurrencyCode", "currency")
_LISTED = re.compile(r"""'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)\"""")
_BREAK = re.compile(r"[,;|\n•]")
_ZERO = re.compile("0")
_DIGIT = re.compile("[1-9]")
_LIST_LENGTH = 20_000
_FEW_WORDS = 3


def stated(value: Any) -> str | None:
    """Return ``value`` as text, ``None`` where it is absent or a word for "not stated".

    Of an object its name is taken (an object without one states nothing), of a list its members; a list of
    one in a cell (``['$50.00']``) is that one.
    """
    text = _text(value)
    if text.startswith("["):
        members = members_of(text)
        if len(members) == 1:
            text = members[0]
    return None if text.strip().lower() in _UNSTATED else text


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
    if isinstance(value, list):
        return ", ".join(text for item in value if (text := _text(item).strip()))
    return as_text(value)


def is_single(value: dict[str, Any]) -> bool:
    """Return whether the object ``value`` is one value, by its name or its amount, rather than several."""
    return any(isinstance(value.get(key), str) for key in (*_NAMES, *_AMOUNTS))


def money(value: Any) -> tuple[str | None, str | None]:
    """Return the amount and the currency in ``value``, zero and unstated amounts as ``None``."""
    text, currency = amount_of(value)
    if text is None or (_ZERO.search(text) and not _DIGIT.search(text)):
        return None, currency
    return text, currency


def amount_of(value: Any) -> tuple[str | None, str | None]:
    """Return the amount, zero included, and the currency in ``value``.

    ``value`` is a text, a number or an object such as ``{"amount": "500.0", "currencyCode": "USD"}``.
    """
    currency = None
    if isinstance(value, dict):
        currency = next((stated(value[key]) for key in _CURRENCIES if value.get(key)), None)
        value = next((value[key] for key in _AMOUNTS if value.get(key) is not None), None)
    text = stated(value)
    return text.strip() if text is not None else None, currency


def members_of(text: str) -> tuple[str, ...]:
    """Return the texts of a list written as JSON or as Python prints it; none if it is no list of texts."""
    if len(text) > _LIST_LENGTH or not text.rstrip().endswith("]"):
        return ()
    try:
        value = loads(text)
    except (ValueError, RecursionError):
        pairs = _LISTED.findall(text)
        return tuple(re.sub(r"\\(.)", r"\1", one or two) for one, two in pairs)
    return tuple(_text(item) for item in value) if isinstance(value, list) else ()


def skills_of(value: Any) -> tuple[str, ...]:
    """Return the skills in a list, or in a text that lists them; each once, blanks left out.

    A text of several words without any separator is a row of tags run together: only known skills count.
    """
    if isinstance(value, list):
        return _each(_text(item) for item in value)
    text = stated(value)
    if text is None:
        return ()
    if text.startswith("[") and text.rstrip().endswith("]"):
        return _each(members_of(text))
    parts = _each(_BREAK.split(text))
    if len(parts) != 1 or len(parts[0].split()) < _FEW_WORDS or canonical_skill(parts[0]) != parts[0]:
        return parts
    found = find_skills(parts[0])
    return found if len(found) > 1 or len(parts[0].split()) > _FEW_WORDS else parts


def _each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in names if (name := " ".join(part.split()))))
