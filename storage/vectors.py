"""Embedding vectors by model and text hash, so that nothing is embedded twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from domain.errors import StorageError
from storage.posts import open_at
from storage.sql import Sql, chunks
from storage.tables import posts, vectors

_BYTES = 4  # of a little-endian float32


class Vectors:
    """The stored vectors of one transaction."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def load(self, model_id: str, hashes: Iterable[str]) -> dict[str, bytes]:
        """Return the vectors of ``model_id`` there are, by text hash, as little-endian float32."""
        mine = select(vectors.c.text_hash, vectors.c.vector).where(vectors.c.model_id == model_id)
        return {
            row.text_hash: bytes(row.vector)
            for batch in chunks(dict.fromkeys(hashes))
            for row in self._sql.rows(mine.where(vectors.c.text_hash.in_(batch)))
        }

    def missing(self, model_id: str, hashes: Iterable[str]) -> list[str]:
        """Return those of ``hashes`` that have no vector of ``model_id``, each once, in the order given."""
        wanted = dict.fromkeys(hashes)
        mine = select(vectors.c.text_hash).where(vectors.c.model_id == model_id)
        for batch in chunks(list(wanted)):
            for row in self._sql.rows(mine.where(vectors.c.text_hash.in_(batch))):
                del wanted[row.text_hash]
        return list(wanted)

    def of_open_posts(self, model_id: str, at: datetime) -> list[tuple[str, str]]:
        """Return (post id, text hash) of every post still open at ``at`` that has a vector, by post id.

        No vector is read.
        """
        mine = (vectors.c.model_id == model_id) & (vectors.c.text_hash == posts.c.text_hash)
        found = select(posts.c.post_id, posts.c.text_hash).join(vectors, mine).where(open_at(at))
        return [(row.post_id, row.text_hash) for row in self._sql.rows(found.order_by(posts.c.post_id))]

    def save(self, model_id: str, dimensions: int, vectors_by_hash: Mapping[str, bytes]) -> None:
        """Store vectors of ``dimensions`` little-endian float32 each; those stored already stay as they are.

        Raise StorageError if one has another length: it would spoil every comparison.
        """
        for text_hash, vector in vectors_by_hash.items():
            if len(vector) != dimensions * _BYTES:
                raise StorageError(
                    f"a vector of {len(vector)} bytes is not {dimensions} float32", where=f"text {text_hash}"
                )
        statement = self._sql.insert(vectors).on_conflict_do_nothing()
        for batch in chunks(vectors_by_hash.items()):
            rows = [
                {"model_id": model_id, "text_hash": text_hash, "dimensions": dimensions, "vector": vector}
                for text_hash, vector in batch
            ]
            self._sql.write(statement, rows)
