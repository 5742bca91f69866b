"""Errors of this package; all are :class:`domain.errors.SourceError` to everybody else."""

from __future__ import annotations

from domain.errors import SourceError


class ChangedShapeError(SourceError):
    """A body was read, but it is not what its source used to give."""


class TooLargeError(SourceError):
    """A body, decompressed or not, is beyond its limit."""
