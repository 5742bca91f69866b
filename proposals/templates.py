"""Proposal templates: shipped ones, and the person's own on top, read from two folders and nowhere else."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from domain.errors import TemplateError
from domain.posts import ContractType
from proposals.heads import split_head

_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_SUFFIX = ".md.j2"
_PARTIALS = "partials"
_LARGEST = 64 * 1024  # bytes; a proposal template is a page
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLibrary:
    """All templates by name, and what is wrong with files that are none: those are named, never used."""

    templates: Mapping[str, Template]
    problems: Mapping[str, TemplateError] = field(default_factory=dict)

    def get(self, name: str) -> Template:
        """Return the template called ``name``; raise :class:`TemplateError` if there is none."""
        if name in self.problems:
            raise self.problems[name]
        if _NAME.fullmatch(name) and name in self.templates:
            return self.templates[name]
        shown = name if _NAME.fullmatch(name) else ascii(name[:40])
        near = difflib.get_close_matches(name[:64], self.templates, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(self.templates))}"
        raise TemplateError(f"there is no template {shown}", where="templates", remedy=hint)


def is_name(name: str) -> bool:
    """Return whether ``name`` may name a template."""
    return bool(_NAME.fullmatch(name))


def template_file(name: str, workspace: Path | None = None) -> str:
    """Return the file of a template or partial (``partials/close``) as it lies there.

    The person's goes before the shipped one. Raise :class:`TemplateError` if there is none of that name.
    """
    folder, _, base = name.rpartition("/")
    roots = [*([workspace / "templates" / "proposals"] if workspace else []), shipped_root()]
    for root in roots:
        place = root / _PARTIALS if folder == _PARTIALS else root
        found = _files(place, root) if folder in {"", _PARTIALS} else {}
        if base in found:
            return _read(found[base])
    return load_templates(workspace).get(name).body  # raises, and says which there are


def shipped_root() -> Path:
    """Return the folder of the shipped templates: in the wheel, or in the checkout this runs from."""
    installed = Path(__file__).with_name("shipped")
    return installed if installed.is_dir() else Path(__file__).parents[1] / "templates" / "proposals"


def load_templates(workspace: Path | None = None) -> TemplateLibrary:
    """Return the shipped templates with those of ``<workspace>/templates/proposals`` over them, file by file.

    A partial of the person's replaces the shipped one of that name in every template. A file of the person's
    that cannot be read, or whose head is wrong, is among the ``problems`` and the shipped one of its name
    stays; files with names that are no ids are passed over.
    """
    shipped = shipped_root()
    own = workspace / "templates" / "proposals" if workspace else None
    problems: dict[str, TemplateError] = {}
    partials = _partials(shipped, {})
    templates = _parsed(shipped, partials, SHIPPED, problems)
    if own is not None:
        partials |= _partials(own, problems)
        theirs = _parsed(own, partials, OWN, problems)
        over = {name: replace(each, origin=OVER) for name, each in theirs.items() if name in templates}
        templates = {name: replace(each, partials=partials) for name, each in templates.items()}
        templates |= theirs | over
    return TemplateLibrary(templates=dict(sorted(templates.items())), problems=problems)


def _partials(root: Path, problems: dict[str, TemplateError]) -> dict[str, str]:
    found = {}
    for name, path in _files(root / _PARTIALS, root).items():
        try:
            found[f"{_PARTIALS}/{name}"] = _read(path)
        except TemplateError as error:
            problems[f"{_PARTIALS}/{name}"] = error
    return found


def _parsed(
    root: Path, partials: Mapping[str, str], origin: str, problems: dict[str, TemplateError]
) -> dict[str, Template]:
    found = {}
    for name, path in _files(root, root).items():
        try:
            found[name] = replace(parse_template(name, _read(path), partials, str(path)), origin=origin)
        except TemplateError as error:
            problems[name] = error
    return found


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


def _files(folder: Path, root: Path) -> dict[str, Path]:
    """Return template files directly in ``folder`` by name; what leads outside ``root`` is not there."""
    if not folder.is_dir():
        return {}
    inside = root.resolve()
    found = {}
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(_SUFFIX)
        if (
            name != path.name
            and _NAME.fullmatch(name)
            and path.resolve().is_relative_to(inside)
            and path.is_file()
        ):
            found[name] = path
    return found


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"cannot be read: {error}", where=str(path), remedy="Save it as UTF-8 text"
        ) from error
    if len(data) > _LARGEST:
        raise TemplateError("is larger than 64 KB", where=str(path), remedy="Shorten the template")
    return text


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
