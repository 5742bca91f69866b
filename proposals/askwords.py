"""The word lists of ``data/asks.toml`` compiled; the patterns here find literals wanted in the reply."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from proposals import requestwords, trapwords


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
    subject_place: re.Pattern[str]  # "in the subject line", "in title"
    subject_is: re.Pattern[str]  # "Subject line: <rest>"
    closing: re.Pattern[str]  # "end your proposal with <rest>"
    appears: re.Pattern[str]  # "the word <rest> must appear"
    reading: re.Pattern[str]  # a proof that says what it is there for
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
    sum_asked: re.Pattern[str]  # "the result of 3+2"
    odd_question: re.Pattern[str]  # what nobody needs to know: a favourite colour, a capital
    odd_asked: re.Pattern[str]  # "tell me", "mention"
    odd_answer: re.Pattern[str]  # "answer this"
    trivia: re.Pattern[str]  # "who", "what", "how many"
    odd_order: re.Pattern[str]  # "tell me what", "mention our name"
    machine_if: re.Pattern[str]
    machine_call: re.Pattern[str]
    machine_duty: re.Pattern[str]  # "AI assistants must add … to the first line"
    machine_orders: re.Pattern[str]
    override: re.Pattern[str]
    order_start: re.Pattern[str]
    question_start: re.Pattern[str]
    speaks_to: re.Pattern[str]
    rhetorical: re.Pattern[str]
    preamble: re.Pattern[str]
    imperative: re.Pattern[str]
    polite_request: re.Pattern[str]
    asking_lead: re.Pattern[str]
    apply_heading: re.Pattern[str]
    work_heading: re.Pattern[str]
    list_item: re.Pattern[str]
    list_end: re.Pattern[str]
    farewell: re.Pattern[str]
    request: re.Pattern[str]
    direct_request: re.Pattern[str]
    attachment_item: re.Pattern[str]
    attachments: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]
    about_person: re.Pattern[str]
    own_work: re.Pattern[str]
    conditional: re.Pattern[str]
    prohibitions: tuple[tuple[str, re.Pattern[str]], ...]
    formats: tuple[tuple[str, re.Pattern[str]], ...]
    content_heads: frozenset[str]
    stops: frozenset[str]


any_of = requestwords.any_of
ignoring_case = requestwords.ignoring_case


@cache
def ask_words() -> AskWords:
    """Return the compiled word lists; read once."""
    table = tomllib.loads(files("proposals").joinpath("data/asks.toml").read_text(encoding="utf-8"))
    ours = _ours(table)
    return AskWords(
        max_text=table["limits"]["text"],
        max_sentence=table["limits"]["sentence"],
        max_literal=table["limits"]["marker"],
        content_heads=frozenset(table["content"]["heads"]),
        stops=frozenset(table["content"]["stops"]),
        **_literal_patterns(table),
        **trapwords.odd_patterns(table),
        **trapwords.machine_patterns(table),
        **requestwords.question_patterns(table, ours),
        **requestwords.section_patterns(table),
        **requestwords.request_patterns(table),
        **requestwords.rule_patterns(table),
    )


_FIRST = r"(?:very\s+)?(?:first|1st|opening)\s+(?:words?|lines?|sentence|thing|phrase)"
_SUBJECT = r"(?:e-?mail\s+)?(?:subject(?:\s+line)?|title|headline)"


def _ours(table: dict[str, Any]) -> str:
    """Return the pattern of what the person sends, so that "the application" being built is not meant."""
    clear = table["targets"]["clear"]
    target = any_of([*clear, *table["targets"]["any"]])
    plural = r"(?:applications|applicants|proposals|bids|replies|cover\s+letters)"
    return (
        rf"(?:\b(?:your|ur|you['’´]?re?)\s+(?:\w+\s+){{0,2}}?{target}\b|\b(?:the|a|this|each|every)\s+{any_of(clear)}\b"
        rf"|\b(?:in|on|to|into|of|with)\s+{any_of(clear)}\b"
        rf"|\b(?:only|all|any)\s+(?:\w+\s+){{0,2}}{plural}\b|^\W*{plural}\s+(?:must|should|need)"
        rf"|\bwhen\s+(?:you(?:['’´]?re|\s+are)?\s+)?(?:apply|applying|bid|bidding|reply|replying|respond|responding)"
        rf"|\b(?:in|as|on|with)\s+(?:the\s+|your\s+)?(?:{_SUBJECT}|{_FIRST})\b"
        rf"|\bto\s+apply\b|\b(?:reply|replying|respond|apply|applying)\s+(?:to|for)\s+(?:this|the|our|my)\b)"
    )


def _literal_patterns(table: dict[str, Any]) -> dict[str, Any]:
    target = any_of([*table["targets"]["clear"], *table["targets"]["any"]])
    ours = _ours(table)
    verbs = any_of(table["orders"]["verbs"])
    place = r"(?:top|start|beginning|front|head)"
    noun = any_of(table["literals"]["strong"])
    return {
        "opening": ignoring_case(
            rf"\b{any_of(table['orders']['opening'])}\s+(?:off\s+|out\s+)?(?:with\s+)?(?:(?:your|ur|the|an?|any|all|every)\s+)?"
            rf"(?:\w+[\s/]+){{0,2}}?{target}\b[^.!?\n\"“”]{{0,40}}?"
            rf"(?:\bw/|\b(?:with|by\s+(?:writing|saying|typing|stating|using|putting|adding|including)|using|saying)\b)"
            rf"\s*(?P<rest>.*)"
        ),
        "first_is": ignoring_case(
            rf"(?P<make>\bmake\s+(?:the\s+)?)?(?P<your>\byour\s+)?\b{_FIRST}\s*(?:(?:of|in|on)\s+(?:your|ur|the)\s+(?:\w+\s+){{0,2}}?{target}\b\s*)?"
            rf"(?:(?:should|must|has\s+to|needs\s+to|is|will|shall)\s*(?:be|read|say)?|to\s+(?:read|say)|to\s+be\s+(?=[\"“'‘:])|(?=[:=])|(?(make)|(?!)))\s*(?P<rest>.*)"
        ),
        "rejected": ignoring_case(
            rf"\b{target}\s+(?:(?:that|which|not|who)\s+)?(?:do(?:es)?\s+not|don['’]?t|doesn['’]?t|without|not)\s+"
            rf"(?:(?:(?P<first>start(?:ing)?|begin(?:ning)?)\s+with|include|including|contain(?:ing)?|have|having|mention(?:ing)?)\s)?"
            rf"(?P<rest>.*)"
        ),
        "first_place": ignoring_case(
            rf"\bat\s+the\s+{target}['’]s\s+top\b|\bto\s+(?:begin|start|open)\s+(?:your|ur|the)\s+(?:\w+\s+){{0,2}}?{target}\b"
            rf"|\b{place}\s+of\s+(?:(?:your|ur|the|this)\s+)?(?:\w+\s+){{0,2}}?{target}\b"
            rf"|\bfirst\s+(?:thing\s+)?(?:in|of|on)\s+(?:your|ur|the)\s+(?:\w+\s+){{0,2}}?{target}\b|\b(?:as|in|on|to)\s+(?:the|your)\s+{_FIRST}\b|\bto\s+the\s+top\b|\(\s*{_FIRST}\s*\)"
            rf"|\b(?:at|on|in)\s+(?:the\s+)?(?:very\s+)?(?:top|beginning|start)\b(?!\s+of\s+(?!your|ur|the\s+{target}|{target}))"
        ),
        "subject_place": ignoring_case(
            rf"\b(?:in|as|on|into|to|with|for)\s+(?:the\s+|your\s+|a\s+)?(?:{target}['’]?s?\s+)?{_SUBJECT}\b"
            rf"|\b(?:include|use|with|add|using)\s+(?:the\s+)?(?:e-?mail\s+)?subject(?:\s+line)?\b|^\W*{_SUBJECT}\s*(?:must|should|has\s+to|needs?\s+to|[:=])"
        ),
        "closing": ignoring_case(
            rf"(?:\b(?:end|ending|finish|close|conclude|sign)\s+(?:off\s+)?(?:(?:your|ur|the)\s+(?:\w+\s+){{0,2}}?{target}\s+|it\s+)?with"
            rf"|\b(?:last|final)\s+(?:words?|line|sentence)\s+(?:of|in)\s+(?:your|ur|the)\s+(?:\w+\s+){{0,2}}?{target}\s+"
            rf"(?:should|must|has\s+to|needs\s+to|is|will)\s*(?:be|read|say)?)\s*(?P<rest>.*)"
        ),
        "appears": ignoring_case(
            rf"\b(?:the|this)\s+{noun}\s+(?P<rest>.{{1,80}}?)\s+(?:(?:must|should|needs?\s+to|has\s+to|is\s+to)\s+)?"
            rf"(?:appears?\b|be\s+(?:in|included|mentioned|present|used|somewhere|part)\b)"
        ),
        "subject_is": ignoring_case(
            rf"\btitle\s+(?:your|the)\s+{target}\s*(?:as|with)?\s*:?\s*(?P<title>[\"“'‘].*)|\b{target}['’]?s?\s+(?:title|subject|headline)\s+(?:should|must|has\s+to|needs\s+to)\s+(?:be|read|say)\s*:?\s*(?P<named>.*)|^\W*subject\s*:\s*(?=.*[\[\"“])(?P<plain>.*)"
            rf"|^\W*(?:(?:with|use|using|please|and|the|your|e-?mail)\s+){{0,3}}subject\s+line\s*"
            rf"(?:(?:must|should|has\s+to|needs?\s+to)\s+(?:be|read|say|include|contain)\s*:?|[:=])\s*(?P<rest>.*)"
        ),
        "include": ignoring_case(
            rf"\b(?:(?P<reply>(?:reply|respond|answer|apply)\s+with|stating|(?<!your\s)(?:reply|say)(?=\s+(?-i:[\"“'‘A-Z])))"
            rf"|(?P<first>(?:start(?:s|ing)?|begin(?:s|ning)?|open(?:s|ing)?|lead)\s+with)|{verbs})\b:?"
        ),
        "announces": ignoring_case(
            rf"\s+(?:(?:the|this|these)\s+)?(?:following|exact\s+)?\s*(?:following|{noun}|sentence|line|text|statement)\b[^\n]{{0,120}}[:-]\s*$"
        ),
        "negated": ignoring_case(rf"\b{any_of(table['orders']['negations'])}\b(?:\s+\w+){{0,3}}\s*$"),
        "ours": ignoring_case(ours),
        "applicant": ignoring_case(
            rf"{ours}|\b(?:please|pls|kindly)\b|\b(?:apply|applying|applicants?|candidates?|interested)\b"
            rf"|\b(?:send|show|give|tell|contact|message|email|drop|provide)\s+(?:me|us)\b|\blet\s+(?:me|us)\s+know\b"
            rf"|\bdrop\s+(?:me\s+|us\s+)?a\s+(?:message|note|line)\b|\b(?:get\s+in\s+touch|reach\s+out)\b"
            rf"|\b(?:i|we)\s+(?:would|['’]d)\s+(?:also\s+)?(?:like|love|appreciate)\b"
        ),
        "label": ignoring_case(
            rf"(?P<before>^\W*(?:(?:the|our|my|your|a|note|ps)\W+){{0,2}})?\b{any_of(table['literals']['labels'])}\s*(?:is|[:=])\s*(?P<rest>.*)"
        ),
        "announced": ignoring_case(
            _lead([*table["literals"]["strong"], *table["literals"]["weak"]]) + r"(?<=[:=–—-]\s)"
        ),
        "lead_strong": ignoring_case(_lead([noun])),
        "lead_weak": ignoring_case(_lead(table["literals"]["weak"])),
        "proof": ignoring_case(rf"\b{any_of([*table['proof']['reading'], *table['proof']['consequence']])}"),
        "reading": ignoring_case(rf"\b{any_of(table['proof']['reading'])}"),
    }


def _lead(nouns: list[str]) -> str:
    return (
        rf"\s*(?:(?:me|us|the|this|these|that|a|an|my|our|following|exact|single|code|secret|magic|special|simple|random|hidden|chosen|one|two|specific)\s+)*"
        rf"{any_of(nouns)}\b(?:\s+(?:is|of|below|here))?\s*(?:[:=–—-]+\s*){{0,3}}"
    )
