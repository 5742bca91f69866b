"""The head of a proposal template: TOML that says what it is and when it applies."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.errors import TemplateError
from domain.posts import ContractType
from proposals.heads import split_head

_KEYS = ("name", "summary", "when", "length", "tone", "automatic")
_LISTS = ("contract_types", "any_words", "text_words", "channels", "situations")
_COUNTS = ("max_words", "min_questions", "max_jargon")
SHIPPED, OWN, OVER = "shipped", "yours", "yours, over the shipped one"
"""Where a template comes from."""


class Situation(StrEnum):
    """How the person stands to a post when the text is written."""

    OPEN = "open"  # a post among others, not answered yet
    SUBMITTED = "submitted"  # a proposal was sent and nobody has answered
    INVITED = "invited"  # the client asked the person to bid
    ENQUIRY = "enquiry"  # the client wrote to the person, outside any marketplace


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What a post must be for a template to apply; an empty condition always holds.

    ``any_words`` are looked for in the title, ``text_words`` in all of the post; one of either suffices.
    ``situations`` are how the person stands to the post (empty: it is open to all, see
    :class:`Situation`). ``max_words`` is the longest description in words,
    ``min_questions`` how many the post asks at least, ``max_jargon`` how many different technical words it
    has at most.
    """

    contract_types: tuple[str, ...] = ()
    any_words: tuple[str, ...] = ()
    text_words: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()
    max_words: int | None = None
    min_questions: int | None = None
    max_jargon: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template: its head as values, its body, and the partials it may include, by ``partials/NAME``.

    ``length`` is the target in words, least and most. ``automatic`` templates may be chosen by the program.
    ``head_lines`` is how many lines of the file stand above the body; ``origin`` says whose file it is.
    """

    name: str
    summary: str = ""
    when: When = field(default_factory=When)
    length: tuple[int, int] = (60, 220)
    tone: str = ""
    automatic: bool = True
    body: str
    partials: Mapping[str, str] = field(default_factory=dict)
    head_lines: int = 0
    path: str = ""
    origin: str = SHIPPED


def parse_template(
    name: str, text: str, partials: Mapping[str, str] | None = None, path: str = ""
) -> Template:
    """Return the template in ``text``; raise :class:`TemplateError` if its head is wrong."""
    where = path or f"template {name}"
    parts = split_head(text)
    head = _toml(parts.head or "", where)
    _refuse_unknown(head, _KEYS, where)
    conditions = head.get("when", {})
    if not isinstance(conditions, dict):
        raise TemplateError(
            "when must be a table", where=where, remedy='Write [when] and below it any_words = ["…"]'
        )
    _refuse_unknown(conditions, (*_LISTS, *_COUNTS), f"{where}, when")
    if head.get("name", name) != name:
        raise TemplateError(
            f"name {head['name']!r} is not the file's name", where=where, remedy=f'Write name = "{name}"'
        )
    return Template(
        name=name,
        summary=_text(head, "summary", where),
        when=_when(conditions, where),
        length=_length(head.get("length", [60, 220]), where),
        tone=_text(head, "tone", where),
        automatic=head.get("automatic", True) is True,
        body=parts.body,
        partials=dict(partials or {}),
        head_lines=parts.head_lines,
        path=path,
    )


def _toml(head: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(
            f"its head is not TOML: {error}", where=where, remedy="The head stands between two lines of +++"
        ) from error


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(known)}"
            raise TemplateError(f"unknown key {key!r}", where=where, remedy=remedy)


def _text(head: Mapping[str, Any], key: str, where: str) -> str:
    value = head.get(key, "")
    if not isinstance(value, str):
        raise TemplateError(f"{key} must be text", where=where, remedy=f'Write {key} = "…"')
    return value


def _when(table: Mapping[str, Any], where: str) -> When:
    words = {key: table.get(key, []) for key in _LISTS}
    for key, value in words.items():
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TemplateError(f"{key} must be a list of texts", where=where, remedy=f'Write {key} = ["…"]')
    known = {"contract_types": sorted(map(str, ContractType)), "situations": sorted(map(str, Situation))}
    for key, names in known.items():
        for name in words[key]:
            if name not in names:
                raise TemplateError(
                    f"unknown {key.replace('_', ' ').removesuffix('s')} {name!r}",
                    where=where,
                    remedy=f"Known are: {', '.join(names)}",
                )
    counts: dict[str, Any] = {key: table.get(key) for key in _COUNTS}
    for key, count in counts.items():
        least = 0 if key == "max_jargon" else 1
        if count is not None and (type(count) is not int or count < least):
            raise TemplateError(
                f"{key} must be a number of at least {least}", where=where, remedy=f"Write {key} = 3"
            )
    lists: dict[str, Any] = {key: tuple(value) for key, value in words.items()}
    return When(**lists, **counts)


def _length(value: Any, where: str) -> tuple[int, int]:
    match value:
        case [int(least), int(most)] if 0 < least <= most:
            return least, most
    raise TemplateError("length must be two numbers of words", where=where, remedy="Write length = [80, 180]")
