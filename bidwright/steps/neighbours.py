"""The index of the open posts' vectors: a file, brought up to date with what is stored."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bidwright.desk import Desk
from bidwright.files import put_blocks, sweep
from domain.errors import InputError
from ranking.vectors import from_bytes

if TYPE_CHECKING:
    from ranking.backends.faiss_index import FaissIndex
    from ranking.backends.plan import IndexPlan

_PORTION = 10_000  # vectors read from the store and put into the index at once


def index_path(desk: Desk) -> Path:
    """Return the file that the workspace's index is kept in."""
    return desk.workspace.state / "vectors.index"


def current_index(
    desk: Desk, wanted: Collection[str], plan: IndexPlan | None = None
) -> tuple[FaissIndex, list[str]]:
    """Return an index of the stored vectors of ``wanted`` (text hashes), and a line for each thing amiss.

    It is what the file holds, less what is not wanted any more, with what is new: only that is read from
    the database. A file that cannot be used is said to be so, and the index built again, as the stored
    vectors are the truth. The file is replaced in one step once enough has changed. ``plan`` stands in for
    the shipped one. Raise ModelError if a stored vector is damaged.
    """
    from ranking.backends.plan import shipped_plan

    plan = plan or shipped_plan()
    index, lines = _kept(desk, plan)
    gone = list(index.ids - set(wanted))
    index.remove(gone)
    index.expect(len(wanted))
    fresh = sorted(set(wanted) - index.ids)  # hashes: in their order any few are a fair sample
    for start in range(0, len(fresh), _PORTION):
        _add(desk, index, fresh[start : start + _PORTION])
    if len(gone) + len(fresh) > plan.file_changed * len(index):
        lines += _keep(desk, index)
    return index, lines


def _kept(desk: Desk, plan: IndexPlan) -> tuple[FaissIndex, list[str]]:
    """Return the index in the workspace's file, or an empty one, and what is amiss."""
    from ranking.backends.faiss_index import FaissIndex
    from ranking.backends.index_file import from_file

    path, model = index_path(desk), desk.embedder
    lines = []
    try:
        with path.open("rb") as file:
            return from_file(file, model_id=model.model_id, dimensions=model.dimensions, plan=plan), []
    except FileNotFoundError:
        pass  # the first time
    except (InputError, OSError) as error:
        lines = [f"{path} cannot be used ({error}); the index is built again from the stored vectors"]
    return FaissIndex(model.dimensions, plan=plan), lines


def _add(desk: Desk, index: FaissIndex, hashes: list[str]) -> None:
    model = desk.embedder
    with desk.store.read() as tx:
        kept = tx.vectors.load(model.model_id, hashes)
    names = [name for name in hashes if name in kept]  # one may have been deleted since it was listed
    if names:
        index.add(
            names, np.stack([from_bytes(kept[name], model.dimensions, f"text {name}") for name in names])
        )


def _keep(desk: Desk, index: FaissIndex) -> list[str]:
    """Write ``index`` to its file, and return a line if that cannot be done: it costs nothing but time."""
    from ranking.backends.index_file import to_blocks

    path = index_path(desk)
    try:
        put_blocks(path, to_blocks(index, desk.embedder.model_id))
        sweep(path.parent)
    except OSError as error:
        return [f"{path} cannot be written ({error.strerror or error}); the index is built again each time"]
    return []
