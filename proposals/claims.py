"""What a text claims that the facts do not state: skills and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from domain.posts import JobPosting
from domain.profile import Profile
from proposals.evidence import missing_skills
from proposals.findings import Finding, each_line
from proposals.settings import DraftRules, draft_rules
from proposals.words import mentions

FindSkills = Callable[[str], Iterable[str]]
"""Names the skills a text mentions, by one canonical name each."""

_QUOTED = re.compile(r"[“\"][^”\"\n]{1,200}[”\"]")
_LINK = re.compile(r"https?://\S+|\bwww\.\S+")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d|(?<![\w.,])\d|(?<=[a-zA-Z])\d+(?![\w-])")
_MARKER = re.compile(r"^\s*(?:\(?\d{1,2}[.):]|[-*•])\s+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_YEARS = re.compile(r"\s*\+?\s*(?:-\s*)?(?:years?|yrs?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a text may claim from: ``own`` is the profile's words, ``given`` those of post and price."""

    own: str
    given: str = ""


def profile_text(profile: Profile) -> str:
    """Return every word of ``profile`` that a proposal may repeat; rates are not among them."""
    skills = (f"{each.name} {' '.join(each.aliases)} {each.years or ''}" for each in profile.skills)
    work = (
        f"{each.title}. {each.summary}. {each.result}. {each.url or ''} {' '.join(each.skills)}"
        for each in profile.evidence
    )
    answers = (f"{each.question} {each.answer}" for each in profile.answers)
    hours = " to ".join(f"{each:%H:%M}" for each in profile.working_hours or ())
    head = (
        profile.name,
        profile.headline,
        profile.summary,
        profile.country or "",
        profile.time_zone,
        f"{profile.hours_per_week or ''} hours a week",
        hours,
    )
    return "\n".join((*head, *skills, *work, *answers))


def numbers_in(text: str) -> frozenset[str]:
    """Return the numbers in ``text`` as digits without separators of thousands; ``7.80`` is ``7.8``."""
    return frozenset(_plain(found) for found in _NUMBER.findall(text))


def _plain(number: str) -> str:
    digits = re.sub(r",(?=\d{3}(?!\d))", "", number).replace(",", ".").rstrip(".")
    whole, point, decimals = digits.partition(".")
    decimals = decimals.rstrip("0")
    return (whole.lstrip("0") or "0") + (point + decimals if decimals else "")


def unstated_skills(
    lines: list[str], profile: Profile, post: JobPosting | None, find_skills: FindSkills | None = None
) -> Iterator[Finding]:
    """Yield skills that the text claims and the profile does not state.

    They are looked for among those the post lists, and among all that ``find_skills`` knows.
    """
    rules = draft_rules()
    own = profile_text(profile)
    missing = [name for name in missing_skills(post, profile) if not mentions(own, name)] if post else []
    held = frozenset(find_skills(own)) if find_skills else frozenset()

    def judge(quoting: str) -> str:
        line = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), quoting)
        for claim in rules.claim.finditer(line):
            reach = re.split(r"[.!?;](?:\s|$)", line[claim.end() : claim.end() + rules.claim_reach])[0]
            known = find_skills(reach) if find_skills else ()
            others = (name for name in known if name not in held and not mentions(own, name))
            skill = next((name for name in missing if mentions(reach, name)), None) or next(others, None)
            if skill:
                return (
                    f"claims {skill}, which the profile does not state: leave it out or add it to [[skills]]"
                )
        return ""

    yield from each_line(lines, "unstated-skill", judge)


def unstated_numbers(lines: list[str], facts: Facts, *, strict: bool = False) -> Iterator[Finding]:
    """Yield numbers claimed that stand in no fact.

    Only sentences that tell of the past or of oneself claim; ``strict`` takes every sentence as one that
    does, for text no person has written. Years of experience must be the person's own, not the post's.
    """
    rules = draft_rules()
    own, given = numbers_in(facts.own), numbers_in(facts.given)
    words = f"{facts.own}\n{facts.given}".casefold()

    def judge(line: str) -> str:
        bare = _MARKER.sub("", _LINK.sub(" ", _QUOTED.sub(" ", line)))
        for sentence in _SENTENCE.split(bare):
            if not strict and not (rules.claim.search(sentence) or rules.told.search(sentence)):
                continue
            number = _unstated(sentence, own, given, rules) or _worded(sentence, own, given, words)
            if number:
                return f"claims {number}, which no fact of yours states: correct it or add the fact"
        return ""

    yield from each_line(lines, "unstated-number", judge)


def _unstated(sentence: str, own: frozenset[str], given: frozenset[str], rules: DraftRules) -> str:
    for found in _NUMBER.finditer(sentence):
        number = _plain(found[0])
        years = _YEARS.match(sentence, found.end())
        claimed = years and rules.claim.search(sentence)
        if number not in own and (claimed or number not in given):
            return f"{found[0]}{' years' if years else ''}"
    return ""


def _worded(sentence: str, own: frozenset[str], given: frozenset[str], words: str) -> str:
    """Return a number written out before something counted, "ten years", that no fact states."""
    rules = draft_rules()
    for found in rules.worded.finditer(sentence):
        word = found["number"].casefold()
        years = found["counted"].casefold().startswith("year")
        known = own if years else own | given
        if str(rules.number_words[word]) not in known and found[0].casefold() not in words:
            return found[0]
    return ""
