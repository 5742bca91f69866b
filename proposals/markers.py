"""Finds markers: words that the reply must begin with, or hold, so that the client sees who read the post."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from proposals.askwords import AskWords
from proposals.literals import Bare, first_literal, literals_after, looks_like_literal
from proposals.sentences import Sentence
from proposals.sums import asked_sum

AROUND = " .\"'“”‘’*:"


_AFTER_SUBJECT = re.compile(r"\s+(?:when|in\s+your|so|to\s+(?:show|confirm)|otherwise|and)\b")
_GOES_ON = re.compile(r"\W*(?:\w+\W+){0,6}?(?:and|then|also)\s", re.IGNORECASE)
_SHOWN = re.compile(r"[\"“‘'*]|[A-Z]{3,}\b")
_IN_REPLY = "in your proposal "
_ORDERS = 3  # in one sentence; real ones hold two


class Place(StrEnum):
    """Where in the reply a literal is wanted."""

    START = "start"
    ANYWHERE = "anywhere"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A literal and the place it is wanted in, or kept out of; the sentence it came from."""

    literal: str
    place: Place
    forbidden: bool
    sentence: str


Order = tuple[str, Place, bool]
"""A literal, its place, and whether it is forbidden."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence that may order a literal, what follows it, and whether either says what that is for."""

    text: str
    following: str
    words: AskWords
    proof: bool


def find_markers(sentences: list[Sentence], words: AskWords) -> list[Marker]:
    """Return the literals that the reply must hold or must not, in the order of the text."""
    found = []
    proofs = [bool(words.proof.search(sentence.text)) for sentence in sentences]
    for place, sentence in enumerate(sentences):
        following = sentences[place + 1].text if place + 1 < len(sentences) else ""
        proof = any(proofs[place : place + 2])
        result = _sum(sentences, place, words, proof=any(proofs[max(0, place - 1) : place + 2]))
        if result:
            found.append(result)
            continue
        found += [
            Marker(literal=literal, place=where, forbidden=forbidden, sentence=sentence.text)
            for literal, where, forbidden in _orders(_Line(sentence.text, following, words, proof))
        ]
    return found


def _sum(sentences: list[Sentence], place: int, words: AskWords, *, proof: bool) -> Marker | None:
    """Return the result of a sum as a literal, if the sentences around it want it in the reply."""
    result = asked_sum(sentences[place].text, words)
    near = [each.text for each in sentences[max(0, place - 1) : place + 2]]
    if result is None or not (proof or any(words.ours.search(text) for text in near)):
        return None
    first = any(words.opening.search(text) or words.first_place.search(text) for text in near)
    where = Place.START if first else Place.ANYWHERE
    return Marker(literal=result, place=where, forbidden=False, sentence=sentences[place].text)


def _orders(line: _Line) -> Iterator[Order]:
    """Yield the literals ordered in one sentence, each with its place and whether it is forbidden."""
    for _ in range(_ORDERS):
        found = _first_order(line)
        yield from found
        left = line.text.partition(found[-1][0])[2] if found else ""
        goes_on = _GOES_ON.match(left)
        if not goes_on:
            return
        line = replace(line, text=_IN_REPLY + left[goes_on.end() :])


def _first_order(line: _Line) -> list[Order]:
    for read in (_opening, _named, _subject, _closing, _inclusions):
        found = list(read(line))
        if found:
            return found
    return []


def _opening(line: _Line) -> Iterator[Order]:
    """Yield what "start your proposal with …" orders."""
    opening = line.words.opening.search(line.text)
    if not opening:
        return
    negated = _negated(line.text, opening.start(), line.words)
    bare = Bare.NEVER if negated else Bare.PHRASE if line.proof else Bare.WORD
    found = literals_after(opening["rest"], line.words, bare)
    rest = opening["rest"].strip(" :-")
    if (not rest or line.words.lead_strong.fullmatch(rest)) and looks_like_literal(
        line.following, line.words
    ):
        found = [line.following.strip(AROUND)]
    for position, literal in enumerate(found):
        yield literal, Place.ANYWHERE if position else Place.START, negated


def _named(line: _Line) -> Iterator[Order]:
    """Yield what "the first word of your reply must be …" and "bids without … are ignored" order."""
    named = line.words.first_is.search(line.text)
    literal = (
        first_literal(named["rest"], line.words, Bare.PHRASE if line.proof else Bare.WORD) if named else None
    )
    if named and literal and (line.proof or named["your"] or line.words.ours.search(line.text)):
        yield literal, Place.START, False
        return
    rejected = line.words.rejected.search(line.text)
    literal = first_literal(rejected["rest"], line.words, Bare.NEVER) if rejected else None
    if rejected and literal:
        yield literal, Place.START if rejected["first"] else Place.ANYWHERE, False


def _subject(line: _Line) -> Iterator[Order]:
    """Yield what "Subject line: …" orders: quoted, or the rest of the line."""
    subject = line.words.subject_is.search(line.text)
    if subject:
        rest = next(part for part in subject.group("title", "named", "plain", "rest") if part is not None)
        literal = first_literal(rest, line.words, Bare.NEVER) or _AFTER_SUBJECT.split(rest)[0].strip(AROUND)
        if literal and len(literal) <= line.words.max_literal:
            yield literal, Place.SUBJECT, False


def _closing(line: _Line) -> Iterator[Order]:
    """Yield what "end your proposal with …" and "the word … must appear" put into the reply."""
    closing = line.words.closing.search(line.text)
    appears = None if closing else line.words.appears.search(line.text)
    if not (closing or appears) or not (line.proof or line.words.ours.search(line.text)):
        return
    if closing:
        literal = first_literal(closing["rest"], line.words, Bare.PHRASE if line.proof else Bare.WORD)
    else:
        literal = first_literal(f"the word {appears['rest']}", line.words, Bare.NEVER) if appears else None
    if literal:
        yield literal, Place.ANYWHERE, False


def _inclusions(line: _Line) -> Iterator[Order]:
    """Yield the literals that ``include``, ``mention``, ``type`` … put into the reply."""
    text, words = line.text, line.words
    verbs, label = list(words.include.finditer(text)), words.label.search(text)
    if not verbs and not label:
        return
    frame = _Frame.of(line)
    for verb in verbs:
        begins = _begins(text[: verb.start()])
        named = words.lead_strong.match(text, verb.end()) if begins else None
        plain = begins and (verb["reply"] or (named and _SHOWN.match(text, named.end())))
        if not (frame.ours or line.proof or frame.place is not Place.ANYWHERE or plain):
            continue
        rest = text[verb.end() :]
        found = literals_after(rest, words, frame.bare(verb, begins=begins))
        if not found and frame.announced and words.announces.match(rest):
            found = [line.following.strip(AROUND)] if looks_like_literal(line.following, words) else []
        negated = _negated(text, verb.start(), words)
        if negated:
            found = [literal for literal in found if _quoted(rest, literal)]
        if found:
            first = verb["first"] and frame.place is Place.ANYWHERE
            where = Place.ANYWHERE if negated else Place.START if first else frame.place
            yield from ((literal, where, negated) for literal in found)
            return
    if label:
        yield from _labelled(label, line, frame)


def _labelled(label: re.Match[str], line: _Line, frame: _Frame) -> Iterator[Order]:
    """Yield the literal after "code word:"; a list after it is no literal."""
    if frame.ours or line.proof or label["before"] is not None:
        literal = first_literal(label["rest"], line.words, Bare.PHRASE)
        listed = literal and label["rest"].partition(literal)[2].lstrip().startswith(",")
        if literal and not listed:
            yield literal, frame.place, False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What a sentence says around its literal: whose text, where, and what for."""

    ours: bool
    proof: bool
    reading: bool
    place: Place
    announced: bool

    @classmethod
    def of(cls, line: _Line) -> _Frame:
        """Return the frame of a sentence."""
        text, words = line.text, line.words
        subject = Place.SUBJECT if words.subject_place.search(text) else Place.ANYWHERE
        place = Place.START if words.first_place.search(text) else subject
        proof = bool(words.proof.search(text))
        return cls(
            ours=bool(words.ours.search(text)),
            proof=proof,
            reading=proof and bool(words.reading.search(text)),
            place=place,
            announced=place is not Place.ANYWHERE or proof or line.following.startswith(('"', "“", "*")),
        )

    def bare(self, verb: re.Match[str], *, begins: bool) -> Bare:
        """Return how much a literal may do without quotation marks after ``verb``."""
        placed = self.place is not Place.ANYWHERE
        if (self.proof and (verb["reply"] or placed)) or (self.ours and (placed or self.reading)):
            return Bare.PHRASE
        told = verb["first"] or (verb[0].endswith(":") and begins)
        if (self.ours and told) or (self.reading and begins):
            return Bare.WORD
        return Bare.CODE if self.ours and self.proof else Bare.NEVER


def _begins(before: str) -> bool:
    """Return whether an order begins its sentence or clause."""
    return not before.removeprefix("Please").strip(AROUND) or before.rstrip().endswith(":")


def _quoted(text: str, literal: str) -> bool:
    return text.partition(literal)[0].rstrip().endswith(('"', "“", "'", "‘", "«", "*"))


def _negated(text: str, start: int, words: AskWords) -> bool:
    return bool(words.negated.search(text[max(0, start - 40) : start]))
