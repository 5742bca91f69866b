"""Patterns of questions, of things to send, of orders on form, and of the parts a post falls into."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
from typing import Any


def any_of(words: list[str]) -> str:
    """Return a group that matches any of ``words``, the longest first."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


def ignoring_case(pattern: str) -> re.Pattern[str]:
    """Return ``pattern`` compiled; letters match in either case."""
    return re.compile(pattern, re.IGNORECASE)


def question_patterns(table: dict[str, Any], ours: str) -> dict[str, Any]:
    """Return the patterns that find questions to the person."""
    questions = table["questions"]
    leads = rf"(?:\b{any_of(questions['leads'])}\b|{ours})"
    work = rf"(?!.{{0,300}}\b{any_of(questions['of_work'])})"
    return {
        "question_start": ignoring_case(
            rf"(?:\w+\s*:\s*)?(?:and\s+|also\s+|so\s+)?{any_of(questions['starts'])}"
        ),
        "speaks_to": ignoring_case(rf"\b{any_of(questions['speaks_to'])}\b"),
        "rhetorical": ignoring_case(rf"(?:and\s+|so\s+)?{any_of(questions['rhetorical'])}"),
        "preamble": re.compile(r"^[\W\d_]*(?:[A-Z][\w /&-]{0,40}:\s*)?"),
        "imperative": ignoring_case(
            rf"(?:^|please|kindly|\balso\b|\band\b|[,:])\W*{any_of(questions['imperatives'])}"
        ),
        "polite_request": ignoring_case(
            rf"\b(?:please|pls|kindly)\s+(?:also\s+|just\s+)?{any_of(questions['polite'])}\b(?=.{{0,200}}\b(?:you|your|me|us)\b)"
        ),
        "asking_lead": ignoring_case(
            rf"^{work}(?=.{{0,300}}{leads}).{{0,300}}\b{any_of(questions['asking'])}\b.{{0,160}}[:–-]\W*$"
            rf"|^[\W\d]*(?:screening\s+|application\s+|some\s+)?questions?(?:\s+\w+){{0,4}}\W*$"
            rf"|^(?=.{{0,160}}(?:{leads}|^\W*answer)).{{0,160}}\banswer\s+(?:\w+\s+){{0,4}}questions\b.{{0,120}}$"
            rf"|^{work}(?=.{{0,200}}{leads}).{{0,200}}\b(?:the\s+)?following(?:\s+(?:information|details|questions?))?\W*$"
            rf"|^.{{0,60}}\b(?:please|to\s+qualify,?)\s+(?:explain|include|send|provide|share|submit|answer)\W*$"
        ),
    }


def section_patterns(table: dict[str, Any]) -> dict[str, Any]:
    """Return the patterns of headings, and of what goes on with a list or ends it."""
    sections = table["sections"]
    return {
        "apply_heading": ignoring_case(rf"[\W\d]*{any_of(sections['apply'])}\b[^?]{{0,24}}$"),
        "work_heading": ignoring_case(rf"[\W\d]*{any_of(sections['work'])}\b.{{0,50}}$"),
        "list_item": ignoring_case(rf"\W*{any_of(sections['items'])}\b"),
        "list_end": ignoring_case(rf"\W*{any_of(sections['ends'])}\b"),
        "farewell": ignoring_case(rf"\W*{any_of(sections['farewell'])}\b"),
    }


def request_patterns(table: dict[str, Any]) -> dict[str, Any]:
    """Return the patterns that find things to attach, link or state."""
    kinds = table["attachments"]
    verbs = any_of(table["requests"]["verbs"])
    return {
        "request": ignoring_case(rf"\b{verbs}\b"),
        "direct_request": ignoring_case(
            rf"(?:^|[;:(–—-]|\b(?:please|pls|kindly|also|and|then)\b)\W*{any_of(table['requests']['direct'])}\b"
        ),
        "attachment_item": ignoring_case(
            any_of([rf"\b{pattern}" for patterns in kinds.values() for pattern in patterns])
        ),
        "attachments": tuple(
            (
                kind,
                ignoring_case(rf"\b{any_of(patterns)}"),
                ignoring_case(rf"\byour\s+(?:[\w/-]+,?\s+){{0,3}}?{any_of(patterns)}"),
            )
            for kind, patterns in kinds.items()
        ),
        "conditional": ignoring_case(any_of(table["prohibitions"]["unfit applicants"])),
        "about_person": ignoring_case(any_of(table["requests"]["about_person"])),
        "own_work": ignoring_case(any_of(table["requests"]["own"])),
    }


def rule_patterns(table: dict[str, Any]) -> dict[str, Any]:
    """Return the patterns of what a post forbids and of the form it wants, by kind."""
    return {
        name: tuple((kind, ignoring_case(any_of(patterns))) for kind, patterns in table[name].items())
        for name in ("prohibitions", "formats")
    }
