"""The collections of hostile input kept outside this repository. Read only; nothing in them is ever evaluated."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[1] / ".." / "shared"
HOSTILE = SHARED / "hostile"
NO_HANG = 5.0
"""Seconds within which every body has its outcome."""

_ABOUT = ("SOURCE.txt", "index.json", "README.md")

FEEDS = (
    "feeds-feedparser",
    "feeds-fuzz-crashers",
    "xml-bombs-defusedxml",
    "xxe-payloadsallthethings",
    "html5lib-tests",
    "json-nst",
    "xss-bleach",
    "xss-feedparser-survivors",
    "email-isemail",
)
"""Collections whose files are bodies to be parsed."""


def members(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of every file in the archive ``name``; skip the test where it is absent."""
    path = HOSTILE / f"{name}.tar.gz"
    if not path.exists():
        pytest.skip(f"the hostile collection {name} is not here")
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and not member.name.endswith(_ABOUT):
                yield member.name, archive.extractfile(member).read()


@cache
def own_cases(name: str) -> Any:
    """Return the document ``name`` of the cases written for this program."""
    return json.loads(dict(members("own-cases"))[f"own-cases/{name}"])


@cache
def naughty_strings() -> list[str]:
    """Return the big list of naughty strings."""
    return json.loads(dict(members("strings-blns"))["strings-blns/blns.json"])
