"""One run at a time in a workspace; the operating system frees the lock however its holder ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from bidwright.workspace import Workspace
from domain.errors import StorageError


@contextmanager
def only_run(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace's run lock; raise :class:`StorageError` at once if another run holds it."""
    workspace.state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(workspace.state / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StorageError(
            "another run is going on in this workspace",
            where=str(workspace.root),
            remedy="Wait until it is done",
        ) from error
    try:
        yield
    finally:
        lock.release()
