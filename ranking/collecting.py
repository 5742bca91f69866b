"""The cyclic garbage collector, kept from walking over everything while much is made and nothing let go."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Put off the cyclic collector: half the time of a ranking of many posts would go into it, for nothing.

    What is made meanwhile is collected afterwards, if it lies in a cycle at all.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
