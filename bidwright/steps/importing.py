"""Posts out of files the person supplies: every file has exactly one outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bidwright.desk import Desk
from bidwright.steps.duplicates import mark_duplicates
from bidwright.steps.posts import clean, store_posts
from domain.errors import BidwrightError
from domain.issues import Issue, error
from spiders.importing import read_file


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file; counts are posts."""

    file: str
    kind: str | None
    outcome: str  # ok, empty or error
    posts_read: int = 0
    posts_new: int = 0
    posts_updated: int = 0
    duplicates_marked: int = 0
    issues: tuple[Issue, ...] = ()


def import_files(
    desk: Desk, files: Sequence[tuple[str, Path | bytes]], *, columns: Mapping[str, str] | None = None
) -> list[FileReport]:
    """Read and store ``files`` (name shown, path or content) in order; return one report per file.

    ``columns`` are the headings of tables, or the keys of JSON objects, by the field a person chose for each.
    Repeats are looked for once, when all files are stored, and counted with the file that brought them.
    """
    read: list[tuple[FileReport, frozenset[str]]] = []
    for number, (name, content) in enumerate(files):
        desk.progress("Reading files", number, len(files))
        read.append(_import_file(desk, name, content, columns))
    desk.progress("Reading files", len(files), len(files))
    changed = any(report.posts_new or report.posts_updated for report, _ in read)
    marked = mark_duplicates(desk) if changed else []
    return [
        replace(report, duplicates_marked=sum(post_id in new for post_id in marked)) for report, new in read
    ]


def _import_file(
    desk: Desk, name: str, content: Path | bytes, columns: Mapping[str, str] | None
) -> tuple[FileReport, frozenset[str]]:
    """Return the report of one file, its repeats not counted yet, and the ids of the posts it brought."""
    now = desk.clock()
    try:
        read = read_file(content, name=name, pool=desk.parser, columns=columns)
        posts, found = clean(read.posts, now)
        plan = desk.store.run_write(lambda tx: store_posts(tx, posts, now))
    except BidwrightError as problem:
        failed = FileReport(file=name, kind=None, outcome="error", issues=(error(name, str(problem)),))
        return failed, frozenset()
    report = FileReport(
        file=name,
        kind=read.kind,
        outcome=read.outcome,
        posts_read=len(read.posts),
        posts_new=len(plan.inserts),
        posts_updated=len(plan.updates),
        issues=(*read.issues, *found, *plan.issues),
    )
    return report, frozenset(stored.post_id for stored in (*plan.inserts, *plan.updates))
