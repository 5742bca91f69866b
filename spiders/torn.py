"""Whether a feed stops in its middle: HTTP does not tell where a server just closes the connection.

feedparser reads the torn last entry like a whole one: a title cut in half, half a text.
"""

from __future__ import annotations

import re

_NAME = rb"(?:[\w.-]{1,20}:)?"
_ENTRY = re.compile(rb"<(/?)" + _NAME + rb"(?:item|entry)(?:\s[^<>]{0,2000})?(/?)>", re.IGNORECASE)
_START = re.compile(rb"<" + _NAME + rb"(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_END = re.compile(rb"</" + _NAME + rb"(?:rss|feed|rdf)\s*>", re.IGNORECASE)


def is_torn(body: bytes) -> bool:
    """Return whether ``body`` is a feed in XML that ends within an entry, or before its first one."""
    if b"\0" in body or not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return False  # UTF-16, or no XML at all: not ours to judge
    if _END.search(body) is not None:
        return False
    last = None
    for mark in _ENTRY.finditer(body):
        if not mark[2]:
            last = mark
    return _START.search(body) is not None if last is None else not last[1]
