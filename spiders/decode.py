"""One bounded decoder for gzip and deflate: what comes out is counted while it comes out."""

from __future__ import annotations

import zlib

from domain.errors import InputError
from spiders.errors import TooLargeError

GZIP_MAGIC = b"\x1f\x8b"
_STEP = 65_536
_SLICE = 4_096
_MEMBERS = 10_000  # each costs time though nothing comes out; a block-wise compressor makes one of 64 KB
_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


def gunzip(data: bytes, *, limit: int, where: str) -> bytes:
    """Return the bytes in the gzip file ``data``, members one after another.

    Raise :class:`TooLargeError` as soon as more than ``limit`` bytes come out (a bomb costs ``limit`` bytes
    of memory, not what it holds) or too many members, :class:`InputError` if it is damaged or ends early.
    """
    parts: list[bytes] = []
    start, room = 0, limit
    while data[start : start + len(GZIP_MAGIC)] == GZIP_MAGIC:
        if len(parts) == _MEMBERS:
            raise TooLargeError(f"too large: more than {_MEMBERS} compressed parts", where=where)
        part, start = _inflate(data, start, _GZIP, room=room, limit=limit, where=where)
        parts.append(part)
        room -= len(part)
    if not parts:
        raise InputError("the compressed data is no gzip", where=where)
    if data[start:].strip(b"\0"):
        raise InputError("the compressed data is followed by something else", where=where)
    return b"".join(parts)


def inflate(data: bytes, *, limit: int, where: str) -> bytes:
    """Return the bytes of the HTTP encoding ``deflate``: zlib by RFC 9110, bare by common practice.

    Errors as :func:`gunzip`.
    """
    try:
        part, _ = _inflate(data, 0, _ZLIB, room=limit, limit=limit, where=where)
    except InputError:
        part, _ = _inflate(data, 0, _RAW, room=limit, limit=limit, where=where)
    return part


def _inflate(data: bytes, start: int, window: int, *, room: int, limit: int, where: str) -> tuple[bytes, int]:
    """Return what the compressed stream at ``start`` holds, at most ``room`` bytes, and where it ends.

    The data goes in by slices: the decoder copies what it has not used, which would make a file of many
    small members, or one of much output, cost the square of its length.
    """
    decoder = zlib.decompressobj(window)
    parts: list[bytes] = []
    size, pending = 0, b""
    try:
        while not decoder.eof:
            if not pending:
                pending, start = data[start : start + _SLICE], start + _SLICE
                if not pending:
                    raise InputError("the compressed data ends early", where=where)
            part = decoder.decompress(pending, _STEP)
            pending = decoder.unconsumed_tail
            size += len(part)
            if size > room:
                raise TooLargeError(f"too large: more than {limit} bytes after decompression", where=where)
            parts.append(part)
    except zlib.error as error:
        raise InputError(f"the compressed data is damaged ({error})", where=where) from error
    return b"".join(parts), min(start, len(data)) - len(decoder.unused_data)
