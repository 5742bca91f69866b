"""Which column or key of a foreign file fills which field of a post: ``job_fields.toml`` applied."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Path = tuple[str, ...]
"""Where a value stands: the keys that lead to it, each as :func:`key_of` gives it; one for a column."""

CLIENT = "client."
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 200
_LONGEST_ALIAS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do with the values of one kind of row: paths by field, the best first, and the rest.

    ``unknown`` are paths that no field is known for, ``kept`` known ones without a field, ``board`` the
    marketplace that alone uses one of the names, ``None`` if none does.
    """

    fills: Mapping[str, tuple[Path, ...]]
    unknown: tuple[Path, ...]
    kept: tuple[Path, ...]
    board: str | None


@cache
def table() -> dict[str, Any]:
    """Return ``job_fields.toml``."""
    text = files("spiders").joinpath("parsers", "job_fields.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def aliases() -> dict[str, tuple[Path, ...]]:
    """Return every field, those about the client as ``client.…``, with the paths that fill it, best first."""
    names = {**table()["post"], **{CLIENT + field: names for field, names in table()["client"].items()}}
    return {field: tuple(tuple(name.split(".")) for name in known) for field, known in names.items()}


@cache
def _drop() -> frozenset[str]:
    return frozenset(table()["drop"]["names"])


@cache
def _nested(kind: str) -> frozenset[str]:
    return frozenset(table()["nested"][kind])


@cache
def key_of(name: str) -> str:
    """Return a column's or key's name in small letters, an underscore between its words, accents left out."""
    plain = unicodedata.normalize("NFKD", name[:_LONGEST_NAME])
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return _NOT_WORD.sub("_", _HUMP.sub("_", plain).lower()).strip("_")


def targets() -> tuple[str, ...]:
    """Return the fields that a person may name for a column."""
    return tuple(sorted(aliases()))


def names_a_title(names: Iterable[str]) -> bool:
    """Return whether one of ``names`` is known as the name of a post's title."""
    known = {path[0] for path in aliases()["title"]}
    return any(key_of(name) in known for name in names)


def known_names(names: Iterable[str]) -> int:
    """Return how many of ``names`` are known to fill a field."""
    known = {path for paths in aliases().values() for path in paths}
    return sum((key_of(name),) in known for name in names)


def branch_is_about_others(path: Path) -> bool:
    """Return whether what stands under ``path`` is about other jobs, other people or the reader."""
    return path[-1] in _nested("other")


def plan_for(paths: Sequence[Path], chosen: Mapping[str, Path] | None = None) -> Plan:
    """Return the plan for rows that hold ``paths``; ``chosen`` are the fields whose path a person named.

    A field that a person chose is filled from that path only, and the path fills nothing else.
    """
    chosen = chosen or {}
    ends = _ends(paths)
    taken = set(chosen.values())
    fills: dict[str, tuple[Path, ...]] = {field: (path,) for field, path in chosen.items()}
    for rule in table()["beside"]:
        name, beside = (rule["name"],), (rule["with"],)
        if name in ends and beside in ends and name not in taken and rule["is"] not in fills:
            fills[rule["is"]] = (name,)
            taken.add(name)
    for field, known in aliases().items():
        if field in chosen:
            continue
        found = [path for alias in known for path in ends.get(alias, ()) if _may_fill(field, path, alias)]
        free = tuple(dict.fromkeys(path for path in found if path not in taken))
        if free:
            fills[field] = (*fills.get(field, ()), *free)
            taken.update(free)
    rest = [path for path in paths if path not in taken and not _inside(path, taken)]
    kept = tuple(path for path in rest if _is_kept(path))
    unknown = tuple(path for path in rest if path not in kept and path[-1] not in _drop())
    return Plan(fills=fills, unknown=unknown, kept=kept, board=_board(paths))


def _ends(paths: Sequence[Path]) -> dict[Path, list[Path]]:
    """Return the paths by each of their endings, those with the fewest keys before it first."""
    found: dict[Path, list[Path]] = {}
    for path in sorted(paths, key=len):
        for length in range(1, min(len(path), _LONGEST_ALIAS) + 1):
            found.setdefault(path[-length:], []).append(path)
    return found


def _may_fill(field: str, path: Path, alias: Path) -> bool:
    before = set(path[: -len(alias)])
    if before & _nested("other"):
        return False
    if before & _nested("client"):
        return field.startswith(CLIENT)
    return not before & _nested("value")


def _inside(path: Path, taken: set[Path]) -> bool:
    """Return whether ``path`` is a part of a value that is taken as a whole."""
    return any(path[:length] in taken for length in range(1, len(path)))


@cache
def _kept_names() -> frozenset[Path]:
    return frozenset(tuple(name.split(".")) for name in table()["keep"]["names"])


def _is_kept(path: Path) -> bool:
    return any(path[-length:] in _kept_names() for length in range(1, min(len(path), _LONGEST_ALIAS) + 1))


def _board(paths: Iterable[Path]) -> str | None:
    names = {key for path in paths for key in path}
    return next((board for board, facts in table()["boards"].items() if names & set(facts["names"])), None)
