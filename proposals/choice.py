"""Which template fits a post: decided by what the heads say, explained in a line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from domain.errors import TemplateError
from domain.posts import ContractType, JobPosting
from proposals.template_heads import Situation, Template, When
from proposals.templates import TemplateLibrary
from proposals.words import mentions


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A template and why it was taken, in one line."""

    template: Template
    reason: str


def choose_template(
    post: JobPosting, templates: TemplateLibrary, *, situation: Situation = Situation.OPEN, asked: int = 0
) -> Choice:
    """Return the automatic template that fits ``post`` most closely; ties go to the first name.

    ``asked`` is how many questions the post wants answered. A condition that does not hold rules a template
    out; each that holds adds its weight (``data/choice.toml``). Raise :class:`TemplateError` if none is left.
    """
    weights = _weights()
    fitting = []
    for template in templates.templates.values():
        held = _held(template.when, post, situation, asked) if template.automatic else None
        if held is not None:
            fitting.append((-sum(weights[kind] for kind, _ in held), template.name, held))
    if not fitting:
        raise TemplateError(
            f"no template applies to {post.title[:60]!r}",
            where="templates",
            remedy="Name one with --template",
        )
    _, name, held = min(fitting, key=lambda row: row[:2])
    reasons = ", ".join(said for _, said in sorted(held, key=lambda row: -weights[row[0]]))
    return Choice(template=templates.templates[name], reason=reasons or "nothing closer applies")


@cache
def _weights() -> dict[str, int]:
    table = tomllib.loads(files("proposals").joinpath("data/choice.toml").read_text(encoding="utf-8"))
    weights: dict[str, int] = table["weights"]
    return weights


@cache
def _jargon() -> re.Pattern[str]:
    table = tomllib.loads(files("proposals").joinpath("data/choice.toml").read_text(encoding="utf-8"))
    return re.compile(rf"\b(?:{'|'.join(table['jargon']['words'])})\b", re.IGNORECASE)


def jargon(text: str) -> frozenset[str]:
    """Return the different words in ``text`` that only a technical client writes."""
    return frozenset(found[0].casefold() for found in _jargon().finditer(text))


def _held(when: When, post: JobPosting, situation: Situation, asked: int) -> list[tuple[str, str]] | None:
    """Return each condition that holds and how to say it; ``None`` if one does not."""
    held: list[tuple[str, str]] = []
    for kind, wanted, said in _conditions(when, post, situation, asked):
        if wanted and said is None:
            return None
        if wanted and said:
            held.append((kind, said))
    return held


def _conditions(
    when: When, post: JobPosting, situation: Situation, asked: int
) -> Iterator[tuple[str, bool, str | None]]:
    """Yield each kind of condition, whether the head states it, and what to say (``None``: it fails)."""
    situations = when.situations or (str(Situation.OPEN),)
    yield "situations", True, _situation(situation) if str(situation) in situations else None
    kind = str(post.contract_type or "")
    yield (
        "employment" if kind == ContractType.EMPLOYMENT else "contract_types",
        bool(when.contract_types),
        f"{kind} contract" if kind in when.contract_types else None,
    )
    channel = f"posted on {post.channel}" if post.channel in when.channels else None
    yield "channels", bool(when.channels), channel
    yield "words", bool(when.any_words or when.text_words), _words(when, post)
    length = len(post.description.split())
    short = when.max_words is not None and length <= when.max_words
    yield "max_words", when.max_words is not None, f"only {length} words long" if short else None
    many = when.min_questions is not None and asked >= when.min_questions
    yield "min_questions", when.min_questions is not None, f"it asks {asked} questions" if many else None
    if when.max_jargon is not None:
        plain = len(jargon(f"{post.title}\n{post.description}")) <= when.max_jargon
        yield "max_jargon", True, "in plain words" if plain else None


def _situation(situation: Situation) -> str:
    said = {
        Situation.OPEN: "",
        Situation.SUBMITTED: "you have a proposal with this client",
        Situation.INVITED: "the client invited you",
        Situation.ENQUIRY: "the client wrote to you",
    }
    return said[situation]


def _words(when: When, post: JobPosting) -> str | None:
    """Return which of the wanted words stand in the title, else which anywhere; one is enough."""
    in_title = next((word for word in when.any_words if mentions(post.title, word)), None)
    if in_title:
        return f"the title says “{in_title}”"
    text = "\n".join((post.title, post.description, post.duration or "", post.workload or ""))
    text = text.replace("’", "'")  # noqa: RUF001 - as posts write
    anywhere = next((word for word in when.text_words if mentions(text, word)), None)
    return f"the post says “{anywhere}”" if anywhere else None
