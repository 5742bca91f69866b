"""The daily job as a Prefect flow: one task per step, no decisions.

Prefect records what happens; it never decides whether it happens. Every piece of work is done exactly once,
whatever becomes of the server meanwhile, and an error of the work's own is never taken for one of Prefect's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.events.clients import PrefectEventsClient
from prefect.events.worker import EventsWorker

from bidwright.daily import STEPS, Daily, Step, run_daily
from bidwright.desk import Desk

Work = Callable[[], None]
Through = Callable[[Work], None]
"""Calls the work it is given, and records it."""


def daily_flow(desk: Desk, *, steps: Sequence[Step] = STEPS) -> Daily:
    """Run the daily job on ``desk`` as a flow run of the server the environment names.

    If the server goes away in the middle, what it has not seen is done without it, and a note says so.
    """
    # By default every event that waits tries ten times, with pauses, to reach a server that is gone; the
    # process could not end for minutes.
    EventsWorker.set_client_override(PrefectEventsClient, reconnection_attempts=1)
    runner = _Tasks()
    finished: list[Daily] = []
    gone = _once(_flow, lambda: finished.append(run_daily(desk, steps=steps, runner=runner))) or runner.gone
    (daily,) = finished
    if gone is not None:
        daily.notes.append(f"Prefect went away during the run ({_told(gone)}); the run itself is complete")
    return daily


def _flow(work: Work) -> None:
    @flow(name="daily", validate_parameters=False, persist_result=False)
    def daily() -> None:
        work()

    daily()


class _Tasks:
    """Runs steps as tasks until Prefect goes away, and without it from then on."""

    def __init__(self) -> None:
        self.gone: Exception | None = None

    def __call__(self, step: Step, desk: Desk, daily: Daily) -> None:
        # No parameters: Prefect would walk through every ranked post, and the desk holds open connections.
        def work() -> None:
            step.work(desk, daily)

        def as_task(work: Work) -> None:
            task(name=step.name, cache_policy=NO_CACHE, persist_result=False)(work)()

        if self.gone is None:
            self.gone = _once(as_task, work)
        else:
            work()


@dataclass
class _Watched:
    """Work that remembers what became of it."""

    work: Work
    done: bool = False
    raised: BaseException | None = None

    def __call__(self) -> None:
        try:
            self.work()
        except BaseException as error:
            self.raised = error
            raise
        self.done = True


def _once(through: Through, work: Work) -> Exception | None:
    """Do ``work`` exactly once, through ``through`` if that works; return the error it failed with, if any.

    What ``work`` itself raises comes out unchanged.
    """
    watched = _Watched(work)
    try:
        through(watched)
    except Exception as error:
        if watched.raised is not None:
            raise watched.raised from None
        if _interrupted(error):
            raise KeyboardInterrupt from error
        if not watched.done:
            watched()
        return error
    return None


def _interrupted(error: BaseException | None) -> bool:
    """Return whether the person's Ctrl-C lies behind ``error``."""
    while error is not None:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _told(error: Exception) -> str:
    """Return the first line of what ``error`` says, or its kind where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
