"""Country names as people and platforms write them, to ISO 3166 alpha-2 codes."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pipelines.data import table
from pipelines.text import FIELD_LIMIT, clip

_NOT_WORDS = re.compile(r"[^\w]+")


def country_code(name: str) -> str | None:
    """Return the ISO 3166 alpha-2 code of a country, ``None`` if ``name`` names none.

    Codes of two and three letters, English names and common variants are known; case, accents and
    punctuation do not matter. Of "Faro, Portugal" the last part counts.
    """
    text = clip(name, FIELD_LIMIT)
    known = _codes()
    return known.get(_key(text)) or known.get(_key(text.rpartition(",")[2]))


@cache
def country_words() -> frozenset[str]:
    """Return the words that country names are made of, in small letters, but for those of many names.

    Words of three letters and fewer are left out (they are codes, and words of languages), except for the two
    that everybody writes.
    """
    common = set(table("countries")["common"]["words"])
    words = {word for name in _codes() for word in name.split() if len(word) > 3}  # noqa: PLR2004 - codes
    return frozenset(words - common) | {"uk", "usa"}


@cache
def _codes() -> dict[str, str]:
    countries: dict[str, list[str]] = table("countries")["countries"]
    names = {_key(name): code for code, written in countries.items() for name in written}
    return names | {_key(code): code for code in countries}


def _key(name: str) -> str:
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", name.casefold().replace(".", "").replace("&", " and "))
        if not unicodedata.combining(character)
    )
    return " ".join(word for word in _NOT_WORDS.sub(" ", plain).split() if word != "the")
