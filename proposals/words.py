"""Words of a text: tokens for comparing, and cutting without breaking a word."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

_TOKEN = re.compile(r"[a-z0-9][a-z0-9+#.]*[a-z0-9+#]|[a-z0-9]")


def content_words(text: str) -> frozenset[str]:
    """Return the words of ``text`` that carry meaning, lower case, plural and -ing endings cut."""
    found = (_stem(word) for word in _TOKEN.findall(text.casefold()) if word not in _common())
    return frozenset(found)


@cache
def _common() -> frozenset[str]:
    table = tomllib.loads(files("proposals").joinpath("data/words.toml").read_text(encoding="utf-8"))
    return frozenset(table["common"])


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 2 and not word.endswith("ss"):  # noqa: PLR2004 - "aws" stays
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def overlap(left: str, right: str) -> float:
    """Return the share of the smaller text's words found in the other, from 0 to 1; 0 for empty ones."""
    one, other = content_words(left), content_words(right)
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def mentions(text: str, phrase: str) -> bool:
    """Return whether ``phrase`` stands in ``text`` as whole words, ignoring case."""
    if not phrase.strip():
        return False
    return bool(re.search(rf"(?<![\w+#]){re.escape(phrase.strip())}(?![\w+#])", text, re.IGNORECASE))


def clip(text: str, longest: int) -> str:
    """Return ``text`` in one line of at most ``longest`` characters, cut between words with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    return line[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:-–") + "…"


def one_line(text: str) -> str:
    """Return ``text`` without line breaks and control characters, spaces collapsed."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def as_sentence(text: str) -> str:
    """Return ``text`` in one line that ends with a full stop, or empty if there is none."""
    line = one_line(text)
    return line if not line or line.endswith((".", "!", "?", "…")) else line + "."
