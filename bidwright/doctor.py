"""What could be wrong with an installation, each checked for real, each with what to do about it."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import available_timezones

from bidwright.workspace import Workspace, find_workspace
from domain.errors import BidwrightError, ConfigError, ModelError

if TYPE_CHECKING:
    from domain.sources import SourceRun
    from ranking.exchange import Exchange
    from storage.types import StorageReport

_MARKS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}
_FREE_BYTES = 500 * 1024**2
_RATES_DAYS = 90  # currencies rarely move by more than a few hundredths in a quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: what was looked at, what was found, and what to do unless all is well."""

    check: str
    level: Literal["ok", "note", "wrong"]
    text: str
    remedy: str = ""

    @property
    def mark(self) -> str:
        """The finding's level as shown."""
        return _MARKS[self.level]

    def as_json(self) -> dict[str, str]:
        """Return the finding as plain data."""
        return asdict(self)


def _ok(check: str, text: str) -> Finding:
    return Finding(check=check, level="ok", text=text)


def _wrong(check: str, text: str, remedy: str) -> Finding:
    return Finding(check=check, level="wrong", text=text, remedy=remedy)


def _note(check: str, text: str, remedy: str = "") -> Finding:
    return Finding(check=check, level="note", text=text, remedy=remedy)


def examine(workspace_given: str | None, now: datetime) -> list[Finding]:
    """Return every finding, the installation's first, then the workspace's if there is one."""
    findings = [*_installation(), *_model()]
    try:
        workspace = find_workspace(workspace_given)
    except ConfigError as error:
        level = _wrong if workspace_given else _note
        return [*findings, level("workspace", error.what, error.remedy)]
    return [*findings, *_workspace(workspace, now)]


def _installation() -> Iterator[Finding]:
    yield _ok("Python", platform.python_version())
    for package in ("torch", "sentence-transformers", "faiss-cpu", "prefect", "scrapy", "sqlalchemy"):
        try:
            yield _ok(package, version(package))
        except PackageNotFoundError:
            yield _wrong(package, "is not installed", "Run: make setup")
    zones = len(available_timezones())
    if zones:
        yield _ok("time zones", f"{zones} known")
    else:
        yield _wrong("time zones", "no time zone data", "Run: pip install tzdata")


def _model() -> Iterator[Finding]:
    from ranking.backends.sentence_transformer import verify_bundled_model

    try:
        path = verify_bundled_model()
    except ModelError as error:
        yield _wrong("bundled model", error.what, error.remedy)
    else:
        yield _ok("bundled model", f"all-MiniLM-L6-v2, checksum as published ({path.name})")


def _workspace(workspace: Workspace, now: datetime) -> Iterator[Finding]:
    free = shutil.disk_usage(workspace.root).free
    place = str(workspace.root)
    if free >= _FREE_BYTES:
        yield _ok("disk", f"{free // 1024**2:,} MB free in {place}")
    else:
        yield _wrong(
            "disk", f"only {free // 1024**2:,} MB free in {place}", "Make room: 500 MB is comfortable"
        )
    try:
        settings = workspace.settings
    except (ConfigError, OSError) as error:
        yield _wrong("settings", str(error), "Edit the file, then run: bidwright doctor")
        return
    yield _ok("settings", f"{workspace.settings_path}: {len(settings.profile.skills)} skills")
    if (
        settings.model != "bundled"
        and Path(settings.model).is_absolute()
        and not Path(settings.model).is_dir()
    ):
        yield _wrong("ranking.model", f"{settings.model} is no folder", 'Use "bundled" or an existing model')
    yield _exchange(settings.exchange, now)
    if settings.delivery.email_to or settings.delivery.notify:
        yield _note("delivery", "set, but this version shows the digest here and sends nothing")
    from storage.doctor import inspect

    try:
        found = inspect(workspace.storage_url)
    except BidwrightError as error:
        yield _wrong("database", error.what, error.remedy or "Check storage.url")
        return
    yield from _database(found)
    yield from _sources(workspace, found, now)


def _exchange(exchange: Exchange, now: datetime) -> Finding:
    days = (now.date() - exchange.day).days
    says = f"{exchange.source}, {len(exchange.per_base)} currencies"
    if days <= _RATES_DAYS:
        return _ok("exchange rates", says)
    return _note(
        "exchange rates", f"{says}, {days} days old: give newer ones in [exchange] of the settings, or update"
    )


def _database(found: StorageReport) -> Iterator[Finding]:
    mode = f", {found.journal_mode or found.wanted_journal_mode} journal" if found.wanted_journal_mode else ""
    engine = f"{found.driver} {found.version}{mode}"
    if found.wanted_journal_mode and found.wanted_journal_mode != "wal":
        yield _note(
            "SQLite", f"{engine}: this version has the WAL-reset bug, so the rollback journal is used"
        )
    elif engine.strip():
        yield _ok("SQLite" if found.wanted_journal_mode else "PostgreSQL", engine)
    if not found.exists:
        yield _ok("database", "not there yet; the first run makes it")
    elif found.integrity not in (None, "ok"):
        yield _wrong("database", f"{found.url}: {found.integrity}", "Restore it from a backup")
    elif found.newer:
        yield _wrong(
            "database", f"{found.url} was made by a newer bidwright", "Install that version or a newer one"
        )
    elif not found.writable:
        yield _wrong(
            "database", f"{found.url} cannot be written", "Check the permissions of the file and its folder"
        )
    elif found.revision != found.head:
        yield _note(
            "database", f"schema {found.revision}, this program's is {found.head}; the next run upgrades it"
        )
    else:
        posts = found.counts.get("posts", 0)
        yield _ok("database", f"{found.url}: {posts:,} posts, {found.counts.get('events', 0):,} events")


def _sources(workspace: Workspace, found: StorageReport, now: datetime) -> Iterator[Finding]:
    from bidwright.steps.fetch import configured_sources
    from domain.sources import HEALTHY

    settings = workspace.settings
    try:
        sources = configured_sources(settings.sources, str(workspace.settings_path))
    except ConfigError as error:
        yield _wrong("sources", str(error), error.remedy)
        return
    if not sources:
        yield _note(
            "sources", "none configured", "Add [[sources]], or import files: bidwright import posts FILE"
        )
        return
    if found.integrity not in (None, "ok"):
        yield _note("sources", f"{len(sources)} configured; what was read is in the database")
        return
    try:
        latest = _latest_runs(workspace, found)
    except BidwrightError as error:
        yield _wrong("sources", str(error), error.remedy)
        return
    if not latest:
        yield _ok("sources", f"{len(sources)} configured, none read yet")
        return
    for source in sources:
        run = latest.get(source.name)
        if run is None:
            yield _note(f"source {source.name}", "not read yet")
        elif run.state in HEALTHY:
            yield _ok(f"source {source.name}", f"{run.state}, {_ago(now, run.finished_at)}")
        else:
            text = f"{run.state}: {run.detail or 'no detail'}, {_ago(now, run.finished_at)}"
            yield _wrong(
                f"source {source.name}", text, f"Open {source.url} in a browser; see docs/sources.md"
            )


def _latest_runs(workspace: Workspace, found: StorageReport) -> Mapping[str, SourceRun]:
    """Return the last real outcome of each source; none where the database must first be made or upgraded."""
    from storage import open_store

    if not found.exists or found.revision != found.head:
        return {}
    with open_store(workspace.storage_url, migrate=False) as store, store.read() as tx:
        return tx.runs.last_asked_by_source()


def _ago(now: datetime, then: datetime) -> str:
    hours = int((now - then).total_seconds() // 3600)
    return "within the hour" if hours < 1 else f"{hours} h ago"
