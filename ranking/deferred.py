"""Sequences made when they are first looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, overload

Item = TypeVar("Item")


class Deferred(Sequence[Item]):
    """The items that ``make(*args)`` gives, asked for once at the most.

    For the working of numbers: of thousands of ranked posts somebody opens a dozen. Equal to any sequence of
    the same items; ``make`` must depend on nothing that changes.
    """

    __slots__ = ("_args", "_items", "_make")

    def __init__(self, make: Callable[..., Iterable[Item]], *args: object) -> None:
        self._make: Callable[..., Iterable[Item]] | None = make
        self._args: tuple[object, ...] = args
        self._items: tuple[Item, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, in order."""
        if self._make is not None:
            self._items = tuple(self._make(*self._args))
            self._make, self._args = None, ()
        return self._items

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Deferred):
            return self.items == other.items
        return self.items == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.items)

    def __repr__(self) -> str:
        return repr(self.items)

    def __reduce__(self) -> tuple[Any, ...]:
        return Deferred, (tuple, self.items)
