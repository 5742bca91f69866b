"""The language of a text by its script, or by the share of very common words. Small, fast, deterministic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from pipelines.data import table
from pipelines.text import clip

_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of ``text``, ``None`` when unsure.

    Known are en, es, fr, de, pt, it, nl by their words and ru, ar, zh, ja, ko, hi by their script; other
    languages of those scripts are not told apart.
    """
    opening = clip(text, table("languages")["limits"]["characters"])
    return _by_script(opening) or _by_words(opening)


def _by_script(text: str) -> str | None:
    if not _any_script().search(text):
        return None
    letters = Counter(_script(character) for character in text if character.isalpha())
    total = letters.total()
    limits = table("languages")["limits"]
    east = letters["ja"] + letters["zh"]
    if total and east / total >= limits["script_share"]:
        return "ja" if letters["ja"] / east >= limits["kana_share"] else "zh"
    others = [
        name for name in ("ru", "ar", "ko", "hi") if total and letters[name] / total >= limits["script_share"]
    ]
    return max(others, key=lambda name: letters[name]) if others else None


def _script(character: str) -> str:
    if character.isascii():
        return ""
    point = ord(character)
    return next((name for low, high, name in _scripts() if low <= point <= high), "")


@cache
def _any_script() -> re.Pattern[str]:
    return re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high, _ in _scripts()) + "]")


def _by_words(text: str) -> str | None:
    limits = table("languages")["limits"]
    words = _WORD.findall(text.casefold())
    if len(words) < limits["words"]:
        return None
    hits = Counter(language for word in words for language in _languages().get(word, ()))
    (first, most), (_, next_most), *_ = [*hits.most_common(2), ("", 0), ("", 0)]
    sure = most / len(words) >= limits["share"] and most >= next_most * limits["lead"]
    return first if sure and first else None


@cache
def _scripts() -> list[tuple[int, int, str]]:
    return [
        (int(span.partition("-")[0], 16), int(span.partition("-")[2], 16), name)
        for name, spans in table("languages")["scripts"].items()
        for span in spans
    ]


@cache
def _languages() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, words in table("languages")["stop_words"].items():
        for word in words:
            found[word] = (*found.get(word, ()), language)
    return found
