"""Takes marks out of a post that tell its sender who read it: coded addresses in the text, and beacons.

A feed may print the reader's own network address into each text, disguised, and ask that it be sent on with
an application ("tag RMTI3…", RemoteOK), so that whoever gets it knows from where it was read. A beacon is an
image of nothing that a mail program or browser would fetch.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re

_TOKEN = re.compile(r"(?<![\w+/=])R?(?P<code>[A-Za-z0-9+/]{8,60}={0,2})(?![\w+/=])")
_AROUND = re.compile(r"[ \t]*(?:\band\s+)?\btag\s+\0|[ \t]*\(#?\0\)|#?\0")
_IMAGE = re.compile(r"<img\b[^<>]{0,2000}>", re.IGNORECASE)
_NOTHING = re.compile(
    r"\b(?:width|height)\s*[=:]\s*[\"']?\s*[01](?:px)?\b|display\s*:\s*none|visibility\s*:\s*hidden"
    r"|/(?:track|pixel|beacon|open)s?\b[^\"'<>]{0,300}|\b(?:blank|pixel|spacer|1x1)\.(?:gif|png)\b",
    re.IGNORECASE,
)


def beacons(html: str) -> int:
    """Return how many images in ``html`` show nothing: of one point, hidden, or named so in their address."""
    return sum(bool(_NOTHING.search(image)) for image in _IMAGE.findall(html))


def without_tokens(text: str) -> tuple[str, int]:
    """Return ``text`` without coded network addresses and the words that name them, and their number."""
    marked = _TOKEN.sub(lambda match: "\0" if _is_address(match["code"]) else match[0], text)
    return _AROUND.sub("", marked), marked.count("\0")


def _is_address(code: str) -> bool:
    """Return whether ``code`` is a network address in base 64; nothing else that is written so counts."""
    try:
        plain = base64.b64decode(code + "=" * (-len(code) % 4), validate=True).decode("ascii")
        ipaddress.ip_address(plain)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return False
    return True
