"""Scrapy's memory watch, measuring this process alone."""

from __future__ import annotations

from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_STATUS = Path("/proc/self/status")


class PresentMemoryUsage(MemoryUsage):
    """The watch by resident memory at present.

    The largest size so far, which Scrapy looks at, is inherited on Linux from the process that started this
    one: after loading a model there, every crawl would seem too large before its first request.
    """

    def get_virtual_size(self) -> int:
        """Return the resident memory in bytes; where the system does not tell, the largest so far."""
        present = present_bytes(_STATUS)
        return int(super().get_virtual_size()) if present is None else present


def present_bytes(status: Path) -> int | None:
    """Return the resident size that a Linux ``status`` file states, or ``None``."""
    try:
        text = status.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None
