"""Holds what a reader found in a post against its label."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

Span = tuple[int, int]
Counted = list[tuple[bool, str]]

MEASURES = (
    "markers: literal and place",
    "markers: literal",
    "orders to language models",
    "questions",
    "things to send or state",
    "asks and questions",
    "prohibitions",
    "format orders",
)
"""What is counted. "asks and questions" takes a question that names a thing as met by either reading."""


def letters(text: str) -> str:
    """Return the letters, digits and pictures of ``text``, in which labels count their places."""
    return "".join(char for char in text.casefold() if char.isalnum() or unicodedata.category(char) == "So")


@dataclass(slots=True, kw_only=True)
class Found:
    """What a reader found: each with the sentence it came from.

    ``markers`` are ``(kind, literal, sentence)`` of kind ``opener``, ``include``, ``title`` or ``answer``;
    the others ``(kind, sentence)`` or the sentence alone.
    """

    markers: list[tuple[str, str, str]] = field(default_factory=list)
    forbidden: list[tuple[str, str]] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    things: list[tuple[str, str]] = field(default_factory=list)
    prohibitions: list[tuple[str, str]] = field(default_factory=list)
    formats: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Counts:
    """How many of the findings are right, and how many of the wanted were met; what failed, in words."""

    right: int = 0
    found: int = 0
    met: int = 0
    wanted: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            right=self.right + other.right,
            found=self.found + other.found,
            met=self.met + other.met,
            wanted=self.wanted + other.wanted,
        )

    @property
    def precision(self) -> float:
        """The share of findings that are right; of none, 0."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of what was wanted that was met; of nothing, 0."""
        return self.met / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def interval_of_f1(counts: list[Counts], draws: int = 400) -> tuple[float, float]:
    """Return the middle 95 % of F1 when as many posts are drawn again, with one and the same seed."""
    chance = random.Random(20240601)
    drawn = sorted(sum(chance.choices(counts, k=len(counts)), Counts()).f1 for _ in range(draws))
    return drawn[round(0.025 * draws)], drawn[round(0.975 * draws) - 1]


class _Post:
    """A labelled post: its letters, and where sentences stand in them."""

    def __init__(self, label: dict[str, Any], text: str) -> None:
        self.label = label
        self.text = letters(text)
        self.aside = [(low, high) for low, high in label.get("aside", ())]

    def spans(self, sentence: str) -> list[Span]:
        """Return where ``sentence`` stands; what is written twice is found in both places."""
        wanted = letters(sentence)
        found: list[Span] = []
        start = self.text.find(wanted) if wanted else -1
        while start >= 0:
            found.append((start, start + len(wanted)))
            start = self.text.find(wanted, start + 1)
        return found

    def labels(self, kind: str) -> list[dict[str, Any]]:
        return self.label.get(kind, [])

    def is_aside(self, spans: list[Span]) -> bool:
        return any(
            low <= span[0] < high or low < span[1] <= high for low, high in self.aside for span in spans
        )

    def around(self, place: int) -> str:
        return self.text[place : place + 60]


def score(label: dict[str, Any], text: str, found: Found) -> dict[str, Counts]:
    """Return the counts of each measure for one post."""
    post = _Post(label, text)
    questions = _questions(post, found, with_things=False)
    things = _things(post, found)
    return {
        "markers: literal and place": _markers(post, found, place=True),
        "markers: literal": _markers(post, found, place=False),
        "orders to language models": _machines(post, found),
        "questions": questions,
        "things to send or state": things,
        "asks and questions": _questions(post, found, with_things=True) + things,
        "prohibitions": _orders(post, "prohibitions", found.prohibitions),
        "format orders": _orders(post, "format", found.formats),
    }


def _hash(literal: str) -> str:
    return sha256(letters(literal).encode()).hexdigest()[:12]


def _inside(place: int | None, spans: list[Span]) -> bool:
    return place is not None and any(low <= place < high for low, high in spans)


def _markers(post: _Post, found: Found, *, place: bool) -> Counts:
    """Count markers; a question asked as proof is met by any question that holds it."""
    wanted = post.labels("markers")
    met: set[int] = set()
    counts = Counts()
    for kind, literal, sentence in found.markers:
        matching = [
            number
            for number, marker in enumerate(wanted)
            if _same_marker(marker, kind, literal, post.spans(sentence), place=place)
        ]
        met.update(matching)
        if any(wanted[number].get("optional") for number in matching):
            continue
        counts.found += 1
        counts.right += bool(matching)
        if not matching:
            counts.wrong.append(f"wrongly {kind} {literal!r} from {sentence!r}")
    spans = [post.spans(sentence) for sentence in found.questions]
    for number, marker in enumerate(wanted):
        if marker.get("optional"):
            continue
        asked = marker["kind"] == "answer" and any(_inside(marker.get("at"), span) for span in spans)
        counts.wanted += 1
        counts.met += number in met or (asked and "literals" not in marker)
        if number not in met and not (asked and "literals" not in marker):
            counts.missed.append(f"missed {marker['kind']} in {post.text[:40]!r}")
    return counts


def _same_marker(marker: dict[str, Any], kind: str, literal: str, spans: list[Span], *, place: bool) -> bool:
    if "literals" in marker:
        right = _hash(literal) in marker["literals"]
        anywhere = marker.get("anywhere") or marker["kind"] == "answer" or not place
        return right and (anywhere or marker["kind"] == kind)
    return kind in ("answer", marker["kind"]) and _inside(marker.get("at"), spans)


def _machines(post: _Post, found: Found) -> Counts:
    """Count orders to programs; one that is also followed counts as missed."""
    counts = Counts(found=len(found.machines))
    spans = [post.spans(sentence) for sentence in found.machines]
    followed = {_hash(literal) for _, literal, _ in found.markers}
    for sentence, places in zip(found.machines, spans, strict=True):
        near = [label["at"] for label in post.labels("machines")]
        if any(at - 60 <= high and low <= at + 200 for at in near for low, high in places):
            counts.right += 1
        else:
            counts.wrong.append(f"wrongly {sentence!r}")
    for machine in post.labels("machines"):
        counts.wanted += 1
        if any(_inside(machine["at"], span) for span in spans) and machine["literal"] not in followed:
            counts.met += 1
        else:
            counts.missed.append(f"missed or followed {post.around(machine['at'])!r}")
    return counts


def _questions(post: _Post, found: Found, *, with_things: bool) -> Counts:
    """Count questions by their sentences; ``with_things`` lets a thing named by a question meet it."""
    counts = Counts()
    kinds = {kind for kind, _ in found.things}
    known = [
        *post.labels("questions"),
        *post.labels("things"),
        *(marker for marker in post.labels("markers") if "at" in marker),
    ]
    spans = [post.spans(sentence) for sentence in found.questions]
    for sentence, span in zip(found.questions, spans, strict=True):
        held = [label for label in known if _inside(label["at"], span)]
        if post.is_aside(span) or (held and not any(_is_question(post, label) for label in held)):
            continue
        counts.found += 1
        counts.right += bool(held)
        if not held:
            counts.wrong.append(f"wrongly asked: {sentence!r}")
    for question in post.labels("questions"):
        if question.get("optional"):
            continue
        counts.wanted += 1
        named = with_things and any(kind in kinds for kind in question.get("kinds", ()))
        if named or any(_inside(question["at"], span) for span in spans):
            counts.met += 1
        else:
            counts.missed.append(f"missed question {post.around(question['at'])!r}")
    return counts


def _is_question(post: _Post, label: dict[str, Any]) -> bool:
    return label in post.labels("questions") and not label.get("optional")


def _things(post: _Post, found: Found) -> Counts:
    """Count kinds of things, each once a post; a kind that a label allows without wanting it is neutral."""
    wanted: list[list[str]] = []
    allowed: set[str] = set()
    for thing in post.labels("things"):
        allowed.update(thing.get("also", ()))
        for kinds in thing["kinds"]:
            allowed.update(kinds)
            if not thing.get("optional") and kinds not in wanted:
                wanted.append(kinds)
    for question in post.labels("questions"):
        allowed.update(question.get("kinds", ()))
    counts = Counts()
    required = {kind for kinds in wanted for kind in kinds}
    held = {kind for kind, sentence in found.things if not post.is_aside(post.spans(sentence))}
    for kind in sorted(held):
        if kind in required or kind not in allowed:
            counts.found += 1
            counts.right += kind in required
        if kind not in allowed:
            sentence = next(sentence for name, sentence in found.things if name == kind)
            counts.wrong.append(f"wrongly {kind} from {sentence!r}")
    for kinds in wanted:
        counts.wanted += 1
        counts.met += bool(held.intersection(kinds))
        if not held.intersection(kinds):
            counts.missed.append(f"missed {'/'.join(kinds)} in {_where(post, kinds)!r}")
    return counts


def _where(post: _Post, kinds: list[str]) -> str:
    places = [thing["at"] for thing in post.labels("things") if kinds in thing["kinds"]]
    return post.around(places[0])


def _orders(post: _Post, name: str, found: list[tuple[str, str]]) -> Counts:
    """Count orders of a kind by their sentences."""
    wanted = post.labels(name)
    spans = [(kind, post.spans(sentence), sentence) for kind, sentence in found]
    counts = Counts()
    for kind, span, sentence in spans:
        held = [order for order in wanted if _inside(order["at"], span)]
        if held and all(order.get("optional") for order in held):
            continue
        counts.found += 1
        right = any(order["kind"] == kind for order in held)
        counts.right += right
        if not right:
            counts.wrong.append(f"wrongly {kind} from {sentence!r}")
    for order in wanted:
        if order.get("optional"):
            continue
        counts.wanted += 1
        if any(kind == order["kind"] and _inside(order["at"], span) for kind, span, _ in spans):
            counts.met += 1
        else:
            counts.missed.append(f"missed {order['kind']} {post.around(order['at'])!r}")
    return counts
