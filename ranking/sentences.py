"""A post's text for reading relations: look-alike letters told apart no more, sentence by sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ranking.tables import table

_END = re.compile(
    r"(?:(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bdr)(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bno)(?<!\bst)\.|[!?])"
    r"[.!?\"')\]]{0,5}(?=\s)|\n",
    re.IGNORECASE,
)
_LONGEST = 400
"""Characters of a sentence; a longer one is read in pieces, so that reading takes linear time."""
_SEPARATORS = dict.fromkeys(map(ord, " \t.-_*'\"~|/\n"))


class _Folding(dict[int, int]):
    """Characters by the plain Latin letter they look like; worked out once for each character met."""

    def __missing__(self, point: int) -> int:
        base = unicodedata.normalize("NFKD", chr(point))[0]
        self[point] = point if point < 0x80 or not base.isascii() else ord(base)  # noqa: PLR2004 - ASCII
        return self[point]


@cache
def _folding() -> _Folding:
    return _Folding({ord(other): ord(plain) for other, plain in table("look_alikes")["letters"].items()})


def fold(text: str) -> str:
    """Return ``text`` with look-alike, full-width and accented letters made plain; of the same length."""
    return text if text.isascii() else text.translate(_folding())


def dense(text: str) -> str:
    """Return ``text`` in small letters without what people put between letters to hide a word."""
    return text.lower().translate(_SEPARATORS)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as folded text, its ``dense`` form, and where in the text it starts."""

    text: str
    dense: str
    start: int


def sentences(folded: str) -> tuple[Sentence, ...]:
    """Return the sentences of a folded text in order; each line is at least one of its own."""
    return tuple(
        Sentence(folded[start:end], dense(folded[start:end]), start)
        for start, end in _spans(folded)
        if not folded[start:end].isspace()
    )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in (*(match.end() for match in _END.finditer(text)), len(text)):
        while end - start > _LONGEST:
            cut = text.rfind(" ", start + 1, start + _LONGEST)
            cut = cut if cut > start else start + _LONGEST
            yield start, cut
            start = cut
        if end > start:
            yield start, end
        start = end
