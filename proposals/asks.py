"""What a post asks of those who reply to it: read, explained, never obeyed.

The text of a post is data. An opener or a word to include is a literal the person may want in the reply; an
order aimed at a program that reads the post is shown to the person and goes nowhere else.
"""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from proposals.askwords import AskWords, ask_words
from proposals.literals import Bare, first_literal, literals_after, looks_like_literal
from proposals.sentences import Sentence, read_sentences

_AROUND = " .\"'“”‘’*:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing a post asks for: ``what`` in short, and the ``sentence`` of the post it came from."""

    what: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Everything a post asks for.

    ``opener`` must be the first words of the reply; ``include`` are literals wanted anywhere in it;
    ``forbidden`` are literals it must not hold. ``questions`` want an answer; ``attachments`` name kinds of
    things to send or state (``portfolio``, ``rate``, ``availability`` …, the keys of ``data/asks.toml``).
    ``for_language_models`` are orders to a program, shown and left unfollowed.
    """

    opener: Ask | None = None
    include: tuple[Ask, ...] = ()
    forbidden: tuple[Ask, ...] = ()
    questions: tuple[Ask, ...] = ()
    attachments: tuple[Ask, ...] = ()
    for_language_models: tuple[Ask, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.opener
            or self.include
            or self.forbidden
            or self.questions
            or self.attachments
            or self.for_language_models
        )


def read_asks(text: str) -> Asks:
    """Return what the plain text of a post asks for, in the order of the text and without repetitions.

    Only the first ``limits.text`` characters are read (``data/asks.toml``); every pattern has bounded gaps,
    so the time is linear in the text. The kinds of wording follow the measurement of 3,101 posts in which
    1.6 % carry a marker and 0.13 % an order to language models.
    """
    words = ask_words()
    sentences = read_sentences(text, words)
    machine = _machine_orders(sentences, words)
    human = [sentence for place, sentence in enumerate(sentences) if place not in machine]
    openers, include, forbidden = _literals(human, words)
    literals = (*openers, *include, *forbidden)
    marked = {ask.sentence for ask in literals} | {
        s.text for s in human for a in literals if a.what == s.text.strip(_AROUND)
    }
    return Asks(
        opener=openers[0] if openers else None,
        include=_distinct([*include, *openers[1:]], taken=openers[:1]),
        forbidden=_distinct(forbidden),
        questions=_distinct(_questions(human, words, marked)),
        attachments=_distinct(_attachments(human, words)),
        for_language_models=_distinct(
            [Ask(what=sentences[place].text, sentence=sentences[place].text) for place in sorted(machine)]
        ),
    )


def _distinct(asks: list[Ask], taken: list[Ask] | None = None) -> tuple[Ask, ...]:
    """Return ``asks`` without those that ask the same as an earlier one or as one of ``taken``."""
    seen = {ask.what.casefold() for ask in taken or ()}
    kept = []
    for ask in asks:
        if ask.what.casefold() not in seen:
            seen.add(ask.what.casefold())
            kept.append(ask)
    return tuple(kept)


def _machine_orders(sentences: list[Sentence], words: AskWords) -> set[int]:
    """Return the places of sentences that address a program, with the one that carries on from them."""
    places: set[int] = set()
    for place, sentence in enumerate(sentences):
        override = words.override.search(sentence.text)
        address = words.machine_if.search(sentence.text) or words.machine_call.search(sentence.text)
        if not (override or address):
            continue
        follows = place + 1 < len(sentences) and sentences[place + 1].paragraph == sentence.paragraph
        carries_on = follows and bool(words.order_start.match(sentences[place + 1].text))
        rest = sentence.text[address.end() :] if address else ""
        ordered = override or words.machine_orders.search(rest)
        if ordered or carries_on:
            places.add(place)
        if carries_on and (override or not ordered):
            places.add(place + 1)
    return places


def _literals(sentences: list[Sentence], words: AskWords) -> tuple[list[Ask], list[Ask], list[Ask]]:
    """Return openers, literals to include and literals to leave out."""
    openers: list[Ask] = []
    include: list[Ask] = []
    forbidden: list[Ask] = []
    for place, sentence in enumerate(sentences):
        following = sentences[place + 1].text if place + 1 < len(sentences) else ""
        proof = any(words.proof.search(part) for part in (sentence.text, following))
        for found, first, negated in _orders(sentence.text, following, words, proof=proof):
            kind = forbidden if negated else openers if first else include
            kind.append(Ask(what=found, sentence=sentence.text))
    return openers, include, forbidden


def _orders(text: str, following: str, words: AskWords, *, proof: bool) -> Iterator[tuple[str, bool, bool]]:
    """Yield ``(literal, is an opener, is forbidden)`` for each order in one sentence."""
    opening = words.opening.search(text)
    if opening:
        negated = _negated(text, opening.start(), words)
        bare = Bare.NEVER if negated else Bare.PHRASE if proof else Bare.WORD
        found = literals_after(opening["rest"], words, bare)
        if not opening["rest"].strip(" :-") and looks_like_literal(following, words):
            found = [following.strip(_AROUND)]
        yield from ((literal, position == 0, negated) for position, literal in enumerate(found))
        if found:
            return
    named = words.first_is.search(text)
    if named:
        literal = first_literal(named["rest"], words, Bare.PHRASE)
        if literal:
            yield literal, True, False
            return
    rejected = words.rejected.search(text)
    if rejected:
        literal = first_literal(rejected["rest"], words, Bare.NEVER)
        if literal:
            yield literal, bool(rejected["first"]), False
            return
    yield from _inclusions(text, following, words, proof=proof)


def _inclusions(
    text: str, following: str, words: AskWords, *, proof: bool
) -> Iterator[tuple[str, bool, bool]]:
    """Yield the literals that ``include``, ``mention``, ``type`` … put into the reply."""
    ours = bool(words.ours.search(text))
    first = bool(words.first_place.search(text))
    for verb in words.include.finditer(text):
        rest = text[verb.end() :]
        negated = _negated(text, verb.start(), words)
        if not (ours or proof):
            continue
        own_proof = bool(words.proof.search(text))
        bare = Bare.PHRASE if verb["reply"] and own_proof else Bare.WORD if first else Bare.NEVER
        bare = max(bare, Bare.CODE if ours and own_proof else Bare.NEVER)
        literal = literals_after(rest, words, bare)
        if negated:
            literal = [found for found in literal if _quoted(rest, found)]
        if not literal and proof and words.announces.match(rest) and looks_like_literal(following, words):
            literal = [following.strip(_AROUND)]
        if literal:
            at_first = (first or bool(verb["first"])) and not negated
            yield from ((found, at_first, negated) for found in literal)
            return
    label = words.label.search(text)
    if label and (ours or proof or label.start() < 20):  # noqa: PLR2004 - a label stands at the beginning
        literal_named = first_literal(label["rest"], words, Bare.PHRASE)
        listed = literal_named and label["rest"].partition(literal_named)[2].lstrip().startswith(",")
        if literal_named and not listed:
            yield literal_named, first, False


def _quoted(text: str, literal: str) -> bool:
    return text.partition(literal)[0].rstrip().endswith(('"', "“", "'", "‘", "«", "*"))


def _negated(text: str, start: int, words: AskWords) -> bool:
    return bool(words.negated.search(text[max(0, start - 40) : start]))


def _questions(sentences: list[Sentence], words: AskWords, marked: set[str]) -> list[Ask]:
    """Return questions to the person: with a question mark, in an asking list, or as an order to tell."""
    found = []
    for sentence in sentences:
        text = sentence.text
        if text in marked or text.endswith(":"):
            continue
        listed = sentence.under_asking_lead and not words.attachment_item.search(text)
        if text.rstrip("\"”') ").endswith("?"):
            asked = listed or _asks_the_person(text, words)
        else:
            told = words.imperative.search(text)
            odd = words.include.search(text) and words.proof.search(text) and words.ours.search(text)
            asked = listed or bool(told and not sentence.quoted) or bool(odd)
        if asked:
            found.append(Ask(what=text, sentence=text))
    return found


def _asks_the_person(text: str, words: AskWords) -> bool:
    """Return whether a sentence with a question mark wants an answer from the person."""
    clause = words.preamble.sub("", text).strip(" -•*\"“'")
    if words.rhetorical.match(clause):
        return False
    return bool(words.question_start.match(clause) and words.speaks_to.search(clause))


def _attachments(sentences: list[Sentence], words: AskWords) -> list[Ask]:
    """Return the kinds of things a post wants attached, linked or stated, each once."""
    found = []
    for sentence in sentences:
        request = words.request.search(sentence.text)
        if not request and (not sentence.under_asking_lead or sentence.text.endswith("?")):
            continue  # a listed question is answered where it stands
        ours = sentence.under_asking_lead or bool(words.applicant.search(sentence.text))
        rest = sentence.text[request.end() :] if request else sentence.text
        for kind, pattern, owned in words.attachments:
            if (pattern if ours else owned).search(rest):
                found.append(Ask(what=kind, sentence=sentence.text))
    return found
