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
# "install and activate it": what, another sentence says.
_POINTING = re.compile(r"\w+(?:,?\s+and\s+\w+)?\s+(?:it|them|this|that|these|those|so)\b", re.IGNORECASE)
# "Apply your knowledge of …" said back would be a claim of ours: "you want to apply my knowledge of …".
_ADDRESSED = re.compile(r"\b(?:you|your|yours|yourself|you['’](?:re|ve|ll))\b", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*{1,3}|_{2,3}|`")
# "plan" and "run" double their last letter, "design" and "review" do not: one vowel, one consonant.
_DOUBLED = re.compile(r"^[^aeiou]*[aeiou][^aeiouwxy]$")
_WORD = re.compile(r"\b[A-Za-z]+(?:['’][A-Za-z]+)?\b")


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
    heading: re.Pattern[str]
    person: re.Pattern[str]
    doing: re.Pattern[str]
    base: Mapping[str, str]
    swap: Mapping[str, str]


@cache
def _rules() -> _Rules:
    table = tomllib.loads(files("proposals").joinpath("data/brief.toml").read_text(encoding="utf-8"))
    goal, title, tasks = table["goal"], table["title"], table["tasks"]
    ignore = re.IGNORECASE
    base = {_doing(verb): verb for verb in goal["verbs"] if verb.isalpha()} | {"setting up": "set up"}
    return _Rules(
        heading=re.compile(rf"[\s*#_]*(?:{'|'.join(tasks['headings'])})[\s*_]*:?[\s*_]*$", ignore),
        person=re.compile(rf"\b(?:{'|'.join(tasks['person'])})\b", ignore),
        doing=re.compile(rf"(?P<verb>{'|'.join(base)})\b", ignore),
        base=base,
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


def _doing(verb: str) -> str:
    """Return the -ing form of a verb of work: ``designing``, ``writing``, ``scraping``, ``planning``."""
    if verb.endswith("e"):
        return verb[:-1] + "ing"
    doubled = _DOUBLED.search(verb)
    return f"{verb}{verb[-1] if doubled else ''}ing"


def brief_words() -> frozenset[str]:
    """Return the words that a brief may hold and its post not: base forms of verbs, "your" for "our"."""
    rules = _rules()
    words = " ".join((*rules.base.values(), *rules.swap.values()))
    return frozenset(word.casefold() for word in re.findall(r"[^\W_]+", words))


def read_brief(title: str, description: str) -> Brief:
    """Return what a post wants done, from its title and plain description."""
    text = description[:20_000]
    sentences = [part[:500] for part in _SENTENCE.split(text) if part.strip()]
    tasks = _tasks(text.splitlines()) or _told_tasks(sentences)
    return Brief(
        goal=_goal(sentences) or _goal([_as_order(title[:500])]) or _first_task(tasks),
        subject=subject_of(title),
        tasks=tasks,
    )


def _as_order(title: str) -> str:
    """Return a title that names the work as an order: "Setting up a shop" is "set up a shop"."""
    bare = subject_of(title)
    doing = _rules().doing.match(bare)
    return _rules().base[doing["verb"].casefold()] + bare[doing.end() :] if doing else title


def _first_task(tasks: tuple[str, ...]) -> str:
    """Return the first listed task that is an order of work as the goal, or empty."""
    rules = _rules()
    verbs = (task for task in tasks if rules.verb.match(task) and len(task) >= rules.shortest)
    task = next(verbs, "")
    return task[:1].lower() + task[1:]


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
            return head
    return ""


def _shortened(phrase: str) -> str:
    """Return ``phrase`` without filler, cut where a clause ends, seen from our side; empty if none fits."""
    rules = _rules()
    text = " ".join(rules.filler.sub("", _EMPHASIS.sub("", phrase)).split()).rstrip(" .!;:")
    text = _CLAUSE_END.split(text)[0].rstrip(" ,")
    if len(text) > rules.longest:
        ends = [text.rfind(cut, rules.shortest, rules.longest) for cut in rules.cuts]
        end = next((place for place in ends if place > 0), -1)
        text = text[:end].rstrip(" ,") if end > 0 else ""
    text = _DANGLING.sub("", text)
    telling = content_words(text) - rules.empty
    if sum(char.isupper() for char in text) * 2 > len(text):
        return ""  # shouted; the title is quoted instead
    says = len(telling) > 1 and not _POINTING.match(text) and not _ADDRESSED.search(text)
    turned = _turned(text) if says and rules.shortest <= len(text) <= rules.longest else ""
    return turned[:1].lower() + turned[1:]


def _turned(text: str) -> str:
    """Return the client's words from our side: "our shop" becomes "your shop"."""
    swap = _rules().swap

    def turned(word: re.Match[str]) -> str:
        shouted = word[0].isupper() and word[0] != "I"  # "US", "9 AM": not "us", not "am"
        return word[0] if shouted else swap.get(word[0].lower(), word[0])

    return _WORD.sub(turned, text)


def subject_of(title: str) -> str:
    """Return a title without the words that only say that somebody is wanted."""
    rules = _rules()
    text = " ".join(title.split())
    for noise in rules.noise:
        text = noise.sub(" ", text)
    text = " ".join(text.split()).strip(" -–—|:,.!*#")
    return clip(text or " ".join(title.split()), rules.longest_title)


def _tasks(lines: list[str]) -> tuple[str, ...]:
    """Return list items that say what to do, in order, each once.

    An item counts if it begins with a verb of work ("Design the schema", "Designing the schema"), or stands
    below a heading that names what is delivered ("Deliverables:").
    """
    rules, found = _rules(), []
    below = False
    for line in lines:
        item = _BULLET.match(line[:400])
        if not item:
            below = bool(rules.heading.match(line[:200])) if line.strip() else below
            continue
        text = _task(item["item"], delivered=below)
        if text and text not in found:
            found.append(text)
    return tuple(found[: rules.most_tasks])


def _task(item: str, *, delivered: bool) -> str:
    """Return an item as an order of work, or empty if it is none."""
    rules = _rules()
    if _CONTACT.search(item):
        return ""
    bare = _CLAUSE_END.split(_EMPHASIS.sub("", item))[0].strip().rstrip(",:")
    verb, doing = rules.verb.match(bare), rules.doing.match(bare)
    if doing and not verb:
        bare = rules.base[doing["verb"].casefold()] + bare[doing.end() :]
    elif not verb and not (delivered and not rules.person.search(bare)):
        return ""
    if _ADDRESSED.search(bare):
        return ""
    text = _DANGLING.sub("", _turned(rules.filler.sub("", bare)))
    fits = len(text) <= rules.longest_task and len(text.split()) > 1 and not _STATEMENT.match(text)
    return text[0].upper() + text[1:] if fits else ""


def _told_tasks(sentences: list[str]) -> tuple[str, ...]:
    """Return the tasks of sentences that begin with a verb of work, where the post has no list."""
    rules, found = _rules(), []
    for sentence in sentences[:40]:
        text = sentence.strip()
        if rules.verb.match(text) and not _BULLET.match(text) and not text.endswith("?"):
            found.append(_task(text, delivered=False))
    kept = [text for text in dict.fromkeys(found) if text]
    return tuple(kept[: rules.most_tasks]) if len(kept) > 1 else ()
