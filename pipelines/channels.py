"""Which marketplace's fees and rules hold for a post."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipelines.data import table
from pipelines.text import TITLE_LIMIT, clip


def channel_for(source: str, url: str | None) -> str:
    """Return the channel of a post: by the host of ``url``, else the name of ``source``, else ``board``."""
    channels = table("channels")
    host = _host(url) if url else ""
    for channel, hosts in channels["hosts"].items():
        if any(host == known or host.endswith(f".{known}") for known in hosts):
            return str(channel)
    name = source.strip().casefold()
    for channel, names in channels["sources"].items():
        if name in names:
            return str(channel)
    return str(channels["default"]["channel"])


def _host(url: str) -> str:
    try:
        return (urlsplit(clip(url.strip(), TITLE_LIMIT)).hostname or "").rstrip(".")
    except ValueError:
        return ""
