"""A spinner's source: text that offers words to choose from, to be written many times over."""

from __future__ import annotations

import re

_CHOICE = re.compile(r"(?<!\{)\{[\w ,.'’&-]{1,60}(?:\|[\w ,.'’&-]{0,60}){1,20}\}(?!\})")  # noqa: RUF001 - as people write
_CHOICES = 2


def spun_choices(text: str) -> tuple[str, ...]:
    """Return the choices "{Hello|Hi}" of ``text``, in order, if there are enough for a spinner's source.

    One pair of braces may be code; so may doubled ones, which templates write.
    """
    found = tuple(match[0] for match in _CHOICE.finditer(text))
    return found if len(found) >= _CHOICES else ()
