"""Exceptions for broken expectations; bad data is an :class:`domain.issues.Issue` instead.

BidwrightError
├── ConfigError      a setting is wrong: names file, key and remedy
├── UsageError       a command was given something it cannot work with
├── InputError       a file or body could not be read at all
├── SourceError      a source could not be fetched or parsed
├── StorageError     the database refused, is newer than the program, or is damaged
├── ModelError       the embedding model is missing or not the published one
├── TemplateError    a proposal template is wrong: names template and line
├── LedgerError      an event contradicts what the book already holds
└── MoneyError       an amount or a currency cannot be represented
"""

from __future__ import annotations


class BidwrightError(Exception):
    """Root of every error the program raises on purpose.

    ``what`` says what is wrong, ``where`` in which file, key, line or source, ``remedy`` what to do.
    ``str(error)`` is always a single line.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = " ".join(what.split())
        self.where = where
        self.remedy = remedy
        super().__init__(self.what)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.remedy}" if self.remedy else head

    def __reduce__(self) -> tuple[object, ...]:
        # The default would drop the keyword arguments when an error crosses a process boundary.
        return (_rebuild, (type(self), self.what, self.where, self.remedy))


def _rebuild(kind: type[BidwrightError], what: str, where: str, remedy: str) -> BidwrightError:
    return kind(what, where=where, remedy=remedy)


class ConfigError(BidwrightError):
    """A setting is wrong."""


class UsageError(BidwrightError):
    """A command was given something it cannot work with."""


class InputError(BidwrightError):
    """A file or a body could not be read at all."""


class SourceError(BidwrightError):
    """A source could not be fetched or parsed."""


class StorageError(BidwrightError):
    """The database refused, is newer than the program, or is damaged."""


class ModelError(BidwrightError):
    """The embedding model is missing or is not the published one."""


class TemplateError(BidwrightError):
    """A proposal template is wrong."""


class LedgerError(BidwrightError):
    """An event contradicts what the book already holds."""


class MoneyError(BidwrightError):
    """An amount or a currency cannot be represented."""
