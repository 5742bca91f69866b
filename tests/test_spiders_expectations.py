"""What feedparser's own tests expect of title, link, date and content, held against our parser and our cleaning."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from domain.errors import SourceError
from pipelines.dates import parse_date
from pipelines.text import html_to_text
from spiders.parsers import parse
from spiders.parsers.result import ParseResult
from tests.expectations import Check, expectation_of
from tests.hostile import members

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 2, tzinfo=UTC)
EXCEPTIONS = tomllib.loads(
    (Path(__file__).parent / "fixtures" / "feedparser_exceptions.toml").read_text(encoding="utf-8")
)["exceptions"]

FIGURES = {
    "title": (146, 145, 107),
    "feed title": (342, 339, 291),
    "description": (644, 631, 346),
    "link": (26, 24, 24),
    "id": (20, 18, 18),
    "date": (9, 9, 9),
    "moment": (14, 14, 0),
    "author": (15, 13, 13),
    "tag": (12, 10, 0),
}
"""Comparisons made, passed once cleaned, and passed to the letter; the rest is excepted with a reason."""
ELSEWHERE = 872
"""Comparisons about what no post keeps: a feed's copyright, types of content, base addresses …"""

FIELDS = {
    ("title",): "title",
    ("title_detail", "value"): "title",
    ("link",): "link",
    ("id",): "id",
    ("guid",): "id",
    ("description",): "description",
    ("summary",): "description",
    ("summary_detail", "value"): "description",
    ("published",): "date",
    ("updated",): "date",
    ("created",): "date",
    ("published_parsed",): "moment",
    ("updated_parsed",): "moment",
    ("created_parsed",): "moment",
    ("author",): "author",
    ("author_detail", "name"): "author",
}
"""What a path within an entry is called here."""


@dataclass(frozen=True)
class Verdict:
    field: str
    same: bool
    exact: bool
    found: Any


def field_of(path: tuple[str | int, ...]) -> str | None:
    if path in {("feed", "title"), ("feed", "title_detail", "value")}:
        return "feed title"
    if path[:1] != ("entries",) or not isinstance(path[1], int):
        return None
    tail = path[2:]
    if tail[:1] == ("content",) and tail[2:] == ("value",):
        return "description"
    return "tag" if tail[:1] == ("tags",) and tail[2:] == ("term",) else FIELDS.get(tail)


def value_of(field: str, path: tuple[str | int, ...], result: ParseResult | None) -> Any:
    if result is None:
        return None
    if field == "feed title":
        return result.feed_title or ""
    if path[1] >= len(result.posts):
        return None
    post = result.posts[path[1]]
    return {
        "title": post.title,
        "link": post.url or post.source_id,  # an address that is the guid too stands in one of them only
        "id": post.source_id,
        "description": post.description or "",
        "date": post.date_posted,
        "moment": parse_date(post.date_posted or "", now=NOW)[0],
        "author": post.company,
        "tag": post.skills,
    }[field]


def same(field: str, expected: Any, found: Any) -> bool:
    """Return whether ``found`` is what is expected, once both are cleaned as every post is."""
    if field == "moment":
        return found is not None and found.utctimetuple()[:6] == expected[:6]
    if field == "tag":
        return found is not None and expected in found
    if expected == found:
        return True
    if not isinstance(expected, str) or not isinstance(found, str):
        return False
    return html_to_text(expected).split() == html_to_text(found).split()


def judged(check: Check, field: str, result: ParseResult | None) -> Verdict:
    found = value_of(field, check.path, result)
    return Verdict(field, same(field, check.value, found), check.value == found, found)


def reason_for(name: str, field: str) -> str | None:
    file = name.partition("tests/")[2]
    for exception in EXCEPTIONS:
        named = any(fnmatch(file, pattern) for pattern in exception["files"])
        if named and exception.get("field", field) == field:
            return exception["reason"]
    return None


def test_what_feedparser_expects_of_its_files_survives():
    made, passed, exact, excepted, elsewhere = Counter(), Counter(), Counter(), Counter(), Counter()
    wrong, needless = [], {exception["reason"] for exception in EXCEPTIONS}
    for name, body in members("feeds-feedparser"):
        expectation = expectation_of(body)
        if expectation is None:
            raise AssertionError(f"{name} expects nothing")
        result = read("jsonfeed" if name.endswith(".json") else "feed", body)
        for check in expectation.checks:
            field = field_of(check.path)
            if field is None:
                elsewhere[str(check.path[0])] += 1
                continue
            verdict = judged(check, field, result)
            reason = None if verdict.same else reason_for(name, field)
            made[field] += 1
            passed[field] += verdict.same
            exact[field] += verdict.exact
            if reason:
                excepted[reason] += 1
                needless.discard(reason)
            elif not verdict.same:
                wrong.append((name, check, verdict.found))
    assert wrong == []
    assert needless == set(), "exceptions that nothing needs any more"
    assert passed.total() + excepted.total() == made.total()
    assert {field: (made[field], passed[field], exact[field]) for field in made} == FIGURES
    assert elsewhere.total() == ELSEWHERE


def read(parser: str, body: bytes) -> ParseResult | None:
    try:
        return parse(parser, body, source="s", where="w")
    except SourceError:
        return None


@pytest.mark.parametrize(
    ("comment", "checks", "others"),
    [
        ("not bozo and entries[0]['title'] == u'x'", [(("entries", 0, "title"), "x")], ["not bozo"]),
        ("feed.link == 'a' + 'b'", [(("feed", "link"), "ab")], []),
        (
            "entries[0]['link'] == entries[1]['link'] == 'l'",
            [(("entries", 0, "link"), "l"), (("entries", 1, "link"), "l")],
            [],
        ),
        ("entries[0]['updated_parsed'] == (2004, 1)", [(("entries", 0, "updated_parsed"), (2004, 1))], []),
        ("len(entries) == 1", [], ["len(entries) == 1"]),
        ("__import__('os').system('false') == 0", [], ["__import__('os').system('false') == 0"]),
        ("entries[0]['x'] == __import__('os')", [], ["entries[0]['x'] == __import__('os')"]),
    ],
)
def test_expectations_are_read_as_text_and_never_run(comment, checks, others):
    found = expectation_of(f"<!--\nDescription: d\nExpect: {comment}\n--><rss/>".encode())
    assert [(check.path, check.value) for check in found.checks] == checks
    assert list(found.others) == others
