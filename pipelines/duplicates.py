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

from domain.posts import StoredPost
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
    """A post reduced to what is compared: its title and description as words."""

    post_id: str
    title: tuple[str, ...]
    words: tuple[str, ...]
    shingles: frozenset[int]


def find_duplicates(
    posts: Iterable[StoredPost], *, known_pairs: Collection[tuple[str, str]] = ()
) -> list[DuplicateMark]:
    """Return a mark for each of ``posts`` that repeats an earlier one; marks point at originals only.

    The original is the post seen first, and of those seen together the one published first. ``known_pairs``
    are pairs (post, original) that were judged before, either way: they are not proposed again.
    """
    index = _Index()
    judged = set(known_pairs)
    marks = []
    for stored in sorted(posts, key=_age):
        text = _text(stored)
        match = index.best_match(text)
        if match is None:
            index.add(text)
            continue
        original, score, reason = match
        if (text.post_id, original) not in judged:
            marks.append(DuplicateMark(post_id=text.post_id, of_post_id=original, score=score, reason=reason))
    return marks


def _age(stored: StoredPost) -> tuple[datetime, datetime, str]:
    return stored.first_seen, stored.post.date_posted or _END, stored.post_id


def _text(stored: StoredPost) -> _Text:
    limit = table("duplicates")["thresholds"]["characters"]
    words = tuple(_WORD.findall(clip(stored.post.description, limit).casefold()))
    size = table("duplicates")["shingles"]["words"]
    shingles = frozenset(
        zlib.crc32(" ".join(words[place : place + size]).encode()) for place in range(len(words) - size + 1)
    )
    return _Text(stored.post_id, tuple(_WORD.findall(stored.post.title.casefold())), words, shingles)


_Match = tuple[str, float, str]


def _holds_whole(one: _Text, other: _Text) -> bool:
    """Return whether the longer text is the shorter one word for word, with a little before or behind."""
    thresholds = table("duplicates")["thresholds"]
    shorter, longer = sorted((one, other), key=lambda text: len(text.words))
    enough = len(shorter.words) >= thresholds["whole_words"]
    little = len(shorter.words) >= thresholds["whole_share"] * len(longer.words)
    return enough and little and shorter.shingles <= longer.shingles


class _Index:
    """The originals so far, found by shared sketch hashes, or by equal words where texts are short."""

    def __init__(self) -> None:
        self._by_hash: dict[int, list[int]] = defaultdict(list)
        self._by_words: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
        self._texts: list[_Text] = []

    def add(self, text: _Text) -> None:
        place = len(self._texts)
        self._texts.append(text)
        self._by_words.setdefault((text.title, text.words), place)
        most = table("duplicates")["shingles"]["most_sharers"]
        for number in _sketch(text.shingles):
            if len(self._by_hash[number]) < most:
                self._by_hash[number].append(place)

    def best_match(self, text: _Text) -> _Match | None:
        """Return the original that ``text`` repeats, the score and the reason, or ``None``."""
        if _says_nothing(text):
            return None
        same = self._by_words.get((text.title, text.words))
        if same is not None:
            return self._texts[same].post_id, 1.0, "same title and text"
        if _is_short(text):
            return None
        matches = [found for place in self._candidates(text) if (found := _compare(text, self._texts[place]))]
        return max(matches, key=lambda match: match[1], default=None)

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
    titles = "same title" if same_title else "another title"
    return original.post_id, round(score, 3), f"{titles}, {score:.0%} of the text in common"
