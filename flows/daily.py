"""The daily job as a Prefect flow: one task per step, no decisions."""

from __future__ import annotations

import httpx
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import PrefectException

from bidwright.daily import Daily, Step, run_daily
from bidwright.desk import Desk


def _as_task(step: Step, desk: Desk, daily: Daily) -> None:
    # No parameters: Prefect would walk through every ranked post, and the desk holds open connections.
    task(name=step.name, cache_policy=NO_CACHE, persist_result=False)(lambda: step.work(desk, daily))()


def daily_flow(desk: Desk) -> Daily:
    """Run the daily job on ``desk`` as a flow run of the server the environment names.

    If the server goes away in the middle, the job is done all the same: what the steps had finished counts,
    and what they had not is done directly. A step done twice changes nothing.
    """
    finished: list[Daily] = []

    @flow(name="daily", validate_parameters=False, persist_result=False)
    def daily() -> None:
        finished.append(run_daily(desk, runner=_as_task))

    try:
        daily()
    except (httpx.HTTPError, PrefectException, RuntimeError) as error:
        if _interrupted(error):
            raise KeyboardInterrupt from error
        # Prefect says RuntimeError when it cannot reach its server at all. One of ours comes again below.
        if not finished:
            finished.append(run_daily(desk))
        finished[0].notes.append(f"Prefect went away during the run ({error}); the run itself is complete")
    return finished[0]


def _interrupted(error: BaseException | None) -> bool:
    """Return whether the person's Ctrl-C lies behind ``error``."""
    while error is not None:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            return True
        error = error.__cause__ or error.__context__
    return False
