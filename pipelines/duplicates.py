"""Posts that repeat others: marks with a score and a reason, which the person can undo. Nothing is dropped.

Each post is compared only with earlier originals that share one of its rarest five-word shingles (bottom-k
sketches of hashes), so the work grows with the number of posts, not with its square.
"""

from __future__ import annotations

import heapq
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from domain.posts import PostText
from pipelines.countries import country_words
from pipelines.data import table
from pipelines.text import clip

_WORD = re.compile(r"\w+")
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateMark:
    """``post_id`` repeats the older ``of_post_id``; ``score`` is the share of its text in common, 0..1."""

    post_id: str
    of_post_id: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A post reduced to what is compared: title and description as words, the employer if named."""

    post_id: str
    source: str
    title: tuple[str, ...]
    words: tuple[str, ...]
    employer: str | None
    shingles: frozenset[int]


def find_duplicates(
    posts: Iterable[PostText], *, different: Collection[tuple[str, str]] = ()
) -> list[DuplicateMark]:
    """Return a mark for each of ``posts`` that repeats an earlier one; marks point at originals only.

    The original is the post seen first, and of those seen together the one published first. ``different``
    are pairs that a person has told apart, named either way round: they are never proposed again.
    """
    index = _Index(different)
    marks = []
    for post in sorted(posts, key=_age):
        text = _text(post)
        match = index.best_match(text)
        if match is None:
            index.add(text)
            continue
        original, score, reason = match
        marks.append(DuplicateMark(post_id=text.post_id, of_post_id=original, score=score, reason=reason))
    return marks


def _age(post: PostText) -> tuple[datetime, datetime, str]:
    return post.first_seen, post.date_posted or _END, post.post_id


def _text(post: PostText) -> _Text:
    limit = table("duplicates")["thresholds"]["characters"]
    words = tuple(_WORD.findall(clip(post.description, limit).casefold()))
    size = table("duplicates")["shingles"]["words"]
    shingles = frozenset(
        zlib.crc32(" ".join(words[place : place + size]).encode()) for place in range(len(words) - size + 1)
    )
    employer = post.employer.casefold() if post.employer else None
    return _Text(post.post_id, post.source, _title_words(post.title), words, employer, shingles)


def _title_words(title: str) -> tuple[str, ...]:
    """Return the words of ``title`` without what a marketplace adds to one that is there already."""
    return tuple(_WORD.findall(_added_to_titles().sub("", title.casefold())))


@cache
def _added_to_titles() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(table('duplicates')['titles']['added'])})\s*$")


_Match = tuple[str, float, str]


def _holds_whole(one: _Text, other: _Text) -> bool:
    """Return whether the longer text is the shorter one word for word, with a little before or behind."""
    thresholds = table("duplicates")["thresholds"]
    shorter, longer = sorted((one, other), key=lambda text: len(text.words))
    enough = len(shorter.words) >= thresholds["whole_words"]
    little = len(shorter.words) >= thresholds["whole_share"] * len(longer.words)
    return enough and little and shorter.shingles <= longer.shingles


def _is_another_job(one: _Text, other: _Text) -> bool:
    """Return whether two posts of one text are two jobs.

    Under one title they are where each names a country that the other does not. Under two titles of a
    named employer they are on one board, which often shows the same lines about the company under every job;
    another board may have the title in other words. Else they are where the texts differ by just what the
    titles differ by: one page for every place or role.
    """
    if one.title == other.title:
        return _names_another_country(one, other) and _names_another_country(other, one)
    if one.employer is not None and other.employer is not None:
        return one.source == other.source or not _titles_are_near(one, other)
    return _own_words_in_title(one, other) and _own_words_in_title(other, one)


def _titles_are_near(one: _Text, other: _Text) -> bool:
    common = len(set(one.title) & set(other.title))
    near = float(table("duplicates")["titles"]["near"])
    return common >= near * len({*one.title, *other.title})


def _names_another_country(one: _Text, other: _Text) -> bool:
    return not country_words().isdisjoint(set(one.words) - set(other.words))


def _own_words_in_title(one: _Text, other: _Text) -> bool:
    only_here = set(one.title) - set(other.title)
    return bool(only_here and only_here & (set(one.words) - set(other.words)))


class _Index:
    """The originals so far, found by shared sketch hashes, or by equal words where texts are short."""

    def __init__(self, different: Collection[tuple[str, str]]) -> None:
        self._different = {frozenset(pair) for pair in different}
        self._by_hash: dict[int, list[int]] = defaultdict(list)
        self._by_words: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = defaultdict(list)
        self._texts: list[_Text] = []

    def add(self, text: _Text) -> None:
        place = len(self._texts)
        self._texts.append(text)
        self._by_words[text.title, text.words].append(place)
        most = table("duplicates")["shingles"]["most_sharers"]
        for number in _sketch(text.shingles):
            if len(self._by_hash[number]) < most:
                self._by_hash[number].append(place)

    def best_match(self, text: _Text) -> _Match | None:
        """Return the original that ``text`` repeats, the score and the reason, or ``None``."""
        if _says_nothing(text):
            return None
        for place in self._by_words.get((text.title, text.words), ()):
            if not self._told_apart(text, place):
                return self._texts[place].post_id, 1.0, "same title and text"
        if _is_short(text):
            return None
        matches = [
            found
            for place in self._candidates(text)
            if not self._told_apart(text, place) and (found := _compare(text, self._texts[place]))
        ]
        return max(matches, key=lambda match: match[1], default=None)

    def _told_apart(self, text: _Text, place: int) -> bool:
        return frozenset((text.post_id, self._texts[place].post_id)) in self._different

    def _candidates(self, text: _Text) -> Sequence[int]:
        shared = Counter(
            place for number in _sketch(text.shingles) for place in self._by_hash.get(number, ())
        )
        most = table("duplicates")["shingles"]["candidates"]
        return [
            place for place, _ in heapq.nsmallest(most, shared.items(), key=lambda item: (-item[1], item[0]))
        ]


def _sketch(shingles: Collection[int]) -> list[int]:
    return heapq.nsmallest(table("duplicates")["shingles"]["sketch"], shingles)


def _says_nothing(text: _Text) -> bool:
    rules = table("duplicates")
    few = len(text.words) < int(rules["thresholds"]["least_words"])
    return few or "".join(text.words) in rules["placeholders"]["texts"]


def _is_short(text: _Text) -> bool:
    return len(text.words) < int(table("duplicates")["thresholds"]["short_words"])


def _compare(text: _Text, original: _Text) -> _Match | None:
    if _is_short(original):
        return None
    thresholds = table("duplicates")["thresholds"]
    common = len(text.shingles & original.shingles)
    score = common / (len(text.shingles) + len(original.shingles) - common)
    same_title = text.title == original.title
    if score < thresholds["text_with_title" if same_title else "text"] and not _holds_whole(text, original):
        return None
    if _is_another_job(text, original):
        return None
    titles = "same title" if same_title else "another title"
    return original.post_id, round(score, 3), f"{titles}, {score:.0%} of the text in common"
