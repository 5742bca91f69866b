"""Recording what a source answers as a fixture folder: the body, and the posts it is read as."""

from __future__ import annotations

import json
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bidwright.desk import Desk
from bidwright.files import put
from bidwright.steps.fetch import Crawl, fetch_sources
from domain.errors import InputError, UsageError
from domain.posts import RawPosting
from domain.sources import Source, SourceRun
from spiders.catalogue import source_type
from spiders.crawl import crawl
from spiders.fetching import FetchResult
from spiders.parsers.result import ParseResult

SOURCE, WHERE = "board", "w"
"""What a fixture calls its source and its place, so that neither depends on whose settings recorded it."""


def source_named(desk: Desk, name: str) -> str:
    """Return ``name`` if a source is called so; raise :class:`UsageError` naming the nearest if none is."""
    names = [table.name for table in desk.workspace.settings.sources]
    if name in names:
        return name
    near = get_close_matches(name, names, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names) or 'none'}"
    raise UsageError(f"no source is called {name!r}", remedy=hint)


def record_fixture(
    desk: Desk, run_id: str, name: str, folder: Path, *, crawl: Crawl = crawl
) -> tuple[SourceRun, list[Path]]:
    """Fetch the source ``name`` once, as any fetch does, and write its answer to ``folder``.

    Return the outcome and the files written, none unless there was a whole answer. The posts are stored too,
    and the source's interval counts from here. Raise :class:`InputError` if ``folder`` holds another input.
    """
    others = [path for path in folder.glob("input.*") if path.is_file()]
    written: list[Path] = []

    def keep(source: Source, result: FetchResult) -> None:
        if result.body_path is not None:
            written.extend(_write(desk, source, result.body_path.read_bytes(), folder, others))

    (outcome,) = fetch_sources(desk, run_id, crawl=crawl, only=source_named(desk, name), keep=keep)
    return outcome, written


def _write(desk: Desk, source: Source, body: bytes, folder: Path, others: list[Path]) -> list[Path]:
    place = folder / f"input.{_suffix(body)}"
    strange = [path.name for path in others if path != place]
    if strange:
        raise InputError(f"holds {strange[0]} already", where=str(folder), remedy="Choose another folder")
    parser = source_type(source.type).parser
    outcome = desk.parser.parse(parser, body, source=SOURCE, where=WHERE, options=source.options)
    folder.mkdir(parents=True, exist_ok=True)
    place.write_bytes(body)
    expected = folder / "expected.json"
    put(expected, expected_text(parser, source, outcome.unwrap()))
    return [place, expected]


def _suffix(body: bytes) -> str:
    head = body[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"{", b"[")):
        return "json"
    return "html" if b"<html" in head or head.startswith(b"<!doctype html") else "xml"


def expected_text(parser: str, source: Source, result: ParseResult) -> str:
    """Return the ``expected.json`` of ``result``: what every post states, and every issue."""
    expected: dict[str, Any] = {
        "parser": parser,
        **({"options": dict(source.options)} if source.options else {}),
        "feed_title": result.feed_title,
        "posts": [_stated(post) for post in result.posts],
        "issues": [[issue.level.value, issue.where, issue.message] for issue in result.issues],
    }
    return json.dumps(expected, indent=2, ensure_ascii=False) + "\n"


def _stated(post: RawPosting) -> dict[str, Any]:
    values = {field.name: getattr(post, field.name) for field in fields(post)}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    if plain["source"] == SOURCE:
        del plain["source"]
    return {name: value for name, value in plain.items() if value not in (None, "", [], {})}
