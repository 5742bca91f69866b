"""Finds what a post wants to hear, to be sent, or not to get: questions, things, prohibitions, form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from proposals.askwords import AskWords
from proposals.sentences import Sentence, is_lead

_WORDS = re.compile(r"[^\W\d_]{2,}\W[^\n]*[^\W\d_]{2,}")
Kind = tuple[str, str]
"""A kind, and the sentence it came from."""
Rules = tuple[tuple[str, re.Pattern[str]], ...]


def find_questions(sentences: list[Sentence], words: AskWords, marked: set[str]) -> list[str]:
    """Return questions to the person: with a question mark, in an asking list, or as an order to tell."""
    return [
        sentence.text
        for sentence in sentences
        if sentence.text not in marked and _is_question(sentence, words) and _is_said(sentence.text, words)
    ]


def _is_said(text: str, words: AskWords) -> bool:
    """Return whether a sentence says something itself: headings, leads and bare numbers do not."""
    if text.endswith(":") or is_lead(text, words) or not _WORDS.search(text):
        return False
    return text.endswith("?") or not words.apply_heading.match(text)


def _is_question(sentence: Sentence, words: AskWords) -> bool:
    text = sentence.text
    if text.rstrip("\"”') ").endswith("?"):
        told = sentence.under_asking_lead or words.imperative.search(text)
        return bool(told) or _asks_the_person(text, words)
    if sentence.under_asking_lead and words.list_item.match(text):
        return not words.attachment_item.search(text)
    if words.imperative.search(text) and (sentence.applying or not sentence.quoted):
        return True
    return bool(words.polite_request.search(text) and not words.attachment_item.search(text))


def _asks_the_person(text: str, words: AskWords) -> bool:
    """Return whether a sentence with a question mark wants an answer from the person."""
    clause = words.preamble.sub("", text).strip(" -•*\"“'")
    if words.rhetorical.match(clause):
        return False
    return bool(words.question_start.match(clause) and words.speaks_to.search(clause))


def find_things(sentences: list[Sentence], words: AskWords) -> list[Kind]:
    """Return the kinds of things a post wants attached, linked or stated."""
    return [(kind, sentence.text) for sentence in sentences for kind in _things(sentence, words)]


def _things(sentence: Sentence, words: AskWords) -> Iterator[str]:
    text = sentence.text
    request = words.request.search(text)
    if not request and (not sentence.under_asking_lead or text.endswith("?")):
        return  # a listed question is answered where it stands
    if words.about_person.search(text) and not words.polite_request.search(text):
        return
    direct = words.direct_request.search(text)
    ours = sentence.under_asking_lead or bool(words.applicant.search(text))
    ours = ours or bool(direct and (sentence.applying or words.own_work.search(text)))
    rest = text[request.start() :] if request and not sentence.under_asking_lead else text
    conditional = words.conditional.search(text)  # "only apply if you have experience" asks for none
    for kind, pattern, owned in words.attachments:
        if (pattern if ours else owned).search(rest) and not (conditional and kind != "portfolio"):
            yield kind


def find_rules(sentences: list[Sentence], kinds: Rules) -> list[Kind]:
    """Return which ``kinds`` of prohibitions, or of orders on form, stand in which sentence."""
    return [
        (kind, sentence.text)
        for sentence in sentences
        for kind, pattern in kinds
        if pattern.search(sentence.text)
    ]


def without_repeated(rules: list[Kind]) -> list[Kind]:
    """Return ``rules`` without what only says again whom a sentence rules out ("if you are an agency …")."""
    told = {sentence for kind, sentence in rules if kind == "agencies"}
    return [(kind, text) for kind, text in rules if kind != "unfit applicants" or text not in told]
