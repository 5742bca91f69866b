"""Posts from files the person supplies: the content says what a file is, not its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from domain.errors import BidwrightError, InputError
from domain.issues import Issue, IssueLevel, error
from domain.posts import RawPosting
from spiders.addresses import endpoint
from spiders.decode import GZIP_MAGIC, gunzip
from spiders.errors import ChangedShapeError, TooLargeError
from spiders.limits import file_limits
from spiders.parsers.result import ParseResult
from spiders.parsers.upwork_rss import is_upwork
from spiders.pieces import IN_PIECES, are_lines, pieces
from spiders.sandbox import ParseOutcome, ParserPool
from spiders.sniff import AUTO, PARSER_OF

UNDERSTOOD = (
    "JSON Lines, CSV, RSS, Atom, RDF, JSON Feed, saved Upwork feeds (XML or JSON), pages saved or copied from"
    " Upwork and Freelancer.com, JSON from APIs and scrapers, job alerts as mail (.eml, .mbox), and any of"
    " these compressed with gzip"
)
"""What files may hold, in the words of the error for one that holds something else."""

_NO_SOURCE = "import"
_BOARDS = frozenset(
    {"remotive", "remoteok", "himalayas", "weworkremotely", "jobicy", "arbeitnow", "workingnomads"}
    | {"hn-hiring", "freelancer", "freelancehunt", "adzuna"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What one file gave. ``kind`` is ``None`` if its content is not understood."""

    file: str
    kind: str | None
    outcome: Literal["ok", "empty", "error"]
    posts: tuple[RawPosting, ...] = ()
    issues: tuple[Issue, ...] = ()


def read_file(
    content: Path | bytes, *, name: str, pool: ParserPool, columns: Mapping[str, str] | None = None
) -> FileRead:
    """Return the posts of a file, given by path or content; ``name`` is what it is called on screen.

    ``columns`` are the headings of a table, or the keys of JSON objects, by the field a person chose for
    each. Never raises for what the file is or holds: that is the outcome ``error`` and an issue saying why.
    A post that names no source gets the board it is from: the file's API, else the host its link leads to.
    """
    try:
        body = _unpacked(content, name)
    except BidwrightError as problem:
        return FileRead(file=name, kind=None, outcome="error", issues=(error(name, problem.what),))
    if not body.strip():
        return FileRead(file=name, kind=None, outcome="empty")
    kind, outcomes = _outcomes(body, name, pool, columns)
    results = [_result(outcome, name) for outcome in outcomes]
    posts = tuple(_named(post, kind) for result in results for post in result.posts)
    issues = _once(issue for result in results for issue in result.issues)
    failed = not posts and any(issue.level is IssueLevel.ERROR for issue in issues)
    state: Literal["ok", "empty", "error"] = "ok" if posts else "error" if failed else "empty"
    return FileRead(file=name, kind=kind, outcome=state, posts=posts, issues=issues)


def _outcomes(
    body: bytes, name: str, pool: ParserPool, columns: Mapping[str, str] | None
) -> tuple[str | None, list[ParseOutcome]]:
    """Return the kind of a file and what became of its parts; the first part says how to read the others."""
    parts = pieces(body, file_limits())
    first, rest = parts[0], parts[1:]
    outcomes = [pool.parse(AUTO, first.body, source=_NO_SOURCE, where=name, columns=columns)]
    kind = outcomes[0].kind
    parser = PARSER_OF[kind] if kind is not None else "jsonl"
    if rest and (parser not in IN_PIECES or (kind is None and not are_lines(body))):
        return kind, [pool.parse(AUTO, body, source=_NO_SOURCE, where=name, columns=columns)]
    outcomes += [
        pool.parse(
            parser, part.body, source=_NO_SOURCE, where=name, first_line=part.first_line, columns=columns
        )
        for part in rest
    ]
    return kind, outcomes


def _result(outcome: ParseOutcome, name: str) -> ParseResult:
    """Return the result of one part of a file; a part that could not be parsed is an issue of the file."""
    if outcome.error is None:
        return outcome.unwrap()
    if isinstance(outcome.error, ChangedShapeError):
        return ParseResult(issues=(error(name, f"not understood. What is: {UNDERSTOOD}"),))
    return ParseResult(issues=(error(name, outcome.error.what),))


def _unpacked(content: Path | bytes, name: str) -> bytes:
    limit = file_limits().decoded_bytes
    body = _bytes(content, name, limit)
    # Twice, because browsers and archives compress what was compressed; no more, because bombs nest.
    for _ in range(2):
        if body.startswith(GZIP_MAGIC):
            body = gunzip(body, limit=limit, where=name)
    return body


def _bytes(content: Path | bytes, name: str, limit: int) -> bytes:
    if isinstance(content, Path):
        try:
            with content.open("rb") as file:
                content = file.read(limit + 1)
        except OSError as problem:
            raise InputError(f"cannot be read ({problem.strerror or problem})", where=name) from problem
    if len(content) > limit:
        raise TooLargeError(f"too large: more than {limit} bytes", where=name)
    return content


def _named(post: RawPosting, kind: str | None) -> RawPosting:
    if post.source != _NO_SOURCE:
        return post
    if kind in _BOARDS:
        return replace(post, source=kind)
    if is_upwork(post.url):
        return replace(post, source="upwork")
    place = endpoint(post.url) if post.url else None
    return replace(post, source=place[0].removeprefix("www.")) if place else post


def _once(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return ``issues`` with what is said of the whole file said once, not once a piece."""
    kept: dict[tuple[str, str], Issue] = {}
    for issue in issues:
        place = issue.where if issue.level is IssueLevel.ERROR else ""
        kept.setdefault((place, issue.message), issue)
    return tuple(kept.values())
