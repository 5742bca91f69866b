"""Finds odd questions, asked to see who read the post, and orders to programs, which go nowhere else."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes

from __future__ import annotations

import re

from proposals.askwords import AskWords
from proposals.sentences import Sentence

_AROUND = " .\"'“”‘’*:"


def machine_orders(sentences: list[Sentence], words: AskWords) -> set[int]:
    """Return the places of sentences that address a program, with the one that carries on from them."""
    places: set[int] = set()
    for place, sentence in enumerate(sentences):
        override = words.override.search(sentence.text)
        address = _address(sentence.text, words)
        if not (override or address):
            continue
        follows = place + 1 < len(sentences) and sentences[place + 1].paragraph == sentence.paragraph
        carries_on = follows and bool(words.order_start.match(sentences[place + 1].text))
        rest = sentence.text[address.end() :] if address else ""
        ends = address is not None and not rest.strip(_AROUND)
        ordered = (
            override or words.machine_orders.search(rest) or (ends and words.order_start.match(sentence.text))
        )
        if ordered or carries_on:
            places.add(place)
        if carries_on and (override or not ordered):
            places.add(place + 1)
    return places


def _address(text: str, words: AskWords) -> re.Match[str] | None:
    """Return the words that speak to a program; what a program has to do is one only about a reply."""
    duty = words.machine_duty.search(text)
    if duty and (words.ours.search(text) or words.first_place.search(text)):
        return words.machine_orders.search(text) and re.match(r"\W*\w+", text)
    return words.machine_if.search(text) or words.machine_call.search(text)


def odd_questions(sentences: list[Sentence], words: AskWords, marked: set[str]) -> list[str]:
    """Return the questions that are asked only to see who read the post."""
    found = []
    for place, sentence in enumerate(sentences):
        text = sentence.text
        if text in marked:
            continue
        odd = words.odd_question.search(text)
        asked = odd and (text.rstrip("\"”')").endswith("?") or _is_asked(text, words))
        if asked or _is_odd_order(place, sentences, words):
            found.append(text)
    return found


def _is_asked(text: str, words: AskWords) -> bool:
    return bool(words.odd_asked.search(text) or words.ours.search(text) or words.proof.search(text))


def _is_odd_order(place: int, sentences: list[Sentence], words: AskWords) -> bool:
    """Return whether a sentence beside a proof of reading asks something, in it or for the reply."""
    text = sentences[place].text
    before = sentences[place - 1].text if place else ""
    if text.rstrip("\"”')").endswith("?"):
        if words.reading.search(text) and words.trivia.search(text):
            return True
        announced = words.odd_answer.search(text) or words.odd_answer.search(before)
        near = [each.text for each in sentences[max(0, place - 1) : place + 2]]
        return bool(announced) and any(words.proof.search(part) for part in near)
    ordered = words.odd_order.search(text)
    return bool(ordered and words.proof.search(text) and words.ours.search(text))
