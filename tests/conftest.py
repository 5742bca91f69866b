"""Settings of the whole suite: no time limits on shared machines, nothing of the person's own environment."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# A limit per example fails on a busy machine and proves nothing; the number of examples is what is promised.
settings.register_profile("bidwright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bidwright")

for name in [name for name in os.environ if name.startswith(("PREFECT_", "BIDWRIGHT_W"))]:
    del os.environ[name]

# Two workers share the files; the long ones go first, so that neither is left waiting for the other at the end.
_LONGEST = (
    "test_daily_end_to_end",
    "test_bidwright_month",
    "test_storage_crash",
    "test_spiders_hostile",
    "test_storage_kills",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, and leave the order within a file."""
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
