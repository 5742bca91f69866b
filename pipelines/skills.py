"""Skill names: one canonical name per skill, and finding them in running text, in one pass over its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipelines.data import table
from pipelines.text import FIELD_LIMIT, clean_text, clip

_WORD = re.compile(r"(?<![^\W_])\.net(?![^\W_])|[^\W_]+(?:\+\+|\#)?", re.IGNORECASE)
_JOINT = re.compile(r"[ \t]|[./&_'’+-]|[ \t][&/-][ \t]")  # noqa: RUF001 - as people write
_WINDOW = 6  # words on either side that give an ambiguous word its meaning
_PLURAL_FROM = 4  # letters; shorter words are abbreviations ("AWS") more often than plurals


@dataclass(frozen=True, slots=True)
class _Token:
    """A word as written and in small letters; ``joined`` is whether it belongs to the word before it."""

    written: str
    word: str
    joined: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill named in a text: its canonical name and where it stands, in characters."""

    skill: str
    start: int
    end: int


def canonical_skill(name: str) -> str:
    """Return the canonical name of a skill given as a tag; an unknown one is cleaned and kept as written."""
    text = clean_text(clip(name, FIELD_LIMIT), single_line=True)
    return _index().names.get(tuple(token.word for token in _tokens(text)), text)


def find_skills(text: str) -> tuple[str, ...]:
    """Return the canonical skills that ``text`` names, in order of first mention, each once.

    Whole words only; words with other meanings count by the rules of the table's ``ambiguous`` section.
    Linear in the length of ``text``.
    """
    return tuple(dict.fromkeys(mention.skill for mention in skill_mentions(text)))


def skill_mentions(text: str) -> Iterator[Mention]:
    """Yield every place where ``text`` names a skill, in order; by the rules of :func:`find_skills`."""
    tokens = list(_tokens(text))
    place = 0
    while place < len(tokens):
        skill, length = _longest(tokens, place)
        if skill is not None:
            yield Mention(skill, tokens[place].start, tokens[place + length - 1].end)
        place += length


def _longest(tokens: Sequence[_Token], place: int) -> tuple[str | None, int]:
    """Return the skill with the longest name starting at ``place`` and the number of words it takes."""
    for words, skill in _index().by_first_word.get(tokens[place].word, ()):
        part = tokens[place : place + len(words)]
        if len(part) < len(words) or not all(token.joined for token in part[1:]):
            continue
        if all(token.word == word for token, word in zip(part, words, strict=True)) and _meant(
            tokens, place, len(words)
        ):
            return skill, len(words)
    return None, 1


def _meant(tokens: Sequence[_Token], place: int, length: int) -> bool:
    """Return whether the words at ``place`` mean the skill, by the rules for ambiguous words."""
    end = place + length
    phrase = " ".join(token.word for token in tokens[place:end])
    rule = _ambiguous().get(phrase) or _ambiguous().get(phrase.removesuffix("s"))
    if rule is None:
        return True
    if tokens[place].written not in rule["written"]:
        return False
    before = tokens[place - 1].word if place else ""
    after = tokens[end].word if end < len(tokens) else ""
    if after in rule.get("not_before", ()) or before in rule.get("not_after", ()):
        return False
    near = rule.get("near")
    around = (*tokens[max(0, place - _WINDOW) : place], *tokens[end : end + _WINDOW])
    return not near or any(token.word in near for token in around)


def _tokens(text: str) -> Iterator[_Token]:
    end = 0
    for match in _WORD.finditer(text):
        joined = bool(_JOINT.fullmatch(text, end, match.start()))
        yield _Token(match[0], match[0].casefold(), joined, match.start(), match.end())
        end = match.end()


_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Index:
    """Names by their words, and the same by first word with the longest first."""

    names: Mapping[_Words, str]
    by_first_word: Mapping[str, Sequence[tuple[_Words, str]]]


@cache
def _index() -> _Index:
    names: dict[_Words, str] = {}
    for skill, aliases in _skills():
        for alias in (skill, *aliases):
            words = tuple(token.word for token in _tokens(alias))
            names[words] = skill
            last = words[-1]
            if len(last) >= _PLURAL_FROM and last.isalpha() and not last.endswith("s"):
                names.setdefault((*words[:-1], f"{last}s"), skill)
    by_first_word: dict[str, list[tuple[_Words, str]]] = {}
    for words in sorted(names, key=len, reverse=True):
        by_first_word.setdefault(words[0], []).append((words, names[words]))
    return _Index(names, by_first_word)


def _skills() -> Iterator[tuple[str, list[str]]]:
    for section, skills in table("skills").items():
        if section != "ambiguous":
            yield from skills.items()


def _ambiguous() -> Mapping[str, Any]:
    rules: Mapping[str, Any] = table("skills")["ambiguous"]
    return rules
