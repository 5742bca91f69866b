"""Runs of the daily job and what became of every source in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update

from domain.errors import StorageError
from domain.issues import Finding, IssueLevel
from domain.sources import SourceRun, SourceState
from storage.post_rows import dump
from storage.sql import Sql
from storage.tables import runs, source_runs
from storage.types import RunRecord

FETCHED = (SourceState.OK, SourceState.EMPTY, SourceState.NOT_MODIFIED)
"""States of a source that was really asked and answered."""


class Runs:
    """The runs of one transaction. Newest means recorded last, whatever the clock said."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def start(self, run_id: str, at: datetime) -> None:
        """Record that a run began; starting it again changes nothing."""
        row = {"run_id": run_id, "started_at": at, "summary": "{}"}
        self._sql.write(self._sql.insert(runs).on_conflict_do_nothing(index_elements=["run_id"]), row)

    def finish(self, run_id: str, at: datetime, status: str, summary: Mapping[str, str | int]) -> None:
        """Record how a run ended; raise StorageError if it was never started."""
        row = {"finished_at": at, "status": status, "summary": dump(dict(summary))}
        if self._sql.write(update(runs).where(runs.c.run_id == run_id), row) != 1:
            raise StorageError("a run that was not started cannot finish", where=f"run {run_id}")

    def record_source(self, outcome: SourceRun) -> None:
        """Record the outcome of a source in a run; the last one recorded counts.

        Raise StorageError if the run was never started.
        """
        row = asdict(outcome) | {
            "state": outcome.state.value,
            "coverage": dump(dict(outcome.coverage)),
            "findings": json.dumps([asdict(finding) for finding in outcome.findings], ensure_ascii=False),
        }
        keys = ["run_id", "source"]
        rest = {name: value for name, value in row.items() if name not in keys}
        statement = self._sql.insert(source_runs).on_conflict_do_update(index_elements=keys, set_=rest)
        self._sql.write(statement, row)

    def last_by_source(self) -> dict[str, SourceRun]:
        """Return the newest outcome of every source."""
        return self._newest()

    def last_asked_by_source(self) -> dict[str, SourceRun]:
        """Return, for every source, the newest outcome of a run in which it was due."""
        return self._newest(source_runs.c.state != SourceState.NOT_DUE.value)

    def asked_since(self, moment: datetime) -> dict[str, list[SourceRun]]:
        """Return the outcomes since ``moment`` of every source that was due, oldest first, by its name."""
        due = source_runs.c.state != SourceState.NOT_DUE.value
        statement = select(source_runs).where(due, source_runs.c.started_at >= moment)
        found: dict[str, list[SourceRun]] = {}
        for row in self._sql.rows(statement.order_by(source_runs.c.row_number)):
            found.setdefault(row.source, []).append(_outcome_of(row))
        return found

    def reads_since(self, source: str, moment: datetime) -> list[SourceRun]:
        """Return the outcomes of ``source`` since ``moment`` in which all was well, oldest first."""
        well = source_runs.c.state.in_([SourceState.OK.value, SourceState.EMPTY.value])
        mine = (source_runs.c.source == source, source_runs.c.started_at >= moment)
        statement = select(source_runs).where(well, *mine).order_by(source_runs.c.row_number)
        return [_outcome_of(row) for row in self._sql.rows(statement)]

    def last_answered_by_source(self) -> dict[str, SourceRun]:
        """Return, for every source, the newest outcome in which a server answered, even with a refusal.

        Its start is what the source's minimum interval counts from: a machine that was offline need not wait.
        """
        silent = (SourceState.NOT_DUE.value, SourceState.UNREACHABLE.value, SourceState.OFF.value)
        return self._newest(source_runs.c.state.not_in(silent))

    def last_good_by_source(self) -> dict[str, SourceRun]:
        """Return, for every source, the newest outcome of a fetch that was answered with posts, or none new.

        Its etag and last_modified are what the next fetch may offer.
        """
        return self._newest(source_runs.c.state.in_([state.value for state in FETCHED]))

    def outcomes(self, run_id: str) -> list[SourceRun]:
        """Return the outcomes recorded in a run, in the order they were recorded."""
        statement = select(source_runs).where(source_runs.c.run_id == run_id)
        return [_outcome_of(row) for row in self._sql.rows(statement.order_by(source_runs.c.row_number))]

    def latest(self) -> RunRecord | None:
        """Return the run started last, finished or not, or ``None``."""
        row = self._sql.first(select(runs).order_by(runs.c.row_number.desc()).limit(1))
        return None if row is None else _run_of(row)

    def _newest(self, *conditions: ColumnElement[bool]) -> dict[str, SourceRun]:
        newest = select(func.max(source_runs.c.row_number)).where(*conditions).group_by(source_runs.c.source)
        statement = select(source_runs).where(source_runs.c.row_number.in_(newest))
        return {
            row.source: _outcome_of(row) for row in self._sql.rows(statement.order_by(source_runs.c.source))
        }


def _outcome_of(row: Row[Any]) -> SourceRun:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to read a row by name
    del values["row_number"]
    values["coverage"] = json.loads(row.coverage)
    try:
        values["state"] = SourceState(row.state)
        values["findings"] = tuple(
            Finding(**{**item, "level": IssueLevel(item["level"])}) for item in json.loads(row.findings)
        )
    except ValueError as error:
        raise StorageError(
            f"unknown value ({error})", where=f"run {row.run_id}, source {row.source}"
        ) from error
    return SourceRun(**values)


def _run_of(row: Row[Any]) -> RunRecord:
    return RunRecord(
        run_id=row.run_id,
        started_at=row.started_at,
        finished_at=row.finished_at,
        status=row.status,
        summary=json.loads(row.summary),
    )
