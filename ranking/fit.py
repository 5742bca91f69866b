"""How well posts suit the person: skills asked for, told or inferred, and closeness of words and meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from domain.posts import StoredPost
from domain.profile import Profile
from ranking.inference import NOTHING, Inference, is_tagged
from ranking.mentions import Mentions, SkillMatcher, is_broad
from ranking.results import Fit, Part
from ranking.seams import Matrix
from ranking.similarity import TextSpace
from ranking.tables import Curve, on_curve, table
from ranking.words import share

Column = NDArray[np.float64]
DECIMALS = 4
"""What components are rounded to before they are weighted, so that the score can be made again from them."""


def profile_queries(profile: Profile) -> list[str]:
    """Return the texts to embed for ``profile``: every skill by name, each once."""
    return list(dict.fromkeys(skill.name for skill in profile.skills if skill.name.strip()))


def fit_posts(
    posts: Sequence[StoredPost],
    space: TextSpace,
    profile: Profile,
    *,
    post_vectors: Mapping[str, Matrix],
    profile_vectors: Mapping[str, Matrix],
    inference: Inference = NOTHING,
    matcher: SkillMatcher | None = None,
) -> list[Fit]:
    """Return the fit of each of ``posts`` (all of them in ``space``), in the same order.

    Two components, weighted as ``fit.toml`` says: which of the person's skills the post asks for (the
    client's tags, or where there are none the tags of similar posts, ``inference``, and the title), and how
    close words and meaning are. ``post_vectors`` are unit vectors by text hash, ``profile_vectors`` by the
    texts of :func:`profile_queries`; where one is missing, the closeness of meaning is estimated from words.
    ``matcher`` is one for the person's skills, if there is one already.
    """
    data = table("fit")
    lexical = _calibrated(space.words.similarity(_query(profile)), data["calibration"]["lexical"])
    levels = np.array(list(_level_weights(profile)))
    meaning = _meaning(posts, profile, levels, post_vectors, profile_vectors)
    reader = _Reader(profile, levels, inference, matcher or SkillMatcher(profile.skills))
    return [
        reader.fit(stored, lexical=float(lexical[space.place[stored.post_id]]), meaning=near)
        for stored, near in zip(posts, meaning, strict=True)
    ]


def _query(profile: Profile) -> str:
    names = (name for skill in profile.skills for name in (skill.name, *skill.aliases))
    return " ".join((profile.headline, *names))


def _level_weights(profile: Profile) -> Iterator[float]:
    data = table("fit")
    for skill in profile.skills:
        yield data["level"][skill.level.value] * (1.0 if skill.want else data["want"]["no"])


def _calibrated(values: Column, curve: Curve) -> Column:
    return np.interp(values, [point[0] for point in curve], [point[1] for point in curve])


def _meaning(
    posts: Sequence[StoredPost],
    profile: Profile,
    levels: Column,
    post_vectors: Mapping[str, Matrix],
    profile_vectors: Mapping[str, Matrix],
) -> list[float | None]:
    """Return for each post the mean of its best similarities to the person's skills; ``None`` if unknown."""
    known = [place for place, stored in enumerate(posts) if stored.text_hash in post_vectors]
    found: list[float | None] = [None] * len(posts)
    count = min(int(table("fit")["closeness"]["best"]), len(levels))
    if not profile_vectors or not known or not count:
        return found
    blank = np.zeros(len(next(iter(profile_vectors.values()))), dtype=np.float32)
    rows = np.stack([post_vectors[posts[place].text_hash] for place in known])
    columns = np.stack([profile_vectors.get(skill.name, blank) for skill in profile.skills])
    cosine = rows.astype(np.float64) @ columns.astype(np.float64).T
    calibrated = _calibrated(cosine, table("fit")["calibration"]["similarity"]) * levels
    best = np.sort(calibrated, axis=1)[:, -count:].mean(axis=1)
    for place, value in zip(known, best.tolist(), strict=True):
        found[place] = value
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a post asks of the person's skills: a strength up to 1 for each it does, and how that is known."""

    strength: Mapping[str, float]
    inferred: tuple[tuple[str, float], ...]
    inferred_missing: tuple[str, ...]
    weight: float
    source: str


class _Reader:
    """Puts one fit together; what does not depend on the post is looked up once."""

    def __init__(self, profile: Profile, levels: Column, inference: Inference, matcher: SkillMatcher) -> None:
        self._inference = inference
        self._matcher = matcher
        self._level = {
            skill.name: level for skill, level in zip(profile.skills, levels.tolist(), strict=True)
        }
        self._wanted = {skill.name: skill.want for skill in profile.skills}
        self._data = table("fit")
        self._needed = max(1, min(int(self._data["asked"]["needed"]), len(profile.skills)))
        most, half = self._data["weights"]["asked"], self._data["inference"]["half_after"]
        self._weight_inferred = round(most * inference.tagged / (inference.tagged + half), DECIMALS)

    def fit(self, stored: StoredPost, *, lexical: float, meaning: float | None) -> Fit:
        """Return the fit of ``stored`` whose words and meaning are that close, both from 0 to 1."""
        mentions = self._matcher.find(stored.post)
        asked = self._asked(stored, mentions)
        skills = round(self._worth(asked.strength) / self._needed, DECIMALS)
        told = self._told(mentions)
        lexical, told = round(lexical, DECIMALS), round(told, DECIMALS)
        near = round(self._estimated(lexical, skills) if meaning is None else meaning, DECIMALS)
        close = self._data["closeness"]
        whole = near + close["words"] * lexical + close["told"] * told
        closeness = round(whole / (1 + close["words"] + close["told"]), DECIMALS)
        index = asked.weight * skills + (1 - asked.weight) * closeness
        unwanted = self._unwanted(mentions)
        wanted = round(1 - self._data["want"]["penalty"] * unwanted, DECIMALS)
        stretched = round(on_curve(self._data["calibration"]["score"], index), DECIMALS)
        score = round(stretched * wanted, DECIMALS)
        basis = "no vector, estimated from words" if meaning is None else "your best three skills"
        parts = [
            Part(label="skills asked for", value=f"{share(skills)} x {asked.weight:g}", source=asked.source),
            Part(
                label="closeness",
                value=f"{share(closeness)} x {1 - asked.weight:g}",
                source="of the next three",
            ),
            Part(label="meaning", value=f"{share(near)} x 1", source=basis),
            Part(label="words shared", value=f"{share(lexical)} x {close['words']:g}", source="TF-IDF"),
            Part(label="named", value=f"{share(told)} x {close['told']:g}", source="in title or text"),
            Part(label="sum", value=share(index), source="of skills asked for and closeness"),
            Part(label="stretched", value=share(stretched), source="by the curve in fit.toml"),
        ]
        if unwanted:
            parts += [Part(label="not wanted", value=f"x {share(wanted)}", source="want = false")]
        return Fit(
            score=score,
            asked=skills,
            lexical=lexical,
            semantic=near,
            matched=mentions.named + mentions.told,
            missing=mentions.missing,
            inferred=asked.inferred,
            inferred_missing=asked.inferred_missing,
            parts=tuple(parts),
        )

    def _asked(self, stored: StoredPost, mentions: Mentions) -> _Asked:
        strength: dict[str, float] = {}
        rules = self._data["asked"]
        if is_tagged(stored.post):
            for name in (name for tag in stored.post.skills for name in self._matcher.covering[tag]):
                strength[name] = 1.0
            self._add_titled(strength, mentions)
            return _Asked(
                strength=strength,
                inferred=(),
                inferred_missing=(),
                weight=self._data["weights"]["asked"],
                source="the client's tags",
            )
        shares = self._inference.shares.get(stored.post_id, {})
        others = []
        covering, shown = self._matcher.covering, rules["shown"]
        for tag, weight in shares.items():
            names = covering[tag]
            for name in names:
                strength[name] = max(strength.get(name, 0.0), weight)
            if weight >= shown and not names and not is_broad(tag):
                others.append(tag)
        said = {*mentions.named, *mentions.told}
        inferred = [
            (name, round(weight, 2))
            for name, weight in strength.items()
            if weight >= shown and name not in said
        ]
        self._add_titled(strength, mentions)
        known = self._inference.tagged
        return _Asked(
            strength=strength,
            inferred=tuple(sorted(inferred, key=lambda each: (-each[1], each[0]))),
            inferred_missing=tuple(others[: int(rules["shown_most"])]),
            weight=self._weight_inferred,
            source=f"no tags; those of like texts among {known:,} tagged posts" if known else "no tags",
        )

    def _add_titled(self, strength: dict[str, float], mentions: Mentions) -> None:
        for name in mentions.named:
            strength[name] = min(1.0, strength.get(name, 0.0) + self._data["asked"]["named"])

    def _worth(self, strength: Mapping[str, float]) -> float:
        """Return the sum of ``strength`` by the person's levels, the same in any order."""
        return fsum(weight * self._level[name] for name, weight in strength.items())

    def _told(self, mentions: Mentions) -> float:
        close = self._data["closeness"]
        most, needed = close["told_in_text"], self._needed
        named = sum(sorted((self._level[name] for name in mentions.named), reverse=True)[:needed])
        told = sum(sorted((self._level[name] for name in mentions.told), reverse=True)[:needed])
        return float(min(1.0, (named + most * told) / needed))

    def _estimated(self, lexical: float, skills: float) -> float:
        row = self._data["without_vectors"]
        return float(row["constant"] + row["words"] * lexical + row["asked"] * min(1.0, skills))

    def _unwanted(self, mentions: Mentions) -> float:
        """Return the share of the skills named in title or tags that the person does not want to use."""
        if not mentions.named:
            return 0.0
        return sum(not self._wanted[name] for name in mentions.named) / len(mentions.named)
