"""How likes and dislikes shift scores: by declared amounts, within bounds, each shift with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.posts import StoredPost
from domain.preferences import Opinion, Preference
from domain.profile import Profile, Skill
from ranking.exchange import Exchange
from ranking.likeness import client_key
from ranking.mentions import word_pattern
from ranking.preference_reasons import Aspect, Focus, PayLevel, is_about, pay_level, read_reasons
from ranking.results import Part
from ranking.shifts import NO_SHIFT, UNIT, Row, Shift, Sum, merged, summed
from ranking.tables import table
from ranking.words import listed


@dataclass(frozen=True, slots=True)
class _Known:
    """One preference with everything it is compared by."""

    preference: Preference
    focus: Focus
    client: str | None
    features: frozenset[str]
    pay: PayLevel | None

    @property
    def sign(self) -> int:
        return 1 if self.preference.opinion is Opinion.LIKE else -1

    @property
    def name(self) -> str:
        return f"{self.preference.opinion.value} of {self.preference.stored.post_id}"


class Taste:
    """A person's preferences, prepared once per ranking; ``shift`` gives what they do to one post."""

    def __init__(self, preferences: Sequence[Preference], profile: Profile, exchange: Exchange) -> None:
        self._exchange, self._currency = exchange, profile.rates.currency
        ordered = sorted(preferences, key=lambda each: (each.at, each.stored.post_id))
        self._known = [self._prepared(each, profile) for each in ordered]
        # Of several opinions on repeats of one post the last one stands.
        self._by_cluster = {each.preference.stored.cluster: each for each in self._known}
        data = table("preference")["shift"]
        by_client: dict[str, list[_Shifting]] = {}
        by_term: dict[str, list[_Shifting]] = {}
        for each in self._known:
            if each.client is not None and Aspect.CLIENT in each.focus.aspects:
                row = _row(each, data["client"], "same client")
                by_client.setdefault(each.client, []).append(_Shifting(each, row))
            for term in each.focus.terms:
                row = _row(each, data["word"], f"about {term}")
                by_term.setdefault(term.casefold(), []).append(_Shifting(each, row))
        self._by_client = {key: _Together(rows) for key, rows in by_client.items()}
        self._by_term = {key: _Together(rows) for key, rows in by_term.items()}
        self._by_pay = [
            (each.pay, _Shifting(each, _row(each, data["pay"], "pay")))
            for each in self._known
            if each.pay is not None
        ]
        self._similar = _Overlap([each for each in self._known if Aspect.SKILLS in each.focus.aspects])

    def _prepared(self, preference: Preference, profile: Profile) -> _Known:
        stored = preference.stored
        named = _skills_named(stored, profile.skills)
        focus = read_reasons(preference.because, (*stored.post.skills, *(s.name for s in profile.skills)))
        by_pay = Aspect.PAY in focus.aspects
        return _Known(
            preference,
            focus,
            client_key(stored),
            _features(stored, named),
            pay_level(stored.post, self._exchange, self._currency) if by_pay else None,
        )

    def dismissed(self, stored: StoredPost) -> str | None:
        """Return why a disliked post, or a repeat of it, is left out; ``None`` for any other."""
        known = self._by_cluster.get(stored.cluster)
        if known is None or known.sign > 0:
            return None
        return f"disliked: {'; '.join(known.preference.because) or 'you gave no reason'}"

    def shift(self, stored: StoredPost, matched: Sequence[str], score: float) -> Shift:
        """Return what preferences add to the ``score`` (0 to 1) of a post with the skills ``matched``.

        The sum is held within the bounds of ``preference.toml``, and the score within 0 and 1.
        """
        if not self._known:
            return NO_SHIFT
        own = self._by_cluster.get(stored.cluster)
        found = merged([
            *self._of_post(stored, own),
            self._similar.sum_for(_features(stored, matched), without=own),
            *(rows.sum(own) for term, rows in self._by_term.items() if is_about(term, stored.post, matched)),
            *self._of_pay(stored, own),
        ])  # fmt: skip
        return found.bounded(score) if found.count else NO_SHIFT

    def _of_post(self, stored: StoredPost, own: _Known | None) -> Iterator[Sum]:
        """Yield what the opinion on the post itself, and those on others of its client, shift."""
        if own is not None:
            yield summed([_row(own, table("preference")["shift"]["post"])])
        key = client_key(stored)
        if key is not None and key in self._by_client:
            yield self._by_client[key].sum(own)

    def _of_pay(self, stored: StoredPost, own: _Known | None) -> Iterator[Sum]:
        """Yield what opinions about pay shift."""
        level = pay_level(stored.post, self._exchange, self._currency) if self._by_pay else None
        if level is not None:
            yield summed([
                each.row
                for pay, each in self._by_pay
                if each.known is not own and pay.is_met_by(level, liked=each.row.units > 0)
            ])  # fmt: skip

    def described(self) -> dict[str, tuple[str, ...]]:
        """Return in words what each preference shifts, by post id."""
        return {each.preference.stored.post_id: tuple(_effects(each)) for each in self._known}


def _row(known: _Known, amount: float, why: str = "") -> Row:
    return Row(known.sign * round(amount * UNIT), f"{known.name} ({why})" if why else known.name)


@dataclass(frozen=True, slots=True)
class _Shifting:
    """A preference with what it shifts wherever it applies."""

    known: _Known
    row: Row


class _Together:
    """Preferences that apply together, summed once; a post's own opinion counts elsewhere."""

    def __init__(self, rows: Sequence[_Shifting]) -> None:
        self._rows = rows
        self._all = summed([each.row for each in rows])
        self._known = frozenset(id(each.known) for each in rows)

    def sum(self, without: _Known | None) -> Sum:
        if without is None or id(without) not in self._known:
            return self._all
        return summed([each.row for each in self._rows if each.known is not without])


def preference_reasons(parts: Sequence[Part]) -> Iterator[str]:
    """Yield one sentence on what preferences did to a score, if they did anything."""
    told = [f"{part.value} {part.source}" for part in parts if part.label == "preference"]
    if told:
        yield f"Your preferences: {', '.join(told)}"


class _Overlap:
    """Finds the preferences that share features with a post, by how much, for many posts in a row."""

    def __init__(self, known: Sequence[_Known]) -> None:
        self._known = known
        self._sizes = np.array([len(each.features) for each in known], dtype=np.float64)
        self._columns: dict[str, NDArray[np.float64]] = {}
        for place, each in enumerate(known):
            for feature in each.features:
                self._columns.setdefault(feature, np.zeros(len(known)))[place] = 1.0
        self._seen: dict[frozenset[str], Sum] = {}

    def sum_for(self, features: frozenset[str], *, without: _Known | None) -> Sum:
        """Return what similar preferences shift a post with ``features``; ``without`` counts elsewhere."""
        if without is not None:
            return self._find(features, without)
        if features not in self._seen:
            self._seen[features] = self._find(features, None)
        return self._seen[features]

    def _find(self, features: frozenset[str], without: _Known | None) -> Sum:
        columns = [self._columns[feature] for feature in features if feature in self._columns]
        if not columns:
            return Sum()
        common = np.sum(columns, axis=0)
        shares = common / (self._sizes + len(features) - common)
        data = table("preference")
        near = np.flatnonzero(shares >= data["similar"]["least"]).tolist()
        chosen = [(self._known[place], float(shares[place])) for place in near]
        return summed([
            _row(known, data["shift"]["similar"] * share, _told(tuple(sorted(features & known.features))))
            for known, share in chosen
            if known is not without
        ])  # fmt: skip


def _features(stored: StoredPost, matched: Sequence[str]) -> frozenset[str]:
    """Return what posts are compared by: skills, tags and category, in small letters."""
    skills = {name.casefold() for name in (*stored.post.skills, *matched)}
    category = (stored.post.category or "").strip().casefold()
    return frozenset(skills | ({f"category {category}"} if category else set()))


def _skills_named(stored: StoredPost, skills: Sequence[Skill]) -> list[str]:
    """Return the person's skills that the words of a post name."""
    post = stored.post
    text = "\n".join((post.title, *post.skills, post.description))
    return [
        skill.name
        for skill in skills
        if any(word_pattern(name).search(text) for name in (skill.name, *skill.aliases) if name.strip())
    ]


def _told(common: tuple[str, ...]) -> str:
    skills = tuple(name for name in common if not name.startswith("category "))
    return f"skills: {listed(skills)}" if skills else listed(common)


def _effects(known: _Known) -> Iterator[str]:
    data: Mapping[str, float] = table("preference")["shift"]
    post = known.preference.stored.post
    yield f"this post {data['post']:+g}" if known.sign > 0 else "this post is left out"
    sign, aspects = known.sign, known.focus.aspects
    if Aspect.CLIENT in aspects and known.client is not None:
        yield f"other posts of {post.client.name or 'its client'} {sign * data['client']:+g}"
    if Aspect.SKILLS in aspects and known.features:
        shared = _told(tuple(sorted(known.features)))
        yield f"similar posts up to {sign * data['similar']:+g} ({shared})"
    if known.focus.terms:
        yield f"posts about {listed(known.focus.terms)} {sign * data['word']:+g}"
    if known.pay is not None:
        yield f"posts that pay {known.pay.words(liked=sign > 0)} {sign * data['pay']:+g}"
