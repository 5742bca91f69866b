"""Pages that stand in front of what was asked for."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"<input[^>]{0,300}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_CHALLENGE = re.compile(r"captcha|cf-challenge|just a moment|verify (?:that )?you are human", re.IGNORECASE)
_HEAD = 200_000


def looks_like_login(body: bytes) -> bool:
    """Return whether an HTML page asks for a password or for proof of being human."""
    text = body[:_HEAD].decode("latin-1")
    return bool(_LOGIN.search(text) or _CHALLENGE.search(text))
