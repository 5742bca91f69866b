"""Job posts: written once, updated with their history kept, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from domain.clock import Clock
from domain.errors import StorageError
from domain.posts import JobPosting, PostText, StoredPost
from storage.columns import UtcTime
from storage.duplicates import Duplicates
from storage.post_rows import dump, fold, pay_of, row_of, search_text, stored_of
from storage.sql import Sql, chunks
from storage.tables import post_history, posts
from storage.types import KnownPost, PostState

HISTORY_ROWS = 24
"""Earlier states kept per post: a post rewritten more often than that is noise, and would grow for ever."""

_MATCHES = 20
_COUNTS = ("proposals_min", "proposals_max", "interviewing", "hires", "connects")
_PAY = ("pay_unit", "pay_currency", "pay_low", "pay_high", "pay_raw")
_STATE = ("post_id", "title", *_PAY, "proposals_min", "proposals_max", "text_hash", "content_hash")
_WORTH_A_ROW = tuple(name for name in _STATE if name not in {"post_id", "content_hash"})


class Posts:
    """The job posts of one transaction."""

    def __init__(self, sql: Sql, duplicates: Duplicates, clock: Clock) -> None:
        self._sql = sql
        self._duplicates = duplicates
        self._clock = clock

    def known(self, post_ids: Iterable[str]) -> dict[str, KnownPost]:
        """Return what is known of those of ``post_ids`` that are stored."""
        hash_now = case((posts.c.text_expired_at.is_(None), posts.c.content_hash), else_="")
        wanted = select(posts.c.post_id, hash_now.label("content_hash"), posts.c.text_hash, posts.c.last_seen)
        return {row.post_id: KnownPost(**row._mapping) for row in self._by_id(wanted, post_ids)}  # noqa: SLF001 - its documented name

    def insert(self, stored: StoredPost) -> bool:
        """Store a new post; return ``False``, changing nothing, if its id is stored already."""
        return self.insert_many([stored]) == 1

    def insert_many(self, new: Iterable[StoredPost]) -> int:
        """Store those of ``new`` whose ids are not stored yet; return how many they were."""
        statement = self._sql.insert(posts).on_conflict_do_nothing()
        before = self.count()
        for batch in chunks(new):
            self._sql.write(statement, [row_of(stored) for stored in batch])
        return self.count() - before

    def update(self, stored: StoredPost) -> None:
        """Replace a stored post, keeping ``first_seen`` and its earlier state. See :meth:`update_many`."""
        self.update_many([stored])

    def update_many(self, changed: Iterable[StoredPost]) -> None:
        """Replace stored posts by ``changed``; ``first_seen`` stays and ``last_seen`` never goes back.

        Where title, pay, proposals or text differ, the earlier state goes to the history, which keeps the
        newest :data:`HISTORY_ROWS` of a post. Writing the same post twice adds no history. Raise StorageError
        if a post is not stored.
        """
        for batch in chunks(changed):
            self._update(batch)

    def _update(self, batch: list[StoredPost]) -> None:
        earlier = {row.post_id: row for row in self._by_id(select(posts), [new.post_id for new in batch])}
        rows, states = [], []
        for stored in batch:
            before = earlier.get(stored.post_id)
            if before is None:
                raise StorageError(
                    "a post that is not stored cannot be updated", where=f"post {stored.post_id}"
                )
            row = row_of(stored)
            row["last_seen"] = max(stored.last_seen, before.last_seen)
            rows.append({f"new_{name}": value for name, value in row.items() if name != "first_seen"})
            if any(getattr(before, name) != row[name] for name in _WORTH_A_ROW):
                states.append(
                    {name: getattr(before, name) for name in _STATE} | {"changed_at": row["last_seen"]}
                )
        values = {name: bindparam(f"new_{name}", type_=posts.c[name].type) for name in _column_names()}
        self._sql.write(update(posts).where(posts.c.post_id == bindparam("new_post_id")).values(values), rows)
        if states:
            self._remember(states)

    def _remember(self, states: list[dict[str, Any]]) -> None:
        self._sql.write(insert(post_history), states)
        too_old = (
            select(post_history.c.row_number)
            .where(post_history.c.post_id == bindparam("of"))
            .order_by(post_history.c.row_number.desc())
            .offset(HISTORY_ROWS)
            .limit(1)
            .scalar_subquery()
        )
        forget = delete(post_history).where(
            post_history.c.post_id == bindparam("of"), post_history.c.row_number <= too_old
        )
        self._sql.write(forget, [{"of": state["post_id"]} for state in states])

    def touch(
        self, post_ids: Iterable[str], seen_at: datetime, counts: Mapping[str, JobPosting] | None = None
    ) -> None:
        """Record that posts were seen again unchanged; ``last_seen`` never goes back.

        ``counts`` gives posts by id as they are now, for their numbers of proposals, interviews, hires and
        connects, and for their further fields; what is not stated there stays as it was.
        """
        known = counts or {}
        rows = [
            {"id": post_id, "seen": seen_at}
            | {f"new_{name}": getattr(known.get(post_id), name, None) for name in _COUNTS}
            | {"new_extra": _extra_of(known.get(post_id))}
            for post_id in post_ids
        ]
        seen = bindparam("seen", type_=UtcTime())
        statement = (
            update(posts)
            .where(posts.c.post_id == bindparam("id"))
            .values(last_seen=case((posts.c.last_seen < seen, seen), else_=posts.c.last_seen))
            .values(
                {
                    name: func.coalesce(bindparam(f"new_{name}", type_=posts.c[name].type), posts.c[name])
                    for name in (*_COUNTS, "extra")
                }
            )
        )
        for batch in chunks(rows):
            self._sql.write(statement, batch)

    def expire_text(self, source: str, older_than: datetime) -> int:
        """Delete the text of posts of ``source`` last seen before ``older_than``; return how many they were.

        Description, the source's raw values and its further fields go; title, ids, pay and the other facts
        stay, and so does everything the person recorded about the post.
        """
        where = (posts.c.source == source, posts.c.last_seen < older_than, posts.c.text_expired_at.is_(None))
        found = self._sql.rows(select(posts.c.post_id, posts.c.title).where(*where))
        emptied = update(posts).where(posts.c.post_id == bindparam("id"))
        now = self._clock()
        for batch in chunks(found):
            rows = [{"id": row.post_id, "kept": search_text(row.title, (), "")} for row in batch]
            text = bindparam("kept", type_=posts.c.search_text.type)
            self._sql.write(
                emptied.values(description="", raw="{}", extra="{}", search_text=text, text_expired_at=now),
                rows,
            )
        return len(found)

    def get(self, post_id: str) -> StoredPost | None:
        """Return the post with exactly this id, or ``None``."""
        found = self._found(select(posts).where(posts.c.post_id == post_id))
        return found[0] if found else None

    def get_many(self, post_ids: Iterable[str]) -> dict[str, StoredPost]:
        """Return the posts with exactly these ids, by id; an unknown id is not in the answer."""
        found = self._stored(self._by_id(select(posts), post_ids))
        return {stored.post_id: stored for stored in found}

    def find(self, prefix: str) -> list[StoredPost]:
        """Return the posts whose id, source id or URL is ``prefix``, else those where it begins so.

        One post in the list is the answer, several mean that the prefix is ambiguous (at most 20 are given).
        """
        names = (posts.c.post_id, posts.c.source_id, posts.c.url)
        exact = or_(*(name == prefix for name in names))
        begins = or_(*(func.substr(name, 1, len(prefix)) == prefix for name in names))
        for condition in (exact, begins) if prefix else ():
            found = self._found(select(posts).where(condition).order_by(posts.c.post_id).limit(_MATCHES))
            if found:
                return found
        return []

    def all(self) -> Iterator[StoredPost]:
        """Yield every post, the first seen first, without holding them all."""
        return self._stream(select(posts))

    def texts(self) -> Iterator[PostText]:
        """Yield what posts are compared by, of every post, the first seen first, without holding them all."""
        columns = {
            "post_id": posts.c.post_id,
            "source": posts.c.source,
            "title": posts.c.title,
            "description": posts.c.description,
            "employer": posts.c.client_name,
            "first_seen": posts.c.first_seen,
            "date_posted": posts.c.date_posted,
        }
        order = (posts.c.first_seen, posts.c.post_id)
        for row in self._sql.stream(select(*columns.values()).order_by(*order)):
            yield PostText(**dict(zip(columns, row, strict=True)))

    def live(self, at: datetime) -> Iterator[StoredPost]:
        """Yield the posts still open at ``at`` whose text has not expired, the first seen first."""
        return self._stream(select(posts).where(open_at(at)))

    def closed(self, at: datetime, most: int) -> list[StoredPost]:
        """Return the ``most`` last seen of the posts closed by ``at`` whose text has not expired."""
        shut = and_(posts.c.valid_through <= at, posts.c.text_expired_at.is_(None))
        newest = (posts.c.last_seen.desc(), posts.c.post_id)
        return self._found(select(posts).where(shut).order_by(*newest).limit(most))

    def closed_marks(self, at: datetime, most: int) -> list[tuple[str, str, str]]:
        """Return id, content hash and cluster of the posts that :meth:`closed` gives, by id."""
        shut = and_(posts.c.valid_through <= at, posts.c.text_expired_at.is_(None))
        newest = (posts.c.last_seen.desc(), posts.c.post_id)
        marks = select(posts.c.post_id, posts.c.content_hash).where(shut)
        found = self._sql.rows(marks.order_by(*newest).limit(most))
        clusters = self._duplicates.clusters()
        return sorted(
            (row.post_id, row.content_hash, clusters.get(row.post_id, row.post_id)) for row in found
        )

    def search(self, words: Iterable[str], limit: int) -> list[StoredPost]:
        """Return at most ``limit`` posts with every one of ``words`` in title, skills or description.

        ``words`` may be one text, which is split at spaces. Case does not count, in any script. The newest
        come first.
        """
        parts = words.split() if isinstance(words, str) else words
        matches = [posts.c.search_text.contains(fold(word), autoescape=True) for word in parts]
        newest = func.coalesce(posts.c.date_posted, posts.c.first_seen).desc()
        statement = select(posts).where(*matches).order_by(newest, posts.c.post_id).limit(limit)
        return self._found(statement)

    def count(self) -> int:
        """Return the number of posts."""
        return self._sql.number(select(func.count()).select_from(posts))

    def by_source(self) -> dict[str, int]:
        """Return the number of posts by source name."""
        counted = select(posts.c.source, func.count().label("n")).group_by(posts.c.source)
        return {row.source: row.n for row in self._sql.rows(counted.order_by(posts.c.source))}

    def history(self, post_id: str) -> list[PostState]:
        """Return the earlier states of a post, oldest first."""
        statement = select(post_history).where(post_history.c.post_id == post_id)
        return [_state_of(row) for row in self._sql.rows(statement.order_by(post_history.c.row_number))]

    def _by_id(self, statement: Select[Any], post_ids: Iterable[str]) -> Iterator[Row[Any]]:
        for batch in chunks(post_ids):
            yield from self._sql.rows(statement.where(posts.c.post_id.in_(batch)))

    def _found(self, statement: Select[Any]) -> list[StoredPost]:
        return list(self._stored(self._sql.rows(statement)))

    def _stream(self, statement: Select[Any]) -> Iterator[StoredPost]:
        return self._stored(self._sql.stream(statement.order_by(posts.c.first_seen, posts.c.post_id)))

    def _stored(self, rows: Iterable[Row[Any]]) -> Iterator[StoredPost]:
        clusters = self._duplicates.clusters()
        for row in rows:
            yield stored_of(row, clusters.get(row.post_id, row.post_id))


def _extra_of(post: JobPosting | None) -> str | None:
    return dump(dict(post.extra)) if post is not None and post.extra else None


def open_at(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a post is still open at ``at`` and its text has not expired."""
    still = or_(posts.c.valid_through.is_(None), posts.c.valid_through > at)
    return and_(still, posts.c.text_expired_at.is_(None))


def _column_names() -> Collection[str]:
    return [column.name for column in posts.c if column.name not in {"post_id", "first_seen"}]


def _state_of(row: Row[Any]) -> PostState:
    return PostState(
        post_id=row.post_id,
        changed_at=row.changed_at,
        title=row.title,
        pay=pay_of(row),
        proposals_min=row.proposals_min,
        proposals_max=row.proposals_max,
        text_hash=row.text_hash,
        content_hash=row.content_hash,
    )
