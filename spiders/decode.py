"""One bounded decoder for gzip and deflate: what comes out is counted while it comes out."""

from __future__ import annotations

import zlib

from domain.errors import InputError
from spiders.errors import TooLargeError

GZIP_MAGIC = b"\x1f\x8b"
_STEP = 65_536
_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


def gunzip(data: bytes, *, limit: int, where: str) -> bytes:
    """Return the bytes in the gzip file ``data``, members one after another.

    Raise :class:`TooLargeError` as soon as more than ``limit`` bytes come out (a bomb costs ``limit`` bytes
    of memory, not what it holds), :class:`InputError` if it is damaged or ends early.
    """
    parts: list[bytes] = []
    left, room = data, limit
    while left[: len(GZIP_MAGIC)] == GZIP_MAGIC:
        part, left = _inflate(left, _GZIP, room, limit, where)
        parts.append(part)
        room -= len(part)
    if left.strip(b"\0"):
        raise InputError("the compressed data is followed by something else", where=where)
    return b"".join(parts)


def inflate(data: bytes, *, limit: int, where: str) -> bytes:
    """Return the bytes of the HTTP encoding ``deflate``: zlib by RFC 9110, bare by common practice.

    Errors as :func:`gunzip`.
    """
    try:
        part, _ = _inflate(data, _ZLIB, limit, limit, where)
    except InputError:
        part, _ = _inflate(data, _RAW, limit, limit, where)
    return part


def _inflate(data: bytes, window: int, room: int, limit: int, where: str) -> tuple[bytes, bytes]:
    """Return what one compressed stream holds, at most ``room`` bytes, and what stands after it."""
    decoder = zlib.decompressobj(window)
    parts: list[bytes] = []
    size, pending = 0, data
    try:
        while not decoder.eof:
            part = decoder.decompress(pending, _STEP)
            pending = decoder.unconsumed_tail
            if not part and not pending and not decoder.eof:
                raise InputError("the compressed data ends early", where=where)
            size += len(part)
            if size > room:
                raise TooLargeError(f"too large: more than {limit} bytes after decompression", where=where)
            parts.append(part)
    except zlib.error as error:
        raise InputError(f"the compressed data is damaged ({error})", where=where) from error
    return b"".join(parts), decoder.unused_data
