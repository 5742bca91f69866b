"""The words of job APIs for the period that pay is for."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from spiders.parsers.audit import Audit


@cache
def _periods() -> dict[str, str]:
    text = files("spiders").joinpath("parsers", "periods.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["period"])


def stated_period(text: str | None, where: str, audit: Audit) -> str | None:
    """Return the contract's word for the period ``text``; an unknown one is reported and left as it is."""
    if text is None:
        return None
    period = _periods().get(text.lower())
    if period is None:
        audit.warn(where, f"unknown salary period {text[:60]!r}")
    return period or text
