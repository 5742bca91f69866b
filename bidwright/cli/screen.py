"""What a person sees while work goes on: a progress bar on a terminal, nothing in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bidwright.cli.context import on_terminal

if TYPE_CHECKING:
    from rich.progress import TaskID

    from bidwright.desk import Progress


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Yield a progress function that draws on standard error if a person is watching."""
    if not on_terminal():
        yield lambda _title, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def show(title: str, done: int, total: int) -> None:
            if title not in tasks:
                tasks[title] = bar.add_task(title, total=total or None)
            bar.update(tasks[title], completed=done, total=total or None)

        yield show
