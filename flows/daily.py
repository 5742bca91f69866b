"""The daily job as a Prefect flow: one task per step, no decisions."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from bidwright.daily import Daily, Step, run_daily
from bidwright.desk import Desk


def _as_task(step: Step, desk: Desk, daily: Daily) -> None:
    # The desk holds open connections: nothing of it may be hashed, cached or sent to the server.
    task(name=step.name, cache_policy=NO_CACHE, persist_result=False)(step.work)(desk, daily)


def daily_flow(desk: Desk) -> Daily:
    """Run the daily job on ``desk`` as a flow run of the server the environment names."""

    @flow(name="daily", validate_parameters=False, persist_result=False)
    def daily() -> Daily:
        return run_daily(desk, runner=_as_task)

    return daily()
