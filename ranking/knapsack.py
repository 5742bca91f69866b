"""The best set under three limits, exactly: dynamic programming over whole minutes, connects and bids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import gcd, prod

import numpy as np
from numpy.typing import NDArray

_NEVER = -(2**60)  # below every sum of gains
State = tuple[int, int, int]
"""Minutes, connects and bids: what an item costs, or what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that may be taken once, for its costs in whole numbers, none below zero.

    ``gains`` is what it adds where it is the first, second, … taken of its ``group``; the last figure stands
    for all further ones. All items of a problem have the same number of figures.
    """

    gains: tuple[int, ...]
    minutes: int
    connects: int
    group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What all items taken may cost together, and how many they may be; ``None`` is no limit."""

    minutes: int
    connects: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class _Problem:
    """Items in order of their groups, costs and limits in the largest units that divide them."""

    order: tuple[int, ...]
    costs: tuple[State, ...]
    limits: State


def best_set(items: Sequence[Item], limits: Limits) -> tuple[int, ...]:
    """Return the places of the items whose gains sum highest within ``limits``, in rising order.

    In a group, gains are counted in the order of ``items``. Of several best sets it is the one that takes the
    first item if any of them does, then the second, … in the order of groups by their first items.
    """
    if not items or limits.minutes < 0:
        return ()
    problem = _posed(items, limits)
    takes = _solve(items, problem)
    left, taken = problem.limits, []
    for _, members in groupby(range(len(items)), key=lambda place: items[problem.order[place]].group):
        count = 0
        for place in members:
            take = takes[place]
            if take[min(count, len(take) - 1)][left]:
                taken.append(problem.order[place])
                left = _less(left, problem.costs[place])
                count += 1
    return tuple(sorted(taken))


def cells(items: Sequence[Item], limits: Limits) -> int:
    """Return how many decisions :func:`best_set` makes: its bytes of memory, and about its nanoseconds."""
    if not items:
        return 0
    depth = max(len(item.gains) for item in items)
    return len(items) * depth * prod(limit + 1 for limit in _posed(items, limits).limits)


def _less(left: State, cost: State) -> State:
    return left[0] - cost[0], left[1] - cost[1], left[2] - cost[2]


def _posed(items: Sequence[Item], limits: Limits) -> _Problem:
    first: dict[int, int] = {}
    for place, item in enumerate(items):
        first.setdefault(item.group, place)
    order = tuple(sorted(range(len(items)), key=lambda place: (first[items[place].group], place)))
    minutes, most_minutes = _scaled([items[place].minutes for place in order], limits.minutes)
    connects, most_connects = _scaled([items[place].connects for place in order], limits.connects)
    least = min(minutes)
    fitting = most_minutes // least if least else len(items)
    counted = limits.count is not None and limits.count < min(fitting, len(items))
    each, most = (1, max(0, limits.count or 0)) if counted else (0, 0)
    costs = tuple((m, c, each) for m, c in zip(minutes, connects, strict=True))
    return _Problem(order, costs, (most_minutes, most_connects, most))


def _scaled(costs: list[int], limit: int | None) -> tuple[list[int], int]:
    """Return costs and limit in their largest common unit; nothing costs anything where all of it fits."""
    if limit is None or sum(costs) <= limit:
        return [0] * len(costs), 0
    unit = gcd(*costs)
    return [cost // unit for cost in costs], max(0, limit) // unit


def _solve(items: Sequence[Item], problem: _Problem) -> list[NDArray[np.bool_]]:
    """Return for each item whether to take it, by how many of its group are taken and by what is left."""
    shape = tuple(limit + 1 for limit in problem.limits)
    takes: list[NDArray[np.bool_]] = [np.empty(0, np.bool_)] * len(items)
    value = np.zeros(shape, np.int64)
    for members in _groups_from_the_end(items, problem):
        ahead = [value]  # by how many of the group are taken; beyond the list, as its last
        for position, place in reversed(list(enumerate(members))):
            item, cost = items[problem.order[place]], problem.costs[place]
            now, takes[place] = _decide(item, cost, ahead, min(position + 1, len(item.gains)))
            ahead = now
        value = ahead[0]
    return takes


def _groups_from_the_end(items: Sequence[Item], problem: _Problem) -> Iterator[list[int]]:
    places = range(len(items) - 1, -1, -1)
    for _, members in groupby(places, key=lambda place: items[problem.order[place]].group):
        yield list(members)[::-1]


def _decide(
    item: Item, cost: State, ahead: list[NDArray[np.int64]], depth: int
) -> tuple[list[NDArray[np.int64]], NDArray[np.bool_]]:
    """Return the best values of ``item`` and those after it, by how many are taken, and the decisions."""
    minutes, connects, each = cost
    values, decisions = [], []
    for before in range(depth):
        skip = ahead[min(before, len(ahead) - 1)]
        after = ahead[min(before + 1, len(ahead) - 1)]
        taken = np.full(skip.shape, _NEVER, np.int64)
        room = tuple(size - used for size, used in zip(skip.shape, cost, strict=True))
        if min(room) > 0:
            gain = item.gains[min(before, len(item.gains) - 1)]
            taken[minutes:, connects:, each:] = after[: room[0], : room[1], : room[2]] + gain
        take = taken >= skip
        values.append(np.where(take, taken, skip))
        decisions.append(take)
    return values, np.stack(decisions)
