"""Checks a text before it counts as ready: each failure is a line with its place. Pure; for any text."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.posts import JobPosting
from domain.profile import Profile
from proposals.asked import in_own_words, loose, unmet
from proposals.asks import Asks
from proposals.brief import read_brief
from proposals.claims import Facts, FindSkills, profile_text, unstated_numbers, unstated_skills
from proposals.evidence import post_text
from proposals.findings import Finding, each_line, first_line
from proposals.foreign import FILL, open_gaps
from proposals.heads import split_head
from proposals.repeats import Sent, repeated
from proposals.settings import draft_rules
from proposals.style import cliches, unreadable
from proposals.words import content_words

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


_GREETING = re.compile(
    r"\s*(?:hi|hello|hey|dear|good\s+(?:morning|day))\b[^.!?\n,]{0,40}[,.!]\s*", re.IGNORECASE
)
_ONESELF = re.compile(
    r"(?:i\s+am\s+an?\s|i['’]m\s+an?\s|as\s+an?\s+\w+|with\s+(?:over\s+|more\s+than\s+)?\w+\+?\s+years)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n|$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What a text is held against besides its post: all of it may be left out.

    ``length`` is the target in words, least and most. ``recent`` are proposals that went out before.
    ``find_skills`` knows skills that neither post nor profile name. ``given`` are further texts whose numbers
    may be used: the price, the clock. ``strict`` is for text that no person has written: every number in it
    must be a fact.
    """

    length: tuple[int, int] | None = None
    recent: Sequence[Sent] = ()
    find_skills: FindSkills | None = None
    given: str = ""
    strict: bool = False


ANY = Standard()
"""No standard besides the post and the profile."""


def check_draft(
    text: str, asks: Asks, profile: Profile, post: JobPosting | None, standard: Standard = ANY
) -> tuple[Finding, ...]:
    """Return what keeps ``text`` from being ready, in the order of its lines.

    ``text`` may be a draft file with its head or any proposal; ``post`` is ``None`` where it is not known
    what it answers. Contact details before a contract have been banned on Upwork since 2020-06-26, so they
    are found on that channel, and where the post is not known.
    """
    parts = split_head(text)
    body, lines = parts.body, parts.body.split("\n")
    said = in_own_words(lines, asks)
    own = profile_text(profile)
    given = f"{post_text(post) if post else ''}\n{standard.given}"
    found = [
        *_gaps(lines),
        *unmet(body, asks),
        *_opening(body, asks, post),
        *_length(body, standard.length),
        *cliches(said),
        *unstated_skills(said, profile, post, standard.find_skills),
        *unstated_numbers(said, Facts(own=own, given=given), strict=standard.strict),
        *(_contacts(lines) if post is None or post.channel == "upwork" else ()),
        *unreadable(said),
        *repeated(said, standard.recent, own),
    ]
    placed = (replace(item, line=item.line + parts.head_lines) for item in found)
    return tuple(sorted(placed, key=lambda item: item.line))


def _gaps(lines: list[str]) -> Iterator[Finding]:
    def judge(line: str) -> str:
        gap = FILL.search(line)
        return f"fill in: {gap['what'].strip() or 'this place'}" if gap else ""

    yield from each_line(lines, "gap", judge)


def _opening(body: str, asks: Asks, post: JobPosting | None) -> Iterator[Finding]:
    """Find an opening that does not stand alone: cut off, about the writer, or fit for any job."""
    rules, line = draft_rules(), first_line(body)
    text = body.lstrip()
    if asks.opener and loose(text).startswith(loose(asks.opener.what)):
        text = (text.partition("\n")[2] or text).lstrip()
    greeting = _GREETING.match(text)
    rest = text[greeting.end() :] if greeting else text
    if _ONESELF.match(rest):
        message = "it begins with you; begin with what the client wants done"
        yield Finding(code="opening-about-you", line=line, message=message)
    end = _SENTENCE_END.search(rest)
    if end and (len(text) - len(rest)) + end.end() > rules.shown:
        message = f"its first sentence is cut off at {rules.shown} characters, where the client's list ends"
        yield Finding(code="opening-cut", line=line, message=message)
    if post is None:
        return
    brief = read_brief(post.title, post.description)
    own = content_words(f"{post.title} {brief.goal} {' '.join(post.skills)}")
    shared = content_words(text.strip()[: rules.shown]) & own
    if len(shared) < min(rules.shared_words, len(own)):
        message = (
            f"the first {rules.shown} characters name nothing of this job; say what the client wants done"
        )
        yield Finding(code="generic-opening", line=line, message=message)


def _length(body: str, length: tuple[int, int] | None) -> Iterator[Finding]:
    if length is None:
        return
    count, (least, most) = len(body.split()), length
    message = f"{count} words; this template aims at {least} to {most}"
    if count < least and not open_gaps(body):  # what fills them adds words
        yield Finding(code="short", line=1, message=message)
    elif count > most * draft_rules().length_slack:
        yield Finding(code="long", line=1, message=message)


def _contacts(lines: list[str]) -> Iterator[Finding]:
    def judge(line: str) -> str:
        kind = next((kind for kind, pattern in _CONTACTS if pattern.search(line)), None)
        return f"holds {kind}: contact details before a contract are banned on Upwork" if kind else ""

    yield from each_line(lines, "contact", judge)
