"""What is made of posts, for everybody and for a person: what was made last while it holds, else anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from bidwright.kept import Kept
from domain.posts import StoredPost
from domain.profile import Profile
from ranking.appraisal import (
    Appraisal,
    FeeFor,
    appraise,
    count_worth_embedding,
    fits_by_words,
    worth_embedding,
)
from ranking.exchange import Exchange
from ranking.inference import Inference
from ranking.market import Market
from ranking.readings import Readings, read_in
from ranking.results import Fit, RiskFlag
from ranking.similarity import TextSpace

if TYPE_CHECKING:
    from importlib.abc import Traversable

    from ranking.seams import Matrix

_DECIDE = ("domain", "ranking")
"""Packages whose code and tables decide what is made of a post."""
_SEPARATOR = "\x1f"


@dataclass(frozen=True, kw_only=True)
class AtHand:
    """The posts to appraise, in the order of their ids, and closed ones that tell of others.

    ``closed_marks`` name the latter and their content; ``closed`` gives them, for those who need their text.
    """

    posts: Sequence[StoredPost]
    closed_marks: Sequence[Sequence[str]]
    closed: Callable[[], Sequence[StoredPost]]


@dataclass(frozen=True, kw_only=True)
class Mind:
    """What a person and the model bring: vectors of posts by text hash, of the person's texts, and fees."""

    model_id: str
    vectors_of: Callable[[Sequence[str]], Mapping[str, Matrix]]
    own: Mapping[str, Matrix]
    fee_for: FeeFor


@dataclass(frozen=True, kw_only=True)
class _Told:
    """Readings without the texts, which are at hand."""

    inference: Inference
    market: Market
    risks: Mapping[str, tuple[RiskFlag, ...]]


class Appraiser:
    """Makes readings and appraisals for one workspace; ``folder`` holds those made last."""

    def __init__(self, folder: Path, exchange: Exchange) -> None:
        self._folder = folder
        self._exchange = exchange
        self._told = Kept(folder / "readings.json", TypeAdapter(_Told))
        self._readings: tuple[str, Readings] | None = None
        self._fits: tuple[str, dict[str, Fit]] | None = None
        self._chosen: dict[str, Kept[list[str]]] = {}
        self._appraisals: dict[str, Kept[dict[str, Appraisal]]] = {}

    def worth_embedding(self, at_hand: AtHand, profile: Profile) -> list[StoredPost]:
        """Return those of the posts at hand that the model is to read for ``profile``."""
        if count_worth_embedding(len(at_hand.posts)) >= len(at_hand.posts):
            return list(at_hand.posts)
        key = self._key(at_hand, profile)
        kept = self._chosen.setdefault(
            profile.name, Kept(self._file("best", profile), TypeAdapter(list[str]))
        )
        chosen = set(kept.get(key, lambda: worth_embedding(self._by_words(key, at_hand, profile))))
        return [stored for stored in at_hand.posts if stored.post_id in chosen]

    def appraisals(self, at_hand: AtHand, profile: Profile, mind: Mind) -> Mapping[str, Appraisal]:
        """Return the appraisal of each post at hand for ``profile``, by id."""
        base = self._key(at_hand, profile)
        vectors = mind.vectors_of([stored.text_hash for stored in self.worth_embedding(at_hand, profile)])
        fees = {stored.post.channel: stored.post for stored in at_hand.posts}
        key = _digest(
            [base, mind.model_id],
            [sorted(vectors), sorted(mind.own)],
            [(channel, repr(mind.fee_for(post))) for channel, post in sorted(fees.items())],
        )

        def make() -> dict[str, Appraisal]:
            return appraise(
                at_hand.posts,
                self.readings(at_hand),
                profile,
                fits=self._by_words(base, at_hand, profile),
                post_vectors=vectors,
                profile_vectors=mind.own,
                fee_for=mind.fee_for,
                exchange=self._exchange,
            )

        kept = self._appraisals.setdefault(
            profile.name, Kept(self._file("appraisals", profile), TypeAdapter(dict[str, Appraisal]))
        )
        return kept.get(key, make)

    def readings(self, at_hand: AtHand) -> Readings:
        """Return what the posts at hand say whoever reads them."""
        key = self._posts_key(at_hand)
        if self._readings is None or self._readings[0] != key:
            space = TextSpace((*at_hand.closed(), *at_hand.posts))

            def make() -> _Told:
                made = read_in(space, at_hand.posts, self._exchange)
                return _Told(inference=made.inference, market=made.market, risks=made.risks)

            told = self._told.get(key, make)
            made = Readings(space=space, inference=told.inference, market=told.market, risks=told.risks)
            self._readings = (key, made)
        return self._readings[1]

    def forget(self) -> None:
        """Remove everything kept, with the words of posts that stand in it."""
        self._told.forget()
        self._told.forget()
        self._readings = self._fits = None
        self._chosen, self._appraisals = {}, {}
        for path in self._folder.glob("*.json"):  # those of other people in this workspace too
            path.unlink(missing_ok=True)

    def _by_words(self, key: str, at_hand: AtHand, profile: Profile) -> dict[str, Fit]:
        if self._fits is None or self._fits[0] != key:
            self._fits = (key, fits_by_words(at_hand.posts, self.readings(at_hand), profile))
        return self._fits[1]

    def _posts_key(self, at_hand: AtHand) -> str:
        return _digest([_program(), repr(self._exchange)], map(_mark, at_hand.posts), at_hand.closed_marks)

    def _key(self, at_hand: AtHand, profile: Profile) -> str:
        return _digest([self._posts_key(at_hand), repr(profile)])

    def _file(self, name: str, profile: Profile) -> Path:
        return self._folder / f"{name}-{_digest([profile.name])[:12]}.json"


def _mark(stored: StoredPost) -> tuple[str, ...]:
    """Return what of a post decides what is made of it; when it was last seen is none of it."""
    post = stored.post
    counts = (post.proposals_min, post.proposals_max, post.interviewing, post.hires, post.connects)
    more = repr(sorted(post.extra.items())) if post.extra else ""
    return stored.post_id, stored.content_hash, stored.cluster, str(stored.first_seen), repr(counts), more


def _digest(*groups: Iterable[str | Iterable[str]]) -> str:
    """Return a hash of texts and groups of texts, in their order."""
    digest = hashlib.sha256()
    for group in groups:
        for each in group:
            digest.update((each if isinstance(each, str) else _SEPARATOR.join(each)).encode())
            digest.update(b"\n")
        digest.update(b"\n")
    return digest.hexdigest()


@cache
def _program() -> str:
    """Return a hash of the code and tables that decide: an older version's appraisals do not hold."""
    return _digest(*([(path, text) for path, text in _sources(files(name), name)] for name in _DECIDE))


def _sources(folder: Traversable, path: str) -> Iterable[tuple[str, str]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        own = f"{path}/{each.name}"
        if each.is_dir():
            yield from _sources(each, own)
        elif each.name.endswith((".py", ".toml")):
            yield own, each.read_text(encoding="utf-8")
