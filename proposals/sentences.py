"""Cuts the text of a post into sentences, keeping quotations whole; notes what stands in an asking list."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
from dataclasses import dataclass

from proposals.askwords import AskWords

_QUOTED = re.compile(r"[\"“«][^\"“”«»\n]{1,160}[\"”»]")
_END = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s)\s*|[✅✔•▪●]")
_BULLET = re.compile(r"^\s*(?:[-*•▪●◦–—✅✔➤►]+|\(?\d{1,2}[.):]|\(?[a-zA-Z][.)])\s*")
_SPACES = re.compile(r"\s+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|approx|no|incl|ex)\.$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence or list item: clean text, its line's number, and whether it answers to an asking lead."""

    text: str
    paragraph: int
    under_asking_lead: bool = False
    quoted: bool = False


def read_sentences(text: str, words: AskWords) -> list[Sentence]:
    """Return the sentences of ``text`` (its first ``words.max_text`` characters)."""
    found: list[Sentence] = []
    leading = False
    blank = False
    for number, line in enumerate(text[: words.max_text].splitlines()):
        if not line.strip():
            blank = True
            continue
        item = bool(_BULLET.match(line))
        parts = list(_cut(line, words.max_sentence))
        if leading and not item and (blank and not parts[0].endswith("?")):
            leading = False
        listed = leading and len(line) < 300  # noqa: PLR2004 - a longer line is prose after the list
        found.extend(
            Sentence(
                text=part, paragraph=number, under_asking_lead=listed, quoted=part.startswith(('"', "“"))
            )
            for part in parts
        )
        if words.asking_lead.match(parts[-1]):
            leading = True
        elif not listed:
            leading = False
        blank = False
    return found


def _cut(line: str, longest: int) -> list[str]:
    """Return the sentences of one line; a full stop inside a quotation does not end one."""
    quotations = [match.span() for match in _QUOTED.finditer(line)]
    parts, start = [], 0
    for end in _END.finditer(line):
        inside = any(left < end.start() and end.start() + 1 < right for left, right in quotations)
        if inside or _ABBREVIATION.search(line[max(0, end.start() - 8) : end.start() + 1]):
            continue
        parts.append(line[start : end.end()])
        start = end.end()
    parts.append(line[start:])
    clean = [_SPACES.sub(" ", _BULLET.sub("", part)).strip()[:longest] for part in parts]
    return [part for part in clean if part] or [line.strip()[:longest]]
