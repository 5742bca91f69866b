"""Whether a text gives what a post asks for: decided by patterns and shared words, the same every time."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from proposals.asks import Asks
from proposals.findings import Finding, first_line
from proposals.foreign import open_gaps
from proposals.words import clip, content_words, mentions

_MARKS = re.compile(r"[\"“”‘’'*_`.,:]")
_BULLET = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.):])\s+")
_QUOTED = re.compile(r"[“\"‘'«]([^”\"’'»\n]{3,80})[”\"’'»]")
_GAPS = {"rate": "price", "availability": "when", "experience": "past job"}
"""How a gap names a kind that it does not call by its name."""
_NUMBERED = re.compile(r"^\s*(?:Q?(\d{1,2})[.):]|[-*•])\s", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    given: dict[str, tuple[re.Pattern[str], ...]]
    share: float
    lines: int
    untelling: frozenset[str]


@cache
def _rules() -> _Rules:
    table = tomllib.loads(files("proposals").joinpath("data/asked.toml").read_text(encoding="utf-8"))
    questions = table["questions"]
    return _Rules(
        given={
            kind: tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in patterns)
            for kind, patterns in table["given"].items()
        },
        share=questions["share"],
        lines=questions["lines"],
        untelling=content_words(" ".join(questions["untelling"])),
    )


def loose(text: str) -> str:
    """Return ``text`` for comparing literals: case, quotation marks, spaces and full stops do not count."""
    return " ".join(_MARKS.sub("", text).casefold().split())


def unmet(body: str, asks: Asks) -> Iterator[Finding]:
    """Yield what ``body`` owes the post: words, answers, things to send, and machine orders it followed."""
    first = first_line(body)
    yield from _literals(body, asks, first)
    for ask in asks.questions:
        if not _answered(body, ask.what, asks):
            message = f"the post asks “{clip(ask.what, 100)}”; nothing here answers it"
            yield Finding(code="unanswered", line=first, message=message)
    gaps = " ".join(open_gaps(body)).casefold()
    for ask in asks.attachments:
        patterns = _rules().given.get(ask.what, ())
        if _GAPS.get(ask.what, ask.what) in gaps:
            continue  # marked already as the person's to fill
        if patterns and not any(pattern.search(body) for pattern in patterns):
            message = f"the post asks for {ask.what}; nothing here gives it"
            yield Finding(code="missing", line=first, message=message)
    yield from _followed(body, asks)


def in_own_words(lines: list[str], asks: Asks) -> list[str]:
    """Return ``lines`` with those blank that repeat a question of the post: they are the client's words."""
    questions = [loose(clip(ask.what, 160)).rstrip("…") for ask in asks.questions]

    def asked(line: str) -> bool:
        said = loose(_BULLET.sub("", line)).rstrip("…")
        return bool(said) and any(said == question for question in questions)

    return ["" if asked(line) else line for line in lines]


def _literals(body: str, asks: Asks, first: int) -> Iterator[Finding]:
    said = loose(body)
    if asks.opener and not said.startswith(loose(asks.opener.what)):
        message = f"the post wants it to begin with “{asks.opener.what}”"
        yield Finding(code="opener", line=first, message=message)
    for ask in asks.include:
        if loose(ask.what) not in said:
            yield Finding(code="include", line=first, message=f"the post wants “{ask.what}” somewhere in it")
    for ask in asks.forbidden:
        for number, line in enumerate(body.split("\n"), 1):
            if mentions(line, ask.what):
                yield Finding(code="forbidden", line=number, message=f"the post asks not to use “{ask.what}”")


def _answered(body: str, question: str, asks: Asks) -> bool:
    """Return whether lines of ``body`` speak of what ``question`` asks, or answer a list in its order."""
    rules = _rules()
    telling = content_words(question) - rules.untelling
    if not telling or loose(clip(question, 160)) in loose(body):
        return True
    if len(_NUMBERED.findall(body)) >= len(asks.questions) > 1:
        return True
    lines = [content_words(line) for line in body.split("\n") if line.strip()]
    windows = (lines[place : place + rules.lines] for place in range(len(lines)))
    best = max((len(telling & frozenset().union(*window)) for window in windows), default=0)
    return best >= max(1, rules.share * len(telling))


def _followed(body: str, asks: Asks) -> Iterator[Finding]:
    """Yield words that the post orders language models to write, and that stand in the text."""
    wanted = {loose(ask.what) for ask in (*asks.include, *([asks.opener] if asks.opener else []))}
    for ask in asks.for_language_models:
        for literal in _QUOTED.findall(ask.sentence):
            if loose(literal) in wanted:
                continue
            for number, line in enumerate(body.split("\n"), 1):
                if mentions(line, literal):
                    message = f"“{literal}” is what the post orders language models to write: take it out"
                    yield Finding(code="machine-order", line=number, message=message)
