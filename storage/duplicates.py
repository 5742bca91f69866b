"""Which posts repeat which: marks the program makes, verdicts a person gives, clusters that follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from sqlalchemy import Row, select

from domain.errors import StorageError
from storage.sql import Sql
from storage.tables import duplicates, posts
from storage.types import DuplicateMark, Verdict


class Duplicates:
    """The duplicate marks of one transaction. A pair is one pair whichever way round it is named."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def mark(self, post_id: str, of_post_id: str, score: str, reason: str, at: datetime) -> bool:
        """Mark that ``post_id`` repeats ``of_post_id``; ``score`` is a decimal from 0 to 1 as text.

        Return ``False``, changing nothing, if the pair is marked or was judged: a person's word stands.
        Raise StorageError unless both are stored and differ and the score is one.
        """
        row = _pair(post_id, of_post_id) | {"score": _checked(score), "reason": reason, "marked_at": at}
        return self._changed(self._sql.insert(duplicates).on_conflict_do_nothing(), row)

    def judge(self, post_id: str, of_post_id: str, verdict: Verdict, at: datetime) -> None:
        """Record a person's verdict on a pair, marked or not; the last verdict counts.

        Raise StorageError unless both are stored and differ.
        """
        judgement = {"verdict": Verdict(verdict).value, "judged_at": at}
        row = _pair(post_id, of_post_id) | {"reason": "judged by a person", "marked_at": at} | judgement
        statement = self._sql.insert(duplicates)
        pair = [duplicates.c.pair_first, duplicates.c.pair_second]
        self._changed(statement.on_conflict_do_update(index_elements=pair, set_=judgement), row)

    def _changed(self, statement: Any, row: dict[str, Any]) -> bool:
        self.__dict__.pop("_clusters", None)
        return self._sql.write(statement, row) == 1

    def all(self) -> list[DuplicateMark]:
        """Return every mark and verdict, oldest first."""
        order = (duplicates.c.marked_at, duplicates.c.pair_first, duplicates.c.pair_second)
        return [_mark_of(row) for row in self._sql.rows(select(duplicates).order_by(*order))]

    def clusters(self) -> dict[str, str]:
        """Return the cluster of every post that repeats or is repeated: the id of its first-seen member.

        Marks join posts into clusters, a person's own first, then by score. A mark that would put two posts
        into one cluster of which a person has said that they differ joins nothing.
        """
        return self._clusters

    @cached_property
    def _clusters(self) -> dict[str, str]:
        marks = self.all()
        refuted = [(mark.post_id, mark.of_post_id) for mark in marks if mark.verdict is Verdict.NO]
        kept = sorted((mark for mark in marks if mark.verdict is not Verdict.NO), key=_strongest_first)
        groups = join(((mark.post_id, mark.of_post_id) for mark in kept), refuted)
        seen = self._first_seen()
        oldest = [(min(group, key=lambda member: (seen[member], member)), group) for group in groups]
        return {member: cluster for cluster, group in oldest for member in group}

    def _first_seen(self) -> dict[str, datetime]:
        marked = select(duplicates.c.pair_first).union(select(duplicates.c.pair_second))
        rows = self._sql.rows(select(posts.c.post_id, posts.c.first_seen).where(posts.c.post_id.in_(marked)))
        return {row.post_id: row.first_seen for row in rows}


def join(pairs: Iterable[tuple[str, str]], refuted: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Return the groups that ``pairs`` join, in order, never putting a refuted pair into one group."""
    group_of: dict[str, set[str]] = {}
    against = [frozenset(pair) for pair in refuted]
    for pair in pairs:
        one, other = (group_of.setdefault(member, {member}) for member in pair)
        both = one | other
        if one is not other and not any(differ <= both for differ in against):
            group_of |= dict.fromkeys(both, both)
    unique = {id(group): group for group in group_of.values() if len(group) > 1}
    return list(unique.values())


def _strongest_first(mark: DuplicateMark) -> tuple[bool, Decimal, str, str]:
    return mark.verdict is not Verdict.YES, -Decimal(mark.score or 0), mark.post_id, mark.of_post_id


def _checked(score: str) -> str:
    try:
        if 0 <= Decimal(score) <= 1:
            return score
    except InvalidOperation:
        pass
    raise StorageError(f"{score!r} is not a score", remedy="Give a decimal from 0 to 1 as text")


def _pair(post_id: str, of_post_id: str) -> dict[str, Any]:
    if post_id == of_post_id:
        raise StorageError("a post cannot repeat itself", where=f"post {post_id}")
    first, second = sorted((post_id, of_post_id))
    return {"pair_first": first, "pair_second": second, "post_id": post_id, "of_post_id": of_post_id}


def _mark_of(row: Row[Any]) -> DuplicateMark:
    return DuplicateMark(
        post_id=row.post_id,
        of_post_id=row.of_post_id,
        score=row.score,
        reason=row.reason,
        marked_at=row.marked_at,
        verdict=None if row.verdict is None else Verdict(row.verdict),
        judged_at=row.judged_at,
    )
