"""What feedparser's own test files expect of a parser, read as text: nothing in them is ever evaluated.

A file holds a comment such as ``Expect: not bozo and entries[0]['title'] == 'x'``. Only comparisons of a path with
a literal are taken; a literal is what ``ast.literal_eval`` reads, or such texts joined by ``+``.
"""

from __future__ import annotations

import ast
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

_EXPECT = re.compile(r"Expect:(.*?)-->", re.DOTALL)
_BOMS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"\0\0\0<": "utf-32-be",
    b"<\0\0\0": "utf-32-le",
    b"\0<\0?": "utf-16-be",
    b"<\0?\0": "utf-16-le",
    b"\x4c\x6f\xa7\x94": "cp037",
}


@dataclass(frozen=True)
class Check:
    """``path`` (keys and places from ``entries`` or ``feed`` inwards) is to hold ``value``."""

    path: Path
    value: Any


@dataclass(frozen=True)
class Expectation:
    """What a file expects: comparisons that are understood, and the rest of its expression as text."""

    checks: tuple[Check, ...]
    others: tuple[str, ...]


def expectation_of(body: bytes) -> Expectation | None:
    """Return what the comment in ``body`` expects, ``None`` if there is no such comment."""
    found = _EXPECT.search(_text(body))
    if found is None:
        return None
    checks: list[Check] = []
    others: list[str] = []
    for part in _conjuncts(ast.parse(found[1].strip(), mode="eval").body):
        read = _comparison(part)
        if read is None:
            others.append(ast.unparse(part))
        else:
            checks.extend(read)
    return Expectation(tuple(checks), tuple(others))


def _text(body: bytes) -> str:
    encoding = next((name for mark, name in _BOMS.items() if body.startswith(mark)), "utf-8")
    return body.decode(encoding, "replace")


def _conjuncts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _conjuncts(value)
    else:
        yield node


def _comparison(node: ast.expr) -> list[Check] | None:
    """Return the checks in ``a == b == literal``, in either order; ``None`` for anything else."""
    if not isinstance(node, ast.Compare) or not all(isinstance(sign, ast.Eq) for sign in node.ops):
        return None
    sides = [node.left, *node.comparators]
    paths = [path for side in sides if (path := _path(side)) is not None]
    literals = [value for side in sides if _path(side) is None for value in _literal(side)]
    if not paths or len(literals) != 1 or len(paths) + 1 != len(sides):
        return None
    return [Check(path, literals[0]) for path in paths]


def _path(node: ast.expr) -> Path | None:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        inner = _path(node.value)
        return None if inner is None else (*inner, node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        inner = _path(node.value)
        return None if inner is None else (*inner, node.slice.value)
    return None


def _literal(node: ast.expr) -> list[Any]:
    """Return the literal ``node`` is, alone in a list, or an empty list."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [*_literal(node.left), *_literal(node.right)]
        return ["".join(parts)] if len(parts) == 2 and all(isinstance(part, str) for part in parts) else []
    try:
        return [ast.literal_eval(node)]
    except ValueError:
        return []
