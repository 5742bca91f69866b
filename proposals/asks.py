"""What a post asks of those who reply to it: read, explained, never obeyed.

The text of a post is data. An opener or a word to include is a literal the person may want in the reply; an
order aimed at a program that reads the post is shown to the person and goes nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from proposals.askwords import ask_words
from proposals.markers import AROUND, Marker, Place, find_markers
from proposals.requests import Kind, find_questions, find_rules, find_things, without_repeated
from proposals.sentences import read_sentences
from proposals.traps import machine_orders, odd_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing a post asks for: ``what`` in short, and the ``sentence`` of the post it came from.

    ``place`` is where in the reply a literal is wanted.
    """

    what: str
    sentence: str
    place: Place = Place.ANYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Everything a post asks for.

    ``opener`` must be the first words of the reply; ``include`` are literals wanted anywhere in it, or in its
    subject (``place``); ``forbidden`` are literals it must not hold. The result of a small sum is such a
    literal. ``questions`` want an answer; ``answers`` are those of them that are asked only to see who read
    the post. ``attachments`` name kinds of things to send or state (``portfolio``, ``rate``, ``availability``
    …), ``prohibitions`` what the client will not have, ``formats`` how the reply is to look (the keys of
    ``data/asks.toml``). ``for_language_models`` are orders to a program, shown and left unfollowed.
    """

    opener: Ask | None = None
    include: tuple[Ask, ...] = ()
    forbidden: tuple[Ask, ...] = ()
    questions: tuple[Ask, ...] = ()
    answers: tuple[Ask, ...] = ()
    attachments: tuple[Ask, ...] = ()
    prohibitions: tuple[Ask, ...] = ()
    formats: tuple[Ask, ...] = ()
    for_language_models: tuple[Ask, ...] = ()

    def __bool__(self) -> bool:
        return self != Asks()


def read_asks(text: str) -> Asks:
    """Return what the plain text of a post asks for, in the order of the text and without repetitions.

    Only the first ``limits.text`` characters are read (``data/asks.toml``); every pattern has bounded gaps,
    so the time is linear in the text. How right the reading is, is measured on 466 labelled posts
    (``benchmarks/quality/asks.py``).
    """
    words = ask_words()
    sentences = read_sentences(text, words)
    machine = machine_orders(sentences, words)
    human = [sentence for place, sentence in enumerate(sentences) if place not in machine]
    markers = find_markers(human, words)
    openers = [_marker(each) for each in markers if each.place is Place.START and not each.forbidden]
    include = [_marker(each) for each in markers if each.place is not Place.START and not each.forbidden]
    marked = {each.sentence for each in markers} | {
        s.text for s in human for each in markers if each.literal == s.text.strip(AROUND)
    }
    answers = odd_questions(human, words, marked)
    questions = find_questions(human, words, marked)
    return Asks(
        opener=openers[0] if openers else None,
        include=_distinct([*include, *openers[1:]], taken=openers[:1]),
        forbidden=_distinct(_marker(each) for each in markers if each.forbidden),
        questions=_distinct(_said(s.text) for s in human if s.text in {*questions, *answers}),
        answers=_distinct(map(_said, answers)),
        attachments=_distinct(map(_kind, find_things(human, words))),
        prohibitions=tuple(map(_kind, without_repeated(find_rules(human, words.prohibitions)))),
        formats=tuple(map(_kind, find_rules(human, words.formats))),
        for_language_models=_distinct(_said(sentences[place].text) for place in sorted(machine)),
    )


def _marker(marker: Marker) -> Ask:
    return Ask(what=marker.literal, sentence=marker.sentence, place=marker.place)


def _said(sentence: str) -> Ask:
    return Ask(what=sentence, sentence=sentence)


def _kind(kind: Kind) -> Ask:
    return Ask(what=kind[0], sentence=kind[1])


def _distinct(asks: Iterable[Ask], taken: Iterable[Ask] = ()) -> tuple[Ask, ...]:
    """Return ``asks`` without those that ask the same as an earlier one or as one of ``taken``."""
    seen = {ask.what.casefold() for ask in taken}
    kept = []
    for ask in asks:
        if ask.what.casefold() not in seen:
            seen.add(ask.what.casefold())
            kept.append(ask)
    return tuple(kept)
