"""Timing that two noisy cores cannot spoil: alternatives take turns, the median of the ratios counts."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds of our way and of the alternative's, by turn."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratio(self) -> float:
        """Median over the turns of alternative seconds to ours: above 1 we are faster."""
        return median(theirs / ours for ours, theirs in zip(self.ours, self.theirs, strict=True))


def seconds(work: Callable[[], object]) -> float:
    """Return the wall seconds ``work`` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the seconds of processor that ``work`` takes in this process, all its threads together."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def take_turns(ours: Callable[[], object], theirs: Callable[[], object], turns: int) -> Measured:
    """Run both ``turns`` times, alternating."""
    mine, other = [], []
    for _ in range(turns):
        mine.append(seconds(ours))
        other.append(seconds(theirs))
    return Measured(ours=mine, theirs=other)


def peak_megabytes() -> int:
    """Return the largest resident size this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
