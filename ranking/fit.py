"""How well posts suit the person: words shared, closeness of meaning, and skills one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.posts import StoredPost
from domain.profile import Profile
from ranking.lexical import lexical_similarity
from ranking.mentions import Mentions, SkillMatcher
from ranking.results import Fit, Part
from ranking.seams import Matrix
from ranking.tables import Curve, on_curve, table
from ranking.words import share

Column = NDArray[np.float64]


def profile_queries(profile: Profile) -> list[str]:
    """Return the texts to embed for ``profile``: the headline, then every skill by name, each once."""
    texts = (profile.headline, *(skill.name for skill in profile.skills))
    return list(dict.fromkeys(text for text in texts if text.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closeness:
    """Calibrated similarities of all posts: ``headline`` (n,) and ``skills`` (n, number of skills).

    ``known`` (n,) is false where a post has no vector; its figures are 0 then.
    """

    headline: Column
    skills: Column
    known: NDArray[np.bool_]


def fit_posts(
    posts: Sequence[StoredPost],
    texts: Sequence[str],
    profile: Profile,
    *,
    post_vectors: Mapping[str, Matrix],
    profile_vectors: Mapping[str, Matrix],
) -> list[Fit]:
    """Return the fit of each of ``posts`` (with ``texts``, theirs), in the same order.

    ``post_vectors`` are unit vectors by text hash, ``profile_vectors`` by the texts of
    :func:`profile_queries`. A post without a vector is judged by words and mentions alone. Weights and curves
    stand in ``fit.toml``.
    """
    lexical = _calibrated(lexical_similarity(texts, _query(profile)), table("fit")["calibration"]["lexical"])
    closeness = _closeness(posts, profile, post_vectors, profile_vectors)
    matcher = SkillMatcher(profile.skills)
    levels = np.array(list(_level_weights(profile)))
    return [
        _fit(
            place, matcher.find(stored.post), float(lexical[place]), closeness, levels=levels, profile=profile
        )
        for place, stored in enumerate(posts)
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


def _closeness(
    posts: Sequence[StoredPost],
    profile: Profile,
    post_vectors: Mapping[str, Matrix],
    profile_vectors: Mapping[str, Matrix],
) -> _Closeness:
    curves, skills = table("fit")["calibration"], [skill.name for skill in profile.skills]
    asked = [profile.headline, *skills]
    blank = np.zeros(len(next(iter(profile_vectors.values()), ())), dtype=np.float32)
    known = np.array([stored.text_hash in post_vectors for stored in posts], dtype=np.bool_)
    if not profile_vectors or not known.any():
        empty = np.zeros((len(posts), len(skills)))
        return _Closeness(headline=np.zeros(len(posts)), skills=empty, known=np.zeros(len(posts), np.bool_))
    rows = np.stack([post_vectors.get(stored.text_hash, blank) for stored in posts])
    columns = np.stack([profile_vectors.get(text, blank) for text in asked])
    cosine = rows.astype(np.float64) @ columns.astype(np.float64).T
    return _Closeness(
        headline=_calibrated(cosine[:, 0], curves["headline"]) * known,
        skills=_calibrated(cosine[:, 1:], curves["similarity"]) * known[:, None],
        known=known,
    )


def _best(values: Column) -> float:
    """Return the mean of the best three (or of all, where the person lists fewer)."""
    count = min(int(table("fit")["per_skill"]["best"]), len(values))
    return float(np.sort(values)[-count:].mean()) if count else 0.0


def _fit(
    place: int, mentions: Mentions, lexical: float, closeness: _Closeness, *, levels: Column, profile: Profile
) -> Fit:
    data = table("fit")
    known = bool(closeness.known[place])
    row, weights = data["per_skill"], data["weights" if known else "without_vectors"]
    strength = dict.fromkeys(mentions.told, row["told"]) | dict.fromkeys(mentions.named, row["named"])
    mentioned = _best(np.array([strength.get(skill.name, 0.0) for skill in profile.skills]) * levels)
    similar = _best(closeness.skills[place] * levels)
    per_skill = (1 - row["mentions"]) * similar + row["mentions"] * mentioned if known else mentioned
    headline = float(closeness.headline[place])
    whole = weights["per_skill"] * per_skill + weights["lexical"] * lexical + weights["semantic"] * headline
    unwanted = _unwanted(mentions, profile)
    score = round(on_curve(data["calibration"]["score"], whole) * (1 - data["want"]["penalty"] * unwanted), 4)
    source = "fit.toml" if known else "fit.toml, no vector for this post"
    parts = [
        Part(label="skills", value=f"{share(per_skill)} x {weights['per_skill']:g}", source=source),
        Part(label="words shared", value=f"{share(lexical)} x {weights['lexical']:g}", source=source),
        Part(label="headline", value=f"{share(headline)} x {weights['semantic']:g}", source=source),
    ]
    parts += [Part(label="sum", value=share(whole), source="stretched to the score, fit.toml")]
    if unwanted:
        parts += [
            Part(
                label="not wanted", value=f"-{data['want']['penalty'] * unwanted:.0%}", source="want = false"
            )
        ]
    return Fit(
        score=score,
        lexical=round(lexical, 4),
        semantic=round(headline, 4),
        per_skill=round(per_skill, 4),
        matched=mentions.named + mentions.told,
        missing=mentions.missing,
        parts=tuple(parts),
    )


def _unwanted(mentions: Mentions, profile: Profile) -> float:
    """Return the share of the skills named in title or tags that the person does not want to work with."""
    wanted = {skill.name: skill.want for skill in profile.skills}
    if not mentions.named:
        return 0.0
    return sum(not wanted[name] for name in mentions.named) / len(mentions.named)
