"""The exact best set, held against trying every set there is."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.knapsack import Item, Limits, best_set, cells


def gain_of(items, taken) -> int:
    """What the set is worth: in each group the first, second, … taken in the order of the items."""
    total, counts = 0, {}
    for place in sorted(taken):
        item = items[place]
        count = counts.get(item.group, 0)
        total += item.gains[min(count, len(item.gains) - 1)]
        counts[item.group] = count + 1
    return total


def fits(items, taken, limits) -> bool:
    return (
        sum(items[place].minutes for place in taken) <= limits.minutes
        and (limits.connects is None or sum(items[place].connects for place in taken) <= limits.connects)
        and (limits.count is None or len(taken) <= limits.count)
    )


def by_trying_all(items, limits):
    """The best set; of equal ones the one that takes the first item, in the order of groups by their first items."""
    if limits.minutes < 0:
        return ()
    first = {}
    for place, item in enumerate(items):
        first.setdefault(item.group, place)
    order = sorted(range(len(items)), key=lambda place: (first[items[place].group], place))
    sets = [
        taken
        for size in range(len(items) + 1)
        for taken in combinations(range(len(items)), size)
        if fits(items, taken, limits)
    ]
    best = max(sets, key=lambda taken: (gain_of(items, taken), [place in taken for place in order]))
    return tuple(sorted(best))


def item(draw_gain: int, minutes: int, connects: int, group: int, shares: tuple[int, ...]) -> Item:
    return Item(
        gains=tuple(draw_gain * share for share in shares), minutes=minutes, connects=connects, group=group
    )


@st.composite
def problems(draw):
    shares = draw(st.sampled_from([(4,), (4, 2), (4, 2, 1), (4, 0), (1, 3)]))
    items = draw(
        st.lists(
            st.builds(
                item,
                st.integers(0, 12),
                st.integers(0, 9),
                st.integers(0, 9),
                st.integers(0, 3),
                st.just(shares),
            ),
            max_size=8,
        )
    )
    scale = draw(st.sampled_from([1, 1, 6]))
    items = [
        Item(gains=each.gains, minutes=each.minutes * scale, connects=each.connects * 2, group=each.group)
        for each in items
    ]
    limits = Limits(
        minutes=draw(st.integers(-1, 40)) * scale + draw(st.integers(0, scale - 1)),
        connects=draw(st.none() | st.integers(0, 60)),
        count=draw(st.none() | st.integers(0, 6)),
    )
    return items, limits


@settings(max_examples=600, deadline=None)
@given(problems())
def test_the_best_set_is_the_one_found_by_trying_all(problem):
    items, limits = problem
    assert best_set(items, limits) == by_trying_all(items, limits)


def test_two_good_ones_beat_a_better_one_that_takes_the_time_of_both():
    items = [
        Item(gains=(90,), minutes=24, connects=0, group=0),
        Item(gains=(60,), minutes=12, connects=0, group=1),
        Item(gains=(50,), minutes=12, connects=0, group=2),
    ]
    assert best_set(items, Limits(minutes=30)) == (1, 2)
    assert best_set(items, Limits(minutes=30, count=1)) == (0,)
    assert best_set(items, Limits(minutes=36)) == (0, 1)


def test_the_second_of_a_group_gives_way_to_one_of_another_that_is_worth_more_than_half():
    def three(other):
        return [
            Item(gains=(100, 50), minutes=12, connects=0, group=0),
            Item(gains=(98, 49), minutes=12, connects=0, group=0),
            Item(gains=(other, other), minutes=12, connects=0, group=1),
        ]

    assert best_set(three(60), Limits(minutes=24)) == (0, 2)
    assert best_set(three(40), Limits(minutes=24)) == (0, 1)


def test_connects_are_a_limit_of_their_own():
    items = [
        Item(gains=(80,), minutes=12, connects=16, group=0),
        Item(gains=(50,), minutes=12, connects=6, group=1),
        Item(gains=(45,), minutes=12, connects=4, group=2),
    ]
    assert best_set(items, Limits(minutes=24, connects=15)) == (1, 2)
    assert best_set(items, Limits(minutes=24, connects=20)) == (0, 2)
    assert best_set(items, Limits(minutes=24, connects=3)) == ()


def test_what_cannot_bind_costs_nothing():
    items = [Item(gains=(place,), minutes=12, connects=10**9, group=place) for place in range(300)]
    assert cells(items, Limits(minutes=30)) == 300 * 3
    assert len(best_set(items, Limits(minutes=10**6))) == 300
    assert cells([], Limits(minutes=5)) == 0


@pytest.mark.parametrize(
    "limits", [Limits(minutes=0), Limits(minutes=30, connects=0), Limits(minutes=30, count=0)]
)
def test_nothing_is_taken_where_nothing_fits(limits):
    assert best_set([Item(gains=(5,), minutes=12, connects=2, group=0)], limits) == ()
