"""Vectors of texts: from the cache when there, embedded once when not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from domain.errors import ModelError
from ranking.seams import Embedder, Matrix, VectorCache

_LITTLE = np.dtype("<f4")
_CHUNK = 128  # texts embedded before they are kept: what an interruption may cost

Progress = Callable[[int, int], None]
"""Told ``(done, total)`` texts."""


def text_key(text: str) -> str:
    """Return the key a free text (a skill, a headline) is cached under."""
    return "q:" + hashlib.sha256(text.encode()).hexdigest()[:32]


def to_bytes(vector: Matrix) -> bytes:
    """Return ``vector`` as little-endian float32."""
    return np.ascontiguousarray(vector, dtype=_LITTLE).tobytes()


def from_bytes(stored: bytes, dimensions: int, where: str) -> Matrix:
    """Return the vector ``stored`` as little-endian float32, or raise ModelError if it is not one.

    A vector of another length or with a value that is not finite would spoil every comparison.
    """
    if len(stored) != dimensions * _LITTLE.itemsize:
        raise ModelError(
            f"a stored vector of {len(stored)} bytes is not {dimensions} float32",
            where=where,
            remedy="It was made by another model; delete the stored vectors and rank again",
        )
    vector = np.frombuffer(stored, dtype=_LITTLE).astype(np.float32)
    if not np.isfinite(vector).all():
        raise ModelError(
            "a stored vector has a value that is not finite",
            where=where,
            remedy="Delete the stored vectors and rank again",
        )
    return vector


def load_vectors(
    cache: VectorCache, model_id: str, dimensions: int, hashes: Sequence[str]
) -> dict[str, Matrix]:
    """Return the cached vectors among ``hashes``; raise ModelError if one is damaged."""
    kept = cache.load(model_id, hashes)
    return {name: from_bytes(kept[name], dimensions, f"text {name}") for name in hashes if name in kept}


def embed_missing(
    texts_by_hash: Mapping[str, str],
    cache: VectorCache,
    embedder: Embedder,
    on_progress: Progress | None = None,
) -> dict[str, Matrix]:
    """Return a vector for every hash, embedding and keeping those the cache lacks.

    Texts are taken shortest first, so that a batch pads little, and kept chunk by chunk, so that an
    interruption loses little. Equal texts under several hashes are embedded once. Raise ModelError when the
    model or the cache gives vectors that are none.
    """
    found = load_vectors(cache, embedder.model_id, embedder.dimensions, list(texts_by_hash))
    same: dict[str, list[str]] = {}
    for name in sorted(texts_by_hash.keys() - found.keys()):
        same.setdefault(texts_by_hash[name], []).append(name)
    texts = sorted(same, key=lambda text: (len(text), text))
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        rows = _embedded(chunk, embedder)
        fresh = {name: row for text, row in zip(chunk, rows, strict=True) for name in same[text]}
        cache.save(
            embedder.model_id, embedder.dimensions, {name: to_bytes(row) for name, row in fresh.items()}
        )
        found |= fresh
        if on_progress is not None:
            on_progress(start + len(chunk), len(texts))
    return {name: found[name] for name in texts_by_hash}


def _embedded(texts: list[str], embedder: Embedder) -> Matrix:
    rows = np.asarray(embedder.encode(texts), dtype=np.float32)
    if rows.shape != (len(texts), embedder.dimensions) or not np.isfinite(rows).all():
        raise ModelError(
            f"the model gave vectors of shape {rows.shape} for {len(texts)} texts",
            where=embedder.model_id,
            remedy="Name another model in [ranking] model",
        )
    return rows
