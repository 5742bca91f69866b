"""A post's text for reading relations: look-alike letters told apart no more, sentence by sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from ranking.tables import table

_END = re.compile(
    r"(?:(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bdr)(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bno)(?<!\bst)\.|[!?])"
    r"[.!?\"')\]]{0,5}(?=\s)",
    re.IGNORECASE,
)
_LONGEST = 400
"""Characters of a sentence; a longer one is read in pieces, so that reading takes linear time."""
_SEPARATORS = dict.fromkeys(map(ord, " \t.-_*'\"~|"))


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


class Lines:
    """A folded text by lines, each split into sentences when first asked for: few ever are."""

    def __init__(self, folded: str) -> None:
        self._lines = folded.split("\n")
        self.dense = dense(folded)
        self._dense = self.dense.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]
        self._read: dict[int, tuple[Sentence, ...]] = {}

    def with_any(self, words: Collection[str]) -> Iterator[Sentence]:
        """Yield in order the sentences in whose dense form one of ``words`` stands."""
        for place, line in enumerate(self._dense):
            if any(word in line for word in words):
                for part in self._sentences(place):
                    if any(word in part.dense for word in words):
                        yield part

    def _sentences(self, place: int) -> tuple[Sentence, ...]:
        if place not in self._read:
            line, first = self._lines[place], self._starts[place]
            self._read[place] = tuple(
                Sentence(line[start:end], dense(line[start:end]), first + start)
                for start, end in _spans(line)
            )
        return self._read[place]


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
