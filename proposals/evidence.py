"""Which past work a proposal points to: the one that covers the post's skills and reads like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.posts import JobPosting
from domain.profile import Evidence, Profile, Skill
from proposals.settings import draft_rules
from proposals.words import content_words, mentions, overlap

Likeness = Callable[[Evidence], float]
"""Similarity of one piece of evidence to the post, 0..1, worked out beforehand (for instance a cosine)."""


def choose_evidence(
    post: JobPosting, profile: Profile, likeness: Likeness | None = None
) -> tuple[Evidence, ...]:
    """Return the person's evidence for ``post``, best first, at most ``evidence.most`` of ``drafts.toml``.

    Worth is a weighted sum of the share of the evidence's skills that the post names and of ``likeness``
    (by default the overlap of words), and more where the title names one of them or the work has a result.
    What has too little worth is left out; the second shows what the first does not. Ties keep the profile's
    order.
    """
    rules = draft_rules()
    text = post_text(post)
    names = _spellings(profile)
    weights = _rarity(profile)
    weighed = []
    for place, evidence in enumerate(profile.evidence):
        shared = {name for name in evidence.skills if name.strip() and _any_of(names, name, text)}
        total = sum(weights[name.casefold()] for name in evidence.skills if name.strip())
        cover = sum(weights[name.casefold()] for name in shared) / total if total else 0.0
        like = likeness(evidence) if likeness else overlap(_words(evidence), text)
        titled = any(_any_of(names, name, post.title) for name in shared)
        told = rules.told_weight * bool(evidence.result.strip())
        worth = rules.title_weight * titled + rules.skill_weight * cover + rules.likeness_weight * like
        if worth >= rules.least_evidence and (cover > 0 or likeness):
            weighed.append(_Weighed(worth=round(worth + told, 6), place=place, shared=frozenset(shared)))
    return tuple(profile.evidence[each.place] for each in _best(weighed, rules.most_evidence))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    worth: float
    place: int
    shared: frozenset[str]


def _best(weighed: list[_Weighed], most: int) -> list[_Weighed]:
    """Return the best, then those that show skills which the ones before do not, then the rest."""
    chosen: list[_Weighed] = []
    shown: frozenset[str] = frozenset()
    left = list(weighed)
    while left and len(chosen) < most:
        following = min(left, key=lambda each: (not (each.shared - shown), -each.worth, each.place))
        first = following if chosen else min(left, key=lambda each: (-each.worth, each.place))
        chosen.append(first)
        shown |= first.shared
        left.remove(first)
    return chosen


def matched_skills(post: JobPosting, profile: Profile) -> tuple[Skill, ...]:
    """Return the person's skills that the post names under any name: in its title first, then by years."""
    text = post_text(post)
    found = [skill for skill in profile.skills if any(mentions(text, name) for name in _names(skill))]
    return tuple(sorted(found, key=lambda skill: (not _in_title(skill, post), -(skill.years or 0))))


def missing_skills(post: JobPosting, profile: Profile) -> tuple[str, ...]:
    """Return the skills the post lists that the profile does not state under any name."""
    held = {name.casefold() for skill in profile.skills for name in _names(skill)}
    stated = " ".join(part for item in profile.evidence for part in item.skills)
    return tuple(name for name in post.skills if name.casefold() not in held and not mentions(stated, name))


def post_text(post: JobPosting) -> str:
    """Return the text of a post that skills are looked for in."""
    return "\n".join((post.title, " , ".join(post.skills), post.description))


def _names(skill: Skill) -> tuple[str, ...]:
    return (skill.name, *skill.aliases)


def _in_title(skill: Skill, post: JobPosting) -> bool:
    return any(mentions(post.title, name) for name in _names(skill))


def _words(evidence: Evidence) -> str:
    return f"{evidence.title} {evidence.summary}"


def _spellings(profile: Profile) -> dict[str, tuple[str, ...]]:
    """Return every name of each skill, by the one the profile lists it under."""
    return {skill.name.casefold(): _names(skill) for skill in profile.skills}


def _any_of(names: Mapping[str, tuple[str, ...]], skill: str, text: str) -> bool:
    return any(mentions(text, name) for name in names.get(skill.casefold(), (skill,)))


def _rarity(profile: Profile) -> dict[str, float]:
    """Return what each skill weighs: the less, the more of the person's work shows it.

    What is everywhere tells nothing apart.
    """
    common = Counter(name.casefold() for item in profile.evidence for name in item.skills)
    return {name: 1 / count for name, count in common.items()}


def closest_answer(question: str, profile: Profile) -> str:
    """Return the person's stored answer to a question worded like ``question``, or empty."""
    rules = draft_rules()
    asked = content_words(question)
    best: tuple[float, str] = (0.0, "")
    for stored in profile.answers:
        known = content_words(stored.question)
        shared = len(asked & known)
        smaller, larger = sorted((len(asked), len(known)))
        if (
            not smaller
            or shared / smaller < rules.least_of_smaller
            or shared / larger < rules.least_of_larger
        ):
            continue
        best = max(best, (shared / larger, stored.answer), key=lambda row: row[0])
    return best[1]
