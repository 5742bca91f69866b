"""Which addresses may become links. Escaping does not stop ``javascript:``; this list does."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\x9f\\\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069<>\"'`]")
_SCHEMES = frozenset({"http", "https", "mailto"})


def safe_href(url: str | None) -> str | None:
    """Return ``url`` if it may be a link: http or https with a host, or mailto; otherwise ``None``."""
    if not url or _UNSAFE.search(url.strip()):
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES:
        return None
    if parts.scheme.lower() == "mailto":
        return url.strip() if "@" in parts.path else None
    return url.strip() if host else None
