"""Works out the small sums by which posts tell people from programs."""

from __future__ import annotations

from proposals.askwords import AskWords

_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)


def asked_sum(text: str, words: AskWords) -> str | None:
    """Return the result of the sum that ``text`` asks for ("what is 2+2?"), or ``None``.

    A division that leaves a rest, and what is no question, is left to the person.
    """
    match = words.sum_asked.search(text)
    if match is None:
        return None
    left, sign, right = (part.casefold() for part in match.groups() if part)
    one, other = _number(left), _number(right)
    if sign in ("+", "plus", "and"):
        return str(one + other)
    if sign in ("-", "−", "–", "minus"):  # noqa: RUF001 - posts write minus signs and dashes
        return str(one - other)
    if sign.startswith("div") or sign == "÷":
        return str(one // other) if other and one % other == 0 else None
    return str(one * other)


def _number(text: str) -> int:
    return _NUMBERS.index(text) if text in _NUMBERS else int(text)
