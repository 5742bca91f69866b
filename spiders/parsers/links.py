"""Links as files hold them: relative, doubled, or wrapped in a redirect that says where it leads."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

_DOUBLED = re.compile(r"https?://[\w.-]{1,255}(?=https?://)", re.IGNORECASE)
_UPWORK_ID = re.compile(r"~0[0-9a-f]{15,24}(?![0-9a-z])", re.ASCII)
_UPWORK_NUMBER = re.compile(r"[0-9]{18,20}", re.ASCII)
_FREELANCER_PATH = re.compile(r"/(?:projects|contest)/[^/\s?#]+")
_WRAPPERS = frozenset(
    {
        "url",
        "u",
        "q",
        "goto",
        "target",
        "dest",
        "destination",
        "redirect",
        "redirect_url",
        "redirect_uri",
        "to",
        "link",
    }
)
_EMBEDDED = re.compile(rb"https?://[\x21-\x7e]+")
_ROUNDS = 3
_LONGEST = 8_000
UPWORK = "https://www.upwork.com"


def whole_link(link: str, *, home: str | None = None) -> str:
    """Return ``link`` as an absolute address without wrapping, as far as it says where it leads.

    ``home`` is the address that relative links start from; without one a relative link to a job of Upwork
    is known by its id, any other stays as it is.
    """
    text = link.strip()
    if len(text) > _LONGEST:
        return text
    text = _DOUBLED.sub("", text, count=1)
    if text.startswith("/") and not text.startswith("//"):
        base = home or (UPWORK if upwork_id(text) else None)
        text = urljoin(base, text) if base else text
    return unwrapped(text)


def looks_like_project(path: str) -> bool:
    """Return whether the relative link ``path`` is one of Freelancer.com's to a project or contest."""
    return bool(_FREELANCER_PATH.match(path.strip()[:_LONGEST]))


def unwrapped(link: str) -> str:
    """Return where a redirect leads if its address says so, in the clear or in Base64; else ``link``."""
    for _ in range(_ROUNDS):
        target = _target(link)
        if target is None:
            break
        link = target
    return link


def _target(link: str) -> str | None:
    try:
        query = urlsplit(link).query
        pairs = parse_qsl(query, max_num_fields=100)
    except ValueError:
        return None
    for name, value in pairs:
        if name.lower() not in _WRAPPERS:
            continue
        if value.lower().startswith(("http://", "https://")):
            return value
        inner = _encoded(value)
        if inner is not None:
            return inner
    return None


def _encoded(value: str) -> str | None:
    """Return the address in a Base64 ``value`` (Freelancer.com puts a checksum before it)."""
    text = re.sub(r"[^\w+/-]", "", value).replace("-", "+").replace("_", "/")
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    found = _EMBEDDED.search(plain)
    return found[0].decode("ascii") if found else None


def upwork_id(text: str | None) -> str | None:
    """Return the id of an Upwork job in an address or a text, as ``~0…``; a number is that of ``~02…``."""
    if not text or len(text) > _LONGEST:
        return None
    found = _UPWORK_ID.search(unquote(text))
    if found:
        return found[0]
    return f"~02{text.strip()}" if _UPWORK_NUMBER.fullmatch(text.strip()) else None
