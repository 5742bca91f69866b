"""Cuts the text of a post into sentences, keeping quotations whole; notes what stands in an asking list."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from proposals.askwords import AskWords

_QUOTED = re.compile(r"[\"“«][^\"“”«»\n]{1,160}[\"”»]")
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"”’')\]]*+(?=\s)\s*+|[✅✔•▪●❌]|\?(?=[A-Z])")
_ITEM = re.compile(r"(?<=[\w.:)!?])\s+(?:[-–•]\s+(?=[A-Z])|\(?\d{1,2}[.)]\s*(?=[A-Z\"“]))")
_BULLET = re.compile(
    r"^\s*(?:[-*•▪●◦–—✅✔➤►→⇨]+|[^\w\s\"“'‘(@#\[<$*¿¡&]+|\(?\d{1,2}[.):](?!\d)|\(?[a-zA-Z][.)])\s*(?=\S)"
)
_MARKUP = re.compile(r"^[*_#\s]+|[*_\s]+$")
_SPACES = re.compile(r"\s+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|approx|no|ref|incl|ex)\.$", re.IGNORECASE)
_MAY_LEAD = re.compile(
    r"question|following|(?:explain|include|send|provide|share|submit|answer)\W*$", re.IGNORECASE
)
_LONG_ITEM = 300  # a longer line is prose after the list
_INLINE_ITEMS = 2  # dashes or numbers within a long line that make a list of it
_INLINE_LINE = 200
_WRAPPED = 40  # a shorter line that ends without a full stop is a line of its own
_UNWRAPPED = 1000
_HEADING = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence or list item: clean text, its line's number, and whether it answers to an asking lead.

    ``under_asking_lead`` is true of the items of a list of what to send or answer; ``applying`` of whatever
    stands in the part of the post that is about applying.
    """

    text: str
    paragraph: int
    under_asking_lead: bool = False
    applying: bool = False
    quoted: bool = False


def read_sentences(text: str, words: AskWords) -> list[Sentence]:
    """Return the sentences of ``text`` (its first ``words.max_text`` characters)."""
    reader = _Reader(words)
    for number, line in enumerate(_lines(text[: words.max_text])):
        reader.take(number, line)
    return reader.found


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of ``text``, those that were wrapped within a sentence put together again."""
    held = ""
    for line in text.splitlines():
        if line[:1].islower() and _WRAPPED <= len(held) < _UNWRAPPED and held[-1].isalnum():
            held = f"{held.rstrip()} {line}"
            continue
        if held:
            yield held
        held = line.rstrip()
        if not held:
            yield ""
    if held:
        yield held


def is_lead(text: str, words: AskWords) -> bool:
    """Return whether a list of what to send or answer follows ``text``."""
    may = text[-1:] in ":–-*" or _MAY_LEAD.search(text)
    return bool(may and words.asking_lead.match(text))


class _Reader:
    """Reads line after line and knows whether a list of asks, or the part about applying, goes on."""

    def __init__(self, words: AskWords) -> None:
        self.found: list[Sentence] = []
        self._words = words
        self._listing = False
        self._applying = False
        self._blank = False

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        if not line.strip():
            self._blank = True
            return
        words = self._words
        parts = list(_cut(line, words.max_sentence))
        self._heading(parts)
        item = bool(_BULLET.match(line))
        if self._listing and self._ends_list(parts[0], item=item):
            self._listing = False
        listed = self._listing and len(line) < _LONG_ITEM
        for part in parts:
            if self._applying and words.farewell.match(part):
                self._applying = False
            asked = listed or self._listing
            self.found.append(
                Sentence(
                    text=part,
                    paragraph=number,
                    under_asking_lead=asked and (part.endswith("?") or not words.list_end.match(part)),
                    applying=self._applying,
                    quoted=part.startswith(('"', "“")),
                )
            )
            if is_lead(part, words):
                self._listing = True
        if not (listed or is_lead(parts[-1], words)):
            self._listing = False
        self._blank = False

    def _heading(self, parts: list[str]) -> None:
        """Let a heading begin or end the part about applying."""
        heading = _MARKUP.sub("", parts[0]).strip()
        if len(parts) > 1 or len(heading) > _HEADING:
            return
        if self._words.apply_heading.match(heading):
            self._applying = self._listing = True
            self._blank = False
        elif self._words.work_heading.match(heading) and not is_lead(heading, self._words):
            self._applying = self._listing = False

    def _ends_list(self, first: str, *, item: bool) -> bool:
        if item or first.endswith("?"):
            return False
        if self._words.list_end.match(first):
            return True
        return self._blank and not self._words.list_item.match(first)


def _cut(line: str, longest: int) -> list[str]:
    """Return the sentences of one line; a full stop inside a quotation does not end one."""
    quotations = [match.span() for match in _QUOTED.finditer(line)]
    parts, start = [], 0
    for end in sorted({match.span() for match in (*_END.finditer(line), *_inline_items(line))}):
        inside = any(left < end[0] and end[0] + 1 < right for left, right in quotations)
        if inside or end[0] < start or _ABBREVIATION.search(line[max(0, end[0] - 8) : end[0] + 1]):
            continue
        parts.append(line[start : end[1]])
        start = end[1]
    parts.append(line[start:])
    clean = [_SPACES.sub(" ", _bare(part)).strip().rstrip("•–-").rstrip()[:longest] for part in parts]
    return [part for part in clean if part] or [line.strip()[:longest]]


def _bare(part: str) -> str:
    """Return an item without its bullet; a line that is nothing else stays as it is."""
    return _BULLET.sub("", part) or part


def _inline_items(line: str) -> list[re.Match[str]]:
    """Return the dashes and numbers between the items of a list that was written without line breaks."""
    found = list(_ITEM.finditer(line)) if len(line) > _INLINE_LINE else []
    return found if len(found) >= _INLINE_ITEMS else []
