"""The person's own map from an item of a foreign document to the keys of a post.

A map is plain data: ``{"items": …, "title": …, "client.country": …, "ignore": […]}``. What a rule on the
right means is up to the parser; one that begins with ``=`` is the text itself, the same for every post.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from domain.posts import RawPosting

Options = Mapping[str, Any]
"""A field map as the settings give it and the sandbox's frame carries it."""

Rule = Callable[[str], list[str]]
"""Takes the rule of one key and returns the texts that it finds in an item, in their order."""

_CLIENT = "client."
_NOT_POSTS = frozenset({"items", "item", "ignore", "empty"})


def rules(options: Options) -> Iterator[tuple[str, str]]:
    """Yield the key and the rule of everything that ``options`` say of a post."""
    for key, rule in options.items():
        if key not in _NOT_POSTS and isinstance(rule, str):
            yield key, rule


def constant(rule: str) -> str | None:
    """Return the text that a rule like ``=USD`` stands for, ``None`` if it is to be looked up."""
    return rule[1:] if rule.startswith("=") else None


def mapped(options: Options, find: Rule, *, source: str, where: str, extra: Mapping[str, str]) -> RawPosting:
    """Return the post that ``find`` gives for the rules of ``options``; the first text of each counts.

    ``skills`` takes all of them, and takes a single one apart at its commas.
    """
    values: dict[str, Any] = {}
    client: dict[str, str] = {}
    for key, rule in rules(options):
        fixed = constant(rule)
        texts = [text for text in ([fixed] if fixed is not None else find(rule)) if text.strip()]
        if not texts:
            continue
        if key == "skills":
            values[key] = _listed(texts)
        elif key.startswith(_CLIENT):
            client[key.removeprefix(_CLIENT)] = texts[0]
        else:
            values[key] = texts[0]
    return RawPosting(source=source, where=where, client=client, extra=dict(extra), **values)


def _listed(texts: list[str]) -> tuple[str, ...]:
    parts = texts[0].split(",") if len(texts) == 1 else texts
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
