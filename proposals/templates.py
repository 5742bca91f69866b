"""Proposal templates: shipped ones, and the person's own on top, read from two folders and nowhere else."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.errors import TemplateError
from domain.posts import ContractType, JobPosting
from proposals.heads import split_head
from proposals.words import mentions

_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_SUFFIX = ".md.j2"
_PARTIALS = "partials"
_LARGEST = 64 * 1024  # bytes; a proposal template is a page
_KEYS = ("name", "summary", "when", "length", "tone", "automatic")
_WHEN = ("contract_types", "any_words", "channels", "max_words")
_TITLE_WEIGHT, _TYPE_WEIGHT = 4, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What a post must be for a template to apply; an empty condition always holds.

    ``any_words`` are looked for in the title; ``max_words`` is the longest description in words.
    """

    contract_types: tuple[str, ...] = ()
    any_words: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    max_words: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template: its head as values, its body, and the partials it may include, by ``partials/NAME``.

    ``length`` is the target in words, least and most. ``automatic`` templates may be chosen by the program.
    ``head_lines`` is how many lines of the file stand above the body.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLibrary:
    """All templates by name."""

    templates: Mapping[str, Template]

    def get(self, name: str) -> Template:
        """Return the template called ``name``; raise :class:`TemplateError` if there is none."""
        if _NAME.fullmatch(name) and name in self.templates:
            return self.templates[name]
        shown = name if _NAME.fullmatch(name) else ascii(name[:40])
        near = difflib.get_close_matches(name[:64], self.templates, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(self.templates))}"
        raise TemplateError(f"there is no template {shown}", where="templates", remedy=hint)


def shipped_root() -> Path:
    """Return the folder of the shipped templates: in the wheel, or in the checkout this runs from."""
    installed = Path(__file__).with_name("shipped")
    return installed if installed.is_dir() else Path(__file__).parents[1] / "templates" / "proposals"


def load_templates(workspace: Path | None = None) -> TemplateLibrary:
    """Return the shipped templates with those of ``<workspace>/templates/proposals`` over them, file by file.

    A partial of the person's replaces the shipped one of that name in every template. Raise
    :class:`TemplateError` for a head that is wrong; files with names that are no ids are passed over.
    """
    roots = [shipped_root(), *([workspace / "templates" / "proposals"] if workspace else [])]
    bodies: dict[str, Path] = {}
    partials: dict[str, str] = {}
    for root in roots:
        bodies |= _files(root, root)
        partials |= {
            f"{_PARTIALS}/{name}": _read(path) for name, path in _files(root / _PARTIALS, root).items()
        }
    return TemplateLibrary(
        templates={
            name: parse_template(name, _read(path), partials, str(path))
            for name, path in sorted(bodies.items())
        }
    )


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
    _refuse_unknown(conditions, _WHEN, f"{where}, when")
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


def choose_template(post: JobPosting, templates: TemplateLibrary) -> Template:
    """Return the automatic template that fits ``post`` most closely; ties go to the first name.

    A condition that does not hold rules a template out; each that holds counts, words in the title most.
    """
    fitting = [
        (-_closeness(template.when, post), template.name)
        for template in templates.templates.values()
        if template.automatic and _applies(template.when, post)
    ]
    if not fitting:
        raise TemplateError(
            f"no template applies to {post.title[:60]!r}",
            where="templates",
            remedy="Name one with --template",
        )
    return templates.get(min(fitting)[1])


def _applies(when: When, post: JobPosting) -> bool:
    return (
        (not when.contract_types or (post.contract_type or "") in when.contract_types)
        and (not when.any_words or any(mentions(post.title, word) for word in when.any_words))
        and (not when.channels or post.channel in when.channels)
        and (when.max_words is None or len(post.description.split()) <= when.max_words)
    )


def _closeness(when: When, post: JobPosting) -> int:
    """Return how much the conditions say about ``post``, all of them holding."""
    return (
        _TITLE_WEIGHT * bool(when.any_words)
        + _TYPE_WEIGHT * bool(when.contract_types or when.channels)
        + (when.max_words is not None and bool(post.description)) * (_TYPE_WEIGHT + 1)
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
    words = {key: table.get(key, []) for key in ("contract_types", "any_words", "channels")}
    for key, value in words.items():
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TemplateError(f"{key} must be a list of texts", where=where, remedy=f'Write {key} = ["…"]')
    known = {str(kind) for kind in ContractType}
    for kind in words["contract_types"]:
        if kind not in known:
            raise TemplateError(
                f"unknown contract type {kind!r}",
                where=where,
                remedy=f"Known are: {', '.join(sorted(known))}",
            )
    most = table.get("max_words")
    if most is not None and (not isinstance(most, int) or most < 1):
        raise TemplateError("max_words must be a number above 0", where=where, remedy="Write max_words = 60")
    return When(max_words=most, **{key: tuple(value) for key, value in words.items()})


def _length(value: Any, where: str) -> tuple[int, int]:
    match value:
        case [int(least), int(most)] if 0 < least <= most:
            return least, most
    raise TemplateError("length must be two numbers of words", where=where, remedy="Write length = [80, 180]")
