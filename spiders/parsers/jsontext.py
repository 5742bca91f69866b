"""JSON as its source wrote it: numbers keep their digits, odd encodings are read, nothing is a float."""

from __future__ import annotations

import json
from typing import Any

from domain.errors import SourceError


class Digits(str):
    """A JSON number as written."""

    __slots__ = ()


def _not_stated(_name: str) -> None:
    """Read NaN and the infinities, which pandas writes for missing cells, as null."""


def decode(body: bytes) -> str:
    """Return ``body`` as text in the encoding it starts like; bytes that do not fit become U+FFFD."""
    text = body.decode(json.detect_encoding(body), errors="replace")
    return text.removeprefix("\ufeff")


def loads(text: str) -> Any:
    """Return the value of one JSON text; raise ``ValueError`` or ``RecursionError`` if there is none."""
    return json.loads(text, parse_float=Digits, parse_int=Digits, parse_constant=_not_stated)


def load_document(body: bytes, where: str) -> Any:
    """Return the value of ``body``, or raise :class:`SourceError` saying what is wrong with it."""
    try:
        return loads(decode(body))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SourceError(f"not valid JSON at {place}: {error.msg}", where=where) from error
    except RecursionError as error:
        raise SourceError("JSON nested too deeply to read", where=where) from error


def as_text(value: Any) -> str:
    """Return a JSON value as text: texts and numbers as they are, null and empty as "", the rest as JSON."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return _json(value)
    return str(value)


def _json(value: Any) -> str:
    if isinstance(value, Digits):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)
