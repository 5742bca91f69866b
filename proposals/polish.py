"""Polish by a language model: what it is asked, and what of its answer may stand. It may rephrase, never add.

The post reaches the model as one JSON string between marks that it cannot contain, without its sentences that
are aimed at language models. What comes back is held against the text that went out: every number, name,
skill, link and gap must be in it, and it must find no more fault with the checks.
"""

# ruff: noqa: RUF001 - people write typographic quotation marks and dashes, and so do the patterns here

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from domain.posts import JobPosting
from proposals.asks import Asks
from proposals.claims import FindSkills, numbers_in
from proposals.drafts import tidy
from proposals.findings import Finding
from proposals.foreign import open_gaps
from proposals.settings import draft_rules
from proposals.words import content_words, mentions

Check = Callable[[str], Sequence[Finding]]
"""Returns what the draft's own checks find in a body."""

_LINK = re.compile(r"(?:https?://|www\.)[^\s)>\]]+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!]|\]\(|\*\*|__|^#{1,6}\s|```", re.MULTILINE)
_FENCE = re.compile(r"\A\s*```[a-z]*\n(?P<inner>.*?)\n?```\s*\Z", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[^\W_]+(?:[.+#'’&/-]*[^\W_]+)*[+#]*")
_ONESELF = re.compile(r"\b(?:i|my|me|we|our|mine)\b", re.IGNORECASE)
_QUOTED = re.compile(r"“[^”\n]+”")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    system: str
    post_characters: int
    answer_bytes: int
    longest: float
    shortest: float
    new_words: int
    never: tuple[str, ...]


@cache
def polish_rules() -> _Rules:
    """Return the rules of ``data/polish.toml``; read once."""
    table = tomllib.loads(files("proposals").joinpath("data/polish.toml").read_text(encoding="utf-8"))
    answer = table["answer"]
    return _Rules(
        system=table["prompt"]["system"].strip(),
        post_characters=table["prompt"]["post_characters"],
        answer_bytes=answer["bytes"],
        longest=answer["longest"],
        shortest=answer["shortest"],
        new_words=answer["new_words"],
        never=tuple(table["never"]["add"]),
    )


def polish_request(body: str, post: JobPosting, asks: Asks, model: str) -> dict[str, Any]:
    """Return the chat completion to ask for, as JSON-ready data."""
    text = _without_orders(f"{post.title}\n\n{post.description}"[: polish_rules().post_characters], asks)
    user = "\n\n".join((_quoted("PROPOSAL", body.strip()), _quoted("POST", text)))
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": polish_rules().system},
            {"role": "user", "content": user},
        ],
        "temperature": 0,
        "stream": False,
    }


def _quoted(name: str, text: str) -> str:
    """Return ``text`` as one line of JSON between two marks that do not stand in it.

    JSON writes quotation marks and line ends as escapes, so nothing in ``text`` can end the string; angle
    brackets are escaped too, for models that read tags.
    """
    data = json.dumps(text, ensure_ascii=True)
    for sign in "<>&":
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    mark = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    while mark in data:
        mark = hashlib.sha256(mark.encode()).hexdigest()[:16]
    return f"BEGIN {name} {mark}\n{data}\nEND {name} {mark}"


def _without_orders(text: str, asks: Asks) -> str:
    """Return a post's text without the sentences that give orders to language models."""
    for ask in asks.for_language_models:
        words = map(re.escape, ask.sentence.split())
        text = re.sub(r"\s+".join(words), "[…]", text)
    return text


def read_answer(data: bytes) -> str | None:
    """Return the text of a chat completion, ``None`` if ``data`` is anything else."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return None
    match answer:
        case {"choices": [{"message": {"content": str(text)}}, *_]}:
            found = _FENCE.match(text)
            return tidy(found["inner"] if found else text)
    return None


def objection(
    original: str,
    polished: str,
    check: Check,
    find_skills: FindSkills,
) -> str | None:
    """Return in a line why ``polished`` may not stand for ``original``; ``None`` if it may."""
    return next(_objections(original, polished, check, find_skills), None)


def _objections(original: str, polished: str, check: Check, find_skills: FindSkills) -> Iterator[str]:
    rules = polish_rules()
    before, after = len(original.split()), len(polished.split())
    if not rules.shortest * before <= after <= rules.longest * before:
        yield f"it has {after} words, the draft {before}"
    if Counter(open_gaps(original)) != Counter(open_gaps(polished)):
        yield "it changed a place that is yours to fill in"
    missing = set(_QUOTED.findall(original)) - set(_QUOTED.findall(polished))
    if missing:
        yield f"it changed {min(missing)}"
    yield from _added(original, polished, find_skills)
    known = Counter(finding.code for finding in check(original))
    for finding in check(polished):
        known[finding.code] -= 1
        if known[finding.code] < 0:
            yield f"line {finding.line}: {finding.message}"


def _added(original: str, polished: str, find_skills: FindSkills) -> Iterator[str]:
    """Yield what ``polished`` holds that ``original`` does not and that could be a claim."""
    kinds: Mapping[str, tuple[set[str], set[str]]] = {
        "the number": (set(numbers_in(original)), set(numbers_in(polished))),
        "the link": (set(_LINK.findall(original)), set(_LINK.findall(polished))),
        "markup:": (set(_MARKUP.findall(original)), set(_MARKUP.findall(polished))),
        "the skill": (set(find_skills(original)), set(find_skills(polished))),
        "the name": (_words(original), _names(polished)),
        "the number word": (_words(original), _words(polished) & set(draft_rules().number_words)),
    }
    for kind, (known, found) in kinds.items():
        if found - known:
            yield f"it adds {kind} {min(found - known).strip()!r}"
    for claim in polish_rules().never:
        if mentions(polished, claim) and not mentions(original, claim):
            yield f"it adds the claim {claim!r}"
    own = content_words(original)
    for sentence in _SENTENCE.split(polished):
        new = content_words(sentence) - own
        if _ONESELF.search(sentence) and len(new) > polish_rules().new_words:
            yield f"it says something new of you: {' '.join(sorted(new))}"


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _names(text: str) -> set[str]:
    """Return words that look like names: capitals inside, or a capital that begins no sentence."""
    found = set()
    for sentence in _SENTENCE.split(text):
        for place, match in enumerate(_WORD.finditer(sentence)):
            word = match[0]
            inside = any(char.isupper() for char in word[1:])
            after_mark = sentence[: match.start()].rstrip()[-1:] in {":", "“", "-", "•", "*", ")", "("}
            if inside or (
                word[0].isupper() and place and not after_mark and word not in {"I", "I’m", "I'm", "I'd"}
            ):
                found.add(word.casefold())
    return found
