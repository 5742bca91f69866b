"""The person's proposal templates: listed, copied, checked, and tried on a post without writing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bidwright.desk import Desk
from bidwright.files import put_new
from bidwright.steps.draft_versions import shown_path
from bidwright.steps.drafts import make_draft
from domain.errors import TemplateError, UsageError
from domain.posts import StoredPost
from proposals.context import PriceFacts
from proposals.drafts import Draft, draft_proposal
from proposals.sample_posts import bare_profile, sample_posts
from proposals.template_heads import Template
from proposals.templates import is_name, template_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check of one template found: ``problems`` are lines, none if it is sound."""

    name: str
    origin: str
    problems: tuple[str, ...]


def copy_template(desk: Desk, name: str, new_name: str | None = None) -> str:
    """Copy a template or partial (``partials/close``) into the workspace and return its path there.

    A file that is there is never written over. Raise :class:`TemplateError` if there is no such template,
    :class:`UsageError` for a name that is none or a file that is there.
    """
    text = template_file(name)
    target = desk.workspace.templates / f"{_id(new_name or name)}.md.j2"
    if new_name and new_name != name:
        text = text.replace(f'name = "{name}"', f'name = "{new_name}"', 1)
    if not put_new(target, text):
        raise UsageError(
            "is there already", where=shown_path(desk, target), remedy="Edit it, or copy with --as NAME"
        )
    return shown_path(desk, target)


def _id(name: str) -> Path:
    parts = name.split("/")
    if not all(is_name(part) for part in parts) or parts[:-1] not in ([], ["partials"]):
        raise UsageError(
            f"{name[:60]!a} is no name for a template",
            remedy="Use small letters, digits, - and _, at most 64 of them",
        )
    return Path(*parts)


def check_templates(desk: Desk, names: Sequence[str] = ()) -> list[Verdict]:
    """Check templates (all of them unless some are named): head, and renders of posts of every kind.

    A template must render whatever a post or a profile leaves out. Raise :class:`TemplateError` for a name
    there is none of.
    """
    library = desk.templates
    wanted = names or sorted(set(library.templates) | set(library.problems))
    verdicts = []
    for name in wanted:
        if name in library.problems:
            verdicts.append(Verdict(name=name, origin="yours", problems=(str(library.problems[name]),)))
            continue
        template = library.get(name)
        problems = tuple(dict.fromkeys(_problems(desk, template)))
        verdicts.append(Verdict(name=name, origin=template.origin, problems=problems))
    return verdicts


_PRICES = (
    None,
    PriceFacts(amount=Decimal(60), currency="USD", unit="hour"),
    PriceFacts(amount=Decimal(1200), currency="USD", unit="fixed"),
)


def _problems(desk: Desk, template: Template) -> Iterator[str]:
    for stored in sample_posts():
        for profile in (desk.profile, bare_profile(desk.profile)):
            for price in _PRICES:
                try:
                    draft_proposal(
                        stored,
                        profile,
                        price=price,
                        library=desk.templates,
                        renderer=desk.renderer,
                        template=template.name,
                    )
                except TemplateError as error:
                    yield str(error)


def try_template(desk: Desk, name: str, stored: StoredPost | None) -> Draft:
    """Return the draft that template ``name`` makes of ``stored``, else of an invented post."""
    if stored is not None:
        return make_draft(desk, stored, None, template=name)[0]
    return draft_proposal(
        sample_posts()[0],
        desk.profile,
        price=_PRICES[1],
        library=desk.templates,
        renderer=desk.renderer,
        template=name,
    )
