"""Proposal templates: shipped ones, and the person's own on top, read from two folders and nowhere else."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from domain.errors import TemplateError
from proposals.template_heads import OVER, OWN, SHIPPED, Template, parse_template

_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_SUFFIX = ".md.j2"
_PARTIALS = "partials"
_LARGEST = 64 * 1024  # bytes; a proposal template is a page


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
