"""What the job is, in the client's own words: the goal, the subject and the listed tasks of a post."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from proposals.words import clip, content_words

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_BULLET = re.compile(r"^\s*(?:[-*•▪●◦–—✅✔➤►·]+|\(?\d{1,2}[.):])\s*(?P<item>\S.*)$")
_CONTACT = re.compile(r"https?://|www\.|@\w|\[\[|\S+@\S+|\+?\d[\d\s().-]{7,}\d")
_CLAUSE_END = re.compile(r"[.;:!?](?:\s|$)|\(|\s[–—-]\s")
_DANGLING = re.compile(
    r"(?:\s+(?:that|which|who|where)(?:\s+\w+)?|\s+(?:and|or|to|for|with|of|in|on|the|an?|your|by))+$",
    re.IGNORECASE,
)
# "Code is tidy", "Design files are ready": a noun that could be a verb, and what is said of it.
_STATEMENT = re.compile(
    r"\s*(?:[\w'’/-]+\s+){1,3}(?:is|are|was|were|has|have|had|must|should|will|can|needs?)\b", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What is wanted: ``goal`` in a verb phrase ("integrate Stripe into your shop"), empty if none is found.

    ``subject`` is the title without hiring words, ``tasks`` verb phrases the post lists, at most
    ``tasks.most`` of ``data/brief.toml``.
    """

    goal: str
    subject: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    leads: tuple[re.Pattern[str], ...]
    verb: re.Pattern[str]
    filler: re.Pattern[str]
    noise: tuple[re.Pattern[str], ...]
    cuts: tuple[str, ...]
    empty: frozenset[str]
    longest: int
    shortest: int
    longest_title: int
    most_tasks: int
    longest_task: int
    swap: Mapping[str, str]


@cache
def _rules() -> _Rules:
    table = tomllib.loads(files("proposals").joinpath("data/brief.toml").read_text(encoding="utf-8"))
    goal, title, tasks = table["goal"], table["title"], table["tasks"]
    ignore = re.IGNORECASE
    return _Rules(
        leads=tuple(re.compile(rf"\b{lead}(?P<goal>\S.*)", ignore) for lead in goal["leads"]),
        verb=re.compile(rf"(?:{'|'.join(goal['verbs'])})\b(?!\s+sure\b)", ignore),
        filler=re.compile(rf"\b(?:{'|'.join(goal['filler'])})(?:\s*,)?\s+", ignore),
        noise=tuple(re.compile(noise, ignore) for noise in title["noise"]),
        cuts=tuple(goal["cuts"]),
        empty=content_words(" ".join(goal["empty"])),
        longest=goal["longest"],
        shortest=goal["shortest"],
        longest_title=title["longest"],
        most_tasks=tasks["most"],
        longest_task=tasks["longest"],
        swap=table["person"]["swap"],
    )


def read_brief(title: str, description: str) -> Brief:
    """Return what a post wants done, from its title and plain description."""
    sentences = [part[:500] for part in _SENTENCE.split(description[:20_000]) if part.strip()]
    return Brief(
        goal=_goal(sentences),
        subject=subject_of(title),
        tasks=_tasks(description[:20_000].splitlines()),
    )


def _goal(sentences: list[str]) -> str:
    """Return the first phrase that says what is wanted; phrases with links or addresses are passed over."""
    rules = _rules()
    for sentence in sentences[:12]:
        if _CONTACT.search(sentence):
            continue
        for lead in rules.leads:
            found = lead.search(sentence)
            phrase = _shortened(found["goal"]) if found and rules.verb.match(found["goal"]) else ""
            if phrase:
                return phrase
        start = "" if _BULLET.match(sentence) or _STATEMENT.match(sentence) else sentence.strip()
        head = _shortened(start) if rules.verb.match(start) else ""
        if head:
            return head[0].lower() + head[1:]
    return ""


def _shortened(phrase: str) -> str:
    """Return ``phrase`` without filler, cut where a clause ends, seen from our side; empty if none fits."""
    rules = _rules()
    text = " ".join(rules.filler.sub("", phrase).split()).rstrip(" .!;:")
    text = _CLAUSE_END.split(text)[0].rstrip(" ,")
    if len(text) > rules.longest:
        ends = [text.rfind(cut, rules.shortest, rules.longest) for cut in rules.cuts]
        end = next((place for place in ends if place > 0), -1)
        text = text[:end].rstrip(" ,") if end > 0 else ""
    text = _DANGLING.sub("", text)
    telling = content_words(text) - rules.empty
    fits = rules.shortest <= len(text) <= rules.longest and len(telling) > 1
    return _turned(text) if fits else ""


def _turned(text: str) -> str:
    """Return the client's words from our side: "our shop" becomes "your shop"."""
    swap = _rules().swap
    return _WORD.sub(lambda word: swap.get(word[0].lower(), word[0]), text)


def subject_of(title: str) -> str:
    """Return a title without the words that only say that somebody is wanted."""
    rules = _rules()
    text = " ".join(title.split())
    for noise in rules.noise:
        text = noise.sub(" ", text)
    text = " ".join(text.split()).strip(" -–—|:,.!*#")
    return clip(text or " ".join(title.split()), rules.longest_title)


def _tasks(lines: list[str]) -> tuple[str, ...]:
    """Return list items that begin with a verb of work, in order, each once."""
    rules, found = _rules(), []
    for line in lines:
        item = _BULLET.match(line[:400])
        if not item or not rules.verb.match(item["item"]) or _CONTACT.search(item["item"]):
            continue
        text = _turned(_CLAUSE_END.split(item["item"])[0].strip().rstrip(",:"))
        text = clip(text, rules.longest_task) if len(text) <= 2 * rules.longest_task else ""
        if len(text.split()) > 1 and text not in found and not text.endswith("…"):
            found.append(text[0].upper() + text[1:])
    return tuple(found[: rules.most_tasks])
