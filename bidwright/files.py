"""Files written in one step, and the remains of those that a kill cut short."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX, _SUFFIX = ".bidwright-", ".tmp"
_UNFINISHED = (f"{_PREFIX}*{_SUFFIX}", ".draft-*.tmp")
_ABANDONED_SECONDS = 60.0  # writing one takes milliseconds


def put(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` in one step: a reader sees the old file or the new one, whole.

    Only the person may read it. A file that holds the text already is left alone; folders are made as needed.
    Raise :class:`OSError`.
    """
    if path.is_file() and path.read_bytes() == text.encode():
        return
    put_blocks(path, [text.encode()])


def put_blocks(path: Path, blocks: Iterable[bytes | memoryview]) -> None:
    """Write ``blocks`` one behind the other to ``path`` in one step, as :func:`put` does."""
    with _written(path, blocks) as temporary:
        temporary.replace(path)


def put_new(path: Path, text: str) -> bool:
    """Write ``text`` to ``path`` as :func:`put` does, if there is no such file; return whether it did."""
    with _written(path, [text.encode()]) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
    return True


@contextmanager
def _written(path: Path, blocks: Iterable[bytes | memoryview]) -> Iterator[Path]:
    """Yield a file beside ``path`` that holds ``blocks`` safely; it is gone afterwards, unless renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX, suffix=_SUFFIX)
    try:
        with os.fdopen(handle, "wb") as file:
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        yield Path(temporary)
    finally:
        Path(temporary).unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what writers killed in the middle left in ``folder``; what may still be written to stays."""
    oldest = time.time() - _ABANDONED_SECONDS
    for pattern in _UNFINISHED:
        for path in folder.glob(pattern):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
