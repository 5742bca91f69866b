"""Which of the person's skills a post names, on word boundaries, by name or alias."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from domain.posts import JobPosting
from domain.profile import Skill
from ranking.tables import table

_BEFORE, _AFTER = r"(?<![\w@#])", r"(?![\w+#])"


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to write a skill: ``needle`` must be in the lower-case text before ``pattern`` is tried.

    The pattern is for the text as written if ``exact``, else for its lower case.
    """

    needle: str
    pattern: re.Pattern[str]
    exact: bool = False


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


@lru_cache(maxsize=4096)
def _patterns(name: str) -> tuple[_Name, ...]:
    """Return the ways ``name`` is written in running text."""
    return tuple(_written(name))


def _written(name: str) -> Iterator[_Name]:
    stem = _stem(name)
    written = name
    if stem is not None:
        yield _Name(stem, _bounded(stem, "[ .]?js"))
        written = stem.capitalize()
    exact = written.lower() in _words("english", "words")
    if exact and written.islower():
        written = written.capitalize()
    first, *others = (written if exact else written.lower()).split() or [""]
    if first:
        rest = "".join(rf"\s+{re.escape(word)}" for word in others)
        yield _Name(_needle(written), _bounded(first, rest), exact)


def _bounded(first: str, rest: str) -> re.Pattern[str]:
    """Return a pattern for whole words, beginning with a literal: those are found fast."""
    word = re.escape(first)
    return re.compile(rf"{word}{_BEFORE.replace(')', word + ')')}{rest}{_AFTER}")


def _needle(name: str) -> str:
    """Return the longest word of ``name`` in lower case: the one that fewest texts have."""
    return max(name.lower().split(), key=len, default="")


@lru_cache(maxsize=4096)
def word_pattern(word: str) -> re.Pattern[str]:
    """Return a pattern for ``word`` (or phrase) on word boundaries, in any case and spacing."""
    body = r"\s+".join(re.escape(part) for part in word.split())
    return re.compile(_BEFORE + body + _AFTER, re.IGNORECASE)


class SkillMatcher:
    """Finds a person's skills in posts; made once per ranking."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        self._names = tuple(skill.name for skill in skills)
        self._text = tuple(
            (way.needle, way.pattern, way.exact, skill.name)
            for skill in skills
            for name in all_names(skill)
            for way in _patterns(name)
        )
        self.covering: Mapping[str, frozenset[str]] = _Covering(skills)
        """The person's skills by name that a tag asks for, by the tag."""

    def find(self, post: JobPosting) -> Mentions:
        """Return the person's skills that ``post`` names, in their order, and the tags not covered."""
        covered = [self.covering[tag] for tag in post.skills]
        named = self._in_text(post.title).union(*covered)
        told = self._in_text(post.description) - named
        missing = [
            tag for tag, skills in zip(post.skills, covered, strict=True) if not skills and not is_broad(tag)
        ]
        return Mentions(
            named=tuple(name for name in self._names if name in named),
            told=tuple(name for name in self._names if name in told),
            missing=tuple(dict.fromkeys(missing)),
        )

    def _in_text(self, text: str) -> set[str]:
        lower = text.lower()
        return {
            skill
            for needle, pattern, exact, skill in self._text
            if needle in lower and pattern.search(text if exact else lower)
        }


class _Covering(dict[str, frozenset[str]]):
    """Skills by tag, looked up once for each tag."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        super().__init__()
        self._ways = tuple(
            (_needle(name), word_pattern(name), skill.name) for skill in skills for name in _tag_names(skill)
        )

    def __missing__(self, tag: str) -> frozenset[str]:
        lower = tag.lower()
        self[tag] = frozenset(
            skill for needle, pattern, skill in self._ways if needle in lower and pattern.search(tag)
        )
        return self[tag]


def _tag_names(skill: Skill) -> Iterable[str]:
    for name in all_names(skill):
        stem = _stem(name)
        yield from (name,) if stem is None else (stem, f"{stem}.js", f"{stem}js")
