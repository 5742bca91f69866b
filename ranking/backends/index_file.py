"""An index as a file: one line that says what it is, then ids, centres and vectors, under one checksum.

The first line is JSON; numbers behind it are little-endian. FAISS's own format is not used: reading a damaged
file with it can end the process, and it changes with FAISS.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from io import BufferedReader
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import InputError
from ranking.backends.faiss_index import FaissIndex
from ranking.backends.faiss_rows import FlatRows, ListRows, Rows
from ranking.backends.plan import IndexPlan
from ranking.backends.recall import Recall
from ranking.seams import Matrix

FORMAT = 1
_LINE = 1 << 16  # the longest first line that is read
_PIECE = 1 << 20
_FLOAT, _WHOLE = np.dtype("<f4"), np.dtype("<i8")


def to_blocks(index: FaissIndex, model_id: str) -> Iterator[bytes | memoryview]:
    """Yield the file of ``index``, whose vectors ``model_id`` made, in pieces that are not copied.

    The index must not change meanwhile.
    """
    rows = index.rows
    ids = json.dumps([name for block in rows.blocks() for name in index.names(block.numbers)]).encode()
    recall = index.recall
    head = {
        "format": FORMAT,
        "model": model_id,
        "dimensions": index.dimensions,
        "kind": index.kind,
        "count": len(index),
        "ids_bytes": len(ids),
        "lists": rows.lists if isinstance(rows, ListRows) else 0,
        "trained_for": rows.trained_for if isinstance(rows, ListRows) else 0,
        "changed": index.changed,
        "recall": asdict(recall) if recall is not None else None,
    }
    checksum = _begun(head)
    for piece in _pieces(ids, rows):
        checksum.update(piece)
    yield _line({**head, "sha256": checksum.hexdigest()})
    yield from _pieces(ids, rows)


def _line(head: dict[str, Any]) -> bytes:
    return json.dumps(head).encode() + b"\n"


def _begun(head: dict[str, Any]) -> Any:
    """Return the checksum of all of ``head`` but the checksum itself."""
    stated = {name: value for name, value in head.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode())


def _pieces(ids: bytes, rows: Rows) -> Iterator[bytes | memoryview]:
    yield ids
    if isinstance(rows, ListRows):
        yield _view(rows.centres, _FLOAT)
        yield _view(np.array([len(block.numbers) for block in rows.by_list()]), _WHOLE)
    for block in rows.blocks():
        yield _view(block.rows, _FLOAT)


def _view(values: NDArray[Any], kind: np.dtype[Any]) -> memoryview:
    plain: Any = np.ascontiguousarray(values, dtype=kind).reshape(-1).view(np.uint8)
    return memoryview(plain)


def from_file(file: BufferedReader, *, model_id: str, dimensions: int, plan: IndexPlan) -> FaissIndex:
    """Return the index that :func:`to_blocks` wrote to ``file``.

    Raise InputError unless ``file`` holds a whole, undamaged index of ``model_id`` with ``dimensions``.
    """
    head = _head(file)
    if (head["model"], head["dimensions"]) != (model_id, dimensions):
        raise InputError(f"it holds vectors of {head['model']} ({head['dimensions']} dimensions)")
    reader = _Reader(file, _begun(head))
    _check_length(file, head)
    ids = reader.bytes(head["ids_bytes"])
    rows = _lists(reader, head) if head["kind"] == "ivf" else _flat(reader, head)
    if reader.checksum.hexdigest() != head["sha256"]:
        raise InputError("its checksum does not fit")
    index = FaissIndex(dimensions, plan=plan)
    recall = Recall(**head["recall"]) if head["recall"] is not None else None
    index.restore(rows, json.loads(ids), recall, head["changed"])
    return index


def _head(file: BufferedReader) -> dict[str, Any]:
    line = file.readline(_LINE)
    try:
        head = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError("it does not begin as an index does") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT or line != _line(head):
        raise InputError("it is no index of this version")
    whole = ("dimensions", "count", "ids_bytes", "lists", "trained_for", "changed")
    if any(type(head.get(name)) is not int or head[name] < 0 for name in whole) or any(
        name not in head for name in ("model", "recall", "sha256")
    ):
        raise InputError("its first line is damaged")
    if head.get("kind") != ("ivf" if head["lists"] else "flat"):
        raise InputError("its first line is damaged")
    return head


def _check_length(file: BufferedReader, head: dict[str, Any]) -> None:
    """Raise InputError unless ``file`` goes on for as long as ``head`` says: before memory is taken."""
    rows = (head["count"] + head["lists"]) * head["dimensions"] * _FLOAT.itemsize
    wanted = head["ids_bytes"] + rows + head["lists"] * _WHOLE.itemsize
    left = os.fstat(file.fileno()).st_size - file.tell()
    if left != wanted:
        raise InputError(f"{left:,} bytes stand where {wanted:,} should")


class _Reader:
    """Reads exactly so many bytes, and adds them to a checksum."""

    def __init__(self, file: BufferedReader, checksum: Any) -> None:
        self._file = file
        self.checksum = checksum

    def bytes(self, count: int) -> bytes:
        found = self._file.read(count)
        self.checksum.update(found)
        return found

    def array(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
        values = np.empty(shape, kind)
        left = _view(values, kind)
        while left:
            taken = self._file.readinto(left[:_PIECE])
            if not taken:
                raise InputError("it ends too early")
            self.checksum.update(left[:taken])
            left = left[taken:]
        return values


def _flat(reader: _Reader, head: dict[str, Any]) -> FlatRows:
    rows = FlatRows(head["dimensions"])
    kept: Matrix = reader.array((head["count"], head["dimensions"]), _FLOAT)
    rows.add(np.arange(head["count"], dtype=np.int64), kept.astype(np.float32, copy=False))
    return rows


def _lists(reader: _Reader, head: dict[str, Any]) -> ListRows:
    centres: Matrix = reader.array((head["lists"], head["dimensions"]), _FLOAT)
    rows = ListRows(centres.astype(np.float32, copy=False), head["trained_for"])
    sizes = reader.array((head["lists"],), _WHOLE).tolist()
    if sum(sizes) != head["count"] or min(sizes, default=0) < 0:
        raise InputError("its lists are damaged")
    number = 0
    for place, size in enumerate(sizes):
        kept: Matrix = reader.array((size, head["dimensions"]), _FLOAT)
        rows.fill(
            place, np.arange(number, number + size, dtype=np.int64), kept.astype(np.float32, copy=False)
        )
        number += size
    return rows
