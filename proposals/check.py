"""Checks a draft before it counts as ready: each failure is a line with its place. Pure; for any text."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from domain.posts import JobPosting
from domain.profile import Profile
from proposals.asks import Asks
from proposals.brief import read_brief
from proposals.evidence import missing_skills
from proposals.foreign import GAP
from proposals.heads import split_head
from proposals.settings import draft_rules
from proposals.words import content_words, mentions

_GAP = re.compile(r"\[\[FILL:?\s*(?P<what>[^\]\n]{0,200})")
_QUOTED = re.compile(r"[“\"][^”\"\n]{1,200}[”\"]")
_CONTACTS = (
    ("an e-mail address", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63})+")),
    (
        "a telephone number",
        re.compile(
            r"(?<![\w./-])\+?\d{1,3}[\s.-]?\(?\d{2,4}\)?[\s.-]\d{3}[\s.-]?\d{2,4}(?:[\s.-]?\d{2,4})?(?![\w/])"
        ),
    ),
    (
        "a messenger or a call link",
        re.compile(
            r"(?:t\.me|wa\.me|calendly\.com|zoom\.us|meet\.google\.com|discord\.gg|join\.skype\.com)/\S*",
            re.IGNORECASE,
        ),
    ),
    (
        "a messenger handle",
        re.compile(
            r"\b(?:telegram|whats\s?app|skype|discord|signal)\b\s*(?:id|me|number|handle)?\s*[:@]\s*\S+",
            re.IGNORECASE,
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend: a stable ``code``, the 1-based ``line`` of the checked text, and what to do."""

    code: str
    line: int
    message: str


def check_draft(
    text: str,
    asks: Asks,
    profile: Profile,
    post: JobPosting,
    *,
    length: tuple[int, int] | None = None,
) -> tuple[Finding, ...]:
    """Return what keeps ``text`` from being ready, in the order of its lines.

    ``text`` may be a draft file with its head or any proposal; ``length`` is the target in words, least and
    most (``None``: not checked). Contact details before a contract have been banned on Upwork since
    2020-06-26, so they are found on that channel only.
    """
    parts = split_head(text)
    lines = parts.body.split("\n")
    found = [
        *_gaps(lines),
        *_asked(parts.body, asks),
        *_opening(parts.body, asks, post),
        *_length(parts.body, length),
        *_cliches(lines),
        *_claims(lines, profile, post),
        *(_contacts(lines) if post.channel == "upwork" else ()),
    ]
    placed = [
        Finding(code=item.code, line=item.line + parts.head_lines, message=item.message) for item in found
    ]
    return tuple(sorted(placed, key=lambda item: item.line))


def _each(lines: list[str], code: str, judge: Callable[[str], str]) -> list[Finding]:
    """Return a finding for each line that ``judge`` has something to say about."""
    said = [(number, judge(line)) for number, line in enumerate(lines, 1)]
    return [Finding(code=code, line=number, message=message) for number, message in said if message]


def _gaps(lines: list[str]) -> list[Finding]:
    def judge(line: str) -> str:
        gap = _GAP.search(line)
        return f"fill in: {gap['what'].strip() or 'this place'}" if gap else ""

    return _each(lines, "gap", judge)


def _loose(text: str) -> str:
    """Return ``text`` for comparing literals: case, quotation marks, spaces and full stops do not count."""
    return " ".join(re.sub(r"[\"“”‘’'*_`.,:]", "", text).casefold().split())


def _asked(body: str, asks: Asks) -> list[Finding]:
    found = []
    first = next((number for number, line in enumerate(body.split("\n"), 1) if line.strip()), 1)
    if asks.opener and not _loose(body).startswith(_loose(asks.opener.what)):
        found.append(
            Finding(
                code="opener", line=first, message=f"the post wants it to begin with “{asks.opener.what}”"
            )
        )
    found += [
        Finding(code="include", line=first, message=f"the post wants “{ask.what}” somewhere in it")
        for ask in asks.include
        if _loose(ask.what) not in _loose(body)
    ]
    found += [
        Finding(code="forbidden", line=number, message=f"the post asks not to use “{ask.what}”")
        for ask in asks.forbidden
        for number, line in enumerate(body.split("\n"), 1)
        if mentions(line, ask.what)
    ]
    return found


def _opening(body: str, asks: Asks, post: JobPosting) -> list[Finding]:
    """Find an opening that could stand over any job: it names too little of this one."""
    rules = draft_rules()
    text = body.lstrip()
    if asks.opener and _loose(text).startswith(_loose(asks.opener.what)):
        text = text.partition("\n")[2] or text
    brief = read_brief(post.title, post.description)
    own = content_words(f"{post.title} {brief.goal} {' '.join(post.skills)}")
    shared = content_words(text.strip()[: rules.shown]) & own
    if len(shared) >= min(rules.shared_words, len(own)):
        return []
    line = body[: len(body) - len(body.lstrip())].count("\n") + 1
    message = f"the first {rules.shown} characters name nothing of this job; say what the client wants done"
    return [Finding(code="generic-opening", line=line, message=message)]


def _length(body: str, length: tuple[int, int] | None) -> list[Finding]:
    if length is None:
        return []
    count, (least, most) = len(body.split()), length
    if count < least:
        return [
            Finding(code="short", line=1, message=f"{count} words; this template aims at {least} to {most}")
        ]
    if count > most * draft_rules().length_slack:
        return [
            Finding(code="long", line=1, message=f"{count} words; this template aims at {least} to {most}")
        ]
    return []


def _cliches(lines: list[str]) -> list[Finding]:
    phrases = draft_rules().cliches

    def judge(line: str) -> str:
        plain = line.casefold().replace("’", "'")
        phrase = next((phrase for phrase in phrases if mentions(plain, phrase)), None)
        return f"“{phrase}” stands in every other proposal: {phrases[phrase]}" if phrase else ""

    return _each(lines, "cliche", judge)


def _claims(lines: list[str], profile: Profile, post: JobPosting) -> list[Finding]:
    """Find skills of the post that the text claims and the profile does not state."""
    rules, missing = draft_rules(), missing_skills(post, profile)

    def judge(quoting: str) -> str:
        line = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), quoting)
        for claim in rules.claim.finditer(line):
            reach = re.split(r"[.!?;](?:\s|$)", line[claim.end() : claim.end() + rules.claim_reach])[0]
            skill = next((name for name in missing if mentions(reach, name)), None)
            if skill:
                return (
                    f"claims {skill}, which the profile does not state: leave it out or add it to [[skills]]"
                )
        return ""

    return _each(lines, "unstated-skill", judge)


def _contacts(lines: list[str]) -> list[Finding]:
    def judge(line: str) -> str:
        kind = next((kind for kind, pattern in _CONTACTS if pattern.search(line)), None)
        return f"holds {kind}: contact details before a contract are banned on Upwork" if kind else ""

    return _each(lines, "contact", judge)


def open_gaps(text: str) -> tuple[str, ...]:
    """Return what the person must still fill in, in order."""
    return tuple(gap["what"].strip() for gap in _GAP.finditer(text)) if GAP in text else ()
