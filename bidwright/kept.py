"""The last value made of a kind, in memory and in a file, for as long as what it rests on stays the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from bidwright.files import put_blocks, sweep

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """One value under the key of all that decides it; a new key replaces it.

    The file begins with a line that holds the key, then the value as JSON. It holds nothing that cannot be
    made again: one that is missing, damaged or of another key is no more than a value still to be made.
    """

    def __init__(self, path: Path, kind: TypeAdapter[Value]) -> None:
        self._path = path
        self._kind = kind
        self._held: tuple[str, Value] | None = None

    def get(self, key: str, make: Callable[[], Value]) -> Value:
        """Return the value of ``key``, made by ``make`` if it is not at hand."""
        held = self._held if self._held is not None and self._held[0] == key else self._read(key)
        if held is None:
            held = (key, make())
            self._write(key, held[1])
        self._held = held
        return held[1]

    def forget(self) -> None:
        """Hold no value any more, and remove the file."""
        self._held = None
        self._path.unlink(missing_ok=True)

    def _write(self, key: str, value: Value) -> None:
        # Where it cannot be written it is made again each time: that costs time and nothing else.
        with suppress(OSError):
            put_blocks(self._path, (f"{key}\n".encode(), self._kind.dump_json(value)))
            sweep(self._path.parent)

    def _read(self, key: str) -> tuple[str, Value] | None:
        try:
            with self._path.open("rb") as file:
                if file.readline().rstrip(b"\n") != key.encode():
                    return None
                return key, self._kind.validate_json(file.read())
        except (OSError, ValidationError):
            return None
