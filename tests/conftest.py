"""Settings of the whole suite: no time limits on shared machines, nothing of the person's own environment."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A limit per example fails on a busy machine and proves nothing; the number of examples is what is promised.
settings.register_profile("bidwright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bidwright")

for name in [name for name in os.environ if name.startswith(("PREFECT_", "BIDWRIGHT_W"))]:
    del os.environ[name]
