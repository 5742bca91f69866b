"""How work grows with its input, in processor time, so that a busy machine changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

_FACTOR = 8
_ALLOWED = 3 * _FACTOR  # what grows with the square takes 64 times as long
_NOISE = 0.005


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """Fail unless ``work`` of an eight times larger size takes about eight times as long."""
    small, large = _seconds(work, size), _seconds(work, size * _FACTOR)
    assert large < max(small, _NOISE) * _ALLOWED, f"{size}: {small:.3f} s, {size * _FACTOR}: {large:.3f} s"


def _seconds(work: Callable[[int], object], size: int) -> float:
    """Return the least processor time of two calls, in seconds."""
    taken = []
    for _ in range(2):
        started = time.process_time()
        work(size)
        taken.append(time.process_time() - started)
    return min(taken)
