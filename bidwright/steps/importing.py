"""Posts out of files the person supplies: every file has exactly one outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.steps.duplicates import mark_duplicates
from bidwright.steps.posts import clean, store_posts
from domain.errors import BidwrightError
from domain.issues import Issue, error
from spiders.importing import read_file

if TYPE_CHECKING:
    from storage import Transaction


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


def import_files(desk: Desk, files: Sequence[tuple[str, Path | bytes]]) -> list[FileReport]:
    """Read and store ``files`` (name shown, path or content) in order; return one report per file."""
    reports = []
    for number, (name, content) in enumerate(files):
        desk.progress("Reading files", number, len(files))
        reports.append(_import_file(desk, name, content))
    desk.progress("Reading files", len(files), len(files))
    return reports


def _import_file(desk: Desk, name: str, content: Path | bytes) -> FileReport:
    now = desk.clock()
    try:
        read = read_file(content, name=name, pool=desk.parser)
        posts, found = clean(read.posts, now)

        def write(tx: Transaction) -> tuple[int, int, tuple[Issue, ...]]:
            plan = store_posts(tx, posts, now)
            return len(plan.inserts), len(plan.updates), tuple(plan.issues)

        new, updated, planned = desk.store.run_write(write)
        marked = mark_duplicates(desk) if new or updated else 0
    except BidwrightError as problem:
        return FileReport(file=name, kind=None, outcome="error", issues=(error(name, str(problem)),))
    issues = (*read.issues, *found, *planned)
    return FileReport(
        file=name,
        kind=read.kind,
        outcome=read.outcome,
        posts_read=len(read.posts),
        posts_new=new,
        posts_updated=updated,
        duplicates_marked=marked,
        issues=issues,
    )
