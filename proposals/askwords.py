"""The word lists of ``data/asks.toml``, compiled into the patterns that read a post."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWords:
    """Compiled patterns; every gap in them is bounded, so that searching is linear in the text."""

    max_text: int
    max_sentence: int
    max_literal: int
    opening: re.Pattern[str]  # "start your proposal with <rest>"
    first_is: re.Pattern[str]  # "the first word of your reply should be <rest>"
    rejected: re.Pattern[str]  # "applications without <rest> will be ignored"
    first_place: re.Pattern[str]  # "at the top of your proposal", "as the first line"
    include: re.Pattern[str]
    announces: re.Pattern[str]  # "the following …:" with the literal on the next line
    negated: re.Pattern[str]
    ours: re.Pattern[str]  # "your proposal": the thing the person sends
    applicant: re.Pattern[str]
    label: re.Pattern[str]  # "code word: <rest>"
    announced: re.Pattern[str]  # a noun and a colon: the whole clause is the literal
    lead_strong: re.Pattern[str]
    lead_weak: re.Pattern[str]
    proof: re.Pattern[str]
    machine_if: re.Pattern[str]
    machine_call: re.Pattern[str]
    machine_orders: re.Pattern[str]
    override: re.Pattern[str]
    order_start: re.Pattern[str]
    question_start: re.Pattern[str]
    speaks_to: re.Pattern[str]
    rhetorical: re.Pattern[str]
    preamble: re.Pattern[str]
    imperative: re.Pattern[str]
    asking_lead: re.Pattern[str]
    request: re.Pattern[str]
    attachment_item: re.Pattern[str]
    attachments: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]
    content_heads: frozenset[str]
    stops: frozenset[str]


def _any(words: list[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


def _ignoring_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@cache
def ask_words() -> AskWords:
    """Return the compiled word lists; read once."""
    table = tomllib.loads(files("proposals").joinpath("data/asks.toml").read_text(encoding="utf-8"))
    return AskWords(
        max_text=table["limits"]["text"],
        max_sentence=table["limits"]["sentence"],
        max_literal=table["limits"]["marker"],
        content_heads=frozenset(table["content"]["heads"]),
        stops=frozenset(table["content"]["stops"]),
        **_literal_patterns(table),
        **_machine_patterns(table),
        **_question_patterns(table),
        **_request_patterns(table),
    )


_FIRST = r"(?:very\s+)?(?:first|opening)\s+(?:words?|lines?|sentence|thing|phrase)"


def _ours(table: dict[str, Any]) -> str:
    """Return the pattern of what the person sends, so that "the application" being built is not meant."""
    clear = table["targets"]["clear"]
    target = _any([*clear, *table["targets"]["any"]])
    return (
        rf"(?:\b(?:your|ur|you['’´]?re?)\s+(?:\w+\s+){{0,2}}?{target}\b|\b(?:the|a|this|each|every)\s+{_any(clear)}\b"
        rf"|\bwhen\s+(?:you(?:['’´]?re|\s+are)?\s+)?(?:apply|applying|bid|bidding|reply|replying|respond|responding)"
        rf"|\b(?:in|as|on)\s+(?:the|your)\s+(?:e-?mail\s+)?(?:subject(?:\s+line)?|{_FIRST})\b"
        rf"|\bto\s+apply\b|\b(?:reply|replying|respond|apply|applying)\s+(?:to|for)\s+(?:this|the|our|my)\b)"
    )


def _literal_patterns(table: dict[str, Any]) -> dict[str, Any]:
    target = _any([*table["targets"]["clear"], *table["targets"]["any"]])
    ours = _ours(table)
    verbs = _any(table["orders"]["verbs"])
    place = r"(?:top|start|beginning|front|head)"
    return {
        "opening": _ignoring_case(
            rf"\b{_any(table['orders']['opening'])}\s+(?:off\s+|out\s+)?(?:with\s+)?(?:(?:your|ur|the|an?|any|all|every)\s+)?"
            rf"(?:\w+[\s/]+){{0,2}}?{target}\b[^.!?\n\"“”]{{0,40}}?"
            rf"\b(?:with|by\s+(?:writing|saying|typing|stating|using|putting|adding|including)|using|saying)\b"
            rf"\s*(?P<rest>.*)"
        ),
        "first_is": _ignoring_case(
            rf"\b{_FIRST}\s+(?:of|in|on)\s+(?:your|ur|the)\s+(?:\w+\s+){{0,2}}?{target}\s+"
            rf"(?:should|must|has\s+to|needs\s+to|to|is|will|shall)\s*(?:be|read|say)?\s*(?P<rest>.*)"
        ),
        "rejected": _ignoring_case(
            rf"\b{target}\s+(?:(?:that|which|not|who)\s+)?(?:(?:do(?:es)?\s+not|don['’]?t|doesn['’]?t|without|not)\s+)"
            rf"(?:(?P<first>start(?:ing)?|begin(?:ning)?)\s+with|include|including|contain(?:ing)?|have|having|mention(?:ing)?)?"
            rf"(?P<rest>\s.*)"
        ),
        "first_place": _ignoring_case(
            rf"\bat\s+the\s+{target}['’]s\s+top\b|\bin\s+your\s+{_FIRST}|\b{place}\s+of\s+(?:your|ur|the|this)\s+(?:\w+\s+){{0,2}}?{target}\b|\bas\s+(?:the|your)\s+{_FIRST}"
            rf"|\bto\s+the\s+top\b|\bin\s+the\s+{_FIRST}\b|\b(?:at|on)\s+(?:the\s+)?(?:very\s+)?top\b"
        ),
        "include": _ignoring_case(
            rf"\b(?:(?P<reply>(?:reply|respond|answer|apply)\s+with|stating)|(?P<first>(?:start|begin|open)\s+with)|{verbs})\b"
        ),
        "announces": _ignoring_case(r"\s+(?:the\s+)?following\b[^\n]{0,120}:\s*$"),
        "negated": _ignoring_case(rf"\b{_any(table['orders']['negations'])}\b(?:\s+\w+){{0,3}}\s*$"),
        "ours": _ignoring_case(ours),
        "applicant": _ignoring_case(
            rf"{ours}|\bplease\b|\b(?:apply|applying|applicants?|candidates?|interested)\b"
        ),
        "label": _ignoring_case(rf"\b{_any(table['literals']['labels'])}\s*(?:is|[:=])\s*(?P<rest>.*)"),
        "announced": _ignoring_case(
            _lead([*table["literals"]["strong"], *table["literals"]["weak"]]) + r"(?<=[:=–—-]\s)"
        ),
        "lead_strong": _ignoring_case(_lead(table["literals"]["strong"])),
        "lead_weak": _ignoring_case(_lead(table["literals"]["weak"])),
        "proof": _ignoring_case(_any(table["proof"]["patterns"])),
    }


def _lead(nouns: list[str]) -> str:
    return (
        rf"\s*(?:(?:the|this|these|that|a|an|my|our|following|exact|single|code|secret|magic|special|simple|one|two|specific)\s+)*"
        rf"{_any(nouns)}\b(?:\s+(?:is|of|below|here))?\s*[:=–—-]*\s*"
    )


def _machine_patterns(table: dict[str, Any]) -> dict[str, Any]:
    machines = table["machines"]
    name, orders = _any(machines["names"]), _any(machines["orders"])
    nobody = rf"(?!\s*[/&-]?\s*(?:[\w-]+\s+){{0,3}}{_any(machines['people'])}\b)(?![-/]\w)"
    return {
        "machine_if": _ignoring_case(
            rf"\b(?:if|when|in\s+case|should)\b[^.?!\n]{{0,40}}?\b(?:(?:you(?:['’]?re|\s+are|\s+be|r)?|u\s+are|ur|this\s+is|it['’]?s|"
            rf"(?:written|generated|made|created|read|processed|answered)\s+(?:by|with|using))\s+(?:being\s+)?"
            rf"(?:an?\s+|the\s+|some\s+)?(?:\w+\s+)?{name}\b{nobody}"
            rf"|you\s+(?:are\s+|have\s+)?(?:using|used?)\s+{name}\s+(?:to|for)\s+(?:write|writing|generate|apply|reply|answer|draft))"
        ),
        "machine_call": _ignoring_case(
            rf"^\W*(?:(?:note|message|instructions?|attention|notice|dear|hey|hello|all|any|to|for|important)\W+){{0,4}}"
            rf"{name}{nobody}(?:\s*[:,!-]\s*|\s+(?:reading|processing|reviewing|writing)[^.\n]{{0,40}}|\s+(?=please))"
            rf"(?=\s*(?:please\s+|must\s+|should\s+|you\s+must\s+|you\s+should\s+)?{orders}\b)"
        ),
        "machine_orders": _ignoring_case(rf"\b{orders}\b"),
        "override": _ignoring_case(
            r"\b(?:ignore|disregard|forget|override)\s+(?:(?:all|any|the|your|my|every|of)\s+){0,3}"
            r"(?:previous|prior|above|earlier|preceding|other|foregoing|existing|system|past)\s+(?:\w+\s+)?"
            r"(?:instructions?|prompts?|directions?|context|rules|messages?|orders|commands?)"
            r"|\b(?:system|developer)\s+prompt\s*:|</?(?:system|assistant|instructions?)>|\[/?INST\]|<\|im_start\|>"
        ),
        "order_start": _ignoring_case(
            rf"^\W*(?:then\s+|and\s+|please\s+|you\s+must\s+|you\s+should\s+)*{orders}\b"
        ),
    }


def _question_patterns(table: dict[str, Any]) -> dict[str, Any]:
    questions = table["questions"]
    return {
        "question_start": _ignoring_case(
            rf"(?:\w+\s*:\s*)?(?:and\s+|also\s+|so\s+)?{_any(questions['starts'])}"
        ),
        "speaks_to": _ignoring_case(rf"\b{_any(questions['speaks_to'])}\b"),
        "rhetorical": _ignoring_case(rf"(?:and\s+|so\s+)?{_any(questions['rhetorical'])}"),
        "preamble": re.compile(r"^[\W\d_]*(?:[A-Z][\w /&-]{0,40}:\s*)?"),
        "imperative": _ignoring_case(rf"(?:^|please|kindly|\band\b|,)\W*{_any(questions['imperatives'])}"),
        "asking_lead": _ignoring_case(
            rf"^(?=.{{0,300}}(?:\b{_any(questions['leads'])}\b|{_ours(table)})).{{0,300}}\b{_any(questions['asking'])}\b.{{0,120}}:\W*$"
            rf"|^[\W\d]*(?:screening\s+|application\s+|some\s+)?questions?(?:\s+\w+){{0,4}}\W*$"
            rf"|^.{{0,160}}\banswer\s+(?:\w+\s+){{0,4}}questions\b.{{0,120}}$"
        ),
    }


def _request_patterns(table: dict[str, Any]) -> dict[str, Any]:
    kinds = table["attachments"]
    return {
        "request": _ignoring_case(rf"\b{_any(table['requests']['verbs'])}\b"),
        "attachment_item": _ignoring_case(
            _any([pattern for patterns in kinds.values() for pattern in patterns])
        ),
        "attachments": tuple(
            (
                kind,
                _ignoring_case(_any(patterns)),
                _ignoring_case(rf"\byour\s+(?:[\w/-]+,?\s+){{0,3}}?{_any(patterns)}"),
            )
            for kind, patterns in kinds.items()
        ),
    }
