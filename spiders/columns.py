"""The columns a person names for the fields of a post: ``title=Heading,url=Link``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from domain.errors import UsageError
from spiders.parsers.fieldnames import targets

_NEXT = re.compile(r",(?=\s*[\w.]+\s*=)")
_WHERE = "--columns"


def read_columns(given: Sequence[str]) -> dict[str, str]:
    """Return headings by field from texts such as ``title=Job name,url=Link``.

    Of two for one field the later counts. A heading may hold commas and equals signs. Raise
    :class:`UsageError` for a part without a field or a heading, and for a field there is not, naming the
    nearest one.
    """
    columns: dict[str, str] = {}
    for part in (part for text in given for part in _NEXT.split(text)):
        field, equals, heading = (piece.strip() for piece in part.partition("="))
        if not field or not equals or not heading:
            raise UsageError(f"{part.strip()!r} is not FIELD=HEADING", where=_WHERE)
        if field not in targets():
            near = get_close_matches(field.lower(), targets(), n=1, cutoff=0.4)
            remedy = f"Did you mean {near[0]!r}?" if near else f"The fields are {', '.join(targets())}"
            raise UsageError(f"there is no field {field!r}", where=_WHERE, remedy=remedy)
        columns[field] = heading
    return columns
