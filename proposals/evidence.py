"""Which past work a proposal points to: the one that covers the post's skills and reads like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

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
    (by default the overlap of words). What has too little worth is left out; ties keep the profile's order.
    """
    rules = draft_rules()
    text = post_text(post)
    weighed = []
    for place, evidence in enumerate(profile.evidence):
        cover = _cover(evidence, text, profile)
        like = likeness(evidence) if likeness else overlap(_words(evidence), text)
        titled = rules.title_weight if cover and _cover(evidence, post.title, profile) else 0.0
        worth = titled + rules.skill_weight * cover + rules.likeness_weight * like
        if worth >= rules.least_evidence and (cover > 0 or likeness):
            weighed.append((-round(worth, 6), place, evidence))
    return tuple(
        evidence for _, _, evidence in sorted(weighed, key=lambda row: row[:2])[: rules.most_evidence]
    )


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


def _cover(evidence: Evidence, text: str, profile: Profile) -> float:
    """Return the share of the evidence's skills found in ``text``, under any name the profile gives them.

    A skill weighs the less, the more of the person's work shows it: what is everywhere tells nothing apart.
    """
    aliases = {skill.name.casefold(): _names(skill) for skill in profile.skills}
    common = Counter(name.casefold() for item in profile.evidence for name in item.skills)
    weights = {name: 1 / common[name.casefold()] for name in evidence.skills if name.strip()}
    found = [
        name
        for name in weights
        if any(mentions(text, other) for other in aliases.get(name.casefold(), (name,)))
    ]
    return sum(weights[name] for name in found) / sum(weights.values()) if weights else 0.0


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
