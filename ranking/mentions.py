"""Which of the person's skills a post names, on word boundaries, by name or alias."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from domain.posts import JobPosting
from domain.profile import Skill
from ranking.tables import table

_BEFORE, _AFTER = r"(?<![\w@#])", r"(?![\w+#])"


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to write a skill: ``needle`` must be in the lower-case text before ``pattern`` is tried."""

    needle: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What a post says of skills: the person's ``named`` in title or tags, or ``told`` in the text only.

    ``missing`` are the post's tags that no skill of the person covers, broad ones left out.
    """

    named: tuple[str, ...]
    told: tuple[str, ...]
    missing: tuple[str, ...]


@cache
def _words(section: str, key: str) -> frozenset[str]:
    return frozenset(table("mentions")[section][key])


def is_broad(tag: str) -> bool:
    """Return whether ``tag`` is so broad that it says next to nothing of the work."""
    return tag.casefold() in _words("broad", "tags")


def all_names(skill: Skill) -> tuple[str, ...]:
    """Return every way to name ``skill``: its name, its aliases, and what the table calls the same."""
    own = (skill.name, *skill.aliases)
    same = table("mentions")["same"]
    return tuple(dict.fromkeys((*own, *(other for name in own for other in same.get(name.lower(), ())))))


def _stem(name: str) -> str | None:
    """Return the bare name ("react") if ``name`` is a known JavaScript library, however written."""
    found = re.fullmatch(r"(?i)([a-z]\w*?)[ .]?(?:js)?", name)
    bare = found[1].lower() if found else ""
    return bare if bare in _words("javascript", "names") else None


def _patterns(name: str) -> Iterable[_Name]:
    """Yield the ways ``name`` is written in running text."""
    stem = _stem(name)
    written = name
    if stem is not None:
        yield _Name(stem, re.compile(rf"{_BEFORE}{re.escape(stem)}[ .]?js{_AFTER}", re.IGNORECASE))
        written = stem.capitalize()
    body = r"\s+".join(re.escape(word) for word in written.split())
    exact = written.lower() in _words("english", "words")
    if exact and written.islower():
        body = re.escape(written.capitalize())
    needle = written.split()[0].lower() if written.split() else ""
    if needle:
        yield _Name(needle, re.compile(_BEFORE + body + _AFTER, 0 if exact else re.IGNORECASE))


def word_pattern(word: str) -> re.Pattern[str]:
    """Return a pattern for ``word`` (or phrase) on word boundaries, in any case and spacing."""
    body = r"\s+".join(re.escape(part) for part in word.split())
    return re.compile(_BEFORE + body + _AFTER, re.IGNORECASE)


class SkillMatcher:
    """Finds a person's skills in posts; made once per ranking."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        self._text = tuple(
            (skill.name, tuple(way for name in all_names(skill) for way in _patterns(name)))
            for skill in skills
        )
        self._tag = tuple(
            (skill.name, tuple(word_pattern(name) for name in _tag_names(skill))) for skill in skills
        )
        self._by_tag: dict[str, frozenset[str]] = {}

    def find(self, post: JobPosting) -> Mentions:
        """Return the person's skills that ``post`` names, in their order, and the tags not covered."""
        covered = [self._of_tag(tag) for tag in post.skills]
        named = self._in_text(post.title).union(*covered)
        told = self._in_text(post.description) - named
        missing = [
            tag for tag, skills in zip(post.skills, covered, strict=True) if not skills and not is_broad(tag)
        ]
        return Mentions(
            named=tuple(name for name, _ in self._text if name in named),
            told=tuple(name for name, _ in self._text if name in told),
            missing=tuple(dict.fromkeys(missing)),
        )

    def covering(self, tag: str) -> frozenset[str]:
        """Return the person's skills by name that the tag ``tag`` asks for."""
        return self._of_tag(tag)

    def _in_text(self, text: str) -> set[str]:
        lower = text.lower()
        return {
            skill
            for skill, ways in self._text
            if any(way.needle in lower and way.pattern.search(text) for way in ways)
        }

    def _of_tag(self, tag: str) -> frozenset[str]:
        if tag not in self._by_tag:
            self._by_tag[tag] = frozenset(
                skill for skill, ways in self._tag if any(way.search(tag) for way in ways)
            )
        return self._by_tag[tag]


def _tag_names(skill: Skill) -> Iterable[str]:
    for name in all_names(skill):
        stem = _stem(name)
        yield from (name,) if stem is None else (stem, f"{stem}.js", f"{stem}js")
